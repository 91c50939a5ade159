"""Places the recordings of one show that cover the same time: which one is kept, which are twins."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from reconcile.compare.interval_tree import IntervalTree
from reconcile.model.clock import Interval
from reconcile.model.recording import RecordingKey

Standing = Literal["program", "retired", "wants", "waits"]
Placement = Literal["kept", "retired", "twin", "overlapping", "unclear", "settling"]

COVERED_SHARE = 0.95
COVERED_GAP = timedelta(seconds=60)
LEAST_SHARE = 0.5
COMPOSITE_HANDICAP = 0.95


@dataclass(frozen=True, slots=True)
class Member:
    """A recording among those of its show; `length` is its media's, in milliseconds.

    `assigned`, `restored`: a person decided that it is a broadcast of its own, or wants its program again.
    `torn` holds the sessions of which it may be any (none: there is no such doubt). `by_time`: its session is
    known by its start on a channel, so it may run into the next one. `routed`: a URL plays it.
    """

    key: RecordingKey
    time: Interval
    length: int
    composite: bool
    session_id: str | None
    standing: Standing
    assigned: bool = False
    restored: bool = False
    torn: frozenset[str] = frozenset()
    by_time: bool = False
    routed: bool = True

    @property
    def wanted(self) -> bool:
        """Whether a person asked for its program."""
        return self.assigned or self.restored

    @property
    def rank(self) -> "Rank":
        """Sorts the one to keep first."""
        had = self.standing in ("program", "retired") or self.restored
        torn = bool(self.torn) and not had
        return rank_of(
            self.key, self.length, had=had, composite=self.composite, routed=self.routed, torn=torn
        )


Rank = tuple[bool, bool, float, bool, bool, RecordingKey]


def rank_of(
    key: RecordingKey, length: int, *, had: bool, composite: bool, routed: bool, torn: bool = False
) -> Rank:
    """Return what sorts first the recording that had a program, is longest, or a composite nearly as long.

    Of equals (a copy in another bucket) one that a URL plays goes first.
    """
    weight = length / COMPOSITE_HANDICAP if composite else float(length)
    return (not had, torn, -weight, not composite, not routed, key)


def same_broadcast_possible(first: Member, second: Member) -> bool:
    """Whether two recordings of a show may show the same: not when their sessions are known and differ."""
    return not first.session_id or not second.session_id or first.session_id == second.session_id


def arrange(members: Iterable[Member]) -> Mapping[RecordingKey, Placement]:
    """Place every recording of one show; those with a program are always kept."""
    members = list(members)
    beside = _beside(members)
    placements: dict[RecordingKey, Placement] = {m.key: "settling" for m in members if m.standing == "waits"}
    for member in sorted((m for m in members if m.standing != "waits"), key=lambda m: m.rank):
        near = beside[member.key]
        kept_members = [m for m in near if m.key in placements and _is_kept(m, placements[m.key])]
        waiting = [m for m in near if m.standing == "waits"]
        placements[member.key] = _placement_of(member, kept_members, waiting)
    return placements


def _is_kept(member: Member, placement: Placement) -> bool:
    return placement == "kept" or member.standing == "retired"


def _beside(members: Collection[Member]) -> Mapping[RecordingKey, list[Member]]:
    """Return the other recordings of each one's time."""
    tree = IntervalTree((member.time, member) for member in members)
    return {
        member.key: [m for m in tree.overlapping(member.time) if m.key != member.key] for member in members
    }


def _placement_of(member: Member, kept_members: Iterable[Member], waiting: Iterable[Member]) -> Placement:
    """Place a recording among those of its time that were kept before it, and those that are not finished."""
    if member.standing == "program":
        return "kept"
    if member.standing == "retired":
        return "retired"
    if any(same_broadcast_possible(member, other) for other in waiting):
        return "settling"
    kept_members = list(kept_members)
    rivals = [other for other in kept_members if same_broadcast_possible(member, other)]
    if member.wanted:
        # Other deleted recordings do not block one that a person asked for.
        rivals = [other for other in rivals if other.standing != "retired"]
    covered = _covered(member, [other for other in rivals if not other.torn])
    if covered:
        return covered
    if member.wanted:
        return "kept"
    if covers(_times(rivals), member.time):
        # Covered by a recording that may be of another session: this one may not be shown anywhere.
        return "unclear"
    return (
        "overlapping" if overlap(_times(rivals), member.time) or _runs_into(member, kept_members) else "kept"
    )


def _covered(member: Member, rivals: Collection[Member]) -> Placement | None:
    """Say how a recording is covered, whichever session it is of; None where it is not."""
    coverages = set[Placement]()
    for session in member.torn or {member.session_id}:
        times = [other for other in rivals if not member.torn or other.session_id in (None, session)]
        gone = [other for other in times if other.standing == "retired"]
        if not covers(_times(times), member.time):
            return None
        coverages.add("retired" if covers(_times(gone), member.time) else "twin")
    return "retired" if coverages == {"retired"} else "twin"


def _runs_into(member: Member, kept_members: Iterable[Member]) -> bool:
    """Whether it shares more than moments with a kept one of another session that either may run on into."""
    others = [
        other
        for other in kept_members
        if other.standing != "retired"
        and not same_broadcast_possible(member, other)
        and (member.by_time or other.by_time)
    ]
    return overlap(_times(others), member.time) > COVERED_GAP


def _times(members: Iterable[Member]) -> list[Interval]:
    return [member.time for member in members]


def covers(others: Iterable[Interval], time: Interval) -> bool:
    """Whether others together cover a recording's time: 95 %, or all but 60 seconds and at least half."""
    whole, covered = time.end - time.start, overlap(others, time)
    nearly = whole - covered <= COVERED_GAP and covered >= LEAST_SHARE * whole
    return bool(covered) and (covered >= COVERED_SHARE * whole or nearly)


def overlap(others: Iterable[Interval], time: Interval) -> timedelta:
    """Return how much of a recording's time others cover, counting no moment twice."""
    shared = sorted(
        (max(other.start, time.start), min(other.end, time.end)) for other in others if other.overlaps(time)
    )
    total, reached = timedelta(0), time.start
    for start, end in shared:
        if end > reached:
            total += end - max(start, reached)
            reached = end
    return total


def doubles(members: Iterable[Member]) -> Mapping[RecordingKey, tuple[RecordingKey, ...]]:
    """Return, for recordings with programs, the others with programs that cover the same time.

    A recording that may be of several sessions is no double.
    """
    owners = [member for member in members if member.standing == "program" and not member.torn]
    beside = _beside(owners)
    doubled = {
        owner.key: [other.key for other in beside[owner.key] if _double(owner, other)] for owner in owners
    }
    return {key: tuple(sorted(others)) for key, others in doubled.items() if others}


def _double(first: Member, second: Member) -> bool:
    return same_broadcast_possible(first, second) and (
        covers([first.time], second.time) or covers([second.time], first.time)
    )
