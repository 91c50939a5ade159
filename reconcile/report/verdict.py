"""Decides in a word how things are after a run. Pure."""

from typing import TYPE_CHECKING

from reconcile.model.errors import Exit
from reconcile.report.not_checked import pending
from reconcile.report.parts import State

if TYPE_CHECKING:
    from reconcile.report.data import Report


def state_of(report: "Report") -> State:
    """Return the most serious of incomplete, action, known and ok.

    Nothing is called OK over problems that somebody knows or ignores, nor what was not checked.
    """
    numbers = report.numbers
    if not all(receipt.trusted for receipt in report.sources) or report.run.exit_code == Exit.INCOMPLETE:
        return "incomplete"
    failed = any(finding.status == "failed" for finding in report.findings)
    if numbers.awaiting_approval or numbers.new or failed:
        return "action"
    left = report.run.only or pending(report.not_checked) or not _population(report)
    return "known" if numbers.open or numbers.ignored or left else "ok"


def _population(report: "Report") -> int:
    return sum(tally.get("population", 0) for tally in report.counts.values())
