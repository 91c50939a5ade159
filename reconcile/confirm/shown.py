"""The rows of a catalog beside those that the table shows when they are read again."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import chain
from typing import TypeVar

from reconcile.model.catalog import Catalog, RowKey, session_key, show_key
from reconcile.model.search_record import Image

K = TypeVar("K")
V = TypeVar("V")


def not_shown(catalog: Catalog, partitions: Mapping[str, list[Image]]) -> list[RowKey]:
    """Return, in order, the programs, copies and recordings' rows that their partitions do not show."""
    shown = {RowKey(image["pk"]["S"], image["sk"]["S"]) for part in partitions.values() for image in part}
    known = chain(catalog.programs, catalog.copies, catalog.rows)
    return sorted(key for key in known if key.pk in partitions and key not in shown)


def without_rows(catalog: Catalog, partitions: set[str], keys: set[RowKey]) -> Catalog:
    """Return a catalog without the rows of some partitions, and without some by key."""

    def is_gone(key: RowKey) -> bool:
        return key in keys or key.pk in partitions

    return replace(
        catalog,
        programs=_without(catalog.programs, is_gone),
        copies=_without(catalog.copies, is_gone),
        rows=_without(catalog.rows, is_gone),
        sessions=_without(catalog.sessions, lambda name: session_key(name) in keys),
        shows=_without(catalog.shows, lambda name: is_gone(show_key(name))),
        groups=_without(catalog.groups, lambda identity: identity.row in keys),
    )


def _without(shelf: dict[K, V], is_gone: Callable[[K], bool]) -> dict[K, V]:
    """Return a shelf without the rows that are gone: the same one where none is, for it may be large."""
    gone = set(filter(is_gone, shelf))
    return {key: row for key, row in shelf.items() if key not in gone} if gone else shelf


def with_rows(catalog: Catalog, fresh: Catalog) -> Catalog:
    """Return a catalog with the rows of another in place of its own."""
    return replace(
        catalog,
        sessions=_with(catalog.sessions, fresh.sessions),
        shows=_with(catalog.shows, fresh.shows),
        groups=_with(catalog.groups, fresh.groups),
        programs=_with(catalog.programs, fresh.programs),
        copies=_with(catalog.copies, fresh.copies),
        rows=_with(catalog.rows, fresh.rows),
        networks=catalog.networks | fresh.networks,
        lent_channels=catalog.lent_channels | fresh.lent_channels,
    )


def _with(shelf: dict[K, V], fresh: dict[K, V]) -> dict[K, V]:
    return shelf | fresh if fresh else shelf
