"""Plans the programs of recordings: those to create, and what to set on those that are incomplete. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from reconcile.compare.recording.view import is_outside
from reconcile.compare.verdicts import Comparison, Examined
from reconcile.model.catalog import Group, Program, Show
from reconcile.model.finding import Judgement, recording_key
from reconcile.model.parse import changed_within
from reconcile.model.recording import Events, Recording, manifest_key
from reconcile.repair.planned import Planned, RepairScope

TAKEN_BACK = "somebody took back the program that an earlier run created for it (reconcile undo)"


@dataclass(frozen=True, slots=True)
class Creation(Planned):
    """A program to create for a recording that has none.

    `restored` is the mark of the decision to restore it ("": none), and `assigned` says that a person
    assigned the recording. `comparison` is what it was judged by: right before it is made, everything that
    could have changed that is read again.
    """

    recording: Recording
    events: Events
    show: Show
    group: Group
    session_id: str | None
    url: str
    comparison: Comparison = field(repr=False, compare=False)
    restored: str = ""
    assigned: bool = False

    @property
    def is_decided(self) -> bool:
        """Whether a person decided on the very recording."""
        return bool(self.restored) or self.assigned


@dataclass(frozen=True, slots=True)
class Completion(Planned):
    """Attributes to set on a program row, and the group it gains by that (None: none).

    `undone` says by fault what cannot be repaired now, and why; `indexed`: its search record is written too.
    """

    program: Program
    set_to: Mapping[str, str]
    group: Group | None
    complete: bool
    undone: Mapping[str, str] = field(default_factory=dict)
    indexed: bool = True

    @property
    def not_repaired(self) -> Mapping[str, str]:
        """By fault that is left, why."""
        return self.undone

    def without_record(self) -> "Completion":
        """Return the repair without the search record that would be written after it."""
        return replace(self, indexed=False)


def plan_creation(finding: Judgement, comparison: Comparison) -> tuple[Creation | None, str]:
    """Plan the program of a recording that has none; raises ValueError without what its verdict rests on."""
    dossiers = comparison.dossiers
    evidence, rules = dossiers.evidence(recording_key(finding.subject)), dossiers.rules
    recording, events = evidence.recording, evidence.events
    if events is None or evidence.show is None or evidence.group is None:
        raise ValueError(f"{finding.subject} lacks what its verdict rests on")
    url = rules.media.url_of(recording.bucket, manifest_key(recording, events))
    if url is None:
        return None, _no_route(recording.bucket)
    creation = Creation(
        finding=finding.id,
        recording=recording,
        events=events,
        show=evidence.show,
        group=evidence.group,
        session_id=evidence.attribution.session_id,
        url=url,
        comparison=comparison,
        restored=dossiers.restores(recording.key),
        assigned=recording.key in rules.assigned,
    )
    return creation, ""


def why_creation_waits(creation: Creation, scope: RepairScope) -> Iterable[str]:
    """Yield why the creation of a program waits for a person, whatever the limit says."""
    entry = creation.comparison.snapshot.ledger.get(creation.recording.key)
    if entry and entry.how == "undone" and creation.finding not in scope.undone:
        yield TAKEN_BACK
    decided = creation.is_decided or creation.finding in scope.approved
    show_id, ended = creation.show.show_id, creation.events.ended_at
    yield from scope.guards.on_creation(show_id, ended, scope.first_repair, decided=decided)


def ended_recordings(examined: Examined) -> int:
    """Count the ended recordings that were judged."""
    views = examined.comparison.views()
    return sum(view.state == "ended" and not is_outside(view, examined.rules) for view in views)


def plan_completion(finding: Judgement, comparison: Comparison) -> tuple[Completion | None, str]:
    """Plan to set the missing attributes of a recording's program, as far as they are known."""
    dossiers, key = comparison.dossiers, recording_key(finding.subject)
    evidence, rules, manifest = dossiers.evidence(key), dossiers.rules, dossiers.snapshot.manifests.get(key)
    program = evidence.programs[0]
    if changed_within(program.updated_at, rules.now, rules.settle.total_seconds()):
        return None, "its program changed moments ago; the next run repairs it"
    set_to = dict[str, str]()
    if "domain" in evidence.faults and program.url:
        set_to["program_url"] = rules.media.on_new_domain(program.url)
    if "program_url" in evidence.faults and evidence.events and manifest == "":
        url = rules.media.url_of(key.bucket, manifest_key(evidence.recording, evidence.events))
        set_to |= {"program_url": url} if url else {}
    group = evidence.group if evidence.group and evidence.group.real else None
    if "groupId" in evidence.faults and group:
        set_to["groupId"] = group.group_id
    if not set_to:
        return None, _hindrance(evidence.faults, manifest, key.bucket)
    rest = (fault for fault in evidence.faults if _attribute(fault) not in set_to)
    undone = {fault: _hindrance((fault,), manifest, key.bucket) for fault in rest}
    complete = len(set_to) == len(evidence.faults)
    gained = group if "groupId" in set_to else None
    return Completion(finding.id, program, set_to, gained, complete, undone), ""


def _attribute(fault: str) -> str:
    """Return the attribute of the row that takes a fault away."""
    return "program_url" if fault == "domain" else fault


def _hindrance(faults: tuple[str, ...], manifest: str | None, bucket: str) -> str:
    if "groupId" in faults:
        return "its show has no group to file it under"
    if manifest == "":
        return _no_route(bucket)
    return f"its media does not play: {manifest or 'the manifest was not read'}"


def _no_route(bucket: str) -> str:
    return f"no route of RECONCILE_MEDIA_ROUTES plays it from the bucket {bucket}"
