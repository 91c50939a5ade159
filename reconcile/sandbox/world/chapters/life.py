"""Scenes of weeks of life: shows that go on, encoders that drop out, functions that break off."""

from __future__ import annotations

from datetime import datetime, timedelta

from reconcile.sandbox.world.actors import curator, functions, host, owner
from reconcile.sandbox.world.actors.host import Era
from reconcile.sandbox.world.actors.producer import Group, make_show, save_recording_row
from reconcile.sandbox.world.builder import Stage
from reconcile.sandbox.world.chapters.scene import Scene, When, double_evening, evening, note, note_row

_DAY, _HOUR, _MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


def weeks_of_a_show(stage: Stage, at: datetime) -> None:
    """A weekly show: most evenings well, one missed by the processor, one renamed, one moved and counted."""
    at = max(at, stage.now - 30 * _DAY)
    show = make_show(stage, at - 28 * _DAY)
    for week in range(4):
        start = at - 7 * _DAY * (3 - week)
        night = evening(stage, start, show=show, length=50 * _MINUTE)
        row = save_recording_row(stage, show, start, start + 50 * _MINUTE)
        if week == 1:
            note(stage, night.composite, "program-missing", show)
            note_row(stage, row, "agrees")
            continue
        program = functions.process(stage, night.composite, show, start + stage.seconds(20, 70))
        functions.note_in_row(stage, row, night.composite, program, start + 51 * _MINUTE)
        note(stage, night.composite, "agrees", show, [program])
        note_row(stage, row, "agrees", program)
        if week == 0:
            owner.rename(stage, program, "The first of all", start + _DAY)
        if week == 2:
            owner.move(stage, program, start + _HOUR, counted=True)


def encoder_came_back(stage: Stage, at: datetime) -> None:
    """The encoder dropped out three times for seconds: IVS merged its streams into one recording."""
    show = make_show(stage, at)
    session = host.open_session(stage, show, at - _MINUTE, Era.HEAD)
    merged = host.auto_record(stage, session, at, 65 * _MINUTE, gaps=timedelta(seconds=131))
    host.end_session(stage, session, at + 66 * _MINUTE)
    note(stage, merged, "program-missing", show)


def encoder_came_back_too_late(stage: Stage, at: datetime) -> None:
    """The encoder was away longer than IVS waits: the second part is a recording of its own."""
    show = make_show(stage, at)
    session = host.open_session(stage, show, at - _MINUTE, Era.HEAD)
    first = host.auto_record(stage, session, at, 25 * _MINUTE)
    second = host.auto_record(stage, session, at + 27 * _MINUTE, 40 * _MINUTE)
    host.end_session(stage, session, at + 68 * _MINUTE)
    for recording in (first, second):
        note(stage, recording, "program-missing", show)


def composite_over_an_encoder_that_came_back(stage: Stage, at: datetime) -> None:
    """The composite ran on while the channel's encoder dropped out: both parts are its twins."""
    show = make_show(stage, at)
    session = host.open_session(stage, show, at - _MINUTE, Era.HEAD)
    composite = host.broadcast(stage, session, at, 70 * _MINUTE)
    parts = [
        host.auto_record(stage, session, at + late * _MINUTE, long * _MINUTE)
        for late, long in ((1, 25), (28, 41))
    ]
    host.end_session(stage, session, at + 71 * _MINUTE)
    program = functions.process(stage, composite, show, at + _MINUTE)
    note(stage, composite, "agrees", show, [program])
    for part in parts:
        note(stage, part, "twin", show)


def move_that_broke_off(stage: Stage, at: datetime) -> None:
    """Between delete and put the function died: the program is lost, and no store remembers it."""
    night = evening(stage, at)
    program = functions.process(stage, night.composite, night.show, at + stage.seconds(20, 70))
    functions.remove(stage, program)
    note(stage, night.composite, "program-missing", night.show)


def move_under_way(stage: Stage, now: datetime) -> None:
    """The same caught in the middle: the row is deleted, its record still there."""
    night = evening(stage, now - 7 * _HOUR, length=60 * _MINUTE)
    program = functions.process(stage, night.composite, night.show, now - 7 * _HOUR + _MINUTE)
    functions.remove(stage, program, seen=False)
    note(stage, night.composite, "retired", night.show)


def processed_again_after_the_counter(stage: Stage, at: datetime) -> None:
    """Its counter failed, so the event came again, and the check for doubles looked at one row only."""
    night = evening(stage, at)
    first = functions.process(stage, night.composite, night.show, at + _MINUTE, counted=False)
    second = functions.process(stage, night.composite, night.show, at + 3 * _MINUTE)
    note(stage, night.composite, "program-duplicated", night.show, [first, second])


def copies_of_another_owner(stage: Stage, at: datetime) -> None:
    """Filed under a stranger, lined up and deleted: his playlist and tracklist tell nothing of the owner."""
    night, stranger = evening(stage, at), make_show(stage, at)
    program = functions.process(stage, night.composite, stranger, at + stage.seconds(20, 70))
    curator.add_to_playlist(stage, program, at + _HOUR)
    curator.add_to_tracklist(stage, program, at + _HOUR)
    functions.remove(stage, program)
    note(stage, night.composite, "program-missing", night.show)


def copy_of_nobody(stage: Stage, at: datetime) -> None:
    """The network's function wrote `none` where it knew no owner: the copy remembers whoever had it."""
    night = evening(stage, at)
    program = functions.process(stage, night.composite, night.show, at + stage.seconds(20, 70))
    copy = curator.add_to_network(stage, program, stage.uuid(), at + _HOUR)
    stage.update(copy, ownerId="none")
    functions.sync(stage, copy)
    functions.remove(stage, program)
    note(stage, night.composite, "retired", night.show)


def before_the_trigger_was_mended(stage: Stage, at: datetime) -> None:
    """The trigger listened to another name: no composite of those days has a program, its channel has."""
    for number in range(2):
        night = double_evening(stage, at - number * _DAY)
        program = functions.process(stage, night.channel, night.show, at - number * _DAY + _MINUTE)
        note(stage, night.channel, "agrees", night.show, [program])
        note(stage, night.composite, "twin", night.show)
    alone = evening(stage, at - 2 * _DAY)
    note(stage, alone.composite, "program-missing", alone.show)


def storage_was_another_one(stage: Stage, at: datetime) -> None:
    """The composer named a storage configuration that was gone: composed on two evenings, and no objects."""
    at = min(at, stage.now - 14 * _HOUR)
    show = make_show(stage, at, Group.NONE)
    for number in range(2):
        start = at - number * _DAY
        session = host.open_session(stage, show, start, naive=number == 1)
        host.compose(stage, session, start + _MINUTE)
        host.end_session(stage, session, start + _HOUR, naive=number == 1)
        stage.notes.sessions[session.session_id] = "recording-missing"


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
