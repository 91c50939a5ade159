"""Attribute values as DynamoDB types them: which are the same, and how a count is raised and lowered."""

from typing import Any

import pytest

from reconcile.model.attributes import counted_on, differing, same_image, same_value
from reconcile.model.search_record import Image

SAME: list[tuple[Any, Any]] = [
    ({"N": "1"}, {"N": "1.00"}),
    ({"N": "100"}, {"N": "1E+2"}),
    ({"SS": ["a", "b"]}, {"SS": ["b", "a"]}),
    ({"NS": ["1", "2"]}, {"NS": ["2.0", "1"]}),
    ({"BS": [b"a", b"b"]}, {"BS": [b"b", b"a"]}),
    (
        {"M": {"a": {"N": "1"}, "b": {"L": [{"N": "2"}]}}},
        {"M": {"b": {"L": [{"N": "2.0"}]}, "a": {"N": "1"}}},
    ),
    (None, None),
]
OTHER: list[tuple[Any, Any]] = [
    ({"N": "1"}, {"S": "1"}),
    ({"NULL": True}, None),
    ({"S": ""}, None),
    ({"S": ""}, {"NULL": True}),
    ({"BOOL": True}, {"N": "1"}),
    ({"L": [{"N": "1"}, {"N": "2"}]}, {"L": [{"N": "2"}, {"N": "1"}]}),
    ({"SS": ["1"]}, {"NS": ["1"]}),
    ({"M": {}}, {"L": []}),
    ({"N": "12345678901234567890123456789012345678"}, {"N": "12345678901234567890123456789012345679"}),
    ({"B": b"a"}, {"S": "a"}),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_values_that_dynamodb_takes_for_the_same_are_the_same(one: Any, other: Any) -> None:
    assert same_value(one, other)


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_values_of_other_types_or_digits_are_others(one: Any, other: Any) -> None:
    assert not same_value(one, other)


def test_rows_differ_in_what_only_one_of_them_has() -> None:
    one: Image = {"a": {"S": "x"}, "b": {"NULL": True}}
    other: Image = {"a": {"S": "x"}, "c": {"N": "1"}}
    assert differing(one, other) == ("b", "c")
    assert differing(one, other, frozenset({"b"})) == ("c",)
    assert same_image(one, other, frozenset({"b", "c"}))


@pytest.mark.parametrize(
    ("count", "more", "after"),
    [
        (None, 1, {"N": "1"}),
        ({"N": "4"}, -1, {"N": "3"}),
        ({"N": "2.5"}, 1, {"N": "3.5"}),
        ({"N": "12345678901234567890123456789012345678"}, 1, {"N": "12345678901234567890123456789012345679"}),
        ({"S": "4"}, 1, None),
        ({"NULL": True}, 1, None),
        ({"N": "9" * 38}, 1, None),
    ],
)
def test_a_count_is_raised_or_lowered_exactly_or_not_at_all(count: Any, more: int, after: Any) -> None:
    assert counted_on(count, more) == after
