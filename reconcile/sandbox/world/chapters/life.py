"""Scenes of weeks of life: shows that go on, encoders that drop out, functions that break off."""

from __future__ import annotations

from datetime import datetime, timedelta

from reconcile.sandbox.world.actors import curator, functions, host, owner
from reconcile.sandbox.world.actors.host import Era
from reconcile.sandbox.world.actors.producer import GroupFate, make_show, save_recording_row
from reconcile.sandbox.world.builder import WorldBuilder
from reconcile.sandbox.world.chapters.scene import Scene, When, double_evening, evening, note, note_row

_DAY, _HOUR, _MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


def weeks_of_a_show(builder: WorldBuilder, at: datetime) -> None:
    """A weekly show: most evenings well, one missed by the processor, one renamed, one moved and counted."""
    at = max(at, builder.now - 30 * _DAY)
    show = make_show(builder, at - 28 * _DAY)
    for week in range(4):
        start = at - 7 * _DAY * (3 - week)
        night = evening(builder, start, show=show, length=50 * _MINUTE)
        row = save_recording_row(builder, show, start, start + 50 * _MINUTE)
        if week == 1:
            note(builder, night.composite, "program-missing", show)
            note_row(builder, row, "agrees")
            continue
        program = functions.process(builder, night.composite, show, start + builder.seconds(20, 70))
        functions.note_in_row(builder, row, night.composite, program, start + 51 * _MINUTE)
        note(builder, night.composite, "agrees", show, [program])
        note_row(builder, row, "agrees", program)
        if week == 0:
            owner.rename(builder, program, "The first of all", start + _DAY)
        if week == 2:
            owner.move(builder, program, start + _HOUR, counted=True)


def encoder_came_back(builder: WorldBuilder, at: datetime) -> None:
    """The encoder dropped out three times for seconds: IVS merged its streams into one recording."""
    show = make_show(builder, at)
    session = host.open_session(builder, show, at - _MINUTE, Era.HEAD)
    merged = host.auto_record(builder, session, at, 65 * _MINUTE, gaps=timedelta(seconds=131))
    host.end_session(builder, session, at + 66 * _MINUTE)
    note(builder, merged, "program-missing", show)


def encoder_came_back_too_late(builder: WorldBuilder, at: datetime) -> None:
    """The encoder was away longer than IVS waits: the second part is a recording of its own."""
    show = make_show(builder, at)
    session = host.open_session(builder, show, at - _MINUTE, Era.HEAD)
    first = host.auto_record(builder, session, at, 25 * _MINUTE)
    second = host.auto_record(builder, session, at + 27 * _MINUTE, 40 * _MINUTE)
    host.end_session(builder, session, at + 68 * _MINUTE)
    for recording in (first, second):
        note(builder, recording, "program-missing", show)


def composite_over_an_encoder_that_came_back(builder: WorldBuilder, at: datetime) -> None:
    """The composite ran on while the channel's encoder dropped out: both parts are its twins."""
    show = make_show(builder, at)
    session = host.open_session(builder, show, at - _MINUTE, Era.HEAD)
    composite = host.broadcast(builder, session, at, 70 * _MINUTE)
    parts = [
        host.auto_record(builder, session, at + late * _MINUTE, long * _MINUTE)
        for late, long in ((1, 25), (28, 41))
    ]
    host.end_session(builder, session, at + 71 * _MINUTE)
    program = functions.process(builder, composite, show, at + _MINUTE)
    note(builder, composite, "agrees", show, [program])
    for part in parts:
        note(builder, part, "twin", show)


def move_that_broke_off(builder: WorldBuilder, at: datetime) -> None:
    """Between delete and put the function died: the program is lost, and no store remembers it."""
    night = evening(builder, at)
    program = functions.process(builder, night.composite, night.show, at + builder.seconds(20, 70))
    functions.remove(builder, program)
    note(builder, night.composite, "program-missing", night.show)


def move_under_way(builder: WorldBuilder, now: datetime) -> None:
    """The same caught in the middle: the row is deleted, its record still there."""
    night = evening(builder, now - 7 * _HOUR, length=60 * _MINUTE)
    program = functions.process(builder, night.composite, night.show, now - 7 * _HOUR + _MINUTE)
    functions.remove(builder, program, seen=False)
    note(builder, night.composite, "retired", night.show)


def processed_again_after_the_counter(builder: WorldBuilder, at: datetime) -> None:
    """Its counter failed, so the event came again, and the check for doubles looked at one row only."""
    night = evening(builder, at)
    first = functions.process(builder, night.composite, night.show, at + _MINUTE, counted=False)
    second = functions.process(builder, night.composite, night.show, at + 3 * _MINUTE)
    note(builder, night.composite, "program-duplicated", night.show, [first, second])


def copies_of_another_owner(builder: WorldBuilder, at: datetime) -> None:
    """Filed under a stranger, lined up and deleted: his playlist and tracklist tell nothing of the owner."""
    night, stranger = evening(builder, at), make_show(builder, at)
    program = functions.process(builder, night.composite, stranger, at + builder.seconds(20, 70))
    curator.add_to_playlist(builder, program, at + _HOUR)
    curator.add_to_tracklist(builder, program, at + _HOUR)
    functions.remove(builder, program)
    note(builder, night.composite, "program-missing", night.show)


def copy_of_nobody(builder: WorldBuilder, at: datetime) -> None:
    """The network's function wrote `none` where it knew no owner: the copy remembers whoever had it."""
    night = evening(builder, at)
    program = functions.process(builder, night.composite, night.show, at + builder.seconds(20, 70))
    copy = curator.add_to_network(builder, program, builder.uuid(), at + _HOUR)
    builder.update(copy, ownerId="none")
    functions.sync(builder, copy)
    functions.remove(builder, program)
    note(builder, night.composite, "retired", night.show)


def before_the_trigger_was_mended(builder: WorldBuilder, at: datetime) -> None:
    """The trigger listened to another name: no composite of those days has a program, its channel has."""
    for number in range(2):
        night = double_evening(builder, at - number * _DAY)
        program = functions.process(builder, night.channel, night.show, at - number * _DAY + _MINUTE)
        note(builder, night.channel, "agrees", night.show, [program])
        note(builder, night.composite, "twin", night.show)
    alone = evening(builder, at - 2 * _DAY)
    note(builder, alone.composite, "program-missing", alone.show)


def storage_was_another_one(builder: WorldBuilder, at: datetime) -> None:
    """The composer named a storage configuration that was gone: composed on two evenings, and no objects."""
    at = min(at, builder.now - 14 * _HOUR)
    show = make_show(builder, at, GroupFate.NONE)
    for number in range(2):
        start = at - number * _DAY
        session = host.open_session(builder, show, start, naive=number == 1)
        host.compose(builder, session, start + _MINUTE)
        host.end_session(builder, session, start + _HOUR, naive=number == 1)
        builder.notes.sessions[session.session_id] = "recording-missing"


SCENES = (
    Scene(weeks_of_a_show, When.OLD),
    Scene(encoder_came_back, anywhere=True),
    Scene(encoder_came_back_too_late, anywhere=True),
    Scene(composite_over_an_encoder_that_came_back),
    Scene(move_that_broke_off, anywhere=True),
    Scene(move_under_way, When.NOW),
    Scene(processed_again_after_the_counter, anywhere=True),
    Scene(copies_of_another_owner),
    Scene(copy_of_nobody, anywhere=True),
    Scene(before_the_trigger_was_mended, When.OLD),
    Scene(storage_was_another_one, When.OLD),
)
