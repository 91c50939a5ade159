"""Tells, in a report, what people decided on recordings, and what has become of it. Pure."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from reconcile.model.catalog import GroupKey
from reconcile.model.decision import ABOUT_RECORDINGS, Decision
from reconcile.report.data import DecisionLine

if TYPE_CHECKING:
    # What shows a report needs none of what a comparison loads.
    from reconcile.compare.verdicts import Comparison


def decision_lines(decisions: Iterable[Decision], comparison: "Comparison") -> tuple[DecisionLine, ...]:
    """Return the decisions with what has become of them, newest first."""
    ordered = sorted(decisions, key=lambda decision: (-decision.at.timestamp(), decision.id))
    return tuple(_line(decision, comparison) for decision in ordered)


def _line(decision: Decision, comparison: "Comparison") -> DecisionLine:
    if decision.what not in ABOUT_RECORDINGS:
        return DecisionLine(decision)
    dossiers, key = comparison.dossiers, decision.recording
    gone = _gone(decision, comparison)
    if key not in comparison.snapshot.recordings:
        return DecisionLine(decision, gone)
    verdict = comparison.verdict_on(key)
    carried_out = not dossiers.restores(key) if decision.what == "restore" else None
    return DecisionLine(decision, gone, verdict, carried_out)


def _gone(decision: Decision, comparison: "Comparison") -> str:
    snapshot = comparison.snapshot
    if decision.recording not in snapshot.recordings:
        return "" if snapshot.doubts("s3") else "its recording is gone"
    if decision.what != "assign" or snapshot.doubts("dynamodb"):
        return ""
    show = snapshot.catalog.shows.get(decision.show)
    if show is None or show.producer_id is None:
        return "names a show that is gone"
    group = snapshot.catalog.groups.get(GroupKey(show.producer_id, decision.group))
    return "names a group that is gone" if decision.group and not (group and group.real) else ""
