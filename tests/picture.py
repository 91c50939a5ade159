"""Takes the pictures of the README and the guides from the demo, with Chromium: python -m tests.picture."""

import sys
import tempfile
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, ViewportSize, sync_playwright
from rich.console import Console

from reconcile.cli.demo import run_demo
from reconcile.report.data import Report
from reconcile.report.message import Message
from reconcile.report.render.mail import compose
from tests.browser.conftest import BROWSERS, QUIET, browser_path
from tests.deploy.dashboard import widgets
from tests.deploy.mock import page as draw
from tests.deploy.stack import deployed

DOCS = Path(__file__).parents[1] / "reconcile" / "docs"
PAGES: tuple[tuple[str, ViewportSize, Literal["light", "dark"]], ...] = (
    ("report.png", {"width": 1280, "height": 900}, "light"),
    ("report-dark.png", {"width": 1280, "height": 900}, "dark"),
    ("report-phone.png", {"width": 390, "height": 844}, "light"),
)
"""Each picture of the page: its name, the size of its screen, and the colours that the reader likes."""
MAIL_PICTURE = DOCS / "mail.png"
DASHBOARD_PICTURE = DOCS / "dashboard.png"
GUIDE = "https://git.example.com/reconcile/operations.md"
LINK = "https://reports.example.com/report.html"
SEED = 1


def take(path: str) -> None:
    """Run the demo and take its last report, as a page and a mail, and the dashboard with all of its runs."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        run_demo(Console(), seed=SEED, reports=Path(folder), serve=False)
        *_, page = sorted(Path(folder).rglob("report.html"))
        browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        take_page(browser, page)
        files = sorted(Path(folder).rglob("report.json"))
        reports = [Report.from_json(file.read_text(encoding="utf-8")) for file in files]
        take_mail(browser, reports[-1])
        take_dashboard(browser, reports)
        browser.close()


def take_page(browser: Browser, page: Path) -> None:
    """Take the top of a page on a desk, light and dark, and on a phone."""
    for name, size, scheme in PAGES:
        window = browser.new_page(viewport=size, color_scheme=scheme)
        window.goto(page.as_uri())
        window.wait_for_selector("#rows tr", state="attached")
        window.screenshot(path=DOCS / name)


def take_mail(browser: Browser, report: Report) -> None:
    """Take the whole mail of a report, as wide as a client shows it."""
    window = browser.new_page(viewport={"width": 640, "height": 900})
    window.set_content(compose(Message(report, lambda: "", LINK)).html)
    window.screenshot(path=MAIL_PICTURE, full_page=True)


def take_dashboard(browser: Browser, runs: list[Report]) -> None:
    """Take the template's dashboard as it is drawn here, with each run as a night."""
    with deployed(RepairEnabled="true", GuideUrl=GUIDE) as stack:
        drawn = draw(widgets(stack), runs)
    window = browser.new_page(viewport={"width": 1280, "height": 900})
    window.set_content(drawn)
    window.screenshot(path=DASHBOARD_PICTURE, full_page=True)


def main() -> None:
    """Take the pictures, or say that there is no browser."""
    path = browser_path()
    if path is None:
        sys.exit(f"no browser here: install one of {', '.join(BROWSERS)}")
    take(path)


if __name__ == "__main__":
    main()
