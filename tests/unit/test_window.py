"""How far back a run looks, and what that hides."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from reconcile.compare.events_needed import wanted_events
from reconcile.model.recording import RecordingKey
from reconcile.model.run import Order
from reconcile.report.history import History
from reconcile.runs.history import rules_for
from reconcile.runs.past import NOWHERE, Past
from tests.unit.builders import (
    BEFORE,
    BUCKET,
    CHANNEL,
    COMPOSITE,
    HOUR,
    MEDIA,
    MINUTE,
    NOW,
    channel,
    composition,
    events,
    group_item,
    judge,
    ledger,
    medialess_item,
    of_recording,
    program_item,
    recording,
    rules,
    session_item,
    show_item,
    snapshot,
    verdict,
)

DAY = timedelta(days=1)
SETTLE = timedelta(minutes=15)
IVS = {"compositionArn": composition("comp1"), "programChannelArn": channel("chan1")}
SHOWN = [show_item(), group_item(), session_item(ivs=IVS)]
ENDED = BEFORE + HOUR
SHORT = events(BEFORE + MINUTE, HOUR - 2 * MINUTE)


@pytest.mark.parametrize(
    ("lookback", "last_repair", "start"),
    [
        (3 * DAY, None, NOW - 3 * DAY),
        (3 * DAY, NOW - DAY, NOW - 3 * DAY),
        (3 * DAY, NOW - 5 * DAY, NOW - 5 * DAY - SETTLE),
        (3 * DAY, NOW - 3 * DAY, NOW - 3 * DAY - SETTLE),
        (timedelta(0), None, NOW),
        (None, None, None),
        (None, NOW - DAY, None),
    ],
)
def test_the_window_reaches_back_to_the_last_whole_repair_at_least(
    lookback: timedelta | None, last_repair: datetime | None, start: datetime | None
) -> None:
    order = Order("check", lookback=lookback, settle=SETTLE)
    made = rules_for(order, Past(environment=replace(NOWHERE, last_whole_repair=last_repair)), MEDIA, NOW)
    assert (made.window_start, made.settle, made.now) == (start, SETTLE, NOW)


def test_what_was_waiting_or_left_open_is_judged_again() -> None:
    history = History(waiting=frozenset({RecordingKey(BUCKET, "x")}))
    assert rules_for(Order("check"), Past(history=history), MEDIA, NOW).unresolved == {
        RecordingKey(BUCKET, "x")
    }


@pytest.mark.parametrize(
    ("start", "told"), [(ENDED, "program-missing"), (ENDED + timedelta(seconds=1), "outside-window")]
)
def test_the_last_event_decides_at_or_after_the_start(start: datetime, told: str) -> None:
    assert verdict(snapshot({COMPOSITE: events()}, SHOWN), window_start=start) == told


def test_an_unresolved_recording_is_judged_whatever_its_age() -> None:
    known = snapshot({COMPOSITE: events()}, SHOWN)
    assert (
        verdict(known, window_start=NOW, unresolved=frozenset({RecordingKey(BUCKET, COMPOSITE)}))
        == "program-missing"
    )


@pytest.mark.parametrize(
    ("program", "told"),
    [
        ({}, "agrees"),
        ({"groupId": ""}, "program-incomplete"),
        ({"sourceShowId": "other"}, "program-misfiled"),
    ],
)
def test_a_recording_with_a_program_is_always_judged(program: dict[str, Any], told: str) -> None:
    assert (
        verdict(snapshot({COMPOSITE: events()}, [*SHOWN, program_item(**program)]), window_start=NOW) == told
    )


@pytest.mark.parametrize(
    ("items", "start", "unresolved", "told"),
    [
        ([], None, False, "unfinished"),
        ([], NOW, False, "outside-window"),
        ([], NOW, True, "unfinished"),
        ([program_item()], None, False, "unfinished"),
        ([program_item()], NOW, False, "agrees"),
    ],
)
def test_one_without_any_events_is_judged_only_where_everything_is(
    items: list[dict[str, Any]], start: datetime | None, unresolved: bool, told: str
) -> None:
    bare = recording(started_seen=None, ended_seen=None)
    keys = frozenset({bare.key}) if unresolved else frozenset()
    assert verdict(snapshot([bare], [*SHOWN, *items]), window_start=start, unresolved=keys) == told


def test_a_guest_s_feed_stays_what_it_is() -> None:
    feed = "one/comp1/guest/2026-05-19T03-00-00Z"
    assert verdict(snapshot({feed: None}, SHOWN), feed, window_start=NOW) == "other"


def edge(**outside: Any) -> tuple[dict[str, Any], Any]:
    """Return a pair of twins between whose ends the window begins: the longer one is outside."""
    start = ENDED + 2 * MINUTE
    both = [recording(**outside), recording(CHANNEL, ended_seen=start)]
    return {
        "recordings": both,
        "told": {RecordingKey(BUCKET, COMPOSITE): events(), RecordingKey(BUCKET, CHANNEL): SHORT},
    }, start


def test_one_outside_that_wants_a_program_keeps_nobody_from_its_own() -> None:
    told, start = edge()
    found = judge(snapshot(told["recordings"], SHOWN, told=told["told"]), window_start=start)
    assert of_recording(found).verdict == "outside-window"
    assert of_recording(found, CHANNEL).verdict == "program-missing"


def test_one_outside_that_has_a_program_or_is_retired_still_covers() -> None:
    told, start = edge()
    shown = snapshot(told["recordings"], [*SHOWN, program_item()], told=told["told"])
    assert verdict(shown, CHANNEL, window_start=start) == "twin"
    retired = snapshot(told["recordings"], SHOWN, told=told["told"], ledger=ledger(COMPOSITE))
    assert verdict(retired, CHANNEL, window_start=start) == "retired"


def test_one_outside_that_is_still_being_recorded_makes_others_wait() -> None:
    told, start = edge(ended_seen=None)
    live = {**told["told"], RecordingKey(BUCKET, COMPOSITE): events(ended_at=None, duration=None)}
    assert verdict(snapshot(told["recordings"], SHOWN, told=live), CHANNEL, window_start=start) == "settling"


@pytest.mark.parametrize(("before", "wanted"), [(54 * HOUR, True), (54 * HOUR + MINUTE, False)])
def test_events_are_read_as_far_back_as_one_recording_can_reach(before: timedelta, wanted: bool) -> None:
    start = NOW - DAY
    old = recording(started_seen=start - before - HOUR, ended_seen=start - before)
    assert (old.key in wanted_events(snapshot([old], SHOWN), rules(window_start=start))) is wanted


def test_old_events_are_read_where_a_program_without_media_may_be_theirs() -> None:
    old = recording(started_seen=BEFORE - 90 * DAY, ended_seen=BEFORE - 90 * DAY)
    known = snapshot([old], [*SHOWN, medialess_item("elsewhere")])
    assert old.key in wanted_events(known, rules(window_start=NOW - DAY))
    assert old.key not in wanted_events(snapshot([old], SHOWN), rules(window_start=NOW - DAY))


@pytest.mark.parametrize(("after", "wanted"), [(-2 * HOUR, False), (-HOUR + MINUTE, True), (DAY, True)])
def test_old_events_are_read_where_a_session_that_lacks_a_recording_began_before(
    after: timedelta, wanted: bool
) -> None:
    """No recording that was over before a session began is that session's, give or take the clocks."""
    began = BEFORE - 90 * DAY
    arn = composition("gone")
    lacking = session_item("s9", ivs={"compositionArn": arn}, createdAt=began.isoformat())
    old = recording(started_seen=began + after - HOUR, ended_seen=began + after)
    known = snapshot([old], [*SHOWN, lacking])
    assert (old.key in wanted_events(known, rules(window_start=NOW - DAY))) is wanted


def test_what_was_read_already_is_not_wanted_again() -> None:
    known = snapshot({COMPOSITE: events(), CHANNEL: None}, SHOWN)
    assert wanted_events(known, rules()) == {RecordingKey(BUCKET, CHANNEL)}
    assert wanted_events(replace(known, events={}), rules()) == set(known.recordings)
