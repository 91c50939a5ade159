"""Parses the pages of the table as they arrive: raw rows take several times the memory of parsed ones."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress

from reconcile.model.catalog import Catalog
from reconcile.model.parse import parse_items
from reconcile.model.search_record import Image

Page = Callable[[], Catalog]
"""Returns the rows of a page; only to be asked once it is known which fields the index hides."""


class PageParser:
    """Parses pages as soon as it is known which fields the index hides: no digest covers those.

    The first page of the index shows it. A page of the table that comes before is parsed when it is asked
    for.
    """

    def __init__(self) -> None:
        self._hidden: Future[frozenset[str]] = Future()

    def hide(self, fields: frozenset[str]) -> None:
        """Leave these fields out of digests; what was told first counts."""
        with suppress(InvalidStateError):
            self._hidden.set_result(fields)

    def parse(self, images: Sequence[Image]) -> Page:
        """Return a page, parsed if that can be done yet: then nothing holds its raw rows any more."""
        if not self._hidden.done():
            return lambda: parse_items(images, self._hidden.result())
        catalog = parse_items(images, self._hidden.result())
        return lambda: catalog
