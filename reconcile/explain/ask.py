"""Explains one subject with the job's own collect, compare and confirm; the stores are read once."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from reconcile.collect.events import read_events
from reconcile.compare.verdicts import Examined, compare
from reconcile.confirm.findings import confirm_some
from reconcile.explain.broadcasts import Titled, broadcasts_of, entities_of, nothing_on, titled_entities
from reconcile.explain.entities import entities_called
from reconcile.explain.explanation import (
    NAME_IT,
    Explanation,
    Listing,
    explain,
    listed,
    subjects_explained,
)
from reconcile.explain.lookup import subjects_called
from reconcile.explain.next import name_of, whatever_age_too
from reconcile.explain.related import subjects_beside
from reconcile.job import read_sources, repair_scope
from reconcile.model.decision import Decision
from reconcile.model.errors import UsageError
from reconcile.model.finding import Subject
from reconcile.model.run import Order
from reconcile.model.texts import clean
from reconcile.repair.kinds import KINDS
from reconcile.repair.plan import make_plan
from reconcile.repair.planned import Plan
from reconcile.runs.history import remembered, rules_for
from reconcile.runs.outgrown import without_outgrown
from reconcile.runs.past import Past
from reconcile.runs.ports import Ports

MOST_LISTED = 8
"""The number of newest broadcasts of a title that are listed without a day."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read for an order, every subject judged closely; no finding is confirmed yet."""

    order: Order
    past: Past
    examined: Examined

    @property
    def decisions(self) -> Mapping[str, Decision]:
        """The decisions that hold, by id."""
        return self.past.holding(self.examined.rules.now)


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a check found, some subjects confirmed, with all that a repair would write."""

    examined: Examined
    plan: Plan


def ask(query: str, order: Order, ports: Ports, day: date | None = None) -> Explanation | Listing:
    """Explain the subject that a text names, else list what lies at the show, user, stage or title it is.

    Of a title the newest are listed; with a day, in UTC, what was recorded or is dated on it: where that is
    one thing, it is explained. Raises UsageError when the text names nothing, SourceError.
    """
    return answer(query, read_once(order, ports), ports, day)


def ask_stores(query: str, order: Order, ports: Ports) -> Explanation:
    """Explain the subject that a text names, as a check of this order judges it.

    Raises UsageError when no subject is called so, SourceError.
    """
    return _explained(query, read_once(order, ports), ports)


def read_once(order: Order, ports: Ports) -> Reading:
    """Read the stores as a check of this order does; writes nothing."""
    now = ports.memory.clock()
    past = remembered(order, ports.memory, now)
    rules, snapshot = read_sources(rules_for(order, past, ports.media, now), past, ports)
    return Reading(order, past, Examined(rules, snapshot, compare(snapshot, rules, None)))


def answer(query: str, reading: Reading, ports: Ports, day: date | None = None) -> Explanation | Listing:
    """Answer from what was read; raises UsageError, SourceError."""
    decision = reading.decisions.get(query.strip())
    if decision and decision.prefix:
        explanation = _explained(decision.recording.address, reading, ports)
        return replace(explanation, query=query, note=f"{decision.id} is a decision on it: {decision.what}.")
    snapshot, comparison = reading.examined.snapshot, reading.examined.comparison
    if day is None:
        if subjects_called(query, snapshot, comparison, reading.examined.rules.media):
            return _explained(query, reading, ports)
        if entities := entities_called(query, snapshot, comparison):
            subjects = [subject for entity in entities for subject in entity.subjects]
            dry = dry_run(subjects, reading, ports)
            return listed(query, entities, subjects, dry.examined, dry.plan)
    if titled := titled_entities(query, snapshot.catalog):
        return _of_title(query, titled, day, reading, ports)
    if day:
        raise UsageError(f"nothing has the title {clean(query)!r}: {NAME_IT}")
    return _explained(query, reading, ports)


def _of_title(
    query: str, titled: Titled, day: date | None, reading: Reading, ports: Ports
) -> Explanation | Listing:
    """List what was broadcast under a title, whatever its age; explain the only broadcast of a day."""
    whole_reading = _whatever_age(reading, ports)
    broadcasts = broadcasts_of(titled, whole_reading.examined)
    if day:
        chosen = [broadcast for broadcast in broadcasts if broadcast.is_of(day)]
    else:
        chosen = list(broadcasts[:MOST_LISTED])
    if day and not chosen:
        raise UsageError(nothing_on(query, day, broadcasts))
    if day and len(chosen) == 1:
        name = name_of(chosen[0].subject, reading.examined)
        return replace(_explained(name, reading, ports), query=query)
    subjects = [broadcast.subject for broadcast in chosen]
    dry = dry_run(subjects, whole_reading, ports)
    entities = entities_of(titled, whole_reading.examined)
    listing = listed(query, entities, subjects, dry.examined, dry.plan)
    return replace(listing, more=0 if day else len(broadcasts) - len(chosen))


def _explained(query: str, reading: Reading, ports: Ports) -> Explanation:
    """Explain a subject; one that the window leaves out also with its verdict whatever its age."""
    dry = dry_run(subjects_explained(query, reading.examined), reading, ports)
    explanation = explain(query, dry.examined, dry.plan, ports.stores)
    if explanation.main.verdict != "outside-window":
        return explanation
    whole_reading = _whatever_age(reading, ports)
    dry = dry_run(subjects_explained(query, whole_reading.examined), whole_reading, ports)
    older = explain(query, dry.examined, dry.plan, ports.stores)
    return replace(
        explanation,
        whatever_age=f"{older.main.verdict}: {older.main.means}",
        todo=whatever_age_too(older.main.remedy),
        levels=older.levels,
        stores=older.stores,
        writes=older.writes,
    )


def _whatever_age(reading: Reading, ports: Ports) -> Reading:
    """Judge what was read without a window; only the events of older recordings are read besides."""
    order, rules = replace(reading.order, lookback=None), reading.examined.rules
    later = rules_for(order, reading.past, rules.media, rules.now)
    rules = replace(later, table_as_of=rules.table_as_of)
    snapshot = read_events(reading.examined.snapshot, rules, ports.stores.recordings, ports.progress)
    return Reading(order, reading.past, Examined(rules, snapshot, compare(snapshot, rules, None)))


def dry_run(subjects: Iterable[Subject], reading: Reading, ports: Ports) -> DryRun:
    """Confirm some subjects with their related items, and plan what a repair would write."""
    subjects, read = frozenset(subjects), reading.examined
    examined = _confirmed(subjects_beside(subjects, read.snapshot, read.comparison), read, ports)
    past = without_outgrown(reading.past, read.comparison, read.rules.now)
    allowed = repair_scope(reading.order, past, read.rules.now)
    plan = make_plan(examined, allowed, KINDS)
    judged = examined.comparison.judged
    if any(judged[subject].id in plan.over_limit for subject in subjects & judged.keys()):
        # How many repairs of a class there are is known when all findings are confirmed, and no sooner.
        examined = _confirmed(judged.keys(), examined, ports)
        plan = make_plan(examined, allowed, KINDS)
    all_approved = replace(
        allowed, approved=frozenset(finding.id for finding in examined.comparison.findings)
    )
    return DryRun(examined, replace(make_plan(examined, all_approved, KINDS), withheld=plan.withheld))


def _confirmed(subjects: Collection[Subject], examined: Examined, ports: Ports) -> Examined:
    return confirm_some(subjects, examined, ports.stores, ports.memory.state, ports.budget.deadline)
