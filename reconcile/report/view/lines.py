"""Turns findings into lines: a title, since when, what it depends on, what to do, and where to look. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from reconcile.model.clock import parse_time
from reconcile.model.finding import Finding
from reconcile.model.texts import is_clean
from reconcile.model.verdict_table import label_of
from reconcile.report.choices import choice_of
from reconcile.report.facts import Fact, facts_of, missing_words
from reconcile.report.formatting import (
    LONGEST_TITLE,
    apart,
    clean,
    line_of,
    place_of_subject,
    status_words,
    subject_words,
)
from reconcile.report.view.model import Age, FindingLine, Link, SideBySide
from reconcile.report.view.writes import compared

_SIDE_BY_SIDE = ("programs", "candidates", "rows")
_LINKS = {"s3": "S3", "table": "DynamoDB", "search": "Algolia", "playback": "Play"}


@dataclass(frozen=True, slots=True)
class Beside:
    """What is shown with findings, by their ids: the writes of this run, and what causes them."""

    writes: Mapping[str, tuple[SideBySide, ...]] = field(default_factory=dict)
    causes: Mapping[str, str] = field(default_factory=dict)


def finding_line(finding: Finding, beside: Beside, *, short: bool = False) -> FindingLine:
    """Return a finding as a line; `short` leaves out what it depends on and what to do about it."""
    evidence, age = finding.evidence, age_of(finding)
    days = (finding.last_seen - finding.first_seen).days
    line = FindingLine(
        id=clean(finding.id),
        kind=clean(finding.kind),
        label=clean(label_of(finding.subject.type, finding.kind)),
        title=line_of(finding.title, LONGEST_TITLE),
        severity=finding.severity,
        status=finding.status,
        status_words=status_words(finding.status),
        age=age,
        days=days,
        mark=mark_of(finding),
        first_seen=finding.first_seen,
        recorded_at=time_of(evidence.get("start")),
        seconds=seconds_of(evidence.get("duration_ms")),
        subject=subject_words(finding.subject, evidence),
        place=place_of_subject(finding.subject),
        cause=beside.causes.get(finding.id, ""),
    )
    return line if short else _with_evidence(line, finding, beside)


def _with_evidence(line: FindingLine, finding: Finding, beside: Beside) -> FindingLine:
    compared_fields = compared(finding.evidence.get("fields"))
    return replace(
        line,
        step=apart(clean(finding.step)),
        commands=pasteable(finding.commands),
        facts=(*_progress(finding), *_facts(finding)),
        choice=choice_of(finding.candidates),
        comparisons=(*compared_fields, *beside.writes.get(finding.id, ())),
        links=links_of(finding.links),
    )


def age_of(finding: Finding) -> Age:
    """Return whether a finding is new in this run, has come back, or was known before or dealt with."""
    if finding.status == "came-back":
        return "came-back"
    return "new" if finding.status == "new" else "known"


def mark_of(finding: Finding) -> str:
    """Return since when a finding is known: `new`, `came back`, `5 h`, `6 d`; else what became of it."""
    age, since = age_of(finding), finding.last_seen - finding.first_seen
    if age != "known":
        return "new" if age == "new" else "came back"
    return since_words(since) if since else status_words(finding.status)


def since_words(since: timedelta) -> str:
    """Return a length in days, or hours where it is less than one: `6 d`, `5 h`."""
    return f"{since.days:,} d" if since.days > 0 else f"{max(since.seconds // 3600, 1)} h"


def pasteable(commands: Iterable[str]) -> tuple[str, ...]:
    """Return the commands that are the same when they are copied from where they are shown."""
    return tuple(filter(is_clean, commands))


def links_of(links: Mapping[str, str]) -> tuple[Link, ...]:
    """Return the links that a reader can follow, in their usual order."""
    sound = {key: url for key, url in links.items() if is_clean(url)}
    return tuple(Link(key, label, sound[key]) for key, label in _LINKS.items() if key in sound)


def time_of(value: object) -> datetime | None:
    """Return a time of the evidence; None where it is missing or none."""
    try:
        return parse_time(str(value)) if value else None
    except ValueError:
        return None


def seconds_of(milliseconds: object) -> float | None:
    """Return how long a recording lasts; None where nothing sensible says so."""
    if isinstance(milliseconds, int | float) and 0 < milliseconds < 10**12:
        return milliseconds / 1000
    return None


def _facts(finding: Finding) -> tuple[Fact, ...]:
    """Return the evidence, without what is shown beside it: candidates, fields, and what is left."""
    hidden = {"fields", *(_SIDE_BY_SIDE if finding.candidates else ()), *(("lacks",) if finding.left else ())}
    evidence: dict[str, Any] = {k: v for k, v in finding.evidence.items() if k not in hidden}
    return facts_of(evidence, finding.subject.type)


def _progress(finding: Finding) -> tuple[Fact, ...]:
    """Say what this run repaired of a finding, and what is left of it."""
    parts = (("Repaired in this run", finding.repaired), ("Still missing", finding.left))
    return tuple(Fact(label, tuple(map(missing_words, names))) for label, names in parts if names)
