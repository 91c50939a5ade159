"""Check the search index and the rights of its key: enough for the mode, and no more."""

import re
import time
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import closing
from fnmatch import fnmatchcase
from urllib.parse import parse_qsl

from reconcile.doctor.aws_errors import is_denied
from reconcile.doctor.clients import ImpatientWiring
from reconcile.doctor.result import Line, failed, not_looked_at, ok, warning
from reconcile.model.documents import JsonObject
from reconcile.model.errors import SourceError
from reconcile.report.formatting import plural
from reconcile.settings.settings import Settings
from reconcile.stores.algolia import ACL_READ, ACL_SETTINGS, AlgoliaRecords
from reconcile.stores.algolia_writing import ACL_WRITE

_KEY = "RECONCILE_ALGOLIA_API_KEY"
_INDEX_STEP = "Set RECONCILE_ALGOLIA_INDEX to an index of the application RECONCILE_ALGOLIA_APP_ID."
_TOLERATED = (ACL_SETTINGS,)
_DANGEROUS = ("deleteIndex", "editSettings")
_LIMITS = ("maxQueriesPerIPPerHour", "maxHitsPerQuery", "queryParameters", "referers")
# Search parameters that hide records from whoever holds the key.
_NARROWING = {
    "aroundLatLng",
    "facetFilters",
    "filters",
    "insideBoundingBox",
    "insidePolygon",
    "numericFilters",
    "query",
    "similarQuery",
    "tagFilters",
}
_SOON_DAYS = 30
_LONGEST = 12.0


def search_lines(wiring: ImpatientWiring) -> Iterator[Line]:
    """Check the key, then send requests to the index that the key should allow."""
    settings = wiring.settings
    needed = (*ACL_READ, *(ACL_WRITE if settings.mode == "repair" else ()))
    with closing(_records(wiring)) as records:
        try:
            key = records.rights()
        except SourceError as error:
            yield from _without_rights(records, settings, needed, error)
            return
        if not isinstance(key.get("acl"), list):
            yield from _without_rights(records, settings, needed, SourceError("an answer of unknown shape"))
            return
        lines = [
            _rights(key, needed, settings.mode),
            _indexes(key, settings.algolia_index),
            _validity(key),
            _limits(key, wiring.revealing("algolia_api_key")()),
        ]
        yield from lines
        if any(line.state == "failed" for line in lines):
            yield not_looked_at(f"browse and search on {settings.algolia_index}", "the search key failed")
        else:
            yield from _reading(records, settings)


def _records(wiring: ImpatientWiring) -> AlgoliaRecords:
    settings = wiring.settings
    return AlgoliaRecords(
        settings.algolia_app_id,
        wiring.revealing("algolia_api_key"),
        settings.algolia_index,
        wiring.meter,
        settings.algolia_host,
        page_size=1,
        tries=2,
        left=_for_a_while(),
    )


def _for_a_while() -> Callable[[], float]:
    end = time.monotonic() + _LONGEST
    return lambda: end - time.monotonic()


def _rights(key: JsonObject, needed: tuple[str, ...], mode: str) -> Line:
    what, acl = "rights of the search key", key["acl"]
    create = f"Create a key with {', '.join(needed)} and set {_KEY} to it."
    lacking = [right for right in needed if right not in acl]
    if lacking:
        return failed(what, f"a {mode} needs {', '.join(lacking)} as well", create)
    more = sorted(str(right) for right in acl if right not in (*needed, *_TOLERATED))
    if set(more) & set(_DANGEROUS):
        return warning(what, f"DANGEROUS: whoever has it can destroy the index: {', '.join(more)}", create)
    if more:
        return warning(what, f"more than a {mode} needs: {', '.join(more)}", create)
    return ok(what, ", ".join(needed))


def _indexes(key: JsonObject, index: str) -> Line:
    """Check that the key is restricted to the index; patterns may begin and end with a star."""
    what, patterns = "indexes of the search key", key.get("indexes")
    step = f"Create a key that is restricted to {index} and set {_KEY} to it."
    if not isinstance(patterns, list) or not patterns:
        return warning(what, "it is good for every index of the application", step)
    named = ", ".join(str(pattern) for pattern in patterns)
    if not any(fnmatchcase(index, str(pattern)) for pattern in patterns):
        step = f"Set {_KEY} to a key for {index}, or RECONCILE_ALGOLIA_INDEX to an index that it is for."
        return failed(what, f"it is for {named}, not for {index}", step)
    if any(pattern != index for pattern in patterns):
        return warning(what, f"it is good for more than {index}: {named}", step)
    return ok(what, named)


def _validity(key: JsonObject) -> Line:
    """Check how long the key is valid, in seconds; absent or 0 means no expiry."""
    what, seconds = "validity of the search key", key.get("validity")
    if not isinstance(seconds, int) or seconds <= 0:
        return ok(what, "it does not expire")
    days = seconds // 86_400
    if days < _SOON_DAYS:
        return warning(
            what, f"it expires within {plural(days + 1, 'day')}", f"Create a new key and set {_KEY} to it."
        )
    return ok(what, f"it expires in {days:,} days")


def _limits(key: JsonObject, own: str) -> Line:
    """Check whether the key sees the whole index; `own` is the key itself, which may carry its own limits."""
    what = "limits of the search key"
    parameters = {*_parameters(str(key.get("queryParameters") or "")), *_secured(own)}
    narrowing = sorted(parameters & _NARROWING)
    if narrowing:
        step = f"Create a key without filters and set {_KEY} to it."
        return failed(what, f"it sees a part of the index: it carries {', '.join(narrowing)}", step)
    limits = [f"{name}={key[name]}" for name in _LIMITS if key.get(name)]
    if limits:
        step = f"Create a key without them and set {_KEY} to it: they could hide records or end a run."
        return warning(what, ", ".join(limits), step)
    return ok(what, "none")


def _parameters(query: str) -> list[str]:
    """Return the names of the search parameters in a query string."""
    return [name for name, _ in parse_qsl(query.lstrip("?"), keep_blank_values=True)]


def _secured(key: str) -> list[str]:
    """Return the names of the parameters that a secured key carries in itself; none of a plain key.

    It is the Base64 of 64 hexadecimal digits and a query string.
    https://www.algolia.com/doc/guides/security/api-keys/in-depth/user-restricted-access-to-data/
    """
    try:
        text = b64decode(key, validate=True).decode("ascii")
    except ValueError:
        return []
    secured = re.fullmatch(r"[0-9a-f]{64}(?P<query>.*)", text, re.DOTALL)
    return _parameters(secured["query"]) if secured else []


def _reading(records: AlgoliaRecords, settings: Settings) -> Iterator[Line]:
    index = settings.algolia_index
    try:
        size = records.size()
    except SourceError as error:
        yield failed(f"browse on {index}", str(error), _step_after(error, "browse", settings))
        return
    if size == 0:
        yield warning(f"browse on {index}", "the index is empty", _INDEX_STEP)
    else:
        yield ok(f"browse on {index}", f"allowed; {plural(size, 'record')}")
    try:
        records.records(["doctor"])
    except SourceError as error:
        yield failed(f"search on {index}", str(error), _step_after(error, "search", settings))
    else:
        yield ok(f"search on {index}", "allowed")


def _step_after(error: SourceError, right: str, settings: Settings) -> str:
    if is_denied(error):
        return f"Set {_KEY} to a key of the application RECONCILE_ALGOLIA_APP_ID that has {right}."
    if ": 404: " in str(error):
        return _INDEX_STEP
    if settings.algolia_host:
        return "See that RECONCILE_ALGOLIA_HOST is up and can be reached from here."
    return "See that Algolia can be reached from here, and that RECONCILE_ALGOLIA_APP_ID is right."


def _without_rights(
    records: AlgoliaRecords, settings: Settings, needed: tuple[str, ...], refusal: SourceError
) -> Iterator[Line]:
    """Try what can be tried when the key's rights cannot be read."""
    lines = list(_reading(records, settings))
    what = "rights of the search key"
    if lines[0].state == "failed":
        yield lines[0]
        yield not_looked_at(what, f"browse on {settings.algolia_index} failed")
        return
    yield warning(what, f"could not be checked: {refusal}", _look_yourself(needed))
    yield from lines


def _look_yourself(needed: tuple[str, ...]) -> str:
    return f"Check in Algolia's dashboard that the key has {', '.join(needed)}, and no more."
