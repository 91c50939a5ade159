"""Where a key lies, and what an events file says."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.model.recording import (
    MAX_EVENTS_BYTES,
    Events,
    Kind,
    Recording,
    RecordingKey,
    Unreadable,
    parse_events,
    parse_key,
    program_id_of,
)

CHANNEL = "ivs/v1/111122223333/AbCdEf/2026/2/13/1/7/Rec0rd"
OLD_CHANNEL = "ivs/111122223333/AbCdEf/2025-11-02T10:00:00.123Z/Rec0rd"
COMPOSITE = "1Zd/QICQ/ToS5/composite"
PARTICIPANT = "stage/session/participant/2026-02-13T01-07-53Z"
AT = datetime(2026, 2, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    ("key", "prefix", "kind", "channel"),
    [
        (f"{COMPOSITE}/media/hls/multivariant.m3u8", COMPOSITE, Kind.COMPOSITE, None),
        (f"{COMPOSITE}/events/recording-ended.json", COMPOSITE, Kind.COMPOSITE, None),
        (COMPOSITE, COMPOSITE, Kind.COMPOSITE, None),
        (f"{CHANNEL}/media/hls/master.m3u8", CHANNEL, Kind.CHANNEL, "AbCdEf"),
        (f"{CHANNEL}/media/hls/byte-range-multivariant.m3u8", CHANNEL, Kind.CHANNEL, "AbCdEf"),
        (f"{OLD_CHANNEL}/media/hls/master.m3u8", OLD_CHANNEL, Kind.CHANNEL, "AbCdEf"),
        (f"{PARTICIPANT}/media/hls/multivariant.m3u8", PARTICIPANT, Kind.PARTICIPANT, None),
        (f"{PARTICIPANT[:-1]}-123Z/x", f"{PARTICIPANT[:-1]}-123Z", Kind.PARTICIPANT, None),
        ("a b/c+d%20/日本/composite/media/x", "a b/c+d%20/日本/composite", Kind.COMPOSITE, None),
        ("a\n/b/c/composite/media", "a\n/b/c/composite", Kind.COMPOSITE, None),
    ],
)
def test_every_layout_gives_the_same_prefix_for_each_of_its_keys(
    key: str, prefix: str, kind: Kind, channel: str | None
) -> None:
    place = parse_key(key)
    assert place is not None
    assert (place.prefix, place.kind, place.channel_id) == (prefix, kind, channel)


@pytest.mark.parametrize(
    "key",
    ["", "composite", "a/b/composite/media/x", "a/b/c/d/composite/media/x", "a/b/c/composites/media/x",
     "sessions/1/recording/index.m3u8", "recordings/1/index_1.ts", "public/a/b/c/composite/media",
     "recording-started-latest.json", "shows/1/images/1-a.png", "ivs/v1/1/2/2026/2/13/1/Rec/media/x",
     "a//c/composite/media/x", "/a/b/c/composite/media/x", "a/b/c/composite\n", "a/b/c/composite\n/media",
     "a/b/c/2026-02-13/media/x", "a/b/c/٢٠٢٦-02-13T01-07-53Z/media/x",
     "ivs/v1/1/chan/٢٠٢٦/2/13/1/7/rec/media/x"],
)  # fmt: skip
def test_other_keys_lie_in_no_recording(key: str) -> None:
    assert parse_key(key) is None


@given(st.text(max_size=40))
def test_a_recording_s_prefix_leads_back_to_itself(key: str) -> None:
    place = parse_key(f"{key}/composite/media/x")
    if place is not None:
        assert parse_key(place.prefix) == place
        assert not place.prefix.endswith("/")


def test_the_program_id_depends_on_bucket_and_prefix_alone() -> None:
    made = program_id_of(RecordingKey("bucket", COMPOSITE))
    assert made == program_id_of(RecordingKey("bucket", COMPOSITE)) == "136a3f47-55c7-5476-9b91-8ef0818457c5"
    assert UUID(made).version == 5
    assert (
        len(
            {
                made,
                program_id_of(RecordingKey("bucket2", COMPOSITE)),
                program_id_of(RecordingKey("bucket", CHANNEL)),
            }
        )
        == 3
    )


def test_the_events_file_that_says_most_is_read() -> None:
    recording = Recording("b", COMPOSITE, Kind.COMPOSITE, started_seen=AT)
    assert recording.events_file == f"{COMPOSITE}/events/recording-started.json"
    failed = Recording("b", COMPOSITE, Kind.COMPOSITE, started_seen=AT, failed_seen=AT + timedelta(1))
    assert failed.events_file == f"{COMPOSITE}/events/recording-failed.json"
    both = Recording("b", COMPOSITE, Kind.COMPOSITE, ended_seen=AT, failed_seen=AT + timedelta(1))
    assert both.events_file == f"{COMPOSITE}/events/recording-ended.json"
    assert both.last_event == AT + timedelta(1)
    bare = Recording("b", COMPOSITE, Kind.COMPOSITE, has_media=True)
    assert (bare.events_file, bare.last_event, bare.finished_seen) == (None, None, None)


def written(**changes: Any) -> dict[str, Any]:
    said = {
        "version": "v1",
        "stage_arn": "arn:aws:ivs:us-east-1:111122223333:stage/abc",
        "recording_started_at": "2026-02-13T01:07:53Z",
        "recording_ended_at": "2026-02-13T02:07:53Z",
        "recording_status": "RECORDING_ENDED",
        "media": {"hls": {"duration_ms": 3600000, "path": "media/hls", "playlist": "multivariant.m3u8"}},
    }
    return said | changes


def parsed(said: Any) -> Events | Unreadable:
    return parse_events(json.dumps(said).encode())


def hls(**changes: Any) -> dict[str, Any]:
    return written(media={"hls": {"path": "media/hls", "playlist": "x.m3u8", "duration_ms": 5, **changes}})


def test_a_whole_events_file_is_read() -> None:
    assert parsed(written()) == Events(
        stage_arn="arn:aws:ivs:us-east-1:111122223333:stage/abc",
        channel_arn=None,
        started_at=datetime(2026, 2, 13, 1, 7, 53, tzinfo=UTC),
        ended_at=datetime(2026, 2, 13, 2, 7, 53, tzinfo=UTC),
        duration=3600000,
        manifest="media/hls/multivariant.m3u8",
    )


def test_what_a_start_file_does_not_say_is_none() -> None:
    assert parsed({"version": "v1"}) == Events(None, None, None, None, None, None)
    assert parsed(written(media=None, stage_arn="", recording_ended_at=None)) == Events(
        None, None, datetime(2026, 2, 13, 1, 7, 53, tzinfo=UTC), None, None, None
    )


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b" " * (MAX_EVENTS_BYTES + 1), "larger than 262,144 bytes"),
        (b"not json", "not JSON"),
        (b"\xff\xfe\x00\xd8", "not JSON"),
        (b'{"version": "v1"', "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, "larger"),
        (b'{"version": "v1", "media": ' + b"[" * 60_000 + b"]" * 60_000 + b"}", "not JSON"),
        (b'{"version": "v1", "recording_started_at": ' + b"9" * 5_000 + b"}", "not JSON"),
        (b"[]", "not a JSON object"),
        (b"null", "not a JSON object"),
        (b'"v1"', "not a JSON object"),
        (b"{}", "unknown version 'None'"),
        (b'{"version": "v2"}', "unknown version 'v2'"),
        (b'{"version": 1}', "unknown version '1'"),
        (b'{"version": {"v": 1}}', "unknown version"),
    ],
)
def test_what_is_no_events_file_is_unreadable_and_says_why(body: bytes, reason: str) -> None:
    found = parse_events(body)
    assert isinstance(found, Unreadable)
    assert reason in found.reason


@pytest.mark.parametrize(
    "said",
    [
        written(media=[]),
        written(media={"hls": "x"}),
        written(stage_arn=5),
        written(stage_arn="\ud800"),
        written(channel_arn={"S": "x"}),
        written(recording_started_at=1770944873),
        written(recording_started_at="soon"),
        written(recording_ended_at="9999-12-31T23:59:59Z"),
        hls(duration_ms="5"),
        hls(duration_ms=-1),
        hls(duration_ms=1.5),
        hls(duration_ms=True),
        hls(duration_ms=36_500 * 86_400_000 + 1),
        hls(duration_ms=10**400),
        hls(path=["media"]),
        hls(playlist=7),
        hls(playlist="half \udc00 a character"),
        hls(path="/media/hls"),
        hls(path="../other/media"),
        hls(path="media/../../other"),
        hls(playlist="../../x.m3u8"),
        hls(playlist=".."),
    ],
)
def test_a_wrong_shape_or_a_path_that_leads_out_is_unreadable(said: Any) -> None:
    found = parsed(said)
    assert isinstance(found, Unreadable)
    assert found.reason.startswith("the events file has an unknown shape: ")


def test_dots_that_lead_nowhere_are_part_of_a_name() -> None:
    found = parsed(hls(path="media/a..b", playlist="...m3u8"))
    assert isinstance(found, Events)
    assert found.manifest == "media/a..b/...m3u8"


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(
    ["version", "stage_arn", "channel_arn", "media", "recording_started_at", "recording_ended_at", "hls"]
)


@given(st.one_of(JSON, st.dictionaries(NAMES, JSON).map(lambda held: {**held, "version": "v1"})))
def test_no_json_makes_the_parser_raise(said: Any) -> None:
    assert isinstance(parsed(said), Events | Unreadable)


@given(st.binary(max_size=200))
def test_no_bytes_make_the_parser_raise(body: bytes) -> None:
    assert isinstance(parse_events(body), Events | Unreadable)
