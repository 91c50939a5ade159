"""Finds where the findings of a kind gather: on one show, channel, owner or day."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reconcile.compare.claims import last_part
from reconcile.compare.dossier import Dossiers
from reconcile.model.finding import Finding, recording_key

LEAST = 5
SHARE = 0.60
TRAITS = ("show", "channel", "owner", "day")
"""From narrow to wide: the first on which findings gather is the telling one."""


@dataclass(frozen=True, slots=True)
class Gathering:
    """The findings of a kind that share a trait, and how many of the kind there are in all."""

    kind: str
    trait: str
    value: str
    findings: tuple[Finding, ...]
    of: int


def gatherings(findings: Iterable[Finding], dossiers: Dossiers) -> Iterator[Gathering]:
    """Yield where findings gather, one place a kind at most; what is unknown says nothing of any place."""
    by_kind: defaultdict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.kind != "unknown" and finding.subject.type != "system":
            by_kind[finding.subject.type, finding.kind].append(finding)
    for (_, kind), held in sorted(by_kind.items()):
        found = _gathered(kind, [(finding, traits_of(finding, dossiers)) for finding in held])
        if found:
            yield found


def _gathered(kind: str, held: list[tuple[Finding, Mapping[str, str]]]) -> Gathering | None:
    for trait in TRAITS:
        counted = Counter(traits[trait] for _, traits in held if trait in traits)
        for value, number in counted.most_common(1):
            if number >= LEAST and number >= SHARE * len(held):
                mine = tuple(finding for finding, traits in held if traits.get(trait) == value)
                return Gathering(kind, trait, value, mine, len(held))
    return None


def traits_of(finding: Finding, dossiers: Dossiers) -> dict[str, str]:
    """Return what a finding's subject has in common with others, as far as the stores tell it."""
    subject = finding.subject
    if subject.type == "recording":
        found = _of_recording(finding, dossiers)
    elif subject.type == "session":
        found = _of_session(subject["sessionId"], dossiers)
    else:
        found = _of_row(finding)
    return {name: value for name, value in found.items() if value}


def _of_recording(finding: Finding, dossiers: Dossiers) -> dict[str, str | None]:
    view = dossiers.views.get(recording_key(finding.subject))
    if view is None:
        return {}
    channel = view.events.channel_arn if view.events else None
    began = view.events.started_at if view.events else None
    return {
        "show": view.show_id,
        "channel": view.recording.channel_id or (last_part(channel) if channel else None),
        "owner": _producer(view.show_id, dossiers),
        "day": _day(began or view.recording.last_event),
    }


def _of_session(session_id: str, dossiers: Dossiers) -> dict[str, str | None]:
    session = dossiers.snapshot.catalog.sessions.get(session_id)
    if session is None:
        return {}
    channels = sorted(map(last_part, session.shared_channels))
    return {
        "show": session.show_id,
        "channel": channels[0] if len(channels) == 1 else None,
        "owner": _producer(session.show_id, dossiers),
        "day": _day(session.created_at),
    }


def _of_row(finding: Finding) -> dict[str, str | None]:
    """Read show and owner out of the keys of a row, or of the rows that call for a record."""
    fields = dict(finding.subject.fields)
    rows = finding.evidence.get("rows") or []
    keys = {fields["pk"]} if "pk" in fields else {_key(row) for row in rows}
    owners = {pk.split("#")[1] for pk in keys if pk.startswith("u#")}
    shows = {pk.removeprefix("show#") for pk in keys if pk.startswith("show#")}
    return {"show": _only(shows), "owner": _only(owners)}


def _key(row: Any) -> str:
    return str(row.get("pk", "")) if isinstance(row, Mapping) else ""


def _only(values: set[str]) -> str | None:
    return next(iter(values)) if len(values) == 1 else None


def _producer(show_id: str | None, dossiers: Dossiers) -> str | None:
    show = dossiers.snapshot.catalog.shows.get(show_id or "")
    return show.producer_id if show else None


def _day(moment: datetime | None) -> str | None:
    return f"{moment:%Y-%m-%d}" if moment else None
