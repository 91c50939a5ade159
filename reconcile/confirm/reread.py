"""Reads the evidence of findings again, strongly consistent: rows, records, manifests, media.

A read error affects only the findings that depend on it.
"""

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from math import inf
from typing import Any

from reconcile.collect.events import read_files
from reconcile.collect.media import media_of, recheck_media
from reconcile.collect.stores import Stores
from reconcile.compare.recording.evidence import Dossiers
from reconcile.confirm.batches import OUT_OF_TIME, each, in_parts
from reconcile.confirm.pieces import Piece, pieces_of
from reconcile.confirm.playable import Playing, play
from reconcile.confirm.shown import not_shown, with_rows, without_rows
from reconcile.model.catalog import Catalog, RowKey
from reconcile.model.deadline import ENDLESS, Deadline
from reconcile.model.documents import JsonObject
from reconcile.model.errors import SourceError
from reconcile.model.finding import Judgement, Subject, recording_key
from reconcile.model.parse import parse_items
from reconcile.model.recording import Events, RecordingKey
from reconcile.model.search_record import Image, canonical, differences, parse_record
from reconcile.model.snapshot import LedgerEntry, Snapshot
from reconcile.stores.ports import StateStore

_READERS = 16
_FEW, _MOST = 4, 500
"""Findings that are confirmed together where time is limited: at first, and at most."""


@dataclass(frozen=True, slots=True)
class _Rows:
    """What was read of the table: partitions, and single rows; and why the rest was not."""

    partitions: Mapping[str, list[Image]]
    unread: Mapping[str, str]
    single: set[RowKey]
    rows: Mapping[RowKey, Image]
    missed: Mapping[RowKey, str]


@dataclass(frozen=True, slots=True)
class _Hits:
    """What was read of the index for these names, and why the rest was not."""

    names: list[str]
    hits: Mapping[str, JsonObject]
    unread: Mapping[str, str]


@dataclass
class Rereading:
    """The evidence read again so far; `failed` holds the reasons of failed reads, which are not retried."""

    stores: Stores
    state: StateStore | None = None
    deadline: Deadline = ENDLESS
    failed: dict[Piece, str] = field(default_factory=dict)

    def read(self, snapshot: Snapshot, findings: list[Judgement], dossiers: Dossiers) -> Snapshot:
        """Return the snapshot with what findings rest on read again, in their order.

        What could not be read stands in `unconfirmed`, by the subjects whose finding rests on it. Where time
        is short, some findings are confirmed wholly before the next ones are begun.
        """
        size = len(findings) if self.deadline.total == inf else _FEW
        while findings:
            part, findings = findings[:size], findings[size:]
            began = self.deadline.left()
            snapshot = self._read(snapshot, part, dossiers)
            size = self._as_many_as_fit((began - self.deadline.left()) / len(part), len(findings))
        return snapshot

    def _as_many_as_fit(self, seconds: float, remaining: int) -> int:
        """Return how many findings to confirm next, where one takes so long: for a quarter of the time."""
        if self._is_over() or self.deadline.total == inf:
            return max(1, remaining)
        room = (self.deadline.left() - 2 * self.deadline.reserve) / 4
        return max(1, min(_MOST, int(room / seconds) if seconds > 0 else _MOST))

    def _read(self, snapshot: Snapshot, findings: list[Judgement], dossiers: Dossiers) -> Snapshot:
        needs = {finding.subject: pieces_of(finding, dossiers) for finding in findings}
        wanted_pieces = dict.fromkeys(piece for pieces in needs.values() for piece in pieces)
        wanted_pieces = {piece: None for piece in wanted_pieces if piece not in self.failed}
        snapshot = self._read_events(snapshot, wanted_pieces)
        look_at_setup = any(subject.type == "system" for subject in needs)
        with ThreadPoolExecutor(5) as pool:
            # None of these rests on another; what came of them is put together in one order.
            setup = pool.submit(self._read_configuration, snapshot) if look_at_setup else None
            rows = pool.submit(self._read_rows, snapshot.catalog, wanted_pieces)
            manifests = pool.submit(self._read_manifests, snapshot, wanted_pieces)
            records = pool.submit(self._read_records, wanted_pieces)
            ledger = pool.submit(self._read_ledger, wanted_pieces)
            snapshot = setup.result() if setup else snapshot
            snapshot, fresh = self._with_rows(snapshot, rows.result())
            snapshot = self._with_manifests(snapshot, manifests.result())
            snapshot = self._with_ledger(snapshot, *ledger.result())
            hits = records.result()
        snapshot = self._look_again(snapshot, wanted_pieces, fresh, dossiers)
        snapshot = self._with_records(snapshot, hits)
        return replace(snapshot, unconfirmed={**snapshot.unconfirmed, **dict(self._unconfirmed(needs))})

    def _unconfirmed(self, needs: Mapping[Subject, tuple[Piece, ...]]) -> Iterator[tuple[Subject, str]]:
        for subject, pieces in needs.items():
            beside = (("image", name) for kind, name in pieces if kind == "record")
            why = next((self.failed[piece] for piece in (*pieces, *beside) if piece in self.failed), "")
            if why:
                yield subject, why

    def _read_events(self, snapshot: Snapshot, pieces: Iterable[Piece]) -> Snapshot:
        """Return the snapshot with events read that an earlier run read."""
        keys = _of("events", pieces)
        if not keys:
            return snapshot
        files = read_files(keys, snapshot.recordings, self.stores.recordings, self._is_over)
        failures = {recording_key(subject): why for subject, why in files.failures.items()}
        self._note("events", {**dict.fromkeys(files.late, OUT_OF_TIME), **failures})
        read = snapshot.events_read | files.events.keys()
        return replace(snapshot, events={**snapshot.events, **files.events}, events_read=read)

    def _read_configuration(self, snapshot: Snapshot) -> Snapshot:
        """Return the snapshot with the live system's configuration read again, where it is looked at."""
        reader = self.stores.configuration
        return replace(snapshot, configuration=reader.read()) if reader else snapshot

    def _read_rows(self, catalog: Catalog, pieces: Iterable[Piece]) -> "_Rows":
        """Read partitions, and rows of no partition that was read.

        A row that its partition no longer shows is asked for by its key: a page that the table left out would
        make it one that somebody deleted.
        """
        stores, wanted, single = self.stores, _of("partition", pieces), _of("row", pieces)
        with ThreadPoolExecutor(1) as pool:
            elsewhere = [key for key in single if key.pk not in wanted]
            beside = pool.submit(in_parts, elsewhere, stores.rows.rows, self._is_over)
            partitions, unread = each(wanted, stores.rows.rows_of, self._is_over)
            rows, missed = beside.result()
        gone, why = in_parts(not_shown(catalog, partitions), stores.rows.rows, self._is_over)
        unread |= {key.pk: reason for key, reason in why.items()}
        partitions = {pk: images for pk, images in partitions.items() if pk not in unread}
        inside = [key for key in single if key.pk in unread]
        more_rows, more_missed = in_parts(inside, stores.rows.rows, self._is_over)
        return _Rows(partitions, unread, {*elsewhere, *inside}, gone | rows | more_rows, missed | more_missed)

    def _with_rows(self, snapshot: Snapshot, read: "_Rows") -> tuple[Snapshot, set[RowKey]]:
        """Return the snapshot with rows that were read again, and the keys of what is fresh."""
        self._note("partition", read.unread)
        self._note("row", read.missed)
        partitions = read.partitions
        images = [*read.rows.values(), *(image for part in partitions.values() for image in part)]
        fresh = parse_items(images, snapshot.not_compared)
        catalog = without_rows(snapshot.catalog, set(partitions), read.single - read.missed.keys())
        keys = {RowKey(image["pk"]["S"], image["sk"]["S"]) for image in images}
        return replace(snapshot, catalog=with_rows(catalog, fresh)), keys

    def _read_manifests(
        self, snapshot: Snapshot, pieces: Iterable[Piece]
    ) -> list[tuple[RecordingKey, Playing, str]]:
        """Check whether recordings play; the text says why that is not known of one."""

        def check(key: RecordingKey) -> tuple[RecordingKey, Playing, str]:
            """Return the key, whether it plays, and why that is not known ("": it is)."""
            events = snapshot.events.get(key)
            known = events if isinstance(events, Events) else None
            if self._is_over():
                return key, Playing(), OUT_OF_TIME
            try:
                return key, play(snapshot.recordings[key], known, self.stores.recordings), ""
            except SourceError as error:
                return key, Playing(), str(error)

        with ThreadPoolExecutor(_READERS) as pool:
            return list(pool.map(check, _of("manifest", pieces)))

    def _with_manifests(
        self, snapshot: Snapshot, looked: Iterable[tuple[RecordingKey, Playing, str]]
    ) -> Snapshot:
        """Return the snapshot with which recordings play; where that is not known, others are in doubt."""
        unread = {key: why for key, _, why in looked if why}
        self._note("manifest", unread)
        readings = {key: playing for key, playing, why in looked if not why}
        archived = {key: playing.archived for key, playing in readings.items() if playing.archived}
        return replace(
            snapshot,
            manifests={**snapshot.manifests, **{key: playing.why for key, playing in readings.items()}},
            archived={**snapshot.archived, **archived},
            unread_manifests={**snapshot.unread_manifests, **unread},
        )

    def _read_ledger(
        self, pieces: Iterable[Piece]
    ) -> tuple[Mapping[RecordingKey, LedgerEntry | None], Mapping[RecordingKey, str]]:
        """Read what the ledger says of recordings now, and why that cannot be read of some."""
        return each(_of("ledger", pieces), self.state.ledger_entry, self._is_over) if self.state else ({}, {})

    def _with_ledger(
        self,
        snapshot: Snapshot,
        entries: Mapping[RecordingKey, LedgerEntry | None],
        unread: Mapping[RecordingKey, str],
    ) -> Snapshot:
        """Return the snapshot with the ledger's entries that were read again."""
        self._note("ledger", unread)
        if not entries:
            return snapshot
        kept = {key: entry for key, entry in snapshot.ledger.items() if key not in entries}
        fresh = {key: entry for key, entry in entries.items() if entry}
        kept.update(fresh)
        return replace(snapshot, ledger=kept)

    def _look_again(
        self, snapshot: Snapshot, pieces: Iterable[Piece], fresh: set[RowKey], dossiers: Dossiers
    ) -> Snapshot:
        """Check the media of findings again, and the media that fresh rows name."""
        programs = snapshot.catalog.programs
        again = {kind: _of(kind, pieces) for kind in ("media", "playback")}
        if self._is_over():
            for kind, keys in again.items():
                self._note(kind, dict.fromkeys(keys, OUT_OF_TIME))
            return snapshot
        read = [programs[key] for key in fresh if key in programs]
        new = media_of(read, snapshot, dossiers.rules) - snapshot.media.keys()
        gone = (programs[key] for key in again["media"] if key in programs)
        missing = media_of(gone, snapshot, dossiers.rules)
        urls = {program.url for program in read if program.url and program.url not in snapshot.replies}
        urls |= {url for key in again["playback"] if key in programs and (url := programs[key].url)}
        if not (new or missing or (urls and self.stores.playback)):
            return snapshot
        return recheck_media(snapshot, new | missing, urls, dossiers.rules, self.stores)

    def _read_records(self, pieces: Iterable[Piece]) -> "_Hits":
        """Read suspected records again."""
        names = _of("record", pieces)
        return _Hits(names, *in_parts(names, self.stores.records.records, self._is_over))

    def _with_records(self, snapshot: Snapshot, read: "_Hits") -> Snapshot:
        """Return the snapshot with records that were read again, and in which fields they differ."""
        names, hits, unread = read.names, read.hits, read.unread
        self._note("record", unread)
        if not names:
            return snapshot
        answered = set(names) - unread.keys()
        records = {name: record for name, record in snapshot.records.items() if name not in answered}
        records |= {name: parse_record(hit, snapshot.not_compared) for name, hit in hits.items()}
        rows = [row for row in _calling(snapshot.catalog, answered) if row[0] in hits]
        images, missed = in_parts([key for _, key in rows], self.stores.rows.rows, self._is_over)
        self._note("image", {name: missed[key] for name, key in rows if key in missed})
        hidden = snapshot.not_compared
        differing_fields = {
            name: differences(canonical(images[key]), hits[name], hidden)
            for name, key in rows
            if key in images
        }
        return replace(snapshot, records=records, differing={**snapshot.differing, **differing_fields})

    def _note(self, kind: str, failures: Mapping[Any, str]) -> None:
        self.failed |= {(kind, key): why for key, why in failures.items()}

    def _is_over(self) -> bool:
        return self.deadline.ends_reading


def _of(kind: str, pieces: Iterable[Piece]) -> list[Any]:
    return [key for name, key in pieces if name == kind]


def _calling(catalog: Catalog, names: set[str]) -> Iterable[tuple[str, RowKey]]:
    for shelf in (catalog.programs, catalog.copies):
        for key, row in shelf.items():
            if row.object_id in names:
                yield str(row.object_id), key
