"""Tells, in a report, what people decided on recordings, and what has become of it. Pure."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from reconcile.model.catalog import GroupKey
from reconcile.model.decision import ABOUT_FINDINGS, ABOUT_RECORDINGS, Decision
from reconcile.model.finding import recording_subject
from reconcile.model.verdict_table import label_of
from reconcile.report.data import DecisionLine, RecordingLine
from reconcile.report.formatting import Fact, line_of, place_of_subject, plural, subject_words, when
from reconcile.report.groups import FindingGroup, Item

if TYPE_CHECKING:
    # What shows a report needs none of what a comparison loads.
    from reconcile.compare.verdicts import Comparison


def decision_lines(decisions: Iterable[Decision], comparison: "Comparison") -> tuple[DecisionLine, ...]:
    """Return the decisions with what has become of them, newest first."""
    ordered = sorted(decisions, key=lambda one: (-one.at.timestamp(), one.id))
    return tuple(_line(one, comparison) for one in ordered)


def _line(decision: Decision, comparison: "Comparison") -> DecisionLine:
    if decision.what in ABOUT_FINDINGS:
        return DecisionLine(decision)
    dossiers, key = comparison.dossiers, decision.recording
    gone = _gone(decision, comparison)
    if key not in dossiers.views:
        return DecisionLine(decision, gone)
    judged = comparison.judged.get(recording_subject(key))
    verdict = judged.verdict if judged else "agrees"
    carried_out = not dossiers.restores(key) if decision.what == "restore" else None
    return DecisionLine(decision, gone, verdict, carried_out)


def _gone(decision: Decision, comparison: "Comparison") -> str:
    dossiers = comparison.dossiers
    snapshot = dossiers.snapshot
    if decision.recording not in snapshot.recordings:
        return "" if snapshot.doubts("s3") else "its recording is gone"
    if decision.what != "assign" or snapshot.doubts("dynamodb"):
        return ""
    show = snapshot.catalog.shows.get(decision.show)
    if show is None or show.producer_id is None:
        return "names a show that is gone"
    group = snapshot.catalog.groups.get(GroupKey(show.producer_id, decision.group))
    return "names a group that is gone" if decision.group and not (group and group.real) else ""


def decided_groups(
    decisions: Iterable[DecisionLine], recordings: Iterable[RecordingLine]
) -> tuple[FindingGroup, ...]:
    """Return the decisions on recordings as a reader sees them: one group, or none without any."""
    evidence = {line.key: line.evidence for line in recordings}
    told = [line for line in decisions if line.decision.what in ABOUT_RECORDINGS]
    items = tuple(_item(line, evidence.get(line.decision.recording, {})) for line in told)
    about = plural(len(items), "decision")
    return (FindingGroup("Recordings", about, len(items), items=items),) if items else ()


def _item(line: DecisionLine, evidence: Mapping[str, Any]) -> Item:
    decision, gone = line.decision, line_of(line.gone or "")
    subject = recording_subject(decision.recording)
    facts = [Fact("Decision", (_decided(decision), line_of(decision.reason or "no reason given")))]
    if decision.what == "assign":
        group = f", group {line_of(decision.group)}" if decision.group else ""
        facts.append(Fact("Show", (f"{line_of(decision.show)}{group}",)))
    state = [line_of(label_of("recording", line.now))] if line.now is not None else []
    state += ["its program was recreated"] if line.carried_out else []
    facts.append(Fact("Now", tuple(filter(None, (*state, gone)))))
    return Item(
        subject_words(subject, evidence),
        id=line_of(decision.id),
        mark=line_of(decision.what),
        tone="medium" if gone else "none",
        place=place_of_subject(subject),
        facts=tuple(fact for fact in facts if fact.values),
    )


def _decided(decision: Decision) -> str:
    lasts = f"until {when(decision.until)}" if decision.until else "no end date"
    return f"{line_of(decision.by)}, {when(decision.at)}, {lasts}"
