"""The lists of runs: every summary is read, whatever its version, and no text of one becomes markup."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.report.render.index import MOST_IN_FRONT, render_front, render_stage
from reconcile.report.run_list import (
    MOST_OF_A_STAGE,
    RunEntry,
    entries_of,
    page_of,
    text_of,
)
from tests.unit.page import Page
from tests.unit.strategies import wild_texts

NOW = datetime(2026, 11, 29, 6, 52, tzinfo=UTC)
ENTRY = RunEntry(
    id="20261129T065200000Z-abc123",
    stage="prod",
    mode="repair",
    scope="recent",
    started_at=NOW,
    state="action",
    headline="14 broadcasts are recorded but cannot be watched.",
    exit_code=5,
    new=8,
    open=89,
    awaiting_approval=14,
    repaired=29,
    seconds=185.0,
    cost_usd=0.0034,
)


def entries(number: int, stage: str = "prod") -> list[RunEntry]:
    """Return so many runs, newest first."""
    return [
        replace(ENTRY, id=f"run{number - place:04}", stage=stage, started_at=NOW - timedelta(days=place))
        for place in range(number)
    ]


def links(html: str) -> list[str]:
    return [value for tag, name, value in Page(html).attributes if (tag, name) == ("a", "href")]


def test_the_newest_run_of_a_stage_stands_first_with_its_verdict_and_numbers() -> None:
    page = Page(render_stage("prod", entries(3)))
    assert links(render_stage("prod", entries(3))) == [
        "index.html",
        "run0003/report.html",
        "run0002/report.html",
        "run0001/report.html",
    ]
    first = page.text.index("Action needed")
    assert page.text.index("14 broadcasts are recorded but cannot be watched.") > first
    assert "29 Nov 2026 06:52 UTC · repair, recent · 8 new, 89 open, 14 to approve, 29 repaired" in page.text


def test_each_run_of_a_list_says_how_long_it_took_and_what_it_cost() -> None:
    old = replace(ENTRY, id="old", seconds=None, cost_usd=None)
    text = Page(render_stage("prod", [ENTRY, old])).text
    assert "29 repaired · took 3 min 5 s, cost USD 0.0034" in text
    assert "29 repaired · took –, cost –" in text


def test_the_front_lists_every_stage_with_its_newest_run_and_the_newest_of_all() -> None:
    runs = [*entries(2, "prod"), *entries(1, "a stage")]
    found = links(render_front(runs))
    assert found[:4] == [page_of("a stage"), "run0001/report.html", "index-prod.html", "run0002/report.html"]
    assert len(found) == 4 + 3


def test_a_place_without_runs_says_so() -> None:
    assert "There are no reports yet." in Page(render_front([])).text


def test_long_lists_end() -> None:
    assert len(links(render_stage("prod", entries(500)))) == 1 + MOST_OF_A_STAGE
    assert len(links(render_front(entries(500)))) == 2 + MOST_IN_FRONT


@pytest.mark.parametrize(
    ("summary", "state", "numbers"),
    [
        ({"exit_code": 0, "statuses": {}}, "ok", (0, 0, 0, 0)),
        ({"exit_code": 0, "statuses": {"ignored": 2}}, "known", (0, 0, 0, 0)),
        ({"exit_code": 2, "statuses": {"new": 1, "open": 2, "failed": 1}}, "action", (1, 4, 0, 0)),
        ({"exit_code": 5, "statuses": {"withheld": 3, "mended": 4}}, "action", (0, 0, 3, 4)),
        ({"exit_code": 3, "statuses": {"open": 1}}, "incomplete", (0, 1, 0, 0)),
        ({"exit_code": "x", "statuses": "x", "numbers": 7, "state": "x", "started_at": 7}, "ok", (0,) * 4),
    ],
)
def test_summaries_of_the_first_version_are_read(
    summary: Mapping[str, Any], state: str, numbers: tuple[int, ...]
) -> None:
    entry = RunEntry.of({"id": "run1", "stage": "prod", **summary})
    assert entry is not None
    assert entry.state == state
    assert (entry.new, entry.open, entry.awaiting_approval, entry.repaired) == numbers


@pytest.mark.parametrize("summary", [{}, {"id": "x"}, {"id": 7, "stage": "p"}, {"id": "", "stage": "p"}])
def test_what_names_no_run_and_stage_is_no_run(summary: Mapping[str, Any]) -> None:
    assert RunEntry.of(summary) is None


def test_the_list_is_read_as_it_was_written() -> None:
    runs = [*entries(3), replace(ENTRY, id="old", started_at=None)]
    assert list(entries_of(text_of(runs)).values()) == runs


@pytest.mark.parametrize(
    "text", [None, "", "{", "[]", "7", '{"runs": 7}', '{"runs": [7, {}, {"id": "x"}]}', "[" * 100_000]
)
def test_a_list_that_is_torn_or_foreign_is_empty(text: str | None) -> None:
    assert entries_of(text) == {}


@given(stages=st.lists(st.one_of(wild_texts, st.text(max_size=200)).filter(bool), unique=True, max_size=6))
def test_every_stage_has_a_page_of_its_own_in_any_file_system(stages: list[str]) -> None:
    names = [page_of(stage) for stage in stages]
    assert len({name.lower() for name in names}) == len(names)
    for name in names:
        assert name.isascii()
        assert len(name) < 120
        assert not set(name) & set("/\\ %?#:\x00")
    assert page_of("prod") == "index-prod.html"
    assert page_of("Prod").lower() != page_of("prod")


@given(text=wild_texts)
def test_no_text_of_a_summary_becomes_markup_or_leads_elsewhere(text: str) -> None:
    wild = RunEntry.of(
        dict.fromkeys(("id", "stage"), text or "x") | dict.fromkeys(("headline", "mode"), text)
    )
    plain = RunEntry.of(dict.fromkeys(("id", "stage", "headline", "mode"), "x"))
    assert wild is not None
    assert plain is not None
    for render in (render_front, lambda runs: render_stage(runs[0].stage, runs)):
        html = render([wild, wild])
        assert Page(html).shape == Page(render([plain, plain])).shape
        assert html.isprintable() or not set(html) & {chr(code) for code in (*range(9), 27, 0x202E)}
        for link in links(html):
            parts = urlsplit(link)
            assert parts == parts._replace(scheme="", netloc="", query="", fragment="")
            assert link.count("/") == ("report.html" in link)


def test_the_pages_need_nothing_but_themselves() -> None:
    for html in (render_front(entries(2)), render_stage("prod", entries(2))):
        page = Page(html)
        assert not {"script", "link", "img", "iframe"} & {place.rpartition("/")[2] for place in page.shape}
        policy = next(value for tag, name, value in page.attributes if value.startswith("default-src"))
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert "unsafe" not in policy
        assert "prefers-color-scheme: dark" in html


def test_an_id_with_a_slash_stays_in_its_folder() -> None:
    (front, link) = links(render_stage("prod", [replace(ENTRY, id="../../x")]))
    assert front == "index.html"
    assert unquote(link) == "../../x/report.html"
    assert link == "..%2F..%2Fx/report.html"
    assert json.loads(text_of([ENTRY]))["schema"] == "1.0"
