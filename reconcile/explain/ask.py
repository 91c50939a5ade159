"""Explains one subject by the job's own collect, compare and confirm."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from reconcile.compare.verdicts import Examined, compare
from reconcile.explain.entities import things_called, things_titled
from reconcile.explain.explanation import Explanation, Listing, explain, listed
from reconcile.explain.lookup import subjects_called
from reconcile.job import examine, permission
from reconcile.model.decision import Decision
from reconcile.model.errors import UsageError
from reconcile.model.run import Order
from reconcile.model.texts import clean
from reconcile.repair.kinds import KINDS
from reconcile.repair.plan import make_plan
from reconcile.repair.planned import Plan
from reconcile.runs.history import remembered
from reconcile.runs.ports import Ports


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a check found, every subject judged closely, with all that a repair would write.

    `decisions` are those that hold, by id.
    """

    examined: Examined
    plan: Plan
    decisions: Mapping[str, Decision]


def ask(asked: str, order: Order, ports: Ports, day: date | None = None) -> Explanation | Listing:
    """Explain the subject that a text names, else list what lies at the show, user, stage or title it is.

    A day narrows a title to what was recorded, or made, on it. Raises UsageError when it names nothing,
    SourceError.
    """
    seen = dry_run(order, ports)
    return answer(asked, seen, ports, day, lambda: dry_run(replace(order, lookback=None), ports))


def ask_stores(asked: str, order: Order, ports: Ports) -> Explanation:
    """Explain the subject that a text names, as a check of this order judges it.

    Raises UsageError when no subject is called so, SourceError.
    """
    seen = dry_run(order, ports)
    return _explained(asked, seen, ports, lambda: dry_run(replace(order, lookback=None), ports))


def answer(
    asked: str, seen: DryRun, ports: Ports, day: date | None, whole: Callable[[], DryRun]
) -> Explanation | Listing:
    """Answer from what was read; `whole` reads again, whatever the age. Raises UsageError, SourceError."""
    decision = seen.decisions.get(asked.strip())
    if decision and decision.prefix:
        found = _explained(decision.recording.address, seen, ports, whole)
        return replace(found, asked=asked, note=f"{decision.id} is a decision on it: {decision.what}.")
    snapshot, comparison = seen.examined.snapshot, seen.examined.comparison
    things = () if day else things_called(asked, snapshot, comparison)
    named = bool(day) or not subjects_called(asked, snapshot, comparison, seen.examined.rules.media)
    if named and not things:
        things = things_titled(asked, day, snapshot, comparison)
    if named and things:
        return listed(asked, things, seen.examined, seen.plan)
    if day:
        raise UsageError(f"nothing with the title {clean(asked)!r} was recorded or made on {day}")
    return _explained(asked, seen, ports, whole)


def _explained(asked: str, seen: DryRun, ports: Ports, whole: Callable[[], DryRun]) -> Explanation:
    """Explain a subject; one that the window leaves out also with its verdict whatever its age."""
    found = explain(asked, seen.examined, seen.plan, ports.stores)
    if found.main.verdict != "outside-window":
        return found
    every = whole()
    older = explain(asked, every.examined, every.plan, ports.stores)
    return replace(
        found,
        whatever_age=f"{older.main.verdict}: {older.main.means}",
        levels=older.levels,
        stores=older.stores,
        writes=older.writes,
    )


def dry_run(order: Order, ports: Ports) -> DryRun:
    """Collect, compare and confirm, as a check of this order does; writes nothing."""
    now = ports.memory.clock()
    past = remembered(order, ports.memory, now)
    narrowed = examine(order, past, ports, now)
    comparison = compare(narrowed.snapshot, narrowed.rules, narrow=False)
    examined = replace(narrowed, comparison=comparison)
    allowed = permission(order, past, now)
    withheld = make_plan(examined, allowed, KINDS).withheld
    every = replace(allowed, approved=frozenset(finding.id for finding in comparison.findings))
    plan = replace(make_plan(examined, every, KINDS), withheld=withheld)
    return DryRun(examined, plan, past.holding(now))
