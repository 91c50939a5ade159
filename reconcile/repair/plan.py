"""Plans what to write: which findings a repair mends, and which it withholds and why. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from reconcile.compare.verdicts import Comparison
from reconcile.compare.views import is_outside
from reconcile.model.catalog import Group, Program, Show
from reconcile.model.finding import Judgement, recording_key
from reconcile.model.media import MediaMap
from reconcile.model.parse import changed_within
from reconcile.model.recording import Events, Recording
from reconcile.model.snapshot import Rules, Snapshot


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
    "create": Limit(25, 0.20, "ended recordings judged"),
    "mend": Limit(25, 0.05, "programs"),
    "write": Limit(200, 0.20, "search records"),
}
"""By the response of the verdict table."""


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
    """Attributes to set on a program row, and the group it gains by that (None: none)."""

    finding: str
    program: Program
    set_to: Mapping[str, str]
    group: Group | None
    complete: bool


@dataclass(frozen=True, slots=True)
class RecordWrite:
    """A search record to write from its row."""

    finding: str
    object_id: str
    row: tuple[str, str]


Planned = Creation | Mend | RecordWrite


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
    findings: those that a person let through, and those that a person keeps repairs off.
    """

    first_repair: datetime | None
    approved: frozenset[str] = frozenset()
    left_alone: frozenset[str] = frozenset()
    only: tuple[str, ...] = ()


def make_plan(comparison: Comparison, snapshot: Snapshot, rules: Rules, permission: Permission) -> Plan:
    """Plan the repairs that the confirmed findings call for, within the limits."""
    found = [
        finding
        for finding in comparison.findings
        if finding.id not in permission.left_alone
        and (not permission.only or finding.verdict in permission.only)
    ]
    planned: dict[str, list[Planned]] = {"create": [], "mend": [], "write": []}
    waiting: dict[str, str] = {}
    for finding in found:
        response = finding.kind.response
        if response == "create":
            creation, why_not = _creation(finding, comparison, rules.media)
            planned[response] += [creation] if creation else []
            waiting |= {finding.id: why_not} if why_not else {}
        elif response == "mend":
            mend, why_not = _mend(finding, comparison, snapshot, rules)
            planned[response] += [mend] if mend else []
            waiting |= {finding.id: why_not} if why_not else {}
        elif response == "write":
            row = finding.evidence["rows"][0]
            name = finding.subject["objectID"]
            planned[response].append(RecordWrite(finding.id, name, (row["pk"], row["sk"])))
    allowed = permission.approved | _as_a_person_decided(planned["create"], rules)
    early = _before_first_repair(planned["create"], permission.first_repair, allowed)
    withheld = dict(early)
    populations = _populations(comparison, snapshot)
    for name, repairs in planned.items():
        counting = [r for r in repairs if r.finding not in allowed and r.finding not in early]
        limit, population = LIMITS[name], populations[name]
        if not limit.allows(len(counting), population):
            reason = (
                f"{len(counting)} repairs of this class are more than {limit.ceiling(population)}: "
                f"the larger of {limit.number} and {limit.share:.0%} of {population:,} {limit.of}"
            )
            withheld |= {repair.finding: reason for repair in counting}
    made = (repair for repairs in planned.values() for repair in repairs if repair.finding not in withheld)
    return Plan(tuple(made), withheld, waiting)


def _as_a_person_decided(creations: Iterable[Planned], rules: Rules) -> frozenset[str]:
    """Return the findings whose program a person asked for by a decision on the very recording."""
    return frozenset(
        one.finding
        for one in creations
        if isinstance(one, Creation) and (one.restored or one.recording.key in rules.assigned)
    )


def _before_first_repair(
    creations: Iterable[Planned], since: datetime | None, allowed: frozenset[str]
) -> dict[str, str]:
    reason = "it ended before repairs were first made here: nothing tells a lost program from a deleted one"
    return {
        one.finding: reason
        for one in creations
        if isinstance(one, Creation)
        and one.finding not in allowed
        and (since is None or one.events.ended_at is None or one.events.ended_at < since)
    }


def _populations(comparison: Comparison, snapshot: Snapshot) -> Mapping[str, int]:
    views, rules = comparison.dossiers.views.values(), comparison.dossiers.rules
    return {
        "create": sum(view.state == "ended" and not is_outside(view, rules) for view in views),
        "mend": len(snapshot.catalog.programs),
        "write": len(snapshot.records),
    }


def _creation(finding: Judgement, comparison: Comparison, media: MediaMap) -> tuple[Creation | None, str]:
    evidence = comparison.dossiers.evidence(recording_key(finding.subject))
    recording, events = evidence.recording, evidence.events
    if events is None or evidence.show is None or evidence.group is None:
        raise ValueError(f"{finding.subject} lacks what its verdict rests on")
    url = url_of(recording, events, media)
    if url is None:
        return None, _no_route(recording.bucket)
    session_id = evidence.attribution.session_id
    restored = comparison.dossiers.restores(recording.key)
    return Creation(
        finding.id, recording, events, evidence.show, evidence.group, session_id, url, restored
    ), ""


def _no_route(bucket: str) -> str:
    return f"no route of RECONCILE_MEDIA_ROUTES plays it from the bucket {bucket}"


def _mend(
    finding: Judgement, comparison: Comparison, snapshot: Snapshot, rules: Rules
) -> tuple[Mend | None, str]:
    key = recording_key(finding.subject)
    evidence = comparison.dossiers.evidence(key)
    program = evidence.programs[0]
    if changed_within(program.updated_at, rules.now, rules.settle.total_seconds()):
        return None, "its program changed moments ago: it is mended when it has settled"
    set_to: dict[str, Any] = {}
    if "domain" in evidence.faults and program.url:
        set_to["program_url"] = rules.media.on_new_domain(program.url)
    if "program_url" in evidence.faults and evidence.events and snapshot.manifests.get(key) == "":
        url = url_of(evidence.recording, evidence.events, rules.media)
        set_to |= {"program_url": url} if url else {}
    group = evidence.group if evidence.group and evidence.group.real else None
    if "groupId" in evidence.faults and group:
        set_to["groupId"] = group.group_id
    complete = len(set_to) == len(evidence.faults)
    if not set_to:
        return None, _hindrance(evidence.faults, snapshot.manifests.get(key), key[0])
    return Mend(finding.id, program, set_to, group if "groupId" in set_to else None, complete), ""


def _hindrance(faults: tuple[str, ...], manifest: str | None, bucket: str) -> str:
    if "groupId" in faults:
        return "its show has no group to file it under"
    if manifest == "":
        return _no_route(bucket)
    return f"its media does not play: {manifest or 'the manifest was not read'}"


def manifest_key(recording: Recording, events: Events) -> str:
    """Return the key of the manifest that a recording's events file names."""
    return f"{recording.prefix}/{events.manifest}"


def url_of(recording: Recording, events: Events, media: MediaMap) -> str | None:
    """Return the URL that plays a recording; None when no route leads to it."""
    return media.url_of(recording.bucket, manifest_key(recording, events))
