"""The text of a report: which schema it has, how it is written, and what of it can be read. Pure."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from reconcile.model.clock import write_time
from reconcile.model.documents import JsonObject
from reconcile.report.upgrade import upgraded

SCHEMA = "2.0"

_ALWAYS = (
    *("run", "headline", "sources", "counts", "findings", "resolved", "repairs", "recordings", "causes"),
    *("deliveries", "usage"),
)
"""What every report has had from the first on; a text without one of these is no report."""


@dataclass(frozen=True, slots=True)
class Batches:
    """A list of a report, as plain values and some of them at a time: it may be much longer than all else."""

    items: Iterable[Sequence[object]]


def pieces_of(body: JsonObject) -> Iterator[str]:
    """Yield the parts of a report as JSON: the schema first, then sorted keys, times in UTC.

    Of a part that is given in batches no more than one is held at a time.
    """
    yield f'{{\n "schema": {json.dumps(SCHEMA)}'
    for name in sorted(body):
        yield f",\n {json.dumps(name)}: "
        value = body[name]
        if isinstance(value, Batches):
            yield from _list_pieces(value)
        else:
            yield _indented(value, 1)
    yield "\n}\n"


def _list_pieces(batches: Batches) -> Iterator[str]:
    between = "["
    for items in filter(None, batches.items):
        # Without the brackets of the batch: those of the list stand around them all.
        yield between + _indented(items, 1)[1:-3]
        between = ","
    yield "[]" if between == "[" else "\n ]"


def _indented(value: object, depth: int) -> str:
    # A line end within a text is escaped: those that are left stand between values.
    text = json.dumps(value, sort_keys=True, default=_as_text, indent=1)
    return text.replace("\n", "\n" + " " * depth)


def body_of(text: str) -> dict[str, Any]:
    """Return the parts of a report, in the shape of the present schema whatever it was written in.

    Raises ValueError for another schema, and for a text that is no report.
    """
    try:
        data = json.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    major = str(data.get("schema") or "").split(".")[0] if isinstance(data, dict) else ""
    if major not in ("1", "2"):
        other = f", not {data['schema']}" if major else ""
        raise ValueError(f"a report of the schema {SCHEMA} or 1.0 was expected{other}")
    missing = [name for name in _ALWAYS if name not in data]
    if missing:
        raise ValueError(f"the report lacks {missing[0]!r}")
    return upgraded(data) if major == "1" else data


def first_fault(error: ValidationError) -> str:
    """Say what is wrong first."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(map(str, first["loc"]))
    if first["type"] == "missing":
        return f"the report lacks {place!r}"
    return f"the report's {place}: {first['msg']}"


def _as_text(value: object) -> str:
    """Return what JSON cannot hold as a text."""
    return write_time(value) if isinstance(value, datetime) else str(value)
