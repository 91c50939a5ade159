"""Explains a name from an archived report: no store is read."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from datetime import date, datetime
from math import inf
from typing import Any

from reconcile.explain.broadcasts import DatedSubject, nothing_on
from reconcile.explain.entities import Entity
from reconcile.explain.explanation import Listing, SubjectVerdict
from reconcile.explain.next import explain_command
from reconcile.explain.titles import closest
from reconcile.model.clock import Interval, parse_time
from reconcile.model.errors import UsageError
from reconcile.model.finding import Finding, Subject, recording_subject
from reconcile.model.media import MediaMap
from reconcile.model.remedy import Remedy, command
from reconcile.model.verdict_table import verdict_kind
from reconcile.report.data import RecordingLine, Report, approve_command
from reconcile.report.formatting import status_words, when
from reconcile.report.not_checked import UNKNOWN, Unchecked

_BECAME = {"new": "first seen"}
_TITLES = ("title", "group")
"""What holds a title, which people do not type as it is written: these are compared on their own."""


def explain_stored(
    query: str, report: Report, media: MediaMap, day: date | None = None
) -> tuple[SubjectVerdict, ...]:
    """Return what a report says of what a text names, the findings first; of a title, the newest first.

    A day, in UTC, narrows them to what was recorded on it. Raises UsageError when the report lists nothing of
    the kind: what agrees is counted there, not listed.
    """
    name = query.strip()
    paths = {key for _, key in media.spots_of(name)} if "://" in name else {name.strip("/")}
    listed = tuple(_listed(report))
    verdicts = [verdict for verdict, item in listed if _names(verdict, item, name, paths)]
    if not verdicts:
        titles = (
            (verdict, title)
            for verdict, _ in listed
            for title in _titles((verdict.evidence, verdict.candidates))
        )
        verdicts = sorted(_once(closest(query, titles)), key=_newest_first)
    if not verdicts:
        raise UsageError(_unlisted(query, name, report))
    if day is None:
        return tuple(verdicts)
    times = [DatedSubject(verdict.subject, _time_of(verdict)) for verdict in verdicts]
    if not any(time.is_of(day) for time in times):
        raise UsageError(nothing_on(query, day, times, "--run", report.run.id))
    return tuple(verdict for verdict, time in zip(verdicts, times, strict=True) if time.is_of(day))


def approvals_of(report: Report) -> Listing:
    """Return what a run left awaiting approval, with the command that approves exactly these repairs."""
    run = report.run
    facts = {"mode": run.mode, "started": when(run.started_at), "result": report.headline}
    findings = ((verdict, item) for verdict, item in _listed(report) if isinstance(item, Finding))
    awaiting = tuple(verdict for verdict, finding in findings if finding.id in report.approvals)
    if awaiting:
        step = "Review these. The command creates exactly these, after re-checking each."
        todo = Remedy(step, (approve_command(run.id),))
    else:
        todo = Remedy("Nothing awaits approval in this run.", (command("reconcile", "report", run.id),))
    return Listing(run.id, (Entity("run", run.id, facts),), awaiting, "", todo=todo)


def _listed(report: Report) -> Iterator[tuple[SubjectVerdict, Finding | Unchecked | RecordingLine]]:
    """Yield all that a report lists, once each: its verdict, and the item itself."""
    run, known = report.run.id, set[Subject]()
    resolved = {finding.id for finding in report.resolved}
    for finding in (*report.findings, *report.carried, *report.resolved):
        known.add(finding.subject)
        yield _of_finding(finding, "resolved" if finding.id in resolved else finding.status, run), finding
    for unchecked in (unchecked for reason in report.not_checked for unchecked in reason.subjects):
        if unchecked.subject not in known:
            known.add(unchecked.subject)
            yield _of_unchecked(unchecked, run), unchecked
    for line in (*report.recordings, *report.retired):
        subject = recording_subject(line.key)
        if subject not in known:
            known.add(subject)
            yield _of_line(subject, line, run), line


def _names(
    verdict: SubjectVerdict, item: Finding | Unchecked | RecordingLine, name: str, paths: set[str]
) -> bool:
    """Whether a text is a name of something that a report lists, or of what it rests on."""
    if verdict.subject.type == "recording" and _lies_at(verdict.subject, paths):
        return True
    fields = [value for _, value in verdict.subject.fields]
    if isinstance(item, Unchecked):
        return name in (item.id, *fields)
    if isinstance(item, Finding):
        return bool(name) and (name in (item.id, *fields) or _is_in(name, (item.evidence, item.candidates)))
    return _is_in(name, {**asdict(item), **item.evidence})


def _once(verdicts: Iterable[SubjectVerdict]) -> list[SubjectVerdict]:
    return list({verdict.subject: verdict for verdict in verdicts}.values())


def _newest_first(verdict: SubjectVerdict) -> float:
    time = _time_of(verdict)
    return -time.start.timestamp() if time else inf


def _time_of(verdict: SubjectVerdict) -> Interval | None:
    """Return when something was recorded, or began, as far as its evidence shows."""
    names = ("start", "end", "createdAt", "last_event")
    known = [moment for name in names if (moment := _moment(verdict.evidence.get(name)))]
    return Interval(known[0], max(known)) if known else None


def _moment(value: object) -> datetime | None:
    try:
        return parse_time(str(value))
    except ValueError:
        return None


def _of_unchecked(unchecked: Unchecked, run: str) -> SubjectVerdict:
    """Return what was not checked; an earlier finding that may still hold is listed under its own kind."""
    kind = verdict_kind(unchecked.subject.type, UNKNOWN)
    became = f"not checked in the run {run}"
    remedy = kind.remedy.filled({"id": unchecked.id})
    verdict = SubjectVerdict(
        unchecked.subject, UNKNOWN, (), kind.means, remedy, {"why": unchecked.why}, became
    )
    return replace(verdict, explained_by=explain_command(unchecked.id, run))


def _unlisted(query: str, name: str, report: Report) -> str:
    """Say what a name is that belongs to no finding and no recording of the report, if it is known."""
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


def _titles(value: Any) -> Iterator[str]:
    """Yield the titles in some evidence, however deep."""
    if isinstance(value, Mapping):
        for field, child in value.items():
            if field in _TITLES and isinstance(child, str):
                yield child
            else:
                yield from _titles(child)
    elif isinstance(value, list | tuple):
        for child in value:
            yield from _titles(child)


def _is_in(name: str, value: Any) -> bool:
    """Whether a text is one of the values of what is held, however deep, or the last part of its ARN."""
    if isinstance(value, Mapping):
        return any(_is_in(name, child) for field, child in value.items() if field not in _TITLES)
    if isinstance(value, list | tuple):
        return any(_is_in(name, child) for child in value)
    if not (name and isinstance(value, str)):
        return False
    return value == name or (value.startswith("arn:") and value.endswith(f"/{name}"))


def _lies_at(subject: Subject, paths: set[str]) -> bool:
    prefix = subject["prefix"]
    return any(path.strip("/") == prefix or path.startswith(f"{prefix}/") for path in paths)


def _of_finding(finding: Finding, became: str, run: str) -> SubjectVerdict:
    also = tuple(finding.evidence.get("also", ()))
    means = verdict_kind(finding.subject.type, finding.kind).means
    done = became in ("repaired", "resolved")
    remedy = Remedy() if done else Remedy(finding.step, finding.commands)
    status_text = f"{_BECAME.get(became) or status_words(became)} in the run {run}"
    verdict = SubjectVerdict(
        finding.subject, finding.kind, also, means, remedy, finding.evidence, status_text
    )
    by = explain_command(finding.id, run)
    return replace(verdict, candidates=finding.candidates, explained_by=by)


def _of_line(subject: Subject, line: RecordingLine, run: str) -> SubjectVerdict:
    means = verdict_kind("recording", line.verdict).means
    by = explain_command(line.key.address, run)
    return SubjectVerdict(subject, line.verdict, (), means, Remedy(), line.evidence, explained_by=by)
