"""Prints the lines under their headings, and how many of each state there are."""

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from reconcile.doctor.line import Line, State
from reconcile.report.words import plural

if TYPE_CHECKING:
    from rich.console import Console

_STYLES: dict[State, str] = {"ok": "green", "warning": "bold yellow", "failed": "bold red"}


def print_lines(lines: Iterable[Line], console: "Console") -> None:
    """Print each line as soon as it is there."""
    from rich.table import Table
    from rich.text import Text

    part, numbers = "", Counter[State]()
    for line in lines:
        if line.part != part:
            part = line.part
            console.print(Text(f"\n{part}" if numbers else part, style="bold underline"))
        numbers[line.state] += 1
        told = Text.assemble((line.what, "bold"), f": {line.found}")
        if line.step:
            told.append(f"\n→ {line.step}", style=_STYLES[line.state])
        row = Table.grid(padding=(0, 2, 0, 0))
        row.add_column(width=max(map(len, _STYLES)))
        row.add_column(overflow="fold")
        row.add_row(Text(line.state, style=_STYLES[line.state]), told)
        console.print(row)
    summary = f"{numbers['ok']:,} ok, {plural(numbers['warning'], 'warning')}, {numbers['failed']:,} failed"
    console.print(Text(f"\n{summary}", style="bold"))
