"""Send requests to the search service through its official client, with retries while time is left.

Known problems of the client that are handled here: it skips a failing host for five minutes, raises
connection errors unwrapped, and waits for as long as a throttling response asks.
"""

import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, urlsplit

from reconcile.model.errors import Denied, OutOfTime, Refused, SourceError
from reconcile.stores.aws import NO_TIME, Meter, Patience
from reconcile.stores.responses import SHAPES, NotAnswered, demand, shaped
from reconcile.stores.timeouts import endless, in_time

if TYPE_CHECKING:
    from algoliasearch.http.api_response import ApiResponse
    from algoliasearch.search.client import SearchClientSync

T = TypeVar("T")
AlgoliaAnswer = Mapping[str, Any]

TRIES = 5
READ_SECONDS = 30.0
_LONGEST_CALL = 60.0


class SearchService:
    """One application of the search service; `host` is a base URL that stands in for the service's own hosts.

    `reveal` fetches the key when it is first needed, and raises SourceError.
    """

    def __init__(
        self,
        app_id: str,
        reveal: Callable[[], str],
        meter: Meter,
        host: str = "",
        sleep: Callable[[float], None] = time.sleep,
        left: Callable[[], float] = endless,
        tries: int = TRIES,
        read_seconds: float = READ_SECONDS,
    ) -> None:
        self._app_id, self.reveal, self._host = app_id, reveal, host
        self._meter, self._left, self._read_seconds = meter, left, read_seconds
        self._patience = Patience(tries=tries, base=0.2, sleep=sleep, left=left)
        self._idle: list[SearchClientSync] = []

    @property
    def url(self) -> str:
        """The base URL of the service."""
        return self._host or f"https://{self._app_id}.algolia.net"

    def ask(
        self,
        kind: str,
        doing: str,
        request: Callable[["SearchClientSync"], "ApiResponse[str]"],
        read: Callable[[AlgoliaAnswer], T],
        *,
        tries: int | None = None,
    ) -> T:
        """Return what `read` makes of an answer; one that it fails on is asked for again.

        `tries` bounds that for what a run can do without; None means as often as for everything.

        Raises OutOfTime, Denied, Refused, SourceError.
        """
        from algoliasearch.http.exceptions import AlgoliaException, RequestException
        from requests.exceptions import RequestException as ConnectionFault

        fault, tries = "no answer", tries or self._patience.tries
        for attempt in range(1, tries + 1):
            if self._left() <= 0:
                raise OutOfTime(f"{doing}: {NO_TIME}")
            try:
                return self._once(kind, request, read)
            except RequestException as error:
                fault = f"{error.status_code}: {_message(error)}"
                if error.status_code in (401, 403):
                    raise Denied(self._masked(f"{doing}: {fault}")) from None
                if error.status_code in (400, 413, 422):
                    raise Refused(self._masked(f"{doing}: {fault}")) from None
                if error.status_code < 500 and error.status_code != 429:
                    raise SourceError(self._masked(f"{doing}: {fault}")) from None
            except (AlgoliaException, ConnectionFault, NotAnswered, TimeoutError) as error:
                fault = str(error) or type(error).__name__
            except SHAPES as error:
                # The client itself trips over a refusal that is not of the service's shape.
                fault = f"an answer of unknown shape ({type(error).__name__})"
            # A client that met a failing host sets it aside for minutes: begin with a new one.
            self.close()
            if attempt < tries and not self._patience.wait(attempt):
                raise OutOfTime(self._masked(f"{doing}: {fault}. {NO_TIME}"))
        raise SourceError(self._masked(f"{doing}, {tries} times: {fault}"))

    def _once(
        self,
        kind: str,
        request: Callable[["SearchClientSync"], "ApiResponse[str]"],
        read: Callable[[AlgoliaAnswer], T],
    ) -> T:
        self._meter.add(f"algolia:{kind}")
        client = self._connected()
        try:
            text = in_time(lambda: request(client).raw_data, self._left, _LONGEST_CALL)
        except BaseException:
            client.close()
            raise
        self._idle.append(client)
        self._meter.add("algolia:bytes", len(text or ""))
        return shaped(lambda: read(_object(text)))

    def _masked(self, text: str) -> str:
        """Take the key out of a text that the client made: some of its errors quote the headers sent."""
        key = self.reveal()
        for written in (key, repr(key)[1:-1], quote(key, safe="")) if key else ():
            text = text.replace(written, "***")
        return text

    def close(self) -> None:
        """Close the connections that nobody uses; the next request opens a new one."""
        while self._idle:
            with suppress(IndexError):
                self._idle.pop().close()

    def _connected(self) -> "SearchClientSync":
        """Return a client that nobody else uses: it keeps one connection, and what it knows of hosts."""
        with suppress(IndexError):
            return self._idle.pop()
        return _connect(self._app_id, self.reveal(), self._host, self._read_seconds)


def _connect(app_id: str, api_key: str, host: str, read_seconds: float) -> "SearchClientSync":
    from algoliasearch.http.hosts import Host, HostsCollection
    from algoliasearch.search.client import SearchClientSync
    from algoliasearch.search.config import SearchConfig

    config = SearchConfig(app_id, api_key)
    config.read_timeout = round(read_seconds * 1000)
    # It would wait for as long as an answer asks it to.
    config.max_rate_limit_retries = 0
    if host:
        parts = urlsplit(host)
        config.hosts = HostsCollection([Host(parts.hostname or "", scheme=parts.scheme, port=parts.port)])
        config.proxies = {}
    return SearchClientSync.create_with_config(config)


def _object(text: str | None) -> AlgoliaAnswer:
    answer = json.loads(text or "")
    demand(isinstance(answer, dict), "a JSON object")
    return dict(answer)


def _message(error: Any) -> str:
    text = str(getattr(error, "message", "") or error)
    try:
        return str(json.loads(text)["message"])
    except (ValueError, KeyError, TypeError):
        return text
