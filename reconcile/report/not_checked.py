"""What a run did not check: the subjects, by reason, each with an id that `reconcile ignore` takes. Pure."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reconcile.model.clock import parse_time, write_time
from reconcile.model.finding import Subject

UNKNOWN = "unknown"
"""The kind of a subject of which nothing was known before."""

_OBJECT = re.compile(r"(s3://[^/\s]+)/\S*[^\s:,;.]")


@dataclass(frozen=True, slots=True)
class Unchecked:
    """A subject that was not checked, or an earlier finding on it that may still hold.

    `id`, `kind` and `first_seen` are the earlier finding's; without one, `kind` is `unknown`, and it has not
    been checked since `first_seen`. `ignored`: a person decided so, and nothing is made of it.
    """

    id: str
    kind: str
    subject: Subject
    first_seen: datetime
    why: str
    ignored: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """Why some subjects were not checked."""

    reason: str
    subjects: tuple[Unchecked, ...]

    @property
    def pending(self) -> tuple[Unchecked, ...]:
        """Those that nobody ignores."""
        return tuple(one for one in self.subjects if not one.ignored)


def by_reason(every: Iterable[Unchecked]) -> tuple[Reason, ...]:
    """Group subjects by why they were not checked, the largest group first; objects' names do not matter."""
    groups: defaultdict[str, list[Unchecked]] = defaultdict(list)
    for one in every:
        groups[_OBJECT.sub(r"\1/…", one.why)].append(one)
    reasons = (
        Reason(reason, tuple(sorted(held, key=lambda one: (one.kind == UNKNOWN, one.subject, one.id))))
        for reason, held in groups.items()
    )
    return tuple(sorted(reasons, key=lambda one: (not one.pending, -len(one.subjects), one.reason)))


def pending(reasons: Iterable[Reason]) -> tuple[Unchecked, ...]:
    """Return every subject that was not checked and that nobody ignores."""
    return tuple(one for reason in reasons for one in reason.pending)


def to_json(reasons: Iterable[Reason]) -> list[dict[str, Any]]:
    """Return the list as the report's JSON holds it."""
    return [
        {
            "reason": one.reason,
            "number": len(one.subjects),
            "subjects": [_subject_to_json(each, one.reason) for each in one.subjects],
        }
        for one in reasons
    ]


def from_json(data: Iterable[Mapping[str, Any]]) -> tuple[Reason, ...]:
    """Read what to_json wrote; raises KeyError, TypeError or ValueError for another shape."""
    return tuple(
        Reason(one["reason"], tuple(_subject_from_json(each, one["reason"]) for each in one["subjects"]))
        for one in data
    )


def _subject_to_json(one: Unchecked, reason: str) -> dict[str, Any]:
    told = {
        "id": one.id,
        "kind": one.kind,
        "subject": one.subject.to_json(),
        "first_seen": write_time(one.first_seen),
        "ignored": one.ignored,
    }
    return told if one.why == reason else {**told, "why": one.why}


def _subject_from_json(data: Mapping[str, Any], reason: str) -> Unchecked:
    return Unchecked(
        id=data["id"],
        kind=data["kind"],
        subject=Subject.from_json(data["subject"]),
        first_seen=parse_time(data["first_seen"]),
        why=data.get("why", reason),
        ignored=data.get("ignored", False),
    )
