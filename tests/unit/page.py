"""Reads a page of HTML into its tree, and poisons every text of a report with markup."""

from html.parser import HTMLParser
from typing import Any

VOID = {"meta", "circle", "path", "rect", "input", "br"}


class Page(HTMLParser):
    """Reads a page into its tree of elements, their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.shape: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element with its place in the tree."""
        self.shape.append("/".join([*self._open, tag]))
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Leave an element; every one is closed by its own tag."""
        if tag not in VOID:
            assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note text, but not the style sheet's."""
        if "style" not in self._open:
            self.texts.append(data)

    @property
    def text(self) -> str:
        """All text with its white space folded."""
        return " ".join(" ".join(self.texts).split())


FIXED = {"schema", "start", "started_at", "finished_at", "first_seen", "last_seen", "severity", "status"}
FIXED |= {"id", "finding", "kind", "type", "mode", "outcome", "fault", "window", "verdict"}


def poisoned(value: Any, name: str = "") -> Any:
    """Return a report's JSON with markup at the end of every text that the program does not choose itself."""
    if isinstance(value, dict):
        return {key: poisoned(part, key) for key, part in value.items()}
    if isinstance(value, list):
        return [poisoned(part, name) for part in value]
    return f"{value}<i>&\"'" if isinstance(value, str) and name not in FIXED else value
