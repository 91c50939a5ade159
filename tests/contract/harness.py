"""The stores as a test sees them: filled and looked into from outside, in memory and for real."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

from reconcile.model.catalog import RowKey
from reconcile.model.journal import JournalEntry, RowWritten
from reconcile.model.recording import Recording, RecordingKey
from reconcile.model.run import Receipt
from reconcile.model.search_record import Image
from reconcile.model.snapshot import LedgerEntry
from reconcile.stores.attributes import to_value, typed
from reconcile.stores.dynamodb import DynamoRows
from reconcile.stores.dynamodb_undoing import DynamoUndoer
from reconcile.stores.dynamodb_writing import DynamoWriter
from reconcile.stores.exports import ExportedRows, ExportedTable
from reconcile.stores.lease import DynamoLease
from reconcile.stores.ports import RecordingsReader, RowsReader, StateStore, WholeRowsReader
from reconcile.stores.s3 import S3Recordings
from reconcile.stores.state import DynamoState
from reconcile.stores.transactions import LEASE_KEY, Transactions
from reconcile.stores.write_ports import Journal, RowsUndoer, RowsWriter, Update
from reconcile.wiring import Wiring
from tests.doubles.exports import REGION, ExportBucket
from tests.doubles.memory import MemoryBuckets, MemoryTable, Objects
from tests.doubles.memory_state import LeaseItem, MemoryLease, MemoryState

T = TypeVar("T")
Item = dict[str, Any]
AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
FOR_EVER = 9_999_999_999.0
ABSENT = object()
"""Stands, among expected values, for an attribute that is not there."""


def at_once(seconds: float) -> None:
    """Wait for nothing between two tries."""


class Memory(StateStore, Journal, Protocol):
    """The state table, with the journal that a repair writes into."""


class Buckets(ABC):
    """Buckets that a test fills; the names that it uses may be other ones in the store."""

    @abstractmethod
    def put(self, bucket: str, key: str, body: bytes = b"x") -> datetime:
        """Store an object; return its LastModified."""

    @abstractmethod
    def reader(self, *buckets: str, skip_roots: tuple[str, ...] = ()) -> RecordingsReader:
        """Return the port."""

    def name(self, bucket: str) -> str:
        """Return the name that a bucket has in the store."""
        return bucket

    def listed(
        self, *buckets: str, skip_roots: tuple[str, ...] = ()
    ) -> tuple[list[Recording], list[Receipt]]:
        """List buckets."""
        return self.reader(*buckets, skip_roots=skip_roots).list_recordings()


class MemoryBucketsHarness(Buckets):
    """Buckets in memory."""

    def __init__(self) -> None:
        self._objects = Objects()

    def put(self, bucket: str, key: str, body: bytes = b"x") -> datetime:
        self._objects[bucket, key] = (body, AT)
        return AT

    def reader(self, *buckets: str, skip_roots: tuple[str, ...] = ()) -> RecordingsReader:
        return MemoryBuckets(buckets, self._objects, skip_roots)


class RealBuckets(Buckets):
    """Buckets of the embedded S3."""

    def __init__(self, wiring: Wiring, unique: Callable[[str], str]) -> None:
        self._wiring, self._unique = wiring, unique
        self._names: dict[str, str] = {}

    def name(self, bucket: str) -> str:
        if bucket not in self._names:
            self._names[bucket] = self._unique(bucket)
            self._wiring.s3.create_bucket(Bucket=self._names[bucket])
        return self._names[bucket]

    def put(self, bucket: str, key: str, body: bytes = b"x") -> datetime:
        name = self.name(bucket)
        self._wiring.s3.put_object(Bucket=name, Key=key, Body=body)
        return self._wiring.s3.head_object(Bucket=name, Key=key)["LastModified"]

    def reader(self, *buckets: str, skip_roots: tuple[str, ...] = ()) -> RecordingsReader:
        names = [self.name(bucket) for bucket in buckets]
        return S3Recordings(self._wiring.s3, names, skip_roots, self._wiring.meter)


class Desk(ABC):
    """The application's table and the job's memory, with a lease that is held."""

    rows: RowsReader
    whole: WholeRowsReader
    writer: RowsWriter
    undoer: RowsUndoer
    state: Memory

    @abstractmethod
    def put(self, *items: Item) -> None:
        """Put rows into the application's table, as others do."""

    @abstractmethod
    def items(self) -> dict[tuple[str, str], Item]:
        """Return the application's whole table, in DynamoDB's JSON."""

    @abstractmethod
    def lose_lease(self) -> None:
        """Let another run take the lease."""


class MemoryDesk(Desk):
    """Table and memory as dictionaries."""

    def __init__(self) -> None:
        self._memory = MemoryState()
        lease = MemoryLease(self._memory, "run").__enter__()
        self._table = MemoryTable("application", {}, self._memory, lease)
        self.rows = self.whole = self.writer = self.undoer = self._table
        self.state = self._memory

    def put(self, *items: Item) -> None:
        self._table.items.update(((item["pk"]["S"], item["sk"]["S"]), dict(item)) for item in items)

    def items(self) -> dict[tuple[str, str], Item]:
        return self._table.items

    def lose_lease(self) -> None:
        self._memory.lease = LeaseItem("others", "others", FOR_EVER)


class ExportedDesk(MemoryDesk):
    """The table as dictionaries, exported anew for each scan."""

    def __init__(self) -> None:
        super().__init__()
        self.rows = _ExportedAnew(self._table)


@dataclass(frozen=True, slots=True)
class _ExportedAnew:
    """Reads a table in memory by an export that is made at that moment."""

    table: MemoryTable

    def scan(self, read: Callable[[Sequence[Image]], T]) -> tuple[list[T], Receipt]:
        exports = ExportBucket(self.table.name)
        exported = ExportedTable(self.table.name, REGION, (exports.full(self.table.items.values(), AT),))
        return ExportedRows(exported, exports, self.table, lambda: AT).scan(read)

    def rows_of(self, pk: str) -> list[Image]:
        return self.table.rows_of(pk)

    def rows(self, keys: Sequence[RowKey]) -> dict[RowKey, Image]:
        return self.table.rows(keys)


class RealDesk(Desk):
    """Tables of the embedded DynamoDB; `page_limit` makes its pages small."""

    def __init__(self, wiring: Wiring, table: str, state_table: str, lease: DynamoLease) -> None:
        self._client: Any = wiring.dynamodb
        self._wiring, self.table, self.state_table = wiring, table, state_table
        self.rows = self.whole = self.reader()
        transactions = Transactions(wiring.dynamodb, table, state_table, lease)
        self.undoer, self.writer = DynamoUndoer(transactions), DynamoWriter(transactions)
        self.state = self._memory = DynamoState(wiring.dynamodb, state_table)

    @classmethod
    @contextmanager
    def open(cls, wiring: Wiring, table: str, state_table: str) -> Iterator["RealDesk"]:
        """Hold the lease meanwhile."""
        with DynamoLease(wiring.dynamodb, state_table, "run") as lease:
            yield cls(wiring, table, state_table, lease)

    def reader(self, page_limit: int | None = 3) -> DynamoRows:
        """Return a reader whose pages hold so many rows at most."""
        wiring = self._wiring
        return DynamoRows(wiring.dynamodb, self.table, 1e9, wiring.meter, page_limit=page_limit)

    def put(self, *items: Item) -> None:
        for item in items:
            self._client.put_item(TableName=self.table, Item=item)

    def items(self) -> dict[tuple[str, str], Item]:
        pages = self._client.get_paginator("scan").paginate(TableName=self.table)
        return {(item["pk"]["S"], item["sk"]["S"]): item for page in pages for item in page["Items"]}

    def put_memory(self, item: Item) -> None:
        """Put an item into the job's memory, as an earlier version did."""
        self._client.put_item(TableName=self.state_table, Item=item)

    def lose_lease(self) -> None:
        others = {**LEASE_KEY, "token": {"S": "others"}, "until": {"N": str(FOR_EVER)}}
        self._client.put_item(TableName=self.state_table, Item=others)


def row(pk: str, sk: str, **attributes: Any) -> Item:
    """Return a row in DynamoDB's JSON; texts and whole numbers are written as such, other values as given."""
    written = {
        name: {"S": value}
        if isinstance(value, str)
        else {"N": str(value)}
        if isinstance(value, int)
        else value
        for name, value in attributes.items()
    }
    return {"pk": {"S": pk}, "sk": {"S": sk}, **written}


def scanned(reader: RowsReader) -> tuple[list[Image], Receipt]:
    """Scan a table; return its rows, whatever the pages are, and the receipt."""
    pages, receipt = reader.scan(list)
    return [image for page in pages for image in page], receipt


def ledger_entry(key: RecordingKey, **programs: str) -> LedgerEntry:
    """Return a ledger entry of a program that was made."""
    return LedgerEntry(key, programs, "made")


def journal_entry(number: int = 1, run: str = "run", what: str = "program created") -> JournalEntry:
    """Return a journal entry of a title that was set."""
    written = RowWritten(RowKey("u#ann#programs", "p#one"), {}, {"title": {"S": "Noon"}})
    return JournalEntry(run, number, what, ("f1",), written, AT)


def update(key: RowKey, set_to: Item, expected: Item, beside: tuple[RowKey, ...] = ()) -> Update:
    """Return a change of a row in plain values, where ABSENT stands for an attribute that is not there."""
    known = {name: None if value is ABSENT else to_value(value) for name, value in expected.items()}
    return Update(key, typed(set_to), known, beside)
