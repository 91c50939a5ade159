"""Matches a program without media to the one broadcast of its show that no other program shows."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from reconcile.model.catalog import Program
from reconcile.model.recording import RecordingKey

MOST_CANDIDATES = 20
"""How many programs are named that may be one recording's; those made soonest after it began come first."""

ANY_TIME = datetime.min.replace(tzinfo=UTC)
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class BroadcastWithoutProgram:
    """A broadcast without a program: when it began, and the recordings of it.

    `first` is the recording whose program it would be. `ready`: it has ended, and its time is known.
    """

    start: datetime
    first: RecordingKey
    keys: tuple[RecordingKey, ...]
    ready: bool


@dataclass(frozen=True, slots=True)
class Elimination:
    """The programs that can be but one recording's, and those that may be a recording's beside others."""

    given: Mapping[RecordingKey, Program] = field(default_factory=dict)
    rivals: Mapping[RecordingKey, tuple[Program, ...]] = field(default_factory=dict)


def eliminate(programs: Iterable[Program], wanting: Iterable[BroadcastWithoutProgram]) -> Elimination:
    """Return which program of a show, of those that nothing ties, is which broadcast's.

    A program that was made before a broadcast began is not of it; one of unknown age may be.
    """
    by_age = sorted(programs, key=lambda item: (item.created_at or _NEVER, item.key))
    ages = [program.created_at or _NEVER for program in by_age]
    broadcasts = sorted(wanting, key=lambda item: (item.start, item.first))
    starts = [broadcast.start for broadcast in broadcasts]
    given, rivals = dict[RecordingKey, Program](), dict[RecordingKey, tuple[Program, ...]]()
    for item in broadcasts:
        oldest = bisect_left(ages, item.start)
        if oldest == len(by_age):
            continue
        alone = oldest == len(by_age) - 1 and bisect_right(starts, ages[oldest]) == 1
        if alone and item.ready:
            given[item.first] = by_age[oldest]
        else:
            rivals |= dict.fromkeys(item.keys, tuple(by_age[oldest : oldest + MOST_CANDIDATES]))
    return Elimination(given, rivals)
