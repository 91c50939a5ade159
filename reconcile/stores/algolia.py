"""The search index through the official client: an own cursor loop, reads by id, writes that are waited for.

The client's traps that are dealt with here: its browse helper recurses once a page, it sets a failing host
aside for five minutes, and it lets connection errors through raw.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from reconcile.model.configuration import IndexSettings
from reconcile.model.errors import Denied, Refused, SourceError
from reconcile.model.record import READ_FIELDS, Record, parse_record
from reconcile.model.run import Receipt
from reconcile.stores.aws import Meter

if TYPE_CHECKING:
    from algoliasearch.http.api_response import ApiResponse
    from algoliasearch.search.client import SearchClientSync

ACL_READ = ("browse", "search")
ACL_SETTINGS = "settings"
"""A reading key may have it: without, the index's settings are not looked at."""
ACL_WRITE = ("addObject", "deleteObject")

_PAGE = 1000
TRIES = 5
_READ_TIMEOUT_MS = 30_000
_TASK_SECONDS = 120.0


class AlgoliaRecords:
    """Reads and writes one index; `host` is a base URL that stands in for the service's own hosts.

    `api_key` may be a function that fetches it when it is first needed, and raises SourceError; `allow` is
    asked before each request, and raises SourceError when none may be made any more.
    """

    def __init__(
        self,
        app_id: str,
        api_key: str | Callable[[], str],
        index: str,
        meter: Meter,
        host: str = "",
        sleep: Callable[[float], None] = time.sleep,
        page_size: int = _PAGE,
        allow: Callable[[], None] = lambda: None,
        tries: int = TRIES,
    ) -> None:
        self._app_id, self._key = app_id, api_key if callable(api_key) else lambda: api_key
        self._index, self._host, self._allow = index, host, allow
        self._meter, self._sleep, self._page_size, self._tries = meter, sleep, page_size, tries
        self._client: SearchClientSync | None = None

    def browse(self) -> tuple[list[Record], Receipt]:
        """Read every record; the receipt tells what failed. Only a page without a cursor is the last."""
        begun, requests = time.monotonic(), self._meter.total("algolia:browse")
        read = self._meter.total("algolia:bytes")
        found: dict[str, Record] = {}
        cursor, why = None, ""
        seen: set[str] = set()
        try:
            while True:
                page = self._page(cursor)
                found.update((str(hit["objectID"]), parse_record(hit)) for hit in page["hits"])
                cursor = page.get("cursor")
                if not cursor:
                    break
                if cursor in seen:
                    raise SourceError(f"browsing the index {self._index}: the cursor came back a second time")
                seen.add(cursor)
        except SourceError as error:
            why = str(error)
        except (KeyError, TypeError, AttributeError) as error:
            why = f"browsing the index {self._index}: a page of an unknown shape ({error!r})"
        return list(found.values()), Receipt(
            source=f"algolia:{self._index}",
            whole=not why,
            why=why,
            items=len(found),
            requests=int(self._meter.total("algolia:browse") - requests),
            bytes=int(self._meter.total("algolia:bytes") - read),
            seconds=round(time.monotonic() - begun, 3),
        )

    def _page(self, cursor: str | None) -> dict[str, Any]:
        params: dict[str, Any] = {"hitsPerPage": self._page_size, "attributesToRetrieve": list(READ_FIELDS)}
        if cursor:
            params["cursor"] = cursor
        return self._asked(
            "browse",
            f"browsing the index {self._index}",
            lambda client: client.browse_with_http_info(self._index, params),
        )

    def records(self, object_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Read records by objectID; absent ones are absent. Raises SourceError."""
        found: dict[str, dict[str, Any]] = {}
        for start in range(0, len(object_ids), _PAGE):
            wanted = object_ids[start : start + _PAGE]
            body = {
                "requests": [
                    {"indexName": self._index, "objectID": name, "attributesToRetrieve": list(READ_FIELDS)}
                    for name in wanted
                ]
            }
            answer = self._asked(
                "getObjects",
                f"reading records of the index {self._index}",
                partial(_get_objects, body=body),
            )
            results = answer.get("results")
            if not isinstance(results, list) or len(results) != len(wanted):
                raise SourceError(f"reading records of the index {self._index}: an answer of unknown shape")
            found.update((name, hit) for name, hit in zip(wanted, results, strict=True) if hit)
        return found

    def size(self) -> int | None:
        """Return how many records the index holds (None: it does not say); raises SourceError."""
        number = self._page(None).get("nbHits")
        return number if isinstance(number, int) else None

    @property
    def index(self) -> str:
        """The index's name."""
        return self._index

    def settings(self) -> IndexSettings:
        """Return the index's settings as the service tells them; raises SourceError.

        https://www.algolia.com/doc/rest-api/search/get-settings
        """
        host = self._host or f"https://{self._app_id}.algolia.net"
        address = f"{host}/1/indexes/{quote(self._index, safe='')}/settings"
        told = self._asked(
            "settings",
            f"reading the settings of the index {self._index}",
            lambda client: client.get_settings_with_http_info(self._index),
        )
        return IndexSettings(told, self._app_id, address)

    def rights(self) -> dict[str, Any]:
        """Return what the key may do, as the service tells whoever holds it; raises SourceError.

        https://www.algolia.com/doc/rest-api/search/get-api-key
        """
        return self._asked(
            "key", "reading the key's rights", lambda client: client.get_api_key_with_http_info(self._key())
        )

    def write(self, records: Sequence[Mapping[str, Any]]) -> None:
        """Write some records, 1,000 at most, and wait until they can be read; raises SourceError."""
        requests = [{"action": "addObject", "body": dict(record)} for record in records]
        named = f"the record {records[0]['objectID']}" if len(records) == 1 else f"{len(records):,} records"
        self._batch(requests, f"writing {named}")

    def remove(self, object_id: str) -> None:
        """Take back a record that was written a moment ago for a row that has gone; raises SourceError."""
        request = {"action": "deleteObject", "body": {"objectID": object_id}}
        self._batch([request], f"taking back the record {object_id}")

    def _batch(self, requests: list[dict[str, Any]], doing: str) -> None:
        body = {"requests": requests}
        answer = self._asked("batch", doing, lambda client: client.batch_with_http_info(self._index, body))
        if not isinstance(answer.get("taskID"), int):
            raise SourceError(f"{doing}: an answer of unknown shape, which names no task to wait for")
        self._wait(answer["taskID"], doing)

    def _wait(self, task: int, doing: str) -> None:
        waited, pause = 0.0, 0.05
        while waited < _TASK_SECONDS:
            answer = self._asked(
                "task",
                doing,
                lambda client: client.get_task_with_http_info(self._index, task),
            )
            if answer.get("status") == "published":
                return
            self._sleep(pause)
            waited, pause = waited + pause, min(pause * 1.5, 5.0)
        raise SourceError(f"{doing}: the index took longer than {_TASK_SECONDS:.0f} seconds to publish it")

    def _asked(
        self, kind: str, doing: str, request: Callable[["SearchClientSync"], "ApiResponse[str]"]
    ) -> dict[str, Any]:
        from algoliasearch.http.exceptions import AlgoliaException, RequestException
        from requests.exceptions import RequestException as ConnectionFault

        fault = "no answer"
        for attempt in range(1, self._tries + 1):
            self._allow()
            self._meter.add(f"algolia:{kind}")
            try:
                text = request(self._connected()).raw_data
                self._meter.add("algolia:bytes", len(text or ""))
                return _object(text)
            except RequestException as error:
                fault = f"{error.status_code}: {_message(error)}"
                if error.status_code in (401, 403):
                    raise Denied(self._masked(f"{doing}: {fault}")) from None
                if error.status_code in (400, 413, 422):
                    raise Refused(self._masked(f"{doing}: {fault}")) from None
                if error.status_code < 500 and error.status_code != 429:
                    raise SourceError(self._masked(f"{doing}: {fault}")) from None
            except (AlgoliaException, ConnectionFault) as error:
                fault = str(error) or type(error).__name__
            except (ValueError, TypeError, LookupError) as error:
                # The client itself trips over a refusal that is not of the service's shape.
                fault = f"an answer of unknown shape ({error!r})"
            # A client that met a failing host sets it aside for minutes: begin with a new one.
            self.close()
            if attempt < self._tries:
                self._sleep(0.2 * 2**attempt)
        raise SourceError(self._masked(f"{doing}, {self._tries} times: {fault}"))

    def _masked(self, text: str) -> str:
        """Take the key out of a text that the client made: some of its errors quote the headers sent."""
        key = self._key()
        for written in (key, repr(key)[1:-1], quote(key, safe="")) if key else ():
            text = text.replace(written, "***")
        return text

    def close(self) -> None:
        """Hang up; the next request connects again."""
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def _connected(self) -> "SearchClientSync":
        if self._client is None:
            self._client = _connect(self._app_id, self._key(), self._host)
        return self._client


def _connect(app_id: str, api_key: str, host: str) -> "SearchClientSync":
    from algoliasearch.http.hosts import Host, HostsCollection
    from algoliasearch.search.client import SearchClientSync
    from algoliasearch.search.config import SearchConfig

    config = SearchConfig(app_id, api_key)
    config.read_timeout = _READ_TIMEOUT_MS
    if host:
        parts = urlsplit(host)
        config.hosts = HostsCollection([Host(parts.hostname or "", scheme=parts.scheme, port=parts.port)])
        config.proxies = {}
    return SearchClientSync.create_with_config(config)


def _get_objects(client: "SearchClientSync", body: Any) -> "ApiResponse[str]":
    return client.get_objects_with_http_info(body)


def _object(text: str | None) -> dict[str, Any]:
    answer = json.loads(text or "")
    if not isinstance(answer, dict):
        raise ValueError("the answer is no JSON object")
    return answer


def _message(error: Any) -> str:
    text = str(getattr(error, "message", "") or error)
    try:
        return str(json.loads(text)["message"])
    except (ValueError, KeyError, TypeError):
        return text
