"""The broadcasts of every show, and which of their recordings a row's time is of."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from reconcile.compare.interval_tree import IntervalTree
from reconcile.compare.recording.attribution import BY_TIME
from reconcile.compare.recording.coverage import Rank, overlap, rank_of
from reconcile.compare.recording.folding import RecordingTimes, fold
from reconcile.compare.recording.view import View
from reconcile.model.catalog import RecordingRow
from reconcile.model.clock import Interval
from reconcile.model.media import MediaMap
from reconcile.model.recording import Kind, RecordingKey

NEARLY = 0.9
"""The share of the best fit that is as good: of two recordings of one time none fits a row better."""


@dataclass(frozen=True, slots=True, eq=False)
class Broadcast:
    """A broadcast of a show: the recordings of it, in order, and when the first of them began, in UTC.

    It is known by identity: it may hold thousands of recordings, if one never ended.
    """

    show_id: str
    keys: tuple[RecordingKey, ...]
    start: datetime


class Broadcasts:
    """All recordings that hold something and whose show is known, folded into broadcasts.

    `manifests` says of the recordings that were looked at why they do not play ("": they do). `torn` names
    those that stand alone because they may be of several sessions, and of which.
    """

    def __init__(
        self, views: Iterable[View], now: datetime, manifests: Mapping[RecordingKey, str], media: MediaMap
    ) -> None:
        self._media, self._manifests = media, manifests
        self._times: dict[RecordingKey, Interval] = {}
        of_show: defaultdict[str, list[RecordingTimes]] = defaultdict(list)
        for view in views:
            times = view.times(now)
            if times and view.show_id and view.has_content:
                self._times[view.key] = times
                of_show[view.show_id].append(self._times_of(view, times))
        self._trees = {
            show_id: IntervalTree((recording.time, recording.key) for recording in recordings)
            for show_id, recordings in of_show.items()
        }
        self._prefixes = Counter(prefix for _, prefix in self._times)
        self.torn: dict[RecordingKey, frozenset[str]] = {}
        self._shows: defaultdict[str, list[Broadcast]] = defaultdict(list)
        self._broadcasts: dict[RecordingKey, Broadcast] = {}
        for show_id, recordings in of_show.items():
            self._fold(show_id, recordings)

    def _times_of(self, view: View, times: Interval) -> RecordingTimes:
        sessions = view.attribution.sessions
        if len(sessions) > 1 and view.attribution.level != BY_TIME:
            # An IVS stage shared by a show's sessions does not identify the session.
            sessions = ()
        return RecordingTimes(view.key, times, frozenset(sessions), has_content=not self._never_plays(view))

    def _fold(self, show_id: str, recordings: Iterable[RecordingTimes]) -> None:
        folding = fold(recordings)
        self.torn |= folding.torn
        for keys in folding.broadcasts:
            broadcast = Broadcast(show_id, keys, min(self._times[key].start for key in keys))
            self._shows[show_id].append(broadcast)
            self._broadcasts |= dict.fromkeys(keys, broadcast)

    def of_show(self, show_id: str) -> list[Broadcast]:
        """Return the broadcasts of a show."""
        return self._shows.get(show_id, [])

    def of(self, key: RecordingKey) -> Broadcast | None:
        """Return the broadcast that a recording is of; None where it holds nothing or has no known show."""
        return self._broadcasts.get(key)

    def recordings_during(self, show_id: str, time: Interval) -> Iterator[RecordingKey]:
        """Yield a show's recordings that overlap a time."""
        tree = self._trees.get(show_id)
        return tree.overlapping(time) if tree else iter(())

    def during(self, show_id: str, time: Interval) -> list[Broadcast]:
        """Return a show's broadcasts that overlap a time; of several the first two."""
        broadcasts: list[Broadcast] = []
        for key in self.recordings_during(show_id, time):
            broadcast = self._broadcasts[key]
            if broadcast not in broadcasts:
                broadcasts.append(broadcast)
            if len(broadcasts) > 1:
                break
        return broadcasts

    def overlapped(self, row: RecordingRow) -> list[Broadcast]:
        """Return the broadcasts of its show that a row with both times overlaps; of several the first two."""
        time = row.time
        return self.during(row.show_id, time) if time else []

    def overlapping(self, keys: Iterable[RecordingKey], time: Interval) -> list[RecordingKey]:
        """Return those of some recordings that overlap a time, in order."""
        return [key for key in sorted(keys) if key in self._times and self._times[key].overlaps(time)]

    def recording_of(
        self,
        row: RecordingRow,
        views: Mapping[RecordingKey, View],
        has_program: Callable[[RecordingKey], bool] | None = None,
    ) -> RecordingKey | None:
        """Return the recording that a row is of by its times: it overlaps its broadcast, and no other one.

        Of a broadcast's recordings it is the one with a program, else the best one, of those whose times fit
        the row's; None where several of those have programs. `has_program` says which have, or will have.
        """
        shows = has_program or (lambda key: bool(views[key].programs))
        time, broadcasts = row.time, self.overlapped(row)
        if len(broadcasts) != 1 or time is None:
            return None
        near = self._near(broadcasts[0], time)
        fitting = self._fitting(near, time)
        for keys in (fitting, near):
            shown = [key for key in keys if shows(key)]
            if shown:
                return shown[0] if len(shown) == 1 else None
        return self.first_of(fitting, views)

    def _near(self, broadcast: Broadcast, time: Interval) -> list[RecordingKey]:
        recordings = self.recordings_during(broadcast.show_id, time)
        return [key for key in recordings if self._broadcasts[key] is broadcast]

    def _fitting(self, keys: Iterable[RecordingKey], time: Interval) -> list[RecordingKey]:
        """Return the recordings whose times fit a time best, or nearly so."""
        fits = {key: self._fit(key, time) for key in keys}
        best = max(fits.values())
        return [key for key, fit in fits.items() if fit >= NEARLY * best]

    def _fit(self, key: RecordingKey, time: Interval) -> float:
        """Return what a recording and a time share, of all that either holds."""
        recording_time = self._times[key]
        return overlap([time], recording_time) / (
            max(recording_time.end, time.end) - min(recording_time.start, time.start)
        )

    def first_of(self, keys: Iterable[RecordingKey], views: Mapping[RecordingKey, View]) -> RecordingKey:
        """Return the recording whose program is the broadcast's: one that has it, else the best one."""
        return min(keys, key=lambda key: self._rank(views[key]))

    def _rank(self, view: View) -> tuple[bool, Rank]:
        length = view.events.duration if view.events else None
        composite = view.recording.kind is Kind.COMPOSITE
        rank = rank_of(
            view.key, length or 0, had=bool(view.programs), composite=composite, routed=self.routed(view.key)
        )
        return (self._never_plays(view), rank)

    def _never_plays(self, view: View) -> bool:
        return bool(self._manifests.get(view.key)) and not view.programs

    def routed(self, key: RecordingKey) -> bool:
        """Whether a URL plays it, where another bucket holds a copy of it: else nobody has to choose."""
        bucket, prefix = key
        if self._prefixes[prefix] < 2:
            return True
        url = self._media.url_of(bucket, f"{prefix}/media")
        return url is not None and (bucket, f"{prefix}/media") in self._media.spots_of(url)
