"""Reads what is kept of earlier runs, for people who want to see it again."""

import json
from typing import Any

from reconcile.closing import Outcome, send_again
from reconcile.model.errors import UsageError
from reconcile.report.data import Report
from reconcile.stores.ports import ReportsStore
from reconcile.wiring import Wiring


def summaries(wiring: Wiring, limit: int) -> list[dict[str, Any]]:
    """Return the summaries of the newest runs, newest first; raises UsageError without a place to look."""
    reports = _place(wiring)
    return [_summary(run, reports.load(run, "summary.json")) for run in reports.run_ids()[:limit]]


def _summary(run: str, text: str | None) -> dict[str, Any]:
    try:
        summary = json.loads(text or "")
    except ValueError:
        summary = None
    return summary if isinstance(summary, dict) else {"id": run, "headline": "its summary cannot be read"}


def send_kept(wiring: Wiring, run: str | None) -> Outcome:
    """Send a kept report again through every channel that is set; raises UsageError without one."""
    report = kept_report(wiring, run)
    if not wiring.mailroom.channels:
        raise UsageError(
            "there is no way to send it: set RECONCILE_EMAIL_FROM and RECONCILE_EMAIL_TO, "
            "RECONCILE_SLACK_WEBHOOK or RECONCILE_WEBHOOK"
        )
    kept = Outcome(report, _place(wiring).place(report.run.id))
    return send_again(kept, wiring.mailroom, wiring.reports, wiring.state, wiring.clock)


def kept_report(wiring: Wiring, run: str | None) -> Report:
    """Return a kept report, the newest when no run is named; raises UsageError when there is none."""
    reports = _place(wiring)
    if run is None:
        ids = reports.run_ids()
        if not ids:
            raise UsageError("no report is kept there yet: run reconcile check first")
        run = ids[0]
    text = reports.load(run, "report.json") if "/" not in run else None
    if text is None:
        raise UsageError(f"there is no report of a run {run!r}: reconcile runs lists those that there are")
    try:
        return Report.from_json(text)
    except ValueError as error:
        raise UsageError(f"the report of the run {run} cannot be read: {error}") from error


def _place(wiring: Wiring) -> ReportsStore:
    if wiring.reports is None:
        raise UsageError("no reports are kept: set RECONCILE_REPORTS")
    return wiring.reports
