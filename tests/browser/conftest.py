"""Opens pages in Chromium as a reader would: from the disk, with nothing else to be reached."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, sync_playwright

from reconcile.report.render.page import render_page
from reconcile.report.view.model import ReportView
from tests.browser.views import full_view, large_view, quiet_view

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The headless shell first: it draws the same in a third of the processor's time."""
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""The browser talks to nobody by itself."""


@dataclass
class Opened:
    """An open page, what it asked for beside itself, and what it complained about."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


Open = Callable[..., Page]
"""Opens a file, with what stands behind its address, and what the browser is told of the reader."""


def browser_path() -> str | None:
    """Return where a browser is; None where there is none."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return a browser for all tests; where there is none they are skipped, and the summary says so."""
    path = browser_path()
    if path is None:
        pytest.skip("NO BROWSER: the page of the report is not tested here; install chromium-headless-shell")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        yield running
        running.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Open]:
    """Return what opens pages; none may ask for anything, or complain, while the test lasts."""
    opened: list[Opened] = []

    def open_file(file: Path, fragment: str = "", width: int = 1280, **reader: Any) -> Page:
        told = {"viewport": {"width": width, "height": 900}, "timezone_id": "America/New_York", **reader}
        page = browser.new_context(**told).new_page()
        one = Opened(page)
        opened.append(one)

        def note(request: Request) -> None:
            if not request.url.startswith(file.as_uri()):
                one.requests.append(request.url)

        page.on("request", note)
        page.on("console", lambda message: one.complaints.append(message.text))
        page.on("pageerror", lambda error: one.complaints.append(str(error)))
        page.goto(file.as_uri() + fragment)
        if reader.get("java_script_enabled", True):
            page.wait_for_selector("#rows tr", state="attached")
        return page

    yield open_file
    for one in opened:
        one.page.context.close()
    assert [one.requests for one in opened] == [[]] * len(opened)
    assert [one.complaints for one in opened] == [[]] * len(opened)


def stored(folder: Path, view: ReportView) -> Path:
    """Write the page of a view where it would be stored."""
    file = folder / "report.html"
    file.write_text(render_page(view, stored=True), encoding="utf-8")
    return file


@pytest.fixture(scope="session")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a page with every section."""
    return stored(tmp_path_factory.mktemp("full"), full_view())


@pytest.fixture(scope="session")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the page of a run that found nothing."""
    return stored(tmp_path_factory.mktemp("quiet"), quiet_view())


@pytest.fixture(scope="session")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a page of 5,000 findings and 21,000 recordings."""
    return stored(tmp_path_factory.mktemp("large"), large_view())
