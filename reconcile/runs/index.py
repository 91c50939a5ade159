"""Keeps beside the reports, after each run, the lists of runs and the newest report of each stage."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from reconcile.model.errors import SourceError
from reconcile.model.usage import MonthCost
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
    month_cost,
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
    """Yield the runs of a place, newest first."""
    listed = entries_of(reports.published(LIST))
    own = RunEntry.of(report.summary())
    for run in reports.run_ids()[:MOST]:
        entry = own if run == report.run.id else _entry(run, listed, reports)
        if entry:
            yield entry


def _entry(run: str, listed: Mapping[str, RunEntry], reports: ReportsStore) -> RunEntry | None:
    """Return a run as it is listed; only where it is not, its summary is read."""
    if run in listed:
        return listed[run]
    summary = run_summary(reports, run)
    return RunEntry.of(summary) if summary else None


def month_before(stage: str, moment: datetime, reports: ReportsStore | None) -> MonthCost | None:
    """Return what the archived runs of a stage cost in a moment's month; None where nothing is archived.

    A list that cannot be read is no reason to report nothing: then the month begins with this run.
    """
    if reports is None:
        return None
    month, today = f"{moment:%Y-%m}", f"{moment:%Y-%m-%d}"
    try:
        listed = entries_of(reports.published(LIST))
        runs = [run for run in reports.run_ids() if run.startswith(f"{moment:%Y%m}")]
        entries = [entry for run in runs[:MOST] if (entry := _entry(run, listed, reports))]
    except SourceError:
        return MonthCost(month, 0.0, 0, since=today)
    oldest = entries[-1].started_at if len(runs) > MOST and entries else None
    return month_cost(month, stage, entries, f"{oldest:%Y-%m-%d}" if oldest else "")
