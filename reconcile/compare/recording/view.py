"""Gathers what the stores have on every recording, before anything is decided."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal

from reconcile.compare.recording.attribution import Attribution, Claims
from reconcile.model.catalog import Program
from reconcile.model.clock import Interval
from reconcile.model.recording import Events, Kind, Recording, RecordingKey, Unreadable
from reconcile.model.snapshot import Rules, Snapshot

RecordingState = Literal[
    "other", "unreadable", "eventless", "in-progress", "unfinished", "settling", "failed", "ended"
]

# IVS starts a new prefix after 48 hours; the rest is the longest wait for a reconnect and for late writes.
# https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/record-to-s3.html
LONGEST_RECORDING = timedelta(hours=54)

CLOCKS_DIFFER = timedelta(hours=1)
"""How far the clocks of S3 and of the application may lie apart."""


def state_of(recording: Recording, events: Events | Unreadable | None, rules: Rules) -> RecordingState:
    """Return the state of a recording; `events` None means that its file was not read."""
    if recording.kind is Kind.PARTICIPANT:
        return "other"
    if recording.kind is Kind.UNKNOWN or isinstance(events, Unreadable):
        return "unreadable"
    if recording.last_event is None:
        return "eventless"
    if recording.finished_seen is None:
        return "in-progress" if rules.now - recording.last_event < LONGEST_RECORDING else "unfinished"
    if recording.finished_seen > rules.settled_before:
        return "settling"
    if events is None:
        return "ended"
    if not events.duration or not recording.has_media:
        return "failed"
    if events.started_at is None or events.ended_at is None or events.ended_at < events.started_at:
        return "unreadable"
    return "ended"


def why_unreadable(recording: Recording, events: Events | Unreadable | None) -> str:
    """Say why a recording cannot be parsed."""
    if recording.kind is Kind.UNKNOWN:
        return "it has the events of a recording under a path of no known layout"
    if isinstance(events, Unreadable):
        return events.reason
    return "the events file does not say when the recording began and, after that, ended"


@dataclass(frozen=True, slots=True)
class View:
    """A recording with its evidence; `show_id` is the show that it is arranged under.

    `until`: when the next recording of its channel began (None: no other did).
    """

    recording: Recording
    events: Events | None
    state: RecordingState
    attribution: Attribution
    programs: tuple[Program, ...] = ()
    until: datetime | None = None

    @property
    def waits(self) -> bool:
        """Whether it is still being recorded, or changed moments ago."""
        return self.state in ("settling", "in-progress")

    @property
    def has_content(self) -> bool:
        """Whether it holds something that can be shown, or will."""
        return self.state == "ended" or self.waits

    @property
    def key(self) -> RecordingKey:
        """Bucket and prefix."""
        return self.recording.key

    @property
    def show_id(self) -> str | None:
        """Its show by the evidence; without any, the one that its programs name."""
        if self.attribution.level is not None:
            return self.attribution.show_id
        named = {program.source_show for program in self.programs if program.source_show}
        return next(iter(named)) if len(named) == 1 else None

    def times(self, now: datetime) -> Interval | None:
        """When it was recorded; until now while it is not finished; None if unknown.

        A channel takes one stream at a time, and IVS waits for a lost one to come back before it ends the
        recording: that time is the next recording's.
        """
        if self.events is None or self.events.started_at is None:
            return None
        end = self.events.ended_at or max(now, self.events.started_at)
        return Interval(self.events.started_at, min(end, self.until) if self.until else end)

    def times_by_listing(self, now: datetime) -> Interval | None:
        """The longest time of the recording, by the dates of its events files alone."""
        return time_by_listing(self.recording, now)


def time_by_listing(recording: Recording, now: datetime) -> Interval | None:
    """Return the longest time of a recording, by the dates of its events files alone; None without any."""
    last = recording.last_event
    if last is None:
        return None
    end = last if recording.finished_seen else max(now, last)
    return Interval(recording.started_seen or last - LONGEST_RECORDING, end)


def gather(
    snapshot: Snapshot,
    rules: Rules,
    pointed: Mapping[RecordingKey, Iterable[Program]],
    following: Mapping[RecordingKey, datetime],
) -> dict[RecordingKey, View]:
    """Return a view of every recording.

    `pointed` holds the programs that point at it, and `following` says when the next recording of its channel
    began, as `until_the_next` returns it.
    """
    claims = Claims(snapshot.catalog, rules.settle, rules.assigned)
    views = {}
    for key, recording in snapshot.recordings.items():
        read_events = snapshot.events.get(key)
        events = read_events if isinstance(read_events, Events) else None
        views[key] = View(
            recording,
            events,
            state_of(recording, read_events, rules),
            claims.attribute(recording, events),
            in_order(pointed.get(key, ())),
            following.get(key),
        )
    return views


def until_the_next(snapshot: Snapshot) -> Mapping[RecordingKey, datetime]:
    """Return, for the recordings of a channel, when the next one began.

    Those that began at the same moment are copies of one: neither follows the other.
    """
    begun: defaultdict[str, dict[datetime, list[RecordingKey]]] = defaultdict(dict)
    for key, events in snapshot.events.items():
        recording = snapshot.recordings.get(key)
        if recording and recording.channel_id and isinstance(events, Events) and events.started_at:
            begun[recording.channel_id].setdefault(events.started_at, []).append(key)
    return {
        key: following
        for starts in begun.values()
        for start, following in pairwise(sorted(starts))
        for key in starts[start]
    }


def add_programs(
    views: dict[RecordingKey, View], tied: Mapping[RecordingKey, Iterable[Program]]
) -> dict[RecordingKey, View]:
    """Return the views with these programs added to what was known."""
    added = {
        key: replace(views[key], programs=in_order((*views[key].programs, *programs)))
        for key, programs in tied.items()
        if key in views
    }
    return views | added


def in_order(programs: Iterable[Program]) -> tuple[Program, ...]:
    """Return each program once, in an order that does not depend on how the table was read."""
    by_key = {program.key: program for program in programs}
    return tuple(by_key[key] for key in sorted(by_key))


def is_outside(view: View, rules: Rules) -> bool:
    """Whether the window leaves a recording without a program unjudged."""
    return not view.programs and is_left_out(view.recording, rules)


def is_left_out(recording: Recording, rules: Rules) -> bool:
    """Whether the window leaves a recording unjudged if it has no program."""
    if rules.window_start is None or recording.key in rules.unresolved:
        return False
    last = recording.last_event
    return last is None or last < rules.window_start
