"""The ports of repairs, and the one way to change a row: on condition that nobody else changed it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from reconcile.model.catalog import Group, RowKey
from reconcile.model.documents import Attributes
from reconcile.model.errors import Denied, Refused, SourceError
from reconcile.model.journal import Counted, JournalEntry, RecordWritten, RowWritten
from reconcile.model.media import MediaMap
from reconcile.model.run import Repair
from reconcile.model.search_record import Image, plain
from reconcile.repair.circuit_breaker import Faults
from reconcile.repair.numbering import Numbering
from reconcile.stores.attributes import typed
from reconcile.stores.ports import RecordingsReader, RecordsReader, RowsReader
from reconcile.stores.write_ports import (
    GroupGain,
    Journal,
    RecordsWriter,
    RowsWriter,
    Update,
    WriteOutcome,
)

WRITING, JOURNALING = "writing to the table", "writing the journal"
COUNTED_TOO_OFTEN = "its group's count changes faster than it can be raised"
GroupOutcome = WriteOutcome | Literal["group-gone"]
"""What became of a write that gives a group a program more."""

_TRIES = 5


@dataclass(slots=True)
class RepairPorts:
    """The ports of repairs, while their lease is held.

    `clock` gives the time that is written; `out_of_time` says that no further repair may begin; `progress`
    receives how many repairs of how many were made. `faults` stop what fails again and again.
    """

    recordings: RecordingsReader
    rows: RowsReader
    rows_writer: RowsWriter
    records: RecordsReader
    records_writer: RecordsWriter
    journal: Journal
    media: MediaMap
    run: str
    clock: Callable[[], datetime]
    check_lease: Callable[[], None]
    out_of_time: Callable[[], bool] = lambda: False
    progress: Callable[[str, int, int], None] = lambda step, done, total: None
    faults: Faults = field(default_factory=Faults)
    _numbering: Numbering = field(init=False)

    def __post_init__(self) -> None:
        """Begin the journal of the run."""
        self._numbering = Numbering(self.run, self.clock)

    def entry(
        self, what: str, findings: tuple[str, ...], written: RowWritten | RecordWritten, *, done: bool = True
    ) -> JournalEntry:
        """Return the next journal entry; `done`: it is entered together with its write."""
        return self._numbering.entry(what, findings, written, done=done)

    def transact(self, entries: Sequence[JournalEntry], request: Callable[[], WriteOutcome]) -> WriteOutcome:
        """Ask the table for a transaction with these entries; raises LeaseLost, SourceError."""
        return self._numbering.entering(
            entries, lambda: self.faults.ask(WRITING, request), lambda outcome: outcome == "made"
        )

    def enter_ahead(self, entries: Sequence[JournalEntry]) -> None:
        """Write entries ahead of the writes that they describe; raises SourceError."""
        self._numbering.entering(
            entries, lambda: self.faults.ask(JOURNALING, lambda: self.journal.enter_all(entries))
        )

    def mark_done(self, entries: Sequence[JournalEntry]) -> None:
        """Mark entries as done after their writes; raises SourceError."""
        self.faults.ask(JOURNALING, lambda: self.journal.mark_done(entries))

    def counting(self, group: Group, write: Callable[[GroupGain], WriteOutcome]) -> GroupOutcome:
        """Write something that gives a group a program more, on its count as it is read.

        It is read again and tried again while others count at the same moment. Raises as `write` does.
        """
        for _ in range(_TRIES):
            image = self.read_rows([group.key]).get(group.key)
            if image is None or "groupId" not in image:
                return "group-gone"
            outcome = write(GroupGain(group.key, Counted.one_more(group.key, image.get("programsCount"))))
            if outcome != "group-changed":
                return outcome
        return "group-changed"

    def read_rows(self, keys: Sequence[RowKey]) -> dict[RowKey, Image]:
        """Read rows by key; raises SourceError."""
        return self.faults.ask("reading the table", lambda: self.rows.rows(keys))

    def read_partition(self, pk: str) -> list[Image]:
        """Read a whole partition; raises SourceError."""
        return self.faults.ask("reading the table", lambda: self.rows.rows_of(pk))


@dataclass(frozen=True, slots=True)
class Change:
    """A change of one row: what it is called, what is set, and what it rests on.

    `guarded` are the attributes, besides those that are set, that must still be as in `image`; `beside` are
    rows that must exist. `gains` is the group that gets a program more by it, and `group` one that must exist
    and is not counted up. `also` are further findings that it is for.
    """

    finding: str
    what: str
    key: RowKey
    set_to: Attributes
    guarded: tuple[str, ...]
    image: Image
    gains: Group | None = None
    group: RowKey | None = None
    beside: tuple[RowKey, ...] = ()
    also: tuple[str, ...] = ()

    def update(self) -> Update:
        """Return it as it is written; when the row was last changed is no condition."""
        names = dict.fromkeys((*self.set_to, *self.guarded))
        expected = {name: self.image.get(name) for name in names if name != "updatedAt"}
        return Update(self.key, typed(self.set_to), expected, self.beside)

    def written(self, counted: Counted | None) -> RowWritten:
        """Return it as it is journaled."""
        before = {name: self.image[name] for name in self.set_to if name in self.image}
        return RowWritten(self.key, before, typed(self.set_to), counted)


def change(row_change: Change, ports: RepairPorts) -> Repair:
    """Change a row, on condition that what it sets and its guarded attributes are still what was read."""
    outcome = _changed(row_change, ports)
    if outcome == "made":
        return made(row_change)
    note = {"group-gone": "the group no longer exists", "group-changed": COUNTED_TOO_OFTEN}
    return refusal(
        row_change.finding,
        row_change.key._asdict(),
        note.get(outcome, "somebody changed the row meanwhile"),
    )


def made(row_change: Change) -> Repair:
    """Return a change that was made."""
    image, set_to = row_change.image, dict(row_change.set_to)
    before = {name: plain(image[name]) for name in set_to if name in image}
    target = row_change.key._asdict()
    return Repair(row_change.what, row_change.finding, target, before, set_to, "made", verified=False)


def _changed(row_change: Change, ports: RepairPorts) -> GroupOutcome:
    update, findings = row_change.update(), (row_change.finding, *row_change.also)

    def write(gain: GroupGain | None) -> WriteOutcome:
        entry = ports.entry(row_change.what, findings, row_change.written(gain.counted if gain else None))
        return ports.transact([entry], lambda: ports.rows_writer.change_row(update, gain, entry))

    if row_change.gains:
        return ports.counting(row_change.gains, write)
    outcome = write(GroupGain(row_change.group, None) if row_change.group else None)
    return "group-gone" if outcome == "group-changed" else outcome


def refusal(finding: str, target: Mapping[str, str], why: str) -> Repair:
    """Return a write that was skipped because its basis has changed."""
    return Repair("nothing", finding, target, {}, {}, "refused", verified=False, note=why)


def failed(finding: str, why: str) -> Repair:
    """Return a repair that was skipped because its basis has changed."""
    return Repair("nothing", finding, {}, {}, {}, "failed", verified=False, note=why)


def faulty(finding: str, error: SourceError) -> Repair:
    """Return a repair that failed because of a store."""
    if isinstance(error, Refused):
        return Repair("nothing", finding, {}, {}, {}, "refused", verified=False, note=str(error))
    outcome: Literal["denied", "failed"] = "denied" if isinstance(error, Denied) else "failed"
    return replace(failed(finding, str(error)), outcome=outcome, fault=fault_of(error))


def fault_of(error: SourceError) -> Literal["passing", "lasting"]:
    """Say whether a store's fault may pass by itself."""
    return "lasting" if isinstance(error, Denied) else "passing"
