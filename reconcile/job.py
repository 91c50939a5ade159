"""The job: collect, compare, confirm, plan, apply, verify, report."""

import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from reconcile.collect import Progress, Stores, collect, read_events
from reconcile.compare.verdicts import Comparison
from reconcile.confirm import confirm
from reconcile.model.errors import Exit, SourceError, most_severe
from reconcile.model.media import MediaMap
from reconcile.model.run import Order, Repair
from reconcile.model.snapshot import LedgerEntry, Rules, Snapshot
from reconcile.recall import Past, recall, rules_for
from reconcile.repair.apply import Hands, apply, verify
from reconcile.repair.plan import Permission, Plan, make_plan
from reconcile.report.build import Results, build_report
from reconcile.report.data import Report
from reconcile.report.html import render_html
from reconcile.stores.ports import Environment, Lease, ReportsStore, State


@dataclass(frozen=True, slots=True)
class Ports:
    """What a run works with; nothing in here can write to the application's stores."""

    run: str
    environment: Environment
    stores: Stores
    state: State | None
    reports: ReportsStore | None
    media: MediaMap
    clock: Callable[[], datetime]
    usage: Callable[[], Mapping[str, Any]]
    progress: Progress


@dataclass(frozen=True, slots=True)
class Tools:
    """What a repair has besides: the lease, and the hands that write while it is held."""

    state: State
    reports: ReportsStore
    lease: Callable[[], AbstractContextManager[Lease]]
    hands: Callable[[Lease], Hands]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A run's report, where it is kept (None: nowhere), and why it could not be kept ("" if it could)."""

    report: Report
    place: str | None = None
    not_kept: str = ""

    @property
    def exit_code(self) -> Exit:
        """The report's exit code; a report that could not be kept makes the run incomplete."""
        codes = {Exit(self.report.run.exit_code)}
        return most_severe(codes | {Exit.INCOMPLETE} if self.not_kept else codes)


def check(order: Order, ports: Ports) -> Outcome:
    """Look at everything and report; writes nothing but the job's own memory."""
    started = ports.clock()
    past = recall(order, ports.environment, ports.state, ports.reports)
    rules, snapshot, comparison = examine(order, past, ports, started)
    plan = make_plan(comparison, snapshot, rules, _permission(order, past, past.first_repair))
    return conclude(order, ports, past, started, (rules, snapshot, comparison, plan, ()))


def repair(order: Order, ports: Ports, tools: Tools) -> Outcome:
    """Look at everything, mend what can be mended, and report. Raises AlreadyRunning."""
    started = ports.clock()
    past = recall(order, ports.environment, ports.state, ports.reports)
    with tools.lease() as lease:
        first_repair = tools.state.mark_first_repair(started)
        rules, snapshot, comparison = examine(order, past, ports, started)
        plan = make_plan(comparison, snapshot, rules, _permission(order, past, first_repair))
        hands = tools.hands(lease)
        repairs = verify(apply(plan, comparison.dossiers, hands), hands)
        return conclude(order, ports, past, started, (rules, snapshot, comparison, plan, tuple(repairs)))


def examine(order: Order, past: Past, ports: Ports, now: datetime) -> tuple[Rules, Snapshot, Comparison]:
    """Collect, compare and confirm; remember the programs that were seen."""
    rules = rules_for(order, past, ports.media, now)
    snapshot = collect(ports.stores, past.ledger, past.counts, ports.progress)
    snapshot = read_events(snapshot, rules, ports.stores.recordings, ports.progress)
    snapshot, comparison = confirm(snapshot, rules, ports.stores, ports.state)
    if ports.state:
        ports.state.remember(programs_to_remember(snapshot, comparison))
    return rules, snapshot, comparison


def programs_to_remember(
    snapshot: Snapshot, comparison: Comparison
) -> Iterable[tuple[LedgerEntry, LedgerEntry | None]]:
    """Return what the ledger does not know yet of the programs that were seen, and what it knows."""
    for key, view in comparison.dossiers.views.items():
        seen = {program.owner: program.program_id for program in view.programs}
        known = snapshot.ledger.get(key)
        if seen and (known is None or not seen.items() <= known.programs.items()):
            before = known.programs if known else {}
            yield LedgerEntry(key, {**before, **seen}, known.how if known else "seen"), known


def _permission(order: Order, past: Past, first_repair: datetime | None) -> Permission:
    return Permission(first_repair, frozenset(finding.id for finding in past.approved), order.only)


Examined = tuple[Rules, Snapshot, Comparison, Plan, tuple[Repair, ...]]


def conclude(order: Order, ports: Ports, past: Past, started: datetime, examined: Examined) -> Outcome:
    """Build the report and keep the run's summary; a repair that was whole moves the window on."""
    rules, snapshot, comparison, plan, repairs = examined
    report = build_report(
        Results(
            run=ports.run,
            stage=ports.environment.stage,
            order=order,
            started_at=started,
            finished_at=ports.clock(),
            rules=rules,
            snapshot=snapshot,
            comparison=comparison,
            plan=plan,
            repairs=repairs,
            history=past.history,
            usage=ports.usage(),
            keeps_history=ports.state is not None and ports.reports is not None,
        )
    )
    outcome = keep(report, ports)
    if ports.state:
        try:
            told = summary(report, snapshot, order)
            ports.state.record_run(ports.run, told)
            if order.mode == "repair" and told["whole"]:
                ports.state.mark_whole_repair(started)
        except SourceError as error:
            return replace(outcome, not_kept=outcome.not_kept or str(error))
    return outcome


def keep(report: Report, ports: Ports) -> Outcome:
    """Store the report and its renderings; what cannot be stored is still returned."""
    if ports.reports is None:
        return Outcome(report)
    files = {
        "report.json": report.to_json(),
        "report.html": render_html(report, link="report.json"),
        "summary.json": json.dumps(report.summary()),
    }
    try:
        return Outcome(report, ports.reports.save(report.run.id, files))
    except SourceError as error:
        return Outcome(report, not_kept=str(error))


def summary(report: Report, snapshot: Snapshot, order: Order) -> dict[str, object]:
    """Return what later runs need to know of this one."""
    whole = not (snapshot.doubts("s3", "dynamodb", "algolia") or snapshot.failures or order.only)
    sources = {
        receipt.source: {"items": receipt.items, "whole": receipt.whole, "doubted": bool(receipt.doubt)}
        for receipt in snapshot.receipts
    }
    return {**report.summary(), "whole": whole, "sources": sources}
