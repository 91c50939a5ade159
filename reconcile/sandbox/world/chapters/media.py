"""Scenes of programs whose media has gone, or lies where one would not look first."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from reconcile.sandbox.world import formats
from reconcile.sandbox.world.actors import functions, ivs, owner
from reconcile.sandbox.world.builder import Stage
from reconcile.sandbox.world.chapters.scene import Evening, Scene, When, evening, note
from reconcile.sandbox.world.truth import Key

_MINUTE = timedelta(minutes=1)
_RESTORED = 'ongoing-request="false", expiry-date="Fri, 21 Dec 2029 00:00:00 GMT"'


def _lose_file(stage: Stage, program: Key) -> None:
    for spot in stage.notes.plays[program]:
        stage.drop_object(*spot)


def uploaded_file_gone(stage: Stage, at: datetime) -> None:
    """Somebody cleaned the uploads up; the program is still listed."""
    _lose_file(stage, owner.upload(stage, at))


def file_gone_from_an_old_domain(stage: Stage, at: datetime) -> None:
    """The same with an address from before the distribution changed."""
    program = owner.upload(stage, at)
    url = stage.rows[program]["program_url"].replace(formats.PLAYBACK_DOMAIN, formats.OLD_DOMAIN)
    stage.update(program, program_url=url)
    functions.sync(stage, program)
    _lose_file(stage, program)


def uploads_by_every_address(stage: Stage, at: datetime) -> None:
    """Clients post old domains, encoded paths and S3's own addresses: the file is there by each of them."""
    for number in range(4):
        program = owner.upload(stage, at + number * _MINUTE)
        ((bucket, key),) = stage.notes.plays[program]
        path = key.removeprefix("public/")
        urls = (
            formats.playback_url(path, formats.OLD_DOMAIN),
            formats.encoded_url(path),
            *formats.bucket_urls(bucket, key)[:2],
        )
        stage.update(program, program_url=urls[number])
        functions.sync(stage, program)


def upload_on_another_host(stage: Stage, at: datetime) -> None:
    """The program plays from a host that is none of the system's: nobody's business here."""
    program = owner.upload(stage, at, program_url="https://video.elsewhere.example/take-1.mp4")
    stage.notes.plays.pop(program)


def upload_without_address(stage: Stage, at: datetime) -> None:
    """A program that was announced before its file, which never came: it points at nothing."""
    owner.upload(stage, at, program_url="", mediaFiles=[])


def upload_of_an_odd_type(stage: Stage, at: datetime) -> None:
    """The client posted a list where the address belongs."""
    program = owner.upload(stage, at, program_url=["https://", "take-1.mp4"])
    stage.notes.records.cannot_be_read(stage.rows[program]["programId"])


def upload_under_way(stage: Stage, now: datetime) -> None:
    """The client posts the program before the upload has come to its end."""
    at = now - stage.minutes(1, 8)
    program = owner.upload(
        stage, at, createdAt=formats.javascript_time(at), updatedAt=formats.javascript_time(at)
    )
    _lose_file(stage, program)


def media_expired(stage: Stage, at: datetime) -> None:
    """A lifecycle rule took the media and left the events: the recording's own finding, not its program's."""
    night = evening(stage, at)
    program = functions.process(stage, night.composite, night.show, at + stage.seconds(20, 70))
    for key in night.composite.media:
        stage.drop_object(night.composite.bucket, key)
    note(stage, night.composite, "failed", night.show, [program])


def manifest_of_a_program_gone(stage: Stage, at: datetime) -> None:
    """Segments are there, but the manifest that the program plays is not."""
    night = evening(stage, at)
    program = functions.process(stage, night.composite, night.show, at + stage.seconds(20, 70))
    ivs.spoil(stage, night.composite, night.composite.manifest, None)
    note(stage, night.composite, "agrees", night.show, [program])


def recording_gone_and_exported(stage: Stage, at: datetime) -> None:
    """The studio's program of a recording that was deleted since, events and all."""
    night = evening(stage, min(at, stage.now - timedelta(hours=14)))
    url = formats.playback_url(night.composite.manifest)
    functions.export(stage, night.show, at + timedelta(hours=2), url, stage.uuid(), plays=night.composite)
    for key in night.composite.files:
        stage.drop_object(night.composite.bucket, key)
    stage.notes.sessions[night.session.session_id] = "recording-missing"


def _archive(stage: Stage, night: Evening, keys: Iterable[str], **told: str) -> None:
    for key in keys:
        stage.archive_object(night.composite.bucket, key, **told)


def _segments(night: Evening) -> list[str]:
    return [key for key in night.composite.media if key.endswith(".ts")]


def media_archived_whole(stage: Stage, at: datetime) -> None:
    """A rule without a size moved the media of a program that has played for months, manifests and all."""
    night = evening(stage, at)
    program = functions.process(stage, night.composite, night.show, at + stage.seconds(20, 70))
    _archive(stage, night, night.composite.media, storage_class="GLACIER")
    note(stage, night.composite, "agrees", night.show, [program])


def segments_of_a_program_archived(stage: Stage, at: datetime) -> None:
    """Lifecycle rules leave small objects alone: the manifest stands, and nothing that it names plays."""
    night = evening(stage, at)
    program = functions.process(stage, night.composite, night.show, at + stage.seconds(20, 70))
    _archive(stage, night, _segments(night), storage_class="DEEP_ARCHIVE")
    note(stage, night.composite, "agrees", night.show, [program])


def segments_being_restored(stage: Stage, at: datetime) -> None:
    """Somebody asked for them back an hour ago, which takes half a day."""
    night = evening(stage, at)
    program = functions.process(stage, night.composite, night.show, at + stage.seconds(20, 70))
    _archive(stage, night, _segments(night), storage_class="GLACIER", restore='ongoing-request="true"')
    note(stage, night.composite, "agrees", night.show, [program])


def segments_restored(stage: Stage, at: datetime) -> None:
    """They were asked back, and can be read for a week."""
    night = evening(stage, at)
    program = functions.process(stage, night.composite, night.show, at + stage.seconds(20, 70))
    _archive(stage, night, _segments(night), storage_class="GLACIER", restore=_RESTORED)
    note(stage, night.composite, "agrees", night.show, [program])


def segments_at_hand(stage: Stage, at: datetime) -> None:
    """Glacier Instant Retrieval costs less and plays at once; Intelligent-Tiering mostly does."""
    for number, storage_class in enumerate(("GLACIER_IR", "INTELLIGENT_TIERING")):
        start = at - number * timedelta(days=1)
        night = evening(stage, start)
        program = functions.process(stage, night.composite, night.show, start + stage.seconds(20, 70))
        _archive(stage, night, _segments(night), storage_class=storage_class)
        note(stage, night.composite, "agrees", night.show, [program])


def file_archived_by_tiering(stage: Stage, at: datetime) -> None:
    """Nobody watched it for half a year, so Intelligent-Tiering archived it; only HEAD tells."""
    for spot in stage.notes.plays[owner.upload(stage, at)]:
        stage.archive_object(*spot, "INTELLIGENT_TIERING", archive_status="ARCHIVE_ACCESS")


def file_empty(stage: Stage, at: datetime) -> None:
    """The upload broke off after its name."""
    for spot in stage.notes.plays[owner.upload(stage, at)]:
        stage.put_object(*spot, b"", stage.objects[spot].modified)


def recording_archived(stage: Stage, at: datetime) -> None:
    """No program was made, and a rule moved the segments before anybody noticed."""
    night = evening(stage, at)
    _archive(stage, night, _segments(night), storage_class="DEEP_ARCHIVE")
    note(stage, night.composite, "media-archived", night.show)


def recording_archived_whole(stage: Stage, at: datetime) -> None:
    """The same by a rule that takes the small objects too: its manifest cannot be read."""
    night = evening(stage, at)
    _archive(stage, night, night.composite.media, storage_class="GLACIER")
    note(stage, night.composite, "media-archived", night.show)


def recording_restored(stage: Stage, at: datetime) -> None:
    """No program was made; somebody had the archived segments restored."""
    night = evening(stage, at)
    _archive(stage, night, _segments(night), storage_class="GLACIER", restore=_RESTORED)
    note(stage, night.composite, "program-missing", night.show)


def segment_of_a_recording_empty(stage: Stage, at: datetime) -> None:
    """A segment was written without anything in it."""
    night = evening(stage, at)
    ivs.spoil(stage, night.composite, _segments(night)[1], b"")
    note(stage, night.composite, "unplayable", night.show)


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
