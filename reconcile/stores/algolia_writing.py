"""Write to the search index in batches; wait until each batch can be read."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from reconcile.model.errors import OutOfTime
from reconcile.stores.algolia import AlgoliaRecords
from reconcile.stores.algolia_requests import AlgoliaAnswer
from reconcile.stores.responses import demand
from reconcile.stores.write_ports import Indexing

if TYPE_CHECKING:
    from algoliasearch.http.api_response import ApiResponse
    from algoliasearch.search.client import SearchClientSync

ACL_WRITE = ("addObject", "deleteObject")

_TASK_SECONDS = 120.0
_IMPATIENT_SECONDS = 5.0


class AlgoliaWriter(AlgoliaRecords):
    """Writes one index, and reads it over the same connection."""

    _publishing = _TASK_SECONDS
    """How many seconds the next batch is waited for."""

    def write(self, records: Sequence[Mapping[str, Any]]) -> Indexing:
        """Write at most 1,000 records and wait until they can be read; raises SourceError."""
        requests = [{"action": "addObject", "body": dict(record)} for record in records]
        named = f"the record {records[0]['objectID']}" if len(records) == 1 else f"{len(records):,} records"
        return self._batch(requests, f"writing {named}")

    def remove(self, object_ids: Sequence[str]) -> Indexing:
        """Delete at most 1,000 records that the job wrote; raises SourceError."""
        requests = [{"action": "deleteObject", "body": {"objectID": name}} for name in object_ids]
        named = f"the record {object_ids[0]}" if len(object_ids) == 1 else f"{len(object_ids):,} records"
        return self._batch(requests, f"taking back {named}")

    def _batch(self, requests: list[dict[str, Any]], doing: str) -> Indexing:
        body = {"requests": requests}
        task = self._service.ask(
            "batch", doing, lambda client: client.batch_with_http_info(self._index, body), _task_number
        )
        return self._published(task, doing)

    def _published(self, task: int, doing: str) -> Indexing:
        """Wait until an accepted batch can be read; after a timeout it counts as sent, not as written.

        After one timeout, later batches are waited for only briefly.
        """
        waited, pause = 0.0, 0.05
        while waited < self._publishing and pause < self._left():
            try:
                if self._service.ask(
                    "task", doing, partial(_get_task, index=self._index, task=task), _status
                ):
                    return "published"
            except OutOfTime:
                break
            self._sleep(pause)
            waited, pause = waited + pause, min(pause * 1.5, 5.0)
        self._publishing = _IMPATIENT_SECONDS
        return "sent"


def _get_task(client: "SearchClientSync", index: str, task: int) -> "ApiResponse[str]":
    return client.get_task_with_http_info(index, task)


def _task_number(answer: AlgoliaAnswer) -> int:
    demand(type(answer["taskID"]) is int, "a task to wait for")
    return int(answer["taskID"])


def _status(answer: AlgoliaAnswer) -> bool:
    """Return whether a task is published."""
    demand(answer["status"] in ("published", "notPublished"), "a task's status")
    return bool(answer["status"] == "published")
