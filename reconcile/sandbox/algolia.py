"""An Algolia-compatible search server on loopback for the demo and the tests, with asynchronous indexing."""

import base64
import json
import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from reconcile.sandbox.algolia_indexes import IndexChange, Indexes, SearchIndex, StoredRecord, _now, _size
from reconcile.sandbox.faults import algolia_calls as calls
from reconcile.sandbox.faults.algolia import Fault, FaultyServer
from reconcile.sandbox.faults.algolia_calls import AlgoliaKey, Call, RefusedRequest
from reconcile.sandbox.world.copies import copied

__all__ = ["AlgoliaKey", "AlgoliaServer", "Fault"]


ROUTES = {
    "objects": r"POST /1/indexes/\*/objects",
    "browse": r"(GET|POST) /1/indexes/[^/*]+/browse",
    "batch": r"POST /1/indexes/[^/*]+/batch",
    "task": r"GET /1/indexes/[^/*]+/task/\d+",
    "settings": r"(GET|PUT) /1/indexes/[^/*]+/settings",
    "object": r"GET /1/indexes/[^/*]+/[^/]+",
    "indexes": r"GET /1/indexes",
    "key": r"GET /1/keys/[^/]+",
}
WRITES = ("addObject", "updateObject", "partialUpdateObject", "partialUpdateObjectNoCreate")
# The right that these actions ask for, beside addObject, which every batch asks for.
REMOVALS = {"deleteObject": "deleteObject", "delete": "deleteIndex", "clear": "deleteIndex"}


class AlgoliaServer(FaultyServer):
    """A search server with one application, in memory; thread-safe.

    A write is answered at once and shows once its task is published: `delay` seconds later, or without
    a delay when its task is first asked for, at the latest 20 ms later.
    Paths, rights and shapes are those of the docstrings of algoliasearch 4.48; where these are silent,
    the stricter reading holds. `filters` and `_operation` mean nothing here; the refusals are worded freely.
    """

    endpoints = (*ROUTES, "unknown")

    def __init__(
        self, app_id: str, keys: Mapping[str, AlgoliaKey], delay: float = 0.0, max_record_bytes: int = 100_000
    ) -> None:
        super().__init__(app_id, keys)
        self._max_record_bytes = max_record_bytes
        self._store = Indexes(delay)

    def put(self, index: str, records: Iterable[Mapping[str, Any]]) -> None:
        """Adds or replaces records, each with its objectID, visible at once and without a request."""
        with self._lock:
            self._store.publish()
            search_index = self._store.indexes.setdefault(index, SearchIndex())
            for record in records:
                search_index.apply(IndexChange("updateObject", record["objectID"], copied(dict(record))))

    def set_up(self, index: str, settings: Mapping[str, Any]) -> None:
        """Sets settings of an index, at once and without a request."""
        with self._lock:
            self._store.publish()
            search_index = self._store.indexes.setdefault(index, SearchIndex())
            search_index.apply(IndexChange("settings", "", copied(dict(settings))))

    def remove(self, index: str, object_id: str) -> None:
        """Removes one record, visible at once and without a request; KeyError if it is not there."""
        with self._lock:
            self._store.publish()
            del self._store.indexes[index].records[object_id]

    def records(self, index: str) -> dict[str, StoredRecord]:
        """A copy of what a browse would find now, by objectID; empty for an unknown index."""
        with self._lock:
            self._store.publish()
            search_index = self._store.indexes.get(index)
            return copied(search_index.records) if search_index else {}

    def endpoint(self, call: Call) -> str:
        """The name of the endpoint that the request is for."""
        line = f"{call.method} {call.target}"
        return next((name for name, pattern in ROUTES.items() if re.fullmatch(pattern, line)), "unknown")

    def answer(self, endpoint: str, call: Call) -> dict[str, Any]:
        """Carries one request out, on what is published by now."""
        with self._lock:
            key = self.key_of(call)
            if endpoint == "unknown":
                raise RefusedRequest(404, f"{call.method} {call.target} does not exist")
            self._store.publish()
            handler: Callable[[Call, AlgoliaKey], dict[str, Any]] = getattr(self, f"_{endpoint}")
            return handler(call, key)

    def _browse(self, call: Call, key: AlgoliaKey) -> dict[str, Any]:
        name = call.path[2]
        key.allow("browse", name)
        search_index = self._store.index(name)
        asked = dict(call.query) | call.document()
        start: dict[str, Any] = {"index": name, "after": "", "hitsPerPage": calls.PAGE}
        place = start if asked.get("cursor") is None else _opened(asked["cursor"], name)
        size = calls.page_size(asked.get("hitsPerPage", place["hitsPerPage"]))
        wanted = calls.attributes(asked.get("attributesToRetrieve", place.get("attributesToRetrieve")))
        named = search_index.settings.get("attributesToRetrieve") if wanted is None else wanted
        left = sorted(object_id for object_id in search_index.records if object_id > place["after"])
        hidden = calls.hidden(search_index.settings, key)
        hits = [calls.shown(search_index.records[object_id], named, hidden) for object_id in left[:size]]
        answer = {"hits": hits, "nbHits": len(search_index.records), "hitsPerPage": size}
        if len(left) > size:
            place |= {"after": left[size - 1], "hitsPerPage": size, "attributesToRetrieve": wanted}
            answer["cursor"] = base64.urlsafe_b64encode(json.dumps(place).encode()).decode()
        return answer

    def _objects(self, call: Call, key: AlgoliaKey) -> dict[str, Any]:
        results = []
        for request in call.requests():
            name, object_id = request.get("indexName"), request.get("objectID")
            if not isinstance(name, str) or not isinstance(object_id, str):
                raise RefusedRequest(400, "indexName and objectID are expected in each request")
            wanted = calls.attributes(request.get("attributesToRetrieve"))
            results.append(self._found(key, name, object_id, wanted))
        return {"results": results}

    def _object(self, call: Call, key: AlgoliaKey) -> dict[str, Any]:
        wanted = calls.attributes(call.query.get("attributesToRetrieve"))
        if (record := self._found(key, call.path[2], call.path[3], wanted)) is None:
            raise RefusedRequest(404, "ObjectID does not exist")
        return record

    def _found(
        self, key: AlgoliaKey, index: str, object_id: str, wanted: list[str] | None
    ) -> StoredRecord | None:
        key.allow("search", index)
        search_index = self._store.index(index)
        record = search_index.records.get(object_id)
        return (
            None if record is None else calls.shown(record, wanted, calls.hidden(search_index.settings, key))
        )

    def _batch(self, call: Call, key: AlgoliaKey) -> dict[str, Any]:
        name = call.path[2]
        key.allow("addObject", name)
        changes = [self._change(position, request) for position, request in enumerate(call.requests())]
        for change in changes:
            key.allow(REMOVALS.get(change.action, "addObject"), name)
        number = self._store.enqueue(name, changes)
        return {"taskID": number, "objectIDs": [change.object_id for change in changes if change.object_id]}

    def _change(self, position: int, request: dict[str, Any]) -> IndexChange:
        action, body = request.get("action"), request.get("body")
        if action not in (*WRITES, *REMOVALS):
            raise RefusedRequest(400, f"Unknown action {action} at the position {position}")
        if action in ("delete", "clear"):
            return IndexChange(action, "", {})
        if not isinstance(body, dict):
            raise RefusedRequest(400, f"An object is expected in body at the position {position}")
        object_id = body.get("objectID", uuid.uuid4().hex if action == "addObject" else None)
        if not isinstance(object_id, str) or not object_id:
            raise RefusedRequest(400, f"A text is expected in objectID at the position {position}")
        record = body | {"objectID": object_id}
        size = _size(record)
        if size > self._max_record_bytes:
            place = f"position {position} objectID={object_id}"
            sizes = f"size={size}/{self._max_record_bytes} bytes. Nothing of this batch was taken in."
            raise RefusedRequest(
                400, f"Record at the {place} is too big {sizes}", position=position, objectID=object_id
            )
        return IndexChange(action, object_id, record)

    def _task(self, call: Call, key: AlgoliaKey) -> dict[str, Any]:
        name, number = call.path[2], int(call.path[4])
        key.allow("addObject", name)
        published = self._store.published(name, number)
        return {"status": "published" if published else "notPublished", "pendingTask": not published}

    def _settings(self, call: Call, key: AlgoliaKey) -> dict[str, Any]:
        name = call.path[2]
        if call.method == "GET":
            key.allow("settings", name)
            return self._store.index(name).settings
        key.allow("editSettings", name)
        number = self._store.enqueue(name, [IndexChange("settings", "", call.document())])
        return {"taskID": number, "updatedAt": _now()}

    def _indexes(self, call: Call, key: AlgoliaKey) -> dict[str, Any]:
        key.allow("listIndexes")
        names = sorted(name for name in self._store.indexes if key.indexes is None or name in key.indexes)
        return {"items": [self._store.listed(name) for name in names]}

    def _key(self, call: Call, key: AlgoliaKey) -> dict[str, Any]:
        value = call.path[2]
        key.allow("search")
        if self.keys.get(value) is not key:
            raise RefusedRequest(403, "Not enough rights: a key may read itself alone")
        answer = {"value": value, "acl": sorted(key.acl), "createdAt": 0, "validity": 0}
        return answer if key.indexes is None else answer | {"indexes": sorted(key.indexes)}


def _opened(cursor: object, index: str) -> dict[str, Any]:
    try:
        place = json.loads(base64.urlsafe_b64decode(str(cursor)))
    except ValueError:
        place = None
    if not isinstance(place, dict) or place.get("index") != index:
        raise RefusedRequest(400, "Invalid cursor")
    return place
