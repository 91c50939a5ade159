"""Judges a recording: does exactly one program show it, complete and filed under its show?"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reconcile.compare.recording.advice import between_programs, of_an_archive, of_its_own
from reconcile.compare.recording.attribution import Attribution
from reconcile.compare.recording.coverage import Placement
from reconcile.compare.recording.ownership import owners_of
from reconcile.compare.recording.view import RecordingState
from reconcile.model.catalog import Group, Program, Show
from reconcile.model.clock import write_time
from reconcile.model.finding import Judgement, judgement, recording_subject
from reconcile.model.recording import Events, Recording, RecordingKey
from reconcile.model.remedy import Remedy
from reconcile.model.sighting import Archived


@dataclass(frozen=True, slots=True)
class RecordingEvidence:
    """The evidence for the verdict on one recording.

    `programs` are those that belong to it, `rivals` those without media that may; `faults` name what its
    program lacks; `misfiled` the show or owner that its program names instead; `doubles` the recordings
    with programs that hold the same time, `overlaps` those that stand in its way; `remembered` what tells
    that its program existed once.
    `doubt` puts every verdict in doubt, `index_doubt` only that no program ever showed it, `unread` (of a
    recording that may cover the same time) that no other one shows it, and `placement_doubt` its placement.
    """

    recording: Recording
    events: Events | None
    state: RecordingState
    outside: bool
    judged_fully: bool
    attribution: Attribution
    show: Show | None
    group: Group | None
    programs: tuple[Program, ...] = ()
    rivals: tuple[Program, ...] = ()
    faults: tuple[str, ...] = ()
    misfiled: str = ""
    doubles: tuple[RecordingKey, ...] = ()
    overlaps: tuple[RecordingKey, ...] = ()
    remembered: tuple[str, ...] = ()
    placement: Placement | None = None
    unplayable: str = ""
    archived: Archived | None = None
    unreadable: str = ""
    doubt: str = ""
    index_doubt: str = ""
    unread: str = ""
    placement_doubt: str = ""


def judge_recording(evidence: RecordingEvidence) -> Judgement:
    """Give a recording its verdict."""
    holding = dict(_of_any(evidence))
    holding |= _with_program(evidence) if evidence.programs else _without_program(evidence)
    doubt = evidence.doubt
    if any(holding.get(name) for name in _NEVER_SHOWN):
        doubt = doubt or evidence.index_doubt or evidence.unread
    if any(holding.get(name) for name in _SHOWN_ONCE):
        doubt = doubt or evidence.unread
    if any(holding.get(name) for name in _BY_PLACE):
        doubt = doubt or evidence.placement_doubt
    holding["unknown"] = bool(doubt)
    facts = _evidence(evidence, doubt)
    return judgement(recording_subject(evidence.recording.key), holding, facts, _advice(evidence))


def _advice(evidence: RecordingEvidence) -> Mapping[str, Remedy]:
    """Return the remedy for an archive, and for an ambiguity that is not about the show."""
    recording = evidence.recording
    stored = evidence.archived
    advice = {"media-archived": of_an_archive(recording, stored)} if stored else {}
    if evidence.attribution.ambiguous:
        return advice
    if evidence.placement == "unclear" and evidence.show:
        advice["ambiguous"] = of_its_own(recording, evidence.show)
    elif evidence.placement == "kept" and evidence.rivals:
        advice["ambiguous"] = between_programs(recording, evidence.events, evidence.rivals)
    return advice


# Without the index it is unknown whether a deleted program's search record still exists.
_NEVER_SHOWN = ("overlapping", "group-missing", "media-archived", "unplayable", "program-missing")
_SHOWN_ONCE = ("program-incomplete", "agrees")
_BY_PLACE = ("twin", "ambiguous", *_NEVER_SHOWN)


def _of_any(evidence: RecordingEvidence) -> Mapping[str, bool]:
    eventless = evidence.state == "eventless" and evidence.judged_fully
    return {
        "unreadable": bool(evidence.unreadable),
        "other": evidence.state == "other",
        "outside-window": evidence.outside,
        "settling": evidence.state == "settling",
        "in-progress": evidence.state == "in-progress",
        "failed": evidence.state == "failed",
        "unfinished": evidence.state == "unfinished" or eventless,
    }


def _with_program(evidence: RecordingEvidence) -> Mapping[str, bool]:
    sound = len(evidence.programs) == 1 and not (evidence.doubles or evidence.misfiled or evidence.faults)
    return {
        "program-duplicated": len(evidence.programs) > 1 or bool(evidence.doubles),
        "program-misfiled": bool(evidence.misfiled),
        "program-incomplete": bool(evidence.faults),
        "agrees": sound,
    }


def _without_program(evidence: RecordingEvidence) -> Mapping[str, bool]:
    if evidence.state != "ended" or evidence.outside:
        return {}
    attribution, placement = evidence.attribution, evidence.placement
    known = attribution.show_id is not None
    show_missing = known and (evidence.show is None or evidence.show.producer_id is None)
    wants = placement == "kept"
    ambiguous = attribution.ambiguous or placement == "unclear" or (wants and bool(evidence.rivals))
    group_missing = known and not show_missing and not (evidence.group and evidence.group.real)
    return {
        "settling": placement == "settling",
        "retired": placement == "retired",
        "unattributed": not attribution.shows and evidence.events is not None,
        "ambiguous": ambiguous,
        "show-missing": show_missing,
        "twin": placement == "twin",
        "overlapping": placement == "overlapping",
        "group-missing": group_missing,
        "media-archived": evidence.archived is not None,
        "unplayable": bool(evidence.unplayable) and evidence.archived is None,
        "program-missing": wants and not (ambiguous or show_missing or group_missing),
    }


def _evidence(evidence: RecordingEvidence, doubt: str) -> dict[str, Any]:
    events, show = evidence.events, evidence.show
    facts = {
        "start": _time(events.started_at) if events else None,
        "end": _time(events.ended_at) if events else None,
        "duration_ms": events.duration if events else None,
        "last_event": _time(evidence.recording.last_event),
        "attribution": evidence.attribution.to_evidence() if evidence.attribution.level is not None else None,
        "title": show.title if show else None,
        "owner": show.producer_id if show else None,
        "programs": owners_of(evidence.programs) or None,
        "candidates": owners_of(evidence.rivals) or None,
        "lacks": list(evidence.faults) or None,
        "filed_under": evidence.misfiled or None,
        "same_time": _addresses(evidence.doubles),
        "overlaps": _addresses(evidence.overlaps),
        "seen": _seen(evidence) if evidence.state == "failed" else None,
        "stage_arn": events.stage_arn if events else None,
        "channel_arn": events.channel_arn if events else None,
        "remembered": list(evidence.remembered) or None,
        "manifest": evidence.unplayable or None,
        "why": evidence.unreadable or doubt or None,
    }
    return {name: value for name, value in facts.items() if value is not None}


def _seen(evidence: RecordingEvidence) -> str:
    """Say what a failed recording left: its media may be complete although IVS gave no duration."""
    events, recording = evidence.events, evidence.recording
    length = f"{events.duration:,} ms" if events and events.duration else "no duration"
    media = "media is listed under it" if recording.has_media else "no media is listed under it"
    return f"its last event reports {length}; {media}"


def _addresses(keys: Iterable[RecordingKey]) -> list[str] | None:
    return [key.address for key in keys] or None


def _time(moment: datetime | None) -> str | None:
    return write_time(moment) if moment else None
