"""Renders a report as one HTML page that needs nothing but itself."""

from reconcile.report.data import Report
from reconcile.report.render.page import render_page
from reconcile.report.view.build import view_of


def render_html(report: Report, *, stored: bool = False, newest: bool = False) -> str:
    """Return a report as a page; `stored`: it lies beside its JSON and other reports, and links to them.

    `newest`: it lies beside the folders of the runs, and links to its own in the same way.
    """
    return render_page(view_of(report), stored=stored, newest=newest)
