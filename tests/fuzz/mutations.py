"""Makes odd values out of real ones: what clients, clocks, proxies and typing mistakes put into stores."""

import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from reconcile.sandbox.world.copies import copied

_TEXTS = (
    "", " ", "null", "undefined", "[object Object]", "NaN", "0", "-1", "true", "\x00", "\n", "\x1b[31m",
    "\u202e", "\ud800", "é" * 3000, "https://[", "https://play.test/%ff%zz", "s3://", "//", "..", "/", "#",
    "../../etc", "2026-03-01", "2026-03-01T12:00:00Z", "2026-13-45T99:00:00Z", "0000-00-00",
    "9999-12-31T23:59:59Z",
    "1969-12-31T23:59:59.999+14:00", "Sun Mar 01 2026 12:00:00 GMT+0100", "10000000000000000000",
    "arn:aws:ivs:us-east-1:1:stage/", "arn:aws:ivs:::channel/x", "u#a#programs", "{" * 50, "$(reboot)",
)  # fmt: skip
_NUMBERS = (0, -1, 1, 2**31, 2**63, -(2**63), 10**30, 0.1, -0.0, 1e300, 1e-300, 253402300800, -62135596801)
_BEYOND_FLOATS = 10**400
"""JSON has such numbers; DynamoDB, whose numbers have 38 digits, does not."""
_ODD: tuple[Any, ...] = (
    *_TEXTS, *_NUMBERS, _BEYOND_FLOATS, None, True, False, [], {}, [[]], [{}], {"": ""}, [None, "x", 1],
)  # fmt: skip


def odd(random: Random) -> Any:
    """Return a value that nobody expects, as JSON knows it."""
    if random.random() < 0.02:
        deep: Any = "end"
        for _ in range(random.choice((5, 60))):
            deep = [deep] if random.random() < 0.5 else {"a": deep}
        return deep
    return copied(random.choice(_ODD))


def mutated(random: Random, value: Any, make: Callable[[Random], Any] = odd) -> Any:
    """Return a copy of a value of JSON with a few of its parts changed, taken out, moved or added."""
    whole = [copied(value)]
    for _ in range(random.choice((1, 1, 2, 4))):
        parent, place = random.choice(list(_places(whole)))
        how = random.random()
        if how < 0.55:
            parent[place] = make(random)
        elif how < 0.75 and parent is not whole:
            del parent[place]
        elif how < 0.9:
            other, there = random.choice(list(_places(whole)))
            parent[place] = copied(other[there])
        elif isinstance(parent[place], dict):
            parent[place][random.choice(_TEXTS)] = make(random)
        elif isinstance(parent[place], list):
            parent[place].append(make(random))
        elif isinstance(parent[place], str):
            parent[place] = spliced(random, parent[place])
    return whole[0]


def spliced(random: Random, text: str) -> str:
    """Return a text that was cut, doubled, or had something put into it."""
    at = random.randint(0, len(text))
    return random.choice((text[:at], text[at:], text + text, text[:at] + random.choice(_TEXTS) + text[at:]))


def garbled(random: Random, body: bytes) -> bytes:
    """Return bytes of which some were lost or changed on their way."""
    at = random.randint(0, len(body))
    noise = bytes(random.choices(range(256), k=random.randint(0, 8)))
    return random.choice((body[:at], body[at:], body[:at] + noise + body[at:], noise, body + body))


def attribute(random: Random) -> dict[str, Any]:
    """Return an odd value of an attribute, in DynamoDB's JSON: well typed, as the service sends it."""
    text, number = random.choice(_TEXTS).encode("utf-8", "replace").decode(), str(random.choice(_NUMBERS))
    simple: tuple[dict[str, Any], ...] = (
        {"S": text}, {"N": number}, {"BOOL": random.random() < 0.5}, {"NULL": True}, {"L": []}, {"M": {}},
        {"SS": [text or "x"]}, {"NS": [number]}, {"B": b"\x00\xff"}, {"BS": [b"x"]},
    )  # fmt: skip
    if random.random() < 0.15:
        return {"L": [attribute(random) for _ in range(random.randint(1, 3))]}
    if random.random() < 0.15:
        return {"M": {random.choice(_TEXTS[1:12]): attribute(random) for _ in range(2)}}
    return random.choice(simple)


def mutated_item(random: Random, item: dict[str, Any]) -> dict[str, Any]:
    """Return a copy of an item with a few attributes changed, taken out or exchanged; its key stays a key."""
    changed = copied(item)
    names = [name for name in changed if name not in ("pk", "sk")]
    for _ in range(random.choice((1, 1, 2, 5))):
        name, how = random.choice(names), random.random()
        if how < 0.7:
            changed[name] = attribute(random)
        elif how < 0.85:
            changed.pop(name, None)
        elif inner := changed.get(name, {}).get("M"):
            inner[random.choice(list(inner))] = attribute(random)
        elif name in changed:
            changed[random.choice(names)] = changed[name]
    if random.random() < 0.1:
        part = random.choice(("pk", "sk"))
        # A key attribute is a text that is not empty; the service takes nothing else.
        changed[part] = {"S": spliced(random, changed[part]["S"]).encode("utf-8", "replace").decode() or "x"}
    return changed


def written(random: Random, value: Any) -> bytes:
    """Return a value as JSON in UTF-8, now and then as some client writes it, or as it arrives broken."""
    text = json.dumps(value, ensure_ascii=random.random() < 0.7, indent=random.choice((None, 2)))
    body = text.encode("utf-8", "surrogatepass")
    if random.random() < 0.2:
        return garbled(random, body)
    return random.choice((b"", b"", b"", b"\xef\xbb\xbf")) + body


def _places(parent: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every container of a value with each of its keys or indexes."""
    waiting = [parent]
    while waiting:
        one = waiting.pop()
        places = list(one) if isinstance(one, dict) else range(len(one))
        for place in places:
            yield one, place
            if isinstance(one[place], dict | list):
                waiting.append(one[place])
