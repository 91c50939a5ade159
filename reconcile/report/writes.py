"""Shows what a run wrote, at the findings that it was written for. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from reconcile.model.finding import Finding
from reconcile.model.run import Repair
from reconcile.report.formatting import clean, line_of
from reconcile.report.groups import Changes, Item, change_rows, finding_item

LONGEST_REASON = 600

_WHAT = {
    "program mended": "program completed",
    "record written": "search record written",
    "record taken back": "search record removed again",
    "show given its group": "group set on the show",
    "recording row linked": "recording row completed",
    "programs counted": "program count corrected",
}
"""What a write is called where people read; the JSON keeps its own names."""

Writes = Mapping[str, tuple[Changes, ...]]
"""By finding, the writes that were made for it."""


def write_words(what: str) -> str:
    """Return what a write is called where people read."""
    return _WHAT.get(what) or clean(what)


def writes_of(repairs: Iterable[Repair]) -> Writes:
    """Return by finding every write that was made, also those that were not read back as written."""
    made: defaultdict[str, list[Changes]] = defaultdict(list)
    for repair in repairs:
        if repair.outcome == "made":
            made[repair.finding].append(_written(repair))
    return {finding: tuple(changes) for finding, changes in made.items()}


def with_writes(finding: Finding, writes: Writes) -> Item:
    """Return a finding that is not wholly repaired, with what was written for it all the same."""
    item = finding_item(finding)
    return replace(item, changes=(*item.changes, *writes.get(finding.id, ())))


def _written(repair: Repair) -> Changes:
    before, after = repair.before, repair.after
    pairs = {
        name: (before.get(name), after.get(name))
        for name in (*after, *before)
        if before.get(name) != after.get(name)
    }
    target = repair.target
    named = (target["objectID"],) if "objectID" in target else target.values()
    note = line_of(repair.note or "it was not read back", LONGEST_REASON)
    return Changes(
        write_words(repair.what),
        "  ".join(line_of(value) for value in named),
        "verified" if repair.verified else f"not verified: {note}",
        "good" if repair.verified else "high",
        ("before", "after"),
        change_rows(pairs),
        made_new=not before,
    )
