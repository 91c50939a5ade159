"""What still tells that a recording's program existed once: then it is never made again."""

from dataclasses import replace
from typing import Any

import pytest

from reconcile.model.recording import RecordingKey
from tests.unit.builders import (
    BEFORE,
    BUCKET,
    COMPOSITE,
    HOUR,
    MINUTE,
    composition,
    events,
    group_item,
    iso,
    item,
    judge,
    ledger,
    medialess_item,
    of_recording,
    program_item,
    recording,
    row_item,
    session_item,
    show_item,
    snapshot,
)

WORLD = [
    show_item(),
    group_item(),
    session_item(ivs={"compositionArn": composition("comp1")}),
    item("n#net", "info"),
]
URL = f"https://play.test/{COMPOSITE}/media/hls/multivariant.m3u8"
TWIN = "two/comp1/dest2/composite"


def verdict(*items: dict[str, Any], records: Any = (), **others: Any) -> str:
    return of_recording(
        judge(snapshot({COMPOSITE: events()}, [*WORLD, *items], records=records, **others))
    ).verdict


def test_where_nothing_remembers_a_program_it_is_missing() -> None:
    assert verdict() == "program-missing"


@pytest.mark.parametrize(
    ("pk", "sk"),
    [
        ("n#net#programs", "p#gone"),
        ("n#net#ch#c#pl#l", "p#gone"),
        ("n#net#pr#gone", "n#net#pr#gone"),
        ("tracklist#t", "program#00000#gone"),
    ],
)
@pytest.mark.parametrize(
    ("owner", "told"),
    [("owner1", "retired"), (None, "retired"), ("none", "retired"), ("other", "program-missing")],
)
def test_a_copy_remembers_its_owner_s_program(pk: str, sk: str, owner: str | None, told: str) -> None:
    assert verdict(item(pk, sk, programId="gone", ownerId=owner, program_url=URL)) == told


@pytest.mark.parametrize(
    "media",
    [
        {"program_url": f"https://old.test/{COMPOSITE}/media/x"},
        {"program_url": None, "s3Key": f"{COMPOSITE}/media/x"},
        {"program_url": URL.replace("/media", "%2Fmedia")},
    ],
)
def test_a_copy_remembers_by_whatever_leads_under_the_prefix(media: dict[str, Any]) -> None:
    assert verdict(item("n#net#programs", "p#gone", programId="gone", **media)) == "retired"


@pytest.mark.parametrize(
    ("record", "told"),
    [
        ({"userId": "owner1"}, "retired"),
        ({"ownerId": "owner1"}, "retired"),
        ({}, "retired"),
        ({"userId": None}, "retired"),
        ({"userId": "none"}, "retired"),
        ({"userId": "net"}, "retired"),
        ({"userId": "other"}, "program-missing"),
        ({"userId": "owner1", "program_url": "https://play.test/else"}, "program-missing"),
        ({"userId": "owner1", "program_url": None}, "program-missing"),
    ],
)
def test_a_search_record_remembers_its_user_s_program(record: dict[str, Any], told: str) -> None:
    assert verdict(records=[{"objectID": "gone", "program_url": URL, **record}]) == told


def test_the_ledger_remembers_by_owner() -> None:
    assert verdict(ledger=ledger(COMPOSITE)) == "retired"
    assert verdict(ledger=ledger(COMPOSITE, "other")) == "program-missing"
    assert verdict(ledger=ledger(TWIN)) == "program-missing"


ROW: dict[str, Any] = {"s3Key": f"{COMPOSITE}/media/hls/x.m3u8", "programId": "gone"}


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (row_item(**ROW), "retired"),
        (row_item(**ROW, endTime=None), "retired"),
        (row_item(**(ROW | {"programId": None})), "program-missing"),
        (row_item(**(ROW | {"s3Key": None})), "program-missing"),
        (row_item(**(ROW | {"s3Key": f"{TWIN}/media/hls/x.m3u8"})), "program-missing"),
        (row_item(**ROW, startTime=None), "program-missing"),
        (row_item(show="another", **ROW), "program-missing"),
        (
            row_item(**ROW, startTime=iso(BEFORE + 2 * HOUR), endTime=iso(BEFORE + 3 * HOUR)),
            "program-missing",
        ),
        (row_item(**ROW, startTime=iso(BEFORE - 20 * HOUR), endTime=None), "program-missing"),
    ],
)
def test_a_recording_row_remembers_a_program_of_its_show_and_time(row: dict[str, Any], told: str) -> None:
    assert verdict(row) == told


def test_a_recording_row_whose_program_still_stands_tells_of_no_deletion() -> None:
    moved = program_item("gone", program_url="https://elsewhere.test/x")
    assert verdict(row_item(**ROW), moved) == "program-missing"


def test_a_recording_that_has_a_program_is_not_retired_whatever_remembers() -> None:
    assert verdict(program_item(), ledger=ledger(COMPOSITE)) == "agrees"


def test_a_program_that_only_lost_its_media_is_not_gone() -> None:
    assert verdict(medialess_item(), ledger=ledger(COMPOSITE)) == "program-incomplete"
    record = {"objectID": "program1", "programId": "program1", "userId": "owner1", "program_url": URL}
    assert verdict(medialess_item(), records=[record]) == "program-incomplete"


@pytest.mark.parametrize("told", [{"sourceShowId": "another"}, {"sourceType": None}, {"sourceShowId": None}])
def test_one_that_nothing_gives_back_leaves_the_recording_retired(told: dict[str, Any]) -> None:
    assert verdict(medialess_item(**told), ledger=ledger(COMPOSITE)) == "retired"


def test_without_a_show_or_a_producer_nothing_is_retired() -> None:
    known = snapshot({COMPOSITE: events()}, [WORLD[2], show_item(producerId=None)], ledger=ledger(COMPOSITE))
    assert of_recording(judge(known)).verdict == "show-missing"


def test_what_a_retired_recording_covers_is_retired_with_it() -> None:
    twin = {COMPOSITE: events(), TWIN: events(BEFORE + MINUTE, HOUR - 2 * MINUTE)}
    found = judge(snapshot(twin, WORLD, ledger=ledger(COMPOSITE)))
    assert of_recording(found, TWIN).verdict == of_recording(found).verdict == "retired"
    assert of_recording(found).evidence["remembered"] == ["the ledger: program program1 was seen"]


def test_a_retired_recording_outside_the_window_still_covers() -> None:
    edge = BEFORE + HOUR + MINUTE
    told = {
        RecordingKey(BUCKET, COMPOSITE): events(),
        RecordingKey(BUCKET, TWIN): events(BEFORE + MINUTE, HOUR - 2 * MINUTE),
    }
    both = [recording(), recording(TWIN, ended_seen=edge)]
    found = judge(snapshot(both, WORLD, told=told, ledger=ledger(COMPOSITE)), window_start=edge)
    assert of_recording(found).verdict == "outside-window"
    assert of_recording(found, TWIN).verdict == "retired"


def test_every_trace_is_told() -> None:
    copy = item("n#net#programs", "p#gone", programId="gone", ownerId="owner1", program_url=URL)
    told = of_recording(
        judge(snapshot({COMPOSITE: events()}, [*WORLD, copy, row_item(**ROW)], ledger=ledger(COMPOSITE)))
    ).evidence["remembered"]
    assert told == [
        "a copy of it in n#net#programs",
        "the ledger: program program1 was seen",
        f"the recording row recording#{iso(BEFORE)}#row1, which names program gone",
        "the search record n_net_gone",
    ]


RESTORED = {RecordingKey(BUCKET, COMPOSITE): "d1 then"}


def test_a_decision_to_restore_goes_before_every_trace() -> None:
    copy = item("n#net#programs", "p#gone", programId="gone", ownerId="owner1", program_url=URL)
    known = snapshot({COMPOSITE: events()}, [*WORLD, copy, row_item(**ROW)], ledger=ledger(COMPOSITE))
    found = of_recording(judge(known, restored=RESTORED))
    assert found.verdict == "program-missing"
    assert len(found.evidence["remembered"]) == 4


@pytest.mark.parametrize(
    ("mark", "told"), [("", "program-missing"), ("d1 before", "program-missing"), ("d1 then", "retired")]
)
def test_a_program_that_was_made_under_a_decision_and_is_gone_stays_gone(mark: str, told: str) -> None:
    """Deciding once more is another decision."""
    (entry,) = ledger(COMPOSITE).values()
    known = snapshot({COMPOSITE: events()}, WORLD, ledger={entry.key: replace(entry, restored=mark)})
    assert of_recording(judge(known, restored=RESTORED)).verdict == told


def test_restoring_one_recording_brings_no_other_back() -> None:
    twin = {COMPOSITE: events(), TWIN: events(BEFORE + MINUTE, HOUR - 2 * MINUTE)}
    both = {**ledger(COMPOSITE), **ledger(TWIN)}
    for chosen, other in ((COMPOSITE, TWIN), (TWIN, COMPOSITE)):
        found = judge(snapshot(twin, WORLD, ledger=both), restored={RecordingKey(BUCKET, chosen): "d1 then"})
        assert of_recording(found, chosen).verdict == "program-missing"
        assert of_recording(found, other).verdict == "retired"


def test_a_longer_recording_of_the_same_time_does_not_take_the_place_of_the_restored_one() -> None:
    longer = {COMPOSITE: events(), TWIN: events(BEFORE - MINUTE, HOUR + 2 * MINUTE)}
    found = judge(snapshot(longer, WORLD, ledger=ledger(COMPOSITE)), restored=RESTORED)
    assert of_recording(found).verdict == "program-missing"
    assert of_recording(found, TWIN).verdict in ("twin", "overlapping")
