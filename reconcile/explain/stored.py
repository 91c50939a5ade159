"""Explains a subject from a kept report alone: no store is asked."""

from collections.abc import Iterator, Mapping
from typing import Any

from reconcile.explain.explanation import Told
from reconcile.model.errors import UsageError
from reconcile.model.finding import Finding, Subject, recording_subject
from reconcile.model.media import MediaMap
from reconcile.model.remedy import Remedy
from reconcile.model.verdict_table import verdict_kind
from reconcile.report.data import Report


def explain_stored(asked: str, report: Report, media: MediaMap) -> tuple[Told, ...]:
    """Return what a report says of what a text names, the findings first.

    Raises UsageError when the report lists nothing of the kind: what agrees is counted there, not listed.
    """
    name = asked.strip()
    paths = {key for _, key in media.spots_of(name)} if "://" in name else {name.strip("/")}
    findings = (*report.findings, *report.carried, *report.resolved)
    gone = {one.id for one in report.resolved}
    told = [
        _of_finding(one, "resolved" if one.id in gone else one.status, report.run.id)
        for one in findings
        if _names(one, name, paths)
    ]
    known = {one.subject for one in told}
    for line in report.recordings:
        subject = recording_subject(line["bucket"], line["prefix"])
        if subject not in known and (_lies_at(subject, paths) or name == line.get("programId")):
            told.append(_of_line(subject, line))
    if not told:
        raise UsageError(
            f"the report of the run {report.run.id} lists nothing called {asked!r}: what agreed there is "
            "counted, not listed, and what is newer it does not know; without --run the stores are asked"
        )
    return tuple(told)


def _names(finding: Finding, name: str, paths: set[str]) -> bool:
    if finding.subject.type == "recording" and _lies_at(finding.subject, paths):
        return True
    fields = [value for _, value in finding.subject.fields]
    return name == finding.id or name in fields or name in _ids_in(finding.evidence)


def _lies_at(subject: Subject, paths: set[str]) -> bool:
    prefix = subject["prefix"]
    return any(path.strip("/") == prefix or path.startswith(f"{prefix}/") for path in paths)


def _ids_in(evidence: Mapping[str, Any]) -> Iterator[str]:
    """Yield the programs and sessions that a finding rests on."""
    for part in evidence.get("programs", ()):
        yield from (str(part.get("programId")), str(part.get("sk")))
    yield from evidence.get("attribution", {}).get("sessions", ())


def _of_finding(finding: Finding, became: str, run: str) -> Told:
    also = tuple(finding.evidence.get("also", ()))
    means = verdict_kind(finding.subject.type, finding.kind).means
    done = became in ("mended", "resolved")
    remedy = Remedy() if done else Remedy(finding.step, finding.commands)
    return Told(
        finding.subject, finding.kind, also, means, remedy, finding.evidence, f"{became} in the run {run}"
    )


def _of_line(subject: Subject, line: Mapping[str, Any]) -> Told:
    means = verdict_kind("recording", line["verdict"]).means
    told = ("start", "show", "title", "owner", "programId")
    return Told(
        subject, line["verdict"], (), means, Remedy(), {name: line[name] for name in told if line.get(name)}
    )
