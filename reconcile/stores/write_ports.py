"""What a repair asks of the stores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from reconcile.model.environment import Environment as Environment
from reconcile.model.snapshot import LedgerEntry
from reconcile.stores.ports import Entry, Indexing, RowKey

ABSENT_VALUE = object()
"""Stands, among expected values, for an attribute that was not there."""


@dataclass(frozen=True, slots=True)
class Update:
    """A change of attributes of one row: plain values to set, and the values and other rows it rests on."""

    key: RowKey
    set_to: Mapping[str, Any]
    expected: Mapping[str, Any]
    beside: tuple[RowKey, ...] = ()


@dataclass(frozen=True, slots=True)
class GroupGain:
    """The group that gains a program; a count that is no number is left alone."""

    key: RowKey
    countable: bool


WriteOutcome = Literal["made", "already", "changed", "group-gone"]


class RowsWriter(Protocol):
    """The application's table, writing: every write is one transaction with journal and lease."""

    def create_program(
        self,
        item: Mapping[str, Any],
        group: GroupGain,
        ledger: LedgerEntry,
        expected: LedgerEntry | None,
        entry: Entry,
    ) -> WriteOutcome:
        """Create a program once and for all; raises LeaseLost, SourceError."""
        ...

    def mend(self, update: Update, group: GroupGain | None, entry: Entry) -> WriteOutcome:
        """Change a row that still says what was read, beside rows that still exist.

        Raises LeaseLost, SourceError.
        """
        ...

    def create_group(
        self, item: Mapping[str, Any], show: Update, entries: tuple[Entry, Entry]
    ) -> WriteOutcome:
        """Create a group, and let a show that still says what was read name it; an entry for each.

        Raises LeaseLost, SourceError.
        """
        ...


class RecordsWriter(Protocol):
    """The search index, writing."""

    def write(self, records: Sequence[Mapping[str, Any]]) -> Indexing:
        """Write some records, 1,000 at most, and wait until they can be read; raises SourceError."""
        ...

    def remove(self, object_id: str) -> Indexing:
        """Take back a record that was written a moment ago for a row that has gone; raises SourceError."""
        ...


class Lease(Protocol):
    """The right to write, held by one run at a time."""

    @property
    def token(self) -> str:
        """What each transaction checks."""
        ...

    def check(self) -> None:
        """Return if the lease is surely held; raises LeaseLost if another run may have it."""
        ...
