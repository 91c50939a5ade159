"""The rows of a catalog beside those that the table shows when they are read again."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from reconcile.model.catalog import Catalog, RowKey, session_key, show_key
from reconcile.model.search_record import Image


def not_shown(catalog: Catalog, partitions: Mapping[str, list[Image]]) -> list[RowKey]:
    """Return, in order, the programs, copies and recordings' rows that their partitions do not show."""
    shown = {RowKey(image["pk"]["S"], image["sk"]["S"]) for part in partitions.values() for image in part}
    known = (*catalog.programs, *catalog.copies, *catalog.rows)
    return sorted(key for key in known if key.pk in partitions and key not in shown)


def without_rows(catalog: Catalog, partitions: set[str], keys: set[RowKey]) -> Catalog:
    """Return a catalog without the rows of some partitions, and without some by key."""

    def kept(shelf: Mapping[RowKey, Any]) -> dict[RowKey, Any]:
        return {key: row for key, row in shelf.items() if key not in keys and key.pk not in partitions}

    return replace(
        catalog,
        programs=kept(catalog.programs),
        copies=kept(catalog.copies),
        rows=kept(catalog.rows),
        sessions={n: row for n, row in catalog.sessions.items() if session_key(n) not in keys},
        shows={
            n: row
            for n, row in catalog.shows.items()
            if show_key(n) not in keys and f"show#{n}" not in partitions
        },
        groups={identity: row for identity, row in catalog.groups.items() if row.key not in keys},
    )


def with_rows(catalog: Catalog, fresh: Catalog) -> Catalog:
    """Return a catalog with the rows of another in place of its own."""
    return replace(
        catalog,
        sessions=catalog.sessions | fresh.sessions,
        shows=catalog.shows | fresh.shows,
        groups=catalog.groups | fresh.groups,
        programs=catalog.programs | fresh.programs,
        copies=catalog.copies | fresh.copies,
        rows=catalog.rows | fresh.rows,
        networks=catalog.networks | fresh.networks,
        lent_channels=catalog.lent_channels | fresh.lent_channels,
    )
