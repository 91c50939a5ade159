"""The indexes of the Algolia-compatible server, changed by tasks that are published later."""

import json
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from reconcile.sandbox.faults.algolia_calls import RefusedRequest

StoredRecord = dict[str, Any]
"""A search record as it is sent and returned."""

UNPOLLED_SECONDS = 0.02
"""After this many seconds a task that nobody asks about is published where there is no delay."""


def _now() -> str:
    return datetime.now(UTC).isoformat()


@dataclass(frozen=True, slots=True)
class IndexChange:
    """One change of an index; `action` is one of a batch's, or "settings"."""

    action: str
    object_id: str
    body: StoredRecord


_DEFAULTS: dict[str, Any] = {
    "minWordSizefor1Typo": 4,
    "minWordSizefor2Typos": 8,
    "hitsPerPage": 20,
    "version": 2,
}
"""Some of the settings that each index has from its beginning.

https://www.algolia.com/doc/rest-api/search/get-settings
"""


@dataclass(slots=True)
class SearchIndex:
    """Records by objectID; a record is replaced, never changed in place."""

    records: dict[str, StoredRecord] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=lambda: dict(_DEFAULTS))
    created: str = field(default_factory=_now)
    updated: str = field(default_factory=_now)

    def apply(self, change: IndexChange) -> None:
        """Makes one change."""
        object_id, body = change.object_id, change.body
        self.updated = _now()
        match change.action:
            case "settings":
                self.settings = self.settings | body
            case "clear":
                self.records.clear()
            case "deleteObject":
                self.records.pop(object_id, None)
            case "partialUpdateObjectNoCreate" if object_id not in self.records:
                pass
            case "partialUpdateObject" | "partialUpdateObjectNoCreate":
                self.records[object_id] = self.records.get(object_id, {}) | body
            case _:
                self.records[object_id] = body


@dataclass(frozen=True, slots=True)
class IndexTask:
    """Changes that become visible together at `due`, in seconds of the monotonic clock."""

    number: int
    index: str
    due: float
    changes: Sequence[IndexChange]


class Indexes:
    """The indexes, and the queue of tasks that change them, in order, each once it is due."""

    def __init__(self, delay: float) -> None:
        self.indexes: dict[str, SearchIndex] = {}
        self._queue: deque[IndexTask] = deque()
        self._delay = delay
        self._index_of: dict[int, str] = {}

    def index(self, name: str) -> SearchIndex:
        """The index of that name; Refused (404) if no published task has made it."""
        if name not in self.indexes:
            raise RefusedRequest(404, f"Index {name} does not exist")
        return self.indexes[name]

    def enqueue(self, index: str, changes: Sequence[IndexChange]) -> int:
        """Takes a write in and returns its task's number."""
        number, due = len(self._index_of) + 1, time.monotonic() + (self._delay or UNPOLLED_SECONDS)
        self._queue.append(IndexTask(number, index, due, changes))
        self._index_of[number] = index
        return number

    def publish(self, up_to: int = 0) -> None:
        """Publishes each task that is due, and each whose number is at most `up_to`."""
        while self._queue and (self._queue[0].number <= up_to or self._queue[0].due <= time.monotonic()):
            task = self._queue.popleft()
            for change in task.changes:
                if change.action == "delete":
                    self.indexes.pop(task.index, None)
                else:
                    self.indexes.setdefault(task.index, SearchIndex()).apply(change)

    def published(self, index: str, number: int) -> bool:
        """Whether the task is published, which asking brings about where there is no delay."""
        if self._index_of.get(number) != index:
            raise RefusedRequest(404, f"Task {number} does not exist in index {index}")
        self.publish(up_to=0 if self._delay else number)
        return not self._queue or number < self._queue[0].number

    def listed(self, name: str) -> dict[str, Any]:
        """The index as the list of indexes shows it."""
        search_index = self.indexes[name]
        size = sum(map(_size, search_index.records.values()))
        pending = sum(task.index == name for task in self._queue)
        sizes = {"entries": len(search_index.records), "dataSize": size, "fileSize": size}
        times = {"createdAt": search_index.created, "updatedAt": search_index.updated, "lastBuildTimeS": 0}
        tasks = {"numberOfPendingTasks": pending, "pendingTask": pending > 0}
        return {"name": name} | sizes | times | tasks


def _size(record: StoredRecord) -> int:
    return len(json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass"))
