"""Selects the events files that have to be read before anything can be judged."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from math import inf
from typing import Any

from reconcile.compare.interval_tree import IntervalTree
from reconcile.compare.recording.ownership import Pointers, programs_by_pointer, without_media_by_show
from reconcile.compare.recording.retirement import ProgramTraces
from reconcile.compare.recording.row_matching import names_program
from reconcile.compare.recording.unread import Unread
from reconcile.compare.recording.view import (
    CLOCKS_DIFFER,
    LONGEST_RECORDING,
    View,
    gather,
    is_left_out,
    time_by_listing,
    until_the_next,
)
from reconcile.compare.sessions import judge_sessions, sessions_without_prefix
from reconcile.model.catalog import RecordingRow
from reconcile.model.clock import Interval
from reconcile.model.finding import recording_subject
from reconcile.model.recording import Events, Recording, RecordingKey, Unreadable
from reconcile.model.snapshot import Rules, Snapshot


@dataclass(frozen=True)
class ListedArchive:
    """What is known before events are read: the recordings, and those that a program's row leads to."""

    snapshot: Snapshot
    rules: Rules
    pointers: Pointers
    shown: Set[RecordingKey]

    @classmethod
    def of(cls, snapshot: Snapshot, rules: Rules) -> "ListedArchive":
        """Return what is known of a snapshot."""
        pointers = Pointers(snapshot.recordings, rules.media)
        programs, recordings = snapshot.catalog.programs.values(), snapshot.recordings
        # Of equal keys the recording's own is kept: the other would hold the text a second time.
        shown = {recordings[key].key for program in programs for key in pointers.of(program)}
        return cls(snapshot, rules, pointers, shown)

    @cached_property
    def views(self) -> Mapping[RecordingKey, View]:
        """A view of every recording; most archives have nothing that asks for it."""
        programs = programs_by_pointer(self.snapshot, self.pointers)
        return gather(self.snapshot, self.rules, programs, until_the_next(self.snapshot))

    def time_of(self, key: RecordingKey) -> Interval | None:
        """When a recording was recorded at most."""
        return time_by_listing(self.snapshot.recordings[key], self.rules.now)


def wanted_events(snapshot: Snapshot, rules: Rules) -> set[RecordingKey]:
    """Return the recordings whose events file a verdict needs and nobody has read yet."""
    return _wanted(ListedArchive.of(snapshot, rules))


def surely_needed(recordings: Iterable[Recording], rules: Rules) -> list[RecordingKey]:
    """Return the recordings whose events file a verdict needs, whatever the table says.

    Those that have not been checked for longest come first, then the newest.
    """

    def _place(recording: Recording) -> tuple[float, float, RecordingKey]:
        since, last = rules.undecided.get(recording_subject(recording.key)), recording.last_event
        return (since.timestamp() if since else inf, -last.timestamp() if last else 0.0, recording.key)

    needed = (one for one in recordings if _is_readable(one) and _is_near(one, rules))
    return [recording.key for recording in sorted(needed, key=_place)]


@dataclass(frozen=True, slots=True)
class Needed:
    """The recordings whose events a verdict needs: what earlier runs remember of some, and others to read."""

    remembered: Mapping[RecordingKey, Events | Unreadable]
    to_read: Sequence[RecordingKey]


def events_to_read(snapshot: Snapshot, rules: Rules) -> Needed:
    """Return the same, those to read in the order in which to do so: what time may run out on comes last.

    First come the recordings that may be news, the newest before: those without a program, and those that
    may hold the same time as one of these. Then follow those that have not been checked for longest.
    """
    listing = ListedArchive.of(snapshot, rules)
    wanted, shown = _wanted(listing), listing.shown
    timed = ((listing.time_of(key), key) for key in wanted if key not in shown)
    beside = IntervalTree((span, key) for span, key in timed if span)

    def _place(key: RecordingKey) -> tuple[bool, float, float, RecordingKey]:
        last = snapshot.recordings[key].last_event
        first = key not in shown or _meets(listing.time_of(key), beside)
        since = None if first else rules.undecided.get(recording_subject(key))
        waited = since.timestamp() if since else inf
        return (not first, waited, -last.timestamp() if last else 0.0, key)

    known = snapshot.remembered.events
    remembered = {key: known[key] for key in wanted if key in known}
    return Needed(remembered, sorted((key for key in wanted if key not in remembered), key=_place))


def _wanted(listing: ListedArchive) -> set[RecordingKey]:
    snapshot, rules = listing.snapshot, listing.rules
    readable = {
        key
        for key, recording in snapshot.recordings.items()
        if _is_readable(recording) and key not in snapshot.events
    }
    alone = readable - listing.shown
    old = {key for key in alone if _is_old(snapshot.recordings[key], rules)}
    return (readable - old) | _matter(old, listing) if old else readable


def _matter(old: set[RecordingKey], listing: ListedArchive) -> set[RecordingKey]:
    """Return the old recordings that may decide a verdict on something else."""
    snapshot = listing.snapshot
    # The traces of a deleted program may be gone tomorrow: the ledger has to record its owner today.
    matter = _beside_decided(old, listing) | _beside_rows(old, listing) | _traced(old, listing)
    since = _old_ones_matter_since(listing)
    if since is not None:
        matter |= {key for key in old if _seen_since(snapshot.recordings[key], since)}
    return matter


def _traced(old: set[RecordingKey], listing: ListedArchive) -> set[RecordingKey]:
    """Return those of which not the ledger, but something else tells that a program existed."""
    snapshot = listing.snapshot
    unknown = {key for key in old if key not in snapshot.ledger}
    prefixes = {key.prefix for key in unknown}
    beside = {key for key in snapshot.recordings if key.prefix in prefixes}
    lone = without_media_by_show(snapshot.catalog.programs.values())
    return unknown & ProgramTraces(snapshot, Pointers(beside, listing.rules.media), lone).traced()


def _beside_decided(old: set[RecordingKey], listing: ListedArchive) -> set[RecordingKey]:
    """Return the old recordings that may hold the same time as one on which a person decided."""
    decided = (key for key in listing.rules.decided if key in listing.snapshot.recordings)
    tree = IntervalTree((span, key) for key in decided if (span := listing.time_of(key)))
    return {key for key in old if _meets(listing.time_of(key), tree)}


def _beside_rows(old: set[RecordingKey], listing: ListedArchive) -> set[RecordingKey]:
    """Return the old recordings that a recording row may be of that names no program of that time."""
    rows = [(row, time) for row in listing.snapshot.catalog.rows.values() if (time := row.time)]
    if not rows:
        return set()
    views = listing.views
    with_program = (views[key] for key in listing.shown)
    shown = _by_show(with_program, {None, *(row.show_id for row, _ in rows)}, listing)
    asking: defaultdict[str, list[tuple[Interval, RecordingRow]]] = defaultdict(list)
    for row, time in rows:
        trees = (shown[show] for show in (row.show_id, None) if show in shown)
        near = (view for tree in trees for view in tree.overlapping(time))
        if any(not names_program(row, program.program_id) for view in near for program in view.programs):
            asking[row.show_id].append((time, row))
    of_show = {show: IntervalTree(timed) for show, timed in asking.items()}
    all_times = IntervalTree(interval for timed in asking.values() for interval in timed)
    return {
        key
        for key in old
        if _meets(listing.time_of(key), of_show.get(show) if (show := views[key].show_id) else all_times)
    }


def _by_show(
    views: Iterable[View], shows: Collection[str | None], listing: ListedArchive
) -> Mapping[str | None, IntervalTree[View]]:
    """Return the times of the recordings of some shows."""
    timed: defaultdict[str | None, list[tuple[Interval, View]]] = defaultdict(list)
    for view in views:
        show_id, span = view.show_id, listing.time_of(view.key)
        if span and show_id in shows:
            timed[show_id].append((span, view))
    return {show: IntervalTree(spans) for show, spans in timed.items()}


def _meets(span: Interval | None, others: IntervalTree[Any] | None) -> bool:
    return span is not None and others is not None and others.meet(span)


def _seen_since(recording: Recording, moment: datetime) -> bool:
    last = recording.last_event
    return last is not None and last >= moment


def _is_old(recording: Recording, rules: Rules) -> bool:
    """Whether the window leaves a recording out, and no recording inside it can hold the same time."""
    return is_left_out(recording, rules) and not _is_near(recording, rules)


def _is_near(recording: Recording, rules: Rules) -> bool:
    """Whether a recording, or one that may hold the same time, lies inside the window."""
    last = recording.last_event
    return rules.window_start is None or last is None or last >= rules.window_start - LONGEST_RECORDING


def _is_readable(recording: Recording) -> bool:
    return recording.kind not in ("participant", "unknown") and recording.events_file is not None


def _old_ones_matter_since(listing: ListedArchive) -> datetime | None:
    """Return from when on recordings that the window leaves out may decide a verdict on something else.

    A program without media may be any recording's of its show; a session's recording ended after it began.
    """
    snapshot, rules = listing.snapshot, listing.rules
    programs = snapshot.catalog.programs.values()
    if any(p.without_media and (p.source_show or p.source_recording) for p in programs):
        return datetime.min.replace(tzinfo=UTC)
    names = sessions_without_prefix(snapshot)
    if not names:
        return None
    views = listing.views.values()
    judged = judge_sessions(names, snapshot, rules, views, Unread(views, snapshot, rules.now))
    missing = (judgement for judgement in judged if judgement.verdict == "recording-missing")
    sessions = (snapshot.catalog.sessions[judgement.subject["sessionId"]] for judgement in missing)
    began = [session.created_at for session in sessions if session.created_at]
    return min(began) - CLOCKS_DIFFER if began else None
