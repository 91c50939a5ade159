"""Shared code of the AWS adapters: clients, request meter, retries, readable errors."""

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from threading import Lock
from typing import Any, Literal, TypeVar, get_args

from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    IncompleteReadError,
)
from botocore.exceptions import ConnectionError as ConnectionFault
from botocore.loaders import Loader, create_loader
from botocore.parsers import ResponseParserError
from botocore.session import get_session

from reconcile.model.errors import Denied, ObjectArchived, OutOfTime, SourceError, UsageError
from reconcile.model.usage import Usage
from reconcile.stores import responses
from reconcile.stores.aws_times import aws_time
from reconcile.stores.charges import MAILS, READ_UNITS, WRITE_UNITS, watch_charges
from reconcile.stores.responses import NotAnswered
from reconcile.stores.timeouts import endless, in_time

T = TypeVar("T")

AwsService = Literal["dynamodb", "ivs-realtime", "lambda", "s3", "secretsmanager", "sesv2"]
SERVICES: tuple[AwsService, ...] = get_args(AwsService)
"""All that the job asks of AWS: the artefact holds the descriptions of these services alone."""

THROTTLES = frozenset(
    (
        "BandwidthLimitExceeded",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    )
)
_PASSING = frozenset(
    (
        "InternalServerError",
        "InternalError",
        "RequestTimeout",
        "RequestTimeoutException",
        "ServiceUnavailable",
        # Another transaction, or an earlier try of the same one, is under way.
        "TransactionConflictException",
        "TransactionInProgressException",
    )
)
LOST = (HTTPClientError, IncompleteReadError, ResponseParserError, TimeoutError)
"""Raised where an answer did not come or cannot be read: what was asked for may have been done."""
_BROKEN = (*LOST, ConnectionFault, OSError)
_NEVER_MADE = (EndpointConnectionError, ConnectTimeoutError)
FAULTS = (ClientError, BotoCoreError, ResponseParserError, OSError)
"""Whatever a call raises: refusals, lost connections, and answers that are not of the service's shape."""

MOST_AT_ONCE = 96
"""How many calls of one service are under way at once, at most: each has a connection of its own."""
NO_TIME = "OUT OF TIME: the run had no time left for it"
_LONGEST_CALL = 60.0


@dataclass(slots=True)
class Meter:
    """Counts requests by kind, units, mails and bytes; safe to use from any thread."""

    _counts: Counter[str] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)

    def add(self, kind: str, amount: float = 1) -> None:
        """Add to a counter."""
        with self._lock:
            self._counts[kind] += amount  # type: ignore[assignment]

    def total(self, kind: str) -> float:
        """Return the count of a kind."""
        return self._counts[kind]

    def usage(self) -> Usage:
        """Return what was counted."""
        with self._lock:
            counts = dict(sorted(self._counts.items()))
        reads, writes, mails = (counts.pop(kind, 0.0) for kind in (READ_UNITS, WRITE_UNITS, MAILS))
        size = sum(counts.pop(kind) for kind in list(counts) if kind.endswith(":bytes"))
        requests = {kind: int(number) for kind, number in counts.items()}
        return Usage(requests, round(reads, 1), round(writes, 1), int(size), int(mails))

    def watch(self, client: Any, service: str) -> None:
        """Count every request that a boto3 client sends, retries included, and what it is charged by."""

        def count(event_name: str = "", **_: object) -> None:
            self.add(f"{service}:{event_name.rpartition('.')[2]}")

        def weigh(http_response: Any, parsed: Any, model: Any, **_: object) -> None:
            if not model.has_streaming_output:
                self.add(f"{service}:bytes", len(http_response.content))
                parsed.setdefault("ResponseMetadata", {})["BodyBytes"] = len(http_response.content)

        name = client.meta.service_model.service_id.hyphenize()
        client.meta.events.register(f"before-send.{name}", count)
        client.meta.events.register(f"after-call.{name}", weigh)
        watch_charges(client, service, self.add)


def client_config(*, retries: int) -> Config:
    """Return the configuration of every client: bounded timeouts, no checksums that other S3 stores lack.

    `retries` is how often boto3 itself asks; whoever goes through Patience has it ask once.
    """
    return Config(
        connect_timeout=5,
        read_timeout=30,
        retries={"total_max_attempts": retries, "mode": "standard"},
        max_pool_connections=MOST_AT_ONCE,
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        user_agent_extra="reconcile",
    )


@cache
def _descriptions() -> Loader:
    """Return what reads the descriptions of AWS's services, once for all clients: they are large."""
    return create_loader()


class Connector:
    """Makes the clients of one run, from any thread: to make a session takes longer than to make a client."""

    def __init__(self) -> None:
        self._session: Any = get_session()
        self._session.register_component("data_loader", _descriptions())
        self._session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=aws_time)
        # botocore's sessions are not thread-safe.
        self._lock = Lock()

    def client(self, service: AwsService, config: Config) -> Any:
        """Return a client; raises as botocore does."""
        with self._lock:
            return self._session.create_client(service, config=config)


def connect(
    service: AwsService, meter: Meter, *, retries: int = 1, connector: Connector | None = None
) -> Any:
    """Return a client whose requests are counted and whose answers are looked at; raises UsageError.

    Without a connector, one is made. Raises ValueError for a service that SERVICES lacks.
    """
    if service not in SERVICES:
        raise ValueError(f"{service} is not among the SERVICES that the artefact is built for")
    config = client_config(retries=retries)
    try:
        connector = connector or Connector()
        client = connector.client(service, config)
        if service == "s3" and "amazonaws.com" not in client.meta.endpoint_url:
            # Stand-ins rarely answer on a host name for each bucket.
            client.meta.events.register("before-endpoint-resolution.s3", _by_path)
    except (BotoCoreError, ValueError) as error:
        raise UsageError(f"the AWS client for {service} cannot be made: {error}") from error
    meter.watch(client, service)
    responses.watch(client)
    return client


def _by_path(builtins: dict[str, Any], **_: object) -> None:
    builtins["AWS::S3::ForcePathStyle"] = True


def code_of(error: ClientError) -> str:
    """Return the error code of a refused call."""
    return str(error.response.get("Error", {}).get("Code", ""))


def source_error(error: Exception, doing: str) -> SourceError:
    """Convert a boto3 error into a SourceError that names the operation and how to fix it."""
    if isinstance(error, SourceError):
        return type(error)(f"{doing}: {error}")
    if isinstance(error, ClientError):
        code, message = code_of(error), error.response.get("Error", {}).get("Message", "")
        if code == "InvalidObjectState":
            archive = error.response.get("Error", {}).get("StorageClass") or "an archive"
            return ObjectArchived(f"{doing}: it lies in {archive}. Restore it.")
        if "AccessDenied" in code or code == "403":
            return Denied(f"{doing}: {code}: {message.rstrip('.')}. Grant the permission that it names.")
        return SourceError(f"{doing}: {code}: {message.rstrip('.')}.")
    if isinstance(error, NotAnswered):
        return SourceError(f"{doing}: {error}")
    # What cannot be sent as a header is a credential, and some errors quote it.
    what = str(error).split("header value", 1)[0]
    return SourceError(f"{doing}: {type(error).__name__}: {what}")


@dataclass(slots=True)
class Patience:
    """Retries a call after throttling or a transient fault, with increasing delays.

    `on_throttle` hears of every throttle. `left` tells how many seconds there still are for a call, its
    repetitions and the waiting in between. An answer that is none is asked for again `garbled` times at most.
    With `sure_only`, what may have been done is not repeated: only throttles and connections that were never
    made are.
    """

    tries: int = 8
    base: float = 0.1
    longest: float = 5.0
    sleep: Callable[[float], None] = time.sleep
    on_throttle: Callable[[], None] = lambda: None
    left: Callable[[], float] = endless
    sure_only: bool = False
    garbled: int = 4

    def call(self, doing: str, request: Callable[[], T]) -> T:
        """Return what the request returns.

        Raises OutOfTime, SourceError when it runs out of tries, and what cannot pass by itself.
        """
        for attempt in range(1, self.tries + 1):
            if self.left() <= 0:
                raise OutOfTime(f"{doing}: {NO_TIME}")
            try:
                return in_time(lambda: responses.shaped(request), self.left, _LONGEST_CALL)
            except (ClientError, *_BROKEN) as error:
                if not self._may_repeat(error):
                    raise
                last: Exception = error
            most = min(self.tries, self.garbled) if isinstance(last, NotAnswered) else self.tries
            if attempt >= most:
                break
            if not self.wait(attempt):
                raise OutOfTime(f"{source_error(last, doing)} {NO_TIME}") from last
        raise source_error(last, f"{doing}, {'once' if attempt == 1 else f'{attempt} times'}") from last

    def wait(self, attempt: int, least: float = 0.0) -> bool:
        """Wait until another try may be made, `least` seconds or more; False where no try or time is left."""
        pause = max(least, random.uniform(0.5, 1) * min(self.longest, self.base * 2**attempt))
        if attempt >= self.tries or pause > self.left():
            return False
        self.sleep(pause)
        return True

    def _may_repeat(self, error: Exception) -> bool:
        if not isinstance(error, ClientError):
            return not self.sure_only or isinstance(error, _NEVER_MADE)
        code = code_of(error)
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if code in THROTTLES or status == 429:
            self.on_throttle()
            return True
        # What a look-alike does not know, it will not learn.
        return not self.sure_only and (code in _PASSING or (status >= 500 and status != 501))
