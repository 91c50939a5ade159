"""The ways in which a source or sink fails, each made of a request and of what the truth would be."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tests.contract.loopback import Answer, Asked
from tests.faults.clock import Clock

Truth = Callable[[Asked], Answer]
HTML = b"<html><body>Please log in</body></html>"
HANG = 30.0
"""Seconds for which the clients wait for an answer; a fault takes them at once, by the run's own clock."""

_PATIENCE = 0.6


_TORN = Answer(200, b'{"Items": [{"pk": ', {"Content-Type": "application/json"})
_OVERLOADED = Answer(200, b'{"message": "Service temporarily overloaded"}')


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a service says no: its answers for being throttled, broken, and denied; and its garbled ones."""

    throttled: Answer
    broken: Answer
    denied: Answer
    malformed: Answer = _TORN
    wrong_shape: Answer = _OVERLOADED
    body: bool = True


def _dynamodb(code: str, status: int = 400) -> Answer:
    kind = f"com.amazonaws.dynamodb.v20120810#{code}"
    body = {"__type": kind, "message": "scripted"}
    return Answer(status, json.dumps(body).encode(), {"Content-Type": "application/x-amz-json-1.0"})


def _s3(status: int, code: str) -> Answer:
    body = f"<Error><Code>{code}</Code><Message>scripted</Message></Error>".encode()
    return Answer(status, body, {"Content-Type": "application/xml"})


def _rest(status: int, code: str) -> Answer:
    body = json.dumps({"message": "scripted", "status": status}).encode()
    return Answer(status, body, {"Content-Type": "application/json", "x-amzn-ErrorType": code})


_PAGE = Answer(200, HTML, {"Content-Type": "text/html"})
_S3 = (_s3(503, "SlowDown"), _s3(500, "InternalError"), _s3(403, "AccessDenied"))
DYNAMODB = Dialect(
    _dynamodb("ProvisionedThroughputExceededException"),
    _dynamodb("InternalServerError", 500),
    _dynamodb("AccessDeniedException"),
)
LISTING = Dialect(
    *_S3,
    Answer(200, b"<ListBucketResult><IsTr", {"Content-Type": "application/xml"}),
    Answer(200, b"<ListAllMyBucketsResult><Owner/></ListAllMyBucketsResult>"),
)
OBJECT = Dialect(*_S3, Answer(200, b"\xff\xfe\x00", {"ETag": '"other"', "Content-Type": "text/plain"}), _PAGE)
HEAD = Dialect(
    Answer(503),
    Answer(500),
    Answer(403),
    wrong_shape=Answer(200, b"", {"Content-Type": "text/html"}),
    body=False,
)
REST = Dialect(
    _rest(429, "TooManyRequestsException"),
    _rest(503, "ServiceUnavailable"),
    _rest(403, "AccessDeniedException"),
)
HTTP = Dialect(Answer(429, b"slow down"), Answer(503, b"down"), Answer(403, b"no"), wrong_shape=_PAGE)


@dataclass(frozen=True, slots=True)
class Struck:
    """A request that is struck, and what its answer is made of."""

    asked: Asked
    truth: Truth
    dialect: Dialect
    clock: Clock
    writes: bool

    def carried_out(self) -> Answer:
        """Return the true answer; of a write, the write is done and only its answer is garbled."""
        return self.truth(self.asked)

    def lost(self) -> None:
        """Do what is done although nobody hears of it."""
        if self.writes:
            self.truth(self.asked)


def _timeout(struck: Struck) -> Answer:
    begun = struck.clock.spent
    struck.lost()
    time.sleep(_PATIENCE)
    struck.clock.reach(begun + HANG)
    return Answer(lost=True)


def _reset(struck: Struck) -> Answer:
    struck.lost()
    return Answer(lost=True)


def _cut(struck: Struck) -> Answer:
    return replace(struck.carried_out(), cut=True)


def _instead(struck: Struck, answer: Answer) -> Answer:
    struck.lost()
    return answer


def _some(struck: Struck) -> Answer:
    """Do the first half of a batch, and leave the rest unprocessed."""
    body = struck.asked.document
    ((table, asked),) = body["RequestItems"].items()
    gets = isinstance(asked, dict)
    entries = asked["Keys"] if gets else asked
    half = max(1, len(entries) // 2)

    def part(some: list[Any]) -> dict[str, Any]:
        return {table: {**asked, "Keys": some} if gets else some}

    done = replace(struck.asked, body=json.dumps({**body, "RequestItems": part(entries[:half])}).encode())
    answer = struck.truth(done)
    left = "UnprocessedKeys" if gets else "UnprocessedItems"
    told = {**json.loads(answer.body), left: part(entries[half:]) if entries[half:] else {}}
    return replace(answer, body=json.dumps(told).encode())


def _twice(struck: Struck) -> Answer:
    return struck.truth(_at(struck.asked, None))


def _missing(struck: Struck) -> Answer:
    """Answer with the page behind the one that was asked for; behind the last is nothing."""
    skipped = struck.carried_out()
    place = _next(skipped)
    return struck.truth(_at(struck.asked, place)) if place is not None else _emptied(skipped)


def turns(asked: Asked) -> bool:
    """Whether a request asks for a further page."""
    if asked.path.endswith("/browse"):
        return bool(asked.body) and asked.document.get("cursor") is not None
    return "continuation-token" in asked.query or (
        asked.operation in ("Scan", "Query") and "ExclusiveStartKey" in asked.document
    )


def _at(asked: Asked, place: Any) -> Asked:
    """Return a request for the page at a place, None for the first."""
    if "list-type" in asked.query:
        query = {name: value for name, value in asked.query.items() if name != "continuation-token"}
        return replace(asked, query=query if place is None else {**query, "continuation-token": place})
    name = "cursor" if asked.path.endswith("/browse") else "ExclusiveStartKey"
    body = {key: value for key, value in asked.document.items() if key != name}
    return replace(asked, body=json.dumps(body if place is None else {**body, name: place}).encode())


def _next(page: Answer) -> Any:
    text = page.body.decode()
    if text.startswith("<"):
        _, found, rest = text.partition("<NextContinuationToken>")
        return rest.partition("<")[0] if found else None
    told = json.loads(text)
    return told.get("cursor", told.get("LastEvaluatedKey"))


def _emptied(page: Answer) -> Answer:
    text = page.body.decode()
    if text.startswith("<"):
        head, found, rest = text.partition("<Contents>")
        body = head + ("</ListBucketResult>" if found else rest)
    else:
        told = json.loads(text)
        empty: dict[str, Any] = {name: [] for name in ("Items", "hits") if name in told}
        body = json.dumps({**told, **empty, **({"Count": 0} if "Count" in told else {})})
    return replace(page, body=body.encode())


@dataclass(frozen=True, slots=True)
class Fault:
    """A way to fail: what its answer is made by, and which requests can fail so."""

    name: str
    answer: Callable[[Struck], Answer]
    strikes: Callable[[Asked], bool] = lambda _: True


FAULTS: Mapping[str, Fault] = {
    fault.name: fault
    for fault in (
        Fault("throttled", lambda struck: struck.dialect.throttled),
        Fault("5xx", lambda struck: struck.dialect.broken),
        Fault("timeout", _timeout),
        Fault("reset", _reset),
        Fault("cut", _cut),
        Fault("empty", lambda struck: _instead(struck, Answer(200, b""))),
        Fault("malformed", lambda struck: _instead(struck, struck.dialect.malformed)),
        Fault("wrong shape", lambda struck: _instead(struck, struck.dialect.wrong_shape)),
        Fault("denied", lambda struck: struck.dialect.denied),
        Fault("partial batch", _some, lambda asked: asked.operation.startswith("Batch")),
        Fault("page twice", _twice, turns),
        Fault("page missing", _missing, turns),
    )
}
"""By name, in the order of the page."""

BODY = ("cut", "empty", "malformed")
BATCHED, PAGED = ("partial batch",), ("page twice", "page missing")
EVERYWHERE = tuple(name for name in FAULTS if name not in (*BATCHED, *PAGED))
