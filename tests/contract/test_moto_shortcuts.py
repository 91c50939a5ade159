"""The shortcuts through moto change no byte of its answers."""

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from moto import backends
from moto.core import responses
from moto.core.serialize import BaseJSONSerializer, S3Serializer
from moto.dynamodb.exceptions import ItemSizeTooLarge
from moto.dynamodb.models import DynamoDBBackend, Table
from moto.dynamodb.models.dynamo_type import DynamoType, Item

from reconcile.wiring import Wiring
from tests.contract.conftest import unique

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
    (Item, "__init__"),
    (Item, "__deepcopy__"),
    (DynamoType, "__eq__"),
    (DynamoType, "__hash__"),
    (DynamoType, "__deepcopy__"),
    (DynamoType, "size"),
    (DynamoDBBackend, "transact_write_items"),
    (S3Serializer, "_serialize_type_list"),
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
        # moto leaves it to Python how a table is copied.
        patched.delattr(Table, "__deepcopy__")
        yield


def listings(client: Any, bucket: str) -> list[bytes]:
    """Return the bytes of a listing by pages, of one by folders, and of one of nothing."""
    bodies: list[bytes] = []

    def note(http_response: Any, **_: Any) -> None:
        bodies.append(http_response.content)

    client.meta.events.register("after-call.s3.ListObjectsV2", note)
    try:
        for asked in (
            {"MaxKeys": 2},
            {"Delimiter": "/", "Prefix": "a"},
            {"FetchOwner": True},
            {"Prefix": "no"},
        ):
            client.list_objects_v2(Bucket=bucket, **asked)
    finally:
        client.meta.events.unregister("after-call.s3.ListObjectsV2", note)
    return bodies


def written_at_once(client: Any, table: str) -> tuple[list[bytes], str]:
    """Change, enter and delete items at once, first with a condition that fails; return what is there."""
    where = [{"pk": {"S": "p"}, "sk": {"S": str(number)}} for number in range(4)]
    for number, key in enumerate(where[:3]):
        client.put_item(TableName=table, Item={**key, **ITEMS[0], "number": {"N": str(number)}})
    changed = {
        "UpdateExpression": "SET series[0] = :new, #map.#inside = :new ADD #number :one",
        "ExpressionAttributeNames": {"#map": "map", "#inside": "inside", "#number": "number"},
        "ExpressionAttributeValues": {":new": {"S": "changed"}, ":one": {"N": "1"}},
    }
    writes: list[dict[str, Any]] = [
        {"Update": {"TableName": table, "Key": where[0], **changed}},
        {"Delete": {"TableName": table, "Key": where[1]}},
        {"Put": {"TableName": table, "Item": {**where[3], "text": {"S": "new"}}}},
    ]
    absent = {"TableName": table, "Key": where[2], "ConditionExpression": "attribute_not_exists(pk)"}
    with pytest.raises(client.exceptions.TransactionCanceledException) as refused:
        client.transact_write_items(TransactItems=[*writes, {"ConditionCheck": absent}])
    after = [scanned(client, table)]
    client.transact_write_items(TransactItems=writes)
    return [*after, scanned(client, table)], str(refused.value)


def scanned(client: Any, table: str) -> bytes:
    """Return a table's items, in their order, as text."""
    return repr(client.scan(TableName=table)["Items"]).encode()


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


def test_every_listing_has_the_same_bytes_without_the_shortcuts(aws: Wiring) -> None:
    bucket = unique("listed")
    aws.s3.create_bucket(Bucket=bucket)
    for key in ("a/é & <b>", "a/c/d", "a/e", "f"):
        aws.s3.put_object(Bucket=bucket, Key=key, Body=b"body")
    shortcut = listings(aws.s3, bucket)
    with motos_own_way():
        assert listings(aws.s3, bucket) == shortcut
    assert shortcut[0].count(b"<Contents>") == 2


def test_a_transaction_leaves_the_same_items_without_the_shortcuts(
    aws: Wiring, make_table: Callable[[], str]
) -> None:
    shortcut = written_at_once(aws.dynamodb, make_table())
    with motos_own_way():
        assert written_at_once(aws.dynamodb, make_table()) == shortcut
    (refused, done), _ = shortcut
    assert b"changed" not in refused
    assert b"changed" in done


@pytest.mark.parametrize("much", [404_987, 404_988])
def test_the_same_items_are_too_large_without_the_shortcuts(much: int) -> None:
    attributes = {"sk": {"S": "é"}, "map": {"M": {"text": {"S": "x" * much}}}, "n": {"N": "1"}}
    too_large = much == 404_988

    def refused() -> bool:
        try:
            Item(DynamoType({"S": "p"}), None, attributes)
        except ItemSizeTooLarge:
            return True
        return False

    with motos_own_way():
        assert refused() == too_large
    assert refused() == too_large
