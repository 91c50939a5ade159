"""Finds the recordings whose events are not known, and which may hold the same time as another recording."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from reconcile.compare.interval_tree import IntervalTree
from reconcile.compare.recording.attribution import BY_TIME
from reconcile.compare.recording.view import View, why_unreadable
from reconcile.model.clock import Interval
from reconcile.model.finding import recording_subject
from reconcile.model.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class BlindSpot:
    """A recording of which only the listing is known, and why its events are not."""

    view: View
    why: str


_Whose = tuple[str | None, str | None]
"""A show and a session; None where the listing does not tell."""


class Spots:
    """Blind spots, arranged so that those beside a recording are found without trying them all."""

    def __init__(self, spots: Iterable[BlindSpot], now: datetime) -> None:
        self._now = now
        of_show: defaultdict[str | None, list[tuple[Interval, BlindSpot]]] = defaultdict(list)
        of_session: defaultdict[_Whose, list[tuple[Interval, BlindSpot]]] = defaultdict(list)
        for spot in spots:
            times = spot.view.times_by_listing(now)
            if times:
                of_show[spot.view.show_id].append((times, spot))
                of_session[spot.view.show_id, spot.view.attribution.session_id].append((times, spot))
        self._of_show = {show: IntervalTree(timed) for show, timed in of_show.items()}
        self._of_session = {whose: IntervalTree(timed) for whose, timed in of_session.items()}

    def beside(self, view: View) -> Iterator[BlindSpot]:
        """Yield the blind spots that may hold the same broadcast as a recording, as far as the listing tells.

        Those of another show cannot, nor those of another session, where both are known: but one whose
        session is told by when it began may run on into another's.
        """
        times, attribution = view.times(self._now), view.attribution
        session = None if attribution.level == BY_TIME else attribution.session_id
        if times is None:
            return
        for show in dict.fromkeys((view.show_id, None)):
            held = [self._of_show.get(show)]
            if session is not None:
                held = [self._of_session.get((show, known)) for known in (session, None)]
            for tree in held:
                yield from (spot for spot in _during(tree, times) if spot.view.key != view.key)

    def during(self, show_id: str, time: Interval) -> Iterator[BlindSpot]:
        """Yield the blind spots that may be recordings of a show at that time."""
        yield from chain(_during(self._of_show.get(show_id), time), _during(self._of_show.get(None), time))


def _during(tree: IntervalTree[BlindSpot] | None, time: Interval) -> Iterator[BlindSpot]:
    return tree.overlapping(time) if tree else iter(())


def not_read(views: Iterable[View], snapshot: Snapshot) -> list[BlindSpot]:
    """Return the recordings whose events file could not be read this time."""
    failures = snapshot.failures
    return [
        BlindSpot(view, f"{view.key.address} may matter, and {failures[recording_subject(view.key)]}")
        for view in sorted(views, key=lambda view: view.key)
        if recording_subject(view.key) in failures and view.key not in snapshot.events
    ]


def not_understood(views: Iterable[View], snapshot: Snapshot) -> list[BlindSpot]:
    """Return the recordings that have a program, and whose events file nobody can understand."""
    return [
        BlindSpot(view, f"{view.key.address} has a program, and {_why(view, snapshot)}")
        for view in sorted(views, key=lambda view: view.key)
        if view.state == "unreadable" and view.programs
    ]


def _why(view: View, snapshot: Snapshot) -> str:
    return why_unreadable(view.recording, snapshot.events.get(view.key))
