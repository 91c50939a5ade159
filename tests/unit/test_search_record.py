"""The search record that a row calls for, to the letter of what the live stream sync writes."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.model.search_record import (
    FIELDS,
    canonical,
    differences,
    digest,
    is_network,
    object_id_for,
    parse_record,
    plain,
    second_part,
)
from tests.unit.builders import item
from tests.unit.strategies import items, values

NO_DATE = -2208988800000
JUST_KEYS = {
    "objectID": "p1",
    "programId": "p1",
    "title": "Untitled Program",
    "description": "",
    "broadcast_type": "Video mp4",
    "premium": False,
    "tags": [],
    "created_timestamp": NO_DATE,
    "groupId": "General",
    "groupName": "General",
    "imageFiles": [],
    "mediaFiles": [],
    "userId": "alice",
}


OLD_SYNC_LACKS = {"imageFiles", "mediaFiles", "duration", "networkId"}


def record(**attributes: Any) -> dict[str, Any]:
    return canonical(item("u#alice#programs", "p#p1", programId="p1", **attributes))


def test_a_row_with_nothing_but_its_keys_gets_every_default() -> None:
    assert record() == JUST_KEYS


def test_a_whole_row_keeps_every_value() -> None:
    told = {
        "title": "T",
        "description": "D",
        "broadcast_type": "Video HLS",
        "premium": True,
        "tags": ["a", "b"],
        "price": 5,
        "frequency": "monthly",
        "created_date": "2026-02-13T01:07:53.504Z",
        "groupId": "g",
        "groupName": "G",
        "program_url": "https://play.test/x",
        "program_image": "https://play.test/i",
        "imageFiles": ["i"],
        "mediaFiles": ["m"],
        "duration": 4,
    }
    more = {"created_timestamp": 1770944873504}
    assert record(**told) == JUST_KEYS | told | more
    assert set(record(**told)) == set(FIELDS) - {"networkId"}


@pytest.mark.parametrize("falsy", ["", 0, False, None])
@pytest.mark.parametrize(
    "name",
    ["title", "description", "broadcast_type", "premium", "tags", "groupId", "groupName", "imageFiles",
     "mediaFiles", "created_date"],
)  # fmt: skip
def test_every_falsy_value_falls_to_the_default(name: str, falsy: Any) -> None:
    assert record(**{name: falsy}) == JUST_KEYS


@pytest.mark.parametrize("name", ["title", "description", "broadcast_type", "premium", "tags", "groupId"])
def test_an_empty_list_or_map_counts_as_true(name: str) -> None:
    assert record(**{name: []})[name] == []
    assert record(**{name: {}})[name] == {}


def test_values_without_a_default_are_taken_as_they_are() -> None:
    for name in ("price", "frequency", "program_url", "program_image", "duration"):
        assert name not in record()
        assert record(**{name: ""})[name] == ""
        assert record(**{name: 0})[name] == 0
        assert record(**{name: False})[name] is False


def test_what_a_row_holds_as_null_the_record_holds_as_null() -> None:
    """The processor and the export write `program_image: null`, and the stream sync sends it on."""
    names = ("price", "frequency", "program_url", "program_image", "duration")
    assert record(**dict.fromkeys(names)) == JUST_KEYS | dict.fromkeys(names)
    assert record(createdAt=None) == JUST_KEYS | {"created_date": None}
    assert record(created_date=None) == JUST_KEYS


@pytest.mark.parametrize("lists", [{}, {"imageFiles": [], "mediaFiles": []}, {"imageFiles": None}])
def test_a_record_of_the_old_stream_sync_is_not_stale_where_its_row_has_no_files(
    lists: dict[str, Any],
) -> None:
    """It wrote the same fields as today's but these three, and no network's id."""
    row = item("u#alice#programs", "p#p1", programId="p1", title="T", program_image=None, **lists)
    old = {name: value for name, value in canonical(row).items() if name not in OLD_SYNC_LACKS}
    assert digest(old) == digest(canonical(row))
    for name in ("imageFiles", "mediaFiles", "duration"):
        told = {**row, name: {"N": "4"} if name == "duration" else {"L": [{"S": "a"}]}}
        assert set(differences(canonical(told), old)) == {name}
        assert digest(canonical(told)) != digest(old)


def test_the_group_s_name_is_its_id_where_none_is_told() -> None:
    assert record(groupId="g")["groupName"] == "g"
    assert record(groupId="g", groupName="")["groupName"] == "g"
    assert record(groupName="G") | {} == JUST_KEYS | {"groupName": "G"}


def test_the_first_date_that_is_told_counts() -> None:
    dates = {"created_date": "2026-03-01", "dateCreated": "2026-02-01", "createdAt": "2026-01-01"}
    for name, stamp in (
        ("created_date", 1772323200000),
        ("dateCreated", 1769904000000),
        ("createdAt", 1767225600000),
    ):
        found = record(**dates)
        assert (found["created_date"], found["created_timestamp"]) == (dates.pop(name), stamp)


def test_a_row_without_a_date_is_of_1900_and_an_invalid_date_is_null() -> None:
    assert record()["created_timestamp"] == NO_DATE
    assert "created_date" not in record()
    assert record(createdAt="")["created_timestamp"] == NO_DATE
    assert record(createdAt="")["created_date"] == ""
    assert record(created_date="whenever")["created_timestamp"] is None
    assert record(created_date="whenever")["created_date"] == "whenever"
    assert record(created_date={})["created_timestamp"] is None
    assert record(created_date=1770944873504)["created_timestamp"] == 1770944873504


def test_python_s_times_without_a_zone_are_utc_to_the_millisecond() -> None:
    assert record(created_date="2026-02-13T01:07:53.504999")["created_timestamp"] == 1770944873504


def test_a_list_keeps_texts_and_true_and_turns_numbers_into_text() -> None:
    held = ["a", "", 5, 0, 2.5, True, False, None, {"x": 1}, ["y"], {"z"}]
    assert record(tags=held)["tags"] == ["a", None, "5", "0", "2.5", True, None, None, None, None, None]


def test_a_set_stays_as_the_database_sends_it() -> None:
    assert record(tags={"b", "a"})["tags"] == {"SS": ["a", "b"]}
    assert plain({"NS": ["1"]}) == {"NS": ["1"]}


def test_a_map_is_converted_all_the_way_down() -> None:
    assert record(price={"a": 5, "b": {"c": [1, "x"]}, "d": None})["price"] == {
        "a": 5,
        "b": {"c": ["1", "x"]},
        "d": None,
    }


@pytest.mark.parametrize(
    ("text", "number"),
    [("5", 5), ("5.0", 5), ("-0", 0), ("2.50", 2.5), ("1E+3", 1000), ("9007199254740993", 2.0**53),
     ("1e400", None), ("NaN", None), ("five", None)],
)  # fmt: skip
def test_a_number_is_one_of_javascript(text: str, number: float | None) -> None:
    assert plain({"N": text}) == number


@pytest.mark.parametrize(("owner", "user"), [("alice", "alice"), ("none", "none"), ("", None), (None, None)])
def test_a_network_s_row_has_a_record_of_its_own(owner: str | None, user: str | None) -> None:
    found = canonical(item("n#net#programs", "p#p1", programId="p1", ownerId=owner))
    assert found == JUST_KEYS | {"objectID": "n_net_p1", "networkId": "net", "userId": user}
    assert "userId" in found


def test_ids_with_a_hash_are_cut_as_the_stream_sync_cuts_them() -> None:
    assert canonical(item("u#al#ice#programs", "p#p1", programId="p#1"))["userId"] == "al"
    assert canonical(item("u#al#ice#programs", "p#p1", programId="p#1"))["objectID"] == "p#1"
    assert object_id_for("n#a#b#programs", "p") == "n_a_p"
    assert (second_part("u#a#b"), second_part("u##b"), second_part("u")) == ("a", None, None)
    assert is_network("n#a#programs")
    assert not is_network("u#n#programs")


def test_the_owner_of_a_user_s_row_is_told_by_its_key_alone() -> None:
    assert record(ownerId="bob", userId="carol")["userId"] == "alice"
    assert "ownerId" not in record(ownerId="bob")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"duration": 5}, {"duration": 5.0}),
        ({"price": None}, {}),
        ({"tags": [None, "a"]}, {"tags": [False, "a"]}),
        ({"tags": {"SS": ["b", "a"]}}, {"tags": {"SS": ["a", "b"]}}),
        ({"price": {"a": None, "b": 1}}, {"price": {"b": 1.0}}),
        ({"title": "t", "ownerId": "x"}, {"title": "t", "_tags": 1}),
        ({"imageFiles": [], "mediaFiles": []}, {}),
        ({"imageFiles": [], "tags": None}, {"imageFiles": None, "tags": []}),
        ({"price": {"a": [], "b": 1}}, {"price": {"b": 1}}),
    ],
)
def test_what_means_the_same_has_the_same_digest_and_no_differences(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    assert digest(one) == digest(other)
    assert differences(one, other) == {}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"title": "a"}, {"title": "b"}),
        ({"title": ""}, {}),
        ({"duration": 5}, {"duration": "5"}),
        ({"premium": True}, {"premium": 1}),
        ({"premium": False}, {"premium": None}),
        ({"tags": ["a", "b"]}, {"tags": ["b", "a"]}),
        ({"tags": [None]}, {"tags": []}),
        ({"imageFiles": ["i"]}, {}),
        ({"mediaFiles": ["m"]}, {"mediaFiles": []}),
        ({"description": ""}, {"description": None}),
        ({"duration": 0}, {}),
        ({"price": {"SS": 1}}, {"price": {"SS": 2}}),
    ],
)
def test_what_differs_has_another_digest_and_is_told(one: dict[str, Any], other: dict[str, Any]) -> None:
    (name,) = one
    assert digest(one) != digest(other)
    assert differences(one, other) == {name: {"row": one[name], "record": other.get(name)}}


def test_the_processor_s_poorer_record_differs_in_what_it_lacks() -> None:
    whole = record(title="T", created_date="2026-02-13", groupId="g", duration=0)
    poor = {n: whole[n] for n in ("objectID", "programId", "title", "tags", "groupId", "created_date")}
    assert set(differences(whole, poor | {"ownerId": "alice"})) == {
        "description", "broadcast_type", "premium", "created_timestamp", "groupName", "duration", "userId",
    }  # fmt: skip


def test_a_hit_of_the_index_tells_url_user_and_program() -> None:
    found = parse_record({"objectID": "x", "program_url": "u", "ownerId": "bob", "programId": "p"})
    assert (found.object_id, found.url, found.user_id, found.program_id) == ("x", "u", "bob", "p")
    both = parse_record({"objectID": 7, "program_url": "", "userId": "al", "ownerId": "bob", "programId": 5})
    assert (both.object_id, both.url, both.user_id, both.program_id) == ("7", None, "al", None)


@given(items())
def test_every_row_has_a_record_that_json_can_hold_and_that_is_its_own(image: dict[str, Any]) -> None:
    found = canonical(image)
    back = json.loads(json.dumps(found, default=str))
    assert digest(found) == digest(dict(reversed(found.items())))
    assert differences(found, found) == {}
    assert set(back) <= set(FIELDS)
    assert {"title", "created_timestamp", "userId", "tags"} <= set(back)


@given(values.filter(lambda value: not {"B", "BS"} & set(str(value))), st.data())
def test_a_record_read_back_from_the_index_never_looks_stale(
    value: dict[str, Any], data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(("title", "tags", "price", "premium", "created_date", "mediaFiles")))
    found = canonical({"pk": {"S": "u#a#programs"}, "sk": {"S": "p#x"}, name: value})
    assert digest(json.loads(json.dumps(found, default=str))) == digest(found)
