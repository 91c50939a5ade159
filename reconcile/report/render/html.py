"""Renders a report as one HTML page that needs nothing but itself."""

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from reconcile.report.cause_groups import setup_lines
from reconcile.report.data import Report
from reconcile.report.formatting import clean
from reconcile.report.render.page import render_page
from reconcile.report.sections import sections
from reconcile.report.summary import (
    count_tables,
    delivery_facts,
    glance,
    looked_at,
    run_line,
    source_lines,
    tallies,
    usage_facts,
)
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


def shown(report: Report) -> dict[str, Any]:
    """Return what every HTML rendering shows of a report, by the name that the templates know it by."""
    return {
        "stage": clean(report.run.stage),
        "run_line": run_line(report.run),
        "glance": glance(report),
        "headline": clean(report.headline),
        "looked_at": looked_at(report.run),
        "tallies": tallies(report),
        "sections": sections(report),
        "count_tables": count_tables(report),
        "setup": setup_lines(report),
        "sources": source_lines(report),
        "usage": usage_facts(report),
        "deliveries": delivery_facts(report),
    }
