"""Findings: what a verdict is about, the verdict with what it rests on, and its history in a report."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Literal

from reconcile.model.catalog import GroupKey, RowKey
from reconcile.model.documents import Candidate, Evidence
from reconcile.model.recording import RecordingKey
from reconcile.model.remedy import Remedy
from reconcile.model.verdict_table import label_of, noun_of, verdict_kind, verdicts_of
from reconcile.model.verdict_types import Severity, VerdictKind

_FIELDS = ("bucket", "prefix", "pk", "sk", "programId")
"""The order in which the fields of a subject stand; others follow by name."""
_IN_ORDER = (("bucket", "prefix"), ("pk", "sk"), ("pk", "sk", "programId"))
"""Names that stand in it, as those of most subjects do: to sort them takes longer than all else."""
_REMEMBERED_IDS = 8_192
"""How many ids are kept at hand: more than a night has findings, and some MB."""


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """What a verdict is about: a type of the table and the fields that identify it, given in any order."""

    type: str
    fields: tuple[tuple[str, str], ...]

    def __post_init__(self) -> None:
        """Put the fields in order: two subjects that name the same are equal, wherever they were read."""
        if len(self.fields) > 1 and tuple(name for name, _ in self.fields) not in _IN_ORDER:
            object.__setattr__(self, "fields", tuple(sorted(self.fields, key=_place)))

    def __getitem__(self, name: str) -> str:
        return dict(self.fields)[name]

    def to_json(self) -> dict[str, str]:
        """Return {"type": …, field: …}."""
        return {"type": self.type, **dict(self.fields)}

    @classmethod
    def from_json(cls, data: Mapping[str, str]) -> "Subject":
        """Read what to_json wrote."""
        return cls(data["type"], tuple((name, value) for name, value in data.items() if name != "type"))


def _place(field: tuple[str, str]) -> tuple[int, str]:
    name = field[0]
    return (_FIELDS.index(name) if name in _FIELDS else len(_FIELDS), name)


def recording_subject(key: RecordingKey) -> Subject:
    """Name a recording."""
    return Subject("recording", (("bucket", key.bucket), ("prefix", key.prefix)))


def recording_key(subject: Subject) -> RecordingKey:
    """Return the identity of a recording's subject."""
    return RecordingKey(subject["bucket"], subject["prefix"])


def session_subject(session_id: str) -> Subject:
    """Name a session."""
    return Subject("session", (("sessionId", session_id),))


def record_subject(object_id: str) -> Subject:
    """Name a search record, whether it exists or is only called for."""
    return Subject("record", (("objectID", object_id),))


def program_subject(key: RowKey, program_id: str) -> Subject:
    """Name a program, apart from the recording that it may show."""
    return Subject("program", (("pk", key.pk), ("sk", key.sk), ("programId", program_id)))


def row_subject(key: RowKey) -> Subject:
    """Name a show's recording row."""
    return Subject("recording-row", (("pk", key.pk), ("sk", key.sk)))


def group_subject(key: RowKey) -> Subject:
    """Name a producer's group."""
    return Subject("group", (("pk", key.pk), ("sk", key.sk)))


def row_key(subject: Subject) -> RowKey:
    """Return the key of the row that a program's, recording row's or group's subject names."""
    return RowKey(subject["pk"], subject["sk"])


def group_key(subject: Subject) -> GroupKey:
    """Return the identity of a group's subject."""
    owner = subject["pk"].removeprefix("u#").removesuffix("#groups")
    return GroupKey(owner, subject["sk"].removeprefix("g#"))


def system_subject(name: str) -> Subject:
    """Name a part of the live system's configuration."""
    return Subject("system", (("name", name),))


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on one subject, the verdicts beside it, and what both rest on.

    `advice` is what the judge itself says to do, and `weight` how severe it is, where it knows better than
    the table (None: it does not).
    """

    subject: Subject
    verdict: str
    also: tuple[str, ...] = ()
    evidence: Evidence = field(default_factory=dict)
    advice: Remedy | None = None
    weight: Severity | None = None

    @property
    def severity(self) -> Severity:
        """How severe it is."""
        return self.weight or self.kind.severity

    @property
    def kind(self) -> VerdictKind:
        """The verdict's line in the table."""
        return verdict_kind(self.subject.type, self.verdict)

    @property
    def is_finding(self) -> bool:
        """Whether it is to be reported; what was not checked is listed separately, and is no finding."""
        return self.kind.response not in ("count", "not-checked")

    @property
    def id(self) -> str:
        """The finding's id."""
        return finding_id(self.verdict, self.subject)

    @property
    def remedy(self) -> Remedy:
        """What to do about it, with its subject's own names in it."""
        fields = {**dict(self.subject.fields), "id": self.id}
        if self.subject.type == "recording":
            fields["address"] = recording_key(self.subject).address
        return self.advice or self.kind.remedy.filled(fields)


def judgement(
    subject: Subject,
    holding: Mapping[str, bool],
    evidence: Evidence,
    advice: Mapping[str, Remedy] | None = None,
    weights: Mapping[str, Severity] | None = None,
) -> Judgement:
    """Take the first verdict of the table that holds; the others that hold stand beside it.

    `holding` names at least one verdict that holds; raises ValueError when none does. What is None in the
    evidence is left out. `advice` says by verdict what to do, and `weights` how severe it is, where the table
    does not know it.
    """
    names = [name for name in verdicts_of(subject.type) if holding.get(name)]
    if not names:
        raise ValueError(f"no verdict holds for {subject}")
    known = {name: value for name, value in evidence.items() if value is not None}
    also = tuple(name for name in names[1:] if name != "agrees")
    remedy, weight = (advice or {}).get(names[0]), (weights or {}).get(names[0])
    return Judgement(subject, names[0], also, known, remedy, weight)


@lru_cache(_REMEMBERED_IDS)
def finding_id(kind: str, subject: Subject) -> str:
    """Return the id that a finding keeps from run to run: a hash of its kind and subject.

    Each finding is asked for it again and again while a run plans, reports and explains.
    """
    text = json.dumps([kind, subject.to_json()], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


Status = Literal[
    "new", "came-back", "open", "repaired", "partly-repaired", "awaiting-approval", "failed", "ignored"
]
"""What became of a finding in a run.

`new`, `came-back` (an earlier report had resolved it) and `open` (known before) say that nothing was done
about it, `partly-repaired` that something of it is left.
"""

UNTOUCHED: tuple[Status, ...] = ("new", "came-back", "open")
"""Nothing was done about the finding in this run."""

NEEDS_A_PERSON: tuple[Status, ...] = ("failed", "partly-repaired", *UNTOUCHED)
"""A person has to act, in the order in which reports show them."""

NEW: tuple[Status, ...] = ("new", "came-back")
"""The last report did not say this."""

NEWS: tuple[Status, ...] = (*NEW, "awaiting-approval")
"""The last report did not say this, or a person is asked to approve something."""

OPEN: tuple[Status, ...] = (*NEEDS_A_PERSON, "awaiting-approval")
"""The finding is open: no repair and no decision resolved it."""

UNRESOLVED: tuple[Status, ...] = (*OPEN, "ignored")
"""The next run judges the finding's subject again, and reports the finding as resolved once it is gone."""

WAITING = ("settling", "in-progress")
"""The verdicts on a subject that is still changing: a later run decides."""

UNDECIDED = ("unknown", "outside-window", *WAITING)
"""The verdicts after which an earlier finding on the same subject may still hold."""

NOT_JUDGED = (*UNDECIDED, "other")
"""The verdicts that decide nothing about a subject."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A judgement as the report lists it, with its history and its outcome in this run.

    `step` says what to do about it and `commands` how, one line of a shell each. Where something is `left`,
    `repaired` names what this run repaired: `program_url`, `groupId`, `domain`, `group`, `program`, `record`.
    `candidates` are what a person decides between, as compare/choices.py lists them, and `links` lead to
    where its things are seen: `s3`, `table`, `search`, `playback`, those that apply.
    """

    id: str
    kind: str
    severity: Severity
    subject: Subject
    evidence: Evidence
    status: Status
    first_seen: datetime
    last_seen: datetime
    step: str = ""
    commands: tuple[str, ...] = ()
    repaired: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    links: Mapping[str, str] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """Its kind in the words that people read."""
        return label_of(self.subject.type, self.kind)

    @property
    def title(self) -> str:
        """The title of its show or row; without one, what the thing is and its own name."""
        title = self.evidence.get("title")
        if isinstance(title, str) and title.strip():
            return title
        *_, (_, name) = self.subject.fields
        noun = noun_of(self.subject.type)
        return name if self.subject.type == "system" else f"{noun[:1].upper()}{noun[1:]} {name}"

    @property
    def remedy(self) -> str:
        """The step and, each on a line of its own, the commands."""
        return str(Remedy(self.step, self.commands))

    def with_remedy(self, remedy: Remedy) -> "Finding":
        """Return the finding with something else to do about it."""
        return replace(self, step=remedy.step, commands=remedy.commands)
