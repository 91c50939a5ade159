"""Whose broadcast a recording is: the levels of evidence, their windows, and what they cannot tell."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from reconcile.compare.recording.attribution import Attribution, Claims
from reconcile.compare.recording.claims import Claim
from reconcile.model.parse import parse_items
from reconcile.model.recording import Events, RecordingKey
from reconcile.model.snapshot import Assignment
from tests.unit.builders import (
    BEFORE,
    BUCKET,
    CHANNEL,
    COMPOSITE,
    HOUR,
    MINUTE,
    channel,
    composition,
    events,
    iso,
    item,
    recording,
    row_item,
    session_item,
    show_item,
    stage,
)

SETTLE = timedelta(minutes=15)
SECOND = timedelta(seconds=1)
STAGED = events(stage_arn=stage("st1"))


def attribute(
    items: list[dict[str, Any]], prefix: str = COMPOSITE, said: Events | None = STAGED
) -> Attribution:
    return Claims(parse_items(items), SETTLE).attribute(recording(prefix), said)


def on_channel(
    name: str, created: timedelta = timedelta(0), *, show: str | None = None, **attributes: Any
) -> dict[str, Any]:
    """Return a session that holds the shared channel from so long after BEFORE."""
    ivs = {"persistentChannelArn": channel("chan1")}
    return session_item(name, show or f"show-{name}", ivs, createdAt=iso(BEFORE + created), **attributes)


def began(after: timedelta) -> Events:
    """Return the events of a channel recording that began so long after BEFORE."""
    return events(BEFORE + after, channel_arn=channel("chan1"))


@pytest.mark.parametrize("name", ["rawStageArn", "programStageArn"])
def test_level_1_is_the_stage_of_a_session(name: str) -> None:
    found = attribute([session_item("s1", "a", {name: stage("st1")}), session_item("s2", "b")])
    assert (found.level, found.show_id, found.session_id) == (1, "a", "s1")


@pytest.mark.parametrize(
    "row",
    [
        session_item("s1", "a", {"compositionArn": composition("comp1")}),
        session_item("s1", "a", compositions=[{"compositionArn": composition("comp1")}]),
        show_item("a", compositionArn=composition("comp1")),
    ],
)
def test_level_2_is_a_composition_s_id_in_the_path(row: dict[str, Any]) -> None:
    found = attribute([row, session_item("s2", "b", {"compositionArn": composition("other")})])
    assert (found.level, found.show_id) == (2, "a")


@pytest.mark.parametrize(
    ("row", "prefix"),
    [
        (session_item("s1", "a", {"stageArn": stage("st1")}), COMPOSITE),
        (show_item("a", stageArn=stage("st1")), COMPOSITE),
        (session_item("s1", "a", {"stageArn": stage("one")}), COMPOSITE),
        (session_item("s1", "a", {"rawStageArn": stage("one")}), COMPOSITE),
        (show_item("a", stageArn=stage("dest1")), COMPOSITE),
    ],
)
def test_level_3_is_a_shared_stage_or_a_stage_s_id_in_the_path(row: dict[str, Any], prefix: str) -> None:
    found = attribute([row, show_item("b", stageArn=stage("other"))], prefix)
    assert (found.level, found.show_id) == (3, "a")


@pytest.mark.parametrize("name", ["programChannelArn", "relayChannelArn", "ingestChannelArn"])
def test_level_4_is_a_session_s_own_channel(name: str) -> None:
    found = attribute([session_item("s1", "a", {name: channel("chan1")})], CHANNEL, events())
    assert (found.level, found.show_id, found.session_id) == (4, "a", "s1")
    by_events = events(channel_arn=channel("other"))
    assert attribute([session_item("s1", "a", {name: channel("other")})], CHANNEL, by_events).level == 4


MADE = {"createdAt": iso(BEFORE - 24 * HOUR)}
OF_ITS_OWN = show_item("a", ivsChannelArn=channel("chan1"), **MADE)
"""A show of the time when each show had a channel."""


@pytest.mark.parametrize("name", ["ivsChannelArn", "channelArn"])
def test_a_channel_that_one_show_alone_names_is_that_show_s_own(name: str) -> None:
    found = attribute([show_item("a", **{name: channel("chan1")}, **MADE)], CHANNEL, events())
    assert (found.level, found.show_id, found.session_id) == (4, "a", None)
    by_events = events(channel_arn=channel("other"))
    elsewhere = show_item("a", **{name: channel("other")}, **MADE)
    assert attribute([elsewhere], CHANNEL, by_events).show_id == "a"


def on(name: str, **others: Any) -> dict[str, Any]:
    """Return what a session of today says of its channels."""
    return {name: channel("chan1"), **others}


LONG_AGO = {"createdAt": iso(BEFORE - 240 * HOUR), "status": "ENDED", "updatedAt": iso(BEFORE - 239 * HOUR)}
BETTER = {"persistentChannelArn": channel("x")}
OTHERS = {
    "another show": show_item("b", channelArn=channel("chan1"), **MADE),
    "a show without a producer": show_item("b", producerId=None, ivsChannelArn=channel("chan1")),
    "a session of another show, long ago": session_item("s", "b", on("channelArn"), **LONG_AGO),
    "a session that has a better channel": session_item("s", "b", on("channelArn", **BETTER), **LONG_AGO),
    "a session's persistent channel": session_item("s", "b", on("persistentChannelArn"), **LONG_AGO),
    "a session of a show that is not named": session_item("s", None, on("channelArn"), **LONG_AGO),
    "a participant's composition": session_item("s", "b", compositions=[on("channelArn")], **LONG_AGO),
    "a persistent channel": item("channel#1", "info", channelArn=channel("chan1")),
    "an assignment to a host": item("host#1", "channel#assignment", channelArn=channel("chan1")),
    "a recording row of another show": row_item("r", "b", channelArn=channel("chan1")),
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_a_channel_that_anybody_else_names_or_named_is_no_show_s_own(other: dict[str, Any]) -> None:
    assert attribute([OF_ITS_OWN, other], CHANNEL, events()).level is None
    assert attribute([other, OF_ITS_OWN], CHANNEL, events()).level is None


def test_what_the_show_itself_and_its_sessions_name_stays_the_show_s_own() -> None:
    rows = [
        OF_ITS_OWN,
        session_item("s", "a", on("channelArn"), **LONG_AGO),
        row_item("r", "a", channelArn=channel("chan1")),
        show_item("b", ivsChannelArn=channel("else"), **MADE),
    ]
    assert attribute(rows, CHANNEL, events()).claims == (Claim("a", None),)


def test_a_session_of_the_show_on_its_channel_at_that_time_is_told() -> None:
    rows = [OF_ITS_OWN, session_item("s1", "a", on("channelArn"))]
    found = attribute(rows, CHANNEL, began(MINUTE))
    assert (found.level, found.show_id, found.session_id) == (4, "a", "s1")


@pytest.mark.parametrize(
    ("created", "held"), [(BEFORE - SECOND, True), (BEFORE, False), (BEFORE + SECOND, False), (None, False)]
)
def test_a_show_s_channel_tells_only_of_what_was_recorded_after_the_show_was_made(
    created: datetime | None, held: bool
) -> None:
    made = show_item("a", ivsChannelArn=channel("chan1"), createdAt=iso(created) if created else None)
    assert (attribute([made], CHANNEL, events()).level == 4) is held


def test_a_show_s_channel_tells_nothing_of_a_recording_of_unknown_time() -> None:
    assert attribute([OF_ITS_OWN], CHANNEL, None).level is None
    assert attribute([OF_ITS_OWN], CHANNEL, events(started_at=None, ended_at=None)).level is None


def test_a_show_s_channel_against_a_session_of_that_time_is_ambiguous() -> None:
    """The path names the show's channel, the events a shared one on which another show was on the air."""
    rows = [OF_ITS_OWN, session_item("s1", "b", {"persistentChannelArn": channel("shared")})]
    found = attribute(rows, CHANNEL, events(BEFORE + MINUTE, channel_arn=channel("shared")))
    assert (found.level, found.shows, found.ambiguous) == (4, ("a", "b"), True)
    later = attribute(rows, CHANNEL, events(BEFORE + 13 * HOUR, channel_arn=channel("shared")))
    assert (later.level, later.show_id) == (4, "a")


def test_a_session_on_the_air_goes_before_a_show_that_names_its_channel() -> None:
    rows = [OF_ITS_OWN, session_item("s1", "b", on("channelArn"))]
    found = attribute(rows, CHANNEL, began(MINUTE))
    assert (found.level, found.show_id, found.session_id) == (5, "b", "s1")


def test_a_channel_or_a_time_that_is_none_makes_no_show_unreadable() -> None:
    odd = show_item("a", ivsChannelArn=5, channelArn=["x"], createdAt="yesterday")
    assert attribute([odd], CHANNEL, events()).level is None
    assert parse_items([odd]).shows["a"].unreadable is None


def test_a_thousand_sessions_on_one_stage_are_told_once_to_all_its_recordings() -> None:
    rows = [session_item(f"s{n:04}", "a", {"stageArn": stage("st1")}) for n in range(1000)]
    claims = Claims(parse_items(rows), SETTLE)
    first, second = (claims.attribute(recording(f"{n}/c/d/composite"), STAGED) for n in (1, 2))
    assert first is second
    told = first.to_evidence()
    assert (len(told["sessions"]), told["sessions_in_all"], told["shows"]) == (20, 1000, ["a"])


def test_level_5_is_a_shared_channel_at_that_time() -> None:
    found = attribute([on_channel("s1")], CHANNEL, began(MINUTE))
    assert (found.level, found.show_id, found.session_id) == (5, "show-s1", "s1")
    by_path_alone = attribute([on_channel("s1")], CHANNEL, events(BEFORE + MINUTE))
    assert by_path_alone.level == 5


LADDER = [
    session_item("s1", "one", {"rawStageArn": stage("st1")}),
    session_item("s2", "two", {"compositionArn": composition("comp1")}),
    show_item("three", stageArn=stage("dest1")),
    session_item("s4", "four", {"programChannelArn": channel("chan1")}),
    session_item("s5", "five", {"persistentChannelArn": channel("chan1")}),
]


@pytest.mark.parametrize(("first", "show"), list(enumerate(["one", "two", "three", "four", "five"])))
def test_the_best_level_wins_and_no_other_is_asked(first: int, show: str) -> None:
    said = events(BEFORE + MINUTE, stage_arn=stage("st1"), channel_arn=channel("chan1"))
    found = attribute(LADDER[first:], COMPOSITE, said)
    assert (found.level, found.shows) == (first + 1, (show,))


@pytest.mark.parametrize(
    ("start", "held"),
    [(-SECOND, False), (timedelta(0), True), (12 * HOUR, True), (12 * HOUR + SECOND, False)],
)
def test_a_session_never_ended_holds_its_channel_for_twelve_hours(start: timedelta, held: bool) -> None:
    assert (attribute([on_channel("s1")], CHANNEL, began(start)).level == 5) is held


@pytest.mark.parametrize("status", ["ENDED", "COMPLETED"])
@pytest.mark.parametrize(
    ("start", "held"), [(HOUR, True), (HOUR + SETTLE, True), (HOUR + SETTLE + SECOND, False)]
)
def test_an_ended_session_holds_it_until_its_end_and_the_settle_time(
    status: str, start: timedelta, held: bool
) -> None:
    ended = on_channel("s1", status=status, updatedAt=iso(BEFORE + HOUR))
    assert (attribute([ended], CHANNEL, began(start)).level == 5) is held


def test_a_change_of_a_session_that_is_active_ends_nothing() -> None:
    touched = on_channel("s1", updatedAt=iso(BEFORE + HOUR))
    assert attribute([touched], CHANNEL, began(3 * HOUR)).level == 5


def test_an_end_told_after_twelve_hours_is_not_believed() -> None:
    late = on_channel("s1", status="ENDED", updatedAt=iso(BEFORE + 30 * HOUR))
    assert attribute([late], CHANNEL, began(12 * HOUR)).level == 5
    assert attribute([late], CHANNEL, began(13 * HOUR)).level is None


@pytest.mark.parametrize(
    ("start", "session"),
    [(2 * HOUR - SECOND, "s1"), (2 * HOUR, "s2"), (2 * HOUR + SECOND, "s2")],
)
def test_the_next_session_on_the_channel_takes_it_over(start: timedelta, session: str) -> None:
    found = attribute([on_channel("s1"), on_channel("s2", 2 * HOUR)], CHANNEL, began(start))
    assert found.session_id == session


def test_a_session_touched_after_its_end_does_not_reach_past_the_next_one() -> None:
    drifting = on_channel("s1", status="ENDED", updatedAt=iso(BEFORE + 9 * HOUR))
    ended = on_channel("s2", 2 * HOUR, status="ENDED", updatedAt=iso(BEFORE + 3 * HOUR))
    assert attribute([drifting, ended], CHANNEL, began(2 * HOUR + MINUTE)).session_id == "s2"
    assert attribute([drifting, ended], CHANNEL, began(5 * HOUR)).level is None


def test_a_session_on_another_channel_takes_nothing_over() -> None:
    other = session_item("s2", "b", {"persistentChannelArn": channel("else")}, createdAt=iso(BEFORE + HOUR))
    assert attribute([on_channel("s1"), other], CHANNEL, began(2 * HOUR)).session_id == "s1"


def test_the_global_channel_is_shared_by_sessions_that_have_no_better_one() -> None:
    first = session_item("s1", "a", {"channelArn": channel("chan1")})
    better = {"channelArn": channel("chan1"), "persistentChannelArn": channel("own")}
    second = session_item("s2", "b", better, createdAt=iso(BEFORE + HOUR))
    assert attribute([first, second], CHANNEL, began(2 * HOUR)).session_id == "s1"


def test_two_sessions_created_at_once_on_one_channel_are_ambiguous() -> None:
    found = attribute([on_channel("s1"), on_channel("s2")], CHANNEL, began(HOUR))
    assert (found.level, found.shows, found.show_id, found.session_id) == (
        5,
        ("show-s1", "show-s2"),
        None,
        None,
    )
    assert found.ambiguous


def test_two_sessions_of_one_show_tell_the_show_and_not_the_session() -> None:
    found = attribute([on_channel("s1", show="a"), on_channel("s2", show="a")], CHANNEL, began(HOUR))
    assert (found.show_id, found.session_id, found.ambiguous) == ("a", None, False)


def test_an_ambiguous_level_is_not_settled_by_a_weaker_one() -> None:
    both = {"stageArn": stage("st1")}
    rows = [session_item("s1", "a", both), session_item("s2", "b", both)]
    rows.append(session_item("s3", "a", {"programChannelArn": channel("chan1")}))
    said = events(stage_arn=stage("st1"), channel_arn=channel("chan1"))
    assert attribute(rows, COMPOSITE, said).ambiguous


def test_after_a_restart_the_first_composite_is_found_by_its_stage() -> None:
    ivs = {"rawStageArn": stage("st1"), "compositionArn": composition("comp2")}
    rows = [session_item("s1", "a", ivs)]
    assert attribute(rows, "one/comp1/d/composite").level == 1
    assert attribute(rows, "one/comp2/d/composite", None).level == 2
    assert attribute(rows, "one/comp1/d/composite", None).level is None


def test_a_session_without_a_show_answers_and_names_none() -> None:
    found = attribute([session_item("s1", None, {"rawStageArn": stage("st1")})])
    assert (found.level, found.shows, found.show_id, found.ambiguous) == (1, (), None, False)


def test_a_session_without_a_show_beside_one_with_a_show_is_ambiguous() -> None:
    ivs = {"stageArn": stage("st1")}
    found = attribute([session_item("s1", None, ivs), session_item("s2", "a", ivs)])
    assert (found.shows, found.show_id) == (("a",), None)
    assert found.ambiguous


def test_a_show_and_its_session_claim_the_same() -> None:
    rows = [show_item("a", stageArn=stage("st1")), session_item("s1", "a", {"stageArn": stage("st1")})]
    found = attribute(rows)
    assert found.claims == (Claim("a", None), Claim("a", "s1"))
    assert (found.show_id, found.session_id, found.ambiguous) == ("a", "s1", False)


def test_a_session_without_a_time_holds_no_shared_channel() -> None:
    assert attribute([on_channel("s1") | {"createdAt": {"NULL": True}}], CHANNEL, began(HOUR)).level is None


def test_without_events_only_the_path_can_answer() -> None:
    rows = [on_channel("s1"), session_item("s2", "b", {"rawStageArn": stage("st1")})]
    assert attribute(rows, CHANNEL, None).level is None
    assert attribute(rows, CHANNEL, events(started_at=None, ended_at=None)).level is None


def test_a_session_at_the_end_of_the_calendar_is_unreadable_and_breaks_nothing() -> None:
    far = on_channel("s1") | {"createdAt": {"S": "9999-12-31T23:00:00Z"}}
    assert attribute([far, on_channel("s2")], CHANNEL, began(HOUR)).session_id == "s2"
    assert parse_items([far]).sessions["s1"].unreadable == "createdAt is no time"


def test_the_report_is_told_on_what_it_rests() -> None:
    found = attribute([on_channel("s2"), on_channel("s1")], CHANNEL, began(HOUR)).to_evidence()
    assert found == {
        "level": 5,
        "rests_on": "a shared channel at that time",
        "shows": ["show-s1", "show-s2"],
        "sessions": ["s1", "s2"],
    }


DECIDED = {RecordingKey(BUCKET, COMPOSITE): Assignment("chosen", None, "ann: I was there")}


def decided(items: list[dict[str, Any]], said: Events | None = STAGED) -> Attribution:
    return Claims(parse_items(items), SETTLE, DECIDED).attribute(recording(), said)


@pytest.mark.parametrize("rows", [[], LADDER, [session_item("s1", None, {"rawStageArn": stage("st1")})]])
def test_level_0_is_a_persons_decision_whatever_the_stores_say(rows: list[dict[str, Any]]) -> None:
    found = decided(rows)
    assert (found.level, found.shows, found.show_id, found.session_id) == (0, ("chosen",), "chosen", None)
    assert not found.ambiguous
    assert found.to_evidence()["rests_on"] == "a person's decision (ann: I was there)"


def test_a_decision_between_two_shows_keeps_the_session_of_the_one_that_was_chosen() -> None:
    """So broadcasts of one show whose sessions differ are still told apart."""
    ivs = {"stageArn": stage("st1")}
    found = decided([session_item("s1", "other", ivs), session_item("s2", "chosen", ivs)])
    assert (found.level, found.show_id, found.session_id) == (0, "chosen", "s2")


def test_a_decision_on_one_recording_says_nothing_of_another() -> None:
    claims = Claims(parse_items(LADDER), SETTLE, DECIDED)
    assert claims.attribute(recording(CHANNEL), events()).level == 4
    assert claims.weighed(recording(CHANNEL), events())[0] == []


def test_what_a_decision_goes_before_can_still_be_seen() -> None:
    weighed = Claims(parse_items(LADDER), SETTLE, DECIDED).weighed(recording(), STAGED)
    assert {level: [claim.show_id for claim in claims] for level, claims in weighed.items() if claims} == {
        0: ["chosen"],
        1: ["one"],
        2: ["two"],
        3: ["one", "three"],
    }
