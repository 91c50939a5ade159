"""A store that answers 200 with anything but the truth: cut, empty, of another shape, always or once."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from threading import Lock

from tests.contract.loopback import Answer, Asked

HTML = b"<html><body>Please log in</body></html>"
_PLAIN = {"Content-Type": "text/html"}
Truth = Callable[[Asked], Answer]


@dataclass
class Liar:
    """Answers with a lie made of the truth: the first `times` times, or always (None)."""

    truth: Truth
    lie: Callable[[Answer], Answer]
    times: int | None = None
    asked: int = 0

    def __post_init__(self) -> None:
        self._lock = Lock()

    def __call__(self, asked: Asked) -> Answer:
        """Answer one request."""
        with self._lock:
            self.asked += 1
            lying = self.times is None or self.asked <= self.times
        true = self.truth(asked)
        return self.lie(true) if lying and true.status < 300 else true


def cut(true: Answer) -> Answer:
    """Return half of the body, told as all of it."""
    return replace(true, body=true.body[: len(true.body) // 2])


def holding(body: bytes) -> Callable[[Answer], Answer]:
    """Return what puts another body in the place of the true one, without what headers tell of an object."""
    return lambda _: Answer(200, body, _PLAIN)


LIES: Mapping[str, Callable[[Answer], Answer]] = {
    "cut": cut,
    "empty": holding(b""),
    "no-object": holding(b"{}"),
    "list": holding(b"[]"),
    "null": holding(b"null"),
    "text": holding(b'"text"'),
    "html": holding(HTML),
    "bytes": holding(b"\xff\xfe\x00"),
    "other-shape": holding(b'{"message": "Service temporarily overloaded"}'),
    "other-types": holding(
        b'{"Items": 5, "Responses": [], "UnprocessedKeys": 7, "Item": [], "hits": {}, "results": 5,'
        b' "nbHits": "1", "taskID": "x", "status": 5, "acl": "a", "SecretString": null, "Count": "x"}'
    ),
    "wrong-items": holding(
        b'{"Items": [{"pk": 5}], "Responses": {"application": [5]}, "UnprocessedKeys": {}, "Item": {"pk": 5},'
        b' "hits": [5], "nbHits": 1, "results": [5], "Count": 1}'
    ),
    "xml-of-another": holding(b"<ListAllMyBucketsResult><Owner/></ListAllMyBucketsResult>"),
}
"""Each lies about every answer that is defined to carry content."""


def without(field: str) -> Callable[[Answer], Answer]:
    """Return what takes a field out of the true JSON."""

    def lacking(true: Answer) -> Answer:
        document = json.loads(true.body)
        document.pop(field, None)
        return replace(true, body=json.dumps(document).encode())

    return lacking
