"""Tells the recordings of one show apart that hold the same time: which one is kept, which are twins."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from reconcile.model.recording import RecordingKey

Standing = Literal["program", "retired", "wants", "waits"]
Place = Literal["kept", "retired", "twin", "overlapping", "settling"]

COVERED_SHARE = 0.95
COVERED_GAP = timedelta(seconds=60)
COMPOSITE_HANDICAP = 0.95


@dataclass(frozen=True, slots=True)
class Member:
    """A recording among those of its show; `length` is its media's, in milliseconds.

    `assigned`, `restored`: a person decided that it is a broadcast of its own, or wants its program again.
    """

    key: RecordingKey
    start: datetime
    end: datetime
    length: int
    composite: bool
    session_id: str | None
    standing: Standing
    assigned: bool = False
    restored: bool = False

    @property
    def rank(self) -> tuple[bool, float, bool, RecordingKey]:
        """Sorts the one to keep first: had a program, longest, and a composite that is nearly as long."""
        had = self.standing in ("program", "retired") or self.restored
        length = self.length / COMPOSITE_HANDICAP if self.composite else float(self.length)
        return (not had, -length, not self.composite, self.key)


def same_broadcast_possible(one: Member, other: Member) -> bool:
    """Whether two recordings of a show may show the same: not when their sessions are known and differ."""
    return not one.session_id or not other.session_id or one.session_id == other.session_id


def arrange(members: Iterable[Member]) -> Mapping[RecordingKey, Place]:
    """Place every recording of one show; those with a program are always kept."""
    members = list(members)
    waiting = [member for member in members if member.standing == "waits"]
    places: dict[RecordingKey, Place] = {member.key: "settling" for member in waiting}
    kept: list[Member] = []
    for member in sorted((m for m in members if m.standing != "waits"), key=lambda m: m.rank):
        places[member.key] = _place(member, kept, waiting)
        if places[member.key] == "kept" or member.standing == "retired":
            kept.append(member)
    return places


def _place(member: Member, kept: Sequence[Member], waiting: Sequence[Member]) -> Place:
    if member.standing == "program":
        return "kept"
    if member.standing == "retired":
        return "retired"
    rivals = [other for other in kept if same_broadcast_possible(member, other)]
    if member.restored:
        # What else was deleted keeps nothing from coming back that a person wants back.
        rivals = [other for other in rivals if other.standing != "retired"]
    gone = [other for other in rivals if other.standing == "retired"]
    if any(same_broadcast_possible(member, other) and overlap([other], member) for other in waiting):
        return "settling"
    if covers(gone, member):
        return "retired"
    if covers(rivals, member):
        return "twin"
    wanted = member.assigned or member.restored
    return "overlapping" if overlap(rivals, member) and not wanted else "kept"


def covers(others: Iterable[Member], member: Member) -> bool:
    """Whether others together hold a recording's time: 95 % of it, or all but 60 seconds."""
    whole, held = member.end - member.start, overlap(others, member)
    return bool(held) and (held >= COVERED_SHARE * whole or whole - held <= COVERED_GAP)


def overlap(others: Iterable[Member], member: Member) -> timedelta:
    """Return how much of a recording's time others hold, counting no moment twice."""
    spans = sorted(
        (max(other.start, member.start), min(other.end, member.end))
        for other in others
        if other.start < member.end and other.end > member.start
    )
    total, reached = timedelta(0), member.start
    for start, end in spans:
        if end > reached:
            total += end - max(start, reached)
            reached = end
    return total


def doubles(members: Iterable[Member]) -> Mapping[RecordingKey, tuple[RecordingKey, ...]]:
    """Return, for recordings that have programs, the others with programs that hold the same time."""
    owners = [member for member in members if member.standing == "program"]
    found: dict[RecordingKey, list[RecordingKey]] = {}
    for index, one in enumerate(owners):
        for other in owners[index + 1 :]:
            if same_broadcast_possible(one, other) and (covers([one], other) or covers([other], one)):
                found.setdefault(one.key, []).append(other.key)
                found.setdefault(other.key, []).append(one.key)
    return {key: tuple(sorted(others)) for key, others in found.items()}
