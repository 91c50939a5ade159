"""Whole comparisons: who is counted, what is unknown where a source is doubted, what depends on others."""

from dataclasses import replace
from typing import Any

import pytest

from reconcile.compare.events_needed import wanted_events
from reconcile.compare.verdicts import compare
from reconcile.engines.pandas import PANDAS
from reconcile.model.finding import record_subject, recording_subject, session_subject
from reconcile.model.recording import Kind, Recording, RecordingKey, Unreadable
from reconcile.model.run import Receipt
from reconcile.model.search_record import canonical
from reconcile.model.snapshot import Snapshot
from reconcile.model.verdict_table import TYPES
from tests.unit.builders import (
    BEFORE,
    BUCKET,
    CHANNEL,
    COMPOSITE,
    HOUR,
    MINUTE,
    NOW,
    WHOLE,
    channel,
    composition,
    events,
    group_item,
    iso,
    item,
    judge,
    medialess_item,
    of_record,
    of_recording,
    of_session,
    program_item,
    recording,
    rules,
    session_item,
    show_item,
    snapshot,
    verdict,
)

IVS = {"compositionArn": composition("comp1"), "programChannelArn": channel("chan1")}
SHOWN = [show_item(), group_item(), session_item(ivs=IVS)]
SHORT = events(BEFORE + MINUTE, HOUR - 2 * MINUTE)
GONE = session_item("s9", ivs={"compositionArn": composition("gone")})


def doubt(*kinds: str) -> tuple[Receipt, ...]:
    return tuple(
        replace(receipt, doubt="it gave less than before")
        if receipt.source.split(":")[0] in kinds
        else receipt
        for receipt in WHOLE
    )


def test_every_type_is_counted_and_nobody_is_left_out() -> None:
    counts = judge(snapshot({COMPOSITE: events(), CHANNEL: SHORT}, [*SHOWN, program_item(), GONE])).counts()
    assert set(counts) == set(TYPES) - {"system"}
    told = {kind: {name: n for name, n in held.items() if n} for kind, held in counts.items()}
    assert told == {
        "recording": {"agrees": 1, "twin": 1, "population": 2},
        "session": {"agrees": 1, "recording-missing": 1, "population": 2},
        "record": {"agrees": 1, "population": 1},
        "recording-row": {},
        "program": {"agrees": 1, "population": 1},
        "group": {"agrees": 1, "population": 1},
    }


def test_nothing_at_all_is_no_finding() -> None:
    comparison = compare(Snapshot(receipts=WHOLE), rules(), PANDAS)
    assert comparison.findings == []
    assert {counts["population"] for counts in comparison.counts().values()} == {0}


@pytest.mark.parametrize("kinds", [("s3",), ("dynamodb",), ("s3", "dynamodb")])
def test_where_recordings_or_rows_are_doubted_no_verdict_is_given(kinds: tuple[str, ...]) -> None:
    rows = [*SHOWN, GONE, program_item(groupId=None)]
    found = judge(snapshot({COMPOSITE: events(), CHANNEL: SHORT}, rows, receipts=doubt(*kinds)))
    assert of_recording(found).verdict == of_recording(found, CHANNEL).verdict == "unknown"
    assert of_session(found).verdict == of_session(found, "s9").verdict == "unknown"
    assert "it gave less than before" in of_recording(found).evidence["why"]


def test_where_the_index_is_doubted_only_what_rests_on_it_is_unknown() -> None:
    known = snapshot({COMPOSITE: events(), CHANNEL: SHORT}, [*SHOWN, GONE], receipts=doubt("algolia"))
    found = judge(known)
    # The recording that covers it is not confirmed to play: a twin of it may want the program.
    assert (of_recording(found).verdict, of_recording(found, CHANNEL).verdict) == ("unknown", "unknown")
    plays = judge(replace(known, manifests={RecordingKey(BUCKET, COMPOSITE): ""}))
    assert (of_recording(plays).verdict, of_recording(plays, CHANNEL).verdict) == ("unknown", "twin")
    assert of_session(found, "s9").verdict == "recording-missing"
    with_program = snapshot({COMPOSITE: events()}, [*SHOWN, program_item()], receipts=doubt("algolia"))
    assert verdict(with_program) == "agrees"
    assert of_record(judge(with_program)).verdict == "unknown"


def test_records_rest_on_rows_and_index_and_not_on_s3() -> None:
    known = snapshot({COMPOSITE: events()}, [*SHOWN, program_item()], records=[])
    for kinds, told in ((("s3",), "record-missing"), (("dynamodb",), "unknown"), (("algolia",), "unknown")):
        assert of_record(judge(replace(known, receipts=doubt(*kinds)))).verdict == told


def test_a_program_found_by_elimination_rests_on_the_index_too() -> None:
    known = snapshot({COMPOSITE: events()}, [*SHOWN, medialess_item()])
    assert verdict(known) == "program-incomplete"
    assert verdict(replace(known, receipts=doubt("algolia"))) == "unknown"


def test_what_could_not_be_read_again_is_unknown() -> None:
    subjects = (
        recording_subject(RecordingKey(BUCKET, COMPOSITE)),
        session_subject("s9"),
        record_subject("program1"),
    )
    rows = [*SHOWN, GONE, program_item(groupId=None)]
    known = snapshot(
        {COMPOSITE: events()}, rows, records=[], failures=dict.fromkeys(subjects, "it broke off")
    )
    found = judge(known)
    assert {found.judged[subject].verdict for subject in subjects} == {"unknown"}
    assert {found.judged[subject].evidence["why"] for subject in subjects} == {"it broke off"}


def unread(prefix: str) -> dict[str, Any]:
    return {"failures": {recording_subject(RecordingKey(BUCKET, prefix)): "it broke off"}}


def test_a_recording_is_not_missing_while_its_twin_s_events_could_not_be_read() -> None:
    known = snapshot({COMPOSITE: events(), CHANNEL: None}, SHOWN, **unread(CHANNEL))
    found = judge(known)
    assert of_recording(found).verdict == of_recording(found, CHANNEL).verdict == "unknown"
    assert of_recording(found).also == ("program-missing",)
    later = replace(
        known,
        recordings={
            **known.recordings,
            RecordingKey(BUCKET, CHANNEL): recording(
                CHANNEL, started_seen=BEFORE + 5 * HOUR, ended_seen=BEFORE + 6 * HOUR
            ),
        },
    )
    assert verdict(later) == "program-missing"


def test_a_recording_with_a_program_may_be_doubled_by_one_that_could_not_be_read() -> None:
    other = program_item("program2", program_url=f"https://play.test/{CHANNEL}/media/x")
    told = {COMPOSITE: events(), CHANNEL: None}
    assert verdict(snapshot(told, [*SHOWN, program_item(), other], **unread(CHANNEL))) == "unknown"
    assert verdict(snapshot(told, [*SHOWN, program_item()], **unread(CHANNEL))) == "agrees"


def test_a_recording_of_another_session_is_no_twin_even_if_it_could_not_be_read() -> None:
    own = [session_item("s2", ivs={"programChannelArn": channel("chan1")}), show_item(), group_item()]
    first = session_item(ivs={"compositionArn": composition("comp1")})
    known = snapshot({COMPOSITE: events(), CHANNEL: None}, [*own, first], **unread(CHANNEL))
    assert verdict(known) == "program-missing"


def test_a_session_s_recording_may_be_the_one_that_could_not_be_read() -> None:
    found = judge(snapshot({COMPOSITE: None}, [*SHOWN, GONE], **unread(COMPOSITE)))
    assert of_session(found, "s9").verdict == "unknown"
    assert of_session(found).verdict == "agrees"


def test_no_second_program_is_made_beside_that_of_an_unreadable_twin() -> None:
    broken: dict[str, Any] = {COMPOSITE: events(), CHANNEL: Unreadable("the events file is not JSON")}
    other = program_item("program2", program_url=f"https://play.test/{CHANNEL}/media/x")
    found = of_recording(judge(snapshot(broken, [*SHOWN, other])))
    assert (found.verdict, "program-missing" in found.also) == ("unreadable", True)
    assert CHANNEL in found.evidence["why"]
    assert verdict(snapshot(broken, SHOWN)) == "program-missing"


def test_a_session_that_cannot_be_read_makes_its_recordings_unreadable() -> None:
    odd = session_item(ivs={**IVS, "persistentChannelArn": 5})
    assert verdict(snapshot({COMPOSITE: events()}, [show_item(), group_item(), odd])) == "unreadable"
    ghost = show_item(groupId=["g"])
    assert (
        verdict(snapshot({COMPOSITE: events()}, [ghost, group_item(), session_item(ivs=IVS)])) == "unreadable"
    )


def test_an_unread_events_file_is_never_judged_as_if_it_said_nothing() -> None:
    assert verdict(snapshot({COMPOSITE: None}, SHOWN)) == "unknown"
    assert verdict(snapshot({COMPOSITE: None}, [*SHOWN, program_item()])) == "unknown"


STATES: list[tuple[dict[str, Any], Any, str]] = [
    ({}, events(), "program-missing"),
    ({}, events(duration=0), "failed"),
    ({}, events(duration=None), "failed"),
    ({"ended_seen": None, "failed_seen": BEFORE + HOUR}, events(), "program-missing"),
    ({"ended_seen": None, "failed_seen": BEFORE + HOUR, "has_media": False}, events(), "failed"),
    ({"ended_seen": None, "failed_seen": BEFORE + HOUR}, events(duration=0), "failed"),
    ({"ended_seen": None}, events(ended_at=None, duration=None), "in-progress"),
    ({"ended_seen": None, "started_seen": NOW - 54 * HOUR + MINUTE}, events(ended_at=None), "in-progress"),
    ({"ended_seen": None, "started_seen": NOW - 54 * HOUR}, events(ended_at=None), "unfinished"),
    ({"ended_seen": None, "started_seen": None}, None, "unfinished"),
    ({"ended_seen": NOW - 14 * MINUTE}, events(), "settling"),
    ({"ended_seen": NOW - 15 * MINUTE}, events(), "program-missing"),
    ({}, events(ended_at=None), "unreadable"),
    ({}, events(started_at=None), "unreadable"),
    ({}, events(ended_at=BEFORE - MINUTE), "unreadable"),
    ({}, events(ended_at=BEFORE), "program-missing"),
    ({}, Unreadable("x"), "unreadable"),
    ({"ended_seen": None}, Unreadable("x"), "unreadable"),
]


@pytest.mark.parametrize(("listed", "said", "told"), STATES)
def test_a_recording_is_as_far_as_its_listing_and_events_say(
    listed: dict[str, Any], said: Any, told: str
) -> None:
    known = {RecordingKey(BUCKET, COMPOSITE): said} if said else {}
    assert verdict(snapshot([recording(**listed)], SHOWN, told=known)) == told


def test_a_guest_s_raw_feed_is_never_published_and_never_a_rescue() -> None:
    feed = "one/comp1/guest/2026-05-19T03-00-00Z"
    found = judge(snapshot({COMPOSITE: events(), feed: events(length=2 * HOUR)}, SHOWN))
    assert (of_recording(found).verdict, of_recording(found, feed).verdict) == ("program-missing", "other")


def test_events_under_an_unknown_layout_are_unreadable_at_any_age() -> None:
    odd = Recording(BUCKET, "some/where", Kind.UNKNOWN, ended_seen=BEFORE)
    known = snapshot([odd], SHOWN)
    assert verdict(known, "some/where", window_start=NOW) == "unreadable"


@pytest.mark.parametrize("standing", ["failed", "unplayable"])
def test_what_cannot_be_shown_covers_nothing(standing: str) -> None:
    said = events(duration=0) if standing == "failed" else events()
    known = snapshot({COMPOSITE: said, CHANNEL: SHORT}, SHOWN)
    if standing == "unplayable":
        known = replace(known, manifests={RecordingKey(BUCKET, COMPOSITE): "it is not there"})
    found = judge(known)
    assert (of_recording(found).verdict, of_recording(found, CHANNEL).verdict) == (
        standing,
        "program-missing",
    )


def test_an_unplayable_recording_with_a_program_still_covers() -> None:
    known = snapshot({COMPOSITE: events(), CHANNEL: SHORT}, [*SHOWN, program_item()])
    found = judge(replace(known, manifests={RecordingKey(BUCKET, COMPOSITE): "it is not there"}))
    assert (of_recording(found).verdict, of_recording(found, CHANNEL).verdict) == ("agrees", "twin")


def test_a_live_recording_makes_only_those_without_a_program_wait() -> None:
    live = {
        RecordingKey(BUCKET, CHANNEL): events(ended_at=None, duration=None),
        RecordingKey(BUCKET, COMPOSITE): events(),
    }
    both = [recording(), recording(CHANNEL, ended_seen=None)]
    assert verdict(snapshot(both, SHOWN, told=live)) == "settling"
    assert verdict(snapshot(both, [*SHOWN, program_item()], told=live)) == "agrees"


def test_a_record_waits_while_its_row_settles() -> None:
    fresh = program_item(updatedAt=iso(NOW - 5 * MINUTE))
    assert of_record(judge(snapshot({}, [fresh], records=[]))).verdict == "settling"
    stale = canonical(fresh) | {"title": "Another"}
    assert of_record(judge(snapshot({}, [fresh], records=[stale]))).verdict == "settling"
    assert of_record(judge(snapshot({}, [fresh]))).verdict == "agrees"


def test_two_rows_that_call_for_one_record_are_contested_even_if_they_say_the_same() -> None:
    rows = [program_item(), program_item(owner="another")]
    for narrow in (True, False):
        found = compare(snapshot({}, rows, records=[canonical(rows[0])]), rules(), PANDAS if narrow else None)
        assert of_record(found).verdict == "record-contested"


def test_a_copy_in_a_playlist_or_tracklist_calls_for_no_record() -> None:
    rows = [item("n#net#ch#c#pl#l", "p#p", programId="p"), item("tracklist#t", "program#0#p", programId="p")]
    assert judge(snapshot({}, rows, records=[])).counts()["record"]["population"] == 0


@pytest.mark.parametrize("days", [None, 1])
def test_events_are_wanted_before_anything_is_judged_without_them(days: int | None) -> None:
    start = NOW - days * 24 * HOUR if days else None
    old = recording(CHANNEL, started_seen=BEFORE - 200 * HOUR, ended_seen=BEFORE - 199 * HOUR)
    feed = recording("a/b/c/2026-05-19T03-00-00Z")
    bare = recording("one/comp2/d/composite", started_seen=None, ended_seen=None)
    known = snapshot([recording(), old, feed, bare], SHOWN)
    wanted = wanted_events(known, rules(window_start=start))
    assert wanted == {RecordingKey(BUCKET, COMPOSITE)} | (
        {RecordingKey(BUCKET, CHANNEL)} if days is None else set()
    )


def test_an_overlapping_recording_names_what_it_overlaps() -> None:
    """The finding tells which recording of the show stands in its way."""
    long = {COMPOSITE: events(), CHANNEL: events(BEFORE + 40 * MINUTE)}
    found = of_recording(judge(snapshot(long, [*SHOWN, program_item()])), CHANNEL)
    assert (found.verdict, found.evidence["overlaps"]) == ("overlapping", [f"s3://{BUCKET}/{COMPOSITE}"])
