"""Finds the journal of the run that is to be taken back, and refuses what cannot be: each with its reason."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reconcile.model.errors import UsageError
from reconcile.model.journal import JournalEntry
from reconcile.report.data import Report
from reconcile.report.run_list import UNDO
from reconcile.runs.archive import is_run, run_summary
from reconcile.runs.environment import standing
from reconcile.runs.memory import Memory
from reconcile.stores.ports import ReportsStore, StateStore
from reconcile.undo.apply import UNDONE

_OWN = UNDONE.partition("{")[0]
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class UndoOrder:
    """Which run is to be taken back, or what it did for one finding ("": all of it), and why."""

    run: str
    reason: str
    finding: str = ""


def journal_of(order: UndoOrder, memory: Memory) -> list[JournalEntry]:
    """Return the journal of a run that can be taken back, none where it wrote nothing.

    Raises UsageError for a run that is unknown, of another stage, a check, an undo, or under way, for a
    finding that it wrote nothing for, and for a journal that is not whole; SourceError.
    """
    if not order.reason.strip():
        raise UsageError("--reason is needed: it is shown wherever something waits for it")
    state = memory.require_state("what a run wrote is kept in the state table")
    standing(memory.environment, state)
    summary, entries = _summary(order.run, memory, state), state.journal(order.run)
    if summary is None and not entries:
        raise UsageError(f"there is no run {order.run!r}: reconcile runs lists them")
    _refuse(order.run, summary or {}, entries, memory, state)
    missing = sorted({*_cut(entries), *_unjournaled(order.run, entries, memory.reports)})
    if missing:
        shown = ", ".join(missing[:_SHOWN])
        raise UsageError(
            f"the journal of the run {order.run} is not whole: it lacks {shown}. What stood there before "
            "cannot be told, so nothing is taken back: restore the state table, or correct by hand what the "
            "report of that run lists"
        )
    _refuse_unknown(order, entries)
    return entries


def _summary(run: str, memory: Memory, state: StateStore) -> Mapping[str, Any] | None:
    if not is_run(run):
        return None
    return state.run(run) or (run_summary(memory.reports, run) if memory.reports else None)


def _refuse(
    run: str, summary: Mapping[str, Any], entries: Sequence[JournalEntry], memory: Memory, state: StateStore
) -> None:
    stage = summary.get("stage", memory.stage)
    if stage != memory.stage:
        raise UsageError(
            f"the run {run} is of the stage {stage}, and RECONCILE_STAGE is {memory.stage}: "
            "reconcile runs lists those of this stage"
        )
    if summary.get("mode") == "check":
        raise UsageError(f"the run {run} is a check: it wrote nothing")
    if summary.get("mode") == UNDO or any(entry.what.startswith(_OWN) for entry in entries):
        raise UsageError(
            f"the run {run} is an undo itself. To have its repairs made again, run reconcile repair, and "
            "approve what it then leaves awaiting approval"
        )
    if state.holder(memory.clock()) == run:
        raise UsageError(f"the run {run} is still under way: wait until it has ended")


def _cut(entries: Sequence[JournalEntry]) -> Iterator[str]:
    """Yield the entries that others name as written before them, and that are not there."""
    numbers = {entry.number for entry in entries}
    yield from (
        f"entry {entry.previous}" for entry in entries if entry.previous and entry.previous not in numbers
    )


def _unjournaled(run: str, entries: Sequence[JournalEntry], reports: ReportsStore | None) -> Iterator[str]:
    """Yield the writes that a run's report tells of, as far as it can be read, and its journal does not."""
    text = reports.load(run, "report.json") if reports and is_run(run) else None
    try:
        report = Report.from_json(text or "")
    except ValueError:
        return
    journaled = {_name(entry.what, entry.target) for entry in entries}
    for repair in report.repairs:
        name = _name(repair.what, repair.target)
        if repair.outcome == "made" and name not in journaled:
            yield f"“{name[0]}” of {' '.join(name[1:])}"


def _name(what: str, target: Mapping[str, str]) -> tuple[str, ...]:
    if "objectID" in target:
        return what, target["objectID"]
    return what, target.get("pk", ""), target.get("sk", "")


def _refuse_unknown(order: UndoOrder, entries: Sequence[JournalEntry]) -> None:
    if not order.finding or any(order.finding in entry.findings for entry in entries):
        return
    if entries and not any(entry.findings for entry in entries):
        raise UsageError(
            f"the journal of the run {order.run} is of an earlier version, which does not tell what was "
            "written for which finding: leave out --only"
        )
    known = sorted({finding for entry in entries for finding in entry.findings})
    shown = ", ".join(known[:_SHOWN]) or "none"
    raise UsageError(
        f"the run {order.run} wrote nothing for a finding {order.finding!r}; it wrote for: {shown}"
        f"{f' and {len(known) - _SHOWN:,} more' if len(known) > _SHOWN else ''}"
    )
