"""Convert plain values to attributes as DynamoDB types them, and back."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer


def to_item(values: Mapping[str, Any]) -> dict[str, Any]:
    """Convert plain values to DynamoDB's JSON; None is left out."""
    return {name: to_value(value) for name, value in values.items() if value is not None}


def typed(values: Mapping[str, Any]) -> dict[str, Any]:
    """Convert plain values to DynamoDB's JSON; None becomes a NULL, as the live functions store it."""
    return {name: to_value(value) for name, value in values.items()}


def to_value(value: Any) -> dict[str, Any]:
    """Convert one plain value, floats included, to DynamoDB's JSON."""
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
