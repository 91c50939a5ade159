"""Flat tables of what the stores hold: numbers and truths alone, which suffice to find suspects.

A recording or row is known by its place among those of its kind. Times are milliseconds since 1970, a start
the whole one before and a stop the whole one after: so spans may be longer than they are, never shorter.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from reconcile.compare.narrow.claimants import Claimants
from reconcile.compare.narrow.numbers import NOBODY, UNNAMED, TextNumbers, ceil_ms, floor_ms, number_table
from reconcile.compare.number_table import NumberTable
from reconcile.compare.recording.claims import SharedChannels
from reconcile.compare.recording.ownership import Pointers, faults_of, without_media_by_show
from reconcile.compare.recording.row_matching import STUCK
from reconcile.compare.recording.view import state_of, until_the_next
from reconcile.model.catalog import Catalog, Program, RecordingRow
from reconcile.model.recording import Events, RecordingKey
from reconcile.model.snapshot import Rules, Snapshot

_HOLD = ("ended", "settling", "in-progress")


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of a snapshot, and what their numbers stand for.

    `keys` are the recordings, and `shows` gives numbers to ids. `participants` (n) are guests' feeds, and
    `timed` (n, start, stop, plain) the recordings that hold something at a known time: `plain` are those that
    ended, whose events were read. `claimants` hold the claims on them. `pointed` (n, show, program, sound)
    are the programs that lead to a recording, with the number that rows know them by, and `leading` these in
    the same order. `notes` are the recording rows, and `rows` (r, show, program, start, stop, tells) those
    with both times in order that name no program without media: `tells` that they name a program as
    processed. `tied_shows` are those whose recordings may get a program that points at no media. `following`
    says when the next recording of a channel began.
    """

    keys: list[RecordingKey]
    shows: TextNumbers
    participants: set[int]
    timed: NumberTable
    claimants: Claimants
    pointed: NumberTable
    leading: list[Program]
    rows: NumberTable
    notes: list[RecordingRow]
    tied_shows: frozenset[str]
    pointers: Pointers
    shared: SharedChannels
    following: Mapping[RecordingKey, datetime]


def tables_of(snapshot: Snapshot, rules: Rules) -> Tables:
    """Return the tables of a snapshot."""
    catalog, keys, shows, programs = snapshot.catalog, list(snapshot.recordings), TextNumbers(), TextNumbers()
    notes = list(catalog.rows.values())
    rows = _timed_rows(notes, shows, programs, _blank(catalog))
    pointers = Pointers(snapshot.recordings, rules.media)
    shared = SharedChannels(catalog.sessions.values(), rules.settle)
    claimants = Claimants(catalog, shared, shows)
    following = until_the_next(snapshot)
    participants, timed = set[int](), number_table("n", "start", "stop", "plain")
    for number, (key, recording) in enumerate(snapshot.recordings.items()):
        read = snapshot.events.get(key)
        events = read if isinstance(read, Events) else None
        state = state_of(recording, read, rules)
        claimants.add(number, recording, events)
        if state == "other":
            participants.add(number)
        elif events and state in _HOLD:
            time = _time_of(events, following.get(key), rules.now)
            if time:
                timed.add(number, *time, state == "ended")
    places = {key: number for number, key in enumerate(keys)}
    for key, assignment in rules.assigned.items():
        if key in places:
            claimants.assign(places[key], assignment.show_id)
    leading, pointed = list[Program](), number_table("n", "show", "program", "sound")
    for program in catalog.programs.values():
        whose = shows.of(program.source_show), programs.known(program.program_id, UNNAMED)
        for key in pointers.of(program):
            leading.append(program)
            pointed.add(places[key], *whose, _is_sound(program, key, snapshot, rules, pointers))
    return Tables(
        keys=keys,
        shows=shows,
        participants=participants,
        timed=timed,
        claimants=claimants,
        pointed=pointed,
        leading=leading,
        rows=rows,
        notes=notes,
        tied_shows=_tied_shows(catalog),
        pointers=pointers,
        shared=shared,
        following=following,
    )


def _time_of(events: Events, until: datetime | None, now: datetime) -> tuple[int, int] | None:
    """Return when a recording holds something, until the next one of its channel began."""
    if events.started_at is None:
        return None
    stop = events.ended_at or max(now, events.started_at)
    return floor_ms(events.started_at), ceil_ms(min(stop, until) if until else stop)


def _is_sound(
    program: Program, key: RecordingKey, snapshot: Snapshot, rules: Rules, pointers: Pointers
) -> bool:
    """Whether a program names its show, both can be read, and its recording has nothing to repair there."""
    show = snapshot.catalog.shows.get(program.source_show or "")
    if not program.source_show or program.unreadable or (show and show.unreadable):
        return False
    return not faults_of(program, key, rules.media, pointers)


def _timed_rows(
    notes: list[RecordingRow], shows: TextNumbers, programs: TextNumbers, blank: frozenset[str]
) -> NumberTable:
    table = number_table("r", "show", "program", "start", "stop", "tells")
    for number, row in enumerate(notes):
        # A program without media may be tied to any recording of its show, which the row may then name.
        if row.start and row.end and row.start <= row.end and row.program_id not in blank:
            program = programs.of(row.program_id)
            tells = program != NOBODY and row.status not in STUCK
            show, start, stop = shows.of(row.show_id), floor_ms(row.start), ceil_ms(row.end)
            table.add(number, show, program, start, stop, tells)
    return table


def _blank(catalog: Catalog) -> frozenset[str]:
    """Return the ids of the programs that point at no media."""
    return frozenset(program.program_id for program in catalog.programs.values() if program.without_media)


def _tied_shows(catalog: Catalog) -> frozenset[str]:
    """Return the shows to whose recordings a program without media may be tied."""
    blank = [program for program in catalog.programs.values() if program.without_media]
    names = {program.source_recording for program in blank if program.source_recording}
    by_row = {row.show_id for row in catalog.rows.values() if row.recording_id in names} if names else set()
    return frozenset(by_row | without_media_by_show(blank).keys())
