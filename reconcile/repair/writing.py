"""The ports of repairs, and the one way to change a row: on condition that nobody else changed it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from reconcile.model.catalog import Group, RowKey
from reconcile.model.documents import Attributes
from reconcile.model.errors import Denied, Refused, SourceError
from reconcile.model.journal import JournalEntry
from reconcile.model.media import MediaMap
from reconcile.model.run import Repair
from reconcile.model.search_record import Image, plain
from reconcile.repair.circuit_breaker import Faults
from reconcile.stores.ports import RecordingsReader, RecordsReader, RowsReader
from reconcile.stores.write_ports import ABSENT_VALUE, GroupGain, Journal, RecordsWriter, RowsWriter, Update

WRITING = "writing to the table"


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
    _number: int = field(default=0)

    def entry(
        self, what: str, target: Mapping[str, str], before: Any, after: Any, *, done: bool = True
    ) -> JournalEntry:
        """Return the next journal entry; `done`: it is entered together with its write."""
        self._number += 1
        return JournalEntry(self.run, self._number, what, target, before, after, self.clock(), done)

    def read_rows(self, keys: Sequence[RowKey]) -> dict[RowKey, Image]:
        """Read rows by key; raises SourceError."""
        return self.faults.ask("reading the table", lambda: self.rows.rows(keys))

    def read_partition(self, pk: str) -> list[Image]:
        """Read a whole partition; raises SourceError."""
        return self.faults.ask("reading the table", lambda: self.rows.rows_of(pk))


@dataclass(frozen=True, slots=True)
class Change:
    """A change of one row: what it is called, what is set, and what it rests on.

    `guarded` are the attributes that must still be as in `image`; `beside` are rows that must exist.
    """

    finding: str
    what: str
    key: RowKey
    set_to: Attributes
    guarded: tuple[str, ...]
    image: Image
    gain: GroupGain | None = None
    beside: tuple[RowKey, ...] = ()


def change(row_change: Change, ports: RepairPorts) -> Repair:
    """Change a row, on condition that its guarded attributes are still what was read."""
    image, set_to = row_change.image, dict(row_change.set_to)
    expected = {name: plain(image[name]) if name in image else ABSENT_VALUE for name in row_change.guarded}
    before = {name: plain(image[name]) for name in set_to if name in image}
    target = row_change.key._asdict()
    entry = ports.entry(row_change.what, target, before, set_to)
    update = Update(row_change.key, set_to, expected, row_change.beside)
    outcome = ports.faults.ask(WRITING, lambda: ports.rows_writer.change_row(update, row_change.gain, entry))
    if outcome == "made":
        return Repair(row_change.what, row_change.finding, target, before, set_to, "made", verified=False)
    note = "the group no longer exists" if outcome == "group-gone" else "somebody changed the row meanwhile"
    return refusal(row_change.finding, target, note)


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


def gain(group: Group) -> GroupGain:
    """Return the one program more that a group has."""
    return GroupGain(group.key, group.countable)
