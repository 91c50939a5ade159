"""Scenes about a show's own notes of its recordings: stuck, mixed up, or of nothing in particular."""

from __future__ import annotations

from datetime import datetime, timedelta

from reconcile.sandbox.world import formats
from reconcile.sandbox.world.actors import functions, host
from reconcile.sandbox.world.actors.host import Era
from reconcile.sandbox.world.actors.ivs_files import Ending
from reconcile.sandbox.world.actors.producer import make_show, save_recording_row
from reconcile.sandbox.world.builder import Stage
from reconcile.sandbox.world.chapters.scene import Evening, Scene, When, evening, note, note_row
from reconcile.sandbox.world.truth import Key

_DAY, _MINUTE = timedelta(days=1), timedelta(minutes=1)


def _shown(stage: Stage, at: datetime, minutes: int, night: Evening | None = None) -> tuple[Evening, Key]:
    """An evening whose composite has its program; the show is that of another one, if it is given."""
    show = night.show if night else None
    night = evening(stage, at, show=show, length=minutes * _MINUTE)
    program = functions.process(stage, night.composite, night.show, at + stage.seconds(20, 70))
    note(stage, night.composite, "agrees", night.show, [program])
    return night, program


def note_stuck_after_the_stop(stage: Stage, at: datetime) -> None:
    """The client told of the stop before the event came, and the handler looks for rows not stopped only."""
    night, program = _shown(stage, at, 50)
    row = save_recording_row(stage, night.show, at, at + 50 * _MINUTE)
    note_row(stage, row, "recording-row-stale", program)


def note_by_another_clock(stage: Stage, at: datetime) -> None:
    """The same, written by a host whose clock is minutes off, in times without a zone."""
    night, program = _shown(stage, at, 50)
    ahead = stage.minutes(2, 9)
    row = save_recording_row(stage, night.show, at + ahead, at + ahead + 50 * _MINUTE, naive=True)
    note_row(stage, row, "recording-row-stale", program)


def note_of_the_day_before(stage: Stage, at: datetime) -> None:
    """The processor fills the newest row, today's first with yesterday's media: yesterday's stays stuck."""
    yesterday, first = _shown(stage, at - _DAY, 45)
    night, second = _shown(stage, at, 40, yesterday)
    stuck = save_recording_row(stage, night.show, at - _DAY, at - _DAY + 45 * _MINUTE)
    note_row(stage, stuck, "recording-row-stale", first)
    row = save_recording_row(stage, night.show, at, at + 40 * _MINUTE)
    functions.note_in_row(stage, row, yesterday.composite, first, at + _MINUTE)
    functions.note_in_row(stage, row, night.composite, second, at + 41 * _MINUTE)
    note_row(stage, row, "agrees", second)


def notes_of_one_channel(stage: Stage, at: datetime) -> None:
    """Two shows' open rows name the shared channel: its event gives both the same media, one show's."""
    nights = [_shown(stage, at, 45), _shown(stage, at + 2 * _MINUTE, 45)]
    for night, program in nights:
        row = save_recording_row(
            stage, night.show, at, at + 45 * _MINUTE, "recording", channel_arn=stage.shared_channel
        )
        functions.note_in_row(stage, row, nights[0][0].composite, None, at + 50 * _MINUTE)
        note_row(stage, row, "recording-row-stale", program)


def note_never_stopped(stage: Stage, at: datetime) -> None:
    """The client never told of the stop: nothing proves which recording the row is of."""
    night, _ = _shown(stage, at, 35)
    row = save_recording_row(stage, night.show, at, None, "recording")
    note_row(stage, row, "recording-row-stale")


def note_of_two_recordings(stage: Stage, at: datetime) -> None:
    """One row for a broadcast that was composed twice: it is of neither alone."""
    night, _ = _shown(stage, at, 30)
    again = host.broadcast(stage, night.session, at + 33 * _MINUTE, 30 * _MINUTE)
    program = functions.process(stage, again, night.show, at + 34 * _MINUTE)
    note(stage, again, "agrees", night.show, [program])
    row = save_recording_row(stage, night.show, at, at + 63 * _MINUTE)
    note_row(stage, row, "recording-row-stale")


def two_notes_of_one_recording(stage: Stage, at: datetime) -> None:
    """The host pressed the button twice: two rows of the same broadcast."""
    night, program = _shown(stage, at, 40)
    for late in (0, 1):
        row = save_recording_row(stage, night.show, at + late * _MINUTE, at + 40 * _MINUTE)
        note_row(stage, row, "recording-row-stale", program)


def note_of_nothing(stage: Stage, at: datetime) -> None:
    """A rehearsal that was never recorded, an hour before the show."""
    night, _ = _shown(stage, at, 40)
    row = save_recording_row(stage, night.show, at - 70 * _MINUTE, at - 60 * _MINUTE)
    note_row(stage, row, "agrees")


def note_beside_a_stranger(stage: Stage, at: datetime) -> None:
    """The one program of the recording lies with another owner: it is none for this show's row to name."""
    night, stranger = evening(stage, at, length=45 * _MINUTE), make_show(stage, at)
    program = functions.process(stage, night.composite, stranger, at + _MINUTE)
    note(stage, night.composite, "program-misfiled", night.show, [program])
    row = save_recording_row(stage, night.show, at, at + 45 * _MINUTE)
    note_row(stage, row, "agrees")


def note_of_a_moment_ago(stage: Stage, now: datetime) -> None:
    """The client told of the stop moments ago, long after the recording had its program."""
    night, program = _shown(stage, now - 100 * _MINUTE, 60)
    row = save_recording_row(stage, night.show, now - 100 * _MINUTE, now - 40 * _MINUTE)
    stage.update(row, updatedAt=formats.javascript_time(now - stage.minutes(1, 8)))
    note_row(stage, row, "settling", program)


def note_while_on_air(stage: Stage, now: datetime) -> None:
    """The row of a broadcast that goes on, with the stop of a first try: nothing is late yet."""
    start = now - stage.minutes(70, 110)
    show = make_show(stage, start)
    session = host.open_session(stage, show, start - _MINUTE, Era.PROGRAM_CHANNEL)
    recording = host.broadcast(stage, session, start, now - start - _MINUTE, Ending.RUNNING)
    program = functions.process(stage, recording, show, start + _MINUTE)
    row = save_recording_row(stage, show, start, start + 5 * _MINUTE)
    note_row(stage, row, "agrees")
    note(stage, recording, "in-progress", show, [program])


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
