"""The pages of the golden reports as text, as reviewers read them.

After a change that is meant, write them anew: python -m tests.unit.test_golden_page
"""

from pathlib import Path

import pytest

from reconcile.report.data import Report
from reconcile.report.render.html import render_html
from tests.unit.golden import GOLDEN
from tests.unit.page_text import PageText

FILES = Path(__file__).parent / "golden_files"
MOST = 6
"""So many rows of a list are written out; a hash stands for the others."""


def text_of(report: Report) -> str:
    """Return the page of a report as text, as if it were stored."""
    return "\n".join(PageText(render_html(report, stored=True), MOST).lines) + "\n"


@pytest.mark.parametrize("name", GOLDEN)
def test_the_page_is_as_it_was(name: str) -> None:
    """Whatever changes in it is seen in review."""
    assert text_of(GOLDEN[name]()) == (FILES / f"page-{name}.txt").read_text("utf-8")


def main() -> None:
    """Write the files."""
    FILES.mkdir(exist_ok=True)
    for name, report in GOLDEN.items():
        (FILES / f"page-{name}.txt").write_text(text_of(report()), encoding="utf-8")


if __name__ == "__main__":
    main()
