"""Scenes about a show's own notes of its recordings: stuck, mixed up, or of nothing in particular."""

from __future__ import annotations

from datetime import datetime, timedelta

from reconcile.sandbox.world import formats
from reconcile.sandbox.world.actors import functions, host
from reconcile.sandbox.world.actors.host import Era
from reconcile.sandbox.world.actors.ivs_files import Ending
from reconcile.sandbox.world.actors.producer import make_show, save_recording_row
from reconcile.sandbox.world.builder import WorldBuilder
from reconcile.sandbox.world.chapters.scene import Evening, Scene, When, evening, note, note_row
from reconcile.sandbox.world.truth import Key

_DAY, _MINUTE = timedelta(days=1), timedelta(minutes=1)


def _shown(
    builder: WorldBuilder, at: datetime, minutes: int, night: Evening | None = None
) -> tuple[Evening, Key]:
    """An evening whose composite has its program; the show is that of another one, if it is given."""
    show = night.show if night else None
    night = evening(builder, at, show=show, length=minutes * _MINUTE)
    program = functions.process(builder, night.composite, night.show, at + builder.seconds(20, 70))
    note(builder, night.composite, "agrees", night.show, [program])
    return night, program


def note_stuck_after_the_stop(builder: WorldBuilder, at: datetime) -> None:
    """The client told of the stop before the event came, and the handler looks for rows not stopped only."""
    night, program = _shown(builder, at, 50)
    row = save_recording_row(builder, night.show, at, at + 50 * _MINUTE)
    note_row(builder, row, "recording-row-stale", program)


def note_by_another_clock(builder: WorldBuilder, at: datetime) -> None:
    """The same, written by a host whose clock is minutes off, in times without a zone."""
    night, program = _shown(builder, at, 50)
    ahead = builder.minutes(2, 9)
    row = save_recording_row(builder, night.show, at + ahead, at + ahead + 50 * _MINUTE, naive=True)
    note_row(builder, row, "recording-row-stale", program)


def note_of_the_day_before(builder: WorldBuilder, at: datetime) -> None:
    """The processor fills the newest row, today's first with yesterday's media: yesterday's stays stuck."""
    yesterday, first = _shown(builder, at - _DAY, 45)
    night, second = _shown(builder, at, 40, yesterday)
    stuck = save_recording_row(builder, night.show, at - _DAY, at - _DAY + 45 * _MINUTE)
    note_row(builder, stuck, "recording-row-stale", first)
    row = save_recording_row(builder, night.show, at, at + 40 * _MINUTE)
    functions.note_in_row(builder, row, yesterday.composite, first, at + _MINUTE)
    functions.note_in_row(builder, row, night.composite, second, at + 41 * _MINUTE)
    note_row(builder, row, "agrees", second)


def notes_of_one_channel(builder: WorldBuilder, at: datetime) -> None:
    """Two shows' open rows name the shared channel: its event gives both the same media, one show's."""
    nights = [_shown(builder, at, 45), _shown(builder, at + 2 * _MINUTE, 45)]
    for night, program in nights:
        row = save_recording_row(
            builder, night.show, at, at + 45 * _MINUTE, "recording", channel_arn=builder.shared_channel
        )
        functions.note_in_row(builder, row, nights[0][0].composite, None, at + 50 * _MINUTE)
        note_row(builder, row, "recording-row-stale", program)


def note_never_stopped(builder: WorldBuilder, at: datetime) -> None:
    """The client never told of the stop: nothing proves which recording the row is of."""
    night, _ = _shown(builder, at, 35)
    row = save_recording_row(builder, night.show, at, None, "recording")
    note_row(builder, row, "recording-row-stale")


def note_of_two_recordings(builder: WorldBuilder, at: datetime) -> None:
    """One row for a broadcast that was composed twice: it is of neither alone."""
    night, _ = _shown(builder, at, 30)
    again = host.broadcast(builder, night.session, at + 33 * _MINUTE, 30 * _MINUTE)
    program = functions.process(builder, again, night.show, at + 34 * _MINUTE)
    note(builder, again, "agrees", night.show, [program])
    row = save_recording_row(builder, night.show, at, at + 63 * _MINUTE)
    note_row(builder, row, "recording-row-stale")


def two_notes_of_one_recording(builder: WorldBuilder, at: datetime) -> None:
    """The host pressed the button twice: two rows of the same broadcast."""
    night, program = _shown(builder, at, 40)
    for late in (0, 1):
        row = save_recording_row(builder, night.show, at + late * _MINUTE, at + 40 * _MINUTE)
        note_row(builder, row, "recording-row-stale", program)


def note_of_nothing(builder: WorldBuilder, at: datetime) -> None:
    """A rehearsal that was never recorded, an hour before the show."""
    night, _ = _shown(builder, at, 40)
    row = save_recording_row(builder, night.show, at - 70 * _MINUTE, at - 60 * _MINUTE)
    note_row(builder, row, "agrees")


def note_beside_a_stranger(builder: WorldBuilder, at: datetime) -> None:
    """The one program of the recording lies with another owner: it is none for this show's row to name."""
    night, stranger = evening(builder, at, length=45 * _MINUTE), make_show(builder, at)
    program = functions.process(builder, night.composite, stranger, at + _MINUTE)
    note(builder, night.composite, "program-misfiled", night.show, [program])
    row = save_recording_row(builder, night.show, at, at + 45 * _MINUTE)
    note_row(builder, row, "agrees")


def note_of_a_moment_ago(builder: WorldBuilder, now: datetime) -> None:
    """The client told of the stop moments ago, long after the recording had its program."""
    night, program = _shown(builder, now - 100 * _MINUTE, 60)
    row = save_recording_row(builder, night.show, now - 100 * _MINUTE, now - 40 * _MINUTE)
    builder.update(row, updatedAt=formats.javascript_time(now - builder.minutes(1, 8)))
    note_row(builder, row, "settling", program)


def note_while_on_air(builder: WorldBuilder, now: datetime) -> None:
    """The row of a broadcast that goes on, with the stop of a first try: nothing is late yet."""
    start = now - builder.minutes(70, 110)
    show = make_show(builder, start)
    session = host.open_session(builder, show, start - _MINUTE, Era.PROGRAM_CHANNEL)
    recording = host.broadcast(builder, session, start, now - start - _MINUTE, Ending.RUNNING)
    program = functions.process(builder, recording, show, start + _MINUTE)
    row = save_recording_row(builder, show, start, start + 5 * _MINUTE)
    note_row(builder, row, "agrees")
    note(builder, recording, "in-progress", show, [program])


SCENES = (
    Scene(note_stuck_after_the_stop, anywhere=True),
    Scene(note_by_another_clock),
    Scene(note_of_the_day_before),
    Scene(notes_of_one_channel),
    Scene(note_never_stopped),
    Scene(note_of_two_recordings),
    Scene(two_notes_of_one_recording),
    Scene(note_of_nothing),
    Scene(note_beside_a_stranger),
    Scene(note_of_a_moment_ago, When.NOW),
    Scene(note_while_on_air, When.NOW),
)
