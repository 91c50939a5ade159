"""The interfaces to the stores; a check's ports cannot write to the application's stores."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar

from reconcile.model.catalog import RowKey
from reconcile.model.configuration import Configuration
from reconcile.model.decision import Decision
from reconcile.model.documents import JsonObject
from reconcile.model.environment import Environment as Environment
from reconcile.model.environment import RemovedBucket
from reconcile.model.journal import JournalEntry
from reconcile.model.media import ObjectAddress
from reconcile.model.media_listing import MediaListing
from reconcile.model.recording import Recording, RecordingKey
from reconcile.model.run import Receipt
from reconcile.model.search_record import Image, Record
from reconcile.model.sighting import Reply, Sighting
from reconcile.model.snapshot import LedgerEntry

T = TypeVar("T")


def ignore(_: object) -> None:
    """Do nothing with what is told."""


class RecordingsReader(Protocol):
    """The buckets that IVS records into."""

    def list_recordings(self) -> tuple[list[Recording], list[Receipt]]:
        """List every bucket, rolled up; one receipt a bucket. Raises nothing: receipts say what failed."""
        ...

    def read(self, bucket: str, key: str, limit: int) -> bytes:
        """Return at most `limit` + 1 bytes of an object.

        Raises KeyError without one, Archived where it must be restored first, SourceError else.
        """
        ...

    def archive_of(self, bucket: str, key: str) -> str:
        """Return the archive that an object lies in, "" where it can be read; raises as `read` does."""
        ...

    def find(self, key: RecordingKey) -> Recording | None:
        """Return the recording with a prefix, or None; raises SourceError."""
        ...

    def list_media(self, key: RecordingKey) -> MediaListing:
        """List a recording's media with its total size; raises SourceError."""
        ...


class ObjectsReader(Protocol):
    """Objects of any bucket: whether they exist and can be read, not their content."""

    def exist(self, addresses: Collection[ObjectAddress]) -> dict[ObjectAddress, Sighting]:
        """Look for objects, many at the same time; a sighting tells what failed. Raises nothing.

        Of a recording one segment is looked at too, where its manifest is looked for: small objects are
        seldom archived.
        """
        ...

    def requests(self) -> int:
        """Return the number of requests so far."""
        ...


class PlaybackReader(Protocol):
    """The distribution that plays media."""

    def ask(self, urls: Collection[str]) -> dict[str, Reply]:
        """Ask for the first byte behind URLs, many at the same time. Raises nothing: replies tell."""
        ...


class RowsReader(Protocol):
    """Reads the application's table."""

    def scan(self, read: Callable[[Sequence[Image]], T]) -> tuple[list[T], Receipt]:
        """Read every row once, projected; hand each page to `read` as it arrives, in any thread.

        Returns what `read` made of the pages, so that no page has to be kept. Raises nothing but what `read`
        raises: the receipt says what failed.
        """
        ...

    def rows_of(self, pk: str) -> list[Image]:
        """Read a whole partition, strongly consistent and projected; raises SourceError."""
        ...

    def rows(self, keys: Sequence[RowKey]) -> dict[RowKey, Image]:
        """Read rows by key, strongly consistent and projected; absent rows are absent. Raises SourceError."""
        ...


class WholeRowsReader(Protocol):
    """Reads rows of the application's table with all their attributes, as undo compares them."""

    def whole_rows(self, keys: Sequence[RowKey]) -> dict[RowKey, Image]:
        """Read rows by key, strongly consistent; absent rows are absent. Raises SourceError."""
        ...

    def rows_of(self, pk: str) -> list[Image]:
        """Read a whole partition, strongly consistent and projected; raises SourceError."""
        ...


class RecordsReader(Protocol):
    """Reads the search index."""

    def browse(self, tell: Callable[[frozenset[str]], None] = ignore) -> tuple[list[Record], Receipt]:
        """Read every record. Raises nothing: the receipt says what failed.

        `tell` is told, as soon as the first page shows it, which fields the index hides from this key; the
        receipt names the same.
        """
        ...

    def records(self, object_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Read records by objectID; absent ones are absent. Raises SourceError."""
        ...

    def whole_records(self, object_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Read records by objectID with every field that the index does not hide; raises SourceError."""
        ...

    def hidden(self) -> frozenset[str]:
        """Return the fields that the index hides from this key, as far as it tells. Raises nothing."""
        ...


class ConfigurationReader(Protocol):
    """Reads the configuration of the live system around the stores."""

    def read(self) -> Configuration:
        """Read all parts. Raises nothing: a part that could not be read carries the reason."""
        ...


class StateStore(Protocol):
    """The job's own memory: environment, ledger, runs, journal, decisions. A check may keep it too."""

    def environment(self) -> Environment | None:
        """Return the environment, or None before the first run; raises SourceError."""
        ...

    def bind_environment(self, wanted: Environment) -> Environment:
        """Bind names that are not bound yet, and add buckets; return the result. Raises SourceError.

        A name that is "" is not bound; a table that is bound to other names is not changed.
        """
        ...

    def remove_bucket(self, removed: RemovedBucket, *, wait: bool) -> Environment:
        """Unbind a bucket; with `wait`, creations for the shows wait from now on. Raises SourceError."""
        ...

    def raise_sequence(self, reported: int) -> Environment:
        """Raise the sequence number by one; return the environment. Raises SourceError.

        `reported` is the highest number that a stored report carries: a table that is below it is older than
        it should be, and remembers that until a person accepts it.
        """
        ...

    def accept(self, reported: int, by: str, reason: str, moment: datetime) -> Environment:
        """Let creations happen again for which the table made them wait; raises SourceError."""
        ...

    def mark_index_met(self, moment: datetime) -> None:
        """Save since when the search index is known to belong to the table, unless it is saved already."""
        ...

    def mark_first_repair(self, moment: datetime) -> datetime:
        """Save when the first repair began, unless it is saved already; return it."""
        ...

    def mark_whole_repair(self, moment: datetime) -> None:
        """Save when the latest repair began that read all sources completely; raises SourceError."""
        ...

    def ledger(self) -> dict[RecordingKey, LedgerEntry]:
        """Return the whole ledger; raises SourceError."""
        ...

    def ledger_entry(self, key: RecordingKey) -> LedgerEntry | None:
        """Return what the ledger says of one recording now, or None; raises SourceError."""
        ...

    def remember(self, entries: Iterable[tuple[LedgerEntry, LedgerEntry | None]]) -> int:
        """Replace ledger entries that are as they were read; changes by other runs are kept.

        Returns how many were entered; raises SourceError.
        """
        ...

    def runs(self, limit: int) -> list[dict[str, Any]]:
        """Return the newest runs' summaries, newest first; raises SourceError."""
        ...

    def run(self, run: str) -> dict[str, Any] | None:
        """Return one run's summary, or None; raises SourceError."""
        ...

    def holder(self, now: datetime) -> str | None:
        """Return the run that holds the lease, or None; raises SourceError."""
        ...

    def journal(self, run: str) -> list[JournalEntry]:
        """Return a run's journal, in order; raises SourceError."""
        ...

    def decisions(self) -> dict[str, Decision]:
        """Return all decisions by id, including expired and undone ones; raises SourceError."""
        ...

    def decide(self, decisions: Iterable[Decision]) -> None:
        """Save decisions; each replaces the one with the same id. Raises SourceError."""
        ...

    def end_outgrown(self, decisions: Iterable[Decision]) -> None:
        """Save that a run ended decisions, for what they allow it to; raises SourceError."""
        ...

    def save_run(self, run: str, summary: JsonObject) -> None:
        """Save a run's summary; raises SourceError."""
        ...


class FactsStore(Protocol):
    """What earlier runs of a stage read, in files beside the reports; each is written whole."""

    def names(self) -> list[str]:
        """Return the names of the files, in order; raises SourceError."""
        ...

    def load(self, name: str) -> bytes | None:
        """Return a file as it stands, or None; of a very large one a part. Raises SourceError."""
        ...

    def save(self, name: str, data: bytes) -> None:
        """Put a file in place of the one of its name; raises SourceError."""
        ...


Text = str | Iterable[str]
"""A text, whole or in pieces that are asked for once."""


class ReportsStore(Protocol):
    """The archive of reports."""

    def prepare(self) -> None:
        """Check that reports can be stored; raises SourceError."""
        ...

    def save(self, run: str, files: Mapping[str, Text]) -> str:
        """Save a run's files (name -> text); return their location. Raises SourceError."""
        ...

    def place(self, run: str) -> str:
        """Return the location of a run's files."""
        ...

    def load(self, run: str, name: str) -> str | None:
        """Return one file of a run as it stands, be it torn or no text, or None; raises SourceError."""
        ...

    def run_ids(self) -> list[str]:
        """Return the runs that have reports, newest first; raises SourceError."""
        ...

    def publish(self, name: str, text: str) -> None:
        """Keep a file beside the runs, in place of the one of that name; raises SourceError."""
        ...

    def published(self, name: str) -> str | None:
        """Return a file beside the runs as it stands, or None; raises SourceError."""
        ...
