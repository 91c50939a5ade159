"""Reads again, strongly consistent, what some findings rest on: rows, records, manifests, media."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from reconcile.collect import Stores
from reconcile.compare.candidates import candidate_partitions, candidate_shows
from reconcile.compare.dossier import Dossiers
from reconcile.looking import look_again, media_of
from reconcile.model.catalog import Catalog
from reconcile.model.errors import SourceError
from reconcile.model.finding import Judgement, recording_key
from reconcile.model.parse import parse_items
from reconcile.model.record import canonical, differences, parse_record
from reconcile.model.recording import Events, RecordingKey
from reconcile.model.snapshot import Snapshot
from reconcile.playing import why_it_does_not_play
from reconcile.stores.ports import RowKey

_READERS = 16


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What has to be read again for some findings; `media` and `playback` hold the keys of programs."""

    partitions: set[str] = field(default_factory=set)
    rows: set[RowKey] = field(default_factory=set)
    records: set[str] = field(default_factory=set)
    manifests: set[RecordingKey] = field(default_factory=set)
    media: set[RowKey] = field(default_factory=set)
    playback: set[RowKey] = field(default_factory=set)


def read_again(snapshot: Snapshot, findings: list[Judgement], dossiers: Dossiers, stores: Stores) -> Snapshot:
    """Return the snapshot with everything read again; what fails marks the findings as failed."""
    wanted = _Wanted()
    for finding in findings:
        _WANTS[finding.subject.type](finding, dossiers, wanted)
    if stores.configuration and any(finding.subject.type == "system" for finding in findings):
        snapshot = replace(snapshot, configuration=stores.configuration.read())
    try:
        catalog = _read_rows(snapshot.catalog, wanted, stores)
        manifests = _manifests(wanted.manifests, snapshot, stores)
        snapshot = replace(snapshot, catalog=catalog, manifests={**snapshot.manifests, **manifests})
        snapshot = _look_again(snapshot, wanted, dossiers, stores)
        return _read_records(snapshot, wanted, stores)
    except SourceError as error:
        failures = {finding.subject: str(error) for finding in findings}
        return replace(snapshot, failures={**snapshot.failures, **failures})


def _want_record(finding: Judgement, dossiers: Dossiers, wanted: _Wanted) -> None:
    wanted.records.add(finding.subject["objectID"])
    wanted.rows.update((row["pk"], row["sk"]) for row in finding.evidence["rows"])


def _want_session(finding: Judgement, dossiers: Dossiers, wanted: _Wanted) -> None:
    wanted.rows.add((f"session#{finding.subject['sessionId']}", "info"))


def _want_row(finding: Judgement, dossiers: Dossiers, wanted: _Wanted) -> None:
    """Want the show with all its notes: another one of the same time would make this one nobody's."""
    wanted.partitions.add(finding.subject["pk"])
    row = dossiers.snapshot.catalog.rows[finding.subject["pk"], finding.subject["sk"]]
    key = dossiers.provenance.recording_of(row)
    held = [key] if key else [one for each in dossiers.broadcasts.overlapped(row) for one in each.keys]
    wanted.rows.update(program.key for one in held for program in dossiers.views[one].programs)


def _want_program(finding: Judgement, dossiers: Dossiers, wanted: _Wanted) -> None:
    key = (finding.subject["pk"], finding.subject["sk"])
    program = dossiers.snapshot.catalog.programs[key]
    wanted.rows.update((key, (f"u#{program.owner}#groups", f"g#{program.group_id}")))
    faults = (finding.verdict, *finding.also)
    if "media-missing" in faults:
        wanted.media.add(key)
    if "unreachable" in faults:
        wanted.playback.add(key)


def _want_group(finding: Judgement, dossiers: Dossiers, wanted: _Wanted) -> None:
    wanted.rows.add((finding.subject["pk"], finding.subject["sk"]))
    wanted.partitions.add(finding.subject["pk"].removesuffix("#groups") + "#programs")


def _want_nothing(finding: Judgement, dossiers: Dossiers, wanted: _Wanted) -> None:
    """The configuration is read again as a whole."""


def _want_recording(finding: Judgement, dossiers: Dossiers, wanted: _Wanted) -> None:
    key = recording_key(finding.subject)
    view, catalog = dossiers.views[key], dossiers.snapshot.catalog
    wanted.rows.update(program.key for program in view.programs)
    claims = view.attribution.claims
    wanted.rows.update((f"session#{claim.session_id}", "info") for claim in claims if claim.session_id)
    if not view.programs:
        wanted.partitions.update(candidate_partitions(view, catalog))
    for show_id in candidate_shows(view):
        wanted.rows.add((f"show#{show_id}", "info"))
        show = catalog.shows.get(show_id)
        if show and show.producer_id:
            wanted.rows.add((f"u#{show.producer_id}#groups", f"g#{dossiers.rules.group_id(key, show)}"))
    lacks_url = "program_url" in finding.evidence.get("lacks", ())
    if (finding.verdict == "program-missing" or lacks_url) and key not in dossiers.snapshot.manifests:
        wanted.manifests.add(key)


_WANTS: Mapping[str, Callable[[Judgement, Dossiers, _Wanted], None]] = {
    "recording": _want_recording,
    "session": _want_session,
    "record": _want_record,
    "recording-row": _want_row,
    "program": _want_program,
    "group": _want_group,
    "system": _want_nothing,
}


def _read_rows(catalog: Catalog, wanted: _Wanted, stores: Stores) -> Catalog:
    whole = [image for pk in sorted(wanted.partitions) for image in stores.rows.rows_of(pk)]
    single = [key for key in sorted(wanted.rows) if key[0] not in wanted.partitions]
    found = stores.rows.rows(single) if single else {}
    fresh = parse_items([*found.values(), *whole])
    return _with_rows(_without_rows(catalog, wanted.partitions, set(single)), fresh)


def _without_rows(catalog: Catalog, partitions: set[str], keys: set[RowKey]) -> Catalog:
    def kept(shelf: Mapping[RowKey, Any]) -> dict[RowKey, Any]:
        return {key: row for key, row in shelf.items() if key not in keys and key[0] not in partitions}

    return replace(
        catalog,
        programs=kept(catalog.programs),
        copies=kept(catalog.copies),
        rows=kept(catalog.rows),
        sessions={n: row for n, row in catalog.sessions.items() if (f"session#{n}", "info") not in keys},
        shows={
            n: row
            for n, row in catalog.shows.items()
            if (f"show#{n}", "info") not in keys and f"show#{n}" not in partitions
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


def _look_again(snapshot: Snapshot, wanted: _Wanted, dossiers: Dossiers, stores: Stores) -> Snapshot:
    """Look once more for the media of findings, and for media that rows name since they were read again."""
    programs = snapshot.catalog.programs
    read = [one for key, one in programs.items() if key in wanted.rows or key[0] in wanted.partitions]
    new = media_of(read, snapshot, dossiers.rules) - snapshot.media.keys()
    missing = media_of((programs[key] for key in wanted.media if key in programs), snapshot, dossiers.rules)
    urls = {one.url for one in read if one.url and one.url not in snapshot.replies}
    urls |= {url for key in wanted.playback if key in programs and (url := programs[key].url)}
    if not (new or missing or (urls and stores.playback)):
        return snapshot
    return look_again(snapshot, new | missing, urls, dossiers.rules, stores)


def _read_records(snapshot: Snapshot, wanted: _Wanted, stores: Stores) -> Snapshot:
    """Read suspected records again and, where one differs from its row, say in which fields."""
    names = sorted(wanted.records)
    if not names:
        return snapshot
    hits = stores.records.records(names)
    records = {name: record for name, record in snapshot.records.items() if name not in wanted.records}
    records |= {name: parse_record(hit) for name, hit in hits.items()}
    differing = {**snapshot.differing}
    rows = [row for row in _calling(snapshot.catalog, wanted.records) if row[0] in hits]
    images = stores.rows.rows([key for _, key in rows]) if rows else {}
    for name, key in rows:
        if key in images:
            differing[name] = differences(canonical(images[key]), hits[name])
    return replace(snapshot, records=records, differing=differing)


def _calling(catalog: Catalog, names: set[str]) -> Iterable[tuple[str, RowKey]]:
    for shelf in (catalog.programs, catalog.copies):
        for key, row in shelf.items():
            if row.object_id in names:
                yield str(row.object_id), key


def _manifests(keys: Iterable[RecordingKey], snapshot: Snapshot, stores: Stores) -> dict[RecordingKey, str]:
    """Return why recordings do not play, "" for those that do; raises SourceError."""

    def _look(key: RecordingKey) -> tuple[RecordingKey, str]:
        events = snapshot.events.get(key)
        known = events if isinstance(events, Events) else None
        return key, why_it_does_not_play(snapshot.recordings[key], known, stores.recordings)

    with ThreadPoolExecutor(_READERS) as pool:
        return dict(pool.map(_look, sorted(keys)))
