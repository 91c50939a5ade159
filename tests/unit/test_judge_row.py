"""A show's note of a recording: stale only where it is provably one recording's, which has its program."""

from dataclasses import replace
from typing import Any

import pytest

from reconcile.compare.needs import wanted_events
from reconcile.compare.verdicts import compare
from reconcile.model.finding import Judgement, recording_subject, row_subject
from reconcile.model.recording import Unreadable
from reconcile.model.snapshot import Snapshot
from tests.unit.builders import (
    BEFORE,
    BUCKET,
    CHANNEL,
    COMPOSITE,
    HOUR,
    MINUTE,
    NOW,
    SHOW,
    WHOLE,
    channel,
    composition,
    events,
    group_item,
    iso,
    medialess_item,
    program_item,
    recording,
    row_item,
    rules,
    session_item,
    show_item,
    snapshot,
)

IVS = {"compositionArn": composition("comp1"), "programChannelArn": channel("chan1")}
SHOWN = [show_item(), group_item(), session_item(ivs=IVS)]
STUCK = row_item(status="processing")
LATER = events(BEFORE + 3 * HOUR)


def subject(row: str = "row1", show: str = SHOW) -> Any:
    return row_subject(f"show#{show}", f"recording#{iso(BEFORE)}#{row}")


def judged(seen: Snapshot, row: str = "row1", **attributes: Any) -> Judgement:
    """Judge a row, and see that narrowing says the same."""
    every = compare(seen, rules(**attributes), narrow=False)
    assert compare(seen, rules(**attributes)).counts() == every.counts()
    return every.judged[subject(row)]


def shown(*rows: Any, recordings: Any = None, programs: Any = None, **others: Any) -> Snapshot:
    programs = [program_item()] if programs is None else programs
    return snapshot(recordings or {COMPOSITE: events()}, [*SHOWN, *programs, *rows], **others)


@pytest.mark.parametrize(
    ("told", "verdict"),
    [
        ({"status": "completed", "programId": "program1"}, "agrees"),
        ({"programId": "program1"}, "agrees"),
        ({"status": "recording", "programId": "program1"}, "recording-row-stale"),
        ({"status": "processing"}, "recording-row-stale"),
        ({"status": "completed"}, "recording-row-stale"),
        ({"status": "completed", "programId": "another"}, "recording-row-stale"),
        ({"status": "failed"}, "recording-row-stale"),
    ],
)
def test_a_row_is_stale_that_is_stuck_or_does_not_name_its_recording_s_program(
    told: dict[str, Any], verdict: str
) -> None:
    found = judged(shown(row_item(**told)))
    assert found.verdict == verdict
    assert (found.evidence["title"], found.evidence["program"]) == ("A Show", "program1")
    assert found.evidence["recording"] == f"s3://{BUCKET}/{COMPOSITE}"


@pytest.mark.parametrize(
    "rows",
    [
        [row_item(status="processing", startTime=None)],
        [row_item(status="processing", endTime=None)],
        [row_item(status="processing", startTime=iso(BEFORE + 2 * HOUR), endTime=iso(BEFORE + 3 * HOUR))],
        [STUCK, row_item("row2", startTime=iso(BEFORE + MINUTE))],
        [row_item(show="another", status="processing")],
    ],
)
def test_a_row_that_is_not_provably_one_recording_s_agrees(rows: list[Any]) -> None:
    found = compare(shown(*rows), rules(), narrow=False)
    assert {j.verdict for s, j in found.judged.items() if s.type == "recording-row"} == {"agrees"}


def test_a_row_that_overlaps_two_recordings_of_its_show_agrees() -> None:
    twin = {COMPOSITE: events(), CHANNEL: events(BEFORE + MINUTE, HOUR - 2 * MINUTE)}
    assert judged(shown(STUCK, recordings=twin)).verdict == "agrees"
    apart = {COMPOSITE: events(), CHANNEL: LATER}
    assert judged(shown(STUCK, recordings=apart)).verdict == "recording-row-stale"


def test_another_row_that_overlaps_a_second_recording_too_takes_nothing_away() -> None:
    long = row_item("row2", endTime=iso(BEFORE + 4 * HOUR))
    assert judged(shown(STUCK, long, recordings={COMPOSITE: events(), CHANNEL: LATER})).verdict == (
        "recording-row-stale"
    )


@pytest.mark.parametrize(
    "programs",
    [[], [program_item(), program_item("program2")], [program_item(owner="somebody")]],
    ids=["none", "two", "another owner's"],
)
def test_a_row_agrees_whose_recording_has_no_one_program_of_its_producer(programs: list[Any]) -> None:
    assert judged(shown(STUCK, programs=programs)).verdict == "agrees"


@pytest.mark.parametrize("state", [{"ended_seen": None}, {"ended_seen": NOW - 14 * MINUTE}])
def test_a_row_of_a_recording_that_has_not_ended_agrees(state: dict[str, Any]) -> None:
    live = snapshot(
        [recording(**state)], [*SHOWN, program_item(), STUCK], told={(BUCKET, COMPOSITE): events()}
    )
    assert judged(live).verdict == "agrees"


@pytest.mark.parametrize(
    ("row", "program", "verdict"), [(14, 99, "settling"), (99, 14, "settling"), (15, 15, "")]
)
def test_a_row_waits_while_it_or_its_program_settles(row: int, program: int, verdict: str) -> None:
    fresh = row_item(status="processing", updatedAt=iso(NOW - row * MINUTE))
    made = program_item(updatedAt=iso(NOW - program * MINUTE))
    assert judged(shown(fresh, programs=[made])).verdict == (verdict or "recording-row-stale")
    right = fresh | {"status": {"S": "completed"}, "programId": {"S": "program1"}}
    assert judged(shown(right, programs=[made])).verdict == "agrees"


@pytest.mark.parametrize("kind", ["s3", "dynamodb"])
def test_nothing_is_claimed_of_a_row_where_recordings_or_rows_are_doubted(kind: str) -> None:
    doubted = tuple(replace(one, doubt="it shrank") if one.source.startswith(kind) else one for one in WHOLE)
    assert judged(shown(STUCK, receipts=doubted)).verdict == "unknown"


def unread(prefix: str) -> dict[str, Any]:
    return {"failures": {recording_subject(BUCKET, prefix): "it broke off"}}


def test_a_row_is_never_stale_beside_a_recording_whose_events_could_not_be_read() -> None:
    beside = shown(STUCK, recordings={COMPOSITE: events(), CHANNEL: None}, **unread(CHANNEL))
    assert judged(beside).verdict == "unknown"
    own = shown(STUCK, recordings={COMPOSITE: None}, **unread(COMPOSITE))
    assert judged(own).verdict == "unknown"
    right = row_item(status="completed", programId="program1")
    both = shown(right, recordings={COMPOSITE: events(), CHANNEL: None}, **unread(CHANNEL))
    assert judged(both).verdict == "agrees"


def test_a_second_note_is_not_counted_on_while_its_own_recording_may_be_unread() -> None:
    """It may overlap the unread recording too; then the first one would be provably its recording's."""
    long = row_item("row2", endTime=iso(BEFORE + 4 * HOUR))
    held = [recording(), recording(CHANNEL, started_seen=BEFORE + 3 * HOUR, ended_seen=BEFORE + 4 * HOUR)]
    rows = [*SHOWN, program_item(), STUCK, long]
    seen = snapshot(held, rows, told={(BUCKET, COMPOSITE): events()}, **unread(CHANNEL))
    assert judged(seen).verdict == "unknown"


def test_a_program_given_by_elimination_proves_nothing_where_the_index_is_doubted() -> None:
    seen = shown(STUCK, programs=[medialess_item()])
    assert judged(seen).verdict == "recording-row-stale"
    doubted = tuple(replace(one, doubt="it shrank") if one.source == "algolia" else one for one in WHOLE)
    assert judged(replace(seen, receipts=doubted)).verdict == "unknown"


def test_a_recording_that_nobody_understands_has_no_time_to_overlap() -> None:
    seen = shown(STUCK, recordings={COMPOSITE: events(), CHANNEL: Unreadable("it is not JSON")})
    assert judged(seen).verdict == "recording-row-stale"


def test_the_events_of_an_old_recording_are_wanted_where_a_stale_note_may_be_its_own() -> None:
    """Without them a window would call a note provable that overlaps two recordings."""
    old = [recording(), recording(CHANNEL, started_seen=BEFORE - MINUTE, ended_seen=BEFORE + HOUR)]
    window = {"window_start": BEFORE + 90 * HOUR}
    stale = snapshot(old, [*SHOWN, program_item(), STUCK])
    assert (BUCKET, CHANNEL) in wanted_events(stale, rules(**window))
    right = row_item(status="completed", programId="program1")
    assert wanted_events(snapshot(old, [*SHOWN, program_item(), right]), rules(**window)) == {
        (BUCKET, COMPOSITE)
    }
