"""Plans what to write: which findings are repaired, and which repairs are withheld and why. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from reconcile.compare.verdicts import Comparison, Examined
from reconcile.repair.guards import index_meets_table
from reconcile.repair.plan_groups import plan_group
from reconcile.repair.planned import Plan, Planned, RepairKind, RepairScope

Kinds = Sequence[RepairKind[Any]]
ByKind = Mapping[type[Planned], Sequence[Planned]]


def make_plan(examined: Examined, scope: RepairScope, kinds: Kinds) -> Plan:
    """Plan the repairs that the confirmed findings call for, within the limits; kinds are made in order."""
    planned, waiting = _wanted(examined.comparison, scope, kinds)
    if not scope.guards.index_met:
        if index_meets_table(examined.snapshot):
            scope = replace(scope, guards=replace(scope.guards, index_met=True))
        else:
            planned = {
                kind: [repair.without_record() for repair in repairs] for kind, repairs in planned.items()
            }
    guarded = _guarded(planned, scope, kinds)
    accepted, withheld, over_limit = list[Planned](), dict(guarded), frozenset[str]()
    for kind in kinds:
        ready = [repair for repair in planned[kind.planned] if repair.finding not in guarded]
        counting = [repair for repair in ready if not _is_asked_for(repair, scope)]
        reason = _beyond_limit(kind, len(counting), examined)
        withheld_now = {repair.finding for repair in counting if reason}
        beyond = {finding: reason for repair in counting if reason for finding in repair.findings}
        withheld, over_limit = withheld | beyond, over_limit | beyond.keys()
        accepted += [repair for repair in ready if repair.finding not in withheld_now]
    return Plan(tuple(accepted), withheld, waiting, kinds, over_limit)


def _wanted(comparison: Comparison, scope: RepairScope, kinds: Kinds) -> tuple[ByKind, Mapping[str, str]]:
    """Return by kind what may be repaired, and by finding why something else is not."""
    planners = {verdict: planner for kind in kinds for verdict, planner in kind.plan.items()}
    planned: dict[type[Planned], list[Planned]] = {kind.planned: [] for kind in kinds}
    waiting = dict[str, str]()
    for finding in comparison.findings:
        if not scope.lets(finding) or finding.verdict not in planners:
            continue
        repair, why_not = planners[finding.verdict](finding, comparison)
        group = None
        if scope.lets_create_group(finding, repaired=repair is not None):
            group, _ = plan_group(finding, comparison)
        for part in (repair, group):
            if part is not None:
                planned[type(part)].append(part)
        waiting |= {finding.id: why_not} if why_not and group is None else {}
    return {kind.planned: kind.combine(planned[kind.planned]) for kind in kinds}, waiting


def _guarded(planned: ByKind, scope: RepairScope, kinds: Kinds) -> dict[str, str]:
    """Return by finding why its repair waits for a person, whatever the limits say."""
    waiting = dict[str, str]()
    for kind in kinds:
        for repair in planned[kind.planned]:
            why = "; ".join((*scope.why_undone(repair.findings), *kind.guard(repair, scope)))
            waiting |= dict.fromkeys(set(repair.findings) - scope.approved, why) if why else {}
    return waiting


def _is_asked_for(planned: Planned, scope: RepairScope) -> bool:
    """Whether a person asked for just this repair, or approved it: then it counts towards no limit."""
    return planned.is_decided or not scope.approved.isdisjoint(planned.findings)


def _beyond_limit(kind: RepairKind[Any], number: int, examined: Examined) -> str:
    """Say why so many repairs of a kind await approval; "" where they need none."""
    limit, population = kind.limit, kind.population(examined)
    if limit is None or limit.allows(number, population):
        return ""
    return (
        f"{number} repairs of this kind exceed the limit of {limit.ceiling(population)}, "
        f"the larger of {limit.number} and {limit.share:.0%} of {population:,} {limit.of}"
    )
