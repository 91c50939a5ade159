"""Attribute values as DynamoDB types them: whether two are the same, and a count one higher or lower."""

from collections.abc import Mapping
from decimal import Context, Decimal, InvalidOperation
from typing import Any

from reconcile.model.search_record import Image

Value = Mapping[str, Any]
"""A value as DynamoDB sends it, {type: value}; binary values are bytes."""

_SETS = ("SS", "NS", "BS")
# DynamoDB's numbers have 38 digits; one more tells that a sum has too many.
_EXACT = Context(prec=39)
_DIGITS = 38


def same_value(one: Value | None, other: Value | None) -> bool:
    """Whether two values are the same to DynamoDB; None stands for an attribute that is absent."""
    return bool(_level(one) == _level(other))


def same_image(one: Image, other: Image, besides: frozenset[str] = frozenset()) -> bool:
    """Whether two rows have the same attributes with the same values, whatever some others say."""
    return not differing(one, other, besides)


def differing(one: Image, other: Image, besides: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Return, in order, the attributes in which two rows differ, without some."""
    names = sorted({*one, *other} - besides)
    return tuple(name for name in names if not same_value(one.get(name), other.get(name)))


def _level(value: Value | None) -> Any:
    """Return a value such that those that DynamoDB takes for the same are equal, and no others."""
    if value is None:
        return None
    kind, held = next(iter(value.items()))
    if kind == "N":
        return kind, _number(held)
    if kind == "B":
        return kind, bytes(held)
    if kind in _SETS:
        return kind, frozenset(_level({kind[0]: part}) for part in held)
    if kind == "L":
        return kind, [_level(part) for part in held]
    if kind == "M":
        return kind, {name: _level(part) for name, part in held.items()}
    return kind, held


def _number(text: str) -> Decimal | str:
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


def count_of(value: Value | None) -> Decimal | None:
    """Return the number that a count says: 0 where it is absent, None where it is no number."""
    if value is None:
        return Decimal(0)
    number = _number(value["N"]) if "N" in value else None
    return number if isinstance(number, Decimal) else None


def counted_on(value: Value | None, more: int) -> Value | None:
    """Return a count with so many more; None where it is no number, or one of too many digits."""
    number = count_of(value)
    if number is None:
        return None
    total = _EXACT.add(number, Decimal(more))
    return {"N": str(total)} if len(total.as_tuple().digits) <= _DIGITS else None
