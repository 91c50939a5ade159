"""Print the lines under their headings, and the number of lines per state."""

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from reconcile.doctor.result import CheckStatus, Line
from reconcile.report.formatting import plural

if TYPE_CHECKING:
    from rich.console import Console

_STYLES: dict[CheckStatus, str] = {"ok": "green", "warning": "bold yellow", "failed": "bold red"}
_STATE = max(map(len, _STYLES)) + 2


def print_lines(lines: Iterable[Line], console: "Console", *, every: bool = False) -> list[Line]:
    """Print each line that is not ok as soon as it is there, and count the rest; return them all.

    `every`: also print what is ok.
    """
    from reconcile.report.render.lines import Lines

    page, returned, part = Lines(console), list[Line](), ""
    for line in lines:
        returned.append(line)
        if every or line.asked or line.state != "ok":
            if line.part != part:
                if part:
                    page.line()
                page.line(line.part, "bold underline")
            part = line.part
            _print(line, console)
    numbers = Counter(line.state for line in returned)
    summary = f"{numbers['failed']:,} failed, {plural(numbers['warning'], 'warning')}, {numbers['ok']:,} OK"
    if part:
        page.line()
    page.line(
        summary if every or not numbers["ok"] else f"{summary} (reconcile doctor --all lists them)", "bold"
    )
    return returned


def _print(line: Line, console: "Console") -> None:
    """Print a line beside its state; what can be copied is left whole."""
    from rich.text import Text

    from reconcile.report.render.lines import wrapped

    style, width = _STYLES[line.state], console.width - _STATE
    rows = [Text(row) for row in wrapped(f"{line.what}: {line.found}", width)]
    rows[0].stylize("bold", 0, len(line.what))
    rows += [Text(row, style=style) for row in (wrapped(f"→ {line.step}", width) if line.step else ())]
    for number, row in enumerate(rows):
        margin = Text(("" if number else line.state).ljust(_STATE), style=style)
        console.print(margin + row, soft_wrap=True)
