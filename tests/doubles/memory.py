"""The stores in memory: the same ports as the real adapters, for tests and benches that need speed."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import InitVar, dataclass, field
from datetime import datetime
from threading import Lock
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar, cast

from reconcile.model.archive import archive_of
from reconcile.model.attributes import Value, same_value
from reconcile.model.catalog import RowKey
from reconcile.model.clock import write_time
from reconcile.model.errors import LeaseLost, ObjectArchived
from reconcile.model.journal import JournalEntry, LedgerWritten
from reconcile.model.media import ObjectAddress
from reconcile.model.media_listing import MediaListing
from reconcile.model.recording import Recording, RecordingKey, is_segment, media_folder_of
from reconcile.model.reversal import RowEdit
from reconcile.model.run import Receipt
from reconcile.model.search_record import READ_FIELDS, Image, Record, parse_record
from reconcile.model.sighting import GONE, NO_BUCKET, THERE, Sighting, archived, empty
from reconcile.model.snapshot import LedgerEntry
from reconcile.sandbox.world.copies import copied
from reconcile.stores.dynamodb import used
from reconcile.stores.ports import ignore
from reconcile.stores.s3 import best_thumbnail
from reconcile.stores.s3_listing import DELIMITER, Gathered, ListedKey
from reconcile.stores.write_ports import GroupGain, Indexing, Lease, Update, WriteOutcome
from tests.doubles.memory_state import MemoryState

T = TypeVar("T")
_PAGE = 250

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import ObjectTypeDef

Body = tuple[bytes, datetime]
"""An object's bytes and its LastModified."""


class Objects(MutableMapping[tuple[str, str], Body]):
    """Objects by (bucket, key); media are indexed by prefix: no question walks through them all."""

    def __init__(self, held: Mapping[tuple[str, str], Body] = MappingProxyType({})) -> None:
        self._held: dict[tuple[str, str], Body] = {}
        self._under: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        self.update(held)

    def under(self, bucket: str, prefix: str) -> list[str]:
        """Return the keys of a bucket that begin with a recording's media folder or more, in order."""
        keys = self._under.get((bucket, prefix.partition(DELIMITER)[0]), ())
        return sorted(key for key in keys if key.startswith(prefix))

    def __setitem__(self, address: tuple[str, str], body: Body) -> None:
        self._held[address] = body
        if DELIMITER in address[1]:
            self._under[self._place(address)].add(address[1])

    def __delitem__(self, address: tuple[str, str]) -> None:
        del self._held[address]
        if DELIMITER in address[1]:
            self._under[self._place(address)].discard(address[1])

    def __getitem__(self, address: tuple[str, str]) -> Body:
        return self._held[address]

    def __contains__(self, address: object) -> bool:
        return address in self._held

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)

    @staticmethod
    def _place(address: tuple[str, str]) -> tuple[str, str]:
        bucket, key = address
        return bucket, key.partition(DELIMITER)[0]


@dataclass
class MemoryBuckets:
    """Buckets as a dictionary: (bucket, key) -> (body, LastModified); `skip_roots` as of the real ones.

    `classes` holds what a HEAD request tells of objects that are not of the standard class: `StorageClass`,
    `Restore`, `ArchiveStatus`.
    """

    buckets: tuple[str, ...]
    held: InitVar[Mapping[tuple[str, str], Body] | None] = None
    skip_roots: tuple[str, ...] = ()
    looked: int = 0
    classes: dict[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)
    objects: Objects = field(init=False)

    def __post_init__(self, held: Mapping[tuple[str, str], Body] | None) -> None:
        self.objects = held if isinstance(held, Objects) else Objects(held or {})

    def exist(self, addresses: Collection[ObjectAddress]) -> dict[ObjectAddress, Sighting]:
        """Look for objects; a bucket that holds none and is not among the buckets does not exist."""
        self.looked += len(addresses)
        gone = [address for address in addresses if address not in self.objects]
        there = {bucket for bucket, _ in self.objects} | set(self.buckets) if gone else set[str]()
        absent = {one: GONE if one.bucket in there else NO_BUCKET for one in gone}
        return {one: absent.get(one) or self._seen(*self._first_segment(one), of=one) for one in addresses}

    def _seen(self, bucket: str, key: str, of: ObjectAddress) -> Sighting:
        """Tell of an object that is there, by itself and by its first segment."""
        for name in (of.key, key):
            if archive := self.archive_of(bucket, name):
                return archived(name, archive)
            if not self.objects[bucket, name][0]:
                return empty(name)
        return THERE

    def _first_segment(self, address: ObjectAddress) -> ObjectAddress:
        """Return, of a recording whose manifest is looked for, the first segment; else the object itself."""
        folder = media_folder_of(address.key)
        under = self.objects.under(address.bucket, folder) if folder else ()
        return ObjectAddress(address.bucket, next(filter(is_segment, under), address.key))

    def requests(self) -> int:
        """Return how many objects were looked for so far."""
        return self.looked

    def list_recordings(self) -> tuple[list[Recording], list[Receipt]]:
        """List every bucket, rolled up."""
        found = [self._list_bucket(bucket) for bucket in self.buckets]
        return [one for recordings, _ in found for one in recordings], [receipt for _, receipt in found]

    def _list_bucket(self, bucket: str) -> tuple[list[Recording], Receipt]:
        gathered, jumped = Gathered(bucket), set[str]()
        for key, body in self._folded(bucket).items():
            roots = {f"{root}/" for root in self.skip_roots if key.startswith(f"{root}/")}
            jumped |= roots
            if not roots:
                gathered.add(self._listed(bucket, key, body))
        held = gathered.recordings()
        detail = {"jumped_over": sorted(jumped), "other_objects": gathered.others}
        return held, Receipt(f"s3:{bucket}", whole=True, items=len(held), detail=detail)

    def _listed(self, bucket: str, key: str, body: Body | None) -> ListedKey:
        """Return a key as a listing shows it; its ETag is the MD5 of what it holds."""
        if body is None:
            return ListedKey(key, None, media_of=key.removesuffix(DELIMITER))
        data, modified = body
        etag = hashlib.md5(data, usedforsecurity=False).hexdigest()
        item: dict[str, Any] = {"Key": key, "LastModified": modified, "ETag": f'"{etag}"', "Size": len(data)}
        if stored_as := self.classes.get((bucket, key), {}).get("StorageClass"):
            item["StorageClass"] = stored_as
        return ListedKey.of(cast("ObjectTypeDef", item))

    def _folded(self, bucket: str) -> dict[str, Body | None]:
        """Return a bucket's keys and what they hold; all under one media folder is one key, without."""
        folded: dict[str, Body | None] = {}
        for (where, key), body in sorted(self.objects.items()):
            if where != bucket:
                continue
            head, found, _ = key.partition(DELIMITER)
            folded[head + found] = None if found else body
        return folded

    def read(self, bucket: str, key: str, limit: int) -> bytes:
        """Return at most `limit` + 1 bytes of an object; raises KeyError without one, Archived."""
        body, _ = self.objects[bucket, key]
        if archive := self.archive_of(bucket, key):
            raise ObjectArchived(f"reading s3://{bucket}/{key}: it lies in {archive}. Restore it.")
        return body[: limit + 1]

    def archive_of(self, bucket: str, key: str) -> str:
        """Return the archive that an object lies in, "" where it can be read; raises KeyError without one."""
        if (bucket, key) not in self.objects:
            raise KeyError(key)
        told = self.classes.get((bucket, key), {})
        return archive_of(told.get("StorageClass"), told.get("Restore"), told.get("ArchiveStatus"))

    def find(self, key: RecordingKey) -> Recording | None:
        """Look one recording up by its prefix."""
        held, _ = self._list_bucket(key[0])
        return next((one for one in held if one.key == key), None)

    def list_media(self, key: RecordingKey) -> MediaListing:
        """List a recording's media and add it up."""
        bucket, prefix = key
        under = {
            name: self.objects[bucket, name][0] for name in self.objects.under(bucket, f"{prefix}{DELIMITER}")
        }
        return MediaListing(
            sum(map(len, under.values())),
            best_thumbnail(under),
            frozenset(under),
            frozenset(name for name, body in under.items() if not body),
            frozenset(name for name in under if (bucket, name) in self.classes),
        )


@dataclass
class MemoryTable:
    """A table as a dictionary of items in DynamoDB's JSON; also its writer, given a memory and a lease."""

    name: str
    items: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    state: MemoryState | None = None
    lease: Lease | None = None
    _lock: Lock = field(default_factory=Lock)

    def scan(self, read: Callable[[Sequence[Image]], T]) -> tuple[list[T], Receipt]:
        """Read every row, projected, in pages of 250 rows."""
        rows = list(self.items.values())
        starts = range(0, len(rows), _PAGE)
        pages = [read([*map(used, rows[start : start + _PAGE])]) for start in starts]
        return pages, Receipt(f"dynamodb:{self.name}", whole=True, items=len(rows))

    def rows_of(self, pk: str) -> list[Image]:
        """Read a whole partition, projected."""
        return [used(self.items[key]) for key in sorted(self.items) if key[0] == pk]

    def rows(self, keys: Sequence[RowKey]) -> dict[RowKey, Image]:
        """Read rows by key, projected."""
        return {key: used(self.items[key]) for key in keys if key in self.items}

    def whole_rows(self, keys: Sequence[RowKey]) -> dict[RowKey, Image]:
        """Read rows by key, whole."""
        return {key: copied(self.items[key]) for key in keys if key in self.items}

    def create_program(
        self,
        item: Image,
        group: GroupGain,
        ledger: LedgerEntry,
        expected: LedgerEntry | None,
        entry: JournalEntry,
    ) -> WriteOutcome:
        """Create a program once and for all."""
        with self._lock:
            state = self._memory()
            key = (item["pk"]["S"], item["sk"]["S"])
            if not state.stands(ledger.key, expected) or key in self.items:
                return "already"
            if not self._gain(group, entry):
                return "group-changed"
            self.items[key] = _kept(item)
            state.entries[ledger.key] = ledger
            state.enter(entry)
        return "made"

    def change_row(self, update: Update, group: GroupGain | None, entry: JournalEntry) -> WriteOutcome:
        """Change a row that still says what was read."""
        with self._lock:
            state = self._memory()
            if not self._as_read(update):
                return "changed"
            if group and not self._gain(group, entry):
                return "group-changed"
            self.items[update.key].update(_kept(update.set_to))
            state.enter(entry)
        return "made"

    def create_group(
        self, item: Image, show: Update, entries: tuple[JournalEntry, JournalEntry]
    ) -> WriteOutcome:
        """Create a group, and let a show that still says what was read name it."""
        with self._lock:
            state = self._memory()
            key = (item["pk"]["S"], item["sk"]["S"])
            if key in self.items:
                return "already"
            if not self._as_read(show):
                return "changed"
            self.items[key] = _kept(item)
            self.items[show.key].update(_kept(show.set_to))
            for entry in entries:
                state.enter(entry)
        return "made"

    def take_back(
        self, edits: Sequence[RowEdit], ledger: LedgerWritten | None, entries: Sequence[JournalEntry]
    ) -> WriteOutcome:
        """Edit rows that still say what is expected, and the ledger with them."""
        with self._lock:
            state = self._memory()
            if not all(self._stands(edit.key, edit.expected) for edit in edits):
                return "changed"
            if ledger and not state.stands(ledger.after.key, ledger.before):
                return "changed"
            for edit in edits:
                self._edit(edit)
            if ledger:
                state.entries[ledger.after.key] = ledger.after
            for entry in entries:
                state.enter(entry)
        return "made"

    def _edit(self, edit: RowEdit) -> None:
        if edit.deletes:
            del self.items[edit.key]
            return
        row = self.items[edit.key]
        for name, value in edit.set_to.items():
            if value is None:
                row.pop(name, None)
            else:
                row[name] = copied(dict(value))

    def _stands(self, key: RowKey, expected: Mapping[str, Value | None]) -> bool:
        item = self.items.get(key)
        return item is not None and all(same_value(item.get(name), value) for name, value in expected.items())

    def _as_read(self, update: Update) -> bool:
        return self._stands(update.key, update.expected) and all(key in self.items for key in update.beside)

    def _memory(self) -> MemoryState:
        """Return the memory beside the table; raises LeaseLost where it is not the lease that it says."""
        if self.state is None or self.lease is None:
            raise LeaseLost("a table without a memory and a lease beside it cannot be written to")
        self.lease.check()
        if self.state.lease is None or self.state.lease.token != self.lease.token:
            raise LeaseLost("another run took the lease: nothing more was written")
        return self.state

    def _gain(self, group: GroupGain, entry: JournalEntry) -> bool:
        row = self.items.get(group.key)
        if row is None or "groupId" not in row:
            return False
        if group.counted:
            if not same_value(row.get("programsCount"), group.counted.before):
                return False
            row["programsCount"] = dict(group.counted.after or {})
            row["updatedAt"] = {"S": write_time(entry.at)}
        return True


def _kept(image: Image) -> dict[str, Any]:
    """Return attributes as the table keeps them: later changes of what they were made of do not reach it."""
    return copied(dict(image))


@dataclass
class MemoryIndex:
    """A search index as a dictionary of records."""

    name: str
    hits: dict[str, dict[str, Any]] = field(default_factory=dict)
    hides: frozenset[str] = frozenset()

    def browse(self, tell: Callable[[frozenset[str]], None] = ignore) -> tuple[list[Record], Receipt]:
        """Read every record."""
        tell(self.hides)
        found = [parse_record(hit, self.hides) for hit in self.records(list(self.hits)).values()]
        detail = {"not_compared": sorted(self.hides)} if self.hides else {}
        return found, Receipt(f"algolia:{self.name}", whole=True, items=len(found), detail=detail)

    def hidden(self) -> frozenset[str]:
        """Return the fields that it hides."""
        return self.hides

    def records(self, object_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Read the fields of records that are asked for, by objectID."""
        asked = [part for part in READ_FIELDS if part not in self.hides]
        found = {name: self.hits[name] for name in object_ids if name in self.hits}
        return {
            name: {part: copied(hit[part]) for part in asked if part in hit} for name, hit in found.items()
        }

    def whole_records(self, object_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Read records with all that the index does not hide."""
        found = {name: self.hits[name] for name in object_ids if name in self.hits}
        return {
            name: {part: copied(value) for part, value in hit.items() if part not in self.hides}
            for name, hit in found.items()
        }

    def write(self, records: Sequence[Mapping[str, Any]]) -> Indexing:
        """Write some records."""
        self.hits |= {str(record["objectID"]): copied(dict(record)) for record in records}
        return "published"

    def remove(self, object_ids: Sequence[str]) -> Indexing:
        """Take back some records."""
        for name in object_ids:
            self.hits.pop(name, None)
        return "published"
