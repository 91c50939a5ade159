"""Finds the recordings whose events are not known, and which may hold the same time as another recording."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from reconcile.compare.interval_tree import IntervalTree
from reconcile.compare.recording.attribution import BY_TIME
from reconcile.compare.recording.view import CLOCKS_DIFFER, View, why_unreadable
from reconcile.model.clock import Interval
from reconcile.model.finding import recording_subject
from reconcile.model.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class BlindSpot:
    """A recording of which only the listing is known, and why its events are not."""

    view: View
    why: str


_Whose = tuple[str | None, str | None]
"""A show and a session; None if the listing does not show it."""


class BlindSpots:
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
        """Yield the blind spots that may hold the same broadcast as a recording, as far as the listing shows.

        Those of another show cannot, nor those of another session, where both are known: but one whose
        session is known by its start may run into the next one.
        """
        times, attribution = view.times(self._now), view.attribution
        session = None if attribution.level == BY_TIME else attribution.session_id
        if times is None:
            return
        for show in dict.fromkeys((view.show_id, None)):
            trees = [self._of_show.get(show)]
            if session is not None:
                trees = [self._of_session.get((show, known)) for known in (session, None)]
            for tree in trees:
                yield from (spot for spot in _during(tree, times) if spot.view.key != view.key)

    def during(self, show_id: str, time: Interval) -> Iterator[BlindSpot]:
        """Yield the blind spots that may be recordings of a show at that time."""
        yield from chain(_during(self._of_show.get(show_id), time), _during(self._of_show.get(None), time))


def _during(tree: IntervalTree[BlindSpot] | None, time: Interval) -> Iterator[BlindSpot]:
    return tree.overlapping(time) if tree else iter(())


class Unread:
    """The recordings whose events file could not be read, or not be understood, and whom they may concern.

    `any` says of one of them why it could not be read; "" when every events file that matters was read.
    """

    def __init__(self, views: Iterable[View], snapshot: Snapshot, now: datetime) -> None:
        ordered = sorted(views, key=lambda view: view.key)
        unread = _not_read(ordered, snapshot)
        self.any = unread[0].why if unread else ""
        self._of_show = {spot.view.show_id: spot.why for spot in reversed(unread)}
        ends = ((time.end, spot.why) for spot in unread if (time := spot.view.times_by_listing(now)))
        self._latest = max(ends, default=None)
        self._spots = BlindSpots(unread, now)
        self._spots_shown = BlindSpots((spot for spot in unread if spot.view.programs), now)
        self._not_understood = BlindSpots(_not_understood(ordered, snapshot), now)

    def of_show(self, show_id: str | None) -> str:
        """Say which recording, whose events could not be read, may be a show's; None: any show's."""
        return self.any if show_id is None else self._of_show.get(show_id) or self._of_show.get(None, "")

    def since(self, moment: datetime | None) -> str:
        """Say which recording, whose events could not be read, may have been made since a moment."""
        if self._latest is None or moment is None:
            return ""
        end, why = self._latest
        return why if end >= moment - CLOCKS_DIFFER else ""

    def during(self, show_id: str, time: Interval) -> str:
        """Say which recording, whose events could not be read, may be a show's at that time."""
        return next((spot.why for spot in self._spots.during(show_id, time)), "")

    def beside(self, view: View, *, shown: bool) -> str:
        """Say which recording may hold the same time; `shown`: only one that has a program counts."""
        spots = self._spots_shown if shown else self._spots
        return next((spot.why for spot in spots.beside(view)), "")

    def not_understood_beside(self, view: View) -> str:
        """Say which program may show this recording already, though its own recording's time is unknown."""
        return next((spot.why for spot in self._not_understood.beside(view)), "")


def _not_read(views: Iterable[View], snapshot: Snapshot) -> list[BlindSpot]:
    failures = snapshot.failures
    return [
        BlindSpot(view, f"{view.key.address} may matter, and {failures[recording_subject(view.key)]}")
        for view in views
        if failures and recording_subject(view.key) in failures and view.key not in snapshot.events
    ]


def _not_understood(views: Iterable[View], snapshot: Snapshot) -> list[BlindSpot]:
    return [
        BlindSpot(view, f"{view.key.address} has a program, and {_why(view, snapshot)}")
        for view in views
        if view.state == "unreadable" and view.programs
    ]


def _why(view: View, snapshot: Snapshot) -> str:
    return why_unreadable(view.recording, snapshot.events.get(view.key))
