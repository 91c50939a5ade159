"""The page of a report as text: what it embeds, what its policy lets run, and that no text becomes markup."""

import base64
import gzip
import hashlib
import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.report.render.chart import WIDTH, chart_of, coverage_bars
from reconcile.report.render.page import render_page
from reconcile.report.render.page_data import embedded
from reconcile.report.view.lists import MOST_RECORDINGS
from reconcile.report.view.model import Difference, FindingLine, Link, ReportView, Segment, SideBySide
from tests.browser.views import full_view, large_view, quiet_view, trend
from tests.unit.page_text import data_of, rows_of
from tests.unit.strategies import hostile_titles

FULL = full_view()
STYLED = re.compile(r"<(script|style)(?: [^>]*)?>(.*?)</\1>", re.DOTALL)


def rows(page: str, name: str) -> list[dict[str, Any]]:
    """Return the rows of a list, with the names of their fields."""
    return rows_of(data_of(page), name)


def first_line(view: ReportView, **changes: Any) -> tuple[ReportView, FindingLine]:
    """Return the view with another first finding, and that finding."""
    shelf, group = view.shelves[0], view.shelves[0].groups[0]
    line = replace(group.lines[0], **changes)
    changed = replace(shelf, groups=(replace(group, lines=(line, *group.lines[1:])), *shelf.groups[1:]))
    return replace(view, shelves=(changed, *view.shelves[1:])), line


@pytest.mark.parametrize("view", [FULL, quiet_view()])
def test_only_the_pages_own_script_and_style_run(view: ReportView) -> None:
    """The policy names the hash of each, and forbids everything else."""
    page = render_page(view)
    policy = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', page)[0]
    rules = dict(rule.split(" ", 1) for rule in policy.replace("&#39;", "'").split("; "))
    texts = {"script": set[str](), "style": set[str]()}
    for tag, text in STYLED.findall(page):
        if not text.startswith('{"texts"'):
            digest = hashlib.sha256(text.encode()).digest()
            texts[tag].add(f"'sha256-{base64.b64encode(digest).decode()}'")
    assert set(rules["script-src"].split()) == texts["script"]
    assert set(rules["style-src"].split()) == texts["style"]
    others = {name: value for name, value in rules.items() if name not in ("script-src", "style-src")}
    assert others == {
        "default-src": "'none'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def test_nothing_in_it_asks_for_more() -> None:
    """No address of a script, a picture or a style; no style or handler in an attribute."""
    page = render_page(FULL, stored=True)
    markup = STYLED.sub("", page)
    assert not re.findall(r"\s(src|srcset|style|on\w+)=", markup)
    assert "url(" not in page
    assert "@import" not in page
    assert "<link" not in page


def test_every_finding_and_recording_is_in_it() -> None:
    """Each list of the view is there, line by line."""
    page = render_page(FULL)
    for shelf in FULL.shelves:
        for place, group in enumerate(shelf.groups):
            ids = [row["id"] for row in rows(page, f"{shelf.key}-{place}")]
            assert ids == [line.id for line in group.lines]
    found = rows(page, "recordings")
    assert [row["place"] for row in found] == [f"s3://{r.bucket}/{r.prefix}" for r in FULL.recordings]
    assert [row["program"] for row in found] == [r.program_id for r in FULL.recordings]


def test_each_list_of_the_page_has_data() -> None:
    """A list without data would stay empty."""
    page = render_page(FULL)
    assert set(re.findall(r'data-list="([^"]+)"', page)) == set(data_of(page)["lists"])
    assert set(re.findall(r'data-set="([^"]+)"', page)) <= set(data_of(page)["sets"])


def test_large_data_is_packed() -> None:
    """It is the same data, in less room; the same report is the same page."""
    view = large_view()
    packed = embedded(view)
    assert packed.packed
    assert packed == embedded(view)
    data = json.loads(gzip.decompress(base64.b64decode(packed.body)))
    assert len(data["lists"]["recordings"]) == MOST_RECORDINGS
    assert not embedded(FULL).packed


@given(title=hostile_titles, other=st.text(max_size=40))
def test_no_text_becomes_markup(title: str, other: str) -> None:
    """Whatever a title holds, the page's elements are the same, and its data holds the title."""
    view, line = first_line(FULL, title=title, place=other, mark=title, step=other)
    page = render_page(view)
    assert rows(page, "decide-0")[0]["title"] == line.title
    assert rows(page, "decide-0")[0]["step"] == line.step
    plain = render_page(first_line(FULL, title="x", place="x", mark="x", step="x")[0])
    assert re.findall(r"<[a-z/!][^>]*>", STYLED.sub("", page)) == re.findall(
        r"<[a-z/!][^>]*>", STYLED.sub("", plain)
    )
    assert len(STYLED.findall(page)) == len(STYLED.findall(plain))


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", " https://a.test"]
)
def test_no_link_leads_to_a_script_or_a_file(url: str) -> None:
    """Only addresses of the web are followed."""
    view, _ = first_line(
        FULL, links=(Link("s3", "S3", url), Link("playback", "Play", "https://a.test/m.m3u8"))
    )
    assert rows(render_page(view), "decide-0")[0]["links"] == [["Play", "https://a.test/m.m3u8"]]


@pytest.mark.parametrize(
    ("left", "right", "parts"),
    [
        ("https://old.test/a/m", "https://new.test/a/m", ("https://", "old", "new", ".test/a/m")),
        ("aaa", "aa", ("aa", "a", "", "")),
        ("nothing", '"x"', ("", "nothing", '"x"', "")),
        ("same", "same", ("same", "", "", "")),
        ("", "new", ("", "", "new", "")),
    ],
)
def test_what_differs_is_set_apart(left: str, right: str, parts: tuple[str, str, str, str]) -> None:
    """Both sides begin and end alike; put together they are what they were."""
    write = SideBySide(
        "written", "key", "verified", "good", ("before", "after"), (Difference("f", left, right),)
    )
    view, _ = first_line(FULL, comparisons=(write,), choice=None)
    start, old, new, end = parts
    assert rows(render_page(view), "decide-0")[0]["tables"][0][5] == [
        ["f", "", [[start, old, end], [start, new, end]]]
    ]
    assert (start + old + end, start + new + end) == (left, right)


def test_a_report_that_is_not_stored_links_to_no_file() -> None:
    """What `--html` writes stands alone."""
    assert "report.json</a>" not in render_page(FULL)
    assert "../" not in render_page(FULL)
    assert '<a href="report.json">' in render_page(FULL, stored=True)


def test_the_chart_shows_each_run_to_one_scale() -> None:
    """Bars stand and hang within the picture, the newest at its right; an incomplete run is a gap."""
    chart = chart_of(trend())
    assert chart
    bars = [bar for night in chart.nights for bar in night.bars]
    assert all(0 <= bar.x <= WIDTH - bar.width and bar.y >= 0 for bar in bars)
    assert all(bar.y + bar.height <= chart.height for bar in bars)
    assert [bar.tone for bar in chart.nights[20].bars] == ["unread"]
    last = {bar.tone: bar for bar in chart.nights[-1].bars}
    heights = {
        tone: last[tone].height / number for tone, number in (("known", 82), ("new", 8), ("repaired", 29))
    }
    assert max(heights.values()) - min(heights.values()) < 0.02
    assert last["known"].x + last["known"].width == pytest.approx(WIDTH, abs=0.1)
    few = chart_of(trend(3))
    assert few
    assert (chart.both, few.both) == (True, False)


@pytest.mark.parametrize("runs", [0, 1])
def test_there_is_no_chart_of_one_run(runs: int) -> None:
    """One bar compares with nothing."""
    assert chart_of(trend(runs)) is None


def test_the_coverage_bar_is_filled() -> None:
    """Its parts have the shares of their numbers; those of nothing are left out."""
    segments = (Segment("a", 3, "good"), Segment("b", 0, "high"), Segment("c", 1, "none"))
    assert [(bar.x, bar.width, bar.tone) for bar in coverage_bars(segments)] == [
        (0, 75, "good"),
        (75, 25, "none"),
    ]
    assert coverage_bars(()) == ()
