"""Gathers the evidence on every group, and judges those that need a close check."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from reconcile.compare import set_rules
from reconcile.compare.engine import Engine, keys_of
from reconcile.model.catalog import Group, GroupKey
from reconcile.model.finding import Judgement, group_key, group_subject, judgement
from reconcile.model.parse import changed_within
from reconcile.model.snapshot import Rules, Snapshot


@dataclass(frozen=True, slots=True)
class GroupEvidence:
    """A group, and the number of programs that the table's index lists under it.

    `fresh`: it, or one of them, changed within the settle time.
    """

    group: Group
    found: int
    fresh: bool
    doubt: str


def judge_group(evidence: GroupEvidence) -> Judgement:
    """Give a group its verdict; a count that is no number is wrong as well."""
    group = evidence.group
    drifts = group.count != evidence.found
    holding = {
        "unknown": bool(evidence.doubt),
        "settling": drifts and evidence.fresh,
        "count-drift": drifts,
        "agrees": not drifts,
    }
    facts = {
        "title": group.name,
        "owner": group.owner,
        "programsCount": group.count if group.countable else "not a number",
        "found": evidence.found,
        "phantom": None if group.real else "it has no groupId of its own: only a counter created the row",
        "why": evidence.doubt or None,
    }
    return judgement(group_subject(group.key), holding, facts)


class Groups:
    """The evidence on the groups of a snapshot."""

    def __init__(self, snapshot: Snapshot, rules: Rules) -> None:
        self._snapshot, self._rules = snapshot, rules
        self._doubt = snapshot.doubts("dynamodb")
        programs = snapshot.catalog.programs.values()
        self._found = Counter((program.owner, program.listed_under) for program in programs)
        fresh = (program for program in programs if self._is_fresh(program.updated_at))
        self._fresh = {(program.owner, program.listed_under) for program in fresh}

    def judged(self, keys: Iterable[GroupKey]) -> list[Judgement]:
        """Return the verdicts on some groups."""
        groups = self._snapshot.catalog.groups
        return [judge_group(self._evidence(groups[key])) for key in sorted(keys)]

    def _evidence(self, group: Group) -> GroupEvidence:
        identity = (group.owner, group.lists)
        failure = self._snapshot.why_unread(group_subject(group.key))
        fresh = self._is_fresh(group.updated_at) or identity in self._fresh
        return GroupEvidence(group, self._found[identity], fresh, self._doubt or failure)

    def _is_fresh(self, moment: datetime | None) -> bool:
        return changed_within(moment, self._rules.now, self._rules.settle.total_seconds())


def group_suspects(snapshot: Snapshot, engine: Engine) -> set[GroupKey]:
    """Return the groups whose count may not be that of their programs."""
    groups = snapshot.catalog.groups
    if snapshot.doubts("dynamodb"):
        return set(groups)
    counts = [(*key, group.lists, group.count) for key, group in groups.items()]
    listed = ((program.owner, program.listed_under) for program in snapshot.catalog.programs.values())
    miscounting = set_rules.groups_that_miscount(
        engine.frame({"owner": str, "group": str, "lists": str, "count": float}, counts),
        engine.frame({"owner": str, "lists": str}, listed),
    )
    unread = (*snapshot.failures, *snapshot.unconfirmed)
    failed = {group_key(subject) for subject in unread if subject.type == "group"}
    return keys_of(engine, miscounting, GroupKey) | (failed & groups.keys())
