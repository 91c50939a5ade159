"""Prints the archived runs as a table: one line a run with its verdict and its numbers."""

from collections.abc import Iterable, Mapping

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from reconcile.model.documents import JsonObject
from reconcile.model.remedy import command
from reconcile.model.texts import is_clean
from reconcile.report.formatting import line_of, shorten
from reconcile.report.parts import ReportState
from reconcile.report.render.lines import fitted
from reconcile.report.render.terminal_head import STATES
from reconcile.report.run_list import UNDO, RunEntry

_COLUMNS = ("Run", "Mode", "Verdict", "New", "Open", "Approval", "Repaired")
_LEFT = 3
"""So many columns hold words; the others hold numbers, which stand to the right."""
_VERDICTS: Mapping[ReportState, str] = {
    "ok": "OK",
    "known": "nothing new",
    "action": "action needed",
    "incomplete": "incomplete",
}


def print_runs(summaries: Iterable[JsonObject], console: Console) -> None:
    """Print the runs of these summaries, and last the command that shows the first of them."""
    entries = [entry for summary in summaries if (entry := RunEntry.of(summary))]
    if not entries:
        console.print(Text("No report is archived yet: reconcile check makes one."), soft_wrap=True)
        return
    rows = [_row(entry) for entry in entries]
    widths = [max(map(cell_len, column)) for column in zip(_COLUMNS, *rows, strict=True)]
    console.print(Text(_line(_COLUMNS, widths), style="bold"), soft_wrap=True)
    for row, entry in zip(rows, entries, strict=True):
        text, start = Text(_line(row, widths)), sum(widths[: _LEFT - 1]) + 2 * (_LEFT - 1)
        text.stylize(STATES[entry.state], start, start + widths[_LEFT - 1])
        console.print(text, soft_wrap=True)
    reported = next((entry.id for entry in entries if entry.mode != UNDO), "")
    newest = command("reconcile", "report", reported)
    if reported and is_clean(newest):
        console.print(Text.assemble("\n", ("Next: ", "dim"), (newest, "bold")), soft_wrap=True)


def _row(entry: RunEntry) -> tuple[str, ...]:
    numbers = (entry.new, entry.open, entry.awaiting_approval, entry.repaired)
    words = (line_of(entry.id), shorten(entry.mode, 12), _VERDICTS[entry.state])
    return (*words, *(f"{number:,}" for number in numbers))


def _line(cells: Iterable[str], widths: Iterable[int]) -> str:
    parts = [
        fitted(cell, width) if place < _LEFT else " " * (width - cell_len(cell)) + cell
        for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return "  ".join(parts).rstrip()
