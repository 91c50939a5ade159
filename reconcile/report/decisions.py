"""Tells, in a report, what people decided on recordings, and what has become of it. Pure."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from reconcile.model.decision import ABOUT_FINDINGS, ABOUT_RECORDINGS, Decision
from reconcile.model.finding import recording_subject
from reconcile.model.recording import RecordingKey
from reconcile.model.verdict_table import label_of
from reconcile.report.formatting import Fact, line_of, place_of_subject, plural, subject_words, when_written
from reconcile.report.groups import Group, Item

if TYPE_CHECKING:
    # What shows a report needs none of what a comparison loads.
    from reconcile.compare.verdicts import Comparison


def decision_lines(decisions: Iterable[Decision], comparison: "Comparison") -> tuple[dict[str, Any], ...]:
    """Return the decisions as the report's JSON holds them, newest first.

    Those on recordings also tell the verdict `now` (as confirmed, before repairs), what they name that is
    `gone` ("": nothing), and of a restore whether it was `carried_out`.
    """
    ordered = sorted(decisions, key=lambda one: (-one.at.timestamp(), one.id))
    return tuple({**one.to_json(), **_became(one, comparison)} for one in ordered)


def _became(decision: Decision, comparison: "Comparison") -> Mapping[str, Any]:
    if decision.what in ABOUT_FINDINGS:
        return {}
    dossiers, key = comparison.dossiers, decision.recording
    gone = _gone(decision, comparison)
    if key not in dossiers.views:
        return {"gone": gone}
    judged = comparison.judged.get(recording_subject(key))
    told = {"gone": gone, "now": judged.verdict if judged else "agrees"}
    return told | ({"carried_out": not dossiers.restores(key)} if decision.what == "restore" else {})


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
    group = snapshot.catalog.groups.get((show.producer_id, decision.group))
    return "names a group that is gone" if decision.group and not (group and group.real) else ""


def decided_groups(
    decisions: Iterable[Mapping[str, Any]], recordings: Iterable[Mapping[str, Any]]
) -> tuple[Group, ...]:
    """Return the decisions on recordings as a reader sees them: one group, or none without any."""
    lines = {(line["bucket"], line["prefix"]): line for line in recordings}
    told = [one for one in decisions if one["what"] in ABOUT_RECORDINGS]
    items = tuple(_item(one, lines.get((one["bucket"], one["prefix"]), {})) for one in told)
    about = plural(len(items), "decision")
    return (Group("Recordings", about, len(items), items=items),) if items else ()


def _item(decision: Mapping[str, Any], line: Mapping[str, Any]) -> Item:
    subject = recording_subject(RecordingKey(decision["bucket"], decision["prefix"]))
    gone = line_of(decision.get("gone", ""))
    facts = [Fact("Decision", (_decided(decision), line_of(decision["reason"] or "no reason given")))]
    if decision["what"] == "assign":
        group = f", group {line_of(decision['group'])}" if "group" in decision else ""
        facts.append(Fact("Show", (f"{line_of(decision['show'])}{group}",)))
    state = [line_of(label_of("recording", decision["now"]))] if "now" in decision else []
    state += ["its program was recreated"] if decision.get("carried_out") else []
    facts.append(Fact("Now", tuple(filter(None, (*state, gone)))))
    return Item(
        subject_words(subject, line),
        id=line_of(decision["id"]),
        mark=line_of(decision["what"]),
        tone="medium" if gone else "none",
        place=place_of_subject(subject),
        facts=tuple(fact for fact in facts if fact.values),
    )


def _decided(decision: Mapping[str, Any]) -> str:
    until = decision["until"]
    lasts = f"until {when_written(until)}" if until else "no end date"
    return f"{line_of(decision['by'])}, {when_written(decision['at'])}, {lasts}"
