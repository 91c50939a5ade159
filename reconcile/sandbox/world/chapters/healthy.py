"""Scenes in which everything went well: the bulk of a world."""

from __future__ import annotations

from datetime import datetime, timedelta

from reconcile.sandbox.world.actors import functions, host
from reconcile.sandbox.world.actors.host import Era
from reconcile.sandbox.world.actors.producer import make_show, save_recording_row
from reconcile.sandbox.world.builder import WorldBuilder
from reconcile.sandbox.world.chapters.scene import Scene, double_evening, evening, note, note_row


def composite_with_program(builder: WorldBuilder, at: datetime) -> None:
    """The processor made a program as soon as the manifest was there, the sync its record."""
    night = evening(builder, at, era=builder.rng.choice((Era.PROGRAM_STAGE, Era.PROGRAM_CHANNEL, Era.RELAY)))
    program = functions.process(builder, night.composite, night.show, at + builder.seconds(20, 70))
    note(builder, night.composite, "agrees", night.show, [program])


def composite_with_recording_row(builder: WorldBuilder, at: datetime) -> None:
    """The client told of the recording, and the processor wrote media and program into that row."""
    night = evening(builder, at, length=timedelta(minutes=50))
    row = save_recording_row(builder, night.show, at, at + timedelta(minutes=50))
    program = functions.process(builder, night.composite, night.show, at + builder.seconds(20, 70))
    functions.note_in_row(builder, row, night.composite, program, at + timedelta(minutes=51))
    note(builder, night.composite, "agrees", night.show, [program])
    note_row(builder, row, "agrees", program)


def recorded_twice(builder: WorldBuilder, at: datetime) -> None:
    """Composite and channel of one broadcast; the program is the composite's, the other is its twin."""
    night = double_evening(builder, at)
    program = functions.process(builder, night.composite, night.show, at + builder.seconds(20, 70))
    note(builder, night.composite, "agrees", night.show, [program])
    note(builder, night.channel, "twin", night.show)


def channel_in_turn(builder: WorldBuilder, at: datetime) -> None:
    """A host's channel used by sessions of two of his shows in turn, the last of them at `at`."""
    first = make_show(builder, at - timedelta(days=2))
    second = make_show(builder, at, producer=first.producer)
    channel = host.persistent_channel(builder, at - timedelta(days=3), first.producer)
    for show, start in ((first, at - timedelta(hours=26)), (second, at - timedelta(hours=5)), (first, at)):
        night = double_evening(builder, start, show=show, channel=channel)
        program = functions.process(builder, night.composite, show, start + builder.seconds(20, 70))
        note(builder, night.composite, "agrees", show, [program])
        note(builder, night.channel, "twin", show)


SCENES = (
    Scene(composite_with_program, anywhere=True),
    Scene(composite_with_recording_row, anywhere=True),
    Scene(recorded_twice, anywhere=True),
    Scene(channel_in_turn),
)
