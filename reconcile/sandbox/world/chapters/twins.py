"""Scenes of broadcasts recorded twice, beside recording rows and programs that name no media."""

from __future__ import annotations

from datetime import datetime, timedelta

from reconcile.sandbox.world import formats
from reconcile.sandbox.world.actors import functions, host, ivs
from reconcile.sandbox.world.actors.host import Era
from reconcile.sandbox.world.actors.producer import ProducerShow, make_show, save_recording_row
from reconcile.sandbox.world.builder import WorldBuilder
from reconcile.sandbox.world.chapters.scene import DoubleEvening, Scene, double_evening, note, note_row
from reconcile.sandbox.world.truth import Key

_DAY, _HOUR, _MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


def _row_of(builder: WorldBuilder, night: DoubleEvening, at: datetime, status: str = "processing") -> Key:
    """The client told of the whole broadcast, by a clock that is a little off."""
    off = builder.seconds(-40, 40)
    end = night.composite.end or at
    return save_recording_row(builder, night.show, at + off, end + off, status)


def _exported(builder: WorldBuilder, night: DoubleEvening, at: datetime, row: Key) -> Key:
    """The studio exports a row that has no address yet."""
    program = functions.export(builder, night.show, at + 3 * _HOUR, None, row[1].split("#")[2])
    note(builder, night.composite, "program-incomplete", night.show, [program], mended=True)
    note(builder, night.channel, "twin", night.show)
    note_row(builder, row, "recording-row-stale", program)
    return program


def exported_twice_recorded(builder: WorldBuilder, at: datetime) -> None:
    """The incident in today's setup: three evenings, each recorded twice and exported without an address."""
    show = make_show(builder, at - 2 * _DAY)
    for number in range(3):
        start = at - number * 12 * _HOUR
        night = double_evening(builder, start, show=show)
        status = builder.rng.choice(("processing", "recording", "completed"))
        _exported(builder, night, start, _row_of(builder, night, start, status))


def one_exported_beside_one_that_is_whole(builder: WorldBuilder, at: datetime) -> None:
    """The first evening has its program, the second was exported without an address; both recorded twice."""
    before = double_evening(builder, at - _DAY)
    program = functions.process(builder, before.composite, before.show, at - _DAY + _MINUTE)
    note(builder, before.composite, "agrees", before.show, [program])
    note(builder, before.channel, "twin", before.show)
    night = double_evening(builder, at, show=before.show)
    _exported(builder, night, at, _row_of(builder, night, at))


def stopped_after_the_processor(builder: WorldBuilder, at: datetime) -> None:
    """The processor told the row all when the manifest appeared; the stop set it back to processing."""
    night = double_evening(builder, at)
    row = _row_of(builder, night, at)
    program = functions.process(builder, night.composite, night.show, at + builder.seconds(20, 70))
    functions.note_in_row(builder, row, night.composite, program, at + 2 * _MINUTE)
    end = night.composite.end or at
    builder.update(row, status="processing", updatedAt=formats.javascript_time(end + _MINUTE))
    note(builder, night.composite, "agrees", night.show, [program])
    note(builder, night.channel, "twin", night.show)
    note_row(builder, row, "recording-row-stale", program)


def row_of_the_channel_s_program(builder: WorldBuilder, at: datetime) -> None:
    """The processor saw only the channel's manifest: the row is to name that program."""
    night = double_evening(builder, at)
    row = _row_of(builder, night, at)
    program = functions.process(builder, night.channel, night.show, at + builder.seconds(20, 70))
    note(builder, night.channel, "agrees", night.show, [program])
    note(builder, night.composite, "twin", night.show)
    note_row(builder, row, "recording-row-stale", program)


def two_exported_of_one_channel(builder: WorldBuilder, at: datetime) -> None:
    """The channel ran through a restart; each composite has its row, exported without an address."""
    show = make_show(builder, at)
    session = host.open_session(builder, show, at - _MINUTE, Era.HEAD)
    parts = [(0, 40), (43, 45)]
    composites = [
        host.broadcast(builder, session, at + late * _MINUTE, long * _MINUTE) for late, long in parts
    ]
    channel = host.auto_record(builder, session, at + timedelta(seconds=4), 87.9 * _MINUTE)
    host.end_session(builder, session, at + 89 * _MINUTE)
    note(builder, channel, "twin", show)
    for (late, long), composite in zip(parts, composites, strict=True):
        row = save_recording_row(builder, show, at + late * _MINUTE, at + (late + long) * _MINUTE)
        program = functions.export(builder, show, at + 3 * _HOUR, None, row[1].split("#")[2])
        note(builder, composite, "program-incomplete", show, [program], mended=True)
        note_row(builder, row, "recording-row-stale", program)


def old_program_without_address(builder: WorldBuilder, at: datetime) -> None:
    """A program of weeks ago lost its media long since; what is recorded now never had one."""
    show = make_show(builder, at - 30 * _DAY)
    functions.export(builder, show, at - 28 * _DAY, None)
    night = double_evening(builder, at, show=show)
    note(builder, night.composite, "program-missing", show)
    note(builder, night.channel, "twin", show)


def processed_into_another_evening_s_row(builder: WorldBuilder, at: datetime) -> None:
    """Late, the processor wrote the first evening's media and program into the second one's row."""
    before = double_evening(builder, at - _DAY)
    first = functions.process(builder, before.composite, before.show, at - _DAY + _MINUTE)
    night = double_evening(builder, at, show=before.show)
    row = _row_of(builder, night, at)
    second = functions.process(builder, night.composite, night.show, at + _MINUTE)
    functions.note_in_row(builder, row, before.composite, first, at + 4 * _HOUR)
    for evening, program in ((before, first), (night, second)):
        note(builder, evening.composite, "agrees", evening.show, [program])
        note(builder, evening.channel, "twin", evening.show)
    note_row(builder, row, "recording-row-stale")


def copied_into_another_bucket(builder: WorldBuilder, at: datetime) -> None:
    """An operator copied the channel recording into another bucket, under the same prefix."""
    night = double_evening(builder, at)
    note(builder, night.composite, "program-missing", night.show)
    note(builder, night.channel, "twin", night.show)
    for bucket in builder.buckets:
        if bucket != night.channel.bucket:
            note(builder, ivs.copied(builder, night.channel, bucket), "twin", night.show)


def channel_copied_into_another_bucket(builder: WorldBuilder, at: datetime) -> None:
    """The same of a channel recording that has no composite beside it: one of the two is shown, not both."""
    show = make_show(builder, at)
    session = host.open_session(builder, show, at - _MINUTE, Era.HEAD)
    channel = host.auto_record(builder, session, at, builder.minutes(20, 100))
    host.end_session(builder, session, at + 110 * _MINUTE)
    note(builder, channel, "program-missing", show)
    for bucket in builder.buckets:
        if bucket != channel.bucket:
            note(builder, ivs.copied(builder, channel, bucket), "twin", show)


def _of_a_shared_stage(
    builder: WorldBuilder, at: datetime
) -> tuple[ProducerShow, list[ivs.IvsRecording], ivs.IvsRecording]:
    """Two sessions of a show at once, each composed; and a composition of the show's own stage."""
    shared = formats.arn("stage", builder.ivs_id())
    show = make_show(builder, at, stage_arn=shared)
    sessions = [host.open_session(builder, show, at - late * _MINUTE) for late in (1, 2)]
    composites = [host.broadcast(builder, session, at, 50 * _MINUTE) for session in sessions]
    unknown = ivs.composite(builder, shared, builder.ivs_id(), at + timedelta(seconds=3), 49.9 * _MINUTE)
    for session in sessions:
        host.end_session(builder, session, at + 51 * _MINUTE)
    return show, composites, unknown


def shown_by_nobody_knows_which(builder: WorldBuilder, at: datetime) -> None:
    """The program is of a recording that may be either session's: which of the two is not shown?"""
    show, composites, unknown = _of_a_shared_stage(builder, at)
    program = functions.process(builder, unknown, show, at + _MINUTE)
    note(builder, unknown, "agrees", show, [program])
    for composite in composites:
        note(builder, composite, "ambiguous", show)


def beside_two_sessions_nobody_knows_which(builder: WorldBuilder, at: datetime) -> None:
    """The same without a program: both sessions' are wanted, and the third one's time is theirs."""
    show, composites, unknown = _of_a_shared_stage(builder, at)
    note(builder, unknown, "twin", show)
    for composite in composites:
        note(builder, composite, "program-missing", show)


SCENES = (
    Scene(exported_twice_recorded, anywhere=True),
    Scene(one_exported_beside_one_that_is_whole),
    Scene(stopped_after_the_processor, anywhere=True),
    Scene(row_of_the_channel_s_program),
    Scene(two_exported_of_one_channel),
    Scene(old_program_without_address),
    Scene(processed_into_another_evening_s_row),
    Scene(copied_into_another_bucket),
    Scene(channel_copied_into_another_bucket),
    Scene(shown_by_nobody_knows_which),
    Scene(beside_two_sessions_nobody_knows_which),
)
