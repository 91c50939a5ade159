"""A request to the search service as its look-alike reads it, and what the request's key may see."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

PAGE = 1000  # records of a browse at most


class RefusedRequest(Exception):
    """An answer in Algolia's error shape: `message`, `status` and whatever `more` names."""

    def __init__(self, status: int, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"message": message, "status": status, **more}


@dataclass(frozen=True, slots=True)
class AlgoliaKey:
    """An API key: what it may do (`acl`), and on which indexes (None: on all)."""

    acl: frozenset[str]
    indexes: frozenset[str] | None = None

    def allow(self, right: str, index: str | None = None) -> None:
        """Raises Refused (403), naming the right or the index that the key lacks."""
        if right not in self.acl:
            raise RefusedRequest(403, f"Not enough rights: this key lacks {right}")
        if index is not None and self.indexes is not None and index not in self.indexes:
            raise RefusedRequest(403, f"Not enough rights: this key is not for index {index}")


@dataclass(frozen=True, slots=True)
class Call:
    """One request: `target` is its path as sent; in `path` each segment is percent-decoded."""

    method: str
    target: str
    path: tuple[str, ...]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def document(self) -> dict[str, Any]:
        """The body's JSON object, empty without a body; Refused (400) for anything else, NaN included."""
        try:
            parsed = json.loads(self.body or b"{}", parse_constant=_not_json)
        except ValueError as error:
            raise RefusedRequest(400, f"Invalid JSON: {error}") from error
        if not isinstance(parsed, dict):
            raise RefusedRequest(400, "Invalid JSON: an object is expected")
        return parsed

    def requests(self) -> list[dict[str, Any]]:
        """The JSON objects listed under `requests`; Refused (400) for any other shape."""
        listed = self.document().get("requests")
        if not isinstance(listed, list) or not all(isinstance(request, dict) for request in listed):
            raise RefusedRequest(400, "A list of objects is expected in requests")
        return listed


def _not_json(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def attributes(asked: Any) -> list[str] | None:
    """The names in an attributesToRetrieve, a list or (in a query) a text with commas; None for None."""
    if isinstance(asked, str):
        return asked.split(",")
    if asked is None or (isinstance(asked, list) and all(isinstance(name, str) for name in asked)):
        return asked
    raise RefusedRequest(400, "A list of texts is expected in attributesToRetrieve")


def hidden(settings: Mapping[str, Any], key: AlgoliaKey) -> frozenset[str]:
    """The attributes that an index keeps from a key."""
    if "seeUnretrievableAttributes" in key.acl:
        return frozenset()
    return frozenset(settings.get("unretrievableAttributes") or ())


def shown(
    record: dict[str, Any], names: list[str] | None, always: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """The record with its objectID and the named attributes, all for None or "*", but those that are kept."""
    shows_all = names is None or "*" in names
    return {
        name: value
        for name, value in record.items()
        if name == "objectID" or ((shows_all or name in (names or ())) and name not in always)
    }


def page_size(asked: Any) -> int:
    """A hitsPerPage as a number, 1 to PAGE; Refused (400) for anything else."""
    if type(asked) in (int, str) and str(asked).isdecimal() and 1 <= int(asked) <= PAGE:
        return int(asked)
    raise RefusedRequest(400, f"hitsPerPage must be from 1 to {PAGE}")
