"""Finds the recordings that are fine, and that a row may be of which is not settled."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain

from reconcile.compare.narrow.numbers import ceil_ms, floor_ms
from reconcile.compare.narrow.suspects import Narrowed
from reconcile.compare.narrow.tables import Tables
from reconcile.compare.recording.claims import LONGEST_SESSION
from reconcile.compare.recording.view import time_by_listing
from reconcile.model.catalog import RecordingRow, Session
from reconcile.model.clock import Interval
from reconcile.model.recording import Events, RecordingKey
from reconcile.model.snapshot import Snapshot

_FOREVER = datetime.max.replace(tzinfo=UTC)
"""When a recording ends that is not known to have ended."""


@dataclass(slots=True)
class _Spans:
    """The times of a show's recordings that are fine, in order; none of them overlaps another."""

    starts: list[int] = field(default_factory=list)
    stops: list[int] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)

    def touching(self, start: int, stop: int) -> list[int]:
        """Return the recordings that hold some of a time, or touch it."""
        return self.numbers[bisect_left(self.stops, start) : bisect_right(self.starts, stop)]


def fine_beside_rows(rows: Iterable[RecordingRow], tables: Tables, narrowed: Narrowed) -> set[RecordingKey]:
    """Return the fine recordings that one of these rows may be of, by its time or by the program it names."""
    rows = list(rows)
    spans = _spans({tables.shows.known(row.show_id) for row in rows}, narrowed)
    numbers = set[int]()
    for row in rows:
        of_show = spans.get(tables.shows.known(row.show_id))
        if of_show:
            suspect = row.key in narrowed.suspects.rows
            numbers.update(_beside(row, of_show, whole_show=suspect))
    named = {(row.show_id, row.program_id) for row in rows if row.program_id}
    keys = {tables.keys[number] for number in numbers}
    return keys | {
        key for key, program in narrowed.fine.items() if (program.source_show, program.program_id) in named
    }


def fine_beside_sessions(
    sessions: Iterable[Session], tables: Tables, narrowed: Narrowed
) -> set[RecordingKey]:
    """Return the fine recordings that hold some of the time in which a session may have been recorded."""
    timed = [(tables.shows.known(one.show_id), one.created_at) for one in sessions if one.created_at]
    spans = _spans({show for show, _ in timed}, narrowed)
    beside = (
        spans[show].touching(floor_ms(began), ceil_ms(began + LONGEST_SESSION))
        for show, began in timed
        if show in spans
    )
    return {tables.keys[number] for numbers in beside for number in numbers}


def fine_beside_suspects(snapshot: Snapshot, tables: Tables, narrowed: Narrowed) -> set[RecordingKey]:
    """Return the fine recordings that are read again with a suspect one.

    By its events files' dates it runs into the next recording; one that failed is beside any other's time.
    """
    recordings, suspects = snapshot.recordings, narrowed.suspects.recordings
    shown = {number for number, *_ in tables.pointed}
    # On one that never ended, and that no program shows, its own files decide: nothing beside is read again.
    numbers = {
        number
        for number, key in enumerate(tables.keys)
        if key in suspects and (number in shown or recordings[key].finished_seen)
    }
    evidence = ((number, show) for number, show, *_ in chain(narrowed.claims, tables.pointed))
    possible = {(number, show) for number, show in evidence if number in numbers}
    spans = _spans({show for _, show in possible}, narrowed)
    beside = (
        spans[show].touching(start, stop)
        for number, show in possible
        if show in spans
        for start, stop in _times_of(tables.keys[number], snapshot)
    )
    return {tables.keys[number] for numbers in beside for number in numbers}


def _times_of(key: RecordingKey, snapshot: Snapshot) -> Iterator[tuple[int, int]]:
    """Yield the times of a recording by its listing and by its events; without an end they never end."""
    events = snapshot.events.get(key)
    times = [time_by_listing(snapshot.recordings[key], _FOREVER)]
    if isinstance(events, Events) and events.started_at:
        times.append(Interval(events.started_at, events.ended_at or _FOREVER))
    yield from ((floor_ms(min(time)), ceil_ms(max(time))) for time in times if time)


def _spans(shows: set[int], narrowed: Narrowed) -> dict[int, _Spans]:
    spans: defaultdict[int, _Spans] = defaultdict(_Spans)
    wanted = ((show, start, stop, n) for show, n, start, stop in narrowed.spans if show in shows)
    for show, start, stop, number in sorted(wanted):
        of_show = spans[show]
        of_show.starts.append(start)
        of_show.stops.append(stop)
        of_show.numbers.append(number)
    return spans


def _beside(row: RecordingRow, of_show: _Spans, *, whole_show: bool) -> list[int]:
    """Return the recordings that a row may be of; `whole_show`: where its time tells nothing, all of them."""
    time = _time_of(row)
    beside = of_show.touching(*time) if time else []
    backwards = bool(row.start and row.end and row.end < row.start)
    elsewhere = bool(row.program_id and row.s3_key) and not beside
    return of_show.numbers if whole_show and (time is None or backwards or elsewhere) else beside


def _time_of(row: RecordingRow) -> tuple[int, int] | None:
    if row.start is None:
        return None
    end: datetime = row.end or row.start + LONGEST_SESSION
    return floor_ms(min(row.start, end)), ceil_ms(max(row.start, end))
