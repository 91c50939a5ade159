"""Judges a group: does it tell the number of programs that it has?"""

from dataclasses import dataclass

from reconcile.model.catalog import Group
from reconcile.model.finding import Judgement, group_subject, judgement


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
    told = {
        "title": group.name,
        "owner": group.owner,
        "programsCount": group.count if group.countable else "no number",
        "found": evidence.found,
        "phantom": None if group.real else "it has no groupId of its own: only a counter made it",
        "why": evidence.doubt or None,
    }
    return judgement(group_subject(*group.key), holding, told)
