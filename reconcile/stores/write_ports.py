"""The interfaces that write to the application's table or its search index."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from reconcile.model.attributes import Value
from reconcile.model.catalog import RowKey
from reconcile.model.documents import Attributes
from reconcile.model.journal import Counted, JournalEntry, LedgerWritten
from reconcile.model.reversal import RowEdit
from reconcile.model.search_record import Image
from reconcile.model.snapshot import LedgerEntry


@dataclass(frozen=True, slots=True)
class Update:
    """A change of attributes of one row, as DynamoDB types them: what is set, and what that rests on.

    `expected` are the values that must still stand there (None: the attribute is absent), and `beside` other
    rows that must exist.
    """

    key: RowKey
    set_to: Image
    expected: Mapping[str, Value | None]
    beside: tuple[RowKey, ...] = ()


@dataclass(frozen=True, slots=True)
class GroupGain:
    """The group that gains a program, and how its count is raised (None: it is no number, and stays)."""

    key: RowKey
    counted: Counted | None


WriteOutcome = Literal["made", "already", "changed", "group-changed"]
"""What became of a transaction: it was made, or which of its conditions did not hold."""

Indexing = Literal["published", "sent"]
"""What became of a write that the index took: it can be read, or will be, later than anybody waited."""


class RowsWriter(Protocol):
    """Writes to the application's table; each write is one transaction with journal and lease."""

    def create_program(
        self,
        item: Image,
        group: GroupGain,
        ledger: LedgerEntry,
        expected: LedgerEntry | None,
        entry: JournalEntry,
    ) -> WriteOutcome:
        """Create a program, at most once; raises LeaseLost, SourceError."""
        ...

    def change_row(self, update: Update, group: GroupGain | None, entry: JournalEntry) -> WriteOutcome:
        """Change a row on condition that it is as it was read and that the rows `beside` exist.

        Raises LeaseLost, SourceError.
        """
        ...

    def create_group(
        self, item: Image, show: Update, entries: tuple[JournalEntry, JournalEntry]
    ) -> WriteOutcome:
        """Create a group, and let a show that still says what was read name it; an entry for each.

        Raises LeaseLost, SourceError.
        """
        ...


class RowsUndoer(Protocol):
    """Takes back what a run wrote to the application's table; it alone deletes rows."""

    def take_back(
        self, edits: Sequence[RowEdit], ledger: LedgerWritten | None, entries: Sequence[JournalEntry]
    ) -> WriteOutcome:
        """Edit rows that still say what is expected, and the ledger with them, in one transaction.

        "changed" where a row or the ledger says something else by now. Raises LeaseLost, SourceError.
        """
        ...


class RecordsWriter(Protocol):
    """Writes to the search index."""

    def write(self, records: Sequence[Attributes]) -> Indexing:
        """Write at most 1,000 records and wait until they can be read; raises SourceError."""
        ...

    def remove(self, object_ids: Sequence[str]) -> Indexing:
        """Delete at most 1,000 records that the job wrote; raises SourceError."""
        ...


class Journal(Protocol):
    """The journal of writes that go with no transaction; the others enter theirs themselves."""

    def enter_all(self, entries: Sequence[JournalEntry]) -> None:
        """Write journal entries ahead of the writes they describe; raises SourceError."""
        ...

    def mark_done(self, entries: Sequence[JournalEntry]) -> None:
        """Mark entries as done after their writes; raises SourceError."""
        ...


class Lease(Protocol):
    """The right to write, held by one run at a time."""

    @property
    def token(self) -> str:
        """What each transaction checks."""
        ...

    def check(self) -> None:
        """Return if the lease is certainly held; raises LeaseLost if another run may own it."""
        ...
