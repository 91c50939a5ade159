"""A show's note of a recording: stale only where it is provably one recording's, which has its program."""

from dataclasses import replace
from typing import Any

import pytest

from reconcile.compare.events_needed import wanted_events
from reconcile.compare.verdicts import compare
from reconcile.engines.pandas import PANDAS
from reconcile.model.catalog import RowKey
from reconcile.model.finding import Judgement, recording_subject, row_subject
from reconcile.model.recording import RecordingKey, Unreadable
from reconcile.model.snapshot import Snapshot
from reconcile.repair.plan_rows import plan_link
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
    return row_subject(RowKey(f"show#{show}", f"recording#{iso(BEFORE)}#{row}"))


def judged(seen: Snapshot, row: str = "row1", **attributes: Any) -> Judgement:
    """Judge a row, and see that narrowing says the same."""
    every = compare(seen, rules(**attributes), None)
    assert compare(seen, rules(**attributes), PANDAS).counts() == every.counts()
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
    "row",
    [
        row_item(status="processing", startTime=iso(BEFORE + 2 * HOUR), endTime=iso(BEFORE + 3 * HOUR)),
        row_item(status="processing", startTime=iso(BEFORE + 2 * HOUR), endTime=None),
        row_item(show="another", status="processing"),
        row_item(show="another", status="processing", endTime=None),
        row_item(show="another", status="processing", startTime=None),
    ],
)
def test_a_row_agrees_that_no_recording_of_its_show_can_be_of(row: Any) -> None:
    found = compare(shown(row), rules(), None)
    assert {j.verdict for s, j in found.judged.items() if s.type == "recording-row"} == {"agrees"}


UNPLACED = [
    ({"startTime": None}, "began"),
    ({"endTime": None}, "ended"),
    ({"endTime": iso(BEFORE + 4 * HOUR)}, "several"),
    ({"endTime": iso(BEFORE - HOUR)}, "ended before it began"),
]


@pytest.mark.parametrize(("told", "why"), UNPLACED)
def test_a_row_never_agrees_of_which_nobody_can_tell_whose_it_is(told: dict[str, Any], why: str) -> None:
    """It is reported with what it may be of, and no repair is planned."""
    seen = shown(row_item(status="processing", **told), recordings={COMPOSITE: events(), CHANNEL: LATER})
    found = judged(seen)
    assert found.verdict == "recording-row-stale"
    assert why in found.evidence["undecided"]
    assert found.evidence["may_be"] == [f"s3://{BUCKET}/{COMPOSITE}"]
    assert "recording" not in found.evidence
    planned, why_not = plan_link(found, compare(seen, rules(), PANDAS))
    assert planned is None
    assert "by hand" in why_not


def test_a_row_whose_times_are_of_no_broadcast_does_not_agree_while_it_names_the_program_of_one() -> None:
    """A client's clock was wrong, or the processor wrote into the row of another night."""
    told = {"programId": "program1", "s3Key": f"{COMPOSITE}/media/hls/multivariant.m3u8"}
    times = {"startTime": iso(BEFORE - 9 * HOUR), "endTime": iso(BEFORE - 8 * HOUR)}
    row = row_item(status="processing", s3Bucket=BUCKET, **told, **times)
    seen = shown(row, recordings={COMPOSITE: events(), CHANNEL: LATER})
    found = judged(seen)
    assert found.verdict == "recording-row-stale"
    assert "no broadcast" in found.evidence["undecided"]
    assert plan_link(found, compare(seen, rules(), PANDAS))[0] is None


@pytest.mark.parametrize(("told", "why"), UNPLACED)
def test_a_row_agrees_that_names_a_program_which_it_may_be_of(told: dict[str, Any], why: str) -> None:
    row = row_item(status="completed", programId="program1", **told)
    assert judged(shown(row, recordings={COMPOSITE: events(), CHANNEL: LATER})).verdict == "agrees"


def test_a_row_of_which_nobody_can_tell_whose_it_is_waits_for_what_is_on_air() -> None:
    live = [recording(), recording(CHANNEL, ended_seen=None, started_seen=NOW - HOUR)]
    told = {
        RecordingKey(BUCKET, COMPOSITE): events(),
        RecordingKey(BUCKET, CHANNEL): events(NOW - HOUR, ended_at=None),
    }
    row = row_item(status="recording", endTime=iso(NOW - MINUTE))
    assert judged(snapshot(live, [*SHOWN, program_item(), row], told=told)).verdict == "settling"


TWIN = {COMPOSITE: events(), CHANNEL: events(BEFORE + MINUTE, HOUR - 2 * MINUTE)}


def test_a_row_beside_a_twin_is_stale() -> None:
    """Composite and channel are one broadcast, so the row overlaps exactly one."""
    found = judged(shown(STUCK, recordings=TWIN))
    assert found.verdict == "recording-row-stale"
    assert found.evidence["recording"] == f"s3://{BUCKET}/{COMPOSITE}"
    apart = {COMPOSITE: events(), CHANNEL: LATER}
    assert judged(shown(STUCK, recordings=apart)).verdict == "recording-row-stale"


def test_both_rows_of_one_broadcast_are_completed() -> None:
    """The host pressed the button twice."""
    second = row_item("row2", status="processing", startTime=iso(BEFORE + MINUTE))
    seen = shown(STUCK, second)
    for row in ("row1", "row2"):
        key = f"recording#{iso(BEFORE)}#{row}"
        found = compare(seen, rules(), None).judged[row_subject(RowKey(f"show#{SHOW}", key))]
        assert found.verdict == "recording-row-stale"
        assert plan_link(found, compare(seen, rules(), PANDAS))[0] is not None


AFTER = "one/comp9/dest1/composite"
TWO = {COMPOSITE: events(), AFTER: events(BEFORE + HOUR, HOUR)}
SECOND = program_item("program2", program_url=f"https://play.test/{AFTER}/media/hls/multivariant.m3u8")
SESSION = session_item("session9", ivs={"compositionArn": composition("comp9")})


def test_a_row_that_overlaps_two_broadcasts_is_of_the_one_that_its_program_and_its_key_are_of() -> None:
    """As the live stop leaves it: the processor wrote both, then the state went back."""
    told = {"status": "processing", "programId": "program2", "endTime": iso(BEFORE + 2 * HOUR)}
    both = row_item(**told, s3Bucket=BUCKET, s3Key=f"{AFTER}/media/hls/multivariant.m3u8")
    found = judged(shown(both, recordings=TWO, programs=[program_item(), SECOND, SESSION]))
    assert found.verdict == "recording-row-stale"
    assert found.evidence["recording"] == f"s3://{BUCKET}/{AFTER}"
    assert found.evidence["program"] == "program2"
    for less in ({"s3Key": {"NULL": True}}, {"programId": {"NULL": True}}):
        found = judged(shown(both | less, recordings=TWO, programs=[program_item(), SECOND, SESSION]))
        assert "several" in found.evidence["undecided"]


@pytest.mark.parametrize("status", ["processing", "completed"])
def test_a_row_of_one_time_that_names_another_broadcast_s_program_is_reported_and_left(status: str) -> None:
    """The processor writes into the newest row, whichever broadcast that is of."""
    told = {"programId": "program2", "s3Bucket": BUCKET, "s3Key": f"{AFTER}/media/hls/multivariant.m3u8"}
    row = row_item(status=status, endTime=iso(BEFORE + HOUR), **told)
    seen = shown(row, recordings=TWO, programs=[program_item(), SECOND, SESSION])
    found = judged(seen)
    assert found.verdict == "recording-row-stale"
    assert "another" in found.evidence["undecided"]
    assert plan_link(found, compare(seen, rules(), PANDAS))[0] is None


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
        [recording(**state)],
        [*SHOWN, program_item(), STUCK],
        told={RecordingKey(BUCKET, COMPOSITE): events()},
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
    return {"failures": {recording_subject(RecordingKey(BUCKET, prefix)): "it broke off"}}


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
    seen = snapshot(held, rows, told={RecordingKey(BUCKET, COMPOSITE): events()}, **unread(CHANNEL))
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
    assert RecordingKey(BUCKET, CHANNEL) in wanted_events(stale, rules(**window))
    right = row_item(status="completed", programId="program1")
    assert wanted_events(snapshot(old, [*SHOWN, program_item(), right]), rules(**window)) == {
        (BUCKET, COMPOSITE)
    }
