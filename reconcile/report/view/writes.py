"""Shows what a run wrote, and where a row and its search record differ, field by field. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from reconcile.model.run import Repair
from reconcile.report.formatting import LONGEST_REASON, clean, line_of, two_values
from reconcile.report.view.model import Difference, SideBySide

MOST_FIELDS = 8
_FIRST = ("title", "program_url", "groupId", "programId", "duration", "created_date", "status")
_TOLERATED = ("updatedAt",)
"""Fields that every write changes: nobody has to compare them."""
_WRITES = {
    "program mended": "program completed",
    "record written": "search record written",
    "record taken back": "search record removed again",
    "show given its group": "group set on the show",
    "recording row linked": "recording row completed",
    "programs counted": "program count corrected",
}
"""What a write is called where people read; the journal keeps its own names."""


def write_words(what: str) -> str:
    """Return what a write is called where people read."""
    return _WRITES.get(what) or clean(what)


def writes_by_finding(repairs: Iterable[Repair]) -> Mapping[str, tuple[SideBySide, ...]]:
    """Return by finding every write that was made, also those that were not read back as written."""
    made: defaultdict[str, list[SideBySide]] = defaultdict(list)
    for repair in repairs:
        if repair.outcome == "made":
            made[repair.finding].append(_write(repair))
    return {finding: tuple(writes) for finding, writes in made.items()}


def _write(repair: Repair) -> SideBySide:
    before, after, target = repair.before, repair.after, repair.target
    named = (target["objectID"],) if "objectID" in target else target.values()
    note = line_of(repair.note or "it was not read back", LONGEST_REASON)
    return SideBySide(
        what=write_words(repair.what),
        target="  ".join(line_of(value) for value in named),
        mark="verified" if repair.verified else f"not verified: {note}",
        tone="good" if repair.verified else "high",
        columns=("before", "after"),
        rows=differences(
            {
                name: (before.get(name), after.get(name))
                for name in dict.fromkeys((*after, *before))
                if before.get(name) != after.get(name)
            }
        ),
    )


def compared(fields: object) -> tuple[SideBySide, ...]:
    """Return the fields in which a row and its search record differ; nothing without any."""
    if not isinstance(fields, Mapping) or not fields:
        return ()
    pairs = {
        name: (value.get("row"), value.get("record"))
        for name, value in fields.items()
        if isinstance(value, Mapping)
    }
    return (SideBySide("", "", "", "none", ("the row has", "the record has"), differences(pairs)),)


def differences(pairs: Mapping[str, tuple[Any, Any]]) -> tuple[Difference, ...]:
    """Return each pair as a difference, the main fields first, cut where there are too many."""
    rank = {name: place for place, name in enumerate(_FIRST)}
    last = len(rank)
    names = sorted(pairs, key=lambda name: (name in _TOLERATED, rank.get(name, last), name))
    rows = [
        Difference(line_of(name), *two_values(*pairs[name]), tolerated=name in _TOLERATED)
        for name in names[:MOST_FIELDS]
    ]
    if len(names) > MOST_FIELDS:
        rows.append(Difference(f"and {len(names) - MOST_FIELDS:,} more in the JSON report", "", "", True))
    return tuple(rows)
