"""Prints what the three stores have on one broadcast side by side, one fact for each row."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from reconcile.model.clock import parse_time
from reconcile.model.documents import Attributes
from reconcile.report.formatting import lasting_seconds, line_of, plural

if TYPE_CHECKING:
    from reconcile.report.render.lines import Lines

_SIDES = ("S3", "DynamoDB", "Algolia")
_BESIDE = {
    "session": ("status", "createdAt", "updatedAt", "showId"),
    "show": ("title", "producerId", "groupId"),
    "group": ("groupId", "programsCount"),
    "recording row": ("status", "startTime", "endTime", "programId", "s3Key"),
    "copy": ("programId", "title", "program_url"),
}
_FACTS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "state": (("state",), (), ()),
    "id": ((), ("sk",), ("objectID",)),
    "stored at": ((), ("pk",), ()),
    "title": ((), ("title",), ("title",)),
    "start": (("start",), ("created_date",), ("created_date",)),
    "end": (("end",), (), ()),
    "duration": (("duration_ms",), ("duration",), ("duration",)),
    "URL": (("manifest",), ("program_url",), ("program_url",)),
    "playable": (("plays",), (), ()),
    "key": ((), ("s3Key",), ()),
    "show": ((), ("sourceShowId",), ()),
    "owner": ((), ("ownerId",), ("userId",)),
    "group": ((), ("groupId",), ("groupId",)),
    "listed under": ((), ("GSI1PK",), ("groupName",)),
}
"""The facts to compare: the fields that hold each in the recording, the program and the record."""
_WHETHER_IT_IS = ("state", "sk", "objectID")
_TIMES = ("start", "end", "created_date")
_PER_SECOND = {"duration": 1, "duration_ms": 1000}


def print_stores(stores: Mapping[str, Sequence[Attributes]], page: "Lines") -> None:
    """Print the recording, the program and the record side by side."""
    programs = [row for row in stores["dynamodb"] if row["pk"].endswith("#programs")]
    stored = (stores["s3"], programs, stores["algolia"])
    sides = [items[0] if items else {} for items in stored]
    rows = [
        (label, [_cell(side, name) for side, name in zip(sides, names, strict=True)])
        for label, names in _FACTS.items()
    ]
    more = [plural(len(items) - 1, "other") if len(items) > 1 else "" for items in stored]
    page.grid([row for row in (*rows, ("and", more)) if any(row[1])], _SIDES, indent=2)


def _cell(side: Attributes, names: tuple[str, ...]) -> str:
    if names and not side:
        return "none" if names[0] in _WHETHER_IT_IS else ""
    values = [_value_of(name, side[name]) for name in names if side.get(name) is not None]
    return ", ".join(map(line_of, values))


def _value_of(name: str, value: Any) -> Any:
    if name in _PER_SECOND and isinstance(value, int | float):
        # The live processor does not know the duration, and writes 0.
        return lasting_seconds(value / _PER_SECOND[name]) if value else "not stored (0)"
    return _time_words(value) if name in _TIMES else value


def _time_words(value: Any) -> str:
    """Return a time to the second; any other value is returned as it is."""
    try:
        moment = value if isinstance(value, datetime) else parse_time(str(value))
    except ValueError:
        return str(value)
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def beside(row: Attributes) -> Iterator[str]:
    """Yield the kind and the facts of a row that is no program; nothing for a program."""
    kind = _kind_of(str(row["pk"]), str(row["sk"]))
    if kind:
        yield f"{kind} {line_of(row['pk'])} {line_of(row['sk'])}"
        facts = [
            f"{name} {line_of(row[name])}" for name in _BESIDE.get(kind, ()) if row.get(name) is not None
        ]
        if facts:
            yield ", ".join(facts)


def _kind_of(pk: str, sk: str) -> str:
    if pk.startswith("u#") and pk.endswith("#programs"):
        return ""
    if sk.startswith("recording#"):
        return "recording row"
    return {"session": "session", "show": "show", "u": "group"}.get(pk.partition("#")[0], "copy")
