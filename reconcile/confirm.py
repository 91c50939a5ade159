"""Reads again, strongly consistent, what each finding rests on: what has settled meanwhile is no finding."""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from reconcile.collect import Stores
from reconcile.compare.dossier import Dossiers
from reconcile.compare.verdicts import Comparison, compare
from reconcile.model.catalog import Catalog
from reconcile.model.errors import SourceError
from reconcile.model.finding import Judgement, Subject, recording_key
from reconcile.model.parse import parse_items
from reconcile.model.record import canonical, differences, parse_record
from reconcile.model.recording import Events, RecordingKey
from reconcile.model.snapshot import LedgerEntry, Rules, Snapshot
from reconcile.playing import why_it_does_not_play
from reconcile.stores.ports import RowKey, State

_ROUNDS = 8
_READERS = 16
NEEDS_NO_CONFIRMING = ("unreadable", "unknown", "failed", "unfinished")


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What has to be read again for some findings."""

    partitions: set[str] = field(default_factory=set)
    rows: set[RowKey] = field(default_factory=set)
    records: set[str] = field(default_factory=set)
    manifests: set[RecordingKey] = field(default_factory=set)


def confirm(
    snapshot: Snapshot, rules: Rules, stores: Stores, state: State | None
) -> tuple[Snapshot, Comparison]:
    """Compare, read again what the findings rest on, and compare again until nothing new turns up.

    A finding whose evidence cannot be read again becomes `unknown`.
    """
    comparison = compare(snapshot, rules)
    confirmed: set[tuple[Subject, str]] = set()
    for round_number in range(_ROUNDS):
        open_findings = [f for f in comparison.findings if _needs_confirming(f, confirmed)]
        if not open_findings:
            break
        ledger = _ledger(snapshot, state) if round_number == 0 else snapshot.ledger
        snapshot = _refreshed(replace(snapshot, ledger=ledger), open_findings, comparison.dossiers, stores)
        confirmed |= {(finding.subject, finding.verdict) for finding in open_findings}
        comparison = compare(snapshot, rules)
    restless = {
        finding.subject: "what it rests on changed each time it was read"
        for finding in comparison.findings
        if _needs_confirming(finding, confirmed)
    }
    if restless:
        snapshot = replace(snapshot, failures={**snapshot.failures, **restless})
        comparison = compare(snapshot, rules)
    return snapshot, comparison


def _needs_confirming(finding: Judgement, confirmed: set[tuple[Subject, str]]) -> bool:
    return finding.verdict not in NEEDS_NO_CONFIRMING and (finding.subject, finding.verdict) not in confirmed


def _ledger(snapshot: Snapshot, state: State | None) -> Mapping[RecordingKey, LedgerEntry]:
    return state.ledger() if state else snapshot.ledger


def _refreshed(snapshot: Snapshot, findings: list[Judgement], dossiers: Dossiers, stores: Stores) -> Snapshot:
    """Return the snapshot with everything read again; what fails marks the findings as failed."""
    wanted = _Wanted()
    for finding in findings:
        _want(finding, dossiers, wanted)
    if stores.configuration and any(finding.subject.type == "system" for finding in findings):
        snapshot = replace(snapshot, configuration=stores.configuration.read())
    try:
        catalog = _read_rows(snapshot.catalog, wanted, stores)
        manifests = _manifests(wanted.manifests, snapshot, stores)
        snapshot = replace(snapshot, catalog=catalog, manifests={**snapshot.manifests, **manifests})
        return _read_records(snapshot, wanted, stores)
    except SourceError as error:
        failures = {finding.subject: str(error) for finding in findings}
        return replace(snapshot, failures={**snapshot.failures, **failures})


def _want(finding: Judgement, dossiers: Dossiers, wanted: _Wanted) -> None:
    if finding.subject.type == "record":
        wanted.records.add(finding.subject["objectID"])
        wanted.rows.update((row["pk"], row["sk"]) for row in finding.evidence["rows"])
    elif finding.subject.type == "session":
        wanted.rows.add((f"session#{finding.subject['sessionId']}", "info"))
    elif finding.subject.type == "recording":
        _want_recording(finding, dossiers, wanted)


def _want_recording(finding: Judgement, dossiers: Dossiers, wanted: _Wanted) -> None:
    key = recording_key(finding.subject)
    view, catalog = dossiers.views[key], dossiers.snapshot.catalog
    wanted.rows.update(program.key for program in view.programs)
    claims = view.attribution.claims
    wanted.rows.update((f"session#{claim.session_id}", "info") for claim in claims if claim.session_id)
    for show_id in {view.show_id, *view.attribution.shows} - {None}:
        wanted.rows.add((f"show#{show_id}", "info"))
        show = catalog.shows.get(show_id or "")
        if show and show.producer_id:
            wanted.rows.add((f"u#{show.producer_id}#groups", f"g#{dossiers.rules.group_id(key, show)}"))
            if not view.programs:
                wanted.partitions.add(f"u#{show.producer_id}#programs")
    lacks_url = "program_url" in finding.evidence.get("lacks", ())
    if (finding.verdict == "program-missing" or lacks_url) and key not in dossiers.snapshot.manifests:
        wanted.manifests.add(key)


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
        shows={n: row for n, row in catalog.shows.items() if (f"show#{n}", "info") not in keys},
        groups={
            (owner, group): row
            for (owner, group), row in catalog.groups.items()
            if (f"u#{owner}#groups", f"g#{group}") not in keys
        },
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
    )


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
