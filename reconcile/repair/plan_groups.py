"""Plans the group of a show that names none, when somebody asks for it: one for each show. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from reconcile.compare.verdicts import Comparison
from reconcile.model.catalog import Show
from reconcile.model.clock import write_time
from reconcile.model.finding import Judgement, recording_key
from reconcile.repair.planned import Planned


@dataclass(frozen=True, slots=True)
class GroupCreation(Planned):
    """A group to create for a show that names none; `also` are other findings that wait for it."""

    show: Show
    also: tuple[str, ...] = ()

    @property
    def findings(self) -> tuple[str, ...]:
        """All findings that the group is made for."""
        return (self.finding, *self.also)


def plan_group(finding: Judgement, comparison: Comparison) -> tuple[GroupCreation | None, str]:
    """Plan the group for a recording's program; a show that names a group already is left to a person."""
    dossiers, key = comparison.dossiers, recording_key(finding.subject)
    show = dossiers.evidence(key).show
    if show is None or show.producer_id is None:
        return None, "its show is not known"
    named = dossiers.rules.group_id(key, show)
    if named:
        missing = f"its show names the group {named}, which does not exist"
        return None, f"{missing}: name another, or create it in the Media Manager"
    return GroupCreation(finding.id, show), ""


def one_for_each_show(creations: Iterable[GroupCreation]) -> list[GroupCreation]:
    """Put the findings of each show together."""
    by_show: dict[str, GroupCreation] = {}
    for creation in creations:
        first = by_show.setdefault(creation.show.show_id, creation)
        if first is not creation:
            by_show[creation.show.show_id] = replace(first, also=(*first.also, *creation.findings))
    return list(by_show.values())


def group_id_of(show_id: str) -> str:
    """Return the groupId of a show's group when the job makes it: the same on every run."""
    return str(uuid5(NAMESPACE_URL, f"show#{show_id}"))


def group_item(show: Show, run: str, now: datetime) -> dict[str, Any]:
    """Return the attributes of a show's group, as plain values: those that the live system gives it."""
    group_id = group_id_of(show.show_id)
    return {
        "pk": f"u#{show.producer_id}#groups",
        "sk": f"g#{group_id}",
        "entityType": "group",
        "groupId": group_id,
        "name": show.title or "Untitled Show",
        "ownerId": show.producer_id,
        "showId": show.show_id,
        "programsCount": 0,
        "createdAt": write_time(now),
        "updatedAt": write_time(now),
        "reconcileRunId": run,
    }
