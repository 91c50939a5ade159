"""Looking for objects one by one: what is told of each, in memory and for real, and when S3 breaks."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from reconcile.model.media import ObjectAddress
from reconcile.model.sighting import GONE, NO_BUCKET, THERE, Sighting
from reconcile.stores.objects import S3Objects
from reconcile.stores.ports import ObjectsReader
from reconcile.wiring import Wiring
from tests.contract.conftest import unique
from tests.contract.harness import at_once
from tests.contract.lookalike import Lookalike, s3_error, xml
from tests.contract.loopback import Answer, Asked, Loopback
from tests.doubles.memory import MemoryBuckets

HERE = Answer(200, headers={"ETag": '"x"'})
KEYS = ("public/a film.mp4", "a+b%20c.m3u8", "é/日本.ts", "x" * 1024)


@pytest.fixture(params=["memory", "real"])
def held(request: pytest.FixtureRequest) -> tuple[ObjectsReader, str]:
    """A reader, and a bucket that holds an object under each of KEYS."""
    name = unique("media")
    if request.param == "memory":
        objects = {(name, key): (b"x", datetime.now(UTC)) for key in KEYS}
        return MemoryBuckets((name,), objects), name
    wiring: Wiring = request.getfixturevalue("aws")
    wiring.s3.create_bucket(Bucket=name)
    for key in KEYS:
        wiring.s3.put_object(Bucket=name, Key=key, Body=b"x")
    return S3Objects(wiring.s3, wiring.meter), name


def test_what_is_there_is_told_from_what_is_not(held: tuple[ObjectsReader, str]) -> None:
    reader, bucket = held
    found = reader.exist([ObjectAddress(bucket, key) for key in (*KEYS, "public/a%20film.mp4", "public/")])
    assert found == {(bucket, key): THERE for key in KEYS} | {
        (bucket, "public/a%20film.mp4"): GONE,
        (bucket, "public/"): GONE,
    }


def test_a_bucket_that_does_not_exist_is_told_from_one_that_lacks_the_object(
    held: tuple[ObjectsReader, str],
) -> None:
    reader, bucket = held
    nowhere = unique("nowhere")
    found = reader.exist(
        [ObjectAddress(nowhere, KEYS[0]), ObjectAddress(nowhere, "b"), ObjectAddress(bucket, "b")]
    )
    assert found == {(nowhere, KEYS[0]): NO_BUCKET, (nowhere, "b"): NO_BUCKET, (bucket, "b"): GONE}


@pytest.mark.parametrize(
    ("bucket", "key", "told"),
    [("", "a", NO_BUCKET), ("No such:bucket", "a", NO_BUCKET), (None, "", GONE), (None, "y" * 1025, GONE)],
)
def test_what_no_bucket_and_no_object_can_be_called_is_not_there(
    held: tuple[ObjectsReader, str], bucket: str | None, key: str, told: Sighting
) -> None:
    reader, name = held
    address = ObjectAddress(name if bucket is None else bucket, key)
    assert reader.exist([address]) == {address: told}


def test_it_tells_how_many_requests_it_took_and_nothing_is_asked_for_nothing(
    held: tuple[ObjectsReader, str],
) -> None:
    reader, bucket = held
    before = reader.requests()
    assert reader.exist([]) == {}
    assert reader.requests() == before
    reader.exist([ObjectAddress(bucket, key) for key in KEYS])
    assert reader.requests() - before == len(KEYS)


Looker = Callable[..., dict[Any, Sighting]]


@pytest.fixture
def looked(scripted: Loopback, stage: Wiring) -> Looker:
    """Looks for keys of a bucket where the store answers as a function says."""

    def looked(answer: Callable[[Asked], Answer], *addresses: tuple[str, str]) -> dict[Any, Sighting]:
        scripted.answer = answer
        return S3Objects(stage.s3, stage.meter, sleep=at_once).exist(
            [ObjectAddress(*address) for address in addresses]
        )

    return looked


def test_what_is_denied_says_once_and_for_all_what_to_grant(looked: Looker) -> None:
    """Every object of the bucket is told in the same words, so that a report can group them."""
    found = looked(
        lambda _: s3_error(403, "AccessDenied", "no"), ("films", "a"), ("films", "b"), ("other", "a")
    )
    assert {one.state for one in found.values()} == {"denied"}
    assert found["films", "a"] == found["films", "b"] != found["other", "a"]
    assert "grant s3:GetObject on arn:aws:s3:::films/* and s3:ListBucket on arn:aws:s3:::films" in (
        found["films", "a"].why
    )


def test_a_missing_bucket_is_asked_for_once(looked: Looker) -> None:
    asked: Counter[str] = Counter()

    def answer(request: Asked) -> Answer:
        asked[request.path] += 1
        return s3_error(404, "NoSuchBucket", "no")

    found = looked(answer, *(("films", f"{number}") for number in range(20)))
    assert set(found.values()) == {NO_BUCKET}
    assert (asked["/films"], asked["/films/3"]) == (1, 1)


def test_a_bucket_whose_listing_is_denied_still_lacks_what_it_says_is_not_there(looked: Looker) -> None:
    def answer(request: Asked) -> Answer:
        return (
            s3_error(404, "NoSuchKey", "no")
            if request.path != "/films"
            else s3_error(403, "AccessDenied", "no")
        )

    assert looked(answer, ("films", "a")) == {("films", "a"): GONE}


@pytest.mark.parametrize(
    "trouble", [s3_error(503, "SlowDown", "no"), s3_error(500, "InternalError", "no"), Answer(lost=True)]
)
def test_a_store_that_breaks_is_told_as_that_and_not_asked_for_ever(looked: Looker, trouble: Answer) -> None:
    asked: Counter[str] = Counter()

    def answer(request: Asked) -> Answer:
        asked[request.path] += 1
        return trouble

    found = looked(answer, *(("films", f"{number}") for number in range(300)))
    assert {one.state for one in found.values()} == {"failed"}
    assert all(one.why.startswith("looking for media in s3://films: ") for one in found.values())
    assert len(asked) < 150


@pytest.mark.parametrize("status", [503, 500])
def test_a_trouble_that_passes_is_asked_through(looked: Looker, status: int) -> None:
    asked: Counter[str] = Counter()

    def answer(request: Asked) -> Answer:
        asked[request.path] += 1
        return HERE if asked[request.path] > 1 else s3_error(status, "SlowDown", "no")

    assert looked(answer, ("films", "a")) == {("films", "a"): THERE}


def test_a_troubled_key_does_not_keep_the_others_from_being_seen(looked: Looker) -> None:
    def answer(request: Asked) -> Answer:
        return s3_error(503, "SlowDown", "no") if request.path == "/films/7" else HERE

    found = looked(answer, *(("films", f"{number}") for number in range(200)))
    assert Counter(one.state for one in found.values()) == {"there": 199, "failed": 1}


def test_a_look_alike_is_asked_as_s3_is(looked: Looker) -> None:
    store = Lookalike({"films": {"a b": b"x"}})
    found = looked(store.answer, ("films", "a b"), ("films", "c"), ("none-such", "a"))
    assert found == {("films", "a b"): THERE, ("films", "c"): GONE, ("none-such", "a"): NO_BUCKET}


@pytest.mark.parametrize(("status", "code"), [(405, "MethodNotAllowed"), (501, "NotImplemented")])
def test_a_store_that_answers_no_head_request_is_asked_for_its_listing(
    looked: Looker, status: int, code: str
) -> None:
    """A longer key that begins alike is another object."""
    store = Lookalike({"films": {"a": b"x", "bc": b"x"}})

    def answer(request: Asked) -> Answer:
        return s3_error(status, code, "no") if request.method == "HEAD" else store.answer(request)

    found = looked(answer, ("films", "a"), ("films", "b"), ("none-such", "a"))
    assert found == {("films", "a"): THERE, ("films", "b"): GONE, ("none-such", "a"): NO_BUCKET}


def test_a_store_that_knows_no_head_of_buckets_is_asked_for_their_listing(looked: Looker) -> None:
    """It tells a missing object from a missing bucket all the same."""
    store = Lookalike({"films": {"a": b"x"}})

    def answer(request: Asked) -> Answer:
        unknown = request.method == "HEAD" and request.path.count("/") == 1
        return s3_error(405, "MethodNotAllowed", "no") if unknown else store.answer(request)

    found = looked(answer, ("films", "a"), ("films", "b"), ("none-such", "a"))
    assert found == {("films", "a"): THERE, ("films", "b"): GONE, ("none-such", "a"): NO_BUCKET}


def test_when_time_runs_out_what_was_not_looked_for_is_not_called_gone(stage: Wiring) -> None:
    found = S3Objects(stage.s3, stage.meter, lambda: 0.0).exist(
        [ObjectAddress("films", f"{n}") for n in range(100)]
    )
    assert {one.state for one in found.values()} == {"failed"}
    assert all("s3://films: a look: OUT OF TIME" in one.why for one in found.values())


RECORDED = "stage1/comp1/dest1/composite/media/hls"
MANIFEST, SEGMENT = f"{RECORDED}/multivariant.m3u8", f"{RECORDED}/720p30-a/0.ts"
GLACIER = {"x-amz-storage-class": "GLACIER"}
WRITTEN = {"Last-Modified": "Sun, 01 Mar 2026 12:00:00 GMT"}


def shelved(headers: dict[str, str], at: str = "/films/a", *, listed: str = "") -> Callable[[Asked], Answer]:
    """Answer as a bucket with one recording and a film, of which one is told with these headers."""

    def answer(request: Asked) -> Answer:
        if request.method == "HEAD":
            told = headers if request.path == at else {}
            return Answer(200, b"x", {**WRITTEN, **told})
        facts = "<Size>1</Size><LastModified>2026-03-01T12:00:00.000Z</LastModified>"
        keys = "".join(f"<Contents><Key>{key}</Key>{facts}{listed}</Contents>" for key in (SEGMENT, MANIFEST))
        return xml(f"<ListBucketResult><IsTruncated>false</IsTruncated>{keys}</ListBucketResult>")

    return answer


@pytest.mark.parametrize(
    ("headers", "archive"),
    [
        (GLACIER, "GLACIER"),
        ({"x-amz-storage-class": "DEEP_ARCHIVE"}, "DEEP_ARCHIVE"),
        (GLACIER | {"x-amz-restore": 'ongoing-request="true"'}, "GLACIER"),
        (
            GLACIER
            | {"x-amz-restore": 'ongoing-request="false", expiry-date="Fri, 21 Dec 2029 00:00:00 GMT"'},
            "",
        ),
        ({"x-amz-storage-class": "GLACIER_IR"}, ""),
        ({"x-amz-storage-class": "INTELLIGENT_TIERING"}, ""),
        (
            {"x-amz-storage-class": "INTELLIGENT_TIERING", "x-amz-archive-status": "ARCHIVE_ACCESS"},
            "ARCHIVE_ACCESS",
        ),
        ({}, ""),
    ],
)
def test_an_archived_object_is_told_from_one_that_can_be_read(
    looked: Looker, headers: dict[str, str], archive: str
) -> None:
    found = looked(shelved(headers), ("films", "a"))["films", "a"]
    assert (found.state, found.archive) == (("archived", archive) if archive else ("there", ""))


@pytest.mark.parametrize(
    ("listed", "headers", "archive"),
    [
        (
            "<StorageClass>DEEP_ARCHIVE</StorageClass>",
            {"x-amz-storage-class": "DEEP_ARCHIVE"},
            "DEEP_ARCHIVE",
        ),
        (
            "<StorageClass>INTELLIGENT_TIERING</StorageClass>",
            {"x-amz-archive-status": "DEEP_ARCHIVE_ACCESS"},
            "DEEP_ARCHIVE_ACCESS",
        ),
        ("<StorageClass>GLACIER</StorageClass>", GLACIER | {"x-amz-restore": 'ongoing-request="false"'}, ""),
        (
            "<StorageClass>GLACIER</StorageClass>"
            "<RestoreStatus><IsRestoreInProgress>false</IsRestoreInProgress></RestoreStatus>",
            GLACIER,
            "",
        ),
        ("<StorageClass>STANDARD</StorageClass>", {}, ""),
        ("", {}, ""),
    ],
)
def test_of_a_recording_whose_manifest_stands_one_segment_is_looked_at(
    looked: Looker, listed: str, headers: dict[str, str], archive: str
) -> None:
    """Lifecycle rules leave small objects alone, so the manifest says nothing of its segments."""
    answer = shelved(headers, f"/films/{SEGMENT}", listed=listed)
    found = looked(answer, ("films", MANIFEST))["films", MANIFEST]
    assert (found.state, found.archive) == (("archived", archive) if archive else ("there", ""))
    assert found.key == (SEGMENT if archive else "")


def test_a_segment_costs_one_small_listing_and_only_for_a_recordings_manifest(looked: Looker) -> None:
    asked: list[Asked] = []

    def answer(request: Asked) -> Answer:
        asked.append(request)
        return shelved({})(request)

    looked(answer, ("films", MANIFEST), ("films", "a"), ("films", SEGMENT), ("films", "users/u1/live.m3u8"))
    (listing,) = (request for request in asked if request.method == "GET")
    assert (listing.query["prefix"], listing.query["max-keys"]) == (f"{RECORDED}/", "25")
    assert len(asked) == 5


def test_an_empty_object_is_told_from_one_that_holds_something(held: tuple[ObjectsReader, str]) -> None:
    reader, bucket = held
    if isinstance(reader, MemoryBuckets):
        reader.objects[bucket, "nothing.mp4"] = (b"", datetime.now(UTC))
    else:
        reader._client.put_object(Bucket=bucket, Key="nothing.mp4", Body=b"")  # type: ignore[attr-defined]
    address = ObjectAddress(bucket, "nothing.mp4")
    assert reader.exist([address])[address].state == "empty"


@pytest.mark.parametrize("storage_class", ["GLACIER", "DEEP_ARCHIVE", "GLACIER_IR", "STANDARD_IA"])
def test_a_storage_class_is_told_by_the_embedded_store_too(aws: Wiring, storage_class: Any) -> None:
    bucket = unique("archive")
    aws.s3.create_bucket(Bucket=bucket)
    aws.s3.put_object(Bucket=bucket, Key=MANIFEST, Body=b"x")
    aws.s3.put_object(Bucket=bucket, Key=SEGMENT, Body=b"x", StorageClass=storage_class)
    reader, address = S3Objects(aws.s3, aws.meter), ObjectAddress(bucket, MANIFEST)
    archived = storage_class in ("GLACIER", "DEEP_ARCHIVE")
    assert reader.exist([address])[address].state == ("archived" if archived else "there")
    if archived:
        aws.s3.restore_object(Bucket=bucket, Key=SEGMENT, RestoreRequest={"Days": 1})
        assert reader.exist([address])[address] == THERE
