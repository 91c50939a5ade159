"""The search records that the live functions write: the stream sync's of both eras, the processor's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from reconcile.sandbox.world import formats
from reconcile.sandbox.world.builder import Item, object_id_of

NO_DATE_MS = -2208988800000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_AS_IS = ("price", "frequency", "program_url", "program_image", "duration")
_DATES = ("created_date", "dateCreated", "createdAt")


def canonical(row: Item) -> dict[str, Any]:
    """The record of a row as today's stream sync writes it, everything told and defaulted."""
    values = {name: _from_image(value) for name, value in row.items()}
    record = {
        "objectID": object_id_of(row),
        "programId": values["programId"],
        "title": values.get("title") or "Untitled Program",
        "description": values.get("description") or "",
        "broadcast_type": values.get("broadcast_type") or "Video mp4",
        "premium": values.get("premium") or False,
        "tags": _or_empty(values.get("tags")),
        "groupId": values.get("groupId") or "General",
        "groupName": values.get("groupName") or values.get("groupId") or "General",
        "imageFiles": _or_empty(values.get("imageFiles")),
        "mediaFiles": _or_empty(values.get("mediaFiles")),
        "created_timestamp": _timestamp(_first_date(values)),
        **_owner(row),
    }
    record |= {name: values[name] for name in _AS_IS if name in values}
    if _first_date(values) or "createdAt" in values:
        record["created_date"] = _first_date(values) or values["createdAt"]
    return record


def poorer(row: Item) -> dict[str, Any]:
    """The record that the processor writes itself: less of it, and the owner under another name."""
    return {
        "objectID": row["programId"],
        "programId": row["programId"],
        "title": row["title"],
        "description": row.get("description") or "",
        "broadcast_type": row["broadcast_type"],
        "premium": False,
        "tags": row["tags"],
        "created_date": row["created_date"],
        "created_timestamp": _timestamp(row["created_date"]),
        "groupId": row["groupId"],
        "program_url": row["program_url"],
        "program_image": row["program_image"],
        "ownerId": row.get("ownerId"),
    }


def poorer_before_groups(row: Item) -> dict[str, Any]:
    """The record that the processor of before groups wrote: as poor, but with the user and a group's name."""
    record = poorer(row)
    record.pop("ownerId")
    return record | {"userId": row["pk"].split("#")[1], "groupName": "Recordings"}


def before_network_ids(row: Item) -> dict[str, Any]:
    """A row's record as the older sync wrote it: less of it; a network's over the user's, as its user's."""
    record = canonical(row)
    for name in ("networkId", "imageFiles", "mediaFiles", "duration"):
        record.pop(name, None)
    return record | {"objectID": row["programId"], "userId": row["pk"].split("#")[1]}


def _owner(row: Item) -> dict[str, Any]:
    name = row["pk"].split("#")[1]
    if row["pk"].startswith("n#"):
        return {"networkId": name, "userId": row.get("ownerId") or None}
    return {"userId": name or None}


def _from_image(value: Any) -> Any:
    if isinstance(value, list):
        return [_list_element(element) for element in value]
    if isinstance(value, frozenset):
        return formats.typed(value)
    return value


def _list_element(element: Any) -> Any:
    """A list's element as the sync's `S || N || BOOL` leaves it; what that loses is null in JSON."""
    if isinstance(element, str | bool):
        return element or None
    return str(element) if isinstance(element, int | float) else None


def _or_empty(value: Any) -> Any:
    """JavaScript's `value || []`: an empty list is true there."""
    return value if isinstance(value, list) or value else []


def _first_date(values: Item) -> Any:
    return next((values[name] for name in _DATES if values.get(name)), None)


def _timestamp(created: Any) -> int | None:
    if created is None:
        return NO_DATE_MS
    try:
        at = datetime.fromisoformat(created)
    except ValueError:
        return None
    return ((at if at.tzinfo else at.replace(tzinfo=UTC)) - _EPOCH) // timedelta(milliseconds=1)
