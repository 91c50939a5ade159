"""Rows of every shape that the live functions leave, read into dataclasses."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.model.catalog import Catalog, Copy, Program, RowKey, Session
from reconcile.model.parse import PROJECTION, changed_within, parse_items
from tests.unit.builders import NOW, channel, composition, group_item, item, row_item, show_item, stage, typed
from tests.unit.strategies import items


def session(ivs: Any = None, **attributes: Any) -> Session:
    told = {} if ivs == "absent" else {"ivs": ivs}
    found = parse_items([item("session#s1", "info", **(told | attributes))])
    return found.sessions["s1"]


def program(pk: str = "u#alice#programs", sk: str = "p#p1", **attributes: Any) -> Program:
    return parse_items([item(pk, sk, **attributes)]).programs[RowKey(pk, sk)]


HEAD = {
    "rawStageArn": stage("raw"),
    "programStageArn": stage("program"),
    "stageArn": stage("shows"),
    "persistentChannelArn": channel("persistent"),
    "relayChannelArn": channel("relay"),
    "channelArn": channel("global"),
    "compositionArn": composition("c1"),
}


def test_a_session_of_today_knows_its_stages_channels_and_composition() -> None:
    found = session(
        HEAD, sessionId="s1", showId="show", status="ACTIVE", createdAt="2026-02-13T01:07:53.504Z"
    )
    assert found == Session(
        session_id="s1",
        show_id="show",
        status="ACTIVE",
        created_at=datetime(2026, 2, 13, 1, 7, 53, 504000, tzinfo=UTC),
        updated_at=None,
        own_ivs_stages=(stage("raw"), stage("program")),
        shared_ivs_stages=(stage("shows"),),
        composition_arn=composition("c1"),
        own_channels=(channel("relay"),),
        shared_channels=(channel("persistent"),),
        channels=(channel("persistent"), channel("global"), channel("relay")),
    )


@pytest.mark.parametrize(
    ("ivs", "own", "shared"),
    [
        ({"channelArn": channel("g")}, (), (channel("g"),)),
        ({"channelArn": channel("g"), "programChannelArn": channel("p")}, (channel("p"),), ()),
        ({"channelArn": channel("g"), "persistentChannelArn": channel("x")}, (), (channel("x"),)),
        ({"channelArn": channel("g"), "persistentChannelArn": None}, (), (channel("g"),)),
        ({"channelArn": channel("g"), "relayChannelArn": channel("r")}, (channel("r"),), (channel("g"),)),
        ({"ingestChannelArn": channel("i"), "channelArn": ""}, (channel("i"),), ()),
        (
            {"persistentChannelArn": channel("x"), "programChannelArn": channel("p")},
            (channel("p"),),
            (channel("x"),),
        ),
    ],
)
def test_the_global_channel_counts_only_where_no_better_one_is_known(
    ivs: dict[str, Any], own: tuple[str, ...], shared: tuple[str, ...]
) -> None:
    assert (session(ivs).own_channels, session(ivs).shared_channels) == (own, shared)


@pytest.mark.parametrize("ivs", ["absent", None, {}, "a text", 5, [], True])
def test_a_session_without_ivs_is_read(ivs: Any) -> None:
    found = session(ivs, showId="show")
    assert (found.show_id, found.own_ivs_stages, found.shared_channels, found.unreadable) == (
        "show",
        (),
        (),
        None,
    )


def test_participants_compositions_count_beside_the_session_s_own() -> None:
    others = [{"compositionArn": composition("c2")}, {"compositionArn": None}, "odd", {}]
    found = session({"compositionArn": composition("c1")}, compositions=others)
    assert found.compositions == (composition("c1"), composition("c2"))
    assert found.composition_arn == composition("c1")


@pytest.mark.parametrize(
    ("status", "ended"), [("ENDED", True), ("COMPLETED", True), ("ACTIVE", False), (None, False)]
)
def test_an_ended_session_is_known_by_its_status(status: str | None, ended: bool) -> None:
    assert session(status=status).ended is ended


def test_a_time_without_a_zone_is_utc() -> None:
    found = session(createdAt="2026-02-13T01:07:53.504123", updatedAt="2026-02-13T02:07:53.000Z")
    assert found.created_at == datetime(2026, 2, 13, 1, 7, 53, 504123, tzinfo=UTC)
    assert found.updated_at == datetime(2026, 2, 13, 2, 7, 53, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        ({"showId": 5}, "showId is no text"),
        ({"createdAt": "yesterday"}, "createdAt is no time"),
        ({"createdAt": 1770944873}, "createdAt is no text"),
        ({"ivs": {"rawStageArn": ["x"]}}, "rawStageArn is no text"),
        ({"ivs": {"compositionArn": True}}, "compositionArn is no text"),
        ({"compositions": [{"compositionArn": 1}]}, "compositionArn is no text"),
    ],
)
def test_a_session_with_a_wrong_type_is_unreadable_and_says_which(wrong: dict[str, Any], fault: str) -> None:
    found = session(wrong.pop("ivs", None), **wrong)
    assert found.unreadable == fault


def test_a_channel_beside_a_composition_that_is_no_text_is_ignored() -> None:
    """It is no evidence of ownership."""
    found = session(compositions=[{"compositionArn": composition("c2"), "channelArn": 5}])
    assert (found.unreadable, found.compositions, found.channels) == (None, (composition("c2"),), ())


def test_nulls_and_empty_texts_are_absent() -> None:
    assert session(showId="", status=None, createdAt="").show_id is None
    assert session(showId=None, createdAt=None).unreadable is None


def test_a_show_is_read_and_a_ghost_has_no_producer() -> None:
    shows = parse_items([show_item("a"), item("show#ghost", "info", updatedAt="2026-01-01")]).shows
    assert (shows["a"].producer_id, shows["a"].group_id, shows["a"].title) == ("owner1", "group1", "A Show")
    assert (shows["ghost"].producer_id, shows["ghost"].unreadable) == (None, None)
    assert parse_items([show_item("b", producerId=5)]).shows["b"].unreadable == "producerId is no text"


def test_a_group_is_real_only_with_its_own_id() -> None:
    rows = [group_item(programsCount=3), item("u#o#groups", "g#phantom", programsCount=1, updatedAt="x")]
    rows += [
        item("u#o#groups", "g#odd", groupId="odd", programsCount="3"),
        item("u#o#groups", "g#new", groupId="new"),
    ]
    found = parse_items(rows).groups
    told = {group: (row.real, row.countable) for (_, group), row in found.items()}
    assert told == {
        "group1": (True, True),
        "phantom": (False, True),
        "odd": (True, False),
        "new": (True, True),
    }


def test_a_recording_row_names_its_show_and_what_is_no_time_is_absent() -> None:
    (row,) = parse_items(
        [row_item(endTime=None, s3Key="k", programId="p", status="processing")]
    ).rows.values()
    assert (row.show_id, row.recording_id, row.end, row.s3_key, row.program_id) == (
        "show1",
        "row1",
        None,
        "k",
        "p",
    )
    (odd,) = parse_items([row_item(recordingId=None, startTime="soon", endTime=7)]).rows.values()
    assert (odd.recording_id, odd.start, odd.end) == ("row1", None, None)


SHAPES: dict[str, dict[str, Any]] = {
    "today": {"programId": "p1", "groupId": "g", "ownerId": "alice", "program_url": "u", "s3Bucket": "b",
              "s3Key": "k", "sourceType": "ivs-recording", "sourceShowId": "s"},
    "exported": {"programId": "p1", "groupId": "g", "program_url": None, "sourceType": "recording-export",
                 "sourceShowId": "s", "sourceRecordingId": "r"},
    "uploaded": {"programId": "p1", "program_url": "u", "imageFiles": ["i"], "mediaFiles": ["m"],
                 "duration": 4},
    "bare": {},
}  # fmt: skip


@pytest.mark.parametrize("shape", sorted(SHAPES))
def test_every_shape_of_program_is_read(shape: str) -> None:
    told = SHAPES[shape]
    found = program(**told)
    assert found.unreadable is None
    assert (found.owner, found.program_id) == ("alice", "p1")
    assert found.url == told.get("program_url")
    assert (found.s3_bucket, found.s3_key) == (told.get("s3Bucket"), told.get("s3Key"))
    assert (found.group_id, found.source_show) == (told.get("groupId"), told.get("sourceShowId"))
    assert (found.source_type, found.source_recording) == (
        told.get("sourceType"),
        told.get("sourceRecordingId"),
    )
    assert found.without_media is (shape in ("exported", "bare"))
    assert found.object_id == told.get("programId")


def test_a_program_of_the_old_processor_is_found_under_its_own_sort_key() -> None:
    found = program(sk="program#p1", programId="p1", groupId="Recordings", program_url="u")
    assert (found.program_id, found.object_id, found.group_id) == ("p1", "p1", "Recordings")


@pytest.mark.parametrize("name", ["mediaFiles", "fileUrl", "mediaUrl", "media_url", "s3Key", "program_url"])
def test_media_may_be_named_in_many_places(name: str) -> None:
    some = {"mediaFiles": ["x"], "program_url": "https://play.test/x.m3u8"}.get(name, "x")
    told: list[Any] = [some, [] if name == "mediaFiles" else "", None]
    assert [program(**{name: value}).without_media for value in told] == [False, True, True]


def test_an_id_with_a_hash_is_kept_whole() -> None:
    found = program("u#al#ice#programs", "p#a#b")
    assert (found.owner, found.program_id) == ("al#ice", "a#b")


def test_a_client_may_override_every_key_and_the_row_is_still_what_its_keys_say() -> None:
    odd = program(
        "u#alice#programs", "n#net#programs", programId="p1", entityType="network#program", ownerId="bob"
    )
    assert (odd.owner, odd.program_id, odd.object_id) == ("alice", "p1", "p1")
    blank = program("u#alice#programs", "x")
    assert (blank.program_id, blank.object_id) == ("x", None)


@pytest.mark.parametrize("name", ["programId", "program_url", "s3Key", "groupId", "sourceShowId"])
@pytest.mark.parametrize("wrong", [5, True, [], {}, {"a"}])
def test_a_program_with_a_wrong_type_is_unreadable_and_calls_for_a_record(name: str, wrong: Any) -> None:
    found = program(**({"programId": "p1"} | {name: wrong}))
    assert found.unreadable == f"{name} is no text"
    assert found.object_id == "p1"


def test_a_time_of_change_that_is_none_does_not_make_a_program_unreadable() -> None:
    assert program(updatedAt="soon").unreadable is None
    assert program(updatedAt="soon").updated_at is None
    assert program(updatedAt="2026-02-13").updated_at == datetime(2026, 2, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    ("pk", "sk", "object_id"),
    [
        ("n#net#programs", "p#p1", "n_net_p1"),
        ("n#net#ch#c#pl#l", "p#p1", None),
        ("n#net#pr#p1", "n#net#pr#p1", None),
        ("tracklist#t", "program#00000#p1", None),
        ("u#al#programs#x", "p#p1", "p1"),
    ],
)
def test_only_rows_of_a_programs_partition_call_for_a_record(pk: str, sk: str, object_id: str | None) -> None:
    catalog = parse_items([item(pk, sk, programId="p1", ownerId="none", program_url="u")])
    (copy,) = catalog.copies.values()
    assert (copy.object_id, copy.program_id, copy.owner, copy.url) == (object_id, "p1", None, "u")
    assert not catalog.programs


def test_a_network_s_row_that_cannot_be_read_still_calls_for_its_record() -> None:
    (copy,) = parse_items([item("n#net#programs", "p#p1", programId=5)]).copies.values()
    assert (copy.object_id, copy.unreadable) == ("n_net_p1", "programId is no text")
    (bare,) = parse_items([item("n#net#programs", "p#p1")]).copies.values()
    assert (bare.object_id, bare.unreadable) == (None, None)


def test_rows_of_other_kinds_are_counted_and_networks_remembered() -> None:
    keys = [("n#net", "info"), ("tracklist#t", "info"), ("u#a", "info"), ("show#s", "guest#g"),
            ("channel#c", "info"), ("u#a#groups", "odd"), ("admin", "stats"), ("session#s", "x")]  # fmt: skip
    rows = [item(pk, sk) for pk, sk in keys]
    assert parse_items(rows) == Catalog(networks=frozenset({"net"}), others=len(rows))


def test_stream_keys_are_never_asked_for() -> None:
    assert not [name for name in PROJECTION if "key" in name.lower() and name not in ("s3Key",)]
    assert "ivs" not in PROJECTION


@pytest.mark.parametrize(
    ("age", "fresh"),
    [(0, True), (899, True), (900, False), (-5, True), (-3600 * 24 * 365, False)],
)
def test_a_row_is_fresh_within_the_settle_time_of_now(age: int, fresh: bool) -> None:
    assert changed_within(NOW - timedelta(seconds=age), NOW, 900) is fresh
    assert changed_within(None, NOW, 900) is False


@given(st.lists(items(), max_size=6))
def test_no_item_makes_the_parser_raise_and_each_is_sorted_once(images: list[dict[str, Any]]) -> None:
    catalog = parse_items(images)
    sizes = [len(catalog.sessions), len(catalog.shows), len(catalog.groups), len(catalog.rows)]
    sizes += [len(catalog.programs), len(catalog.copies)]
    keys = {(image["pk"]["S"], image["sk"]["S"]) for image in images}
    assert sum(sizes) <= len(keys)
    assert sum(sizes) + catalog.others <= len(images)
    rows: list[Program | Copy] = [*catalog.programs.values(), *catalog.copies.values()]
    for row in rows:
        assert row.key in keys
        assert bool(row.digest) is (row.object_id is not None)


@given(items(), st.sampled_from(["showId", "createdAt", "programId", "s3Key", "producerId"]))
def test_a_wrong_type_is_never_read_as_a_value(image: dict[str, Any], name: str) -> None:
    catalog = parse_items([image | {name: typed([1])}])
    for program in catalog.programs.values():
        assert program.unreadable or name not in ("programId", "s3Key")
    for session in catalog.sessions.values():
        assert session.unreadable or name not in ("showId", "createdAt")
