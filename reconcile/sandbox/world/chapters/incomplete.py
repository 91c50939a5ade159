"""Scenes of programs that are not all there, and of programs that could be a recording's."""

from __future__ import annotations

from datetime import datetime, timedelta

from reconcile.sandbox.world import formats
from reconcile.sandbox.world.actors import functions, owner
from reconcile.sandbox.world.actors.functions import Index
from reconcile.sandbox.world.actors.producer import GroupFate, make_show, save_recording_row
from reconcile.sandbox.world.builder import WorldBuilder
from reconcile.sandbox.world.chapters.scene import Scene, channel_evening, evening, note, note_row

_DAY, _MINUTE = timedelta(days=1), timedelta(minutes=1)


def program_without_url(builder: WorldBuilder, at: datetime) -> None:
    """The incident: the program is there, its key too, but its address was never saved."""
    for number, url in enumerate((None, "", "absent")):
        start = at - number * _DAY
        night = evening(builder, start)
        program = functions.process(builder, night.composite, night.show, start + _MINUTE, program_url=url)
        if url:
            builder.forget(program, "program_url")
            functions.sync(builder, program)
        note(builder, night.composite, "program-incomplete", night.show, [program], mended=True)


def program_without_group(builder: WorldBuilder, at: datetime) -> None:
    """A program whose group was emptied, though its show has one."""
    night = evening(builder, at)
    program = functions.process(builder, night.composite, night.show, at + _MINUTE, groupId=None)
    note(builder, night.composite, "program-incomplete", night.show, [program], mended=True)


def program_at_the_old_domain(builder: WorldBuilder, at: datetime) -> None:
    """The processor's old default domain in front of the right key."""
    night = evening(builder, at)
    at += _MINUTE
    program = functions.process(builder, night.composite, night.show, at, domain=formats.OLD_DOMAIN)
    note(builder, night.composite, "program-incomplete", night.show, [program], mended=True)


def _before_groups(builder: WorldBuilder, at: datetime, group: GroupFate) -> None:
    night = channel_evening(builder, at, show=make_show(builder, at, group))
    mended = group is GroupFate.REAL
    index = Index.SYNC if mended else Index.OLD_PROCESSOR
    program = functions.process_before_groups(builder, night.channel, night.show, at + _MINUTE, index)
    note(builder, night.channel, "program-incomplete", night.show, [program], mended=mended)


def program_from_before_groups(builder: WorldBuilder, at: datetime) -> None:
    """The old processor's row: another kind of key, no entityType, the group `Recordings`, the old domain."""
    _before_groups(builder, at, GroupFate.REAL)


def program_from_before_groups_of_such_a_show(builder: WorldBuilder, at: datetime) -> None:
    """The same where the show has no group to mend it with."""
    _before_groups(builder, at, GroupFate.NONE)


def program_from_before_groups_of_a_lost_group(builder: WorldBuilder, at: datetime) -> None:
    """The same where the show's group has no row."""
    _before_groups(builder, at, GroupFate.ROWLESS)


def exported_before_the_media(builder: WorldBuilder, at: datetime) -> None:
    """The studio exported a recording row that had no address yet; the row names the time.

    Yesterday's recording has no program either; and the row holds yesterday's key, as rows do.
    """
    yesterday = evening(builder, at - _DAY)
    night = evening(builder, at, show=yesterday.show, length=timedelta(minutes=48))
    row = save_recording_row(builder, night.show, at, at + timedelta(minutes=48))
    functions.note_in_row(builder, row, yesterday.composite, None, at + timedelta(minutes=49))
    recording_id = row[1].split("#")[2]
    program = functions.export(builder, night.show, at + timedelta(hours=1), None, recording_id)
    note(builder, yesterday.composite, "program-missing", night.show)
    note(builder, night.composite, "program-incomplete", night.show, [program], mended=True)
    note_row(builder, row, "recording-row-stale", program)


def exported_without_media(builder: WorldBuilder, at: datetime) -> None:
    """A program of the show without media, and the show's only recording without a program: they belong."""
    yesterday = evening(builder, at - _DAY)
    first = functions.process(builder, yesterday.composite, yesterday.show, at - _DAY + _MINUTE)
    night = evening(builder, at, show=yesterday.show)
    program = functions.export(builder, night.show, at + timedelta(hours=2), None, builder.uuid())
    note(builder, yesterday.composite, "agrees", night.show, [first])
    note(builder, night.composite, "program-incomplete", night.show, [program], mended=True)


def exported_for_one_of_two(builder: WorldBuilder, at: datetime) -> None:
    """A program without media, and two recordings that it could belong to."""
    morning = evening(builder, at)
    night = evening(builder, at + timedelta(hours=2), show=morning.show)
    functions.export(builder, night.show, at + timedelta(hours=4), None)
    for recording in (morning.composite, night.composite):
        note(builder, recording, "ambiguous", night.show)


def program_without_any_group(builder: WorldBuilder, at: datetime) -> None:
    """A program with an empty group, of a show that has none to give."""
    night = evening(builder, at, group=GroupFate.NONE)
    program = functions.process(builder, night.composite, night.show, at + _MINUTE, groupId="")
    note(builder, night.composite, "program-incomplete", night.show, [program])


def processed_without_media(builder: WorldBuilder, at: datetime) -> None:
    """A processor's program that lost address and key; the show has one recording."""
    night = evening(builder, at)
    program = functions.process(builder, night.composite, night.show, at + _MINUTE, program_url=None)
    builder.forget(program, "s3Key", "s3Bucket")
    functions.sync(builder, program)
    note(builder, night.composite, "program-incomplete", night.show, [program], mended=True)


def exported_from_an_open_row(builder: WorldBuilder, at: datetime) -> None:
    """The exported row was never stopped and tells no time; the show has one recording."""
    night = evening(builder, at)
    row = save_recording_row(builder, night.show, at, None, status="recording")
    recording_id = row[1].split("#")[2]
    program = functions.export(builder, night.show, at + timedelta(hours=2), None, recording_id)
    note(builder, night.composite, "program-incomplete", night.show, [program], mended=True)
    note_row(builder, row, "recording-row-stale")


def exported_without_need(builder: WorldBuilder, at: datetime) -> None:
    """A program without media of a show whose only recording has its own."""
    night = evening(builder, at)
    program = functions.process(builder, night.composite, night.show, at + _MINUTE)
    functions.export(builder, night.show, at + timedelta(hours=2), None)
    note(builder, night.composite, "agrees", night.show, [program])


def exported_where_nothing_was_recorded(builder: WorldBuilder, at: datetime) -> None:
    """The studio exported a recording row of an evening that left no recording."""
    show = make_show(builder, at)
    row = save_recording_row(builder, show, at, at + timedelta(minutes=40))
    functions.export(builder, show, at + timedelta(hours=1), "", row[1].split("#")[2], mediaFiles=[])
    note_row(builder, row, "agrees")


def announced_by_its_owner(builder: WorldBuilder, at: datetime) -> None:
    """The producer posted a program of his own for the show, without media: it is no recording's."""
    night = evening(builder, at)
    owner.upload(
        builder,
        at,
        owner=night.show.producer,
        sourceShowId=night.show.show_id,
        program_url=None,
        mediaFiles=[],
    )
    note(builder, night.composite, "program-missing", night.show)


SCENES = (
    Scene(program_without_url),
    Scene(program_without_group, anywhere=True),
    Scene(program_at_the_old_domain),
    Scene(program_from_before_groups),
    Scene(program_from_before_groups_of_such_a_show),
    Scene(program_from_before_groups_of_a_lost_group),
    Scene(exported_before_the_media),
    Scene(exported_without_media),
    Scene(exported_for_one_of_two),
    Scene(program_without_any_group),
    Scene(processed_without_media),
    Scene(exported_from_an_open_row),
    Scene(exported_without_need),
    Scene(exported_where_nothing_was_recorded),
    Scene(announced_by_its_owner),
)
