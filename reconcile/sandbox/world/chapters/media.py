"""Scenes of programs whose media has gone, or lies where one would not look first."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from reconcile.sandbox.world import formats
from reconcile.sandbox.world.actors import functions, ivs, owner
from reconcile.sandbox.world.builder import WorldBuilder
from reconcile.sandbox.world.chapters.scene import Evening, Scene, When, evening, note
from reconcile.sandbox.world.truth import Key

_MINUTE = timedelta(minutes=1)
_RESTORED = 'ongoing-request="false", expiry-date="Fri, 21 Dec 2029 00:00:00 GMT"'


def _lose_file(builder: WorldBuilder, program: Key) -> None:
    for spot in builder.notes.plays[program]:
        builder.drop_object(*spot)


def uploaded_file_gone(builder: WorldBuilder, at: datetime) -> None:
    """Somebody cleaned the uploads up; the program is still listed."""
    _lose_file(builder, owner.upload(builder, at))


def file_gone_from_an_old_domain(builder: WorldBuilder, at: datetime) -> None:
    """The same with an address from before the distribution changed."""
    program = owner.upload(builder, at)
    url = builder.rows[program]["program_url"].replace(formats.PLAYBACK_DOMAIN, formats.OLD_DOMAIN)
    builder.update(program, program_url=url)
    functions.sync(builder, program)
    _lose_file(builder, program)


def uploads_by_every_address(builder: WorldBuilder, at: datetime) -> None:
    """Clients post old domains, encoded paths and S3's own addresses: the file is there by each of them."""
    for number in range(4):
        program = owner.upload(builder, at + number * _MINUTE)
        ((bucket, key),) = builder.notes.plays[program]
        path = key.removeprefix("public/")
        urls = (
            formats.playback_url(path, formats.OLD_DOMAIN),
            formats.encoded_url(path),
            *formats.bucket_urls(bucket, key)[:2],
        )
        builder.update(program, program_url=urls[number])
        functions.sync(builder, program)


def upload_on_another_host(builder: WorldBuilder, at: datetime) -> None:
    """The program plays from a host that is none of the system's: nobody's business here."""
    program = owner.upload(builder, at, program_url="https://video.elsewhere.example/take-1.mp4")
    builder.notes.plays.pop(program)


def upload_without_address(builder: WorldBuilder, at: datetime) -> None:
    """A program that was announced before its file, which never came: it points at nothing."""
    owner.upload(builder, at, program_url="", mediaFiles=[])


def upload_of_an_odd_type(builder: WorldBuilder, at: datetime) -> None:
    """The client posted a list where the address belongs."""
    program = owner.upload(builder, at, program_url=["https://", "take-1.mp4"])
    builder.notes.records.cannot_be_read(builder.rows[program]["programId"])


def upload_under_way(builder: WorldBuilder, now: datetime) -> None:
    """The client posts the program before the upload has come to its end."""
    at = now - builder.minutes(1, 8)
    program = owner.upload(
        builder, at, createdAt=formats.javascript_time(at), updatedAt=formats.javascript_time(at)
    )
    _lose_file(builder, program)


def media_expired(builder: WorldBuilder, at: datetime) -> None:
    """A lifecycle rule took the media and left the events: the recording's own finding, not its program's."""
    night = evening(builder, at)
    program = functions.process(builder, night.composite, night.show, at + builder.seconds(20, 70))
    for key in night.composite.media:
        builder.drop_object(night.composite.bucket, key)
    note(builder, night.composite, "failed", night.show, [program])


def manifest_of_a_program_gone(builder: WorldBuilder, at: datetime) -> None:
    """Segments are there, but the manifest that the program plays is not."""
    night = evening(builder, at)
    program = functions.process(builder, night.composite, night.show, at + builder.seconds(20, 70))
    ivs.spoil(builder, night.composite, night.composite.manifest, None)
    note(builder, night.composite, "agrees", night.show, [program])


def recording_gone_and_exported(builder: WorldBuilder, at: datetime) -> None:
    """The studio's program of a recording that was deleted since, events and all."""
    night = evening(builder, min(at, builder.now - timedelta(hours=14)))
    url = formats.playback_url(night.composite.manifest)
    functions.export(builder, night.show, at + timedelta(hours=2), url, builder.uuid(), plays=night.composite)
    for key in night.composite.files:
        builder.drop_object(night.composite.bucket, key)
    builder.notes.sessions[night.session.session_id] = "recording-missing"


def _archive(builder: WorldBuilder, night: Evening, keys: Iterable[str], **headers: str) -> None:
    for key in keys:
        builder.archive_object(night.composite.bucket, key, **headers)


def _segments(night: Evening) -> list[str]:
    return [key for key in night.composite.media if key.endswith(".ts")]


def media_archived_whole(builder: WorldBuilder, at: datetime) -> None:
    """A rule without a size moved the media of a program that has played for months, manifests and all."""
    night = evening(builder, at)
    program = functions.process(builder, night.composite, night.show, at + builder.seconds(20, 70))
    _archive(builder, night, night.composite.media, storage_class="GLACIER")
    note(builder, night.composite, "agrees", night.show, [program])


def segments_of_a_program_archived(builder: WorldBuilder, at: datetime) -> None:
    """Lifecycle rules leave small objects alone: the manifest stands, and nothing that it names plays."""
    night = evening(builder, at)
    program = functions.process(builder, night.composite, night.show, at + builder.seconds(20, 70))
    _archive(builder, night, _segments(night), storage_class="DEEP_ARCHIVE")
    note(builder, night.composite, "agrees", night.show, [program])


def segments_being_restored(builder: WorldBuilder, at: datetime) -> None:
    """Somebody asked for them back an hour ago, which takes half a day."""
    night = evening(builder, at)
    program = functions.process(builder, night.composite, night.show, at + builder.seconds(20, 70))
    _archive(builder, night, _segments(night), storage_class="GLACIER", restore='ongoing-request="true"')
    note(builder, night.composite, "agrees", night.show, [program])


def segments_restored(builder: WorldBuilder, at: datetime) -> None:
    """They were asked back, and can be read for a week."""
    night = evening(builder, at)
    program = functions.process(builder, night.composite, night.show, at + builder.seconds(20, 70))
    _archive(builder, night, _segments(night), storage_class="GLACIER", restore=_RESTORED)
    note(builder, night.composite, "agrees", night.show, [program])


def segments_at_hand(builder: WorldBuilder, at: datetime) -> None:
    """Glacier Instant Retrieval costs less and plays at once; Intelligent-Tiering mostly does."""
    for number, storage_class in enumerate(("GLACIER_IR", "INTELLIGENT_TIERING")):
        start = at - number * timedelta(days=1)
        night = evening(builder, start)
        program = functions.process(builder, night.composite, night.show, start + builder.seconds(20, 70))
        _archive(builder, night, _segments(night), storage_class=storage_class)
        note(builder, night.composite, "agrees", night.show, [program])


def file_archived_by_tiering(builder: WorldBuilder, at: datetime) -> None:
    """Nobody watched it for half a year, so Intelligent-Tiering archived it; only HEAD tells."""
    for spot in builder.notes.plays[owner.upload(builder, at)]:
        builder.archive_object(*spot, "INTELLIGENT_TIERING", archive_status="ARCHIVE_ACCESS")


def file_empty(builder: WorldBuilder, at: datetime) -> None:
    """The upload broke off after its name."""
    for spot in builder.notes.plays[owner.upload(builder, at)]:
        builder.put_object(*spot, b"", builder.objects[spot].modified)


def recording_archived(builder: WorldBuilder, at: datetime) -> None:
    """No program was made, and a rule moved the segments before anybody noticed."""
    night = evening(builder, at)
    _archive(builder, night, _segments(night), storage_class="DEEP_ARCHIVE")
    note(builder, night.composite, "media-archived", night.show)


def recording_archived_whole(builder: WorldBuilder, at: datetime) -> None:
    """The same by a rule that takes the small objects too: its manifest cannot be read."""
    night = evening(builder, at)
    _archive(builder, night, night.composite.media, storage_class="GLACIER")
    note(builder, night.composite, "media-archived", night.show)


def recording_restored(builder: WorldBuilder, at: datetime) -> None:
    """No program was made; somebody had the archived segments restored."""
    night = evening(builder, at)
    _archive(builder, night, _segments(night), storage_class="GLACIER", restore=_RESTORED)
    note(builder, night.composite, "program-missing", night.show)


def segment_of_a_recording_empty(builder: WorldBuilder, at: datetime) -> None:
    """A segment was written without anything in it."""
    night = evening(builder, at)
    ivs.spoil(builder, night.composite, _segments(night)[1], b"")
    note(builder, night.composite, "unplayable", night.show)


SCENES = (
    Scene(media_archived_whole, anywhere=True),
    Scene(segments_of_a_program_archived, anywhere=True),
    Scene(segments_being_restored, anywhere=True),
    Scene(segments_restored, anywhere=True),
    Scene(segments_at_hand, anywhere=True),
    Scene(file_archived_by_tiering),
    Scene(file_empty),
    Scene(recording_archived, anywhere=True),
    Scene(recording_archived_whole, anywhere=True),
    Scene(recording_restored),
    Scene(segment_of_a_recording_empty, anywhere=True),
    Scene(uploaded_file_gone),
    Scene(file_gone_from_an_old_domain),
    Scene(uploads_by_every_address),
    Scene(upload_on_another_host),
    Scene(upload_without_address),
    Scene(upload_of_an_odd_type),
    Scene(upload_under_way, When.NOW),
    Scene(media_expired, anywhere=True),
    Scene(manifest_of_a_program_gone, anywhere=True),
    Scene(recording_gone_and_exported),
)
