"""Check responses: a 200 without the content that its operation defines is an error and is retried.

botocore hands out a body that is cut, empty or no JSON as a success without content, and trips with plain
Python errors over JSON of another shape. Every client is watched for the first; whoever asks in a loop of
tries takes the second (`SHAPES`) for what it is. A write's empty answer is a success: reading back proves it.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from botocore.parsers import ResponseParserError

from reconcile.model.documents import JsonObject
from reconcile.model.errors import SourceError

T = TypeVar("T")

SHAPES = (AttributeError, TypeError, LookupError, ValueError, ArithmeticError)
"""What reading an answer of unknown shape raises, in botocore's parsers and behind them."""

_SMALL = 65_536
_LISTED = {"Key", "LastModified", "Size"}


class NotAnswered(ResponseParserError):
    """Raised for a success response without its defined content; the request may be retried."""


class Course:
    """Watches that a source that is read page by page gets on; `doing` says in errors what is being read."""

    _LONGEST_IDLE = 1000

    def __init__(self, doing: str) -> None:
        self._doing = doing
        self._seen: set[str] = set()
        self._idle = 0

    def turn(self, place: object, *, brought: bool) -> None:
        """Go on at a place that a page named; `brought` tells whether the page held anything new.

        Raises SourceError where the place was named before, or nothing new came for 1,000 pages.
        """
        key = json.dumps(place, sort_keys=True, default=repr)
        if key in self._seen:
            raise SourceError(
                f"{self._doing}: the page to go on with was told a second time: it would never end"
            )
        self._seen.add(key)
        self._idle = 0 if brought else self._idle + 1
        if self._idle >= self._LONGEST_IDLE:
            raise SourceError(
                f"{self._doing}: {self._idle:,} pages in a row brought nothing new: it would never end"
            )


def watch(client: Any) -> None:
    """Make a boto3 client raise NotAnswered for each success response without its defined content."""
    service = client.meta.service_model.service_id.hyphenize()
    protocol = client.meta.service_model.resolved_protocol
    if "json" in protocol:
        client.meta.events.register(f"before-parse.{service}", _demand_json)
    client.meta.events.register(f"after-call.{service}", _demand_content)


def demand(holds: object, lacks: str) -> None:
    """Return if a required part of a response is present; raises NotAnswered, which names it."""
    if not holds:
        raise NotAnswered(f"an answer without {lacks}")


def shaped(read: Callable[[], T]) -> T:
    """Return what is read out of an answer; raises NotAnswered where the answer is of another shape.

    The answer is not quoted, for it may hold a secret.
    """
    try:
        return read()
    except SHAPES as error:
        raise NotAnswered(f"an answer of unknown shape ({type(error).__name__})") from None


def _demand_json(operation_model: Any, response_dict: JsonObject, **_: object) -> None:
    """Reject a success response whose body is not a JSON object; large bodies are not parsed twice."""
    if response_dict["status_code"] >= 300 or operation_model.has_streaming_output:
        return
    body = response_dict["body"].strip()
    if not body:
        return
    if len(body) > _SMALL:
        demand(body.startswith(b"{") and body.endswith(b"}"), "a JSON object")
        return
    try:
        document = json.loads(body)
    except ValueError:
        document = None
    demand(isinstance(document, dict), "a JSON object")


def _demand_content(http_response: Any, parsed: JsonObject, model: Any, **_: object) -> None:
    needs = _NEEDS.get(model.name)
    if needs is None or http_response.status_code >= 300:
        return
    try:
        shaped(lambda: needs(parsed))
    except NotAnswered:
        if "Body" in parsed:
            # Nobody will read it: its connection would stay open.
            parsed["Body"].close()
        raise


def _page(part: str) -> Callable[[JsonObject], None]:
    def needs(parsed: JsonObject) -> None:
        demand(part in parsed, part)
        # A page tells how many items it holds: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html
        demand(parsed.get("Count", len(parsed[part])) == len(parsed[part]), "as many items as it counts")

    return needs


def _part(*parts: str) -> Callable[[JsonObject], None]:
    def needs(parsed: JsonObject) -> None:
        for part in parts:
            demand(part in parsed, part)

    return needs


def _listing(parsed: JsonObject) -> None:
    demand("IsTruncated" in parsed, "IsTruncated: it is no listing")
    for item in parsed.get("Contents", []):
        demand(
            "Key" in item and "LastModified" in item and "Size" in item, "the key, time or size of an object"
        )
    demand(all("Prefix" in folded for folded in parsed.get("CommonPrefixes", [])), "a common prefix")


def _object(parsed: JsonObject) -> None:
    """Tell an object from a page that some gateway put in its place: it has an ETag, or a time at least."""
    demand("ETag" in parsed or "LastModified" in parsed, "ETag: it is no object")


def _whole_object(parsed: JsonObject) -> None:
    _object(parsed)
    headers = parsed["ResponseMetadata"]["HTTPHeaders"]
    chunked = "chunked" in headers.get("transfer-encoding", "")
    # Without a length, a body that is cut reads like a whole one.
    demand("ContentLength" in parsed or chunked, "Content-Length")


def _secret(parsed: JsonObject) -> None:
    demand("SecretString" in parsed or "SecretBinary" in parsed, "SecretString")


_NEEDS: Mapping[str, Callable[[JsonObject], None]] = {
    "Scan": _page("Items"),
    "Query": _page("Items"),
    "BatchGetItem": _part("Responses", "UnprocessedKeys"),
    "ListObjectsV2": _listing,
    "HeadObject": _object,
    "GetObject": _whole_object,
    "GetBucketPolicy": _part("Policy"),
    "SendEmail": _part("MessageId"),
    "GetSecretValue": _secret,
    "GetFunctionConfiguration": _part("FunctionArn"),
    "GetStorageConfiguration": _part("storageConfiguration"),
}
