"""Gathers, for every recording, what the stores say of it, before anything is decided."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from reconcile.compare.attribution import Attribution, Claims
from reconcile.compare.ownership import (
    Pointers,
    programs_by_pointer,
    programs_by_row,
)
from reconcile.compare.spans import Interval, Spans
from reconcile.compare.states import LONGEST_RECORDING, State, state_of
from reconcile.model.catalog import Program
from reconcile.model.recording import Events, Recording, RecordingKey
from reconcile.model.snapshot import Rules, Snapshot


@dataclass(frozen=True, slots=True)
class View:
    """A recording with what is known of it; `show_id` is the show whose recordings it stands among."""

    recording: Recording
    events: Events | None
    state: State
    attribution: Attribution
    programs: tuple[Program, ...] = ()

    @property
    def key(self) -> RecordingKey:
        """Bucket and prefix."""
        return self.recording.key

    @property
    def show_id(self) -> str | None:
        """Its show by the evidence; where nothing tells, the one that its programs name."""
        if self.attribution.level is not None:
            return self.attribution.show_id
        named = {program.source_show for program in self.programs if program.source_show}
        return next(iter(named)) if len(named) == 1 else None

    def times(self, now: datetime) -> Interval | None:
        """When it was recorded; until now while it is not finished; None where nothing tells."""
        if self.events is None or self.events.started_at is None:
            return None
        return (self.events.started_at, self.events.ended_at or max(now, self.events.started_at))

    def times_by_listing(self, now: datetime) -> Interval | None:
        """When it was recorded at most, told by when its events files were written alone."""
        last = self.recording.last_event
        if last is None:
            return None
        end = last if self.recording.finished_seen else max(now, last)
        return (self.recording.started_seen or last - LONGEST_RECORDING, end)


def gather(snapshot: Snapshot, rules: Rules, pointers: Pointers) -> dict[RecordingKey, View]:
    """Return a view of every recording, with the programs whose rows tie them to it."""
    claims = Claims(snapshot.catalog, rules.settle, rules.assigned)
    pointed = programs_by_pointer(snapshot.catalog, pointers)
    views = {}
    for key, recording in snapshot.recordings.items():
        found = snapshot.events.get(key)
        events = found if isinstance(found, Events) else None
        views[key] = View(
            recording,
            events,
            state_of(recording, found, rules),
            claims.attribute(recording, events),
            in_order(pointed.get(key, ())),
        )
    lone = [program for program in snapshot.catalog.programs.values() if program.without_media]
    by_row = programs_by_row(lone, snapshot.catalog, show_times(views.values(), rules.now))
    return add_programs(views, by_row)


def show_times(views: Iterable[View], now: datetime) -> Mapping[str, Spans[RecordingKey]]:
    """Return each show's recordings that hold something, with their times."""
    times: defaultdict[str, list[tuple[Interval, RecordingKey]]] = defaultdict(list)
    for view in views:
        interval = view.times(now)
        if interval and view.show_id and view.state in ("ended", "settling", "in-progress"):
            times[view.show_id].append((interval, view.key))
    return {show_id: Spans(timed) for show_id, timed in times.items()}


def add_programs(
    views: dict[RecordingKey, View], found: Mapping[RecordingKey, Iterable[Program]]
) -> dict[RecordingKey, View]:
    """Return the views with these programs added to what was known."""
    added = {
        key: replace(views[key], programs=in_order((*views[key].programs, *programs)))
        for key, programs in found.items()
        if key in views
    }
    return views | added


def in_order(programs: Iterable[Program]) -> tuple[Program, ...]:
    """Return each program once, in an order that does not depend on how the table was read."""
    return tuple(sorted(set(programs), key=lambda program: program.key))


def is_outside(view: View, rules: Rules) -> bool:
    """Whether the window leaves a recording without a program unjudged."""
    if view.programs or rules.window_start is None or view.key in rules.unresolved:
        return False
    last = view.recording.last_event
    return last is None or last < rules.window_start
