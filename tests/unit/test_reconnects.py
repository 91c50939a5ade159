"""Recordings of one channel follow one another; copies of one are twins; sessions on one channel."""

from datetime import timedelta
from typing import Any

import pytest

from reconcile.compare.verdicts import Comparison
from reconcile.model.finding import Judgement
from reconcile.model.recording import Events, RecordingKey
from tests.unit.builders import (
    BEFORE,
    BUCKET,
    HOUR,
    MINUTE,
    SHOW,
    channel,
    composition,
    events,
    group_item,
    iso,
    judge,
    medialess_item,
    of_recording,
    program_item,
    recording,
    row_item,
    session_item,
    show_item,
    snapshot,
)

SECOND = timedelta(seconds=1)
FIRST = "ivs/v1/111111111111/chan1/2026/5/19/3/0/rec1"
LATER = "ivs/v1/111111111111/chan1/2026/5/19/3/30/rec2"
K1, K2 = "one/comp1/dest1/composite", "one/comp2/dest1/composite"
ON_CHANNEL = {"persistentChannelArn": channel("chan1")}
SHOWN = [
    show_item(),
    group_item(),
    session_item(ivs={**ON_CHANNEL, "compositionArn": composition("comp1")}),
]


def on_air(start: timedelta, media: timedelta, waited: timedelta = timedelta(0)) -> Events:
    """Return the events of a channel recording whose end was written so long after its media ended."""
    told = {"manifest": "media/hls/master.m3u8", "duration": int(media.total_seconds() * 1000)}
    return events(BEFORE + start, media + waited, **told)


def seen(recordings: dict[str, Events], *items: Any, **more: Any) -> Comparison:
    return judge(snapshot(recordings, [*SHOWN, *items], **more))


@pytest.mark.parametrize("window", [0, 60, 300])
@pytest.mark.parametrize("shown", [None, FIRST, LATER])
def test_an_encoder_that_comes_back_leaves_two_broadcasts_whatever_the_window(
    window: int, shown: str | None
) -> None:
    """The first one's end is written 5 seconds after the second one began: no half of it has to wait."""
    back = 30 * MINUTE + (window + 3) * SECOND
    parts = {
        FIRST: on_air(timedelta(0), 30 * MINUTE, (window + 8) * SECOND),
        LATER: on_air(back, 40 * MINUTE),
    }
    rows = [program_item(program_url=f"https://play.test/{shown}/media/hls/master.m3u8")] if shown else []
    found = seen(parts, *rows)
    for prefix in parts:
        expected = "agrees" if prefix == shown else "program-missing"
        assert of_recording(found, prefix).verdict == expected


def test_the_composite_over_both_parts_is_one_broadcast_with_them() -> None:
    back = 30 * MINUTE + 3 * SECOND
    parts = {
        FIRST: on_air(timedelta(0), 30 * MINUTE, 8 * SECOND),
        LATER: on_air(back, 29 * MINUTE),
        K1: events(),
    }
    row = row_item(status="processing")
    found = seen(parts, row, medialess_item(sourceRecordingId="row1"))
    assert of_recording(found, K1).verdict == "program-incomplete"
    assert {of_recording(found, prefix).verdict for prefix in (FIRST, LATER)} == {"twin"}


def test_a_recording_is_held_to_its_end_however_short_its_media_is() -> None:
    """IVS merged fragments: 20 minutes of media, an hour of time."""
    merged = on_air(timedelta(0), 20 * MINUTE, 40 * MINUTE)
    shown = program_item(program_url=f"https://play.test/{FIRST}/media/hls/master.m3u8")
    late = events(BEFORE + 30 * MINUTE, HOUR)
    assert of_recording(seen({FIRST: merged, K1: late}, shown), K1).verdict == "overlapping"
    within = events(BEFORE + 30 * MINUTE, 29 * MINUTE)
    assert of_recording(seen({FIRST: merged, K1: within}, shown), K1).verdict == "twin"


@pytest.mark.parametrize("shown", [None, BUCKET, "another"])
def test_a_prefix_that_was_copied_into_another_bucket_is_a_twin(shown: str | None) -> None:
    """Of two copies without a program the one that a URL plays gets it, whatever the bucket is called."""
    both = [recording(FIRST), recording(FIRST, bucket="another")]
    told: dict[RecordingKey, Events] = dict.fromkeys([one.key for one in both], on_air(timedelta(0), HOUR))
    where: dict[str, Any] = {
        "s3Bucket": shown,
        "s3Key": f"{FIRST}/media/hls/master.m3u8",
        "program_url": None,
    }
    items = [*SHOWN, *([program_item(**where)] if shown else [])]
    found = judge(snapshot(both, items, told=told))
    verdicts = {key: j.verdict for key, j in ((k, _of(found, k)) for k in told)}
    kept = RecordingKey(shown or BUCKET, FIRST)
    other = next(key for key in told if key != kept)
    assert verdicts[kept] == ("program-incomplete" if shown else "program-missing")
    assert verdicts[other] == "twin"


def _of(found: Comparison, key: RecordingKey) -> Judgement:
    return next(
        j for s, j in found.judged.items() if s.type == "recording" and (s["bucket"], s["prefix"]) == key
    )


def two_sessions(second: timedelta) -> list[Any]:
    """Return two sessions of a show on one channel, the second opened so much later."""
    ivs = {"persistentChannelArn": channel("chan1")}
    return [
        session_item("s1", ivs={**ivs, "compositionArn": composition("comp1")}, createdAt=iso(BEFORE)),
        session_item(
            "s2", ivs={**ivs, "compositionArn": composition("comp2")}, createdAt=iso(BEFORE + second)
        ),
    ]


def shared(recordings: dict[str, Events], second: timedelta, *items: Any) -> Comparison:
    return judge(snapshot(recordings, [show_item(), group_item(), *two_sessions(second), *items]))


SHOWN_SECOND = program_item(program_url=f"https://play.test/{K2}/media/hls/multivariant.m3u8")


def test_a_channel_recording_that_runs_on_into_the_next_session_gets_no_program_of_that_time() -> None:
    """The first session's composite is missing; the second's is shown, and its time would be shown twice."""
    through = on_air(MINUTE, 2 * HOUR)
    second = events(BEFORE + 65 * MINUTE, 50 * MINUTE)
    found = shared({FIRST: through, K2: second}, HOUR, SHOWN_SECOND)
    assert of_recording(found, FIRST).verdict == "overlapping"
    assert of_recording(found, K2).verdict == "agrees"


def test_moments_at_the_change_of_sessions_keep_nobody_from_a_program() -> None:
    first = on_air(MINUTE, 60 * MINUTE)
    second = events(BEFORE + 60 * MINUTE + 30 * SECOND, 50 * MINUTE)
    found = shared({FIRST: first, K2: second}, HOUR, SHOWN_SECOND)
    assert of_recording(found, FIRST).verdict == "program-missing"


def test_what_one_of_two_sessions_left_on_their_channel_is_not_taken_for_the_other_one_s_twin() -> None:
    """Both were opened in one moment, one composite is missing: nobody can tell whose the channel's is."""
    found = shared(
        {FIRST: on_air(MINUTE, HOUR), K2: events(BEFORE + MINUTE, HOUR)}, timedelta(0), SHOWN_SECOND
    )
    assert of_recording(found, FIRST).verdict == "ambiguous"
    assert "assign" in of_recording(found, FIRST).remedy.commands[0]
    both = {FIRST: on_air(MINUTE, HOUR), K1: events(BEFORE + MINUTE, HOUR), K2: events(BEFORE + MINUTE, HOUR)}
    found = shared(both, timedelta(0), SHOWN_SECOND)
    assert of_recording(found, FIRST).verdict == "twin"
    assert of_recording(found, K1).verdict == "program-missing"


def test_the_program_of_a_recording_that_may_be_either_session_s_leaves_both_ambiguous() -> None:
    both = {FIRST: on_air(MINUTE, HOUR), K1: events(BEFORE + MINUTE, HOUR), K2: events(BEFORE + MINUTE, HOUR)}
    shown = program_item(program_url=f"https://play.test/{FIRST}/media/hls/master.m3u8")
    found = shared(both, timedelta(0), shown)
    assert {of_recording(found, prefix).verdict for prefix in (K1, K2)} == {"ambiguous"}
    assert of_recording(found, FIRST).verdict == "agrees"
    assert f"--show {SHOW}" in of_recording(found, K1).remedy.commands[0]


def test_a_program_without_media_whose_row_overlaps_such_a_recording_is_ambiguous() -> None:
    both = {FIRST: on_air(MINUTE, HOUR), K1: events(BEFORE + MINUTE, HOUR), K2: events(BEFORE + MINUTE, HOUR)}
    row = row_item(status="processing")
    made = medialess_item(sourceRecordingId="row1", createdAt=iso(BEFORE + 2 * HOUR))
    found = shared(both, timedelta(0), row, made)
    assert {of_recording(found, prefix).verdict for prefix in (K1, K2)} == {"ambiguous"}
    tie, repair = of_recording(found, K1).remedy.commands
    assert "update-item" in tie
    assert repair == "reconcile repair"
