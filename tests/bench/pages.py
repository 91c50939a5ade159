"""How large and how long the page and the terminal's report are for 0, 1, 50 and 5,000 findings."""

import io
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright
from rich.console import Console

from reconcile.report.data import Report
from reconcile.report.render.html import render_html
from reconcile.report.render.terminal import print_report
from tests.bench.sheet import Sheet
from tests.browser.conftest import QUIET, browser_path
from tests.unit.golden import GOLDEN
from tests.unit.samples import findings_report

NUMBERS = (0, 1, 50, 5_000)
MOST_PAGE, MOST_LINES = 5_000.0, 40
"""In kilobytes (of 1,000 bytes), and lines of a terminal of 80 columns."""
SCREENS = ((1280, 900), (390, 844))


def main() -> int:
    """Print the figures; 1 when a page is larger, or a screen longer, than it may be."""
    sheet = Sheet("The page and the terminal for reports of any number of findings")
    reports = {f"{number:,}": findings_report(number) for number in NUMBERS}
    reports["5,000 and 21,000 recordings"] = GOLDEN["many"]()
    pages = {name: render_html(report, stored=True) for name, report in reports.items()}
    lines = {name: terminal_lines(report) for name, report in reports.items()}
    heights = screens(pages)
    sheet.table(
        ("findings", "page kB", "screens at 1280", "screens at 390", "lines of a terminal"),
        [(name, len(page.encode()) / 1000, *heights[name], lines[name]) for name, page in pages.items()],
    )
    sheet.hold("largest page", max(len(page.encode()) for page in pages.values()) / 1000, MOST_PAGE, " kB")
    sheet.hold("most lines of a terminal", max(lines.values()), MOST_LINES, "")
    return sheet.exit_code


def terminal_lines(report: Report) -> int:
    """Return how many lines a report takes on a terminal of 80 columns."""
    out = io.StringIO()
    print_report(report, Console(file=out, width=80, force_terminal=False, color_system=None))
    return out.getvalue().count("\n")


def screens(pages: dict[str, str]) -> dict[str, tuple[object, ...]]:
    """Return how many screens each page is long, as it opens; a dash without a browser."""
    path = browser_path()
    if path is None:
        return dict.fromkeys(pages, ("–", "–"))
    heights: dict[str, tuple[object, ...]] = {}
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        for name, page in pages.items():
            file = Path(folder) / "report.html"
            file.write_text(page, encoding="utf-8")
            found = []
            for width, height in SCREENS:
                opened = browser.new_page(viewport={"width": width, "height": height})
                opened.goto(file.as_uri())
                opened.wait_for_selector("#rows", state="attached")
                found.append(opened.evaluate("document.documentElement.scrollHeight") / height)
                opened.close()
            heights[name] = tuple(found)
        browser.close()
    return heights


if __name__ == "__main__":
    sys.exit(main())
