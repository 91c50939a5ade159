"""Explains one subject: by the job's own collect, compare and confirm, or from a kept report."""

from dataclasses import replace

from reconcile.compare.verdicts import compare
from reconcile.explain.explanation import Explanation, Told, explain
from reconcile.explain.stored import explain_stored
from reconcile.job import Ports, examine, permission
from reconcile.model.run import Order
from reconcile.recall import remembered
from reconcile.repair.plan import make_plan
from reconcile.shelf import kept_report
from reconcile.wiring import Wiring

NEWEST = "last"


def ask_stores(asked: str, order: Order, ports: Ports) -> Explanation:
    """Explain what a text names, as a check of this order judges it.

    A recording that the window leaves out is told with the verdict that it has whatever its age.
    Raises UsageError when nothing is called so, SourceError.
    """
    found = _explained(asked, order, ports)
    if found.main.verdict != "outside-window":
        return found
    whatever_age = _explained(asked, replace(order, lookback=None), ports)
    return replace(
        found,
        whatever_age=f"{whatever_age.main.verdict}: {whatever_age.main.means}",
        levels=whatever_age.levels,
        stores=whatever_age.stores,
        writes=whatever_age.writes,
    )


def _explained(asked: str, order: Order, ports: Ports) -> Explanation:
    now, state = ports.clock(), ports.state
    past = remembered(order, ports.environment, state, ports.reports, now)
    rules, snapshot, _ = examine(order, past, ports, now)
    comparison = compare(snapshot, rules, narrow=False)
    allowed = permission(order, past, now)
    withheld = make_plan(comparison, snapshot, rules, allowed).withheld
    every = replace(allowed, approved=frozenset(finding.id for finding in comparison.findings))
    plan = replace(make_plan(comparison, snapshot, rules, every), withheld=withheld)
    return explain(asked, rules, snapshot, comparison, plan, ports.stores)


def ask_report(asked: str, run: str, wiring: Wiring) -> tuple[Told, ...]:
    """Explain from the report of a run alone (`last`: the newest); raises UsageError."""
    report = kept_report(wiring, None if run == NEWEST else run)
    return explain_stored(asked, report, wiring.settings.media)
