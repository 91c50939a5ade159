"""Judges a search record: is there one, and only one, for its row, and does it say the same?"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from reconcile.compare import set_rules
from reconcile.compare.engine import Engine, Schema, keys_of
from reconcile.model.catalog import Copy, Program
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
    rows: list[Program | Copy] = [*snapshot.catalog.programs.values(), *snapshot.catalog.copies.values()]
    for row in rows:
        if row.object_id:
            calls[row.object_id].append(row)
    return dict(calls)


def _record_suspects(
    snapshot: Snapshot, calls: Mapping[str, list[Program | Copy]], engine: Engine
) -> set[str]:
    if snapshot.doubts("dynamodb", "algolia"):
        return set(calls) | set(snapshot.records)
    rows = [(name, row.digest) for name, rows_calling in calls.items() for row in rows_calling]
    digests = [(record.object_id, record.digest) for record in snapshot.records.values()]
    schema: Schema = {"objectID": str, "digest": str}
    differing = set_rules.records_that_differ(engine.frame(schema, rows), engine.frame(schema, digests))
    unreadable = {name for name, rows_calling in calls.items() if any(row.unreadable for row in rows_calling)}
    unread = (*snapshot.failures, *snapshot.unconfirmed)
    failed = {subject["objectID"] for subject in unread if subject.type == "record"}
    return keys_of(differing, str) | unreadable | failed


def _judge_record(
    name: str, calls: Mapping[str, list[Program | Copy]], snapshot: Snapshot, rules: Rules
) -> Judgement:
    failure = snapshot.why_unread(record_subject(name))
    return judge_record(
        RecordEvidence(
            name,
            tuple(calls.get(name, ())),
            snapshot.records.get(name),
            snapshot.differing.get(name, {}),
            snapshot.doubts("dynamodb", "algolia") or failure,
            rules.now,
            rules.settle,
        )
    )
