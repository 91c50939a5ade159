"""The journal of a run: each write with exactly what stood there before, so that it can be taken back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from reconcile.model.attributes import Value, counted_on
from reconcile.model.catalog import RowKey
from reconcile.model.documents import Attributes
from reconcile.model.search_record import Image
from reconcile.model.snapshot import LedgerEntry

PROGRAM_CREATED = "program created"
PROGRAM_COMPLETED = "program mended"
GROUP_CREATED = "group created"
SHOW_GROUPED = "show given its group"
ROW_LINKED = "recording row linked"
PROGRAMS_COUNTED = "programs counted"
RECORD_WRITTEN = "record written"
RECORD_TAKEN_BACK = "record taken back"
"""What the writes are called, in journals and in reports."""


@dataclass(frozen=True, slots=True)
class Counted:
    """The count of a group's programs before a write and after it; None where it is absent.

    An `after` of None was not journaled: it is of an earlier version, which kept no counts.
    """

    group: RowKey
    before: Value | None
    after: Value | None

    @classmethod
    def one_more(cls, group: RowKey, before: Value | None) -> "Counted | None":
        """Return how a count is raised by one; None where it is no number, and is left alone."""
        after = counted_on(before, 1)
        return cls(group, before, after) if after is not None else None


@dataclass(frozen=True, slots=True)
class LedgerWritten:
    """What the ledger said of a recording before a write (None: nothing), and after it."""

    before: LedgerEntry | None
    after: LedgerEntry


@dataclass(frozen=True, slots=True)
class RowWritten:
    """A write to a row of the application's table, with what else its transaction wrote.

    `before` and `after` hold the attributes that it sets, as DynamoDB types them; one that `before` lacks was
    absent. A `before` of None is a row that did not exist, an `after` of None one that no longer does.
    """

    key: RowKey
    before: Image | None
    after: Image | None
    counted: Counted | None = None
    ledger: LedgerWritten | None = None

    @property
    def target(self) -> Mapping[str, str]:
        """What was written, by its key attributes."""
        return self.key._asdict()


@dataclass(frozen=True, slots=True)
class RecordWritten:
    """A write to a search record, whole before and after (None: there is none), and the row it is made from.

    `row` is None in journals of an earlier version, which did not say it.
    """

    object_id: str
    row: RowKey | None
    before: Attributes | None
    after: Attributes | None

    @property
    def target(self) -> Mapping[str, str]:
        """What was written, by its objectID, and the key of its row."""
        return {"objectID": self.object_id, **(self.row._asdict() if self.row else {})}


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """The `number`-th write of a run, what it is called, and the findings that it is for.

    `done` says that the write happened; without it, it was about to. `previous` is the number of the entry
    before it that was written (0: none): one that is missing shows that the journal is cut. `doubt` says
    why the entry does not tell exactly what stood there before; "" where it does.
    """

    run: str
    number: int
    what: str
    findings: tuple[str, ...]
    written: RowWritten | RecordWritten
    at: datetime
    done: bool = True
    previous: int = 0
    doubt: str = ""

    @property
    def target(self) -> Mapping[str, str]:
        """What was written, by its key attributes."""
        return self.written.target
