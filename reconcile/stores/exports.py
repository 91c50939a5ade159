"""Reads the application's table from exports to S3 in place of a scan; single rows still from the table."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Generic, TypeVar

from reconcile.model.catalog import RowKey
from reconcile.model.clock import write_time
from reconcile.model.errors import SourceError
from reconcile.model.export import (
    SUMMARY,
    DataFile,
    Export,
    ExportChain,
    chain_of,
    read_files,
    read_summary,
    summary_key,
    why_too_old,
)
from reconcile.model.parallel import at_once
from reconcile.model.run import Receipt
from reconcile.model.s3_address import bucket_and_key
from reconcile.model.search_record import Image
from reconcile.stores.dynamodb import Distinct, key_of
from reconcile.stores.export_lines import RowChange, changes_in, rows_in
from reconcile.stores.object_parts import ObjectParts
from reconcile.stores.ports import RowsReader

T = TypeVar("T")

_FILES, _PAGE = 4, 500
"""How many data files are read at once, and how many rows are handed on as a page."""


@dataclass(frozen=True, slots=True)
class ExportedTable:
    """What is exported: the table `name` in a region, by the exports at these addresses, in any order."""

    name: str
    region: str
    addresses: tuple[str, ...]


class ExportedRows:
    """Reads the table as the exports of it show it; `live` reads single rows and partitions, as they are now.

    `clock` tells the time by which the exports are too old.
    """

    def __init__(
        self, table: ExportedTable, parts: ObjectParts, live: RowsReader, clock: Callable[[], datetime]
    ) -> None:
        self._table, self._parts, self._live, self._clock = table, parts, live, clock

    def scan(self, read: Callable[[Sequence[Image]], T]) -> tuple[list[T], Receipt]:
        """Read every row once, projected, as a scan does; the receipt says as of when, or what failed."""
        begun, requests, weight = time.monotonic(), self._parts.requests, self._parts.size
        reading, chain, why = _Reading(read), None, ""
        try:
            chain = self.chain()
            for export in chain.newest_first:
                self._read(export, reading)
        except SourceError as error:
            why = f"reading the exports of the table {self._table.name}: {error}"
        return reading.pages, Receipt(
            source=f"dynamodb:{self._table.name}",
            whole=not why,
            why=why,
            doubt=why_too_old(chain.as_of, self._clock()) if chain else "",
            items=len(reading.distinct.seen),
            requests=self._parts.requests - requests,
            bytes=self._parts.size - weight,
            seconds=round(time.monotonic() - begun, 3),
            detail=_detail(chain) if chain else {},
        )

    def rows_of(self, pk: str) -> list[Image]:
        """Read a whole partition of the table as it is now, as the live reader does; raises SourceError."""
        return self._live.rows_of(pk)

    def rows(self, keys: Sequence[RowKey]) -> dict[RowKey, Image]:
        """Read rows of the table as they are now, as the live reader does; raises SourceError."""
        return self._live.rows(keys)

    def chain(self) -> ExportChain:
        """Return the exports that are read, by their manifests; raises SourceError."""
        return chain_of(list(at_once(self._summary, self._table.addresses, _FILES)))

    def _summary(self, address: str) -> Export:
        bucket, _ = bucket_and_key(address)
        try:
            text = b"".join(self._parts.read(bucket, summary_key(address)))
        except KeyError:
            raise SourceError(
                f"the export {address} has no {SUMMARY}: it is not finished, or the address is wrong"
            ) from None
        return read_summary(address, text, self._table.name, self._table.region)

    def _read(self, export: Export, reading: "_Reading[T]") -> None:
        files = read_files(export, b"".join(self._object(export, export.files_key)))
        if export.since is None:
            for pages in at_once(partial(self._rows_file, export, reading), files, _FILES):
                reading.pages += pages
            return
        latest: dict[RowKey, RowChange] = {}
        for changes in at_once(partial(self._changes_file, export), files, _FILES):
            for change in changes:
                # An export tells one state of each row; of several the last written counts.
                if change.key not in latest or change.written >= latest[change.key].written:
                    latest[change.key] = change
        reading.add(latest.values())

    def _rows_file(self, export: Export, reading: "_Reading[T]", file: DataFile) -> list[T]:
        rows = rows_in(self._object(export, file.key), file)
        return [page for images in _pages(rows) for page in reading.page(images)]

    def _changes_file(self, export: Export, file: DataFile) -> list[RowChange]:
        return list(changes_in(self._object(export, file.key), file))

    def _object(self, export: Export, key: str) -> Iterator[bytes]:
        try:
            yield from self._parts.read(export.bucket, key)
        except KeyError:
            raise SourceError(f"the export {export.address} is incomplete: {key} is not there") from None


@dataclass(slots=True)
class _Reading(Generic[T]):
    """The pages read so far, newest exports first, and the rows of which a newer export told."""

    read: Callable[[Sequence[Image]], T]
    pages: list[T] = field(default_factory=list)
    told: set[RowKey] = field(default_factory=set)
    distinct: Distinct = field(default_factory=Distinct)

    def add(self, changes: Iterable[RowChange]) -> None:
        """Take in what an incremental export tells, but for rows of which a newer one told."""
        new = [change for change in changes if change.key not in self.told]
        self.told.update(change.key for change in new)
        for images in _pages(change.image for change in new if change.image is not None):
            self.pages.append(self.read(self.distinct.of(images)))

    def page(self, images: Sequence[Image]) -> Iterator[T]:
        """Yield what is made of rows of the full export; nothing where newer exports told of them all."""
        standing = self.distinct.of([image for image in images if key_of(image) not in self.told])
        if standing:
            yield self.read(standing)


def _pages(images: Iterable[Image]) -> Iterator[list[Image]]:
    coming = iter(images)
    while page := list(islice(coming, _PAGE)):
        yield page


def _detail(chain: ExportChain) -> dict[str, object]:
    ids = [export.address.rpartition("/")[2] for export in (chain.full, *chain.incremental)]
    return {"as_of": write_time(chain.as_of), "exports": ids}
