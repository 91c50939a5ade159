"""Pages of the table are parsed as they arrive, in any order, and no raw row is kept."""

import gc
import weakref
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.collect.pages import PageParser
from reconcile.model.catalog import Catalog
from reconcile.model.parse import merged, parse_items
from tests.unit.builders import program_item, row_item, session_item, show_item

ROWS = [
    *(program_item(f"p{number}", title=str(number)) for number in range(5)),
    *(session_item(f"s{number}") for number in range(3)),
    show_item("a"),
    row_item(),
]
PRICE = frozenset({"title"})


class Images(list):  # type: ignore[type-arg]
    """A page that a weak reference can watch."""


@given(st.permutations(ROWS), st.integers(1, 12))
def test_the_pages_of_a_table_make_the_catalog_of_all_its_rows(rows: list[dict[str, Any]], size: int) -> None:
    parser = PageParser()
    parser.hide(PRICE)
    pages = [parser.parse(rows[start : start + size]) for start in range(0, len(rows), size)]
    assert merged(page.result() for page in pages) == parse_items(rows, PRICE)


def test_no_rows_make_an_empty_catalog() -> None:
    assert merged([]) == Catalog()


def test_a_page_that_comes_before_the_index_shows_what_it_hides_waits() -> None:
    parser = PageParser()
    early = parser.parse(ROWS)
    parser.hide(PRICE)
    parser.hide(frozenset())
    assert early.result() == parse_items(ROWS, PRICE) != parse_items(ROWS)


def test_each_page_is_told_of_once_when_it_is_parsed() -> None:
    told = list[Catalog]()
    parser = PageParser(told.append)
    early = parser.parse(ROWS[:3])
    assert not told
    parser.hide(PRICE)
    late = parser.parse(ROWS[3:])
    assert told == [early.result(), late.result()]


def test_a_row_that_no_parser_understands_fails_its_page_as_soon_as_it_is_asked_for() -> None:
    parser = PageParser()
    page = parser.parse([{}])
    parser.hide(PRICE)
    with pytest.raises(KeyError):
        page.result()


def test_the_raw_rows_of_a_parsed_page_are_let_go() -> None:
    parser = PageParser()
    parser.hide(frozenset())
    images = Images(ROWS)
    watched = weakref.ref(images)
    page = parser.parse(images)
    del images
    gc.collect()
    assert watched() is None
    assert page.result().programs
