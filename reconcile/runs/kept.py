"""Reads what is kept of earlier runs, for people who want to see it again."""

from typing import Any

from reconcile.model.errors import UsageError
from reconcile.report.data import Report
from reconcile.runs import archive
from reconcile.runs.finish import Outcome, send_again
from reconcile.stores.ports import ReportsStore
from reconcile.wiring import Wiring


def summaries(wiring: Wiring, limit: int) -> list[dict[str, Any]]:
    """Return the summaries of the stage's newest runs, newest first.

    Raises UsageError without a place to look, SourceError.
    """
    return archive.summaries(_place(wiring), wiring.settings.stage, limit)


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
    """Return a report of this stage, the newest when no run is named; raises UsageError, SourceError."""
    return archive.load_report(_place(wiring), wiring.settings.stage, run)


def _place(wiring: Wiring) -> ReportsStore:
    if wiring.reports is None:
        raise UsageError("no reports are kept: set RECONCILE_REPORTS")
    return wiring.reports
