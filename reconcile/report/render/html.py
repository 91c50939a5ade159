"""Renders a report as one HTML page that needs nothing but itself."""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from reconcile.report.data import Report
from reconcile.report.render.page import render_page
from reconcile.report.view.build import view_of


def render_html(report: Report, *, stored: bool = False) -> str:
    """Return a report as a page; `stored`: it lies beside its JSON and other reports, and links to them."""
    return render_page(view_of(report), stored=stored)


@cache
def template(name: str) -> Template:
    """Return one of the templates; whatever is put into it is escaped."""
    # Everything in a report may be user text, so there is no way to put markup into it unescaped.
    environment = Environment(
        loader=PackageLoader("reconcile.report.render"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)
