"""Judges a search record: is there one, and only one, for its row, and does it say the same?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from reconcile.model.catalog import Copy, Program
from reconcile.model.finding import Judgement, judgement, record_subject
from reconcile.model.parse import changed_within
from reconcile.model.record import Record


@dataclass(frozen=True, slots=True)
class RecordEvidence:
    """The rows that call for an objectID, the record that stands there, and the fields that differ."""

    object_id: str
    rows: tuple[Program | Copy, ...]
    record: Record | None
    differing: Mapping[str, Any]
    doubt: str
    now: datetime
    settle: timedelta


def judge_record(evidence: RecordEvidence) -> Judgement:
    """Give a search record, or the lack of one, its verdict."""
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
    told: dict[str, Any] = {
        "rows": [{"pk": row.pk, "sk": row.sk} for row in sorted(rows, key=lambda row: row.key)],
        "why": unreadable or evidence.doubt or None,
        "fields": dict(evidence.differing) or None,
        "program_url": record.url if record and not rows else None,
    }
    return judgement(
        record_subject(evidence.object_id), holding, {k: v for k, v in told.items() if v is not None}
    )
