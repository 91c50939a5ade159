"""Takes a run back: shows what it would do, then does it under the lease, as a run of its own."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from reconcile import __version__
from reconcile.model.clock import write_time
from reconcile.model.documents import JsonObject
from reconcile.model.errors import Exit, LeaseLost, SourceError
from reconcile.report.run_list import UNDO
from reconcile.runs.archive import highest_sequence
from reconcile.runs.finish import saving_failure
from reconcile.runs.user import user_name
from reconcile.undo.apply import Undoing, take_rows_back
from reconcile.undo.apply_records import take_records_back
from reconcile.undo.earlier import settled_by
from reconcile.undo.fold import Folded, fold
from reconcile.undo.marks import mark, unmark
from reconcile.undo.outcomes import Undone, exit_code
from reconcile.undo.plan import plan_undo
from reconcile.undo.ports import UndoStores, UndoTools
from reconcile.undo.reading import read_all
from reconcile.undo.request import UndoOrder, journal_of
from reconcile.undo.reversals import Reversal

_LONGEST = timedelta(hours=6)
_RUNS_LOOKED_AT = 400


@dataclass(frozen=True, slots=True)
class UndoPlan:
    """What an undo would do as the stores stand now: what becomes of each target, in the order of undoing.

    `earlier` are the undos of the same run that came to their end, the newest first.
    """

    order: UndoOrder
    folded: Folded
    reversals: tuple[Reversal, ...]
    earlier: tuple[str, ...] = ()

    @property
    def takes(self) -> tuple[Reversal, ...]:
        """What can be taken back."""
        return tuple(reversal for reversal in self.reversals if reversal.fate == "take")

    def as_it_stands(self) -> tuple[Undone, ...]:
        """Return what became of everything where nothing can be taken back."""
        return tuple(map(Undone.of, self.reversals))


@dataclass(frozen=True, slots=True)
class UndoOutcome:
    """What an undo did. `not_kept` says why it could not be archived ("" if it could, or nothing is)."""

    run: str
    order: UndoOrder
    undone: tuple[Undone, ...]
    not_kept: str = ""

    @property
    def exit_code(self) -> Exit:
        """The exit code of the undo."""
        return Exit.INCOMPLETE if self.not_kept else exit_code(self.undone)

    @property
    def headline(self) -> str:
        """What it did, in a sentence."""
        number = sum(one.became == "undone" for one in self.undone)
        failed = sum(one.became in ("failed", "denied") for one in self.undone)
        left = sum(one.became == "left" for one in self.undone)
        rest = [f"{failed:,} failed"] if failed else []
        rest += [f"{left:,} stay as they are" if left != 1 else "1 stays as it is"] if left else []
        done = f"{number:,} {'write' if number == 1 else 'writes'} of the run {self.order.run} taken back"
        return "; ".join([done, *rest])

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "schema": "1.0",
            "run": self.run,
            "undoes": self.order.run,
            "only": self.order.finding or None,
            "reason": self.order.reason,
            "headline": self.headline,
            "exit_code": int(self.exit_code),
            "undone": [one.to_json() for one in self.undone],
        }


def plan(order: UndoOrder, stores: UndoStores) -> UndoPlan:
    """Return what an undo would do; writes nothing. Raises UsageError as journal_of does, SourceError."""
    entries = journal_of(order, stores.memory)
    runs = stores.state.runs(_RUNS_LOOKED_AT)
    undos = [run for run in runs if run.get("undoes") == order.run]
    undone = [entry for undo in undos for entry in stores.state.journal(undo["id"])]
    folded = settled_by(fold(entries), undone)
    folded = folded.of(order.finding) if order.finding else folded
    stored = read_all(folded, stores)
    earlier = tuple(undo["id"] for undo in undos if "exit_code" in undo)
    return UndoPlan(order, folded, plan_undo(folded, stored, stores.memory.clock()), earlier)


def take_back(order: UndoOrder, stores: UndoStores, tools: UndoTools) -> UndoOutcome:
    """Take a run back as far as it can be; raises AlreadyRunning, UsageError, SourceError."""
    memory, state, started = stores.memory, stores.state, stores.memory.clock()
    with tools.lease() as lease, _tracked(order, stores, tools.run, started):
        # What another run was about to write, it has written when the lease is free.
        planned = plan(order, stores)
        sequence = state.raise_sequence(highest_sequence(memory.reports, memory.stage)).sequence
        # Marked first: should the undo be killed, the next night does not repair again what it took back.
        marks = mark(planned.takes, order, state, started)
        undoing = Undoing(stores, tools.writers(lease), tools, memory.clock)
        outcome = UndoOutcome(tools.run, order, tuple(_carried_out(planned, undoing)))
        with suppress(SourceError):
            unmark(marks, planned.takes, outcome.undone, state, memory.clock())
        spent = tools.spent((memory.clock() - started).total_seconds())
        return _kept(outcome, stores, started, {**spent, "sequence": sequence})


def _carried_out(planned: UndoPlan, undoing: Undoing) -> Iterator[Undone]:
    """Yield what became of every target, also of those that the lost lease left untouched."""
    through = set[tuple[str, ...]]()
    parts: tuple[Callable[[Folded, Undoing], Iterable[Undone]], ...] = (take_rows_back, take_records_back)
    try:
        for part in parts:
            for undone in part(planned.folded, undoing):
                through.add(_name(undone.reversal))
                yield undone
    except LeaseLost as error:
        left = (reversal for reversal in planned.reversals if _name(reversal) not in through)
        yield from (Undone(reversal, "failed", str(error)) for reversal in left)


def _name(reversal: Reversal) -> tuple[str, ...]:
    return tuple(reversal.target.names_it.values())


@contextmanager
def _tracked(order: UndoOrder, stores: UndoStores, run: str, started: datetime) -> Iterator[None]:
    """Save that the undo began, and how it ended if it fails before its end."""
    facts = _facts(order, stores, run, started)
    stores.state.save_run(run, {**facts, "until": write_time(started + _LONGEST)})
    with saving_failure(stores.state, run, facts):
        yield


def _facts(order: UndoOrder, stores: UndoStores, run: str, started: datetime) -> dict[str, Any]:
    return {
        "id": run,
        "stage": stores.memory.stage,
        "mode": UNDO,
        "version": __version__,
        "started_at": write_time(started),
        "undoes": order.run,
        "reason": order.reason,
        "by": user_name(),
    }


def _kept(outcome: UndoOutcome, stores: UndoStores, started: datetime, more: JsonObject) -> UndoOutcome:
    """Save the summary of an undo, and archive it, with more facts, beside the reports if these are."""
    code = outcome.exit_code
    state = {Exit.AGREES: "ok", Exit.FINDINGS: "action"}.get(code, "incomplete")
    ended = {"exit_code": int(code), "headline": outcome.headline, "state": state}
    summary = {**_facts(outcome.order, stores, outcome.run, started), **ended}
    reports = stores.memory.reports
    files = {
        "undo.json": json.dumps(outcome.to_json(), indent=1) + "\n",
        "summary.json": json.dumps({**summary, **more}),
    }
    try:
        stores.state.save_run(outcome.run, summary)
        if reports:
            reports.save(outcome.run, files)
    except SourceError as error:
        return UndoOutcome(outcome.run, outcome.order, outcome.undone, str(error))
    return outcome
