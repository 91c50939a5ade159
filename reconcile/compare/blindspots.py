"""Finds the recordings whose events are not known, and which may hold the same time as another recording."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from reconcile.compare.ownership import Interval
from reconcile.compare.states import why_unreadable
from reconcile.compare.views import View
from reconcile.model.finding import recording_subject
from reconcile.model.recording import RecordingKey
from reconcile.model.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class BlindSpot:
    """A recording of which only the listing is known, and why its events are not."""

    view: View
    why: str

    def may_hold(self, view: View, now: datetime) -> bool:
        """Whether it may be a recording of the same broadcast, as far as the listing tells."""
        mine, times = self.view.times_by_listing(now), view.times(now)
        if self.view.key == view.key or mine is None or times is None:
            return False
        if self.view.show_id not in (None, view.show_id):
            return False
        sessions = {self.view.attribution.session_id, view.attribution.session_id} - {None}
        return len(sessions) < 2 and times[0] < mine[1] and times[1] > mine[0]


class Spots:
    """Blind spots, arranged so that those beside a recording are found without trying them all."""

    def __init__(self, spots: Iterable[BlindSpot], now: datetime) -> None:
        self._now = now
        self._of_show: defaultdict[str, list[BlindSpot]] = defaultdict(list)
        self._anyones: list[tuple[datetime, RecordingKey, BlindSpot]] = []
        self._longest = timedelta(0)
        for spot in spots:
            times = spot.view.times_by_listing(now)
            if times and spot.view.show_id:
                self._of_show[spot.view.show_id].append(spot)
            elif times:
                self._anyones.append((times[0], spot.view.key, spot))
                self._longest = max(self._longest, times[1] - times[0])
        self._anyones.sort(key=lambda held: held[:2])

    def beside(self, view: View) -> Iterator[BlindSpot]:
        """Yield the blind spots that may hold the same broadcast as a recording."""
        times = view.times(self._now)
        if times is not None:
            near = self._near(view.show_id or "", times)
            yield from (spot for spot in near if spot.may_hold(view, self._now))

    def during(self, show_id: str, time: Interval) -> Iterator[BlindSpot]:
        """Yield the blind spots that may be recordings of a show at that time."""
        for spot in self._near(show_id, time):
            held = spot.view.times_by_listing(self._now)
            if held and held[0] < time[1] and held[1] > time[0]:
                yield spot

    def _near(self, show_id: str, time: Interval) -> Iterator[BlindSpot]:
        first = bisect_left(self._anyones, time[0] - self._longest, key=lambda held: held[0])
        last = bisect_right(self._anyones, time[1], key=lambda held: held[0])
        near = (spot for _, _, spot in self._anyones[first:last])
        return chain(self._of_show.get(show_id, ()), near)


def not_read(views: Iterable[View], snapshot: Snapshot) -> list[BlindSpot]:
    """Return the recordings whose events file could not be read this time."""
    failures = snapshot.failures
    return [
        BlindSpot(view, f"{_name(view)} may matter, and {failures[recording_subject(*view.key)]}")
        for view in sorted(views, key=lambda view: view.key)
        if recording_subject(*view.key) in failures and view.key not in snapshot.events
    ]


def not_understood(views: Iterable[View], snapshot: Snapshot) -> list[BlindSpot]:
    """Return the recordings that have a program, and whose events file nobody can understand."""
    return [
        BlindSpot(view, f"{_name(view)} has a program, and {_why(view, snapshot)}")
        for view in sorted(views, key=lambda view: view.key)
        if view.state == "unreadable" and view.programs
    ]


def _why(view: View, snapshot: Snapshot) -> str:
    return why_unreadable(view.recording, snapshot.events.get(view.key))


def _name(view: View) -> str:
    bucket, prefix = view.key
    return f"s3://{bucket}/{prefix}"
