"""What the live functions do to the stores: processor of today and before, export, stream sync."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Any

from reconcile.sandbox.world import formats, search_record
from reconcile.sandbox.world.actors.ivs import Recording
from reconcile.sandbox.world.actors.producer import Show, group_key
from reconcile.sandbox.world.builder import Stage, object_id_of
from reconcile.sandbox.world.truth import Key


class Index(Enum):
    """Who had the last word on a program's search record when the program was written."""

    SYNC = "the stream sync, as it should be"
    PROCESSOR = "the processor, with its poorer record"
    OLD_PROCESSOR = "the processor of before groups, with a poorer record of its own"
    NOBODY = "no record was written"


def sync(stage: Stage, key: Key) -> None:
    """The stream sync sees a row put or changed."""
    stage.put_record(search_record.canonical(stage.rows[key]), current=True)


def remove(stage: Stage, key: Key, *, seen: bool = True) -> dict[str, Any]:
    """A row is deleted; `seen`: the stream sync takes its record out too. Answers what the row held."""
    row = stage.delete(key)
    object_id = object_id_of(row)
    if seen and object_id:
        stage.drop_record(object_id)
    return row


def old_sync(stage: Stage, key: Key, *, whole: bool = False) -> None:
    """The stream sync of before network ids sees a row; of a network's it writes over the user's record.

    `whole`: the row is a user's, and holds neither files nor a length, which that sync left out.
    """
    stage.put_record(search_record.before_network_ids(stage.rows[key]), current=whole)


def _index(stage: Stage, key: Key, index: Index) -> None:
    if index is Index.SYNC:
        sync(stage, key)
    if index is Index.PROCESSOR:
        stage.put_record(search_record.poorer(stage.rows[key]), current=False)
    if index is Index.OLD_PROCESSOR:
        # It lacks only what its rows did not hold either.
        stage.put_record(search_record.poorer_before_groups(stage.rows[key]), current=True)


def process(
    stage: Stage,
    recording: Recording,
    show: Show,
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
    made = _put_program(stage, show, at, {
        "program_url": formats.playback_url(key, domain), "tags": ["recording", "ivs"],
        "sourceType": "ivs-recording", "s3Bucket": recording.bucket, "s3Key": key, "fileSize": 243,
    } | more)  # fmt: skip
    stage.notes.plays[made] = frozenset({(recording.bucket, key)})
    if counted:
        count(stage, show, at)
    _index(stage, made, index)
    return made


def _put_program(stage: Stage, show: Show, at: datetime, attributes: dict[str, Any]) -> Key:
    program_id, now = stage.uuid(), formats.javascript_time(at)
    common: dict[str, Any] = {
        "entityType": "program", "programId": program_id, "groupId": show.group_id, "ownerId": show.producer,
        "GSI1PK": f"u#{show.producer}#g#{show.group_id}", "GSI1SK": f"p#{program_id}",
        "title": f"{show.title} - Recording", "description": f"Recorded on {at.month}/{at.day}/{at.year}",
        "broadcast_type": "Video HLS", "program_image": None, "duration": 0, "premium": False,
        "created_date": now, "createdAt": now, "updatedAt": now, "sourceShowId": show.show_id,
    }  # fmt: skip
    return stage.put(show.programs, f"p#{program_id}", **{**common, **attributes})


def count(stage: Stage, show: Show, at: datetime) -> None:
    """One program more in the show's group, if it has one; a group without a row becomes a phantom."""
    if not show.group_id:
        return
    counted = stage.rows.get(group_key(show), {}).get("programsCount", 0)
    stage.update(group_key(show), programsCount=counted + 1, updatedAt=formats.javascript_time(at))


def process_before_groups(
    stage: Stage, recording: Recording, show: Show, at: datetime, index: Index = Index.SYNC
) -> Key:
    """The processor of before groups: a key that the API does not see, and one group for everything."""
    program_id, now = stage.uuid(), formats.javascript_time(at)
    made = stage.put(
        show.programs, f"program#{program_id}", programId=program_id, groupId="Recordings",
        title=f"Recording: {show.title}", description=f"Recorded on {at.month}/{at.day}/{at.year}",
        broadcast_type="Video HLS", program_url=formats.playback_url(recording.manifest, formats.OLD_DOMAIN),
        program_image=None, premium=False, tags=["recording", "ivs"], created_date=now, createdAt=now,
        updatedAt=now, sourceType="ivs-recording", sourceShowId=show.show_id, ivsRecordingId=stage.ivs_id(),
        s3Bucket=recording.bucket, s3Key=recording.manifest, fileSize=243,
    )  # fmt: skip
    stage.notes.plays[made] = frozenset({(recording.bucket, recording.manifest)})
    _index(stage, made, index)
    return made


def export(
    stage: Stage,
    show: Show,
    at: datetime,
    url: str | None,
    recording_id: str | None = None,
    *,
    plays: Recording | None = None,
    **more: Any,
) -> Key:
    """The studio exports a recording row: the address as the row has it, or none, and never a key.

    `plays` is the recording to whose manifest the address leads.
    """
    named = {"sourceRecordingId": recording_id} if recording_id else {}
    made = _put_program(stage, show, at, {
        "program_url": url, "tags": ["recording", "studio-export"], "sourceType": "recording-export",
    } | named | more)  # fmt: skip
    if plays:
        stage.notes.plays[made] = frozenset({(plays.bucket, plays.manifest)})
    count(stage, show, at)
    sync(stage, made)
    return made


def note_in_row(stage: Stage, row_key: Key, recording: Recording, program: Key | None, at: datetime) -> None:
    """The processor (or, without a program, the event handler) tells a recording row of its media."""
    told: dict[str, Any] = {"s3Bucket": recording.bucket, "s3Key": recording.manifest, "size": 243}
    told["playbackUrl"] = formats.playback_url(recording.manifest)
    if program:
        told["programId"] = program[1].partition("#")[2]
    stage.update(row_key, status="completed", updatedAt=formats.javascript_time(at), **told)
