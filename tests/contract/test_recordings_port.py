"""The buckets' port: what a listing tells of recordings, and what is read of them."""

import pytest

from reconcile.model.errors import ObjectArchived
from reconcile.model.recording import Kind, RecordingKey
from reconcile.stores.s3 import S3Recordings
from reconcile.wiring import Wiring
from tests.contract.conftest import unique
from tests.contract.harness import Buckets

COMPOSITE = "stage1/comp1/dest1/composite"
CHANNEL = "ivs/v1/111122223333/chan1/2026/3/1/9/5/rec1"
MANIFEST = "media/hls/multivariant.m3u8"


def test_a_composite_recording_is_told_with_its_events_times_and_media(buckets: Buckets) -> None:
    started = buckets.put("videos", f"{COMPOSITE}/events/recording-started.json")
    ended = buckets.put("videos", f"{COMPOSITE}/events/recording-ended.json")
    for name in (MANIFEST, "media/hls/720p30-a/0.ts", "media/hls/720p30-a/playlist.m3u8"):
        buckets.put("videos", f"{COMPOSITE}/{name}")
    (one,), _ = buckets.listed("videos")
    assert (one.prefix, one.kind, one.channel_id, one.has_media) == (COMPOSITE, Kind.COMPOSITE, None, True)
    assert (one.started_seen, one.ended_seen, one.failed_seen) == (started, ended, None)
    assert one.bucket == buckets.name("videos")


@pytest.mark.parametrize("moment", ["2026/3/1/9/5", "2026/03/01/09/05", "2026/12/31/23/59"])
def test_a_channel_recording_is_told_with_its_channel(buckets: Buckets, moment: str) -> None:
    prefix = f"ivs/v1/111122223333/chan1/{moment}/rec1"
    buckets.put("videos", f"{prefix}/events/recording-failed.json")
    buckets.put("videos", f"{prefix}/media/hls/master.m3u8")
    (one,), _ = buckets.listed("videos")
    assert (one.prefix, one.kind, one.channel_id) == (prefix, Kind.CHANNEL, "chan1")
    assert (one.failed_seen is not None, one.ended_seen, one.has_media) == (True, None, True)


def test_a_participants_recording_is_told_as_such(buckets: Buckets) -> None:
    prefix = "stage1/session1/participant1/2026-03-01T12-00-55Z"
    buckets.put("videos", f"{prefix}/events/recording-ended.json")
    buckets.put("videos", f"{prefix}/media/hls/multivariant.m3u8")
    (one,), receipts = buckets.listed("videos")
    assert (one.prefix, one.kind) == (prefix, Kind.PARTICIPANT)
    assert receipts[0].items == 1


def test_events_under_no_known_layout_make_a_recording_of_unknown_kind(buckets: Buckets) -> None:
    for prefix in ("a/events-of/mine", f"copies/{COMPOSITE}", f"{COMPOSITE}/again"):
        buckets.put("videos", f"{prefix}/events/recording-ended.json")
    found, _ = buckets.listed("videos")
    assert [(one.prefix, one.kind) for one in found] == [
        ("a/events-of/mine", Kind.UNKNOWN),
        (f"copies/{COMPOSITE}", Kind.UNKNOWN),
        (f"{COMPOSITE}/again", Kind.UNKNOWN),
    ]


def test_media_without_events_make_a_recording_without_times(buckets: Buckets) -> None:
    buckets.put("videos", f"{COMPOSITE}/{MANIFEST}")
    (one,), _ = buckets.listed("videos")
    assert (one.prefix, one.has_media, one.last_event) == (COMPOSITE, True, None)


def test_events_without_media_make_a_recording_without_media(buckets: Buckets) -> None:
    buckets.put("videos", f"{CHANNEL}/events/recording-started.json")
    (one,), _ = buckets.listed("videos")
    assert (one.prefix, one.has_media, one.finished_seen) == (CHANNEL, False, None)


def test_foreign_files_make_no_recording_and_are_counted(buckets: Buckets) -> None:
    foreign = (
        "recording-started-latest.json",
        "index.html",
        f"{COMPOSITE}/notes.txt",
        f"{COMPOSITE}/events/recording-paused.json",
        "somewhere/media/film.mp4",
    )
    for key in foreign:
        buckets.put("videos", key)
    found, (receipt,) = buckets.listed("videos")
    assert found == []
    assert receipt.whole
    assert receipt.detail["other_objects"] == len(foreign)


@pytest.mark.parametrize(
    "part",
    [
        "a b",
        "a+b",
        "50%",
        "100%25",
        "a&b",
        "<a>",
        "it's",
        'a"b',
        "ä",
        "日本",
        "\U0001f3a5",
        "\ufffd",
        "=",
    ],
)
def test_awkward_keys_come_back_letter_by_letter(buckets: Buckets, part: str) -> None:
    prefix = f"stage1/{part}/dest1/composite"
    buckets.put("videos", f"{prefix}/events/recording-ended.json", b"ended")
    buckets.put("videos", f"{prefix}/{MANIFEST}", b"#EXTM3U")
    reader = buckets.reader("videos")
    (one,), _ = reader.list_recordings()
    assert (one.prefix, one.kind, one.has_media) == (prefix, Kind.COMPOSITE, True)
    assert reader.read(one.bucket, one.events_file or "", 100) == b"ended"
    assert reader.list_media(one.key).size == len(b"#EXTM3U")


def test_a_key_may_have_1024_bytes(buckets: Buckets) -> None:
    name = "/events/recording-ended.json"
    prefix = f"s/{'é' * 400}/{'y' * (1024 - 2 - 800 - 1 - len('/composite' + name))}/composite"
    buckets.put("videos", prefix + name)
    assert len((prefix + name).encode()) == 1024
    (one,), _ = buckets.listed("videos")
    assert one.prefix == prefix


def test_skipped_roots_are_named_and_their_neighbours_are_not_lost(buckets: Buckets) -> None:
    neighbours = [
        "sessions-old/c/d",
        "sessions!/c/d",
        "sessions.d/c/d",
        "sessions0/c/d",
        "sessionsX/c/d",
        "zz/c/d",
    ]
    for root in ("sessions", "recordings", *neighbours):
        prefix = f"{root}/composite" if "/" in root else f"{root}/c/d/composite"
        buckets.put("videos", f"{prefix}/events/recording-ended.json")
        buckets.put("videos", f"{prefix}/{MANIFEST}")
    found, (receipt,) = buckets.listed("videos", skip_roots=("sessions", "recordings", "users"))
    assert sorted(one.prefix for one in found) == sorted(f"{place}/composite" for place in neighbours)
    assert all(one.has_media and one.ended_seen for one in found)
    assert receipt.detail["jumped_over"] == ["recordings/", "sessions/"]


def test_each_bucket_has_its_own_receipt_and_its_own_recordings(buckets: Buckets) -> None:
    for bucket, number in (("first", 2), ("second", 1), ("third", 0)):
        buckets.name(bucket)
        for one in range(number):
            buckets.put(bucket, f"stage1/comp{one}/dest1/composite/events/recording-ended.json")
    buckets.put("not-asked-for", f"{COMPOSITE}/events/recording-ended.json")
    found, receipts = buckets.listed("first", "second", "third")
    assert [(one.bucket, one.prefix.split("/")[1]) for one in found] == [
        (buckets.name("first"), "comp0"),
        (buckets.name("first"), "comp1"),
        (buckets.name("second"), "comp0"),
    ]
    assert [(receipt.source, receipt.whole, receipt.items) for receipt in receipts] == [
        (f"s3:{buckets.name('first')}", True, 2),
        (f"s3:{buckets.name('second')}", True, 1),
        (f"s3:{buckets.name('third')}", True, 0),
    ]


@pytest.mark.parametrize(
    ("limit", "read"), [(0, b"0"), (4, b"01234"), (9, b"0123456789"), (99, b"0123456789")]
)
def test_one_byte_over_the_limit_is_read_and_no_more(buckets: Buckets, limit: int, read: bytes) -> None:
    buckets.put("videos", "thing", b"0123456789")
    assert buckets.reader("videos").read(buckets.name("videos"), "thing", limit) == read


def test_an_empty_object_is_read_as_nothing(buckets: Buckets) -> None:
    buckets.put("videos", "thing", b"")
    assert buckets.reader("videos").read(buckets.name("videos"), "thing", 10) == b""


def test_an_absent_object_is_a_key_error(buckets: Buckets) -> None:
    with pytest.raises(KeyError):
        buckets.reader("videos").read(buckets.name("videos"), "nothing", 10)


def test_media_are_added_up_for_one_recording_alone(buckets: Buckets) -> None:
    buckets.put("videos", f"{COMPOSITE}/{MANIFEST}", b"12345")
    buckets.put("videos", f"{COMPOSITE}/media/hls/720p/0.ts", b"123")
    buckets.put("videos", f"{COMPOSITE}/events/recording-ended.json", b"1234567")
    buckets.put("videos", f"{COMPOSITE}2/media/hls/0.ts", b"1234567")
    key = RecordingKey(buckets.name("videos"), COMPOSITE)
    listing = buckets.reader("videos").list_media(key)
    assert (listing.size, listing.thumbnail) == (8, None)


def test_the_latest_thumbnail_goes_before_the_first(buckets: Buckets) -> None:
    key, reader = RecordingKey(buckets.name("videos"), CHANNEL), buckets.reader("videos")
    assert (reader.list_media(key).size, reader.list_media(key).thumbnail) == (0, None)
    for name in ("thumbnails/thumb1.jpg", "thumbnails/thumb0.jpg", "thumbnails/thumb10.jpg"):
        buckets.put("videos", f"{CHANNEL}/media/{name}")
    assert reader.list_media(key).thumbnail == f"{CHANNEL}/media/thumbnails/thumb0.jpg"
    buckets.put("videos", f"{CHANNEL}/media/latest_thumbnail/thumb.jpg")
    assert reader.list_media(key).thumbnail == f"{CHANNEL}/media/latest_thumbnail/thumb.jpg"


@pytest.mark.parametrize("prefix", [COMPOSITE, CHANNEL])
def test_one_recording_is_looked_up_as_the_listing_tells_it(buckets: Buckets, prefix: str) -> None:
    for name in ("recording-started", "recording-ended"):
        buckets.put("videos", f"{prefix}/events/{name}.json")
    buckets.put("videos", f"{prefix}/{MANIFEST}")
    buckets.put("videos", f"{prefix}/media/hls/720p30-a/0.ts")
    (listed,), _ = buckets.listed("videos")
    assert buckets.reader("videos").find(RecordingKey(buckets.name("videos"), prefix)) == listed


def test_a_recording_is_found_by_its_events_or_its_media_alone(buckets: Buckets) -> None:
    buckets.put("videos", f"{COMPOSITE}/events/recording-started.json")
    buckets.put("videos", f"{CHANNEL}/{MANIFEST}")
    reader, bucket = buckets.reader("videos"), buckets.name("videos")
    for prefix, has_media in ((COMPOSITE, False), (CHANNEL, True)):
        found = reader.find(RecordingKey(bucket, prefix))
        assert found is not None
        assert (found.prefix, found.has_media) == (prefix, has_media)


def test_what_only_begins_like_a_recording_is_not_found(buckets: Buckets) -> None:
    buckets.put("videos", f"{COMPOSITE}-2/events/recording-ended.json")
    buckets.put("videos", f"{COMPOSITE}/events/notes/events/recording-ended.json")
    buckets.put("videos", f"{COMPOSITE}/thumbnail.jpg")
    assert buckets.reader("videos").find(RecordingKey(buckets.name("videos"), COMPOSITE)) is None


def test_archived_media_is_told_by_listing_reading_and_looking(aws: Wiring) -> None:
    bucket, prefix = unique("archive"), COMPOSITE
    segment, empty = f"{prefix}/media/hls/a/0.ts", f"{prefix}/media/hls/a/1.ts"
    aws.s3.create_bucket(Bucket=bucket)
    aws.s3.put_object(Bucket=bucket, Key=segment, Body=b"x", StorageClass="DEEP_ARCHIVE")
    aws.s3.put_object(Bucket=bucket, Key=empty, Body=b"")
    reader = S3Recordings(aws.s3, (bucket,), (), aws.meter)
    listing = reader.list_media(RecordingKey(bucket, prefix))
    assert (set(listing.in_question), set(listing.empty)) == ({segment}, {empty})
    assert reader.archive_of(bucket, segment) == "DEEP_ARCHIVE"
    with pytest.raises(ObjectArchived, match="DEEP_ARCHIVE"):
        reader.read(bucket, segment, 10)
    aws.s3.restore_object(Bucket=bucket, Key=segment, RestoreRequest={"Days": 1})
    assert (reader.archive_of(bucket, segment), reader.read(bucket, segment, 10)) == ("", b"x")
    with pytest.raises(KeyError):
        reader.archive_of(bucket, "none-such")
