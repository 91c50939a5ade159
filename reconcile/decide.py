"""What people tell the job about findings: leave this one alone for a while; all of these are known."""

import getpass
from collections.abc import Iterable
from datetime import datetime, timedelta

from reconcile.model.clock import parse_time
from reconcile.model.decision import Decision
from reconcile.model.errors import UsageError
from reconcile.model.finding import Finding
from reconcile.recall import last_report, settle
from reconcile.report.data import Report
from reconcile.stores.ports import State
from reconcile.wiring import Wiring

KNOWN_FOR = timedelta(days=90)
_OPEN = ("new", "open", "failed", "withheld")


def ignore(wiring: Wiring, finding: str, until: str, reason: str) -> tuple[Finding, Decision]:
    """Ignore a finding of the last report until a date; repairs leave it alone as well.

    Raises UsageError for an unknown finding, for a date that is none or is over, and without a memory;
    SourceError.
    """
    state, report = _memory(wiring)
    end = _date(until, wiring.clock())
    found = next((one for one in (*report.findings, *report.carried) if one.id == finding), None)
    if found is None:
        raise UsageError(
            f"the last report ({report.run.id}) has no finding {finding!r}: "
            "reconcile report shows those that it has"
        )
    decision = Decision("ignore", found.id, _who(), reason, end, wiring.clock())
    state.decide([decision])
    return found, decision


def baseline(wiring: Wiring, until: str | None, reason: str) -> tuple[list[Finding], datetime]:
    """Call everything that is open in the last report known until a date; repairs go on.

    Returns what is known from now on, and until when. Raises as `ignore` does.
    """
    state, report = _memory(wiring)
    now = wiring.clock()
    end = _date(until, now) if until else now + KNOWN_FOR
    decided = state.decisions()
    found = [one for one in _open(report) if one.id not in decided or not decided[one.id].holds(now)]
    state.decide(Decision("know", one.id, _who(), reason, end, now) for one in found)
    return found, end


def _open(report: Report) -> Iterable[Finding]:
    return (one for one in (*report.findings, *report.carried) if one.status in _OPEN)


def _memory(wiring: Wiring) -> tuple[State, Report]:
    if wiring.state is None:
        raise UsageError("decisions are kept in the state table: set RECONCILE_STATE_TABLE")
    if wiring.reports is None:
        raise UsageError("decisions are about findings of kept reports: set RECONCILE_REPORTS")
    settle(wiring.environment, wiring.state)
    report = last_report(wiring.reports, wiring.settings.stage)
    if report is None:
        raise UsageError("no report is kept yet that could name findings: run reconcile check first")
    return wiring.state, report


def _date(text: str, now: datetime) -> datetime:
    try:
        moment = parse_time(text)
    except ValueError as error:
        raise UsageError(f"--until {text!r} is no date: write it as {now + KNOWN_FOR:%Y-%m-%d}") from error
    if moment <= now:
        raise UsageError(f"--until {text} is over: name a day that is to come")
    return moment


def _who() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        # A container may run under a number that has no name.
        return "somebody"
