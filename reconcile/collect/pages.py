"""Parses the pages of the table as they arrive: raw rows take several times the memory of parsed ones."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from threading import Lock

from reconcile.model.catalog import Catalog
from reconcile.model.parse import parse_items
from reconcile.model.search_record import Image
from reconcile.stores.ports import ignore


class PageParser:
    """Parses pages as soon as it is known which fields the index hides: no digest covers those.

    The first page of the index shows it; the pages of the table that come before wait for it. `parsed` is
    told of each page that is parsed, in any thread.
    """

    def __init__(self, parsed: Callable[[Catalog], None] = ignore) -> None:
        self._parsed = parsed
        self._hidden: frozenset[str] | None = None
        self._waiting: list[tuple[Future[Catalog], Sequence[Image]]] = []
        self._lock = Lock()

    def hide(self, fields: frozenset[str]) -> None:
        """Leave these fields out of digests; what was told first counts."""
        with self._lock:
            if self._hidden is None:
                self._hidden = fields
            waiting, self._waiting = self._waiting, []
        for page, images in waiting:
            self._parse(page, images, self._hidden)

    def parse(self, images: Sequence[Image]) -> Future[Catalog]:
        """Return a page that is parsed, or will be when it is known what the index hides."""
        page: Future[Catalog] = Future()
        with self._lock:
            hidden = self._hidden
            if hidden is None:
                self._waiting.append((page, images))
        if hidden is not None:
            self._parse(page, images, hidden)
        return page

    def _parse(self, page: Future[Catalog], images: Sequence[Image], hidden: frozenset[str]) -> None:
        try:
            catalog = parse_items(images, hidden)
        except Exception as error:
            page.set_exception(error)
            return
        page.set_result(catalog)
        self._parsed(catalog)
