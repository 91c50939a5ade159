"""Takes the rows of a run back, the newest first: each in one transaction, on what it was read to say."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from reconcile.model.errors import SourceError
from reconcile.model.journal import JournalEntry, RowWritten
from reconcile.model.reversal import RowEdit
from reconcile.repair.circuit_breaker import Faults
from reconcile.repair.numbering import Numbering
from reconcile.undo.fold import Folded
from reconcile.undo.outcomes import Undone, failed
from reconcile.undo.plan import RowStep, row_steps
from reconcile.undo.ports import UndoStores, UndoTools, UndoWriters
from reconcile.undo.reading import read_step
from reconcile.undo.reversals import Reversal
from reconcile.undo.rows import decide_row
from reconcile.undo.stored import StoredNow

TRIES = 5
TOO_OFTEN = "it changes faster than it can be taken back"
NO_TIME = "OUT OF TIME: run the same command again"
UNDONE = "undone: {}"
"""What a write that takes another back is called in the journal."""


@dataclass(slots=True)
class Undoing:
    """An undo under way: what it reads and writes with, and its journal; `clock` tells the time of undo."""

    stores: UndoStores
    writers: UndoWriters
    tools: UndoTools
    clock: Callable[[], datetime]
    faults: Faults = field(default_factory=Faults)
    numbering: Numbering = field(init=False)

    def __post_init__(self) -> None:
        """Begin its journal."""
        self.numbering = Numbering(self.tools.run, self.clock)


def take_rows_back(folded: Folded, undoing: Undoing) -> Iterator[Undone]:
    """Take the rows of a run back, the newest first; yield what became of each. Raises LeaseLost.

    What a store refuses or fails at says nothing of the other rows.
    """
    steps = list(row_steps(folded))
    for number, step in enumerate(steps, 1):
        if undoing.tools.out_of_time():
            yield Undone(_unread(step), "failed", NO_TIME)
            continue
        try:
            yield _take_back(step, undoing)
        except SourceError as error:
            yield failed(_unread(step), error)
        undoing.tools.progress("taking rows back", number, len(steps))


def _unread(step: RowStep) -> Reversal:
    return Reversal(step[0], "take")


def _take_back(step: RowStep, undoing: Undoing) -> Undone:
    for _ in range(TRIES):
        read = undoing.faults.ask("reading the table", lambda: read_step(step, undoing.stores))
        reversal = decide_row(*step, read, undoing.clock())
        if reversal.fate != "take":
            return Undone.of(reversal)
        if _written(reversal, read, undoing):
            return Undone(reversal, "undone")
    return Undone(reversal, "left", TOO_OFTEN)


def _written(reversal: Reversal, read: StoredNow, undoing: Undoing) -> bool:
    """Write what takes a row back, if everything is still as it was read; raises LeaseLost, SourceError."""
    entries = [_entry(reversal, edit, read, undoing.numbering) for edit in reversal.edits]
    outcome = undoing.numbering.entering(
        entries,
        lambda: undoing.faults.ask(
            "writing to the table",
            lambda: undoing.writers.rows.take_back(reversal.edits, reversal.ledger, entries),
        ),
        lambda outcome: outcome == "made",
    )
    return outcome == "made"


def _entry(reversal: Reversal, edit: RowEdit, read: StoredNow, numbering: Numbering) -> JournalEntry:
    target, now = reversal.target, read.rows[edit.key]
    what = UNDONE.format(target.what)
    if edit.deletes:
        return numbering.entry(what, target.findings, RowWritten(edit.key, now, None, None, reversal.ledger))
    before = {name: now[name] for name in edit.set_to if name in now}
    after = {name: value for name, value in edit.set_to.items() if value is not None}
    return numbering.entry(what, target.findings, RowWritten(edit.key, before, after))
