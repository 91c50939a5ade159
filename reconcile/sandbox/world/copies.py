"""Copies rows and records: of all that a foreign document is made of, only objects and lists can change."""

from typing import Any, TypeVar

T = TypeVar("T")


def copied(value: T) -> T:
    """Return a copy that shares no dict, list or set with the value; far faster than `copy.deepcopy`."""
    return _copied(value)  # type: ignore[no-any-return]


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copied(inside) for name, inside in value.items()}
    if isinstance(value, list):
        return [_copied(inside) for inside in value]
    return set(value) if isinstance(value, set) else value
