"""Scenes in which the recording itself is broken, unfinished, unreadable, or no broadcast at all."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from reconcile.sandbox.world.actors import functions, host, ivs
from reconcile.sandbox.world.actors.host import Era
from reconcile.sandbox.world.actors.ivs_files import Ending
from reconcile.sandbox.world.actors.producer import make_show
from reconcile.sandbox.world.builder import WorldBuilder
from reconcile.sandbox.world.chapters.scene import Evening, Scene, When, evening, note

HUGE = 3 * 1024 * 1024


def failed_to_start(builder: WorldBuilder, at: datetime) -> None:
    """IVS could not start: one event without a start time, no media."""
    night = evening(builder, at, ending=Ending.START_FAILED)
    note(builder, night.composite, "failed", night.show)


def failed_empty(builder: WorldBuilder, at: datetime) -> None:
    """IVS failed before anything was recorded."""
    night = evening(builder, at, ending=Ending.FAILED_EMPTY)
    note(builder, night.composite, "failed", night.show)


def failed_without_media(builder: WorldBuilder, at: datetime) -> None:
    """The failure event tells a length, but the bucket's policy let no media in."""
    night = evening(builder, at, ending=Ending.FAILED_LOST)
    note(builder, night.composite, "failed", night.show)


def crashed(builder: WorldBuilder, at: datetime) -> None:
    """A start event days ago and nothing since."""
    night = evening(builder, at, ending=Ending.RUNNING)
    note(builder, night.composite, "unfinished", night.show)


def crashed_lately(builder: WorldBuilder, now: datetime) -> None:
    """The same, within the last three days but longer ago than any recording lasts."""
    night = evening(builder, now - builder.minutes(58 * 60, 68 * 60), ending=Ending.RUNNING)
    note(builder, night.composite, "unfinished", night.show)


def crashed_with_program(builder: WorldBuilder, at: datetime) -> None:
    """The same, and the processor had made a program at the start."""
    night = evening(builder, at, ending=Ending.RUNNING)
    program = functions.process(builder, night.composite, night.show, at + builder.seconds(20, 70))
    note(builder, night.composite, "unfinished", night.show, [program])


def media_without_events(builder: WorldBuilder, at: datetime) -> None:
    """Someone cleaned up the events: only media is left."""
    night = evening(builder, at, ending=Ending.SILENT)
    note(builder, night.composite, "unfinished", night.show)


def program_without_events(builder: WorldBuilder, at: datetime) -> None:
    """The same, and it has its program."""
    night = evening(builder, at, ending=Ending.SILENT)
    program = functions.process(builder, night.composite, night.show, at + builder.seconds(20, 70))
    note(builder, night.composite, "unfinished", night.show, [program])


def _with_manifest(builder: WorldBuilder, at: datetime, body: bytes | None) -> None:
    night = evening(builder, at)
    ivs.spoil(builder, night.composite, night.composite.manifest, body)
    note(builder, night.composite, "unplayable", night.show)


def manifest_of_garbage(builder: WorldBuilder, at: datetime) -> None:
    """Where the manifest should be there is something else."""
    _with_manifest(builder, at, b"\x00\xff not a playlist \xfe" * 9)


def manifest_empty(builder: WorldBuilder, at: datetime) -> None:
    """The manifest holds nothing."""
    _with_manifest(builder, at, b"")


def manifest_gone(builder: WorldBuilder, at: datetime) -> None:
    """Segments are there, the manifest is not."""
    _with_manifest(builder, at, None)


def _with_part(builder: WorldBuilder, at: datetime, ending: str, body: bytes | None) -> None:
    night = evening(builder, at)
    ivs.spoil(builder, night.composite, night.composite.file(ending), body)
    note(builder, night.composite, "unplayable", night.show)


def variant_gone(builder: WorldBuilder, at: datetime) -> None:
    """The manifest names a variant whose playlist is not there."""
    _with_part(builder, at, "/playlist.m3u8", None)


def variant_of_garbage(builder: WorldBuilder, at: datetime) -> None:
    """The variant's playlist is no playlist."""
    _with_part(builder, at, "/playlist.m3u8", b"<Error><Code>SlowDown</Code></Error>")


def segment_gone(builder: WorldBuilder, at: datetime) -> None:
    """A segment in the middle was never written, or lost."""
    _with_part(builder, at, "/1.ts", None)


def never_closed(builder: WorldBuilder, at: datetime) -> None:
    """IVS told of the end but left the variant's playlist open: players wait for more."""
    night = evening(builder, at)
    key = night.composite.file("/playlist.m3u8")
    body = builder.objects[night.composite.bucket, key].body.replace(b"#EXT-X-ENDLIST\n", b"")
    ivs.spoil(builder, night.composite, key, body)
    note(builder, night.composite, "unplayable", night.show)


def _with_event(builder: WorldBuilder, at: datetime, body: bytes) -> Evening:
    night = evening(builder, at)
    ivs.spoil(builder, night.composite, night.composite.ended_file, body)
    note(builder, night.composite, "unreadable", night.show)
    return night


def event_cut_off(builder: WorldBuilder, at: datetime) -> None:
    """The end event breaks off in the middle."""
    _with_event(builder, at, b'{"version": "v1", "recording_status": "RECORDING_EN')


def event_empty(builder: WorldBuilder, at: datetime) -> None:
    """The end event is an empty file."""
    _with_event(builder, at, b"")


def event_no_object(builder: WorldBuilder, at: datetime) -> None:
    """The end event is JSON, but a list."""
    _with_event(builder, at, b'["RECORDING_ENDED"]')


def event_huge(builder: WorldBuilder, at: datetime) -> None:
    """The end event is megabytes long."""
    _with_event(builder, at, b'{"version": "v1", "padding": "' + b" " * HUGE + b'"}')


def event_of_the_future(builder: WorldBuilder, at: datetime) -> None:
    """The end event has a version that nobody knows."""
    _with_event(builder, at, json.dumps({"version": "v9", "state": {"name": "done"}}).encode())


def event_cut_off_with_program(builder: WorldBuilder, at: datetime) -> None:
    """The end event breaks off, though the processor made a program."""
    night = evening(builder, at)
    ivs.spoil(builder, night.composite, night.composite.ended_file, b'{"version": "v1", ')
    program = functions.process(builder, night.composite, night.show, at + builder.seconds(20, 70))
    note(builder, night.composite, "unreadable", night.show, [program])


def guests(builder: WorldBuilder, at: datetime) -> None:
    """Guests' raw feeds recorded one by one, beside a broadcast that has its program."""
    night = evening(builder, at, era=Era.PROGRAM_CHANNEL)
    program = functions.process(builder, night.composite, night.show, at + builder.seconds(20, 70))
    note(builder, night.composite, "agrees", night.show, [program])
    for minutes in (1, 7):
        start = at + timedelta(minutes=minutes)
        guest = ivs.participant(builder, night.session.composed_stage, start, timedelta(minutes=12))
        note(builder, guest, "other", night.show)


def guests_alone(builder: WorldBuilder, at: datetime) -> None:
    """A guest's raw feed of a session that was never composed: no rescue."""
    show = make_show(builder, at)
    session = host.open_session(builder, show, at - timedelta(minutes=1))
    note(
        builder, ivs.participant(builder, session.composed_stage, at, builder.minutes(10, 40)), "other", show
    )


SCENES = (
    Scene(failed_to_start, anywhere=True),
    Scene(failed_empty, anywhere=True),
    Scene(failed_without_media, anywhere=True),
    Scene(crashed, When.OLD),
    Scene(crashed_lately, When.NOW),
    Scene(crashed_with_program, When.OLD),
    Scene(media_without_events, When.OLD),
    Scene(program_without_events, When.OLD),
    Scene(manifest_of_garbage, anywhere=True),
    Scene(manifest_empty, anywhere=True),
    Scene(manifest_gone, anywhere=True),
    Scene(variant_gone, anywhere=True),
    Scene(variant_of_garbage),
    Scene(segment_gone, anywhere=True),
    Scene(never_closed, anywhere=True),
    Scene(event_cut_off, anywhere=True),
    Scene(event_empty, anywhere=True),
    Scene(event_no_object, anywhere=True),
    Scene(event_huge, anywhere=True),
    Scene(event_of_the_future, anywhere=True),
    Scene(event_cut_off_with_program, anywhere=True),
    Scene(guests, anywhere=True),
    Scene(guests_alone),
)
