"""Renders a report as one HTML page that needs nothing but itself."""

from reconcile.report.data import Report
from reconcile.report.render.page import render_page
from reconcile.report.view.build import view_of


def render_html(report: Report, *, stored: bool = False) -> str:
    """Return a report as a page; `stored`: it lies beside its JSON and other reports, and links to them."""
    return render_page(view_of(report), stored=stored)
