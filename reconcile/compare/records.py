"""Judges a search record: is there one, and only one, for its row, and does it say the same?"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from reconcile.compare import set_rules
from reconcile.compare.engine import Engine, Schema, keys_of
from reconcile.model.catalog import Catalog, Copy, Program
from reconcile.model.documents import Attributes
from reconcile.model.finding import Judgement, judgement, record_subject
from reconcile.model.parse import changed_within
from reconcile.model.search_record import Record
from reconcile.model.snapshot import Rules, Snapshot


@dataclass(frozen=True, slots=True)
class RecordEvidence:
    """The rows that use an objectID, the record stored under it, and the fields that differ."""

    object_id: str
    rows: tuple[Program | Copy, ...]
    record: Record | None
    differing: Attributes
    doubt: str
    now: datetime
    settle: timedelta


def judge_record(evidence: RecordEvidence) -> Judgement:
    """Give a search record, or a missing one, its verdict."""
    rows, record = evidence.rows, evidence.record
    unreadable = next((row.unreadable for row in rows if row.unreadable), None)
    fresh = any(changed_within(row.updated_at, evidence.now, evidence.settle.total_seconds()) for row in rows)
    missing = bool(rows) and record is None
    stale = len(rows) == 1 and record is not None and record.digest != rows[0].digest
    holding = {
        "unreadable": unreadable is not None,
        "unknown": bool(evidence.doubt),
        "record-contested": len(rows) > 1,
        "settling": fresh and (missing or stale),
        "record-missing": missing,
        "record-stale": stale,
        "record-orphaned": not rows,
        "agrees": len(rows) == 1 and record is not None and not stale,
    }
    facts: dict[str, Any] = {
        "rows": [{"pk": row.pk, "sk": row.sk} for row in sorted(rows, key=lambda row: row.key)],
        "why": unreadable or evidence.doubt or None,
        "fields": dict(evidence.differing) or None,
        "program_url": record.url if record and not rows else None,
        "title": next((row.title for row in rows if isinstance(row, Program) and row.title), None),
    }
    return judgement(
        record_subject(evidence.object_id), holding, {k: v for k, v in facts.items() if v is not None}
    )


def calls_by_object(snapshot: Snapshot) -> dict[str, list[Program | Copy]]:
    """Return the rows that use each objectID."""
    calls: defaultdict[str, list[Program | Copy]] = defaultdict(list)
    for row in _calling(snapshot.catalog):
        calls[row.object_id or ""].append(row)
    return dict(calls)


def record_suspects(snapshot: Snapshot, engine: Engine) -> set[str]:
    """Return the objectIDs whose rows and records may not agree, one with one."""
    if snapshot.doubts("dynamodb", "algolia"):
        return set(names_of_records(snapshot))
    rows = ((row.object_id, row.digest) for row in _calling(snapshot.catalog))
    digests = ((record.object_id, record.digest) for record in snapshot.records.values())
    schema: Schema = {"objectID": str, "digest": int}
    differing = set_rules.records_that_differ(engine.frame(schema, rows), engine.frame(schema, digests))
    unreadable = {row.object_id for row in _calling(snapshot.catalog) if row.unreadable and row.object_id}
    unread = (*snapshot.failures, *snapshot.unconfirmed)
    failed = {subject["objectID"] for subject in unread if subject.type == "record"}
    return keys_of(engine, differing, str) | unreadable | failed


def judge_records(names: Iterable[str], snapshot: Snapshot, rules: Rules) -> list[Judgement]:
    """Judge some records by all rows that call for them."""
    calls, doubt = calls_by_object(snapshot), snapshot.doubts("dynamodb", "algolia")
    return [
        judge_record(
            RecordEvidence(
                name,
                tuple(calls.get(name, ())),
                snapshot.records.get(name),
                snapshot.differing.get(name, {}),
                doubt or snapshot.why_unread(record_subject(name)),
                rules.now,
                rules.settle,
            )
        )
        for name in sorted(names)
    ]


def names_of_records(snapshot: Snapshot) -> set[str]:
    """Return every objectID that a row calls for or that exists."""
    return {row.object_id for row in _calling(snapshot.catalog) if row.object_id} | snapshot.records.keys()


def _calling(catalog: Catalog) -> Iterator[Program | Copy]:
    yield from (row for row in catalog.programs.values() if row.object_id)
    yield from (row for row in catalog.copies.values() if row.object_id)
