"""The shortcuts through moto change no byte of its answers."""

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from moto import backends
from moto.core import responses
from moto.core.serialize import BaseJSONSerializer
from moto.dynamodb.models.dynamo_type import Item

from reconcile.wiring import Wiring

ITEMS: list[dict[str, Any]] = [
    {
        "text": {"S": "é \u2028 ☃"},
        "empty": {"S": ""},
        "number": {"N": "1200.5"},
        "bytes": {"B": b"\x00\xff"},
        "yes": {"BOOL": True},
        "no": {"BOOL": False},
        "nothing": {"NULL": True},
        # moto's own way shuffles sets of several.
        "words": {"SS": ["a"]},
        "numbers": {"NS": ["1"]},
        "blobs": {"BS": [b"a"]},
        "series": {"L": [{"S": "x"}, {"L": []}, {"M": {"deep": {"B": b"y"}}}]},
        "map": {"M": {"inside": {"M": {"n": {"N": "7"}}}, "no": {"M": {}}, "S": {"S": "named like a type"}}},
    },
    {"text": {"S": "one attribute alone"}},
]
SIMPLE = "pk, #text, #number, #bytes, #series, #map, #words, #nothing, #absent"
NESTED = "pk, #map.inside, series[0]"
SHORTCUTS: tuple[tuple[Any, str], ...] = (
    (Item, "project"),
    (BaseJSONSerializer, "_serialize_type_structure"),
    (backends, "list_of_moto_modules"),
    (responses, "method_names_from_class"),
)
NAMES = ("text", "number", "bytes", "series", "map", "words", "nothing", "absent")


def requests(client: Any, table: str) -> Iterator[Any]:
    """Ask for the items in every way in which the job does."""
    names = {"TableName": table, "ExpressionAttributeNames": {f"#{name}": name for name in NAMES}}
    nested = {"TableName": table, "ExpressionAttributeNames": {"#map": "map"}}
    where = {"KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": {":pk": {"S": "p"}}}
    yield client.scan(TableName=table)
    yield client.scan(**names, ProjectionExpression=SIMPLE, ReturnConsumedCapacity="TOTAL")
    yield client.scan(**nested, ProjectionExpression=NESTED)
    yield client.scan(**names, ProjectionExpression=SIMPLE, Limit=1)
    yield client.query(**names, **where, ProjectionExpression=SIMPLE)
    for number in range(len(ITEMS)):
        key = {"pk": {"S": "p"}, "sk": {"S": str(number)}}
        yield client.get_item(**names, Key=key, ProjectionExpression=SIMPLE)
        yield client.get_item(TableName=table, Key=key)


def answers(client: Any, table: str) -> list[bytes]:
    """Return the bytes of every answer."""
    bodies: list[bytes] = []

    def note(http_response: Any, **_: Any) -> None:
        bodies.append(http_response.content)

    client.meta.events.register("after-call.dynamodb", note)
    try:
        assert all(answer for answer in requests(client, table))
    finally:
        client.meta.events.unregister("after-call.dynamodb", note)
    return bodies


@contextmanager
def motos_own_way() -> Iterator[None]:
    """Take the shortcuts out for a while."""
    with pytest.MonkeyPatch.context() as patched:
        for owner, name in SHORTCUTS:
            patched.setattr(owner, name, inspect.unwrap(getattr(owner, name)))
        yield


def test_every_answer_has_the_same_bytes_without_the_shortcuts(
    aws: Wiring, make_table: Callable[[], str]
) -> None:
    table = make_table()
    for number, item in enumerate(ITEMS):
        aws.dynamodb.put_item(TableName=table, Item={"pk": {"S": "p"}, "sk": {"S": str(number)}, **item})
    shortcut = answers(aws.dynamodb, table)
    with motos_own_way():
        assert all(inspect.unwrap(getattr(owner, name)) is getattr(owner, name) for owner, name in SHORTCUTS)
        assert answers(aws.dynamodb, table) == shortcut
    assert len(shortcut) == 5 + 2 * len(ITEMS)
