"""Prints the archived runs as a table: one line a run with its verdict, its numbers and its cost."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from reconcile.model.documents import JsonObject
from reconcile.model.remedy import command
from reconcile.model.texts import is_clean
from reconcile.report.formatting import NOT_KNOWN, clock_time, dollars, line_of, shorten
from reconcile.report.parts import ReportState
from reconcile.report.render.lines import fitted
from reconcile.report.render.terminal_head import STATES
from reconcile.report.run_list import UNDO, RunEntry

_VERDICTS: Mapping[ReportState, str] = {
    "ok": "OK",
    "known": "nothing new",
    "action": "action needed",
    "incomplete": "incomplete",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table; `short` is its head where there is no room ("": the column is left out).

    Numbers stand to the right.
    """

    head: str
    short: str
    cell: Callable[[RunEntry], str]
    number: bool = True


_COLUMNS = (
    Column("Run", "Run", lambda entry: line_of(entry.id), number=False),
    Column("Mode", "Mode", lambda entry: shorten(entry.mode, 12), number=False),
    Column("Verdict", "Verdict", lambda entry: _VERDICTS[entry.state], number=False),
    Column("New", "New", lambda entry: f"{entry.new:,}"),
    Column("Open", "", lambda entry: f"{entry.open:,}"),
    Column("Approval", "Appr.", lambda entry: f"{entry.awaiting_approval:,}"),
    Column("Repaired", "Rep.", lambda entry: f"{entry.repaired:,}"),
    Column("Took", "Took", lambda entry: NOT_KNOWN if entry.seconds is None else clock_time(entry.seconds)),
    Column("USD", "USD", lambda entry: NOT_KNOWN if entry.cost_usd is None else _bare(entry.cost_usd)),
)
_COLORED = 2
"""The place of the verdict, which is coloured."""


def print_runs(summaries: Iterable[JsonObject], console: Console) -> None:
    """Print the runs of these summaries, and last the command that shows the first of them.

    Where a terminal is too narrow for the whole table, its heads are short and it has no open findings.
    """
    entries = [entry for summary in summaries if (entry := RunEntry.of(summary))]
    if not entries:
        console.print(Text("No report is archived yet: reconcile check makes one."), soft_wrap=True)
        return
    for line in _table(entries, console.width if console.is_terminal else None):
        console.print(line, soft_wrap=True)
    reported = next((entry.id for entry in entries if entry.mode != UNDO), "")
    newest = command("reconcile", "report", reported)
    if reported and is_clean(newest):
        console.print(Text.assemble("\n", ("Next: ", "dim"), (newest, "bold")), soft_wrap=True)


def _table(entries: Sequence[RunEntry], width: int | None) -> list[Text]:
    """Return the head and a line for each run; `width` None: there is room for any."""
    tables = (
        _Table(_COLUMNS, [column.head for column in _COLUMNS], entries, "  "),
        _Table(_NARROW, [column.short for column in _NARROW], entries, "  "),
        _Table(_NARROW, [column.short for column in _NARROW], entries, " "),
    )
    chosen = next((table for table in tables if width is None or table.width <= width), tables[-1])
    return chosen.lines()


_NARROW = tuple(column for column in _COLUMNS if column.short)


class _Table:
    """The cells of a table, each as wide as the widest of its column."""

    def __init__(
        self, columns: Sequence[Column], heads: Sequence[str], entries: Sequence[RunEntry], gap: str
    ) -> None:
        self._columns, self._heads, self._entries, self._gap = columns, heads, entries, gap
        self._rows = [[column.cell(entry) for column in columns] for entry in entries]
        self._widths = [max(map(cell_len, cells)) for cells in zip(heads, *self._rows, strict=True)]

    @property
    def width(self) -> int:
        """How many columns of a terminal it takes."""
        return sum(self._widths) + len(self._gap) * (len(self._widths) - 1)

    def lines(self) -> list[Text]:
        """Return the head and a line for each run."""
        return [Text(self._line(self._heads), "bold"), *map(self._coloured, self._entries, self._rows)]

    def _coloured(self, entry: RunEntry, row: Sequence[str]) -> Text:
        text = Text(self._line(row))
        start = sum(self._widths[:_COLORED]) + len(self._gap) * _COLORED
        text.stylize(STATES[entry.state], start, start + self._widths[_COLORED])
        return text

    def _line(self, cells: Sequence[str]) -> str:
        parts = zip(self._columns, cells, self._widths, strict=True)
        return self._gap.join(_padded(cell, width, column) for column, cell, width in parts).rstrip()


def _padded(cell: str, width: int, column: Column) -> str:
    return " " * (width - cell_len(cell)) + cell if column.number else fitted(cell, width)


def _bare(amount: float) -> str:
    return dollars(amount).removeprefix("USD ")
