"""Folds a show's recordings into broadcasts: those that hold the same time are one broadcast, recorded twice.

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
class Recorded:
    """When a recording of a show was recorded, in UTC, and in which session.

    `sessions` holds the session; several where the evidence leaves it open between them, none where nothing
    tells. `holds`: there is something to see in it, so that it can cover another one.
    """

    key: RecordingKey
    time: Interval
    sessions: frozenset[str] = frozenset()
    holds: bool = True


@dataclass(frozen=True, slots=True)
class Folding:
    """A show's broadcasts, each as the recordings of it, in order; each recording is in exactly one.

    `torn` names the recordings that stand alone because they may be of several sessions, and of which.
    """

    broadcasts: tuple[tuple[RecordingKey, ...], ...]
    torn: Mapping[RecordingKey, frozenset[str]]


Beside = Mapping[RecordingKey, tuple[RecordingKey, ...]]
"""Each recording, and those that it covers or that cover it."""


def fold(recordings: Iterable[Recorded]) -> Folding:
    """Fold the recordings of one show; the answer does not depend on their order.

    Two of them are of one broadcast when one covers the other and their sessions are not known to differ;
    so are all that hang together by such pairs. One that fits two known sessions stands alone.
    """
    known = {one.key: one for one in recordings}
    beside = _beside(known)
    session, torn = _sessions(known, beside)
    joined = _Joined(known)
    for key, others in beside.items():
        for other in others:
            if key not in torn and other not in torn and session[key] == session[other]:
                joined.join(key, other)
    return Folding(joined.groups(), torn)


def _beside(known: Mapping[RecordingKey, Recorded]) -> Beside:
    if len(known) == 1:
        return dict.fromkeys(known, ())
    tree = IntervalTree((one.time, one) for one in known.values())
    found: dict[RecordingKey, tuple[RecordingKey, ...]] = {}
    for key, one in known.items():
        near = tree.overlapping(one.time)
        found[key] = tuple(other.key for other in near if other.key != key and _same(one, other))
    return found


def _same(one: Recorded, other: Recorded) -> bool:
    """Whether two may be recordings of one broadcast, and one covers the other."""
    if one.sessions and other.sessions and not one.sessions & other.sessions:
        return False
    return (one.holds and covers([one.time], other.time)) or (other.holds and covers([other.time], one.time))


def _sessions(
    known: Mapping[RecordingKey, Recorded], beside: Beside
) -> tuple[Mapping[RecordingKey, str | None], Mapping[RecordingKey, frozenset[str]]]:
    """Return each recording's session, by itself or by those beside it, and those that fit several.

    All that a round finds is told of its recordings at once, so that their order does not matter.
    """
    session = {key: next(iter(one.sessions)) for key, one in known.items() if len(one.sessions) == 1}
    torn = {key: one.sessions for key, one in known.items() if len(one.sessions) > 1}
    asked = {near for key in session for near in beside[key]}
    while asked:
        fits = {
            key: frozenset(session[other] for other in beside[key] if other in session)
            for key in asked
            if key not in session and key not in torn
        }
        torn |= {key: found for key, found in fits.items() if len(found) > 1}
        told = {key: next(iter(found)) for key, found in fits.items() if len(found) == 1}
        session |= told
        asked = {near for key in told for near in beside[key]}
    return {key: session.get(key) for key in known}, torn


class _Joined:
    """Recordings that are put together pair by pair."""

    def __init__(self, keys: Iterable[RecordingKey]) -> None:
        self._above = {key: key for key in keys}

    def join(self, one: RecordingKey, other: RecordingKey) -> None:
        first, last = sorted((self._top(one), self._top(other)))
        self._above[last] = first

    def groups(self) -> tuple[tuple[RecordingKey, ...], ...]:
        found: defaultdict[RecordingKey, list[RecordingKey]] = defaultdict(list)
        for key in sorted(self._above):
            found[self._top(key)].append(key)
        return tuple(tuple(keys) for _, keys in sorted(found.items()))

    def _top(self, key: RecordingKey) -> RecordingKey:
        while self._above[key] != key:
            self._above[key] = self._above[self._above[key]]
            key = self._above[key]
        return key
