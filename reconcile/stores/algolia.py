"""Read the search index: browse it with a cursor, or get records by objectID.

The official client's browse helper recurses once a page, so it is not used.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from reconcile.model.configuration import IndexSettings
from reconcile.model.errors import SourceError
from reconcile.model.parallel import at_once
from reconcile.model.run import Receipt
from reconcile.model.search_record import NOTHING, READ_FIELDS, Record, hidden_fields, parse_record
from reconcile.stores.algolia_requests import READ_SECONDS, TRIES, AlgoliaAnswer, SearchService
from reconcile.stores.aws import Meter
from reconcile.stores.ports import ignore
from reconcile.stores.responses import Course, demand
from reconcile.stores.timeouts import endless

if TYPE_CHECKING:
    from algoliasearch.http.api_response import ApiResponse
    from algoliasearch.search.client import SearchClientSync

ACL_READ = ("browse", "search")
ACL_SETTINGS = "settings"
"""A reading key may have it: without, the index's settings are not looked at."""

_PAGE, _BATCHES, _WALKS, _SETTINGS_TRIES = 1000, 4, 2, 2
_BLIND = (
    "it hides program_url from the key, so no record shows a deleted program; "
    "give the key the right seeUnretrievableAttributes"
)
# Some of those that each index has: https://www.algolia.com/doc/rest-api/search/get-settings
_SETTINGS = {
    "attributesForFaceting",
    "attributesToRetrieve",
    "customRanking",
    "hitsPerPage",
    "paginationLimitedTo",
    "ranking",
    "replicas",
    "searchableAttributes",
    "unretrievableAttributes",
    "version",
}


class AlgoliaRecords:
    """Reads one index; `host` is a base URL that stands in for the service's own hosts.

    `api_key` may be a function that fetches it when it is first needed, and raises SourceError; `left` tells
    how many seconds there still are for requests.
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
        left: Callable[[], float] = endless,
        tries: int = TRIES,
        read_seconds: float = READ_SECONDS,
    ) -> None:
        reveal = api_key if callable(api_key) else lambda: api_key
        self._service = SearchService(app_id, reveal, meter, host, sleep, left, tries, read_seconds)
        self._app_id, self._index, self._meter, self._page_size = app_id, index, meter, page_size
        self._sleep, self._left = sleep, left
        self._hidden: frozenset[str] | None = None
        self._seen = False

    def close(self) -> None:
        """Close the connection; the next request opens a new one."""
        self._service.close()

    def browse(self, tell: Callable[[frozenset[str]], None] = ignore) -> tuple[list[Record], Receipt]:
        """Read every record; the receipt says what failed. An incomplete browse is repeated once."""
        begun, requests = time.monotonic(), self._meter.total("algolia:browse")
        read = self._meter.total("algolia:bytes")
        records, why = self._everything(tell)
        hidden = sorted(self._hidden or ())
        return list(records.values()), Receipt(
            source=f"algolia:{self._index}",
            whole=not why,
            why=why,
            items=len(records),
            requests=int(self._meter.total("algolia:browse") - requests),
            bytes=int(self._meter.total("algolia:bytes") - read),
            seconds=round(time.monotonic() - begun, 3),
            doubt=_BLIND if "program_url" in hidden and not why else "",
            detail={"not_compared": hidden} if hidden else {},
        )

    def hidden(self) -> frozenset[str]:
        """Return the fields that the index hides from this key; none if the key may not read the settings.

        The settings say what is hidden from most keys. What the first page of records shows is not.
        """
        if self._hidden is None:
            try:
                self._hidden = hidden_fields(self.settings().values)
            except SourceError:
                self._hidden = NOTHING
        return self._hidden

    def _everything(self, tell: Callable[[frozenset[str]], None]) -> tuple[dict[str, Record], str]:
        """Return all records that were read, and why they are incomplete ("" if they are complete)."""
        walks = list[dict[str, Record]]()
        try:
            for _ in range(_WALKS):
                walks.append({})
                least = self._walk(walks[-1], tell)
                if len(walks[-1]) >= least:
                    return walks[-1], ""
            why = f"it ended too early {_WALKS} times, last after {len(walks[-1]):,} of {least:,} records"
            why = f"browsing the index {self._index}: {why}"
        except SourceError as error:
            why = str(error)
        return walks[0] | walks[-1], why

    def _walk(self, collected: dict[str, Record], tell: Callable[[frozenset[str]], None]) -> int:
        """Browse to the page without a cursor; return how many records there are at least.

        That is the smaller of the numbers on the first and the last page: concurrent writes
        change one of them. Raises SourceError.
        """
        course = Course(f"browsing the index {self._index}")
        first, cursor = None, None
        while True:
            hits, number, after = self._page(cursor)
            if cursor is None:
                self._see(hits, tell)
            records = {str(hit["objectID"]): parse_record(hit, self.hidden()) for hit in hits}
            cursor = after
            brought = not collected.keys() >= records.keys()
            collected.update(records)
            first = number if first is None else first
            if not cursor:
                return min(first, number)
            course.turn(cursor, brought=brought)

    def _see(self, hits: Sequence[AlgoliaAnswer], tell: Callable[[frozenset[str]], None]) -> None:
        """Determine the hidden fields, once: those in the settings that the first page does not contain."""
        if hits and not self._seen:
            self._seen = True
            self._hidden = self.hidden() - {name for hit in hits for name in hit}
        if self._seen:
            tell(self.hidden())

    def _page(self, cursor: str | None) -> tuple[list[AlgoliaAnswer], int, str | None]:
        """Return the records of a page, how many the index holds, and where to go on; raises SourceError.

        Nobody relies on the number of a page in between, and it is 0 where such a page does not tell it.
        """
        params: dict[str, Any] = {"hitsPerPage": self._page_size, "attributesToRetrieve": list(READ_FIELDS)}
        if cursor:
            params["cursor"] = cursor

        def _read(answer: AlgoliaAnswer) -> tuple[list[AlgoliaAnswer], int, str | None]:
            hits, after = answer["hits"], answer.get("cursor")
            demand(after is None or isinstance(after, str), "a cursor that is a text")
            shaped = (isinstance(hit, dict) and isinstance(hit["objectID"], str | int) for hit in hits)
            demand(isinstance(hits, list) and all(shaped), "objectIDs")
            number = answer.get("nbHits")
            if type(number) is not int or number < 0:
                demand(cursor and after, "nbHits, the number of records")
                number = 0
            return hits, number, after

        return self._service.ask(
            "browse",
            f"browsing the index {self._index}",
            lambda client: client.browse_with_http_info(self._index, params),
            _read,
        )

    def records(self, object_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Read records by objectID; absent ones are absent. Raises SourceError."""
        return self._found(object_ids, {"attributesToRetrieve": list(READ_FIELDS)})

    def whole_records(self, object_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Read records by objectID with every field that the index does not hide; raises SourceError."""
        return self._found(object_ids, {})

    def _found(self, object_ids: Sequence[str], fields: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        batches = (object_ids[start : start + _PAGE] for start in range(0, len(object_ids), _PAGE))
        by_id: dict[str, dict[str, Any]] = {}
        for records in at_once(partial(self._some, fields), batches, _BATCHES):
            by_id |= records
        return by_id

    def _some(self, fields: Mapping[str, Any], wanted: Sequence[str]) -> dict[str, dict[str, Any]]:
        requests = [{"indexName": self._index, "objectID": name, **fields} for name in wanted]
        body = {"requests": requests}

        def _read(answer: AlgoliaAnswer) -> dict[str, dict[str, Any]]:
            results = answer["results"]
            demand(isinstance(results, list) and len(results) == len(wanted), "a result for each record")
            records = {name: hit for name, hit in zip(wanted, results, strict=True) if hit is not None}
            demand(all(hit["objectID"] == name for name, hit in records.items()), "the records asked for")
            return records

        doing = f"reading records of the index {self._index}"
        return self._service.ask("getObjects", doing, partial(_get_objects, body=body), _read)

    def size(self) -> int:
        """Return the number of records in the index; raises SourceError."""
        return self._page(None)[1]

    @property
    def index(self) -> str:
        """The index's name."""
        return self._index

    def settings(self) -> IndexSettings:
        """Return the index's settings as the service returns them; raises SourceError.

        https://www.algolia.com/doc/rest-api/search/get-settings
        """
        address = f"{self._service.url}/1/indexes/{quote(self._index, safe='')}/settings"
        answer = self._service.ask(
            "settings",
            f"reading the settings of the index {self._index}",
            lambda client: client.get_settings_with_http_info(self._index),
            _settings,
            tries=_SETTINGS_TRIES,
        )
        return IndexSettings(answer, self._app_id, address)

    def rights(self) -> AlgoliaAnswer:
        """Return the permissions (ACL) and limits of the key; raises SourceError.

        https://www.algolia.com/doc/rest-api/search/get-api-key
        """
        return self._service.ask(
            "key",
            "reading the key's rights",
            lambda client: client.get_api_key_with_http_info(self._service.reveal()),
            _rights,
        )


def _get_objects(client: "SearchClientSync", body: Any) -> "ApiResponse[str]":
    return client.get_objects_with_http_info(body)


def _settings(answer: AlgoliaAnswer) -> AlgoliaAnswer:
    demand(_SETTINGS & answer.keys(), "any setting that each index has")
    return answer


def _rights(answer: AlgoliaAnswer) -> AlgoliaAnswer:
    demand(isinstance(answer["acl"], list), "the key's rights")
    return answer
