"""Recalls, before anything is read, what earlier runs left: environment, ledger, history, window."""

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from reconcile.model.clock import parse_time
from reconcile.model.decision import Decision, What
from reconcile.model.errors import UsageError
from reconcile.model.finding import NEEDS_A_PERSON, Finding, recording_key
from reconcile.model.media import MediaMap
from reconcile.model.recording import RecordingKey
from reconcile.model.run import Interrupted, Order, SourceCount
from reconcile.model.snapshot import Assignment, LedgerEntry, Rules
from reconcile.report.history import History
from reconcile.runs.archive import highest_sequence, load_report, newest_report
from reconcile.stores.ports import Environment, ReportsStore, State

_RUNS_LOOKED_AT = 400
NOWHERE = Environment("", "", "", ())


@dataclass(frozen=True, slots=True)
class Past:
    """What earlier runs left. `runs` are their summaries, newest first; `interrupted` were killed.

    `environment` is what the state table is tied to, and `reported` the highest sequence number that a stored
    report carries. `approved_for` are the reasons for which the approved findings were withheld.
    """

    ledger: Mapping[RecordingKey, LedgerEntry] = field(default_factory=dict)
    history: History = field(default_factory=History)
    runs: tuple[Mapping[str, Any], ...] = ()
    interrupted: tuple[Interrupted, ...] = ()
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    environment: Environment = NOWHERE
    reported: int = 0
    approved: tuple[Finding, ...] = ()
    approved_for: frozenset[str] = frozenset()

    def counts(self) -> dict[str, list[SourceCount]]:
        """Return each source's item counts, newest first."""
        found: dict[str, list[SourceCount]] = {}
        for run in self.runs:
            for name, source in run.get("sources", {}).items():
                count = SourceCount(int(source["items"]), bool(source["whole"]), bool(source["doubted"]))
                found.setdefault(name, []).append(count)
        return found

    def days_since_full_check(self, now: datetime) -> int:
        """Return the days since a whole run last checked every recording, or since the oldest known run."""
        runs = [run for run in self.runs if "started_at" in run]
        full = (run for run in runs if run.get("scope") == "full" and run.get("whole"))
        newest = next(full, runs[-1] if runs else None)
        return max((now - parse_time(newest["started_at"])).days, 0) if newest else 0

    def holding(self, now: datetime) -> dict[str, Decision]:
        """Return the decisions that hold, by their id."""
        return {name: decision for name, decision in self.decisions.items() if decision.holds(now)}

    def decided(self, what: What, now: datetime) -> list[Decision]:
        """Return the decisions of one sort that hold."""
        return [decision for decision in self.holding(now).values() if decision.what == what]

    def least_open(self, since: datetime) -> int | None:
        """Return the fewest findings that a run since then left open; None without one that checked all."""
        runs = (run for run in self.runs if "statuses" in run and not run.get("only") and _checked_all(run))
        left = [
            sum(run["statuses"].get(name, 0) for name in NEEDS_A_PERSON)
            for run in runs
            if parse_time(run["started_at"]) >= since
        ]
        return min(left, default=None)

    def undecided_since(self) -> datetime | None:
        """Return how far back the recordings reach that a run left undecided whose report was lost."""
        for run in self.runs:
            if run.get("id") == self.history.run:
                return None
            if "undecided_since" in run:
                return parse_time(run["undecided_since"]) if run["undecided_since"] else None
        return None


def _checked_all(run: Mapping[str, Any]) -> bool:
    """Whether a run checked all but what a person ignores; an older one tells only whether it was whole."""
    return not run["not_checked"] if "not_checked" in run else bool(run.get("whole", True))


def recall(
    order: Order, wanted: Environment, state: State | None, reports: ReportsStore | None, now: datetime
) -> Past:
    """Recall the past.

    Raises UsageError for another environment or an unknown run to approve, SourceError.
    """
    if reports:
        reports.prepare()
    return remembered(order, wanted, state, reports, now)


def remembered(
    order: Order, wanted: Environment, state: State | None, reports: ReportsStore | None, now: datetime
) -> Past:
    """Read what an environment remembers; writes nothing. Raises as `recall` does."""
    approved, reasons = _approved(order.approve, reports, wanted.stage)
    # The reports first: a run that ends meanwhile raises the table's number before its report is stored.
    reported = highest_sequence(reports, wanted.stage) if state else 0
    environment = standing(wanted, state) if state else wanted
    runs = tuple(state.runs(_RUNS_LOOKED_AT)) if state else ()
    return Past(
        ledger=state.ledger() if state else {},
        history=History.of(newest_report(reports, wanted.stage)),
        runs=runs,
        interrupted=interrupted(runs, state, now) if state else (),
        decisions=state.decisions() if state else {},
        environment=environment,
        reported=reported,
        approved=approved,
        approved_for=reasons,
    )


def settle(wanted: Environment, state: State, read: Environment | None = None) -> Environment:
    """Tie the state table to what was read of what is wanted (None: all); return what stands.

    Raises UsageError where it belongs to another environment, SourceError.
    """
    standing(wanted, state)
    settled = state.settle_environment(read or wanted)
    # Another stage's first run may have been faster, or the first look was answered with nothing.
    refuse_mismatch(settled, wanted)
    return settled


def standing(wanted: Environment, state: State) -> Environment:
    """Return what the state table is tied to; raises UsageError where that is another one, SourceError."""
    found = state.environment()
    if found is not None:
        refuse_mismatch(found, wanted)
    return found or Environment(wanted.stage, "", "", ())


def refuse_mismatch(standing: Environment, wanted: Environment) -> None:
    """Raise UsageError where a state table belongs to another environment than the settings name."""
    pairs = (
        ("RECONCILE_STAGE", standing.stage, wanted.stage),
        ("RECONCILE_TABLE", standing.table, wanted.table),
        ("RECONCILE_ALGOLIA_INDEX", standing.index, wanted.index),
    )
    for name, has, wants in pairs:
        # What no run read whole is tied to nothing yet.
        if has and has != wants:
            raise UsageError(
                f"the state table belongs to another environment: it was made with {name}={has}, "
                f"and {wants} is set now. Use that environment's own state table."
            )
    gone = sorted(set(standing.buckets) - set(wanted.buckets))
    if gone:
        raise UsageError(
            f"the state table knows the bucket {', '.join(gone)}, which RECONCILE_BUCKET "
            f"({', '.join(wanted.buckets)}) does not name. Name it again, or take it back: "
            f"reconcile state --remove-bucket {shlex.quote(gone[0])}"
        )


def _approved(
    run: str | None, reports: ReportsStore | None, stage: str
) -> tuple[tuple[Finding, ...], frozenset[str]]:
    """Return what a run withheld, and the reasons why."""
    if run is None:
        return (), frozenset()
    if reports is None:
        raise UsageError(f"there is no report of a run {run!r}: set RECONCILE_REPORTS to where it is stored")
    report = load_report(reports, stage, run)
    withheld = tuple(finding for finding in report.findings if finding.id in report.withheld)
    if not withheld:
        raise UsageError(f"the run {run} withheld nothing, so there is nothing to approve")
    return withheld, frozenset(report.withheld.values())


def interrupted(runs: Iterable[Mapping[str, Any]], state: State, now: datetime) -> tuple[Interrupted, ...]:
    """Return the runs that were killed and not told of yet: they never said how they ended.

    A check is given up when its time is over, a repair as soon as it does not hold the lease any more.
    """
    told = {name for run in runs for name in run.get("interrupted", ())}
    unended = [run for run in runs if "until" in run and "exit_code" not in run and run["id"] not in told]
    holder = state.holder(now) if unended else None
    return tuple(
        Interrupted(run["id"], run["mode"], parse_time(run["started_at"]), len(state.journal(run["id"])))
        for run in unended
        if run["id"] != holder and (run["mode"] == "repair" or parse_time(run["until"]) <= now)
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
        assigned={one.recording: _assignment(one) for one in past.decided("assign", now)},
        restored={one.recording: one.mark for one in past.decided("restore", now)},
    )
    unresolved = past.history.unresolved | approved | rules.decided
    return replace(rules, unresolved=unresolved, undecided=past.history.undecided)


def _assignment(decision: Decision) -> Assignment:
    why = f": {decision.reason}" if decision.reason else ""
    return Assignment(decision.show, decision.group or None, f"{decision.by}{why}")
