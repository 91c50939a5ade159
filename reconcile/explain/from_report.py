"""Explains what a kept report says of a name: no store is asked."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from reconcile.explain.explanation import SubjectVerdict
from reconcile.model.clock import parse_time
from reconcile.model.errors import UsageError
from reconcile.model.finding import Finding, Subject, recording_subject
from reconcile.model.media import MediaMap
from reconcile.model.remedy import Remedy
from reconcile.model.verdict_table import verdict_kind
from reconcile.report.data import RecordingLine, Report
from reconcile.report.formatting import status_words
from reconcile.report.not_checked import UNKNOWN, Unchecked


def explain_stored(
    query: str, report: Report, media: MediaMap, day: date | None = None
) -> tuple[SubjectVerdict, ...]:
    """Return what a report says of what a text names, the findings first.

    A day narrows a title to what was recorded on it. Raises UsageError when the report lists nothing of the
    kind: what agrees is counted there, not listed.
    """
    name = query.strip()
    paths = {key for _, key in media.spots_of(name)} if "://" in name else {name.strip("/")}
    findings = (*report.findings, *report.carried, *report.resolved)
    resolved = {finding.id for finding in report.resolved}
    verdicts = [
        _of_finding(finding, "resolved" if finding.id in resolved else finding.status, report.run.id)
        for finding in findings
        if _names(finding, name, paths) and _is_of(finding.evidence.get("start"), day)
    ]
    explained = {verdict.subject for verdict in verdicts}
    not_checked = (
        unchecked
        for reason in report.not_checked
        for unchecked in reason.subjects
        if unchecked.subject not in explained
    )
    verdicts += [
        _of_unchecked(unchecked, report.run.id)
        for unchecked in not_checked
        if _names_unchecked(unchecked, name, paths)
    ]
    explained |= {verdict.subject for verdict in verdicts}
    for line in (*report.recordings, *report.retired):
        subject = recording_subject(line.key)
        named = _lies_at(subject, paths) or _is_in(name, {**asdict(line), **line.evidence})
        if subject not in explained and named and _is_of(line.evidence.get("start"), day):
            explained.add(subject)
            verdicts.append(_of_line(subject, line))
    if not verdicts:
        raise UsageError(_unlisted(query, name, report))
    return tuple(verdicts)


def _names_unchecked(unchecked: Unchecked, name: str, paths: set[str]) -> bool:
    if unchecked.subject.type == "recording" and _lies_at(unchecked.subject, paths):
        return True
    return name == unchecked.id or name in (value for _, value in unchecked.subject.fields)


def _of_unchecked(unchecked: Unchecked, run: str) -> SubjectVerdict:
    """Tell what was not checked; an earlier finding that may still hold is told by its own kind elsewhere."""
    kind = verdict_kind(unchecked.subject.type, UNKNOWN)
    became = f"not checked in the run {run}"
    remedy = kind.remedy.filled({"id": unchecked.id})
    return SubjectVerdict(unchecked.subject, UNKNOWN, (), kind.means, remedy, {"why": unchecked.why}, became)


def _unlisted(query: str, name: str, report: Report) -> str:
    """Say what a name is that no finding and no recording of the report goes by, as far as it tells."""
    if name == report.run.id:
        return f"{query!r} is the run of this report: reconcile report {report.run.id} shows it"
    places = [place for part, value in _parts(report) for place in _places(name, value, part)]
    if places:
        return f"{query!r} is no finding and no recording of the run {report.run.id}; it is in {places[0]}"
    return (
        f"the report of the run {report.run.id} lists nothing called {query!r}: what was OK is "
        "counted there, not listed, and it knows nothing newer; without --run the stores are read"
    )


def _parts(report: Report) -> Iterator[tuple[str, Any]]:
    """Yield the parts that have no ids of their own, as they stand in the JSON."""
    data = json.loads(report.to_json())
    for name in ("sources", "configuration", "causes", "decisions", "repairs"):
        yield name, data[name]


def _places(name: str, value: Any, place: str) -> Iterator[str]:
    """Yield where a text stands in a part of the report."""
    if isinstance(value, Mapping):
        for key, child in value.items():
            yield from _places(name, child, f"{place}.{key}")
    elif isinstance(value, list | tuple):
        for number, child in enumerate(value):
            yield from _places(name, child, f"{place}[{number}]")
    elif name and isinstance(value, str) and name in value:
        yield place


def _names(finding: Finding, name: str, paths: set[str]) -> bool:
    if finding.subject.type == "recording" and _lies_at(finding.subject, paths):
        return True
    fields = [value for _, value in finding.subject.fields]
    named = name in (finding.id, *fields) or _is_in(name, (finding.evidence, finding.candidates))
    return bool(name) and named


def _is_in(name: str, value: Any) -> bool:
    """Whether a text is one of the values of what is held, however deep, or the last part of its ARN."""
    if isinstance(value, Mapping):
        return any(_is_in(name, child) for child in value.values())
    if isinstance(value, list | tuple):
        return any(_is_in(name, child) for child in value)
    if not (name and isinstance(value, str)):
        return False
    return value.casefold() == name.casefold() or (value.startswith("arn:") and value.endswith(f"/{name}"))


def _is_of(start: Any, day: date | None) -> bool:
    if day is None:
        return True
    try:
        return parse_time(str(start)).date() == day
    except ValueError:
        return False


def _lies_at(subject: Subject, paths: set[str]) -> bool:
    prefix = subject["prefix"]
    return any(path.strip("/") == prefix or path.startswith(f"{prefix}/") for path in paths)


def _of_finding(finding: Finding, became: str, run: str) -> SubjectVerdict:
    also = tuple(finding.evidence.get("also", ()))
    means = verdict_kind(finding.subject.type, finding.kind).means
    done = became in ("repaired", "resolved")
    remedy = Remedy() if done else Remedy(finding.step, finding.commands)
    status_text = f"{status_words(became)} in the run {run}"
    verdict = SubjectVerdict(
        finding.subject, finding.kind, also, means, remedy, finding.evidence, status_text
    )
    return replace(verdict, candidates=finding.candidates)


def _of_line(subject: Subject, line: RecordingLine) -> SubjectVerdict:
    means = verdict_kind("recording", line.verdict).means
    return SubjectVerdict(subject, line.verdict, (), means, Remedy(), line.evidence)
