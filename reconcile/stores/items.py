"""The items of the job's own memory, as DynamoDB's JSON, and back."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from reconcile.model.clock import parse_time, write_time
from reconcile.model.decision import Decision
from reconcile.model.recording import program_id_of
from reconcile.model.snapshot import LedgerEntry
from reconcile.stores.ports import Entry, Environment

ABSENT: Mapping[str, Any] = {"ConditionExpression": "attribute_not_exists(pk)"}


def to_item(values: Mapping[str, Any]) -> dict[str, Any]:
    """Write plain values as DynamoDB sends them; absent and None are the same."""
    return {name: to_value(value) for name, value in values.items() if value is not None}


def to_value(value: Any) -> dict[str, Any]:
    """Write one plain value, a float included, as DynamoDB sends it."""
    written: Any = TypeSerializer().serialize(_exact(value))
    return dict(written)


def _exact(value: Any) -> Any:
    """Return a value without floats, which boto3 refuses; a number that DynamoDB cannot hold becomes text."""
    if isinstance(value, Mapping):
        return {name: _exact(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_exact(part) for part in value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    number = Decimal(str(value))
    # 38 digits, https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
    holds = number.is_finite() and len(number.as_tuple().digits) <= 38 and -130 <= number.adjusted() <= 125
    return number if holds else str(value)


def from_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """Read what to_item wrote."""
    deserialize = TypeDeserializer().deserialize
    return {name: _plain(deserialize(value)) for name, value in item.items()}


def _plain(value: Any) -> Any:
    """Return a value with plain numbers in place of decimals."""
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def ledger_item(entry: LedgerEntry) -> dict[str, Any]:
    """Return the item of a ledger entry; its sort key is a hash, for a prefix may be longer than a key."""
    bucket, prefix = entry.key
    values = {
        "pk": "ledger",
        "sk": program_id_of(entry.key),
        "bucket": bucket,
        "prefix": prefix,
        "programs": dict(entry.programs),
        "how": entry.how,
    }
    return to_item(values)


def ledger_as_read(entry: LedgerEntry | None) -> Mapping[str, Any]:
    """Return the condition that a recording's ledger entry is still as it was read, or still absent."""
    if entry is None:
        return ABSENT
    return {
        "ConditionExpression": "#p = :p",
        "ExpressionAttributeNames": {"#p": "programs"},
        "ExpressionAttributeValues": {":p": ledger_item(entry)["programs"]},
    }


def journal_item(entry: Entry) -> dict[str, Any]:
    """Return the item of a journal entry."""
    values = {
        "pk": f"journal#{entry.run}",
        "sk": f"{entry.number:06d}",
        "what": entry.what,
        "target": dict(entry.target),
        "before": dict(entry.before),
        "after": dict(entry.after),
        "at": write_time(entry.at),
    }
    return to_item(values)


def decision_item(decision: Decision) -> dict[str, Any]:
    """Return the item of a decision; a finding has one at a time."""
    values = {
        "pk": "decision",
        "sk": f"finding#{decision.finding}",
        "what": decision.what,
        "finding": decision.finding,
        "by": decision.by,
        "reason": decision.reason,
        "until": write_time(decision.until),
        "at": write_time(decision.at),
    }
    return to_item(values)


def decision_of(item: Mapping[str, Any]) -> Decision:
    """Read what decision_item wrote."""
    return Decision(
        what=item["what"],
        finding=item["finding"],
        by=item["by"],
        reason=item["reason"],
        until=parse_time(item["until"]),
        at=parse_time(item["at"]),
    )


def without_keys(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item without the keys that it lies under."""
    return {name: value for name, value in item.items() if name not in ("pk", "sk")}


def environment_of(item: Mapping[str, Any]) -> Environment:
    """Read the item that says what the table belongs to."""
    first, last = item.get("first_repair"), item.get("last_whole_repair")
    return Environment(
        stage=item["stage"],
        table=item["table"],
        index=item["index"],
        buckets=tuple(item["buckets"]),
        first_repair=parse_time(first) if first else None,
        last_whole_repair=parse_time(last) if last else None,
    )
