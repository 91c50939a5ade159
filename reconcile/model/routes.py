"""Reads the media routes: the distribution's behaviours, in order, from a mapping or from JSON."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from reconcile.model.media import Route
from reconcile.model.setting_types import bucket_name, key_prefix, path_pattern, tidy

_EXAMPLE = 'write {"ivs/*": "bucket/key-prefix", "*": "another-bucket"}'


def read_routes(value: Any) -> tuple[Route, ...]:
    """Return the routes that a setting names; raises ValueError."""
    if isinstance(value, tuple) and all(isinstance(route, Route) for route in value):
        return value
    if isinstance(value, str):
        value = _parsed(tidy(value))
    if not isinstance(value, Mapping) or not value:
        raise ValueError(f"it names no behaviours: {_EXAMPLE}")
    return tuple(_route(pattern, where) for pattern, where in value.items())


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_once_each)
    except json.JSONDecodeError as error:
        raise ValueError(f"it is no JSON, at character {error.pos + 1}: {_EXAMPLE}") from None
    except RecursionError:
        raise ValueError(f"it is nested too deeply: {_EXAMPLE}") from None


def _once_each(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a name that comes twice: JSON would silently keep the last."""
    routes = dict(pairs)
    if len(routes) < len(pairs):
        raise ValueError("a path pattern stands there twice: only its first behaviour is ever reached")
    return routes


def _route(pattern: str, where: Any) -> Route:
    if isinstance(where, Mapping):
        unknown = set(where) - {"bucket", "prefix", "key_prefix"}
        bucket, prefix = where.get("bucket", ""), where.get("prefix", where.get("key_prefix", ""))
        if unknown or not isinstance(bucket, str) or not isinstance(prefix, str):
            raise ValueError('where a behaviour leads is "bucket/key-prefix", or {"bucket": …, "prefix": …}')
    elif isinstance(where, str):
        bucket, _, prefix = where.removeprefix("s3://").partition("/")
    else:
        raise ValueError('where a behaviour leads is "bucket/key-prefix", or {"bucket": …, "prefix": …}')
    if not bucket:
        raise ValueError(f"a behaviour names no bucket: {_EXAMPLE}")
    return Route(path_pattern(pattern), bucket_name(bucket), key_prefix(prefix))
