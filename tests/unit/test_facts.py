"""The files of facts: what is written is read; what is damaged, cut, another's or of another shape is not."""

import gzip
import json
import zlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.model import facts as model
from reconcile.model.facts import (
    FactFiles,
    FactLine,
    MediaLook,
    events_file_of,
    events_line,
    file_of,
    is_read,
    media_file_of,
    media_line,
)
from reconcile.model.facts_learned import FactChange, learned
from reconcile.model.media import ObjectAddress
from reconcile.model.recording import Events, Kind, Recording, RecordingKey, Unreadable
from reconcile.model.run import Receipt
from reconcile.model.sighting import GONE, THERE, Sighting
from reconcile.model.snapshot import Snapshot

NOW = datetime(2026, 11, 29, 2, tzinfo=UTC)
STAGE = "prod"
EVENTS = Events("arn:stage", "arn:channel", NOW - timedelta(hours=2), NOW, 7_200_000, "hls/main.m3u8")
moments = st.integers(0, 2 * 10**9).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
texts = st.text(max_size=20) | st.sampled_from(["\u2028\n\r", "a/b", '"', "\U0001f3a5"])
readable = st.builds(
    Events,
    st.none() | texts,
    st.none() | texts,
    st.none() | moments,
    st.none() | moments,
    st.none() | st.integers(0, 10**12),
    st.none() | texts,
)
all_events = readable | st.builds(Unreadable, texts)


def recording(name: str = "a", **fields: Any) -> Recording:
    """Return a recording that ended, and for whose events file the listing vouches."""
    known = {"ended_seen": NOW - timedelta(days=3), "end_etag": f"tag-{name}", "end_size": 7}
    return Recording("videos", f"ivs/{name}", Kind.CHANNEL, **{**known, **fields})


def line_of(one: Recording, events: Events | Unreadable = EVENTS) -> FactLine:
    version = one.version
    assert version
    return events_line(one.key, version, events)


def events_files(one: Recording, lines: Iterable[FactLine] = (), stage: str = STAGE) -> FactFiles:
    """Return facts with a file of a recording's month."""
    assert one.ended_seen
    name = events_file_of(one.ended_seen)
    return FactFiles(STAGE, {name: file_of(lines or [line_of(one)], name, stage)})


@given(st.dictionaries(texts, all_events, min_size=1, max_size=8), moments)
def test_what_is_written_of_events_is_read(said: dict[str, Events | Unreadable], ended: datetime) -> None:
    recordings = {name: recording(name, ended_seen=ended) for name in said}
    lines = [line_of(recordings[name], events) for name, events in said.items()]
    facts = events_files(recording(ended_seen=ended), lines)
    known = facts.events_of(recordings.values())
    assert known.faults == ()
    assert known.items == {recordings[name].key: events for name, events in said.items()}


@pytest.mark.parametrize(
    "fields",
    [
        {"end_etag": "another"},
        {"end_size": 8},
        {"ended_seen": NOW - timedelta(days=3, seconds=1)},
        {"end_etag": ""},
        {"ended_seen": None, "started_seen": NOW},
    ],
    ids=["etag", "size", "time", "no etag", "not ended"],
)
def test_a_recording_that_is_listed_otherwise_is_not_known(fields: dict[str, Any]) -> None:
    facts = events_files(recording())
    assert facts.events_of([recording()]).items
    assert facts.events_of([recording(**fields)]).items == {}


@given(st.lists(st.tuples(texts, texts, st.booleans()), max_size=8, unique_by=lambda one: one[:2]))
def test_what_is_written_of_media_is_read(looks: list[tuple[str, str, bool]]) -> None:
    seen = NOW - timedelta(days=2)
    name = media_file_of(seen)
    lines = [
        media_line(ObjectAddress(bucket, key), MediaLook(seen, there=there)) for bucket, key, there in looks
    ]
    known = FactFiles(STAGE, {name: file_of(lines, name, STAGE)}).media(NOW)
    assert known.items == {ObjectAddress(bucket, key): seen for bucket, key, there in looks if there}
    assert known.faults == ()


def looked(*looks: tuple[float, bool]) -> FactFiles:
    """Return facts of one object: how many days ago it was looked for, and whether it was there."""
    files = {}
    for days, there in looks:
        at = NOW - timedelta(days=days)
        name = media_file_of(at)
        files[name] = file_of([media_line(FILM, MediaLook(at, there=there))], name, STAGE)
    return FactFiles(STAGE, files)


FILM = ObjectAddress("uploads", "film.mp4")


@pytest.mark.parametrize(
    ("looks", "known"),
    [
        ([(1, True)], True),
        ([(28, True)], True),
        ([(28.1, True)], False),
        ([(5, True), (3, False)], False),
        ([(5, False), (3, True)], True),
        ([(-1, True)], False),
        ([(1, True), (-1, True)], True),
        ([(1, True), (-1, False)], False),
    ],
    ids=[
        "yesterday",
        "just in time",
        "too long ago",
        "gone since",
        "back since",
        "of the future",
        "seen before a clock was ahead",
        "gone by a clock that was ahead",
    ],
)
def test_the_last_look_counts_as_long_as_it_may(looks: list[tuple[float, bool]], known: bool) -> None:
    assert (FILM in looked(*looks).media(NOW).items) == known


def lines_as(*lines: Any, head: Any = None) -> bytes:
    """Return a file with these lines, whatever they are."""
    name = events_file_of(NOW - timedelta(days=3))
    first = {"facts": name, "stage": STAGE, "version": model.VERSION} if head is None else head
    return gzip.compress("".join(f"{json.dumps(line)}\n" for line in (first, *lines)).encode())


WHOLE = file_of([line_of(recording())], events_file_of(NOW - timedelta(days=3)), STAGE)
BAD: dict[str, bytes] = {
    "empty": b"",
    "no gzip": b"{}",
    "cut short": WHOLE[:-5],
    "cut to its head": WHOLE[:8],
    "damaged": WHOLE[:40] + bytes([WHOLE[40] ^ 1]) + WHOLE[41:],
    "twice": WHOLE + WHOLE,
    "without a head": gzip.compress(b""),
    "no JSON": gzip.compress(b"\xff\n"),
    "another stage": lines_as(head={"facts": events_file_of(NOW), "stage": "dev", "version": 1}),
    "a later version": lines_as(
        line_of(recording()), head={"facts": events_file_of(NOW), "stage": STAGE, "version": 2}
    ),
    "a line that is none": lines_as(line_of(recording()), 7),
    "a line that is too short": lines_as(["videos", "ivs/a"]),
    "a bucket that is none": lines_as([[], "ivs/a", "tag", 7, NOW.isoformat(), "why"]),
    "a time that is none": lines_as(["videos", "ivs/a", "tag-a", 7, "today", "why"]),
    "a time that is a number": lines_as(["videos", "ivs/a", "tag-a", 7, 7, "why"]),
    "a duration that is none": lines_as([*line_of(recording())[:-2], True, "main.m3u8"]),
    "a negative duration": lines_as([*line_of(recording())[:-2], -1, "main.m3u8"]),
    "a duration beyond all floats": lines_as([*line_of(recording())[:-2], 10**400, "main.m3u8"]),
    "a manifest that is none": lines_as([*line_of(recording())[:-1], 7]),
    "a stage that is none": lines_as([*line_of(recording())[:5], {}, *line_of(recording())[6:]]),
    "a start that is none": lines_as([*line_of(recording())[:7], "soon", *line_of(recording())[8:]]),
    "a reason that is none": lines_as([*line_of(recording())[:5], 7]),
    "too many parts": lines_as([*line_of(recording()), 1]),
    "a tower": gzip.compress(WHOLE[:0] + lines_as()[:0] + b"[" * 100_000),
}


@pytest.mark.parametrize("data", BAD.values(), ids=BAD)
def test_a_file_that_is_not_whole_is_as_good_as_none(data: bytes) -> None:
    name = events_file_of(NOW - timedelta(days=3))
    known = FactFiles(STAGE, {name: data}).events_of([recording()])
    assert known.items == {}
    assert len(known.faults) == 1
    assert known.faults[0].startswith(f"{name}: ")
    change = FactChange(name, {recording().key: line_of(recording())}, lambda *_: True)
    assert change.applied_to(data, STAGE) == WHOLE


def test_a_file_that_is_too_large_unpacked_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "MOST_UNPACKED", 100)
    name = events_file_of(NOW - timedelta(days=3))
    known = FactFiles(STAGE, {name: WHOLE}).events_of([recording()])
    assert (known.items, "over 100 bytes" in known.faults[0]) == ({}, True)


def test_a_bomb_takes_no_more_memory_than_a_file_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "MOST_UNPACKED", 1_000_000)
    bomb = zlib.compress(bytes(50_000_000), wbits=31)
    name = events_file_of(NOW)
    assert "over 1,000,000 bytes" in FactFiles(STAGE, {name: bomb}).events_of([recording()]).faults[0]


def test_one_bad_file_leaves_the_others() -> None:
    one, other = recording(), recording("b", ended_seen=NOW - timedelta(days=60))
    files = {**events_files(one).files, events_file_of(NOW - timedelta(days=60)): b"?"}
    known = FactFiles(STAGE, files).events_of([one, other])
    assert (set(known.items), len(known.faults)) == ({one.key}, 1)


def test_only_files_that_may_still_be_of_use_are_read() -> None:
    recheck = timedelta(days=28)
    wanted = ["events-2020-01.jsonl.gz", media_file_of(NOW), media_file_of(NOW - timedelta(days=28))]
    others = [media_file_of(NOW - timedelta(days=29)), "notes.txt", "events-2020-01.jsonl.gz.part", "../x"]
    assert [name for name in (*wanted, *others) if is_read(name, NOW, recheck)] == wanted


# ---- What a run learned


def snapshot_of(*recordings: Recording, **fields: Any) -> Snapshot:
    receipts = (Receipt("s3:videos", whole=fields.pop("whole", True)),)
    held, events = {one.key: one for one in recordings}, fields.get("events", {})
    return Snapshot(recordings=held, receipts=receipts, **{"events_read": events.keys(), **fields})


def changed(snapshot: Snapshot, facts: FactFiles) -> FactFiles:
    """Return facts with what a run learned."""
    changes = list(learned(snapshot, facts, NOW))
    new = {change.name: change.applied_to(facts.files.get(change.name), STAGE) for change in changes}
    return replace(facts, files={**facts.files, **new})


def test_what_was_read_joins_what_is_known_of_its_month() -> None:
    old, new = recording("old"), recording("new")
    after = changed(snapshot_of(old, new, events={new.key: EVENTS}), events_files(old))
    assert set(after.events_of([old, new]).items) == {old.key, new.key}
    assert len(after.files) == 1


def test_what_was_remembered_changes_no_file() -> None:
    one = recording()
    facts = events_files(one)
    remembered = facts.remembered([one], NOW)
    snapshot = snapshot_of(one, events=remembered.events, events_read=frozenset())
    assert list(learned(snapshot, facts, NOW)) == []


def test_what_was_read_again_takes_the_place_of_what_was_remembered() -> None:
    one, truth = recording(), replace(EVENTS, duration=1)
    facts = events_files(one)
    snapshot = snapshot_of(one, events={one.key: truth})
    assert changed(snapshot, facts).events_of([one]).items == {one.key: truth}


@pytest.mark.parametrize("whole", [True, False])
def test_a_recording_that_is_gone_is_forgotten_when_its_bucket_was_listed_whole(whole: bool) -> None:
    gone, new = recording("gone"), recording("new")
    after = changed(snapshot_of(new, events={new.key: EVENTS}, whole=whole), events_files(gone))
    assert (gone.key in after.events_of([gone]).items) == (not whole)


def test_a_line_of_another_version_goes() -> None:
    before, now = recording(), recording(end_etag="changed")
    after = changed(snapshot_of(now, events={now.key: EVENTS}), events_files(before))
    assert after.events_of([before]).items == {}
    assert after.events_of([now]).items == {now.key: EVENTS}


def test_nothing_is_kept_of_what_no_listing_vouches_for() -> None:
    live = recording("live", ended_seen=None, started_seen=NOW)
    archived = recording("archived", end_etag="")
    events: dict[RecordingKey, Events | Unreadable] = dict.fromkeys((live.key, archived.key), EVENTS)
    assert list(learned(snapshot_of(live, archived, events=events), FactFiles(STAGE), NOW)) == []


def test_what_was_seen_is_kept_for_the_day_and_what_failed_is_not() -> None:
    denied = ObjectAddress("uploads", "denied.mp4")
    old = ObjectAddress("uploads", "old.mp4")
    media = {
        FILM: THERE,
        denied: Sighting("denied", "no right"),
        old: Sighting("there", seen=NOW - timedelta(days=9)),
    }
    after = changed(snapshot_of(media=media), FactFiles(STAGE))
    assert list(after.files) == [media_file_of(NOW)]
    assert after.media(NOW).items == {FILM: NOW}


def test_what_is_gone_contradicts_what_was_seen_and_is_not_kept_else() -> None:
    stranger = ObjectAddress("nowhere", "film.mp4")
    snapshot = snapshot_of(media={FILM: GONE, stranger: GONE})
    after = changed(snapshot, looked((3, True)))
    assert after.media(NOW).items == {}
    assert list(learned(snapshot, FactFiles(STAGE), NOW)) == []


def test_of_two_looks_of_a_day_the_later_one_counts() -> None:
    name, later = media_file_of(NOW), NOW + timedelta(hours=1)
    stored = file_of([media_line(FILM, MediaLook(later, there=False))], name, STAGE)
    (change,) = learned(snapshot_of(media={FILM: THERE}), FactFiles(STAGE), NOW)
    after = FactFiles(STAGE, {name: change.applied_to(stored, STAGE)})
    assert after.media(later).items == {}


def test_the_same_lines_are_the_same_file_in_any_order() -> None:
    lines = [line_of(recording(name)) for name in "abc"]
    assert file_of(lines, "x", STAGE) == file_of(lines[::-1], "x", STAGE)
