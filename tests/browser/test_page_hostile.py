"""Whatever people write into a title, the page shows it and nothing else happens."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from playwright.sync_api import Browser, Page

from reconcile.report.formatting import clean
from reconcile.report.render.html import render_html
from tests.unit.samples import busy_report
from tests.unit.strategies import hostile_titles

SHAPE = "[...document.querySelectorAll('#open *')].map(element => element.tagName).join()"
OPEN_ALL = "for (const fold of document.querySelectorAll('details')) fold.open = true"


@pytest.fixture(scope="module")
def phone(browser: Browser) -> Page:
    """Return a page on a phone."""
    return browser.new_page(viewport={"width": 390, "height": 844})


@pytest.fixture(scope="module")
def plain(phone: Page, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the elements of the page where every show has a title of two letters."""
    return shape_of(phone, tmp_path_factory.mktemp("plain") / "plain.html", "Tx")


def shape_of(page: Page, file: Path, title: str) -> str:
    """Open the page of a busy report whose shows all have this title, and return its elements."""
    file.write_text(render_html(busy_report(titles=title, withheld=2)), encoding="utf-8")
    page.goto(file.as_uri())
    page.wait_for_selector("#open .line")
    page.evaluate(OPEN_ALL)
    page.wait_for_selector("#open .evidence", state="attached")
    return str(page.evaluate(SHAPE))


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(title=hostile_titles)
def test_a_title_is_only_text(
    phone: Page, plain: str, tmp_path_factory: pytest.TempPathFactory, title: str
) -> None:
    """It adds no element, asks for nothing, raises nothing, and does not widen the page."""
    file = tmp_path_factory.getbasetemp() / "hostile.html"
    events: list[str] = []
    phone.on("console", lambda message: events.append(message.text))
    phone.on("pageerror", lambda error: events.append(str(error)))
    phone.on("dialog", lambda dialog: events.append(dialog.message))
    assert shape_of(phone, file, f"T{title}") == plain
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    shown = phone.locator("#open .title b").all_text_contents()
    assert any(clean(f"T{title}")[:50] in text.replace("\u2068", "") for text in shown)
    assert events == []
