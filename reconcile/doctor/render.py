"""Prints the lines under their headings, and how many of each state there are."""

import textwrap
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from reconcile.doctor.result import CheckStatus, Line
from reconcile.report.formatting import plural

if TYPE_CHECKING:
    from rich.console import Console

_STYLES: dict[CheckStatus, str] = {"ok": "green", "warning": "bold yellow", "failed": "bold red"}
_STATE = max(map(len, _STYLES)) + 2


def print_lines(lines: Iterable[Line], console: "Console") -> list[Line]:
    """Print each line as soon as it is there; return them all."""
    from rich.text import Text

    printed: list[Line] = []
    for line in lines:
        if not printed or line.part != printed[-1].part:
            console.print(Text(f"\n{line.part}" if printed else line.part, style="bold underline"))
        printed.append(line)
        _print(line, console)
    numbers = Counter(line.state for line in printed)
    summary = f"{numbers['ok']:,} ok, {plural(numbers['warning'], 'warning')}, {numbers['failed']:,} failed"
    console.print(Text(f"\n{summary}", style="bold"))
    return printed


def _print(line: Line, console: "Console") -> None:
    """Print a line beside its state; a long ARN is left whole, so that it can be copied."""
    from rich.text import Text

    style, width = _STYLES[line.state], console.width - _STATE
    rows = [Text(row) for row in _wrapped(f"{line.what}: {line.found}", width)]
    rows[0].stylize("bold", 0, len(line.what))
    rows += [Text(row, style=style) for row in _wrapped(f"→ {line.step}" if line.step else "", width)]
    for number, row in enumerate(rows):
        margin = Text(("" if number else line.state).ljust(_STATE), style=style)
        console.print(margin + row, soft_wrap=True)


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
