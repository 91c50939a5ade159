"""What the real DynamoDB refuses and stand-ins let pass: every request that a test sends is held to it.

Sources: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/ and
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from moto.dynamodb.parsing.reserved_keywords import ReservedKeywords

RESERVED = frozenset(word.upper() for word in ReservedKeywords.get_reserved_keywords())
WORDS = frozenset({"SET", "REMOVE", "ADD", "DELETE", "AND", "OR", "NOT", "IN", "BETWEEN", "CONTAINS"})
EXPRESSIONS = (
    "ConditionExpression",
    "FilterExpression",
    "KeyConditionExpression",
    "ProjectionExpression",
    "UpdateExpression",
)


class Broken(AssertionError):
    """Raised for a request that DynamoDB would refuse."""


def obey(operation: str, params: Mapping[str, Any]) -> None:
    """Return if DynamoDB would take the request's form; raises Broken."""
    parts = list(_parts(operation, params))
    for part in parts:
        _expressions(part)
        for key in _keys(part):
            _key(key)
        if "Item" in part:
            _must(len(json.dumps(part["Item"], default=str)) <= 400_000, "an item over 400 KB")
            _values(part["Item"].values())
    if operation == "TransactWriteItems":
        _must(len(parts) <= 100, "more than 100 actions")
        _must(1 <= len(params.get("ClientRequestToken", "x")) <= 36, "a token of another length")
        _distinct(((part["TableName"], *_names(_keys(part)[0])) for part in parts), "two actions on one item")
    if operation == "BatchGetItem":
        keys = [key for part in parts for key in part["Keys"]]
        _must(1 <= len(keys) <= 100, "no key, or more than 100")
        _distinct((_names(key) for key in keys), "a key twice")


def _parts(operation: str, params: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    if operation == "TransactWriteItems":
        for action in params["TransactItems"]:
            _must(len(action) == 1, "an entry with several actions")
            yield from action.values()
    elif operation == "BatchGetItem":
        yield from params["RequestItems"].values()
    else:
        yield params


def _keys(part: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [*part.get("Keys", []), *(part[name] for name in ("Key", "Item") if name in part)]


def _key(key: Mapping[str, Any]) -> None:
    for name, longest in (("pk", 2048), ("sk", 1024)):
        _must(1 <= len(key[name]["S"].encode()) <= longest, f"a {name} that is empty or too long")


def _names(key: Mapping[str, Any]) -> tuple[str, str]:
    return (key["pk"]["S"], key["sk"]["S"])


def _expressions(part: Mapping[str, Any]) -> None:
    texts = [part[name] for name in EXPRESSIONS if name in part]
    _must(all(text.strip() for text in texts), "an empty expression")
    whole = " ".join(texts)
    _all_used(part, "ExpressionAttributeNames", set(re.findall(r"#\w+", whole)))
    _all_used(part, "ExpressionAttributeValues", set(re.findall(r":\w+", whole)))
    bare = {word.upper() for word in re.findall(r"(?<![#:\w])[A-Za-z_]\w*", whole)}
    _must(not (bare - WORDS) & RESERVED, f"a reserved word: {sorted((bare - WORDS) & RESERVED)}")
    names = part.get("ExpressionAttributeNames", {})
    paths = [_spelt(path, names) for path in part.get("ProjectionExpression", "").split(",") if path.strip()]
    for path in paths:
        near = [other for other in paths if (other + ".").startswith(path + ".")]
        _must(near == [path], f"overlapping paths: {near}")
    changed = re.findall(r"([#\w.]+)\s*=[^=]", part.get("UpdateExpression", ""))
    _distinct((_spelt(name, names) for name in changed), "an attribute set twice")
    _must(not {"pk", "sk"} & {_spelt(name, names) for name in changed}, "a changed key")
    _values(part.get("ExpressionAttributeValues", {}).values())


def _spelt(path: str, names: Mapping[str, str]) -> str:
    return ".".join(names.get(step, step) for step in path.strip().split("."))


def _all_used(part: Mapping[str, Any], name: str, used: set[str]) -> None:
    if name in part:
        _must(bool(part[name]), f"an empty {name}")
    given = set(part.get(name, {}))
    _must(given == used, f"{name}: {sorted(given ^ used)} stand on one side only")


def _values(values: Iterable[Mapping[str, Any]]) -> None:
    for value in values:
        for kind, held in value.items():
            _must(kind not in ("SS", "NS", "BS") or bool(held), "an empty set")
            _must(kind != "N" or len(re.sub(r"[eE].*|\D", "", held).strip("0")) <= 38, "over 38 digits")
            _values(held.values() if kind == "M" else held if kind == "L" else ())


def _distinct(keys: Iterable[Any], why: str) -> None:
    listed = list(keys)
    _must(len(set(listed)) == len(listed), why)


def _must(holds: bool, why: str) -> None:
    if not holds:
        raise Broken(f"DynamoDB refuses {why}")
