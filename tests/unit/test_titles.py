"""Titles are found as people type them, and as reports print them."""

import unicodedata

from hypothesis import given

from reconcile.explain.titles import closest, folded
from reconcile.report.formatting import LONGEST_TITLE, shorten, titled
from tests.unit.strategies import hostile_titles

TITLES = ("Über den Dächern", "Harbour Lights", "Harbour Lights - Recording", "夜の散歩", "Fußball", "Up")


def closest_of(query: str, *titles: str) -> list[str]:
    return closest(query, ((title, title) for title in titles or TITLES))


def test_letter_case_white_space_and_unicode_form_make_no_difference() -> None:
    for query in ("über den dächern", unicodedata.normalize("NFD", "Über  den Dächern "), "ÜBER DEN DÄCHERN"):
        assert closest_of(query) == ["Über den Dächern"]
    assert closest_of("FUSSBALL") == ["Fußball"]
    assert closest_of("ｕｐ") == ["Up"]


def test_a_whole_title_goes_before_a_start_and_a_start_before_a_part() -> None:
    assert closest_of("harbour lights") == ["Harbour Lights"]
    assert closest_of("harbour") == ["Harbour Lights", "Harbour Lights - Recording"]
    assert closest_of("lights") == ["Harbour Lights", "Harbour Lights - Recording"]
    assert closest_of("夜の") == ["夜の散歩"]


def test_a_short_text_is_no_part_of_a_title_and_nothing_names_nothing() -> None:
    assert closest_of("ou") == []
    assert closest_of("") == []
    assert closest_of("…", "Any") == []
    assert closest("any", [("without", None)]) == []


@given(title=hostile_titles)
def test_whatever_a_title_holds_it_is_found_as_it_is_and_as_a_report_prints_it(title: str) -> None:
    if not folded(title) or title.strip("\u2068\u2069 “”") != title:
        return
    assert title in closest_of(title, title)
    if len(title) <= LONGEST_TITLE:
        assert title in closest_of(titled(title), title)
    else:
        assert title in closest_of(shorten(title, LONGEST_TITLE), title)
