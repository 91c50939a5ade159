"""Recalls, before anything is read, what earlier runs left: environment, ledger, history, window."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime

from reconcile.model.clock import parse_time
from reconcile.model.decision import Decision
from reconcile.model.documents import JsonObject
from reconcile.model.environment import Environment
from reconcile.model.errors import UsageError
from reconcile.model.finding import Finding, recording_key
from reconcile.model.media import MediaMap
from reconcile.model.run import Interrupted, Order
from reconcile.model.snapshot import Assignment, Rules
from reconcile.report.history import History
from reconcile.report.parts import TrendRun
from reconcile.report.trend import earlier_runs
from reconcile.runs.archive import highest_sequence, load_report, newest_report, summaries
from reconcile.runs.environment import standing
from reconcile.runs.facts import load_facts
from reconcile.runs.memory import Memory
from reconcile.runs.past import Past
from reconcile.stores.ports import ReportsStore, StateStore

MEDIA_VERDICTS = ("media-missing", "media-archived")
UNDER_A_LEASE = ("repair", "undo")
_RUNS_LOOKED_AT = 400
_SUMMARIES_LOOKED_AT = 40


def recall(order: Order, memory: Memory, now: datetime) -> Past:
    """Recall the past, and see that a report can be stored.

    Raises UsageError for another environment or an unknown run to approve, SourceError.
    """
    if memory.reports:
        memory.reports.prepare()
    return remembered(order, memory, now)


def remembered(order: Order, memory: Memory, now: datetime) -> Past:
    """Read what an environment remembers; writes nothing. Raises as `recall` does."""
    configured, state, reports = memory.environment, memory.state, memory.reports
    with ThreadPoolExecutor(7) as pool:
        approval = pool.submit(_approved, order.approve, reports, configured.stage)
        bound = pool.submit(_bound, configured, state, reports)
        runs = pool.submit(_runs, state, reports, configured.stage, now)
        ledger = pool.submit(state.ledger) if state else None
        newest = pool.submit(newest_report, reports, configured.stage)
        decisions = pool.submit(state.decisions) if state else None
        facts = pool.submit(load_facts, memory, now)
        # Of several failures it is always the same one that is raised: the first in this order.
        approved, reasons = approval.result()
        reported, environment = bound.result()
        earlier, trend, killed = runs.result()
        return Past(
            ledger=ledger.result() if ledger else {},
            history=History.of(newest.result()),
            runs=earlier,
            trend=trend,
            interrupted=killed,
            decisions=decisions.result() if decisions else {},
            environment=environment,
            reported=reported,
            approved=approved,
            approved_for=reasons,
            facts=facts.result(),
        )


def _bound(
    configured: Environment, state: StateStore | None, reports: ReportsStore | None
) -> tuple[int, Environment]:
    """Return the highest sequence number of a stored report, and what the state table is tied to."""
    if state is None:
        return 0, configured
    # The reports first: a run that ends meanwhile raises the table's number before its report is stored.
    reported = highest_sequence(reports, configured.stage)
    return reported, standing(configured, state)


def _runs(
    state: StateStore | None, reports: ReportsStore | None, stage: str, now: datetime
) -> tuple[tuple[JsonObject, ...], tuple[TrendRun, ...], tuple[Interrupted, ...]]:
    """Return the newest runs, their numbers, and those that were killed."""
    runs = tuple(state.runs(_RUNS_LOOKED_AT)) if state else ()
    return runs, _trend(runs, reports, stage), interrupted(runs, state, now) if state else ()


def _trend(runs: Iterable[JsonObject], reports: ReportsStore | None, stage: str) -> tuple[TrendRun, ...]:
    """Return the numbers of the newest runs: of the archive's, where no table remembers any."""
    remembered_runs = earlier_runs(runs, stage)
    if remembered_runs or reports is None:
        return remembered_runs
    return earlier_runs(summaries(reports, stage, _SUMMARIES_LOOKED_AT), stage)


def _approved(
    run: str | None, reports: ReportsStore | None, stage: str
) -> tuple[tuple[Finding, ...], frozenset[str]]:
    """Return what a run withheld, and the reasons why."""
    if run is None:
        return (), frozenset()
    if reports is None:
        raise UsageError(f"there is no report of a run {run!r}: set RECONCILE_REPORTS to where it is stored")
    report = load_report(reports, stage, run)
    withheld = tuple(finding for finding in report.findings if finding.id in report.approvals)
    if not withheld:
        raise UsageError(f"in the run {run} nothing awaits approval")
    return withheld, frozenset(report.approvals.values())


def interrupted(runs: Iterable[JsonObject], state: StateStore, now: datetime) -> tuple[Interrupted, ...]:
    """Return the runs that were killed and not reported yet: they have no end.

    A check is given up when its time is over, what needs the lease as soon as it does not hold it any more.
    """
    reported = {name for run in runs for name in run.get("interrupted", ())}
    unended = [run for run in runs if "until" in run and "exit_code" not in run and run["id"] not in reported]
    holder = state.holder(now) if unended else None
    return tuple(
        Interrupted(run["id"], run["mode"], parse_time(run["started_at"]), len(state.journal(run["id"])))
        for run in unended
        if run["id"] != holder and (run["mode"] in UNDER_A_LEASE or parse_time(run["until"]) <= now)
    )


def rules_for(order: Order, past: Past, media: MediaMap, now: datetime) -> Rules:
    """Return what this run judges by; the window reaches back to the last whole repair at least."""
    start = None
    if order.lookback is not None:
        start = now - order.lookback
        if past.environment.last_whole_repair is not None:
            start = min(start, past.environment.last_whole_repair - order.settle)
        start = min(start, past.undecided_since() or start)
    approved = {recording_key(f.subject) for f in past.approved if f.subject.type == "recording"}
    rules = Rules(
        now,
        media,
        order.settle,
        start,
        assigned={decision.recording: _assignment(decision) for decision in past.decided("assign", now)},
        restored={decision.recording: decision.mark for decision in past.decided("restore", now)},
    )
    unresolved = past.history.unresolved | approved | rules.decided
    media_findings = past.history.open_on("program", MEDIA_VERDICTS)
    undecided = past.history.undecided
    return replace(rules, unresolved=unresolved, undecided=undecided, media_findings=media_findings)


def _assignment(decision: Decision) -> Assignment:
    why = f": {decision.reason}" if decision.reason else ""
    return Assignment(decision.show, decision.group or None, f"{decision.by}{why}")
