"""The verdict table: every verdict a subject can get, what it means and what follows from it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Response = Literal["count", "report", "create", "mend", "write"]
Severity = Literal["high", "medium", "low", "none"]


@dataclass(frozen=True, slots=True)
class VerdictKind:
    """One line of the table; `remedy` may name {fields} of a finding's subject and evidence."""

    subject: str
    name: str
    response: Response
    severity: Severity
    means: str
    remedy: str = ""


def _recording(
    name: str, response: Response, severity: Severity, means: str, remedy: str = ""
) -> VerdictKind:
    return VerdictKind("recording", name, response, severity, means, remedy)


def _anything(subject: str) -> tuple[VerdictKind, ...]:
    unreadable = "Something it rests on is there but cannot be understood; the evidence says what."
    unknown = "A source it rests on was not read whole, or is doubted: nothing is claimed about it."
    look = "Look at what the evidence names, and mend or remove it by hand."
    again = "Mend what the evidence or the sources name, then run again."
    return (
        VerdictKind(subject, "unreadable", "report", "high", unreadable, look),
        VerdictKind(subject, "unknown", "report", "medium", unknown, again),
    )


VERDICTS: tuple[VerdictKind, ...] = (
    *_anything("recording"),
    _recording("other", "count", "none", "A guest's raw feed: never published."),
    _recording("outside-window", "count", "none", "It has no program and is older than the window."),
    _recording(
        "settling", "count", "none", "It, or what it depends on, changed moments ago: judged next time."
    ),
    _recording("in-progress", "count", "none", "It is still being recorded."),
    _recording(
        "program-duplicated",
        "report",
        "medium",
        "Several programs show the same broadcast.",
        "Decide which of the programs in the evidence to keep, and delete the others in the Media Manager.",
    ),
    _recording(
        "program-misfiled",
        "report",
        "high",
        "Its program is filed under another show than the one that was recorded.",
        "Move the program to the producer and group of the show that the evidence names.",
    ),
    _recording(
        "program-incomplete",
        "mend",
        "high",
        "Its program lacks the URL or the group, or its URL has an old domain.",
        "reconcile repair mends it; a group it can only name when the show has one.",
    ),
    _recording(
        "failed",
        "report",
        "medium",
        "Nothing was recorded, or none of it is left.",
        "Tell the producer: this broadcast was not kept.",
    ),
    _recording(
        "unfinished",
        "report",
        "low",
        "It began, or left media, and never ended.",
        "Look at the recording in S3: IVS may have crashed or lost its permission to write.",
    ),
    _recording("agrees", "count", "none", "It has exactly one program, complete and filed under its show."),
    _recording("retired", "count", "none", "Its program existed and its owner deleted it: never made again."),
    _recording(
        "unattributed",
        "report",
        "medium",
        "No session or show of the table explains it.",
        "Find out whose broadcast it is from its time and channel; nothing in the stores tells.",
    ),
    _recording(
        "ambiguous",
        "report",
        "medium",
        "The evidence points at more than one show, or more than one program or recording fits.",
        "Decide from the evidence, which names the candidates.",
    ),
    _recording(
        "show-missing",
        "report",
        "medium",
        "The show that was recorded has been deleted.",
        "Ask the producer whether the recording is still wanted.",
    ),
    _recording("twin", "count", "none", "Another recording of the same broadcast has the program."),
    _recording(
        "overlapping",
        "report",
        "low",
        "It shows partly the same time as another recording of its show.",
        "Watch both; if this one is wanted too, upload it as a program of its own.",
    ),
    _recording(
        "group-missing",
        "report",
        "high",
        "Its show has no group, or the group is gone, so there is nowhere to file a program.",
        "Set groupId on the show's row to a group of its producer, then run reconcile repair.",
    ),
    _recording(
        "unplayable",
        "report",
        "high",
        "Its manifest is missing or is no HLS manifest.",
        "Look at the manifest that the evidence names.",
    ),
    _recording(
        "program-missing",
        "create",
        "high",
        "It was recorded completely and nobody can see it: no program exists.",
        "reconcile repair makes the program.",
    ),
    *_anything("session"),
    VerdictKind(
        "session",
        "recording-missing",
        "report",
        "high",
        "A composition was started and no recording of it exists.",
        "Check the storage configuration and the bucket policy of the time; the broadcast is lost.",
    ),
    VerdictKind("session", "agrees", "count", "none", "Its recordings exist, or it made none."),
    *_anything("record"),
    VerdictKind(
        "record",
        "record-contested",
        "report",
        "high",
        "Two rows call for the same search record.",
        "Give one of the rows in the evidence a programId of its own, or delete it.",
    ),
    VerdictKind("record", "settling", "count", "none", "Its row changed moments ago: judged next time."),
    VerdictKind(
        "record",
        "record-missing",
        "write",
        "high",
        "A program has no search record: search cannot find it.",
        "reconcile repair writes it.",
    ),
    VerdictKind(
        "record",
        "record-stale",
        "write",
        "medium",
        "The search record says something else than the row.",
        "reconcile repair writes it again.",
    ),
    VerdictKind(
        "record",
        "record-orphaned",
        "report",
        "medium",
        "A search record has no row: search finds what is gone.",
        "Delete the record objectID {objectID} from the index.",
    ),
    VerdictKind("record", "agrees", "count", "none", "It says the same as its row."),
)
"""In order of precedence within each subject type."""

TYPES: tuple[str, ...] = tuple(dict.fromkeys(kind.subject for kind in VERDICTS))


def verdicts_of(subject_type: str) -> tuple[str, ...]:
    """Return the verdicts of a subject type, the most telling first."""
    return tuple(kind.name for kind in VERDICTS if kind.subject == subject_type)


def verdict_kind(subject_type: str, name: str) -> VerdictKind:
    """Return the line of the table for a verdict; raises KeyError for one that does not exist."""
    for kind in VERDICTS:
        if (kind.subject, kind.name) == (subject_type, name):
            return kind
    raise KeyError(f"{subject_type} {name}")


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """What a verdict is about: a type of the table and the fields that identify it."""

    type: str
    fields: tuple[tuple[str, str], ...]

    def __getitem__(self, name: str) -> str:
        return dict(self.fields)[name]

    def to_json(self) -> dict[str, str]:
        """Return {"type": …, field: …}."""
        return {"type": self.type, **dict(self.fields)}

    @classmethod
    def from_json(cls, data: Mapping[str, str]) -> "Subject":
        """Read what to_json wrote."""
        return cls(data["type"], tuple((name, value) for name, value in data.items() if name != "type"))


def recording_subject(bucket: str, prefix: str) -> Subject:
    """Name a recording."""
    return Subject("recording", (("bucket", bucket), ("prefix", prefix)))


def recording_key(subject: Subject) -> tuple[str, str]:
    """Return the bucket and prefix of a recording's subject."""
    return (subject["bucket"], subject["prefix"])


def session_subject(session_id: str) -> Subject:
    """Name a session."""
    return Subject("session", (("sessionId", session_id),))


def record_subject(object_id: str) -> Subject:
    """Name a search record, whether it exists or is only called for."""
    return Subject("record", (("objectID", object_id),))


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on one subject, the verdicts beside it, and what both rest on."""

    subject: Subject
    verdict: str
    also: tuple[str, ...] = ()
    evidence: Mapping[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> VerdictKind:
        """The verdict's line in the table."""
        return verdict_kind(self.subject.type, self.verdict)

    @property
    def is_finding(self) -> bool:
        """Whether somebody should hear of it."""
        return self.kind.response != "count"

    @property
    def id(self) -> str:
        """The finding's id."""
        return finding_id(self.verdict, self.subject)


def judgement(subject: Subject, holding: Mapping[str, bool], evidence: Mapping[str, Any]) -> Judgement:
    """Take the first verdict of the table that holds; the others that hold stand beside it.

    `holding` names at least one verdict that holds; raises ValueError when none does.
    """
    names = [name for name in verdicts_of(subject.type) if holding.get(name)]
    if not names:
        raise ValueError(f"no verdict holds for {subject}")
    return Judgement(subject, names[0], tuple(name for name in names[1:] if name != "agrees"), evidence)


def finding_id(kind: str, subject: Subject) -> str:
    """Return the id that a finding keeps from run to run: a hash of its kind and subject."""
    text = json.dumps([kind, subject.to_json()], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


Status = Literal["new", "open", "mended", "withheld", "failed", "ignored"]


@dataclass(frozen=True, slots=True)
class Finding:
    """A judgement as the report tells it, with its history and what became of it in this run."""

    id: str
    kind: str
    severity: Severity
    subject: Subject
    evidence: Mapping[str, Any]
    status: Status
    first_seen: datetime
    last_seen: datetime
    remedy: str
