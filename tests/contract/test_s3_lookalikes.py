"""The S3 adapter against stores that list like S3, or nearly so, and against troubles in the middle."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconcile.model.errors import SourceError
from reconcile.model.recording import Recording, RecordingKey
from reconcile.model.run import Receipt
from reconcile.stores.s3 import S3Recordings
from reconcile.wiring import Wiring
from tests.contract.harness import at_once
from tests.contract.lookalike import WHEN, Delimiting, Lookalike, listing, s3_error, xml
from tests.contract.loopback import Answer, Asked, Loopback
from tests.doubles.memory import MemoryBuckets

ROOTS = ("sessions", "users")
WAYS: tuple[Delimiting, ...] = (
    "honours",
    "ignores",
    "first-character",
    "InvalidArgument",
    "NotImplemented",
)
AWKWARD = (
    "a b",
    "a+b",
    "50%",
    "a&b",
    "<a>",
    "é",
    "日本",
    "\ufffd",
    "\U0001f3a5",
    "a\nb",
    "a\x01b",
    "y" * 900,
)
Listed = tuple[list[Recording], list[Receipt]]


def bucket_of_everything() -> dict[str, bytes]:
    """Return composite, channel and participant recordings, roots to skip, and what has no business there."""
    keys = [
        "!notes.txt",
        "recording-started-latest.json",
        "index.html",
        "media",
        "zz/media/film.mp4",
        "/media/at-the-root",
    ]
    for name in AWKWARD:
        base = f"stage/{name}/dest/composite"
        keys += [f"{base}/events/recording-started.json", f"{base}/events/recording-ended.json"]
        keys += [f"{base}/media/hls/720p/{number}.ts" for number in range(6)]
    for minute in (1, 10, 9):
        base = f"ivs/v1/111122223333/chan/2026/3/1/9/{minute}/rec"
        keys += [f"{base}/events/recording-failed.json", f"{base}/media/hls/master.m3u8", f"{base}/media0/x"]
    keys += [f"s/se/p/2026-03-01T12-00-55Z/{name}" for name in ("events/recording-ended.json", "media/1.mp4")]
    keys += ["copies/a/b/c/composite/events/recording-ended.json", "only/its/media/composite/media/0.ts"]
    for root in (*ROOTS, "sessions!", "sessions0", "sessionsX", "sessions-old"):
        base = f"{root}/c/d/composite"
        keys += [f"{base}/events/recording-ended.json"]
        keys += [f"{base}/media/{number}.ts" for number in range(9)]
    keys += [f"users/{number}/profile.json" for number in range(40)]
    return dict.fromkeys(keys, b"x")


def expected(objects: dict[str, bytes]) -> Listed:
    """Return what the same port in memory makes of a bucket."""
    when = datetime.fromisoformat(WHEN)
    held = {("videos", key): (body, when) for key, body in objects.items()}
    return MemoryBuckets(("videos",), held, ROOTS).list_recordings()


@pytest.fixture
def listed(scripted: Loopback, stage: Wiring) -> Callable[[Lookalike], Listed]:
    """Lists the buckets of a look-alike, in the order of their names."""

    def listed(store: Lookalike) -> Listed:
        scripted.answer = store.answer
        return reader(stage, *sorted({*store.buckets, *store.refused})).list_recordings()

    return listed


def reader(stage: Wiring, *buckets: str) -> S3Recordings:
    return S3Recordings(stage.s3, buckets, ROOTS, stage.meter, sleep=at_once)


Lister = Callable[[Lookalike], Listed]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("page", [1, 2, 7, 1000])
@pytest.mark.parametrize(("empty_every", "encodes"), [(0, True), (3, True)])
def test_every_way_to_list_gives_the_same_recordings(
    listed: Lister, way: Delimiting, page: int, empty_every: int, encodes: bool
) -> None:
    objects = bucket_of_everything()
    store = Lookalike({"videos": objects}, page, way, empty_every, encodes)
    found, (receipt,) = listed(store)
    wanted, (promised,) = expected(objects)
    assert found == wanted
    assert (receipt.whole, receipt.why, receipt.items) == (True, "", len(wanted))
    assert receipt.detail["jumped_over"] == ["sessions/", "users/"]
    assert receipt.detail["other_objects"] == promised.detail["other_objects"]
    assert receipt.detail["way"] == ("rolled-up" if way == "honours" else "skip-scan")
    assert receipt.requests == len(store.asked)


@pytest.mark.parametrize("way", WAYS)
def test_a_store_that_does_not_encode_keys_gives_the_same_recordings(listed: Lister, way: Delimiting) -> None:
    # Without the encoding, XML has no way to write a control character, and reads a line's end as another.
    objects = {key: body for key, body in bucket_of_everything().items() if key.isprintable()}
    found, (receipt,) = listed(Lookalike({"videos": objects}, 7, way, encodes=False))
    assert (found, receipt.whole) == (expected(objects)[0], True)


@pytest.mark.parametrize("way", WAYS)
def test_no_awkward_key_is_lost(listed: Lister, way: Delimiting) -> None:
    found, _ = listed(Lookalike({"videos": bucket_of_everything()}, 7, way))
    whole = {one.prefix for one in found if one.has_media and one.started_seen and one.ended_seen}
    assert whole == {f"stage/{name}/dest/composite" for name in AWKWARD}


NAMES = st.sampled_from(["a", "b", "é", "media", "media0", "composite", "events", "sessions", "users", " "])
FILES = st.sampled_from(["events/recording-ended.json", "events/recording-started.json", "media/0.ts", "x"])
PREFIXES = st.lists(NAMES, min_size=1, max_size=4).map("/".join)
KEYS = st.sets(st.tuples(PREFIXES, FILES).map("/".join), max_size=30)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(keys=KEYS, page=st.integers(1, 9), way=st.sampled_from(WAYS), empty_every=st.sampled_from([0, 2, 5]))
def test_any_keys_give_the_same_recordings_whatever_the_store_does(
    listed: Lister, keys: set[str], page: int, way: Delimiting, empty_every: int
) -> None:
    objects = dict.fromkeys(keys, b"x")
    found, (receipt,) = listed(Lookalike({"videos": objects}, page, way, empty_every))
    assert (found, receipt.whole) == (expected(objects)[0], True)


def test_a_rolled_up_listing_returns_no_media_and_costs_few_requests(listed: Lister) -> None:
    objects: dict[str, bytes] = {}
    for number in range(1000):
        base = f"stage/comp{number}/dest/composite"
        objects |= dict.fromkeys(
            [f"{base}/events/recording-{what}.json" for what in ("started", "ended")], b""
        )
        objects |= dict.fromkeys([f"{base}/media/hls/{part}.ts" for part in range(20)], b"")
    store = Lookalike({"videos": objects})
    found, (receipt,) = listed(store)
    assert len(found) == 1000
    assert [key for key in store.given if "/media/" in key.removesuffix("/media/")] == []
    assert receipt.requests == len(store.asked) == 3


def test_a_skip_scan_reads_little_of_long_recordings(listed: Lister) -> None:
    objects: dict[str, bytes] = {}
    for number in range(10):
        base = f"stage/comp{number}/dest/composite"
        objects |= dict.fromkeys([f"{base}/events/recording-ended.json"], b"")
        objects |= dict.fromkeys([f"{base}/media/hls/{part:04}.ts" for part in range(1800)], b"")
    store = Lookalike({"videos": objects}, delimiting="ignores")
    found, (receipt,) = listed(store)
    assert (len(found), receipt.whole) == (10, True)
    assert len(store.asked) <= 12
    assert len(store.given) < 0.15 * len(objects)


def test_what_lies_under_a_skipped_root_is_not_listed_to_its_end(listed: Lister) -> None:
    objects = {f"sessions/{number:05}/segment.ts": b"" for number in range(500)}
    objects |= {"zz/b/c/composite/events/recording-ended.json": b""}
    for way in WAYS:
        store = Lookalike({"videos": objects}, 10, way)
        found, (receipt,) = listed(store)
        assert [one.prefix for one in found] == ["zz/b/c/composite"]
        assert sum(key.startswith("sessions/") for key in store.given) <= 20
        assert receipt.detail["jumped_over"] == ["sessions/"]


@pytest.mark.parametrize(
    ("refused", "told"),
    [
        (s3_error(404, "NoSuchBucket", "The specified bucket does not exist"), "NoSuchBucket"),
        (
            s3_error(403, "AccessDenied", "no s3:ListBucket"),
            "AccessDenied: no s3:ListBucket. Grant the permission",
        ),
    ],
)
def test_a_bucket_that_cannot_be_listed_is_named_and_the_other_is_whole(
    listed: Lister, refused: Answer, told: str
) -> None:
    objects = bucket_of_everything()
    found, receipts = listed(Lookalike({"videos": objects}, refused={"another": refused}))
    assert found == expected(objects)[0]
    assert [(receipt.source, receipt.whole) for receipt in receipts] == [
        ("s3:another", False),
        ("s3:videos", True),
    ]
    assert receipts[0].why.startswith(f"listing the bucket another: {told}")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "failure",
    [
        s3_error(403, "AccessDenied", "taken away meanwhile"),
        s3_error(503, "SlowDown", "Reduce your request rate"),
        Answer(500),
        Answer(200, b"<html>Please log in</html>"),
        Answer(200, b"no xml at all"),
        Answer(200, b"<ListBucketResult><IsTruncated>fal", cut=True),
        Answer(lost=True),
    ],
    ids=["refused", "slow-down", "500", "html", "text", "cut", "lost"],
)
def test_a_listing_that_fails_midway_is_not_whole(listed: Lister, way: Delimiting, failure: Answer) -> None:
    objects = bucket_of_everything()
    store = Lookalike({"videos": objects}, 5, way, failures=dict.fromkeys(range(6, 400), failure))
    found, (receipt,) = listed(store)
    assert not receipt.whole
    assert receipt.why.startswith("listing the bucket videos: ")
    assert len(found) == receipt.items < len(expected(objects)[0])


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("failure", [s3_error(503, "SlowDown", "wait"), Answer(500), Answer(lost=True)])
def test_a_passing_trouble_is_survived(listed: Lister, way: Delimiting, failure: Answer) -> None:
    objects = bucket_of_everything()
    store = Lookalike({"videos": objects}, 20, way, failures={2: failure, 3: failure, 5: failure})
    found, (receipt,) = listed(store)
    assert (found, receipt.whole) == (expected(objects)[0], True)
    assert receipt.requests == len(store.asked)


ONE, TWO = (
    ("a/b/c/composite/events/recording-ended.json", 1),
    ("d/e/f/composite/events/recording-ended.json", 1),
)


@pytest.mark.parametrize(
    ("pages", "requests"),
    [
        ([listing([ONE], more=True, token="same")], 2),
        ([listing([], more=True, token="same")], 2),
        ([listing([ONE], more=True, token=token) for token in ("one", "other")], 3),
        ([listing([], more=True, token=token) for token in ("one", "other")], 3),
        ([listing([ONE, TWO], more=True, token=token) for token in ("one", "other")], 2),
        ([listing([ONE], more=True)], 1),
        ([listing([], more=True)], 1),
    ],
    ids=["same", "same-empty", "circle", "circle-empty", "pages-again", "none", "none-empty"],
)
@pytest.mark.parametrize("refuses", [False, True])
def test_a_listing_that_goes_in_circles_ends_and_is_not_whole(
    scripted: Loopback, stage: Wiring, pages: list[Answer], requests: int, refuses: bool
) -> None:
    count = 0

    def answer(asked: Asked) -> Answer:
        nonlocal count
        if refuses and "delimiter" in asked.query:
            return s3_error(400, "InvalidArgument", "delimiter")
        count += 1
        return pages[(count - 1) % len(pages)]

    scripted.answer = answer
    _, (receipt,) = reader(stage, "videos").list_recordings()
    assert not receipt.whole
    assert "the store's listing" in receipt.why
    assert count == requests


@pytest.mark.parametrize("way", WAYS)
def test_a_store_that_cannot_jump_is_not_believed(listed: Lister, way: Delimiting) -> None:
    objects = bucket_of_everything()
    _, (receipt,) = listed(Lookalike({"videos": objects}, 5, way, start_after=False))
    assert (receipt.whole, "goes back behind" in receipt.why) == (False, True)


def test_a_page_without_times_is_not_believed(scripted: Loopback, stage: Wiring) -> None:
    scripted.answer = lambda _: xml(
        "<ListBucketResult><IsTruncated>false</IsTruncated>"
        f"<Contents><Key>{ONE[0]}</Key></Contents></ListBucketResult>"
    )
    _, (receipt,) = reader(stage, "videos").list_recordings()
    assert (receipt.whole, "without the key, time or size" in receipt.why) == (False, True)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (
            s3_error(403, "AccessDenied", "no s3:GetObject"),
            "AccessDenied: no s3:GetObject. Grant the permission",
        ),
        (s3_error(404, "NoSuchBucket", "gone"), "NoSuchBucket"),
        (Answer(500), "500"),
        (Answer(200, b"#EXTM3U\n" * 100, {"ETag": '"x"'}, cut=True), ""),
        (Answer(200, b"#EXTM3U\n" * 100), "without ETag"),
        (Answer(lost=True), ""),
    ],
    ids=["refused", "no-bucket", "500", "cut", "page", "lost"],
)
def test_an_object_that_cannot_be_read_to_its_end_is_a_source_error(
    scripted: Loopback, stage: Wiring, answer: Answer, told: str
) -> None:
    scripted.answer = Lookalike({"videos": {}}, objects={"a/thing": answer}).answer
    with pytest.raises(SourceError, match="reading s3://videos/a/thing") as caught:
        reader(stage, "videos").read("videos", "a/thing", 10_000)
    assert told in str(caught.value)


def media_of(number: int) -> dict[str, bytes]:
    return {f"a/b/c/composite/media/{part:06}.ts": b"1234" for part in range(number)}


@pytest.mark.parametrize(("objects", "size"), [(200, 800), (201, None), (0, 0)])
def test_media_are_listed_over_two_hundred_pages_at_most(
    scripted: Loopback, stage: Wiring, objects: int, size: int | None
) -> None:
    store = Lookalike({"videos": media_of(objects)}, page=1)
    scripted.answer = store.answer
    assert reader(stage, "videos").list_media(RecordingKey("videos", "a/b/c/composite")).size == size
    assert len(store.asked) == max(1, min(200, objects))


@pytest.mark.parametrize(
    "answer",
    [
        s3_error(403, "AccessDenied", "no"),
        listing([ONE], more=True, token="same"),
        listing([ONE], more=True),
        Answer(200, b"<html>Please log in</html>"),
    ],
    ids=["refused", "circle", "no-token", "html"],
)
def test_media_that_cannot_be_listed_are_a_source_error(
    scripted: Loopback, stage: Wiring, answer: Answer
) -> None:
    scripted.answer = lambda _: answer
    with pytest.raises(SourceError, match="listing the media of s3://videos/a/b: "):
        reader(stage, "videos").list_media(RecordingKey("videos", "a/b"))


def test_credentials_that_are_missing_are_told_at_once(
    scripted: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/dev/null")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ENDPOINT_URL", scripted.url)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    settings: Any = None
    wiring = Wiring(settings)
    _, (receipt,) = reader(wiring, "videos").list_recordings()
    assert (receipt.whole, "credentials" in receipt.why) == (False, True)
