"""A world that calls for every kind of repair, in rows with values of every type, and its repair."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from reconcile.model.attributes import differing
from reconcile.model.clock import write_time
from reconcile.model.finding import Finding
from reconcile.model.recording import RecordingKey, program_id_of
from reconcile.repair.plan_groups import group_id_of
from reconcile.report.data import Report
from reconcile.runs.finish import Outcome
from reconcile.undo.undo import UndoOutcome
from tests.scenario.cycle import Contents, Cycle
from tests.scenario.small import BUCKET, STAGE, Small

OPT_IN: dict[str, Any] = {"opt_in": ("group-missing", "count-drift")}
ODD: dict[str, Any] = {
    "labels": {"SS": ["b", "a"]},
    "ratings": {"NS": ["1", "2.5", "12345678901234567890123456789012345678"]},
    "thumb": {"B": b"\x00\xff"},
    "views": {"N": "12345678901234567890123456789012345678"},
    "nothing": {"NULL": True},
    "blank": {"S": ""},
    "deep": {"M": {"list": {"L": [{"N": "1"}, {"BOOL": False}, {"BS": [b"x"]}]}}},
}
"""Values that plain ones of Python do not hold or tell apart: they stand in every row that is repaired."""

LOST, BARE, GROUPLESS, DRIFTED, STUCK = "lost", "bare", "groupless", "drifted", "stuck"
"""The shows: its program is lost, or incomplete; it has no group, one that miscounts, or a stale row."""


def prefix(show: str) -> str:
    return f"account/{show}/day/composite"


def program_key(show: str) -> tuple[str, str]:
    """Return the key of the program that the job makes for a show's recording."""
    return (f"u#{show}er#programs", f"p#{program_id_of(RecordingKey(BUCKET, prefix(show)))}")


def own_program(show: str) -> tuple[str, str]:
    """Return the key of the program that the live processor made."""
    return (f"u#{show}er#programs", f"p#program-of-{show}")


def group_key(show: str) -> tuple[str, str]:
    return (f"u#{show}er#groups", "g#group1")


NEW_GROUP = (f"u#{GROUPLESS}er#groups", f"g#{group_id_of(GROUPLESS)}")
SHOW = (f"show#{GROUPLESS}", "info")
STALE, ABSENT = "upload-0", "upload-1"
"""The records that are outdated, and missing."""


def broadcast(small: Small, show: str) -> None:
    """Add a show of its own producer, and a recording of its broadcast."""
    stage = STAGE.replace("stage1", show)
    small.show(show, f"{show}er", "group1", stage)
    small.record_broadcast(prefix(show), stage)
    small.items[f"show#{show}", "info"] |= ODD
    small.items[group_key(show)] |= ODD


def recording_row(small: Small, show: str, **told: Any) -> tuple[str, str]:
    """Add a show's row of its recording, which does not say what became of it."""
    start, end = (write_time(small.now - timedelta(hours=hours)) for hours in (3, 2))
    key = (f"show#{show}", f"recording#{start}#row")
    kept = {"recordingId": "row", "showId": show, "startTime": start, "endTime": end, "status": "processing"}
    small.put({"pk": key[0], "sk": key[1], **kept, **ODD, **told})
    return key


def bad_night() -> Small:
    """Return a world that calls for every kind of repair."""
    small = Small()
    broadcast(small, LOST)
    small.items[group_key(LOST)].pop("programsCount")
    recording_row(small, LOST, playbackUrl={"SS": ["x", "y"]}, s3Bucket={"NULL": True})
    broadcast(small, BARE)
    bare = small.items[small.program(prefix(BARE), BARE, f"{BARE}er")]
    small.items[group_key(BARE)]["programsCount"] = {"N": "7"}
    for name in ("groupId", "GSI1PK", "GSI1SK"):
        del bare[name]
    bare |= {**ODD, "program_url": {"NULL": True}, "GSI1SK": {"SS": ["odd"]}}
    small.index(own_program(BARE))
    broadcast(small, GROUPLESS)
    small.items[SHOW]["groupId"] = {"S": ""}
    del small.items[group_key(GROUPLESS)]
    broadcast(small, DRIFTED)
    small.program(prefix(DRIFTED), DRIFTED, f"{DRIFTED}er")
    small.items[group_key(DRIFTED)]["programsCount"] = {"N": "12345678901234567890123456789012345678"}
    broadcast(small, STUCK)
    small.program(prefix(STUCK), STUCK, f"{STUCK}er")
    recording_row(small, STUCK, programId={"NULL": True})
    small.populate(30)
    for number in range(2):
        small.items[f"u#other{number}#programs", f"p#upload-{number}"] |= ODD
    small.records[STALE] |= {"title": "An older title", "views": 12, "_tags": ["x"], "rank": 1.5}
    del small.records[ABSENT]
    return small


Night = tuple[Cycle, Contents, str]
"""A world after its bad night, what the stores held before it, and the run that wrote."""


def repaired(small: Small | None = None) -> Night:
    """Return a world after its bad night, what the stores held before it, and the run that wrote."""
    cycle = Cycle.of((small or bad_night()).world())
    waiting = cycle.check(**OPT_IN)
    cycle.state.mark_first_repair(cycle.now - timedelta(days=1))
    before = cycle.contents()
    outcome = cycle.repair(**OPT_IN)
    assert waiting.report.run.id != outcome.report.run.id
    return cycle, before, outcome.report.run.id


def written(outcome: Outcome) -> set[str]:
    """Return what a run wrote, by the names of its writes."""
    return {repair.what for repair in outcome.report.repairs if repair.outcome == "made"}


def differences(before: Contents, after: Contents) -> list[str]:
    """Name everything in which two moments of table and index differ, but for the time of an undo."""
    rows = {*before.items, *after.items}
    apart = [
        f"{key}: {name}"
        for key in sorted(rows)
        for name in differing(before.items.get(key, {}), after.items.get(key, {}), frozenset({"updatedAt"}))
    ]
    names = {*before.records, *after.records}
    apart += [name for name in sorted(names) if before.records.get(name) != after.records.get(name)]
    return apart


def became(outcome: UndoOutcome) -> Mapping[tuple[str, str], tuple[str, str]]:
    """Return what became of each write of a run, and why, by its name and its sort key or objectID."""
    named = ((one, one.reversal.target) for one in outcome.undone)
    return {
        (target.what, target.names_it.get("objectID") or target.names_it["sk"]): (one.became, one.why)
        for one, target in named
    }


def report_of(cycle: Cycle, run: str) -> Report:
    return Report.from_json(cycle.reports.files[run]["report.json"])


def next_night(cycle: Cycle, **asked: Any) -> Outcome:
    """Repair an hour later, when nothing settles any more."""
    cycle.now += timedelta(hours=1)
    return cycle.repair(**OPT_IN, **asked)


def finding_of(report: Report, kind: str) -> Finding:
    """Return the one finding of a kind."""
    (found,) = (one for one in report.findings if one.kind == kind)
    return found
