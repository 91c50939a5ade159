"""What the live functions do to the stores: processor of today and before, export, stream sync."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Any

from reconcile.sandbox.world import formats, search_record
from reconcile.sandbox.world.actors.ivs import IvsRecording
from reconcile.sandbox.world.actors.producer import ProducerShow, group_key
from reconcile.sandbox.world.builder import WorldBuilder, object_id_of
from reconcile.sandbox.world.truth import Key


class Index(Enum):
    """Who had the last word on a program's search record when the program was written."""

    SYNC = "the stream sync, as it should be"
    PROCESSOR = "the processor, with its poorer record"
    OLD_PROCESSOR = "the processor of before groups, with a poorer record of its own"
    NOBODY = "no record was written"


def sync(builder: WorldBuilder, key: Key) -> None:
    """The stream sync sees a row put or changed."""
    builder.put_record(search_record.canonical(builder.rows[key]), current=True)


def remove(builder: WorldBuilder, key: Key, *, seen: bool = True) -> dict[str, Any]:
    """A row is deleted; `seen`: the stream sync takes its record out too. Answers what the row held."""
    row = builder.delete(key)
    object_id = object_id_of(row)
    if seen and object_id:
        builder.drop_record(object_id)
    return row


def old_sync(builder: WorldBuilder, key: Key, *, whole: bool = False) -> None:
    """The stream sync of before network ids sees a row; of a network's it writes over the user's record.

    `whole`: the row is a user's, and holds neither files nor a length, which that sync left out.
    """
    builder.put_record(search_record.before_network_ids(builder.rows[key]), current=whole)


def _index(builder: WorldBuilder, key: Key, index: Index) -> None:
    if index is Index.SYNC:
        sync(builder, key)
    if index is Index.PROCESSOR:
        builder.put_record(search_record.poorer(builder.rows[key]), current=False)
    if index is Index.OLD_PROCESSOR:
        # It lacks only what its rows did not hold either.
        builder.put_record(search_record.poorer_before_groups(builder.rows[key]), current=True)


def process(
    builder: WorldBuilder,
    recording: IvsRecording,
    show: ProducerShow,
    at: datetime,
    *,
    manifest: str | None = None,
    domain: str = formats.PLAYBACK_DOMAIN,
    index: Index = Index.SYNC,
    counted: bool = True,
    **more: Any,
) -> Key:
    """Today's processor sees a manifest and makes a program of a show; answers the program's key.

    `counted`: it lives to count the program in the show's group.
    """
    key = manifest or recording.manifest
    made = _put_program(builder, show, at, {
        "program_url": formats.playback_url(key, domain), "tags": ["recording", "ivs"],
        "sourceType": "ivs-recording", "s3Bucket": recording.bucket, "s3Key": key, "fileSize": 243,
    } | more)  # fmt: skip
    builder.notes.plays[made] = frozenset({(recording.bucket, key)})
    if counted:
        count(builder, show, at)
    _index(builder, made, index)
    return made


def _put_program(builder: WorldBuilder, show: ProducerShow, at: datetime, attributes: dict[str, Any]) -> Key:
    program_id, now = builder.uuid(), formats.javascript_time(at)
    common: dict[str, Any] = {
        "entityType": "program", "programId": program_id, "groupId": show.group_id, "ownerId": show.producer,
        "GSI1PK": f"u#{show.producer}#g#{show.group_id}", "GSI1SK": f"p#{program_id}",
        "title": f"{show.title} - Recording", "description": f"Recorded on {at.month}/{at.day}/{at.year}",
        "broadcast_type": "Video HLS", "program_image": None, "duration": 0, "premium": False,
        "created_date": now, "createdAt": now, "updatedAt": now, "sourceShowId": show.show_id,
    }  # fmt: skip
    return builder.put(show.programs, f"p#{program_id}", **{**common, **attributes})


def count(builder: WorldBuilder, show: ProducerShow, at: datetime) -> None:
    """One program more in the show's group, if it has one; a group without a row becomes a phantom."""
    if not show.group_id:
        return
    counted = builder.rows.get(group_key(show), {}).get("programsCount", 0)
    builder.update(group_key(show), programsCount=counted + 1, updatedAt=formats.javascript_time(at))


def process_before_groups(
    builder: WorldBuilder,
    recording: IvsRecording,
    show: ProducerShow,
    at: datetime,
    index: Index = Index.SYNC,
) -> Key:
    """The processor of before groups: a key that the API does not see, and one group for everything."""
    program_id, now = builder.uuid(), formats.javascript_time(at)
    made = builder.put(
        show.programs, f"program#{program_id}", programId=program_id, groupId="Recordings",
        title=f"Recording: {show.title}", description=f"Recorded on {at.month}/{at.day}/{at.year}",
        broadcast_type="Video HLS", program_url=formats.playback_url(recording.manifest, formats.OLD_DOMAIN),
        program_image=None, premium=False, tags=["recording", "ivs"], created_date=now, createdAt=now,
        updatedAt=now, sourceType="ivs-recording", sourceShowId=show.show_id, ivsRecordingId=builder.ivs_id(),
        s3Bucket=recording.bucket, s3Key=recording.manifest, fileSize=243,
    )  # fmt: skip
    builder.notes.plays[made] = frozenset({(recording.bucket, recording.manifest)})
    _index(builder, made, index)
    return made


def export(
    builder: WorldBuilder,
    show: ProducerShow,
    at: datetime,
    url: str | None,
    recording_id: str | None = None,
    *,
    plays: IvsRecording | None = None,
    **more: Any,
) -> Key:
    """The studio exports a recording row: the address as the row has it, or none, and never a key.

    `plays` is the recording to whose manifest the address leads.
    """
    named = {"sourceRecordingId": recording_id} if recording_id else {}
    made = _put_program(builder, show, at, {
        "program_url": url, "tags": ["recording", "studio-export"], "sourceType": "recording-export",
    } | named | more)  # fmt: skip
    if plays:
        builder.notes.plays[made] = frozenset({(plays.bucket, plays.manifest)})
    count(builder, show, at)
    sync(builder, made)
    return made


def note_in_row(
    builder: WorldBuilder, row_key: Key, recording: IvsRecording, program: Key | None, at: datetime
) -> None:
    """The processor (or, without a program, the event handler) tells a recording row of its media."""
    attributes: dict[str, Any] = {"s3Bucket": recording.bucket, "s3Key": recording.manifest, "size": 243}
    attributes["playbackUrl"] = formats.playback_url(recording.manifest)
    if program:
        attributes["programId"] = program[1].partition("#")[2]
    builder.update(row_key, status="completed", updatedAt=formats.javascript_time(at), **attributes)
