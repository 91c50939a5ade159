"""The page holds the accessibility rules of axe-core, in light and dark, on a phone, a tablet and a desk."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from reconcile.report.render.html import render_html
from reconcile.report.view.build import view_of
from reconcile.report.view.model import ReportView
from tests.browser.conftest import Open
from tests.unit.golden import GOLDEN

TEXT_ABOVE = """below => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), texts = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const range = document.createRange();
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    if (box.height && box.bottom <= below) texts.push(node.textContent);
  }
  return texts.join(" ").replace(/\\s+/g, " ");
}"""
"""Returns the text that stands wholly above a line of the page, in pixels."""
PHONE, TABLET, DESK = 390, 768, 1280
CONTRAST = ("color-contrast",)
"""Contrasts take nine tenths of axe's time on a page of which everything is open. Those in its folds are the
same at every width, and are measured on a phone; those of the page as it opens, at every width."""
OPEN_ALL = "for (const fold of document.querySelectorAll('details')) fold.open = true"


def violations(page: Page, part: str = "html", without: tuple[str, ...] = ()) -> list[str]:
    """Return what axe-core finds against a part of the page, with the elements that it means.

    Rules can be left out by `without`.
    The script runs as the browser's tools do, beside the page's policy and not against it.
    """
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(f"() => {{ {AXE_SCRIPT} }}")
    options = {"resultTypes": ["violations"], "rules": {rule: {"enabled": False} for rule in without}}
    found: dict[str, Any] = page.evaluate(
        "([part, options]) => axe.run({include: [part]}, options)", [part, options]
    )
    return [
        json.dumps((rule["id"], [node["html"][:200] for node in rule["nodes"]]))
        for rule in found["violations"]
    ]


def resized(page: Page, *widths: int) -> Iterator[int]:
    """Give a page one width after the other, those of a phone, a tablet and a desk unless told."""
    for width in widths or (PHONE, TABLET, DESK):
        page.set_viewport_size({"width": width, "height": 900})
        yield width


@cache
def page_of_golden(name: str) -> tuple[ReportView, str]:
    """Return the view of a golden report, and its page."""
    report = GOLDEN[name]()
    return view_of(report), render_html(report, stored=True)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_rule_is_violated(full: Path, quiet: Path, open_page: Open, scheme: str) -> None:
    """As it opens, with everything open, while something is searched, and on a quiet day."""
    page = open_page(full, width=PHONE, color_scheme=scheme)
    for width in resized(page):
        assert (width, violations(page)) == (width, [])
    page.evaluate(OPEN_ALL)
    page.wait_for_selector(".evidence")
    for width in resized(page):
        assert (width, violations(page, without=CONTRAST if width != PHONE else ())) == (width, [])
    page.fill("#search", "harbour")
    page.wait_for_selector("#hits a")
    for width in resized(page):
        assert (width, violations(page, without=CONTRAST)) == (width, [])
        assert (width, violations(page, "#hits")) == (width, [])
    page = open_page(quiet, width=PHONE, color_scheme=scheme)
    for width in resized(page):
        assert (width, violations(page)) == (width, [])


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_pages_hold_every_rule(tmp_path: Path, open_page: Open, name: str) -> None:
    """The pages of real reports, which also keep within the screen."""
    file = tmp_path / "report.html"
    file.write_text(page_of_golden(name)[1], encoding="utf-8")
    page = open_page(file, width=PHONE)
    for width in resized(page, PHONE, DESK):
        assert (width, violations(page)) == (width, [])
        assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("name", GOLDEN)
def test_ten_seconds_are_enough_at_the_top_of_the_page(tmp_path: Path, open_page: Open, name: str) -> None:
    """Is something wrong, what is new, and what comes first: all of it within 600 px of a desk's screen."""
    view, html = page_of_golden(name)
    file = tmp_path / "report.html"
    file.write_text(html, encoding="utf-8")
    top = open_page(file, width=1280).evaluate(TEXT_ABOVE, 600)
    assert view.verdict.words in top
    assert view.verdict.headline in top
    for tile in view.tiles:
        assert f"{tile.number:,} {tile.label}" in top or f"{tile.number:,}" in top.split(tile.label)[0]
    for step in view.steps[:1]:
        assert step.title in top


def test_no_rule_is_violated_without_a_script(full: Path, open_page: Open) -> None:
    """The parts that stand in for the script's hold them, too."""
    page = open_page(full, java_script_enabled=False)
    # Without scripts axe-core cannot run either: what a reader without them sees is shown by itself.
    static = page.content().replace("<noscript>", "<div>").replace("</noscript>", "</div>")
    other = page.context.browser
    assert other
    shown = other.new_context().new_page()
    shown.set_content(static.split('<script type="application/')[0])
    assert violations(shown) == []
    shown.context.close()
