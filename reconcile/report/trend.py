"""Compares a run's numbers with those of earlier runs, as far as their summaries have them. Pure."""

from collections.abc import Iterable, Mapping

from reconcile.model.documents import JsonObject
from reconcile.report.data import Report
from reconcile.report.parts import TrendRun
from reconcile.report.run_list import RunEntry

MOST = 30
"""How many runs a trend has, the report's own among them."""


def earlier_runs(summaries: Iterable[JsonObject], stage: str) -> tuple[TrendRun, ...]:
    """Return the numbers of a stage's runs, oldest first, from their summaries in any order and version.

    Left out is what was asked for some verdicts alone, and a run that came to no report: it has no numbers.
    """
    runs: dict[str, TrendRun] = {}
    for summary in summaries:
        entry = RunEntry.of(summary)
        counted = any(isinstance(summary.get(name), Mapping) for name in ("numbers", "statuses"))
        if entry and entry.started_at and entry.stage == stage and counted and not summary.get("only"):
            runs[entry.id] = TrendRun(
                run=entry.id,
                started_at=entry.started_at,
                mode=entry.mode,
                state=entry.state,
                new=entry.new,
                open=entry.open,
                awaiting_approval=entry.awaiting_approval,
                repaired=entry.repaired,
            )
    return tuple(sorted(runs.values(), key=lambda run: (run.started_at, run.run)))[-MOST:]


def trend_of(report: Report, earlier: Iterable[TrendRun]) -> tuple[TrendRun, ...]:
    """Return the runs before a report's, oldest first, and then its own unless it looked for some alone."""
    others = tuple(run for run in earlier if run.run != report.run.id)
    if report.run.only:
        return others[-MOST:]
    numbers = report.numbers
    own = TrendRun(
        run=report.run.id,
        started_at=report.run.started_at,
        mode=report.run.mode,
        state=report.state,
        new=numbers.new,
        open=numbers.open,
        awaiting_approval=numbers.awaiting_approval,
        repaired=numbers.repaired,
    )
    return (*others[1 - MOST :], own)
