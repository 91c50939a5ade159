"""Weeks in which chance decides, evening by evening, what goes well: every mishap beside every other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from reconcile.sandbox.world import formats
from reconcile.sandbox.world.actors import curator, functions, host, owner
from reconcile.sandbox.world.actors.functions import Index
from reconcile.sandbox.world.actors.host import Era
from reconcile.sandbox.world.actors.ivs import Recording
from reconcile.sandbox.world.actors.producer import Group, Show, make_show, save_recording_row
from reconcile.sandbox.world.builder import Stage
from reconcile.sandbox.world.chapters.scene import Scene, note, note_row
from reconcile.sandbox.world.truth import Key

_WEEK, _HOUR, _MINUTE = timedelta(days=7), timedelta(hours=1), timedelta(minutes=1)
_WEEKS = 4


@dataclass(frozen=True, slots=True)
class _Evening:
    """What was recorded: the recording that wants a program, and its twin if there are two."""

    show: Show
    start: datetime
    length: timedelta
    kept: Recording
    twin: Recording | None


def weeks_by_chance(stage: Stage, at: datetime) -> None:
    """Two shows of one producer, week by week: what is recorded, processed, deleted is up to chance."""
    at = max(at, stage.now - timedelta(days=30))
    group = stage.rng.choice((Group.REAL, Group.REAL, Group.REAL, Group.NONE, Group.ROWLESS))
    first = make_show(stage, at - _WEEK * _WEEKS, group)
    second = make_show(stage, at - _WEEK * _WEEKS, producer=first.producer)
    for week in range(_WEEKS):
        for show, later in ((first, timedelta(0)), (second, 3 * _HOUR)):
            _play(stage, show, min(at + later, stage.now - 4 * _HOUR) - week * _WEEK)


def _play(stage: Stage, show: Show, start: datetime) -> None:
    night = _on_air(stage, show, start)
    row = _told_by_the_client(stage, night)
    processed = show.group is not Group.NONE and stage.rng.random() < 0.7
    program = _processed(stage, night) if processed else None
    named = bool(program and row and stage.rng.random() < 0.5)
    if program and row and named:
        functions.note_in_row(stage, row, night.kept, program, start + night.length + _MINUTE)
    if program and stage.rng.random() < 0.25:
        _deleted(stage, night, program, row)
    elif program:
        _handled(stage, night, program)
        _told(stage, night, "agrees", "twin", [program])
    else:
        wanting = "program-missing" if show.group is Group.REAL else "group-missing"
        _told(stage, night, wanting, "twin")
    if row:
        _told_of_row(stage, row, program, named=named)


def _told_of_row(stage: Stage, row: Key, program: Key | None, *, named: bool) -> None:
    """A row of a broadcast without a program has nothing to name; one that nobody stopped tells no end."""
    if named or program not in stage.rows:
        note_row(stage, row, "agrees", program)
    else:
        note_row(stage, row, "recording-row-stale", program if "endTime" in stage.rows[row] else None)


def _told(
    stage: Stage,
    night: _Evening,
    kept: str,
    twin: str,
    programs: Sequence[Key] = (),
    *,
    lost: bool = False,
) -> None:
    note(stage, night.kept, kept, night.show, programs, without_trace=lost)
    if night.twin:
        note(stage, night.twin, twin, night.show)


def _on_air(stage: Stage, show: Show, start: datetime) -> _Evening:
    """Broadcast in a session of any of the newer eras, recorded as composite, channel or both."""
    length = stage.minutes(20, 110)
    how = stage.rng.choice(("composite", "channel", "both"))
    era = stage.rng.choice((Era.PROGRAM_STAGE, Era.PROGRAM_CHANNEL, Era.RELAY, Era.HEAD))
    naive = stage.rng.random() < 0.3
    session = host.open_session(
        stage, show, start - stage.seconds(20, 200), Era.HEAD if how == "both" else era, naive=naive
    )
    twin = None
    if how == "both":
        kept, twin = host.both(stage, session, start, length)
    elif how == "channel":
        kept = host.auto_record(stage, session, start, length)
    else:
        kept = host.broadcast(stage, session, start, length, remembered=stage.rng.random() < 0.8)
    if stage.rng.random() < 0.8:
        host.end_session(stage, session, start + length + stage.seconds(10, 60), naive=naive)
    return _Evening(show, start, length, kept, twin)


def _told_by_the_client(stage: Stage, night: _Evening) -> Key | None:
    """The client tells of start and stop, of the start alone, or of nothing; its clock may be minutes off."""
    if stage.rng.random() < 0.4:
        return None
    off = stage.seconds(-300, 300)
    stopped = stage.rng.random() < 0.8
    return save_recording_row(
        stage, night.show, night.start + off, night.start + off + night.length if stopped else None,
        "processing" if stopped else "recording", naive=stage.rng.random() < 0.5,
    )  # fmt: skip


def _processed(stage: Stage, night: _Evening) -> Key:
    """The processor makes the program, or the studio exports it; either may lose its record or its count."""
    at = night.start + stage.seconds(20, 70)
    if stage.rng.random() < 0.2:
        url = formats.playback_url(night.kept.manifest)
        return functions.export(stage, night.show, at, url, stage.uuid(), plays=night.kept)
    index = stage.rng.choice((Index.SYNC, Index.SYNC, Index.SYNC, Index.PROCESSOR, Index.NOBODY))
    return functions.process(stage, night.kept, night.show, at, index=index, counted=stage.rng.random() < 0.9)


def _handled(stage: Stage, night: _Evening, program: Key) -> None:
    """The owner renames or moves the program, or lines it up; the index may not hear of it."""
    at, dice = night.start + night.length + _HOUR, stage.rng.random()
    if dice < 0.2:
        owner.rename(stage, program, "Renamed", at, synced=stage.rng.random() < 0.7)
    elif dice < 0.4:
        owner.move(stage, program, at, record_lost=stage.rng.random() < 0.3)
    elif dice < 0.6:
        curator.add_to_network(stage, program, stage.uuid(), at, synced=stage.rng.random() < 0.7)


def _deleted(stage: Stage, night: _Evening, program: Key, row: Key | None) -> None:
    """The owner deletes the program; a network's copy, its record or the show's note may remember it."""
    at = night.start + night.length + _HOUR
    copied = stage.rng.random() < 0.5
    if copied:
        curator.add_to_network(stage, program, stage.uuid(), at)
    indexed = str(stage.rows[program]["programId"]) in stage.records
    functions.remove(stage, program, seen=stage.rng.random() < 0.7)
    left = indexed and str(program[1].removeprefix("p#")) in stage.records
    noted = row is not None and "programId" in stage.rows[row]
    if copied or left or noted:
        _told(stage, night, "retired", "retired")
    elif night.show.group is Group.REAL:
        _told(stage, night, "program-missing", "twin", lost=True)
    else:
        _told(stage, night, "group-missing", "twin")


SCENES = (Scene(weeks_by_chance, anywhere=True),)
