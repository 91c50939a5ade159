"""The closed lists of a report (ignored, decisions, deleted by their owners) and its recordings. Pure."""

from collections.abc import Mapping

from reconcile.model.decision import ABOUT_RECORDINGS, Decision
from reconcile.model.finding import OPEN, Finding, recording_key, recording_subject
from reconcile.model.recording import RecordingKey
from reconcile.model.verdict_table import VERDICTS, label_of
from reconcile.report.data import DecisionLine, RecordingLine, Report, RetiredLine
from reconcile.report.facts import Fact, facts_of
from reconcile.report.formatting import LONGEST_REASON, clean, line_of, place_of_subject, subject_words, when
from reconcile.report.view.head import Tone
from reconcile.report.view.model import ListEntry, RecordingEntry

MOST_RECORDINGS = 20_000
"""So many recordings a view holds; recordings.csv has all."""

_SEVERITY: Mapping[str, Tone] = {kind.name: kind.severity for kind in VERDICTS if kind.subject == "recording"}


def ignored(report: Report) -> tuple[ListEntry, ...]:
    """Return the ignored findings with who decided it, why and until when."""
    return tuple(_ignored(finding) for finding in report.findings if finding.status == "ignored")


def _ignored(finding: Finding) -> ListEntry:
    label = clean(label_of(finding.subject.type, finding.kind))
    return ListEntry(
        title=f"{label}: {line_of(finding.title)}",
        mark=line_of(finding.evidence.get("decided", ""), LONGEST_REASON),
        place=place_of_subject(finding.subject),
        id=clean(finding.id),
    )


def decisions(report: Report) -> tuple[ListEntry, ...]:
    """Return the decisions on recordings, and what has become of them."""
    chosen = [line for line in report.decisions if line.decision.what in ABOUT_RECORDINGS]
    keys = {line.decision.recording for line in chosen}
    evidence = {line.key: line.evidence for line in report.recordings if line.key in keys}
    return tuple(_decision(line, evidence.get(line.decision.recording, {})) for line in chosen)


def _decision(line: DecisionLine, evidence: Mapping[str, object]) -> ListEntry:
    decision, gone = line.decision, line_of(line.gone or "")
    subject = recording_subject(decision.recording)
    facts = [Fact("Decision", (_decided(decision), line_of(decision.reason or "no reason given")))]
    if decision.what == "assign":
        group = f", group {line_of(decision.group)}" if decision.group else ""
        facts.append(Fact("Show", (f"{line_of(decision.show)}{group}",)))
    state = [line_of(label_of("recording", line.now))] if line.now is not None else []
    state += ["its program was recreated"] if line.carried_out else []
    facts.append(Fact("Now", tuple(filter(None, (*state, gone)))))
    return ListEntry(
        title=subject_words(subject, evidence),
        mark=line_of(decision.what),
        place=place_of_subject(subject),
        facts=tuple(fact for fact in facts if fact.values),
        id=line_of(decision.id),
    )


def _decided(decision: Decision) -> str:
    lasts = f"until {when(decision.until)}" if decision.until else "no end date"
    return f"{line_of(decision.by)}, {when(decision.at)}, {lasts}"


def deleted(report: Report) -> tuple[ListEntry, ...]:
    """Return the recordings whose program turned out in this run to be deleted by its owner."""
    return tuple(map(_deleted, report.retired))


def _deleted(line: RetiredLine) -> ListEntry:
    subject = recording_subject(line.key)
    known = {"owner": line.owner, "remembered": line.remembered}
    return ListEntry(
        title=subject_words(subject, line.evidence),
        mark=clean(label_of("recording", "retired")),
        place=place_of_subject(subject),
        facts=facts_of({name: value for name, value in known.items() if value}, subject.type),
    )


def recording_rows(report: Report) -> tuple[RecordingEntry, ...]:
    """Return recordings for who looks one up: those with open findings first, then the newest."""
    open_findings = {
        recording_key(finding.subject): finding
        for finding in report.findings
        if finding.subject.type == "recording" and finding.status in (*OPEN, "ignored")
    }
    ordered = sorted(report.recordings, key=lambda line: _order(line, open_findings))
    return tuple(_row(line, open_findings.get(line.key)) for line in ordered[:MOST_RECORDINGS])


def _order(line: RecordingLine, findings: Mapping[RecordingKey, Finding]) -> tuple[bool, float, str, str]:
    begun = line.start.timestamp() if line.start else float("-inf")
    return (line.key not in findings, -begun, line.bucket, line.prefix)


def _row(line: RecordingLine, finding: Finding | None) -> RecordingEntry:
    tone: Tone = finding.severity if finding else "good" if line.verdict == "agrees" else "none"
    label = "Published" if line.verdict == "agrees" else label_of("recording", line.verdict)
    return RecordingEntry(
        title=line_of(line.title or "Unknown show"),
        recorded_at=line.start,
        status=clean(label),
        tone=tone,
        program_id=clean(line.program_id or ""),
        bucket=clean(line.bucket),
        prefix=clean(line.prefix),
        finding=clean(finding.id) if finding else "",
    )
