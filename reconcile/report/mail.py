"""Composes a report's mail: a page for mail clients, the same facts as text, and the whole page attached."""

import io
import re
import textwrap
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from reconcile.report.data import Report
from reconcile.report.html import shown, template
from reconcile.report.letter import Letter
from reconcile.report.sections import LONGEST_REASON
from reconcile.report.words import clean, shorten

if TYPE_CHECKING:
    from reconcile.report.terminal import Caps

MOST_BYTES = 85_000
"""What both parts may hold together; Gmail clips a message at about 102 KB, and transport adds to it.

https://github.com/hteumeuleu/email-bugs/issues/41
"""
MOST_ATTACHED = 3_000_000
LONGEST_SUBJECT = 250
WIDTH = 78

_LONGEST_STAGE = 60
# Items of a group and lines of any other list; the last shows numbers only, so that it always fits.
_CAPS = ((25, 40), (12, 40), (6, 40), (3, 40), (1, 40), (0, 40), (3, 8), (1, 8), (0, 8), (0, 0))


@dataclass(frozen=True, slots=True)
class Mail:
    """A message without its addresses; `attachment` is the page as UTF-8, or None where it is too large."""

    subject: str
    html: str
    text: str
    attachment: bytes | None
    attachment_name: str

@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where the whole report is: a link to follow, other lines, and what to say of all that is left out."""

    link: str
    warning: str
    lines: tuple[str, ...]
    rest: str


def compose(letter: Letter) -> Mail:
    """Return a report's mail; of each group it shows as many items as let both parts fit into MOST_BYTES."""
    report = _bounded(letter.report)
    page = letter.page.encode("utf-8", "backslashreplace")
    attached = len(page) < MOST_ATTACHED
    name = f"report-{re.sub('[^A-Za-z0-9._-]', '-', report.run.id)}.html"
    html, text = _parts(report, whereabouts(letter, name if attached else "", len(page)))
    return Mail(subject_of(report), html, text, page if attached else None, name)


def subject_of(report: Report) -> str:
    """Return the subject: the stage and the headline in one line of at most LONGEST_SUBJECT characters."""
    return shorten(f"[{clean(report.run.stage)}] {clean(report.headline)}", LONGEST_SUBJECT)


def whereabouts(letter: Letter, attachment: str, size: int) -> Whereabouts:
    """Say where the whole report is; `attachment` is its page's name ("" if too large), `size` its bytes."""
    link = _followed(letter.link)
    place = shorten(letter.place, LONGEST_REASON)
    lost, lines = f"This report could not be kept: {shorten(letter.not_kept, LONGEST_REASON)}", []
    if place and not link:
        lines.append(f"The whole report is kept at {place}")
    if attachment:
        lines.append(f"The page is attached: {attachment}")
    else:
        lines.append(f"The page is too large to attach ({size / 1e6:,.1f} MB).")
    if link or place:
        kept = "(see the whole report)"
    else:
        kept = "(not shown here, and not kept)"
        lines += [] if attachment else ["Run the check again with --html FILE to have it."]
    rest = "(see the attached page)" if attachment else kept
    return Whereabouts(link, lost if letter.not_kept else "", tuple(lines), rest)


def _followed(link: str) -> str:
    """Return an address that a reader may follow; "" for any other than one of http or https."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return ""
    return clean(link) if parts.scheme in ("http", "https") and parts.netloc else ""


def _bounded(report: Report) -> Report:
    """Return the report with no more than can be read of those of its words that have no bound of their own."""
    run = replace(report.run, stage=shorten(report.run.stage, _LONGEST_STAGE))
    return replace(report, run=run, headline=shorten(report.headline, LONGEST_REASON))


def _parts(report: Report, about: Whereabouts) -> tuple[str, str]:
    """Return the HTML part and the text part, both of the first caps with which they fit."""
    # A function loads what draws on a terminal only when it has a mail to write.
    from reconcile.report.terminal import Caps

    page, told = template("mail.html.j2"), {**shown(report), "about": about, "subject": subject_of(report)}
    html = text = ""
    for items, lines in _CAPS:
        caps = Caps(items, lines, about.rest)
        html = page.render(told, caps=caps)
        text = _text(report, about, caps)
        if len(html.encode()) + len(text.encode()) <= MOST_BYTES:
            break
    return html, text


def _text(report: Report, about: Whereabouts, caps: "Caps") -> str:
    """Return the text part: where the whole report is, then what a terminal would show."""
    from rich.console import Console

    from reconcile.report.terminal import print_report

    out = io.StringIO()
    if about.warning:
        out.write(f"{_wrapped(f'! {about.warning}')}\n")
    if about.link:
        out.write(f"Read the whole report: {about.link}\n")
    out.writelines(f"{_wrapped(line)}\n" for line in about.lines)
    out.write("\n")
    print_report(report, Console(file=out, width=WIDTH, force_terminal=False, color_system=None), caps)
    return out.getvalue()


def _wrapped(text: str) -> str:
    return textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False)
