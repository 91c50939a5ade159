"""What a run did not check: the subjects, by reason, each with an id that `reconcile ignore` takes. Pure."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, SerializerFunctionWrapHandler, WrapSerializer

from reconcile.model.documents import JsonObject
from reconcile.report.json_types import JsonSubject

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
    subject: JsonSubject
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
        return tuple(item for item in self.subjects if not item.ignored)


def by_reason(every: Iterable[Unchecked]) -> tuple[Reason, ...]:
    """Group subjects by why they were not checked, the largest group first; objects' names do not matter."""
    groups: defaultdict[str, list[Unchecked]] = defaultdict(list)
    for item in every:
        groups[_OBJECT.sub(r"\1/…", item.why)].append(item)
    reasons = (
        Reason(reason, tuple(sorted(members, key=lambda item: (item.kind == UNKNOWN, item.subject, item.id))))
        for reason, members in groups.items()
    )
    return tuple(
        sorted(reasons, key=lambda reason: (not reason.pending, -len(reason.subjects), reason.reason))
    )


def pending(reasons: Iterable[Reason]) -> tuple[Unchecked, ...]:
    """Return every subject that was not checked and that nobody ignores."""
    return tuple(item for reason in reasons for item in reason.pending)


def _read_reason(data: JsonObject) -> dict[str, Any]:
    return {**data, "subjects": [{"why": data["reason"], **subject} for subject in data["subjects"]]}


def _write_reason(reason: Reason, fields: SerializerFunctionWrapHandler) -> dict[str, Any]:
    data: dict[str, Any] = fields(reason)
    for subject in data["subjects"]:
        if subject["why"] == reason.reason:
            del subject["why"]
    return {**data, "number": len(reason.subjects)}


JsonReason = Annotated[Reason, BeforeValidator(_read_reason), WrapSerializer(_write_reason)]
"""With how many subjects there are, each of which says why only where it differs from the reason."""
