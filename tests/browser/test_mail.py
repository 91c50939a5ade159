"""The mail in Chromium as a mail client shows it: accessible, never too wide, and without any request."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, ViewportSize

from reconcile.report.message import Message
from reconcile.report.render.mail import compose
from tests.unit.golden import GOLDEN
from tests.unit.samples import busy_report, run_facts

LINK = "https://reports.example.net/report.html"
WINDOWS = [(width, night) for width in (390, 640) for night in (False, True)]


@cache
def html_of(name: str) -> str:
    """Return the HTML part of a golden report's mail."""
    return compose(Message(GOLDEN[name](), lambda: "the page", LINK)).html


@pytest.fixture(scope="module")
def windows(browser: Browser) -> Iterator[Callable[[int, bool], Page]]:
    """Opens a window of a width, by day or night, once for all tests: each shows a mail of its own in it."""
    with ExitStack() as stack:

        @cache
        def window_of(width: int, night: bool) -> Page:
            viewport: ViewportSize = {"width": width, "height": 900}
            context = browser.new_context(viewport=viewport, color_scheme="dark" if night else "light")
            stack.callback(context.close)
            return context.new_page()

        yield window_of


@pytest.fixture(params=WINDOWS, ids=[f"{width}-{'dark' if night else 'light'}" for width, night in WINDOWS])
def window(request: pytest.FixtureRequest, windows: Callable[[int, bool], Page]) -> Iterator[Page]:
    """A window as wide as a client's, which may ask nobody for anything and complain of nothing."""
    page, heard = windows(*request.param), list[str]()
    listeners: dict[Any, Callable[[Any], None]] = {
        "request": lambda asked: heard.append(asked.url),
        "console": lambda said: heard.append(said.text),
        "pageerror": lambda error: heard.append(str(error)),
    }
    for event, listener in listeners.items():
        page.on(event, listener)
    yield page
    # What was shown ends here, and with it what it may still ask for.
    page.goto("about:blank")
    for event, listener in listeners.items():
        page.remove_listener(event, listener)
    assert heard == []


@pytest.mark.parametrize("name", GOLDEN)
def test_a_mail_has_no_fault_that_axe_finds(window: Page, name: str) -> None:
    window.set_content(html_of(name))
    window.evaluate(f"() => {{ {AXE_SCRIPT} }}")
    found = window.evaluate("axe.run()")
    assert [(fault["id"], [node["html"] for node in fault["nodes"]]) for fault in found["violations"]] == []
    assert [fault["id"] for fault in found["incomplete"] if fault["id"] == "color-contrast"] == []


@pytest.mark.parametrize("name", GOLDEN)
def test_a_mail_fits_its_window_and_its_first_screen_says_what_matters(window: Page, name: str) -> None:
    """No sideways scroll; the verdict and the four numbers stand in the first 600 pixels."""
    window.set_content(html_of(name))
    assert window.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for part in ("h1", ".tile >> nth=3"):
        box = window.locator(part).bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 600


def test_the_dark_mode_is_dark_and_the_light_one_light(window: Page) -> None:
    window.set_content(html_of("awaiting_approval"))
    ground = window.evaluate("getComputedStyle(document.querySelector('.sheet')).backgroundColor")
    dark = window.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    assert ground == ("rgb(25, 29, 35)" if dark else "rgb(255, 255, 255)")


def test_no_text_makes_a_mail_wider(browser: Browser) -> None:
    """Neither a title nor a stage, a reason or a place of 10,000 characters."""
    with browser.new_context(viewport={"width": 390, "height": 900}) as context:
        window = context.new_page()
        for part in ("x", "夜", "👩\u200d🚀", "שלום ", "<b>", "word "):
            text = part * (10_000 // len(part))
            run = run_facts(stage=text, reason=text, mode="repair", cut_short=text)
            report = replace(busy_report(text), run=run, headline=text)
            window.set_content(compose(Message(report, lambda: "the page", "", text, text)).html)
            assert window.evaluate("document.documentElement.scrollWidth <= innerWidth"), ascii(part)
