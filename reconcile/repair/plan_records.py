"""Plans the search records that are written from their rows. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from reconcile.compare.verdicts import Comparison
from reconcile.model.catalog import RowKey
from reconcile.model.finding import Judgement
from reconcile.repair.planned import Planned, RepairScope


@dataclass(frozen=True, slots=True)
class RecordWrite(Planned):
    """A search record to write from its row."""

    object_id: str
    row: RowKey


def plan_record(finding: Judgement, comparison: Comparison) -> tuple[RecordWrite, str]:
    """Plan to write a record that is missing or stale from the one row that calls for it."""
    row = finding.evidence["rows"][0]
    return RecordWrite(finding.id, finding.subject["objectID"], RowKey(row["pk"], row["sk"])), ""


def why_record_waits(write: RecordWrite, scope: RepairScope) -> Iterable[str]:
    """Yield why the writing of a record waits for a person, whatever the limit says."""
    return scope.guards.on_records()
