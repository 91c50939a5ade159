"""What is attached to a report's mail: its findings as CSV, and its page where no link leads to it. Pure."""

import io
import re
from dataclasses import dataclass
from typing import Literal

from reconcile.report.formatting import plural
from reconcile.report.message import Message

MOST_CSV = 1_000_000
MOST_PAGE = 3_000_000
"""In bytes."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a mail; `words` say what it is."""

    name: str
    body: bytes
    kind: Literal["text/csv", "text/html"]
    words: str


def files_of(message: Message, findings: str) -> tuple[Attachment, ...]:
    """Return what is attached; `findings` is the CSV of the report's findings, with its heading."""
    table, page = _table(findings), None if message.followed else _page(message)
    return tuple(attachment for attachment in (table, page) if attachment)


def first_rows(table: str, most: int) -> tuple[str, int, int]:
    """Return the heading and the first rows of a CSV in at most so many bytes; how many, and of how many.

    A cell may hold line breaks: rows are cut between them, not lines.
    """
    kept, row, size, shown, rows = [""], "", 0, 0, 0
    for line in io.StringIO(table, newline=""):
        row += line
        if row.count('"') % 2:
            continue
        size, rows = size + len(_encoded(row)), rows + 1
        if size <= most:
            kept.append(row)
            shown = rows
        row = ""
    return "".join(kept), max(shown - 1, 0), max(rows - 1, 0)


def _table(findings: str) -> Attachment | None:
    """Return the findings as a file; None where there are none, or not even one fits."""
    rows, shown, every = first_rows(findings, MOST_CSV)
    if not shown:
        return None
    words = f"findings.csv ({plural(every, 'finding')})"
    if shown < every:
        words = f"findings.csv (the first {shown:,} of {every:,} findings; the report has all of them)"
    return Attachment("findings.csv", _encoded(rows), "text/csv", words)


def _page(message: Message) -> Attachment | None:
    body = _encoded(message.page())
    if len(body) >= MOST_PAGE:
        return None
    name = f"report-{re.sub('[^A-Za-z0-9._-]', '-', message.report.run.id)}.html"
    return Attachment(name, body, "text/html", f"{name} (the whole report)")


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")
