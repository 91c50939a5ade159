"""Every way in which a program belongs to a recording, and the ways in which it does not."""

from datetime import timedelta
from typing import Any

import pytest

from reconcile.compare.verdicts import Comparison
from reconcile.model.recording import RecordingKey, Unreadable
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
    group_item,
    iso,
    item,
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

SECOND_COMPOSITE = "one/comp2/dest1/composite"
WORLD = [
    show_item(),
    group_item(),
    session_item(ivs={"compositionArn": composition("comp1")}),
    session_item("session2", ivs={"compositionArn": composition("comp2")}),
]
MEDIA = f"{COMPOSITE}/media/hls/multivariant.m3u8"


def seen(*items: dict[str, Any], others: dict[str, Any] | None = None, **more: Any) -> Comparison:
    """Judge the composite of the unit tests' show beside these rows."""
    return judge(snapshot({COMPOSITE: events(), **(others or {})}, [*WORLD, *items], **more))


def programs(comparison: Comparison, prefix: str = COMPOSITE) -> list[str]:
    return [
        program.program_id for program in comparison.dossiers.views[RecordingKey(BUCKET, prefix)].programs
    ]


@pytest.mark.parametrize(
    "told",
    [
        {"program_url": f"https://play.test/{MEDIA}"},
        {"program_url": f"https://play.test/{COMPOSITE}/media/hls/720p/playlist.m3u8"},
        {"program_url": f"https://{BUCKET}.s3.amazonaws.com/{MEDIA}"},
        {"program_url": f"https://s3.us-east-1.amazonaws.com/{BUCKET}/{MEDIA}"},
        {"program_url": f"https://play.test/{MEDIA.replace('/', '%2F')}"},
        {"program_url": f"https://old.test/{MEDIA}"},
        {"program_url": "https://elsewhere.test/x", "s3Bucket": BUCKET, "s3Key": MEDIA},
        {"program_url": None, "s3Key": MEDIA},
        {"program_url": None, "s3Bucket": "a-bucket-that-nobody-knows", "s3Key": MEDIA},
        {"sourceShowId": "another", "sourceType": None},
    ],
)
def test_a_program_belongs_by_its_key_or_by_its_url(told: dict[str, Any]) -> None:
    assert programs(seen(program_item(**told))) == ["program1"]


@pytest.mark.parametrize(
    "told",
    [
        {"program_url": f"https://elsewhere.test/{MEDIA}"},
        {"program_url": f"https://play.test/{MEDIA.replace('comp1', 'comp10')}"},
        {"program_url": f"https://play.test/public/{MEDIA}"},
        {"program_url": "https://play.test/one/comp1/dest1/composite2/media/x"},
        {"program_url": "https://play.test/one/comp1/dest1"},
    ],
)
def test_a_program_that_points_elsewhere_does_not_belong(told: dict[str, Any]) -> None:
    assert programs(seen(program_item(**told))) == []


def test_the_bucket_decides_where_two_hold_the_same_prefix() -> None:
    told = {RecordingKey(BUCKET, COMPOSITE): events(), RecordingKey("second", COMPOSITE): events()}
    row = program_item(program_url=None, s3Bucket="second", s3Key=MEDIA)
    both = snapshot([recording(), recording(bucket="second")], [*WORLD, row], told=told)
    found = judge(both)
    assert programs(found) == []
    assert [p.program_id for p in found.dossiers.views[RecordingKey("second", COMPOSITE)].programs] == [
        "program1"
    ]


@pytest.mark.parametrize("sort_key", ["p#program1", "program#program1", "anything"])
@pytest.mark.parametrize("owner", ["owner1", "somebody-else"])
def test_every_row_of_a_user_s_partition_is_a_program(sort_key: str, owner: str) -> None:
    row = program_item() | {"pk": {"S": f"u#{owner}#programs"}, "sk": {"S": sort_key}}
    assert programs(seen(row)) == ["program1"]


@pytest.mark.parametrize(
    ("pk", "sk"),
    [
        ("n#net#programs", "p#program1"),
        ("n#net#ch#c#pl#l", "p#program1"),
        ("n#net#pr#program1", "n#net#pr#program1"),
        ("tracklist#t", "program#00000#program1"),
    ],
)
def test_a_copy_is_no_program(pk: str, sk: str) -> None:
    assert programs(seen(program_item() | {"pk": {"S": pk}, "sk": {"S": sk}})) == []


def test_two_programs_of_one_recording_are_duplicates() -> None:
    doubled = program_item("program2", program_url=f"https://play.test/{COMPOSITE}/media/hls/byte-range.m3u8")
    found = seen(program_item(), doubled)
    assert programs(found) == ["program1", "program2"]
    assert of_recording(found).verdict == "program-duplicated"


def exported(**told: Any) -> dict[str, Any]:
    return medialess_item(sourceRecordingId="row1", **told)


def test_a_program_without_media_belongs_by_the_recording_row_that_it_names() -> None:
    found = seen(exported(), row_item(), others={SECOND_COMPOSITE: events(BEFORE + 3 * HOUR)})
    assert programs(found) == ["program1"]
    assert of_recording(found).verdict == "program-incomplete"


def test_the_row_never_supplies_a_url() -> None:
    row = row_item(s3Key=f"{SECOND_COMPOSITE}/media/hls/x.m3u8", playbackUrl="https://play.test/else")
    found = seen(exported(), row, others={SECOND_COMPOSITE: events(BEFORE + 3 * HOUR)})
    assert programs(found) == ["program1"]
    assert programs(found, SECOND_COMPOSITE) == []


@pytest.mark.parametrize(
    "row",
    [
        row_item(endTime=None),
        row_item(startTime=None),
        row_item(startTime="soon"),
        row_item(show="another"),
        row_item("row2"),
        row_item(endTime=iso(BEFORE + 4 * HOUR)),
        row_item(startTime=iso(BEFORE - 2 * HOUR), endTime=iso(BEFORE)),
    ],
)
def test_a_row_that_is_not_exactly_this_recording_s_ties_nothing(row: dict[str, Any]) -> None:
    # Two recordings of the show want a program, so that nothing is told by elimination either.
    found = seen(exported(), row, others={SECOND_COMPOSITE: events(BEFORE + 3 * HOUR)})
    assert programs(found) == programs(found, SECOND_COMPOSITE) == []
    assert of_recording(found).verdict == of_recording(found, SECOND_COMPOSITE).verdict == "ambiguous"


def test_a_program_with_media_elsewhere_is_nobody_s_by_a_row() -> None:
    found = seen(exported(mediaFiles=["a.mp4"]), row_item())
    assert programs(found) == []
    assert of_recording(found).verdict == "program-missing"


def test_a_program_without_media_belongs_to_the_show_s_one_recording_without_a_program() -> None:
    shown = program_item("shown", program_url=f"https://play.test/{SECOND_COMPOSITE}/media/x")
    found = seen(medialess_item(), shown, others={SECOND_COMPOSITE: events(BEFORE + 3 * HOUR)})
    assert programs(found) == ["program1"]
    assert of_recording(found).verdict == "program-incomplete"
    assert of_recording(found).evidence["lacks"] == ["program_url"]


def test_it_does_so_at_any_age() -> None:
    known = snapshot({COMPOSITE: events()}, [*WORLD, medialess_item()])
    assert of_recording(judge(known, window_start=BEFORE + 10 * HOUR)).verdict == "program-incomplete"


@pytest.mark.parametrize(
    "candidate",
    [
        medialess_item(sourceType=None),
        medialess_item(sourceType="upload"),
        medialess_item(sourceShowId=None),
        medialess_item(sourceShowId="another"),
        medialess_item(program_url="https://elsewhere.test/x"),
    ],
)
def test_a_program_that_is_no_candidate_leaves_the_recording_without_one(candidate: dict[str, Any]) -> None:
    assert of_recording(seen(candidate)).verdict == "program-missing"


def test_two_candidates_for_one_recording_are_ambiguous() -> None:
    found = of_recording(seen(medialess_item(), medialess_item("program2")))
    assert found.verdict == "ambiguous"
    assert [one["programId"] for one in found.evidence["candidates"]] == ["program1", "program2"]


def test_a_twin_does_not_make_the_one_candidate_ambiguous() -> None:
    ivs = {"compositionArn": composition("comp1"), "programChannelArn": channel("chan1")}
    short = events(BEFORE + MINUTE, HOUR - 2 * MINUTE)
    found = seen(medialess_item(), session_item(ivs=ivs), others={CHANNEL: short})
    assert programs(found) == ["program1"]
    assert of_recording(found).verdict == "program-incomplete"


def test_a_candidate_is_no_settled_matter_while_another_recording_cannot_be_read() -> None:
    found = seen(medialess_item(), others={SECOND_COMPOSITE: Unreadable("the events file is not JSON")})
    assert of_recording(found).verdict == "ambiguous"
    assert of_recording(found, SECOND_COMPOSITE).verdict == "unreadable"


def test_a_retired_recording_takes_no_candidate() -> None:
    copy = item(
        "n#net#programs",
        "p#gone",
        programId="gone",
        ownerId="owner1",
        program_url=f"https://play.test/{MEDIA}",
    )
    found = seen(medialess_item(), copy)
    assert programs(found) == []
    assert of_recording(found).verdict == "retired"


@pytest.mark.parametrize(
    ("told", "lacks"),
    [
        ({}, None),
        ({"program_url": None, "s3Key": MEDIA}, ["program_url"]),
        ({"program_url": "", "s3Key": MEDIA}, ["program_url"]),
        ({"groupId": None}, ["groupId"]),
        ({"groupId": ""}, ["groupId"]),
        ({"groupId": "Recordings"}, ["groupId"]),
        ({"groupId": "another"}, None),
        ({"program_url": f"https://old.test/{MEDIA}"}, ["domain"]),
        ({"program_url": f"https://older.test/{MEDIA}", "groupId": ""}, ["domain", "groupId"]),
        ({"program_url": "https://old.test/users/1/x.mp4", "s3Key": MEDIA}, None),
        ({"program_url": f"https://{BUCKET}.s3.amazonaws.com/{MEDIA}"}, None),
        ({"program_url": "https://elsewhere.test/x", "s3Key": MEDIA}, None),
    ],
)
def test_nothing_but_an_empty_url_or_group_or_an_old_domain_is_a_fault(
    told: dict[str, Any], lacks: Any
) -> None:
    found = of_recording(seen(program_item(**told)))
    assert found.evidence.get("lacks") == lacks
    assert found.verdict == ("program-incomplete" if lacks else "agrees")


@pytest.mark.parametrize(
    ("told", "owner", "filed_under"),
    [
        ({}, "owner1", None),
        ({"sourceShowId": "another"}, "owner1", "show another"),
        ({}, "somebody-else", None),
        ({"sourceShowId": None}, "somebody-else", "user somebody-else"),
        ({"sourceShowId": ""}, "owner1", None),
    ],
)
def test_a_program_is_misfiled_by_its_show_or_else_by_its_partition(
    told: dict[str, Any], owner: str, filed_under: str | None
) -> None:
    found = of_recording(seen(program_item(owner=owner, **told)))
    assert found.evidence.get("filed_under") == filed_under
    assert found.verdict == ("program-misfiled" if filed_under else "agrees")


def test_weak_evidence_contradicts_no_program() -> None:
    weak = [show_item("weak"), session_item("s9", "weak", {"programChannelArn": "x:channel/chan1"})]
    shown = program_item(program_url=f"https://play.test/{CHANNEL}/media/hls/master.m3u8")
    known = snapshot(
        {CHANNEL: events(BEFORE + timedelta(hours=5))}, [show_item(), group_item(), *weak, shown]
    )
    assert of_recording(judge(known), CHANNEL).verdict == "agrees"
