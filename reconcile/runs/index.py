"""Keeps beside the reports, after each run, the lists of runs and the newest report of each stage."""

from collections.abc import Iterator

from reconcile.model.errors import SourceError
from reconcile.report.data import Report
from reconcile.report.render.html import render_html
from reconcile.report.render.index import render_front, render_stage
from reconcile.report.run_list import (
    FRONT,
    LIST,
    MOST,
    UNDO,
    RunEntry,
    entries_of,
    newest_of,
    page_of,
    text_of,
)
from reconcile.runs.archive import run_summary
from reconcile.stores.ports import ReportsStore


def write_index(report: Report, reports: ReportsStore | None) -> str:
    """List a stored report with the others of its place; return why that could not be done ("": it could).

    Of runs that end at the same time the last writer wins; what its list lacks, the next run finds again. The
    newest report is that of the run that began last: one that ends after it leaves its page alone, as far as
    it sees it.
    """
    if reports is None:
        return ""
    try:
        entries = list(_entries(report, reports))
        own = [entry for entry in entries if entry.stage == report.run.stage]
        newest = next((entry for entry in own if entry.mode != UNDO), None)
        if newest and newest.id == report.run.id:
            reports.publish(newest_of(report.run.stage), render_html(report, newest=True))
        reports.publish(LIST, text_of(entries))
        reports.publish(page_of(report.run.stage), render_stage(report.run.stage, own))
        reports.publish(FRONT, render_front(entries))
    except SourceError as error:
        return str(error)
    return ""


def _entries(report: Report, reports: ReportsStore) -> Iterator[RunEntry]:
    """Yield the runs of a place, newest first; only the summaries of those that are not listed are read."""
    listed = entries_of(reports.published(LIST))
    for run in reports.run_ids()[:MOST]:
        entry = listed.get(run)
        if run == report.run.id:
            entry = RunEntry.of(report.summary())
        elif entry is None:
            summary = run_summary(reports, run)
            entry = RunEntry.of(summary) if summary else None
        if entry:
            yield entry
