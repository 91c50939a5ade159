"""Reads again, strongly consistent, what some findings rest on: rows, records, manifests, media.

What cannot be read belongs to the findings that rest on it, and to no other.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from math import inf
from typing import Any

from reconcile.collect.media import media_of, recheck_media
from reconcile.collect.stores import Stores
from reconcile.compare.recording.candidates import candidate_partitions, candidate_shows
from reconcile.compare.recording.evidence import Dossiers
from reconcile.confirm.batches import OUT_OF_TIME, each, in_parts
from reconcile.confirm.playable import Playing, play
from reconcile.model.catalog import Catalog, GroupKey, RowKey, session_key, show_key
from reconcile.model.deadline import ENDLESS, Deadline
from reconcile.model.errors import SourceError
from reconcile.model.finding import Judgement, Subject, recording_key, row_key
from reconcile.model.parse import parse_items
from reconcile.model.recording import Events, RecordingKey
from reconcile.model.search_record import Image, canonical, differences, parse_record
from reconcile.model.snapshot import Snapshot

_READERS = 16
_FEW, _MOST = 4, 500
"""Findings that are confirmed together where time is limited: at first, and at most."""

Piece = tuple[str, Any]
"""One thing to read again: `partition` and its key, `row`, `record`, `manifest`, `media` or `playback`.

`media` and `playback` hold the keys of programs, and `image` the name of a record whose row is read whole.
"""

LEDGER: Piece = ("ledger", "")


@dataclass
class Rereading:
    """What was read again so far in a run; `failed` says why of what could not be: it is not tried again."""

    stores: Stores
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
        needs = {
            finding.subject: tuple(_WANTS[finding.subject.type](finding, dossiers)) for finding in findings
        }
        wanted_pieces = dict.fromkeys(piece for pieces in needs.values() for piece in pieces)
        wanted_pieces = {piece: None for piece in wanted_pieces if piece not in self.failed}
        if self.stores.configuration and any(subject.type == "system" for subject in needs):
            snapshot = replace(snapshot, configuration=self.stores.configuration.read())
        snapshot, fresh = self._rows(snapshot, wanted_pieces)
        snapshot = self._manifests(snapshot, wanted_pieces)
        snapshot = self._look_again(snapshot, wanted_pieces, fresh, dossiers)
        snapshot = self._records(snapshot, wanted_pieces)
        return replace(snapshot, unconfirmed={**snapshot.unconfirmed, **dict(self._unconfirmed(needs))})

    def _unconfirmed(self, needs: Mapping[Subject, tuple[Piece, ...]]) -> Iterator[tuple[Subject, str]]:
        for subject, pieces in needs.items():
            beside = (("image", name) for kind, name in pieces if kind == "record")
            why = next((self.failed[piece] for piece in (*pieces, *beside) if piece in self.failed), "")
            if why:
                yield subject, why

    def _rows(self, snapshot: Snapshot, pieces: Iterable[Piece]) -> tuple[Snapshot, set[RowKey]]:
        """Read partitions, and rows of no partition that was read; return also the keys of what is fresh."""
        stores = self.stores
        partitions, unread = each(_of("partition", pieces), stores.rows.rows_of, self._is_over)
        self._note("partition", unread)
        single = [key for key in _of("row", pieces) if key.pk not in partitions]
        answered = {key for key in single if ("row", key) not in self.failed}
        rows, missed = in_parts(single, stores.rows.rows, self._is_over)
        self._note("row", missed)
        images: list[Image] = [*rows.values(), *(image for part in partitions.values() for image in part)]
        fresh = parse_items(images, snapshot.not_compared)
        catalog = _without_rows(snapshot.catalog, set(partitions), answered - missed.keys())
        keys = {RowKey(image["pk"]["S"], image["sk"]["S"]) for image in images}
        return replace(snapshot, catalog=_with_rows(catalog, fresh)), keys

    def _manifests(self, snapshot: Snapshot, pieces: Iterable[Piece]) -> Snapshot:
        """Check whether recordings play; an unknown answer puts others of the same time in doubt."""

        def check(key: RecordingKey) -> tuple[RecordingKey, Playing, str]:
            """Return the key, whether the recording plays, and why that is not known ("": it is)."""
            events = snapshot.events.get(key)
            known = events if isinstance(events, Events) else None
            if self._is_over():
                return key, Playing(), OUT_OF_TIME
            try:
                return key, play(snapshot.recordings[key], known, self.stores.recordings), ""
            except SourceError as error:
                return key, Playing(), str(error)

        with ThreadPoolExecutor(_READERS) as pool:
            checks = list(pool.map(check, _of("manifest", pieces)))
        unread = {key: why for key, _, why in checks if why}
        self._note("manifest", unread)
        readings = {key: playing for key, playing, why in checks if not why}
        archived = {key: playing.archived for key, playing in readings.items() if playing.archived}
        return replace(
            snapshot,
            manifests={**snapshot.manifests, **{key: playing.why for key, playing in readings.items()}},
            archived={**snapshot.archived, **archived},
            unread_manifests={**snapshot.unread_manifests, **unread},
        )

    def _look_again(
        self, snapshot: Snapshot, pieces: Iterable[Piece], fresh: set[RowKey], dossiers: Dossiers
    ) -> Snapshot:
        """Look once more for the media of findings, and for media that fresh rows name."""
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

    def _records(self, snapshot: Snapshot, pieces: Iterable[Piece]) -> Snapshot:
        """Read suspected records again and, where one differs from its row, say in which fields."""
        names = [name for name in _of("record", pieces) if ("record", name) not in self.failed]
        hits, unread = in_parts(names, self.stores.records.records, self._is_over)
        self._note("record", unread)
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


def _record(finding: Judgement, dossiers: Dossiers) -> Iterator[Piece]:
    yield "record", finding.subject["objectID"]
    yield from (("row", RowKey(row["pk"], row["sk"])) for row in finding.evidence["rows"])


def _session(finding: Judgement, dossiers: Dossiers) -> Iterator[Piece]:
    yield "row", session_key(finding.subject["sessionId"])


def _row(finding: Judgement, dossiers: Dossiers) -> Iterator[Piece]:
    """Want the show with all its rows: another one of the same time would make this one nobody's."""
    yield "partition", finding.subject["pk"]
    row = dossiers.snapshot.catalog.rows[row_key(finding.subject)]
    key = dossiers.provenance.recording_of(row)
    recordings = (
        [key]
        if key
        else [recording for each in dossiers.broadcasts.overlapped(row) for recording in each.keys]
    )
    yield from (
        ("row", program.key) for recording in recordings for program in dossiers.views[recording].programs
    )


def _program(finding: Judgement, dossiers: Dossiers) -> Iterator[Piece]:
    key = row_key(finding.subject)
    program = dossiers.snapshot.catalog.programs[key]
    yield "row", key
    if program.group_id:
        yield "row", GroupKey(program.owner, program.group_id).row
    faults = (finding.verdict, *finding.also)
    if "media-missing" in faults or "media-archived" in faults:
        yield "media", key
    if "unreachable" in faults:
        yield "playback", key


def _group(finding: Judgement, dossiers: Dossiers) -> Iterator[Piece]:
    yield "row", row_key(finding.subject)
    yield "partition", finding.subject["pk"].removesuffix("#groups") + "#programs"


def _nothing(finding: Judgement, dossiers: Dossiers) -> Iterator[Piece]:
    """Want nothing: the configuration is read again as a whole."""
    return iter(())


def _recording(finding: Judgement, dossiers: Dossiers) -> Iterator[Piece]:
    key = recording_key(finding.subject)
    view, catalog = dossiers.views[key], dossiers.snapshot.catalog
    yield from (("row", program.key) for program in view.programs)
    claims = view.attribution.claims
    yield from (("row", session_key(claim.session_id)) for claim in claims if claim.session_id)
    if not view.programs:
        # What the ledger remembers, or a person restored, decides of a recording without a program alone.
        yield LEDGER
        yield from (("partition", name) for name in sorted(candidate_partitions(view, catalog)))
    for show_id in sorted(candidate_shows(view)):
        yield "row", show_key(show_id)
        show = catalog.shows.get(show_id)
        group_id = dossiers.rules.group_id(key, show)
        if show and show.producer_id and group_id:
            yield "row", GroupKey(show.producer_id, group_id).row
    lacks_url = "program_url" in finding.evidence.get("lacks", ())
    if (finding.verdict == "program-missing" or lacks_url) and key not in dossiers.snapshot.manifests:
        yield "manifest", key


_WANTS: Mapping[str, Callable[[Judgement, Dossiers], Iterator[Piece]]] = {
    "recording": _recording,
    "session": _session,
    "record": _record,
    "recording-row": _row,
    "program": _program,
    "group": _group,
    "system": _nothing,
}


def _without_rows(catalog: Catalog, partitions: set[str], keys: set[RowKey]) -> Catalog:
    def kept(shelf: Mapping[RowKey, Any]) -> dict[RowKey, Any]:
        return {key: row for key, row in shelf.items() if key not in keys and key.pk not in partitions}

    return replace(
        catalog,
        programs=kept(catalog.programs),
        copies=kept(catalog.copies),
        rows=kept(catalog.rows),
        sessions={n: row for n, row in catalog.sessions.items() if session_key(n) not in keys},
        shows={
            n: row
            for n, row in catalog.shows.items()
            if show_key(n) not in keys and f"show#{n}" not in partitions
        },
        groups={identity: row for identity, row in catalog.groups.items() if row.key not in keys},
    )


def _with_rows(catalog: Catalog, fresh: Catalog) -> Catalog:
    return replace(
        catalog,
        sessions=catalog.sessions | fresh.sessions,
        shows=catalog.shows | fresh.shows,
        groups=catalog.groups | fresh.groups,
        programs=catalog.programs | fresh.programs,
        copies=catalog.copies | fresh.copies,
        rows=catalog.rows | fresh.rows,
        networks=catalog.networks | fresh.networks,
        lent_channels=catalog.lent_channels | fresh.lent_channels,
    )


def _calling(catalog: Catalog, names: set[str]) -> Iterable[tuple[str, RowKey]]:
    for shelf in (catalog.programs, catalog.copies):
        for key, row in shelf.items():
            if row.object_id in names:
                yield str(row.object_id), key
