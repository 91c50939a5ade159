"""Scenes in which an owner deleted a recording's program, and what is left that remembers it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from reconcile.sandbox.world.actors import curator, functions, host
from reconcile.sandbox.world.actors.host import Era
from reconcile.sandbox.world.actors.producer import make_show, save_recording_row
from reconcile.sandbox.world.builder import WorldBuilder
from reconcile.sandbox.world.chapters.scene import Scene, double_evening, evening, note, note_row
from reconcile.sandbox.world.truth import Key


def deleted_without_trace(builder: WorldBuilder, at: datetime) -> None:
    """The owner deleted the program, the sync its record; no store remembers."""
    night = double_evening(builder, at)
    program = functions.process(builder, night.composite, night.show, at + builder.seconds(20, 70))
    functions.remove(builder, program)
    note(builder, night.composite, "program-missing", night.show, without_trace=True)
    note(builder, night.channel, "twin", night.show)


def _deleted_after(builder: WorldBuilder, at: datetime, keep: Callable[[Key], object]) -> None:
    night = double_evening(builder, at)
    program = functions.process(builder, night.composite, night.show, at + builder.seconds(20, 70))
    keep(program)
    functions.remove(builder, program)
    note(builder, night.composite, "retired", night.show)
    note(builder, night.channel, "retired", night.show)


def deleted_after_network_copy(builder: WorldBuilder, at: datetime) -> None:
    """A network took the program over before its owner deleted it: the copy remembers, its twin too."""
    then = at + builder.minutes(30, 90)
    _deleted_after(
        builder, at, lambda program: curator.add_to_network(builder, program, builder.uuid(), then)
    )


def deleted_after_playlist_copy(builder: WorldBuilder, at: datetime) -> None:
    """Only a playlist's snapshot is left."""
    then = at + builder.minutes(30, 90)
    _deleted_after(builder, at, lambda program: curator.add_to_playlist(builder, program, then))


def deleted_after_tracklist_copy(builder: WorldBuilder, at: datetime) -> None:
    """Only a tracklist's snapshot is left."""
    then = at + builder.minutes(30, 90)
    _deleted_after(builder, at, lambda program: curator.add_to_tracklist(builder, program, then))


def deleted_after_network_record(builder: WorldBuilder, at: datetime) -> None:
    """The network gave it up too, and nobody took its record out of the index: that alone remembers."""
    then = at + builder.minutes(30, 90)

    def keep_its_record(program: Key) -> None:
        copied = curator.add_to_network(builder, program, builder.uuid(), then)
        functions.remove(builder, copied, seen=False)

    _deleted_after(builder, at, keep_its_record)


def deleted_before_the_sync(builder: WorldBuilder, at: datetime) -> None:
    """Nobody took the record out of the index when the program went: it remembers."""
    night = evening(builder, at)
    program = functions.process(builder, night.composite, night.show, at + builder.seconds(20, 70))
    functions.remove(builder, program, seen=False)
    note(builder, night.composite, "retired", night.show)


def deleted_after_recording_row(builder: WorldBuilder, at: datetime) -> None:
    """The recording row of that time still names the media and the program."""
    night = evening(builder, at, length=timedelta(minutes=55))
    row = save_recording_row(builder, night.show, at, at + timedelta(minutes=55))
    program = functions.process(builder, night.composite, night.show, at + builder.seconds(20, 70))
    functions.note_in_row(builder, row, night.composite, program, at + timedelta(minutes=56))
    functions.remove(builder, program)
    note_row(builder, row, "agrees")
    note(builder, night.composite, "retired", night.show)


def deleted_channel_program(builder: WorldBuilder, at: datetime) -> None:
    """The program was the channel recording's; the composite of the same broadcast is retired with it."""
    night = double_evening(builder, at)
    program = functions.process(builder, night.channel, night.show, at + builder.seconds(20, 70))
    curator.add_to_network(builder, program, builder.uuid(), at + builder.minutes(30, 90))
    functions.remove(builder, program)
    note(builder, night.channel, "retired", night.show)
    note(builder, night.composite, "retired", night.show)


def deleted_program_of_a_part(builder: WorldBuilder, at: datetime) -> None:
    """The deleted program was a short composite's; the channel holds an hour more, which nobody deleted."""
    show = make_show(builder, at)
    session = host.open_session(builder, show, at - timedelta(minutes=2), Era.HEAD)
    composite = host.broadcast(builder, session, at, timedelta(minutes=45))
    channel = host.auto_record(builder, session, at + timedelta(seconds=4), timedelta(minutes=105))
    host.end_session(builder, session, at + timedelta(minutes=107))
    program = functions.process(builder, composite, show, at + timedelta(minutes=1))
    curator.add_to_network(builder, program, builder.uuid(), at + timedelta(hours=2))
    functions.remove(builder, program)
    note(builder, composite, "retired", show)
    note(builder, channel, "overlapping", show)


SCENES = (
    Scene(deleted_program_of_a_part),
    Scene(deleted_without_trace, anywhere=True),
    Scene(deleted_after_network_copy),
    Scene(deleted_after_playlist_copy),
    Scene(deleted_after_tracklist_copy),
    Scene(deleted_after_network_record),
    Scene(deleted_before_the_sync),
    Scene(deleted_after_recording_row),
    Scene(deleted_channel_program),
)
