"""The search record that a row calls for, exactly as the live stream sync writes it, and its digest.

The shape, the defaults and the conversion of attribute values follow the stream sync; what it writes
must never look stale, so its oddities (falsy values fall to the default, numbers in lists become text)
are kept on purpose.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from reconcile.model.documents import Attributes, JsonObject
from reconcile.model.jsdate import epoch_milliseconds

Image = Mapping[str, Mapping[str, Any]]
"""An item as DynamoDB sends it: attribute name -> {type: value}."""

FIELDS = (
    "objectID",
    "programId",
    "title",
    "description",
    "broadcast_type",
    "premium",
    "tags",
    "price",
    "frequency",
    "created_date",
    "created_timestamp",
    "groupId",
    "groupName",
    "program_url",
    "program_image",
    "imageFiles",
    "mediaFiles",
    "duration",
    "userId",
    "networkId",
)
"""Every field that the stream sync may write; other fields of a record are nobody's business here."""

READ_FIELDS = (*FIELDS, "ownerId")
"""What is asked of the index: the fields compared, and who the live processor says owns the program."""


@dataclass(frozen=True, slots=True)
class Record:
    """A search record: its digest, and the fields that show that a program once existed."""

    object_id: str
    digest: int
    url: str | None
    user_id: str | None
    program_id: str | None


NOTHING: frozenset[str] = frozenset()


def hidden_fields(settings: JsonObject) -> frozenset[str]:
    """Return the fields that an index keeps from every answer but those to its administrator.

    https://www.algolia.com/doc/api-reference/api-parameters/unretrievableAttributes
    """
    named = settings.get("unretrievableAttributes")
    names = {str(name).split(".")[0] for name in named} if isinstance(named, list) else set()
    return frozenset(names & set(FIELDS))


def parse_record(hit: Attributes, hidden: frozenset[str] = NOTHING) -> Record:
    """Turn a record as the index returns it into what is compared: all but the fields that it hides."""
    user = _text(hit.get("userId")) or _text(hit.get("ownerId"))
    return Record(
        object_id=str(hit["objectID"]),
        digest=digest(hit, hidden),
        url=_text(hit.get("program_url")),
        user_id=user,
        program_id=_text(hit.get("programId")),
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def object_id_for(pk: str, program_id: str) -> str:
    """Return the objectID that a row of a `#programs` partition calls for."""
    return f"n_{second_part(pk)}_{program_id}" if is_network(pk) else program_id


def is_network(pk: str) -> bool:
    """Whether a partition is a network's."""
    return pk.startswith("n#")


def second_part(pk: str) -> str | None:
    """Return the id that the stream sync takes from a partition key: the second part, whatever follows."""
    parts = pk.split("#")
    return parts[1] or None if len(parts) > 1 else None


_DEFAULTS: Final[tuple[tuple[str, Any], ...]] = (
    ("title", "Untitled Program"),
    ("description", ""),
    ("broadcast_type", "Video mp4"),
    ("premium", False),
    ("tags", []),
    ("groupId", "General"),
    ("imageFiles", []),
    ("mediaFiles", []),
)
"""What stands in a record for fields that a row lacks, or of which it says nothing."""

_AS_IT_IS = ("price", "frequency", "program_url", "program_image", "duration")
"""Fields without a default: what a row holds goes into the record, null too; what it lacks stays out."""

_NAMED = frozenset(FIELDS)
_FILLED = (list, dict)


def canonical(image: Image) -> dict[str, Any]:
    """Return the record that the stream sync writes for a row; undefined fields are left out."""
    row = {name: value["S"] if "S" in value else plain(value) for name, value in image.items()}
    pk, program_id = str(row["pk"]), row.get("programId")
    created = _or(row.get("created_date"), row.get("dateCreated"), row.get("createdAt"))
    record = {
        "objectID": object_id_for(pk, str(program_id)),
        "programId": program_id,
        "created_timestamp": epoch_milliseconds(_or(created, "1900-01-01")),
        "groupName": _or(row.get("groupName"), row.get("groupId"), "General"),
        "userId": second_part(pk),
    }
    for name, default in _DEFAULTS:
        record[name] = _or(row.get(name), default)
    if is_network(pk):
        record["networkId"] = second_part(pk)
        record["userId"] = _or(row.get("ownerId"), None)
    if created is not None or "createdAt" in row:
        record["created_date"] = created
    return record | {name: row[name] for name in _AS_IT_IS if name in row}


def _or(*values: Any) -> Any:
    """Return what `||` does in the stream sync's language, where an empty list or map counts as true."""
    for value in values:
        if value or isinstance(value, _FILLED):
            return value
    return values[-1]


def plain(value: Mapping[str, Any]) -> Any:
    """Convert one attribute value as the stream sync does: sets stay raw, lists keep only S, N and true."""
    if "S" in value:
        return value["S"]
    if "N" in value:
        return _number(value["N"])
    if "BOOL" in value:
        return value["BOOL"]
    if "L" in value:
        return [part.get("S") or part.get("N") or part.get("BOOL") or None for part in value["L"]]
    if "M" in value:
        return {name: plain(part) for name, part in value["M"].items()}
    return None if "NULL" in value else dict(value)


def _number(text: str) -> int | float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def digest(record: Attributes, hidden: frozenset[str] = NOTHING) -> int:
    """Return a digest of a record's fields, of 64 bits; what says the same (see `differences`) has the same.

    The fields that the index hides are left out. A number takes half the memory of a text: there are two for
    every program.
    """
    compared = _NAMED - hidden if hidden else _NAMED
    # Most fields are texts, which need no leveling: it goes through two of these for every program.
    known = {
        name: leveled
        for name, value in record.items()
        if name in compared and (leveled := value if type(value) is str else _level(value)) is not None
    }
    return int.from_bytes(hashlib.blake2b(_written(known).encode(), digest_size=8).digest(), signed=True)


def differences(
    expected: Attributes, actual: Attributes, hidden: frozenset[str] = NOTHING
) -> dict[str, dict[str, Any]]:
    """Return the fields in which a record differs from the row: {field: {"row": …, "record": …}}.

    An empty list, null and a field that is not there say the same (the stream sync of before network ids
    wrote no `imageFiles` and no `mediaFiles`), and so do 5 and 5.0. What the index hides is not compared.
    """
    return {
        name: {"row": expected.get(name), "record": actual.get(name)}
        for name in FIELDS
        if name not in hidden and _written(_level(expected.get(name))) != _written(_level(actual.get(name)))
    }


# Made once: a run writes every record twice.
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=str).encode


def _written(value: Any) -> str:
    # As text true and 1 differ, as they do in the index.
    return _encode(value)


def _level(value: Any) -> Any:
    """Make values equal that the index or JSON may write differently."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        # The stream sync's conversion of false inside a list is false or null, by its version.
        return [_level(part) if part is not False else None for part in value] or None
    if isinstance(value, Mapping):
        kind, inner = next(iter(value.items()), ("", None))
        if kind in ("SS", "NS", "BS") and isinstance(inner, list):
            # A set comes back in any order.
            return {kind: sorted(map(str, inner))}
        leveled = ((str(name), _level(part)) for name, part in value.items())
        return {name: part for name, part in leveled if part is not None}
    return value
