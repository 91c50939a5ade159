"""Writes the page about the laws: python -m tests.laws."""

from tests.laws.page import PAGE, page

PAGE.write_text(page(), encoding="utf-8")
