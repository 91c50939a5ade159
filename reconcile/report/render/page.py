"""Renders a report as one HTML page that needs nothing but itself."""

from markupsafe import Markup

from reconcile.report.render.chart import chart_of, coverage_bars
from reconcile.report.render.markup import source_of, template, text_of_file
from reconcile.report.render.page_data import embedded
from reconcile.report.run_list import page_of
from reconcile.report.view.head import TrendNight
from reconcile.report.view.model import ReportView, Shelf

MOST_STATIC = 50
"""So many lines of each list are shown where no script runs."""

_HEAD, _LINES = 3, 4
"""The heights of a group's head and of its first lines, in lines."""

_WITHOUT_SCRIPT = ".scripted { display: none; }"


def render_page(view: ReportView, *, stored: bool = False, newest: bool = False) -> str:
    """Return a report as a page; `stored`: it lies beside its JSON and other reports, and links to them.

    `newest`: it lies beside the folders of the runs, and links to its own in the same way.

    Every text is escaped; neither script nor style runs but the page's own.
    """
    style, script, data = text_of_file("page.css"), text_of_file("page.js"), embedded(view)
    styles = " ".join(map(source_of, (style, _WITHOUT_SCRIPT)))
    return template("page.html.j2").render(
        view=view,
        stored=stored or newest,
        up="" if newest else "../",
        here=f"{view.bar.run}/" if newest else "",
        previous=_previous(view),
        index=page_of(view.bar.stage),
        columns=_columns(view.shelves),
        chart=chart_of(view.trend),
        bars=coverage_bars(view.coverage.segments),
        data=Markup(data.body),
        data_type="application/gzip" if data.packed else "application/json",
        most=MOST_STATIC,
        policy=f"default-src 'none'; style-src {styles}; script-src {source_of(script)}; "
        "img-src data:; base-uri 'none'; form-action 'none'",
        style=Markup(style),
        without_script=Markup(_WITHOUT_SCRIPT),
        script=Markup(script),
    )


def _previous(view: ReportView) -> TrendNight | None:
    """Return the run before this one."""
    return next((night for night in view.trend.nights if night.run == view.bar.previous), None)


def _columns(shelves: tuple[Shelf, ...]) -> tuple[tuple[Shelf, ...], tuple[Shelf, ...]]:
    """Return the shelves in two columns of about the same height, in their order."""
    heights = [sum(_HEAD + min(group.number, _LINES) for group in shelf.groups) for shelf in shelves]
    first = min(range(1, len(shelves) + 1), key=lambda n: max(sum(heights[:n]), sum(heights[n:])), default=0)
    return shelves[:first], shelves[first:]
