"""The job: collect, compare, confirm, plan, apply, verify, report, deliver."""

from dataclasses import replace
from datetime import datetime
from functools import partial

from reconcile.collect.ahead import ReadAhead
from reconcile.collect.events import read_events
from reconcile.collect.media import check_media
from reconcile.collect.snapshot import collect
from reconcile.compare.verdicts import Examined
from reconcile.confirm.findings import confirm
from reconcile.deliver.dispatch import WEEK
from reconcile.model.facts import Remembered
from reconcile.model.run import Order
from reconcile.model.snapshot import Rules, Snapshot
from reconcile.repair.apply import apply
from reconcile.repair.duplicates import DuplicateCheck, check_duplicates
from reconcile.repair.guards import Guards
from reconcile.repair.kinds import KINDS
from reconcile.repair.plan import make_plan
from reconcile.repair.planned import Plan, RepairScope
from reconcile.repair.verify import verify
from reconcile.report.build import Results, build_report
from reconcile.runs.ending import cut_short, remember, run_facts
from reconcile.runs.environment import bind_sources, mark_first_repair, standing
from reconcile.runs.facts import keep_facts
from reconcile.runs.finish import Outcome, keep, only_lasting_faults, send
from reconcile.runs.history import recall, rules_for
from reconcile.runs.index import month_before, write_index
from reconcile.runs.ledger import remember_programs
from reconcile.runs.outgrown import end_outgrown
from reconcile.runs.past import Past
from reconcile.runs.ports import Ports, Tools
from reconcile.runs.undone import end_undone, undone_words


def check(order: Order, ports: Ports) -> Outcome:
    """Check everything and report; writes only to the job's own stores."""
    started = ports.memory.clock()
    past = recall(order, ports.memory, started)
    with ports.tracked(order, started):
        examined = examine(order, past, ports, started)
        examined = keep_facts(examined, ports.memory, started)
        past = remember_sources(order, past, examined, ports, started)
        plan = make_plan(examined, repair_scope(order, past, started), KINDS)
        return conclude(order, ports, past, started, examined, plan, DuplicateCheck())


def repair(order: Order, ports: Ports, tools: Tools) -> Outcome:
    """Check everything, repair what is safe, and report. Raises AlreadyRunning."""
    started = ports.memory.clock()
    standing(ports.memory.environment, tools.state)
    # What another run is about to write, it has written when the lease is free: only then is it recalled.
    with tools.lease() as lease:
        past = recall(order, ports.memory, started)
        with ports.tracked(order, started):
            examined = examine(order, past, ports, started)
            examined = keep_facts(examined, ports.memory, started)
            past = remember_sources(order, past, examined, ports, started)
            plan = make_plan(examined, repair_scope(order, past, started), KINDS)
            writing = tools.ports(lease)
            repairs = apply(plan, writing)
            ports.budget.next("reading back")
            repairs = verify(repairs, writing)
            duplicate_check = check_duplicates(repairs, plan.repairs, examined.comparison, writing)
            return conclude(order, ports, past, started, examined, plan, duplicate_check)


def examine(order: Order, past: Past, ports: Ports, now: datetime) -> Examined:
    """Collect, compare and confirm; writes nothing, not even to the job's own stores."""
    rules, snapshot = read_sources(rules_for(order, past, ports.media, now), past, ports)
    # What is needed of it is part of the snapshot by now; the rest is large.
    snapshot = replace(snapshot, remembered=Remembered())
    snapshot, comparison = confirm(
        snapshot, rules, ports.stores, ports.memory.state, ports.engine, ports.budget.deadline
    )
    ports.budget.next("repairing")
    return Examined(rules, snapshot, comparison)


def read_sources(rules: Rules, past: Past, ports: Ports) -> tuple[Rules, Snapshot]:
    """Collect, read the events that these rules need, and look for media.

    Returns the rules with the moment as of which the table was exported, where it was.
    """
    ahead = ReadAhead(rules, ports.stores, ports.budget.deadline, facts=past.facts)
    snapshot = collect(ports.stores, past.ledger, past.counts(), ports.progress, ahead)
    rules = replace(rules, table_as_of=snapshot.table_as_of)
    # Half of the time that is left is for events, half of the rest for media: something can be confirmed yet.
    half = ports.budget.deadline.part(0.5)
    snapshot = read_events(snapshot, rules, ports.stores.recordings, ports.progress, half)
    part = ports.budget.deadline.part(0.5)
    return rules, check_media(snapshot, rules, ports.stores, ports.progress, part)


def remember_sources(order: Order, past: Past, examined: Examined, ports: Ports, now: datetime) -> Past:
    """Keep what was learned of sources, programs and ignored findings; return the past as it stands now."""
    past = bind_sources(past, ports.memory, examined.snapshot, now)
    if order.mode == "repair":
        past = mark_first_repair(past, ports.memory, now)
        past = end_undone(past, ports.memory, now)
    remember_programs(examined.snapshot, examined.comparison, ports.memory.state)
    return end_outgrown(past, ports.memory, examined.comparison, now)


def repair_scope(order: Order, past: Past, now: datetime) -> RepairScope:
    """Return what a plan may do, by what was ordered and what people decided."""
    environment = past.environment
    ignored = frozenset(decision.id for decision in past.decided("ignore", now))
    undone = {decision.finding: undone_words(decision) for decision in past.decided("undone", now)}
    return RepairScope(
        environment.first_repair,
        frozenset(finding.id for finding in past.approved),
        ignored,
        order.only,
        order.opt_in,
        undone,
        Guards.of(environment, past.reported),
    )


def conclude(
    order: Order,
    ports: Ports,
    past: Past,
    started: datetime,
    examined: Examined,
    plan: Plan,
    duplicate_check: DuplicateCheck,
) -> Outcome:
    """Build, archive and send the report, archive the deliveries, and save the run's summary."""
    snapshot, repairs, memory = examined.snapshot, duplicate_check.repairs, ports.memory
    charged = partial(ports.charged, started, month_before(memory.stage, started, memory.reports))
    left_out = cut_short(order, plan, repairs, snapshot, ports.budget)
    report = build_report(
        Results(
            run=run_facts(order, ports, past, started, examined, left_out),
            order=order,
            examined=examined,
            plan=plan,
            repairs=repairs,
            doubled=duplicate_check.findings,
            history=past.history,
            usage=charged(),
            decisions=past.holding(started),
            outgrown=past.outgrown,
            consoles=ports.consoles,
            earlier=past.trend,
        )
    )
    ports.budget.next("reporting")
    outcome = keep(report, memory.reports, ports.delivery)
    outcome = send(outcome, past.runs, ports.delivery, memory, charged)
    outcome = replace(outcome, lasting=only_lasting_faults(repairs, snapshot, report.run.cut_short))
    least = past.least_open(started - WEEK)
    outcome = replace(outcome, rise=report.numbers.open - least if least is not None else 0)
    outcome = replace(outcome, not_listed=write_index(outcome.report, memory.reports))
    ports.budget.next("ending")
    return remember(outcome, snapshot, order, ports, started)
