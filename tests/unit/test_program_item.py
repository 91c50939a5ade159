"""The program that the job makes, field by field."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from reconcile.model.catalog import Group, Show
from reconcile.model.parse import parse_items
from reconcile.model.recording import RecordingKey, manifest_key, program_id_of
from reconcile.model.search_record import canonical
from reconcile.repair.plan_programs import Creation
from reconcile.repair.program_item import ProgramMedia, group_keys, program_item
from reconcile.stores.attributes import typed
from tests.unit.builders import BUCKET, COMPOSITE, MEDIA, NOW, events, judge, recording, snapshot

ID = program_id_of(RecordingKey(BUCKET, COMPOSITE))
SHOW = Show("show1", "owner1", "group1", "A Show")
WANTED = Creation(
    "finding",
    recording(),
    events(),
    SHOW,
    Group("owner1", "group1", real=True),
    "session1",
    f"https://play.test/{COMPOSITE}/media/hls/multivariant.m3u8",
    judge(snapshot({}, [])),
)
FOUND = ProgramMedia(123_456, f"{COMPOSITE}/media/thumbnails/high/thumb 0.jpg")


def made(creation: Creation = WANTED, media: ProgramMedia = FOUND) -> dict[str, Any]:
    return program_item(creation, media, MEDIA, "run1", NOW)


def test_a_created_program_is_complete_in_every_field() -> None:
    assert made() == {
        "pk": "u#owner1#programs",
        "sk": f"p#{ID}",
        "entityType": "program",
        "GSI1PK": "u#owner1#g#group1",
        "GSI1SK": f"p#{ID}",
        "programId": ID,
        "title": "A Show - Recording",
        "description": "Recorded on 5/19/2026",
        "broadcast_type": "Video HLS",
        "program_url": f"https://play.test/{COMPOSITE}/media/hls/multivariant.m3u8",
        "program_image": f"https://play.test/{COMPOSITE}/media/thumbnails/high/thumb%200.jpg",
        "duration": 3600,
        "groupId": "group1",
        "ownerId": "owner1",
        "premium": False,
        "tags": ["recording", "ivs"],
        "created_date": "2026-05-19T03:00:00.000Z",
        "createdAt": "2026-05-20T03:00:00.000Z",
        "updatedAt": "2026-05-20T03:00:00.000Z",
        "sourceType": "ivs-recording",
        "sourceShowId": "show1",
        "sourceSessionId": "session1",
        "s3Bucket": BUCKET,
        "s3Key": f"{COMPOSITE}/media/hls/multivariant.m3u8",
        "fileSize": 123_456,
        "reconcileRunId": "run1",
    }


def test_what_is_not_known_is_null_or_left_out() -> None:
    bare = made(replace(WANTED, session_id=None), ProgramMedia(None, None))
    assert bare["program_image"] is None
    assert not {"sourceSessionId", "fileSize", "userId", "groupName", "sourceRecordingId"} & bare.keys()
    assert made(media=ProgramMedia(0, None))["fileSize"] == 0


@pytest.mark.parametrize(
    ("title", "told"), [(None, "Untitled Show"), ("", "Untitled Show"), ("<b>é", "<b>é")]
)
def test_the_title_is_the_show_s(title: str | None, told: str) -> None:
    assert made(replace(WANTED, show=replace(SHOW, title=title)))["title"] == f"{told} - Recording"


@pytest.mark.parametrize(
    ("milliseconds", "seconds"), [(3_600_000, 3600), (3_599_600, 3600), (400, 0), (None, 0)]
)
def test_the_duration_is_in_whole_seconds(milliseconds: int | None, seconds: int) -> None:
    found = made(replace(WANTED, events=events(duration=milliseconds)))["duration"]
    assert (found, type(found)) == (seconds, int)


def test_the_program_is_dated_when_it_was_recorded() -> None:
    late = replace(WANTED, events=events(NOW - timedelta(days=400)))
    assert made(late)["created_date"] == "2025-04-15T03:00:00.000Z"
    assert made(late)["description"] == "Recorded on 4/15/2025"


def test_it_is_made_the_same_whoever_makes_it_and_filed_where_the_group_lists_it() -> None:
    assert made()["programId"] == made(replace(WANTED, finding="other"))["programId"] == ID
    assert group_keys("o", "g", "p") == {"GSI1PK": "u#o#g#g", "GSI1SK": "p#p"}


def test_an_odd_key_gives_a_url_that_plays_it() -> None:
    odd = "a b/comp+1/100%/composite"
    url = MEDIA.url_of(BUCKET, manifest_key(recording(odd), events()))
    found = made(replace(WANTED, recording=recording(odd), url=url or ""))
    assert (
        found["program_url"]
        == "https://play.test/a%20b/comp%2B1/100%25/composite/media/hls/multivariant.m3u8"
    )
    assert (BUCKET, found["s3Key"]) in MEDIA.spots_of(found["program_url"])


def test_the_job_finds_its_own_program_whole_and_with_its_search_record() -> None:
    image = typed(made())
    (row,) = parse_items([image]).programs.values()
    assert (row.program_id, row.object_id, row.unreadable) == (ID, ID, None)
    assert (row.s3_bucket, row.s3_key, row.group_id) == (BUCKET, made()["s3Key"], "group1")
    record = canonical(image)
    assert (record["duration"], record["userId"], record["tags"]) == (3600, "owner1", ["recording", "ivs"])
    assert record["created_timestamp"] == int((NOW - timedelta(days=1)).timestamp() * 1000)
