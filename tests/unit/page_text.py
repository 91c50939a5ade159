"""Reads the page of a report as text: what stands in it, and what its script makes of its data."""

import base64
import gzip
import hashlib
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from tests.unit.page import VOID

BLOCKS = {
    "p",
    "h1",
    "h2",
    "h3",
    "h4",
    "li",
    "tr",
    "dt",
    "dd",
    "caption",
    "summary",
    "figcaption",
    "header",
    "footer",
}
BLOCKS |= {"section", "ul", "ol", "div", "nav", "details", "table", "button", "figure"}
DATA = re.compile(r'<script type="application/(\w+)" id="data">([^<]*)</script>')


def data_of(page: str) -> Any:
    """Return the data that a page embeds."""
    kind, body = DATA.findall(page)[0]
    return json.loads(body if kind == "json" else gzip.decompress(base64.b64decode(body)))


def rows_of(data: Any, name: str) -> list[dict[str, Any]]:
    """Return the rows of a list, with the names of their fields."""

    def unpacked(value: Any) -> Any:
        return [unpacked(part) for part in value] if isinstance(value, list) else data["texts"][value]

    fields = data["fields"]["recordings" if name == "recordings" else "findings"]
    return [dict(zip(fields, unpacked(row), strict=True)) for row in data["lists"][name]]


class PageText(HTMLParser):
    """The lines of a page, each block one, with the rows of each list in its place; and its commands.

    `most` rows of a list are written out; the others are counted, and their hash stands for them.
    """

    def __init__(self, page: str, most: int = 1_000_000) -> None:
        super().__init__(convert_charrefs=True)
        self.most, self.data = most, data_of(page)
        self.lines: list[str] = []
        self.commands: list[str] = []
        self._words: list[str] = []
        self._open: list[str] = []
        self.feed(page)
        self.close()
        self._end_line()

    @property
    def text(self) -> str:
        """Everything in one line."""
        return " ".join(self.lines)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a line with a block, and write a list's rows where its box stands."""
        if tag not in VOID:
            self._open.append(tag)
        attributes = dict(attrs)
        if tag in BLOCKS or str(attributes.get("class")).startswith("tile"):
            self._end_line()
        if tag == "title" and "svg" not in self._open:
            self._end_line()
        if tag in ("h1", "h2", "h3", "h4"):
            self._words.append("#" * int(tag[1]))
        if attributes.get("role") == "img":
            self.lines.append(f"[picture: {attributes['aria-label']}]")
        name = attributes.get("data-list")
        if name and "noscript" not in self._open:
            self._end_line()
            self.lines += self._rows(name)

    def handle_endtag(self, tag: str) -> None:
        """End a line with its block; every element is closed by its own tag."""
        if tag not in VOID:
            assert self._open.pop() == tag
        if tag in BLOCKS or tag == "title":
            self._end_line()

    def handle_data(self, data: str) -> None:
        """Take up text that a reader sees when scripts run."""
        if {"script", "style", "noscript", "svg"} & set(self._open) or data == "Copy":
            return
        if self._open[-2:] == ["div", "code"]:
            self.commands.append(data)
            self._words.append("$")
        self._words.append(data)

    def _end_line(self) -> None:
        line = " ".join(" ".join(self._words).split())
        self._words.clear()
        if line:
            self.lines.append(line)

    def _rows(self, name: str) -> Iterator[str]:
        rows = rows_of(self.data, name)
        for row in rows[: self.most]:
            yield from self._recording(row) if name == "recordings" else self._finding(row)
        if len(rows) > self.most:
            rest = json.dumps(rows[self.most :], sort_keys=True).encode()
            yield f"… and {len(rows) - self.most:,} more, {hashlib.sha256(rest).hexdigest()[:16]}"

    def _recording(self, row: dict[str, Any]) -> Iterator[str]:
        cells = (
            row["title"],
            row["at"],
            f"[{row['tone']}] {row['status']}",
            row["program"],
            row["place"],
            row["finding"],
        )
        yield "| " + " | ".join(cells)

    def _finding(self, row: dict[str, Any]) -> Iterator[str]:
        when = " · ".join(filter(None, (row["at"], row["length"])))
        change = " → ".join(row["change"])
        parts = (
            f"- [{row['severity']}]",
            row["title"],
            when,
            change,
            row["status"],
            row["mark"],
            f"#{row['id']}",
        )
        yield " ".join(filter(None, parts))
        for text in (row["place"], row["step"], *(f"$ {one}" for one in row["commands"])):
            if text:
                yield f"  {text}"
        if row["cause"]:
            yield f"  Root cause: {row['cause']}"
        self.commands += row["commands"]
        for title, mark, _, target, heads, cells, note in row["tables"]:
            yield "  " + " ".join(filter(None, (title, mark, target, "| " + " | ".join(heads))))
            for label, style, values in cells:
                sides = " | ".join("‹›".join(filter(None, side)) for side in values)
                yield f"  {'~' if style == 'tolerated' else '|'} {label}: {sides}"
            if note:
                yield f"  {note}"
        for label, values in row["facts"]:
            yield f"  {label}: {', '.join(values)}"
        for label, url in row["links"]:
            yield f"  → {label} {url}"
