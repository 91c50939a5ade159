"""Explains what a kept report says of a name: no store is asked."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from reconcile.explain.explanation import Told
from reconcile.model.clock import parse_time
from reconcile.model.errors import UsageError
from reconcile.model.finding import Finding, Subject, recording_subject
from reconcile.model.media import MediaMap
from reconcile.model.remedy import Remedy
from reconcile.model.verdict_table import verdict_kind
from reconcile.report.data import RecordingLine, Report
from reconcile.report.formatting import status_words
from reconcile.report.not_checked import UNKNOWN, Unchecked


def explain_stored(asked: str, report: Report, media: MediaMap, day: date | None = None) -> tuple[Told, ...]:
    """Return what a report says of what a text names, the findings first.

    A day narrows a title to what was recorded on it. Raises UsageError when the report lists nothing of the
    kind: what agrees is counted there, not listed.
    """
    name = asked.strip()
    paths = {key for _, key in media.spots_of(name)} if "://" in name else {name.strip("/")}
    findings = (*report.findings, *report.carried, *report.resolved)
    gone = {one.id for one in report.resolved}
    told = [
        _of_finding(one, "resolved" if one.id in gone else one.status, report.run.id)
        for one in findings
        if _names(one, name, paths) and _is_of(one.evidence.get("start"), day)
    ]
    known = {one.subject for one in told}
    left = (one for reason in report.not_checked for one in reason.subjects if one.subject not in known)
    told += [_of_unchecked(one, report.run.id) for one in left if _names_unchecked(one, name, paths)]
    known |= {one.subject for one in told}
    for line in (*report.recordings, *report.retired):
        subject = recording_subject(line.key)
        named = _lies_at(subject, paths) or _is_in(name, {**asdict(line), **line.evidence})
        if subject not in known and named and _is_of(line.evidence.get("start"), day):
            known.add(subject)
            told.append(_of_line(subject, line))
    if not told:
        raise UsageError(_unlisted(asked, name, report))
    return tuple(told)


def _names_unchecked(one: Unchecked, name: str, paths: set[str]) -> bool:
    if one.subject.type == "recording" and _lies_at(one.subject, paths):
        return True
    return name == one.id or name in (value for _, value in one.subject.fields)


def _of_unchecked(one: Unchecked, run: str) -> Told:
    """Tell what was not checked; an earlier finding that may still hold is told by its own kind elsewhere."""
    kind = verdict_kind(one.subject.type, UNKNOWN)
    became = f"not checked in the run {run}"
    remedy = kind.remedy.filled({"id": one.id})
    return Told(one.subject, UNKNOWN, (), kind.means, remedy, {"why": one.why}, became)


def _unlisted(asked: str, name: str, report: Report) -> str:
    """Say what a name is that no finding and no recording of the report goes by, as far as it tells."""
    if name == report.run.id:
        return f"{asked!r} is the run of this report: reconcile report {report.run.id} shows it"
    places = [place for part, held in _parts(report) for place in _places(name, held, part)]
    if places:
        return f"{asked!r} is no finding and no recording of the run {report.run.id}; it is in {places[0]}"
    return (
        f"the report of the run {report.run.id} lists nothing called {asked!r}: what was OK is "
        "counted there, not listed, and it knows nothing newer; without --run the stores are read"
    )


def _parts(report: Report) -> Iterator[tuple[str, Any]]:
    """Yield the parts that have no ids of their own, as they stand in the JSON."""
    data = json.loads(report.to_json())
    for name in ("sources", "configuration", "causes", "decisions", "repairs"):
        yield name, data[name]


def _places(name: str, held: Any, place: str) -> Iterator[str]:
    """Yield where a text stands in a part of the report."""
    if isinstance(held, Mapping):
        for key, value in held.items():
            yield from _places(name, value, f"{place}.{key}")
    elif isinstance(held, list | tuple):
        for number, value in enumerate(held):
            yield from _places(name, value, f"{place}[{number}]")
    elif name and isinstance(held, str) and name in held:
        yield place


def _names(finding: Finding, name: str, paths: set[str]) -> bool:
    if finding.subject.type == "recording" and _lies_at(finding.subject, paths):
        return True
    fields = [value for _, value in finding.subject.fields]
    named = name in (finding.id, *fields) or _is_in(name, (finding.evidence, finding.candidates))
    return bool(name) and named


def _is_in(name: str, held: Any) -> bool:
    """Whether a text is one of the values of what is held, however deep, or the last part of its ARN."""
    if isinstance(held, Mapping):
        return any(_is_in(name, value) for value in held.values())
    if isinstance(held, list | tuple):
        return any(_is_in(name, value) for value in held)
    if not (name and isinstance(held, str)):
        return False
    return held.casefold() == name.casefold() or (held.startswith("arn:") and held.endswith(f"/{name}"))


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


def _of_finding(finding: Finding, became: str, run: str) -> Told:
    also = tuple(finding.evidence.get("also", ()))
    means = verdict_kind(finding.subject.type, finding.kind).means
    done = became in ("repaired", "resolved")
    remedy = Remedy() if done else Remedy(finding.step, finding.commands)
    said = f"{status_words(became)} in the run {run}"
    told = Told(finding.subject, finding.kind, also, means, remedy, finding.evidence, said)
    return replace(told, candidates=finding.candidates)


def _of_line(subject: Subject, line: RecordingLine) -> Told:
    means = verdict_kind("recording", line.verdict).means
    return Told(subject, line.verdict, (), means, Remedy(), line.evidence)
