"""Plans what to write: which findings a repair mends, and which it withholds and why. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from reconcile.compare.recording.view import is_outside
from reconcile.compare.verdicts import Comparison, Examined
from reconcile.model.catalog import Group, Program, Show
from reconcile.model.finding import Judgement, recording_key
from reconcile.model.parse import changed_within
from reconcile.model.recording import Events, Recording, manifest_key
from reconcile.model.snapshot import Rules, Snapshot
from reconcile.repair.guards import Guards, index_meets_table
from reconcile.repair.plan_groups import GroupMaking, one_for_each_show, plan_group
from reconcile.repair.plan_rows import Recount, RowLink, plan_link, plan_recount


@dataclass(frozen=True, slots=True)
class Limit:
    """More repairs of a class than this are implausible: max(number, share of a population)."""

    number: int
    share: float
    of: str

    def allows(self, wanted: int, population: int) -> bool:
        """Whether so many repairs are plausible."""
        return wanted <= self.ceiling(population)

    def ceiling(self, population: int) -> int:
        """Return the most that is let through."""
        return max(self.number, int(self.share * population))


LIMITS: Mapping[str, Limit] = {
    "group": Limit(25, 0.20, "shows"),
    "count": Limit(25, 0.20, "groups"),
    "create": Limit(25, 0.20, "ended recordings judged"),
    "mend": Limit(25, 0.05, "programs"),
    "row": Limit(25, 0.05, "programs"),
    "write": Limit(200, 0.20, "search records"),
}
"""By class of repair, in the order in which they are made: what is created counts itself."""


@dataclass(frozen=True, slots=True)
class Creation:
    """A program to make for a recording that has none; `restored` is the mark of the decision behind it."""

    finding: str
    recording: Recording
    events: Events
    show: Show
    group: Group
    session_id: str | None
    url: str
    restored: str = ""


@dataclass(frozen=True, slots=True)
class Mend:
    """Attributes to set on a program row, and the group it gains by that (None: none).

    `left` says by fault what cannot be mended now, and why; `indexed`: its search record is written too.
    """

    finding: str
    program: Program
    set_to: Mapping[str, str]
    group: Group | None
    complete: bool
    left: Mapping[str, str] = field(default_factory=dict)
    indexed: bool = True


@dataclass(frozen=True, slots=True)
class RecordWrite:
    """A search record to write from its row."""

    finding: str
    object_id: str
    row: tuple[str, str]


Planned = Creation | Mend | RecordWrite | RowLink | Recount | GroupMaking


@dataclass(frozen=True, slots=True)
class Plan:
    """What a repair does, in order, and what it withholds: finding id -> reason."""

    repairs: tuple[Planned, ...] = ()
    withheld: Mapping[str, str] = field(default_factory=dict)
    waiting: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Permission:
    """What a plan may do.

    `first_repair` is since when repairs are made here (None: never yet). `approved` and `left_alone` hold
    findings: those that a person let through, and those that a person keeps repairs off. `only` names the
    verdicts that are asked for, and `opt_in` those that are mended because somebody said so.
    `guards` say what else waits for a person.
    """

    first_repair: datetime | None
    approved: frozenset[str] = frozenset()
    left_alone: frozenset[str] = frozenset()
    only: tuple[str, ...] = ()
    opt_in: tuple[str, ...] = ()
    guards: Guards = field(default_factory=Guards)

    def lets(self, finding: Judgement) -> bool:
        """Whether a finding may be mended, if it can be."""
        asked = not self.only or finding.verdict in self.only
        wanted = not finding.kind.opt_in or finding.verdict in self.opt_in or finding.id in self.approved
        return asked and wanted and finding.id not in self.left_alone

    def lets_make_a_group(self, finding: Judgement, mended: bool) -> bool:
        """Whether the show of a program without group may be given one; `mended`: another repair is planned.

        A person who approved what has no other repair approved just that.
        """
        asked = "group-missing" in self.opt_in or (finding.id in self.approved and not mended)
        return asked and "groupId" in finding.evidence.get("lacks", ())


Planner = Callable[[Judgement, Comparison], tuple[Planned | None, str]]
"""Plans the repair of one finding; or says why there is none."""


def make_plan(examined: Examined, permission: Permission) -> Plan:
    """Plan the repairs that the confirmed findings call for, within the limits."""
    comparison, snapshot = examined.comparison, examined.snapshot
    planned, waiting = _wanted(comparison, permission)
    allowed = permission.approved | _as_a_person_decided(planned["create"], examined.rules)
    if not permission.guards.index_met and index_meets_table(snapshot):
        permission = replace(permission, guards=replace(permission.guards, index_met=True))
    if not permission.guards.index_met:
        planned = {name: [_unindexed(one) for one in repairs] for name, repairs in planned.items()}
    early = _waiting(planned, permission, allowed)
    populations, made, withheld = _populations(comparison, snapshot), list[Planned](), dict(early)
    for name, repairs in planned.items():
        counting = [r for r in repairs if not allowed.intersection(findings_of(r)) and r.finding not in early]
        limit, population = LIMITS[name], populations[name]
        held = set[str]()
        if not limit.allows(len(counting), population):
            reason = (
                f"{len(counting)} repairs of this class are more than {limit.ceiling(population)}: "
                f"the larger of {limit.number} and {limit.share:.0%} of {population:,} {limit.of}"
            )
            held = {repair.finding for repair in counting}
            withheld |= {finding: reason for repair in counting for finding in findings_of(repair)}
        made += [r for r in repairs if r.finding not in held and r.finding not in early]
    return Plan(tuple(made), withheld, waiting)


def _wanted(
    comparison: Comparison, permission: Permission
) -> tuple[Mapping[str, list[Planned]], Mapping[str, str]]:
    """Return by class what may be mended, and by finding why something else is not."""
    planned: dict[str, list[Planned]] = {name: [] for name in LIMITS}
    groups, waiting = list[GroupMaking](), dict[str, str]()
    for finding in comparison.findings:
        if not permission.lets(finding) or finding.verdict not in _PLANNERS:
            continue
        name, planner = _PLANNERS[finding.verdict]
        repair, why_not = planner(finding, comparison)
        making = None
        if isinstance(repair, GroupMaking):
            making = repair
        else:
            planned[name] += [repair] if repair else []
            if permission.lets_make_a_group(finding, mended=repair is not None):
                making, _ = plan_group(finding, comparison)
        groups += [making] if making else []
        waiting |= {finding.id: why_not} if why_not and not making else {}
    planned["group"] += one_for_each_show(groups)
    return planned, waiting


def findings_of(planned: Planned) -> tuple[str, ...]:
    """Return the findings that a repair is made for."""
    return planned.findings if isinstance(planned, GroupMaking) else (planned.finding,)


def _as_a_person_decided(creations: Iterable[Planned], rules: Rules) -> frozenset[str]:
    """Return the findings whose program a person asked for by a decision on the very recording."""
    return frozenset(
        one.finding
        for one in creations
        if isinstance(one, Creation) and (one.restored or one.recording.key in rules.assigned)
    )


def _waiting(
    planned: Mapping[str, list[Planned]], permission: Permission, allowed: frozenset[str]
) -> dict[str, str]:
    """Return by finding why it waits for a person, whatever the limits say."""
    waiting, guards, since = dict[str, str](), permission.guards, permission.first_repair
    for one in (*planned["create"], *planned["write"]):
        reasons: Iterable[str] = guards.on_records()
        if isinstance(one, Creation):
            decided, ended = one.finding in allowed, one.events.ended_at
            reasons = guards.on_creation(one.show.show_id, ended, since, decided=decided)
        for finding in set(findings_of(one)) - permission.approved:
            why = "; ".join(reasons)
            waiting |= {finding: why} if why else {}
    return waiting


def _unindexed(planned: Planned) -> Planned:
    return replace(planned, indexed=False) if isinstance(planned, Mend) else planned


def _populations(comparison: Comparison, snapshot: Snapshot) -> Mapping[str, int]:
    views, rules = comparison.dossiers.views.values(), comparison.dossiers.rules
    return {
        "group": len(snapshot.catalog.shows),
        "count": len(snapshot.catalog.groups),
        "create": sum(view.state == "ended" and not is_outside(view, rules) for view in views),
        "mend": len(snapshot.catalog.programs),
        "row": len(snapshot.catalog.programs),
        "write": len(snapshot.records),
    }


def _creation(finding: Judgement, comparison: Comparison) -> tuple[Creation | None, str]:
    evidence = comparison.dossiers.evidence(recording_key(finding.subject))
    recording, events = evidence.recording, evidence.events
    if events is None or evidence.show is None or evidence.group is None:
        raise ValueError(f"{finding.subject} lacks what its verdict rests on")
    url = comparison.dossiers.rules.media.url_of(recording.bucket, manifest_key(recording, events))
    if url is None:
        return None, _no_route(recording.bucket)
    session_id = evidence.attribution.session_id
    restored = comparison.dossiers.restores(recording.key)
    return Creation(
        finding.id, recording, events, evidence.show, evidence.group, session_id, url, restored
    ), ""


def _no_route(bucket: str) -> str:
    return f"no route of RECONCILE_MEDIA_ROUTES plays it from the bucket {bucket}"


def _mend(finding: Judgement, comparison: Comparison) -> tuple[Mend | None, str]:
    dossiers, key = comparison.dossiers, recording_key(finding.subject)
    evidence, rules, manifests = dossiers.evidence(key), dossiers.rules, dossiers.snapshot.manifests
    program = evidence.programs[0]
    if changed_within(program.updated_at, rules.now, rules.settle.total_seconds()):
        return None, "its program changed moments ago: it is mended when it has settled"
    set_to: dict[str, Any] = {}
    if "domain" in evidence.faults and program.url:
        set_to["program_url"] = rules.media.on_new_domain(program.url)
    if "program_url" in evidence.faults and evidence.events and manifests.get(key) == "":
        url = rules.media.url_of(key.bucket, manifest_key(evidence.recording, evidence.events))
        set_to |= {"program_url": url} if url else {}
    group = evidence.group if evidence.group and evidence.group.real else None
    if "groupId" in evidence.faults and group:
        set_to["groupId"] = group.group_id
    complete = len(set_to) == len(evidence.faults)
    if not set_to:
        return None, _hindrance(evidence.faults, manifests.get(key), key.bucket)
    rest = (one for one in evidence.faults if _attribute(one) not in set_to)
    left = {one: _hindrance((one,), manifests.get(key), key.bucket) for one in rest}
    return Mend(finding.id, program, set_to, group if "groupId" in set_to else None, complete, left), ""


def _attribute(fault: str) -> str:
    """Return the attribute of the row that takes a fault away."""
    return "program_url" if fault == "domain" else fault


def _hindrance(faults: tuple[str, ...], manifest: str | None, bucket: str) -> str:
    if "groupId" in faults:
        return "its show has no group to file it under"
    if manifest == "":
        return _no_route(bucket)
    return f"its media does not play: {manifest or 'the manifest was not read'}"


def _record_write(finding: Judgement, comparison: Comparison) -> tuple[RecordWrite, str]:
    row = finding.evidence["rows"][0]
    return RecordWrite(finding.id, finding.subject["objectID"], (row["pk"], row["sk"])), ""


_PLANNERS: Mapping[str, tuple[str, Planner]] = {
    "count-drift": ("count", plan_recount),
    "group-missing": ("group", plan_group),
    "program-missing": ("create", _creation),
    "program-incomplete": ("mend", _mend),
    "recording-row-stale": ("row", plan_link),
    "record-missing": ("write", _record_write),
    "record-stale": ("write", _record_write),
}
"""By verdict, the class of its repairs and what plans one."""
