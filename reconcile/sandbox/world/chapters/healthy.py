"""Scenes in which everything went well: the bulk of a world."""

from __future__ import annotations

from datetime import datetime, timedelta

from reconcile.sandbox.world.actors import functions, host
from reconcile.sandbox.world.actors.host import Era
from reconcile.sandbox.world.actors.producer import make_show, save_recording_row
from reconcile.sandbox.world.builder import Stage
from reconcile.sandbox.world.chapters.scene import Scene, double_evening, evening, note, note_row


def composite_with_program(stage: Stage, at: datetime) -> None:
    """The processor made a program as soon as the manifest was there, the sync its record."""
    night = evening(stage, at, era=stage.rng.choice((Era.PROGRAM_STAGE, Era.PROGRAM_CHANNEL, Era.RELAY)))
    program = functions.process(stage, night.composite, night.show, at + stage.seconds(20, 70))
    note(stage, night.composite, "agrees", night.show, [program])


def composite_with_recording_row(stage: Stage, at: datetime) -> None:
    """The client told of the recording, and the processor wrote media and program into that row."""
    night = evening(stage, at, length=timedelta(minutes=50))
    row = save_recording_row(stage, night.show, at, at + timedelta(minutes=50))
    program = functions.process(stage, night.composite, night.show, at + stage.seconds(20, 70))
    functions.note_in_row(stage, row, night.composite, program, at + timedelta(minutes=51))
    note(stage, night.composite, "agrees", night.show, [program])
    note_row(stage, row, "agrees", program)


def recorded_twice(stage: Stage, at: datetime) -> None:
    """Composite and channel of one broadcast; the program is the composite's, the other is its twin."""
    night = double_evening(stage, at)
    program = functions.process(stage, night.composite, night.show, at + stage.seconds(20, 70))
    note(stage, night.composite, "agrees", night.show, [program])
    note(stage, night.channel, "twin", night.show)


def channel_in_turn(stage: Stage, at: datetime) -> None:
    """A host's channel used by sessions of two of his shows in turn, the last of them at `at`."""
    first = make_show(stage, at - timedelta(days=2))
    second = make_show(stage, at, producer=first.producer)
    channel = host.persistent_channel(stage, at - timedelta(days=3), first.producer)
    for show, start in ((first, at - timedelta(hours=26)), (second, at - timedelta(hours=5)), (first, at)):
        night = double_evening(stage, start, show=show, channel=channel)
        program = functions.process(stage, night.composite, show, start + stage.seconds(20, 70))
        note(stage, night.composite, "agrees", show, [program])
        note(stage, night.channel, "twin", show)


SCENES = (
    Scene(composite_with_program, anywhere=True),
    Scene(composite_with_recording_row, anywhere=True),
    Scene(recorded_twice, anywhere=True),
    Scene(channel_in_turn),
)
