"""Lays texts out in lines for a terminal or a pipe: words are wrapped, ids, addresses and commands never."""

import re
from collections.abc import Sequence
from itertools import pairwise

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

NARROWEST = 20
"""Columns that a text has at least, however deep its indent."""
_HANGING = 2

_FIRST, _LAST = "\u2068", "\u2069"
# What stands between backticks is a command or a name: its spaces are no place to break.
_WORD = re.compile(r"(?:`[^`]*`|[^ ])+")


def wrapped(text: str, width: int) -> list[str]:
    """Return a text in lines of at most so many columns; a longer word has a line of its own, whole."""
    places = [0, *_breaks(text, width), len(text)]
    return [text[start:other].rstrip() for start, other in pairwise(places)]


def _breaks(text: str, width: int) -> list[int]:
    """Return where new lines begin."""
    places, start = list[int](), 0
    for word in _WORD.finditer(text):
        if word.start() > start and cell_len(text[start : word.end()]) > width:
            start = word.start()
            places.append(start)
    return places


def bounded(text: str, width: int, most: int) -> list[str]:
    """Return a text in at most so many lines of so many columns, cut with an ellipsis where it is longer."""
    lines = wrapped(text, width)
    if len(lines) > most:
        lines = [*lines[: most - 1], f"{lines[most - 1]} {lines[most]}"]
    return [cut(line, width) for line in lines]


def fitted(text: str, width: int) -> str:
    """Return a text in exactly so many columns: filled up with spaces, or cut with an ellipsis."""
    text = cut(text, width)
    return text + " " * (width - cell_len(text))


def cut(text: str, width: int) -> str:
    """Return a text in at most so many columns, cut with an ellipsis; what it set apart stays so."""
    if cell_len(text) <= width:
        return text
    while text and cell_len(text) >= width:
        text = text[: -max(1, (cell_len(text) - width) // 2)]
    return f"{text.rstrip()}…{_LAST * (text.count(_FIRST) - text.count(_LAST))}"


class Lines:
    """A console that takes texts only: no markup is read in them, and no word is broken."""

    def __init__(self, console: Console) -> None:
        self._console = console

    @property
    def width(self) -> int:
        """How many columns there are."""
        return self._console.width

    def line(self, text: str | Text = "", style: str = "", indent: int = 0) -> None:
        """Print a text under an indent; what does not fit in the width goes on under a deeper one."""
        text = text if isinstance(text, Text) else Text(text, style=style)
        width = max(NARROWEST, self.width - indent - _HANGING)
        for number, part in enumerate(text.divide(_breaks(text.plain, width))):
            part.rstrip()
            before = " " * (indent + (_HANGING if number else 0)) if part else ""
            self._console.print(Text.assemble(before, part), soft_wrap=True)

    def whole(self, text: str | Text, style: str = "", indent: int = 0) -> None:
        """Print an address or a command on one line of its own, however long, so that it can be copied."""
        text = text if isinstance(text, Text) else Text(text, style=style)
        self._console.print(Text.assemble(" " * indent, text), soft_wrap=True)

    def heading(self, text: str) -> None:
        """Print a heading below an empty line."""
        self.line()
        self.line(text, "bold")

    def grid(self, rows: Sequence[tuple[str, Sequence[str]]], heads: Sequence[str], indent: int = 0) -> None:
        """Print values side by side under their heads; of a row with a longer word each on a line of its own.

        A value that several have stands once, with all their heads.
        """
        labels = max((cell_len(label) for label, _ in rows), default=0)
        room = max(NARROWEST // 2, (self.width - indent - labels) // len(heads) - 2)
        short = [(label, cells) for label, cells in rows if not any(_is_long(cell, room) for cell in cells)]
        for label, cells in (("", heads), *short):
            self._side_by_side(label, [wrapped(cell, room) for cell in cells], labels, room, indent)
        for label, cells in rows:
            if (label, cells) not in short:
                self.line(label, indent=indent)
                for value in dict.fromkeys(filter(None, cells)):
                    whose = ", ".join(head for head, cell in zip(heads, cells, strict=True) if cell == value)
                    self.whole(f"{whose}  {value}", indent=indent + _HANGING)

    def _side_by_side(
        self, label: str, cells: Sequence[Sequence[str]], labels: int, room: int, indent: int
    ) -> None:
        for number in range(max(map(len, cells))):
            texts = [cell[number] if number < len(cell) else "" for cell in cells]
            parts = (fitted(label if number == 0 else "", labels), *(fitted(text, room) for text in texts))
            self.whole("  ".join(parts).rstrip(), indent=indent)


def _is_long(cell: str, room: int) -> bool:
    return any(cell_len(line) > room for line in wrapped(cell, room))
