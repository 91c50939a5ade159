"""Convert the items of the state table to DynamoDB's JSON and back."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from reconcile.model.clock import parse_time, write_time
from reconcile.model.decision import ABOUT_FINDINGS, Decision
from reconcile.model.environment import Environment, RemovedBucket
from reconcile.model.extent import Extent
from reconcile.stores.attributes import to_item

DECISIONS, OUTGROWN = "decision", "outgrown"
"""Where decisions lie as people made them, and those that a run ended because their findings got worse.

A run has no right to write where people's decisions lie.
"""

ABSENT: Mapping[str, str] = {"ConditionExpression": "attribute_not_exists(pk)"}
_OF_RECORDINGS = ("bucket", "prefix", "show", "group", "undone_by")


def decision_item(decision: Decision, pk: str = DECISIONS) -> dict[str, Any]:
    """Return the item of a decision; a finding has one at a time, a recording one of each sort."""
    subject = "finding" if decision.what in ABOUT_FINDINGS else decision.what
    of_recording = {name: getattr(decision, name) or None for name in _OF_RECORDINGS}
    values = {
        "pk": pk,
        "sk": f"{subject}#{decision.id}",
        "what": decision.what,
        "id": decision.id,
        "by": decision.by,
        "reason": decision.reason,
        "until": write_time(decision.until) if decision.until else None,
        "at": write_time(decision.at),
        "worse_than": asdict(decision.worse_than) if decision.worse_than else None,
        "finding": decision.finding or None,
        **of_recording,
    }
    return to_item(values)


def decision_of(item: Mapping[str, Any]) -> Decision:
    """Read what decision_item wrote, also before there were decisions on recordings."""
    return Decision(
        what=item["what"],
        id=item["id"] if "id" in item else item["finding"],
        by=item["by"],
        reason=item["reason"],
        until=parse_time(item["until"]) if "until" in item else None,
        at=parse_time(item["at"]),
        finding=item.get("finding", "") if "id" in item else "",
        worse_than=Extent(**item["worse_than"]) if "worse_than" in item else None,
        **{name: item.get(name, "") for name in _OF_RECORDINGS},
    )


def without_keys(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item without the keys that it lies under."""
    return {name: value for name, value in item.items() if name not in ("pk", "sk")}


def environment_of(item: Mapping[str, Any]) -> Environment:
    """Read the item that says what the table belongs to; what was not tied yet is absent.

    The buckets never are: whoever makes the item writes them.
    """
    return Environment(
        stage=item.get("stage", ""),
        table=item.get("table", ""),
        index=item.get("index", ""),
        buckets=tuple(item["buckets"]),
        first_repair=moment(item, "first_repair"),
        last_whole_repair=moment(item, "last_whole_repair"),
        index_met=moment(item, "index_met"),
        sequence=int(item.get("sequence", 0)),
        behind=int(item.get("behind", 0)),
        removed_buckets=tuple(
            RemovedBucket(
                entry["bucket"], tuple(entry["shows"]), entry["by"], entry["reason"], parse_time(entry["at"])
            )
            for entry in item.get("taken_back", ())
        ),
    )


def removed_buckets_value(removed: Iterable[RemovedBucket]) -> list[dict[str, Any]]:
    """Return buckets that were removed as plain values, as `environment_of` reads them."""
    return [{**asdict(entry), "shows": list(entry.shows), "at": write_time(entry.at)} for entry in removed]


def moment(item: Mapping[str, Any], name: str) -> datetime | None:
    """Return a time that an item tells, None where it tells none."""
    return parse_time(item[name]) if item.get(name) else None
