"""Takes the README's picture of a report from the demo, with Chromium: python -m tests.picture."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from reconcile.cli.demo import run_demo

PICTURE = Path(__file__).parents[1] / "reconcile" / "docs" / "report.png"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SIZE = "1200,900"
SEED = 1


def take(browser: str) -> None:
    """Run the demo and photograph the page of its last report, as far as a screen shows it."""
    with tempfile.TemporaryDirectory() as folder:
        run_demo(Console(), seed=SEED, reports=Path(folder), serve=False)
        *_, page = sorted(Path(folder).rglob("report.html"))
        options = ("--headless", "--no-sandbox", "--hide-scrollbars", f"--window-size={SIZE}")
        subprocess.run([browser, *options, f"--screenshot={PICTURE}", page.as_uri()], check=True)


def main() -> None:
    """Take the picture, or say that there is no browser."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        sys.exit(f"no browser here: install one of {', '.join(BROWSERS)}")
    take(browser)


if __name__ == "__main__":
    main()
