"""Takes the pictures of the guides from the demo, with Chromium: python -m tests.picture."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright
from rich.console import Console

from reconcile.cli.demo import run_demo
from reconcile.report.data import Report
from reconcile.report.message import Message
from reconcile.report.render.mail import compose

DOCS = Path(__file__).parents[1] / "reconcile" / "docs"
PICTURE, MAIL_PICTURE = DOCS / "report.png", DOCS / "mail.png"
LINK = "https://reports.example.com/report.html"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SIZE = "1200,900"
SEED = 1


def take(browser: str) -> None:
    """Run the demo and take its last report: the page, as far as a screen shows it, and the mail."""
    with tempfile.TemporaryDirectory() as folder:
        run_demo(Console(), seed=SEED, reports=Path(folder), serve=False)
        *_, page = sorted(Path(folder).rglob("report.html"))
        options = ("--headless", "--no-sandbox", "--hide-scrollbars", f"--window-size={SIZE}")
        subprocess.run([browser, *options, f"--screenshot={PICTURE}", page.as_uri()], check=True)
        take_mail(browser, Report.from_json(page.with_name("report.json").read_text(encoding="utf-8")))


def take_mail(browser: str, report: Report) -> None:
    """Take the whole mail of a report, as wide as a client shows it."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        window = running.new_page(viewport={"width": 640, "height": 900})
        window.set_content(compose(Message(report, "", LINK)).html)
        window.screenshot(path=MAIL_PICTURE, full_page=True)
        running.close()


def main() -> None:
    """Take the picture, or say that there is no browser."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        sys.exit(f"no browser here: install one of {', '.join(BROWSERS)}")
    take(browser)


if __name__ == "__main__":
    main()
