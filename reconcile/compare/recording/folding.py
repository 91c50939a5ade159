"""Folds a show's recordings into broadcasts: recordings of the same time are one broadcast, recorded twice.

The live system records each broadcast as a composite and, on the host's channel, once more. Whatever asks
which recording a row or a program is of, asks for the broadcast first.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reconcile.compare.interval_tree import IntervalTree
from reconcile.compare.recording.coverage import covers
from reconcile.model.clock import Interval
from reconcile.model.recording import RecordingKey


@dataclass(frozen=True, slots=True)
class RecordingTimes:
    """When a recording of a show was recorded, in UTC, and in which session.

    `sessions` holds the session; several where the evidence leaves it open between them, none where nothing
    tells. `has_content`: there is something to see in it, so that it can cover another one.
    """

    key: RecordingKey
    time: Interval
    sessions: frozenset[str] = frozenset()
    has_content: bool = True


@dataclass(frozen=True, slots=True)
class Folding:
    """A show's broadcasts, each as the recordings of it, in order; each recording is in exactly one.

    `torn` names the recordings that stand alone because they may be of several sessions, and of which.
    """

    broadcasts: tuple[tuple[RecordingKey, ...], ...]
    torn: Mapping[RecordingKey, frozenset[str]]


Overlaps = Mapping[RecordingKey, tuple[RecordingKey, ...]]
"""Each recording, and those that it covers or that cover it."""


def fold(recordings: Iterable[RecordingTimes]) -> Folding:
    """Fold the recordings of one show; the answer does not depend on their order.

    Two of them are of one broadcast when one covers the other and their sessions are not known to differ;
    so are all that are connected by such pairs. One that fits two known sessions stands alone.
    """
    by_key = {recording.key: recording for recording in recordings}
    beside = _beside(by_key)
    session, torn = _sessions(by_key, beside)
    joined = _Joined(by_key)
    for key, others in beside.items():
        for other in others:
            if key not in torn and other not in torn and session[key] == session[other]:
                joined.join(key, other)
    return Folding(joined.groups(), torn)


def _beside(by_key: Mapping[RecordingKey, RecordingTimes]) -> Overlaps:
    if len(by_key) == 1:
        return dict.fromkeys(by_key, ())
    tree = IntervalTree((recording.time, recording) for recording in by_key.values())
    beside: dict[RecordingKey, tuple[RecordingKey, ...]] = {}
    for key, own in by_key.items():
        near = tree.overlapping(own.time)
        beside[key] = tuple(other.key for other in near if other.key != key and _same(own, other))
    return beside


def _same(first: RecordingTimes, second: RecordingTimes) -> bool:
    """Whether two may be recordings of one broadcast, and one covers the other."""
    if first.sessions and second.sessions and not first.sessions & second.sessions:
        return False
    return (first.has_content and covers([first.time], second.time)) or (
        second.has_content and covers([second.time], first.time)
    )


def _sessions(
    by_key: Mapping[RecordingKey, RecordingTimes], beside: Overlaps
) -> tuple[Mapping[RecordingKey, str | None], Mapping[RecordingKey, frozenset[str]]]:
    """Return each recording's session, by itself or by those beside it, and those that fit several.

    The results of a round are applied at once, so that the order of recordings does not matter.
    """
    session = {
        key: next(iter(recording.sessions))
        for key, recording in by_key.items()
        if len(recording.sessions) == 1
    }
    torn = {key: recording.sessions for key, recording in by_key.items() if len(recording.sessions) > 1}
    asked = {near for key in session for near in beside[key]}
    while asked:
        fits = {
            key: frozenset(session[other] for other in beside[key] if other in session)
            for key in asked
            if key not in session and key not in torn
        }
        torn |= {key: sessions for key, sessions in fits.items() if len(sessions) > 1}
        decided = {key: next(iter(sessions)) for key, sessions in fits.items() if len(sessions) == 1}
        session |= decided
        asked = {near for key in decided for near in beside[key]}
    return {key: session.get(key) for key in by_key}, torn


class _Joined:
    """Recordings that are put together pair by pair."""

    def __init__(self, keys: Iterable[RecordingKey]) -> None:
        self._above = {key: key for key in keys}

    def join(self, first_key: RecordingKey, second_key: RecordingKey) -> None:
        first, last = sorted((self._top(first_key), self._top(second_key)))
        self._above[last] = first

    def groups(self) -> tuple[tuple[RecordingKey, ...], ...]:
        members: defaultdict[RecordingKey, list[RecordingKey]] = defaultdict(list)
        for key in sorted(self._above):
            members[self._top(key)].append(key)
        return tuple(tuple(keys) for _, keys in sorted(members.items()))

    def _top(self, key: RecordingKey) -> RecordingKey:
        while self._above[key] != key:
            self._above[key] = self._above[self._above[key]]
            key = self._above[key]
        return key
