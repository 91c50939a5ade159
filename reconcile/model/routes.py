"""Reads the media routes: the distribution's behaviours, in order, from a mapping or from JSON."""

from collections.abc import Mapping
from typing import Any

from reconcile.model.media import Route
from reconcile.model.s3_address import bucket_and_key
from reconcile.model.setting_json import read_json
from reconcile.model.setting_types import bucket_name, key_prefix, path_pattern

_EXAMPLE = 'write {"ivs/*": "bucket/key-prefix", "*": "another-bucket"}'


def read_routes(value: Any) -> tuple[Route, ...]:
    """Return the routes that a setting names; raises ValueError."""
    if isinstance(value, tuple) and all(isinstance(route, Route) for route in value):
        return value
    if isinstance(value, str):
        value = read_json(value, _EXAMPLE, _twice)
    if not isinstance(value, Mapping) or not value:
        raise ValueError(f"it names no behaviours: {_EXAMPLE}")
    return tuple(_route(pattern, where) for pattern, where in value.items())


def _twice(_: str) -> str:
    return "a path pattern stands there twice: only its first behaviour is ever reached"


def _route(pattern: str, where: Any) -> Route:
    if isinstance(where, Mapping):
        unknown = set(where) - {"bucket", "prefix", "key_prefix"}
        bucket, prefix = where.get("bucket", ""), where.get("prefix", where.get("key_prefix", ""))
        if unknown or not isinstance(bucket, str) or not isinstance(prefix, str):
            raise ValueError('where a behaviour leads is "bucket/key-prefix", or {"bucket": …, "prefix": …}')
    elif isinstance(where, str):
        bucket, prefix = bucket_and_key(where)
    else:
        raise ValueError('where a behaviour leads is "bucket/key-prefix", or {"bucket": …, "prefix": …}')
    if not bucket:
        raise ValueError(f"a behaviour names no bucket: {_EXAMPLE}")
    return Route(path_pattern(pattern), bucket_name(bucket), key_prefix(prefix))
