"""Weeks in which chance decides, evening by evening, what goes well: every mishap beside every other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from reconcile.sandbox.world import formats
from reconcile.sandbox.world.actors import curator, functions, host, owner
from reconcile.sandbox.world.actors.functions import Index
from reconcile.sandbox.world.actors.host import Era
from reconcile.sandbox.world.actors.ivs import IvsRecording
from reconcile.sandbox.world.actors.producer import GroupFate, ProducerShow, make_show, save_recording_row
from reconcile.sandbox.world.builder import WorldBuilder
from reconcile.sandbox.world.chapters.scene import Scene, note, note_row
from reconcile.sandbox.world.truth import Key

_WEEK, _HOUR, _MINUTE = timedelta(days=7), timedelta(hours=1), timedelta(minutes=1)
_WEEKS = 4


@dataclass(frozen=True, slots=True)
class _Evening:
    """What was recorded: the recording that wants a program, and its twin if there are two."""

    show: ProducerShow
    start: datetime
    length: timedelta
    kept: IvsRecording
    twin: IvsRecording | None


def weeks_by_chance(builder: WorldBuilder, at: datetime) -> None:
    """Two shows of one producer, week by week: what is recorded, processed, deleted is up to chance."""
    at = max(at, builder.now - timedelta(days=30))
    group = builder.rng.choice(
        (GroupFate.REAL, GroupFate.REAL, GroupFate.REAL, GroupFate.NONE, GroupFate.ROWLESS)
    )
    first = make_show(builder, at - _WEEK * _WEEKS, group)
    second = make_show(builder, at - _WEEK * _WEEKS, producer=first.producer)
    for week in range(_WEEKS):
        for show, later in ((first, timedelta(0)), (second, 3 * _HOUR)):
            _play(builder, show, min(at + later, builder.now - 4 * _HOUR) - week * _WEEK)


def _play(builder: WorldBuilder, show: ProducerShow, start: datetime) -> None:
    night = _on_air(builder, show, start)
    row = _told_by_the_client(builder, night)
    processed = show.group is not GroupFate.NONE and builder.rng.random() < 0.7
    program = _processed(builder, night) if processed else None
    named = bool(program and row and builder.rng.random() < 0.5)
    if program and row and named:
        functions.note_in_row(builder, row, night.kept, program, start + night.length + _MINUTE)
    if program and builder.rng.random() < 0.25:
        _deleted(builder, night, program, row)
    elif program:
        _handled(builder, night, program)
        _told(builder, night, "agrees", "twin", [program])
    else:
        wanting = "program-missing" if show.group is GroupFate.REAL else "group-missing"
        _told(builder, night, wanting, "twin")
    if row:
        _told_of_row(builder, row, program, named=named)


def _told_of_row(builder: WorldBuilder, row: Key, program: Key | None, *, named: bool) -> None:
    """A row of a broadcast without a program has nothing to name; one that nobody stopped tells no end."""
    if named or program not in builder.rows:
        note_row(builder, row, "agrees", program)
    else:
        note_row(builder, row, "recording-row-stale", program if "endTime" in builder.rows[row] else None)


def _told(
    builder: WorldBuilder,
    night: _Evening,
    kept: str,
    twin: str,
    programs: Sequence[Key] = (),
    *,
    lost: bool = False,
) -> None:
    note(builder, night.kept, kept, night.show, programs, without_trace=lost)
    if night.twin:
        note(builder, night.twin, twin, night.show)


def _on_air(builder: WorldBuilder, show: ProducerShow, start: datetime) -> _Evening:
    """Broadcast in a session of any of the newer eras, recorded as composite, channel or both."""
    length = builder.minutes(20, 110)
    how = builder.rng.choice(("composite", "channel", "both"))
    era = builder.rng.choice((Era.PROGRAM_STAGE, Era.PROGRAM_CHANNEL, Era.RELAY, Era.HEAD))
    naive = builder.rng.random() < 0.3
    session = host.open_session(
        builder, show, start - builder.seconds(20, 200), Era.HEAD if how == "both" else era, naive=naive
    )
    twin = None
    if how == "both":
        kept, twin = host.both(builder, session, start, length)
    elif how == "channel":
        kept = host.auto_record(builder, session, start, length)
    else:
        kept = host.broadcast(builder, session, start, length, remembered=builder.rng.random() < 0.8)
    if builder.rng.random() < 0.8:
        host.end_session(builder, session, start + length + builder.seconds(10, 60), naive=naive)
    return _Evening(show, start, length, kept, twin)


def _told_by_the_client(builder: WorldBuilder, night: _Evening) -> Key | None:
    """The client tells of start and stop, of the start alone, or of nothing; its clock may be minutes off."""
    if builder.rng.random() < 0.4:
        return None
    off = builder.seconds(-300, 300)
    stopped = builder.rng.random() < 0.8
    return save_recording_row(
        builder, night.show, night.start + off, night.start + off + night.length if stopped else None,
        "processing" if stopped else "recording", naive=builder.rng.random() < 0.5,
    )  # fmt: skip


def _processed(builder: WorldBuilder, night: _Evening) -> Key:
    """The processor makes the program, or the studio exports it; either may lose its record or its count."""
    at = night.start + builder.seconds(20, 70)
    if builder.rng.random() < 0.2:
        url = formats.playback_url(night.kept.manifest)
        return functions.export(builder, night.show, at, url, builder.uuid(), plays=night.kept)
    index = builder.rng.choice((Index.SYNC, Index.SYNC, Index.SYNC, Index.PROCESSOR, Index.NOBODY))
    return functions.process(
        builder, night.kept, night.show, at, index=index, counted=builder.rng.random() < 0.9
    )


def _handled(builder: WorldBuilder, night: _Evening, program: Key) -> None:
    """The owner renames or moves the program, or lines it up; the index may not hear of it."""
    at, dice = night.start + night.length + _HOUR, builder.rng.random()
    if dice < 0.2:
        owner.rename(builder, program, "Renamed", at, synced=builder.rng.random() < 0.7)
    elif dice < 0.4:
        owner.move(builder, program, at, record_lost=builder.rng.random() < 0.3)
    elif dice < 0.6:
        curator.add_to_network(builder, program, builder.uuid(), at, synced=builder.rng.random() < 0.7)


def _deleted(builder: WorldBuilder, night: _Evening, program: Key, row: Key | None) -> None:
    """The owner deletes the program; a network's copy, its record or the show's note may remember it."""
    at = night.start + night.length + _HOUR
    copied = builder.rng.random() < 0.5
    if copied:
        curator.add_to_network(builder, program, builder.uuid(), at)
    indexed = str(builder.rows[program]["programId"]) in builder.records
    functions.remove(builder, program, seen=builder.rng.random() < 0.7)
    left = indexed and str(program[1].removeprefix("p#")) in builder.records
    noted = row is not None and "programId" in builder.rows[row]
    if copied or left or noted:
        _told(builder, night, "retired", "retired")
    elif night.show.group is GroupFate.REAL:
        _told(builder, night, "program-missing", "twin", lost=True)
    else:
        _told(builder, night, "group-missing", "twin")


SCENES = (Scene(weeks_by_chance, anywhere=True),)
