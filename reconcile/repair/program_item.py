"""The program row that the job makes: the live schema, with what the live processor leaves out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reconcile.model.catalog import index_key_of
from reconcile.model.clock import write_time
from reconcile.model.media import MediaMap
from reconcile.model.recording import manifest_key, program_id_of
from reconcile.repair.plan_programs import Creation


@dataclass(frozen=True, slots=True)
class ProgramMedia:
    """What was found under a recording's media: bytes (None: not counted) and a thumbnail's key."""

    size: int | None
    thumbnail: str | None


def program_item(
    creation: Creation, media: ProgramMedia, urls: MediaMap, run: str, now: datetime
) -> dict[str, Any]:
    """Return the attributes of a new program, as plain values; None is stored as NULL."""
    recording, events, show = creation.recording, creation.events, creation.show
    producer, group_id = show.producer_id, creation.group.group_id
    program_id = program_id_of(recording.key)
    recorded = events.started_at or now
    item: dict[str, Any] = {
        "pk": f"u#{producer}#programs",
        "sk": f"p#{program_id}",
        "entityType": "program",
        **group_keys(str(producer), group_id, program_id),
        "programId": program_id,
        "title": f"{show.title or 'Untitled Show'} - Recording",
        "description": f"Recorded on {recorded.month}/{recorded.day}/{recorded.year}",
        "broadcast_type": "Video HLS",
        "program_url": creation.url,
        "program_image": urls.url_of(recording.bucket, media.thumbnail) if media.thumbnail else None,
        "duration": round((events.duration or 0) / 1000),
        "groupId": group_id,
        "ownerId": producer,
        "premium": False,
        "tags": ["recording", "ivs"],
        "created_date": write_time(recorded),
        "createdAt": write_time(now),
        "updatedAt": write_time(now),
        "sourceType": "ivs-recording",
        "sourceShowId": show.show_id,
        "s3Bucket": recording.bucket,
        "s3Key": manifest_key(recording, events),
        "reconcileRunId": run,
    }
    optional = {"sourceSessionId": creation.session_id, "fileSize": media.size}
    return item | {name: value for name, value in optional.items() if value is not None}


def group_keys(owner: str, group_id: str, program_id: str) -> Mapping[str, str]:
    """Return the index keys under which the Media Manager lists a group's programs."""
    return {"GSI1PK": index_key_of(owner, group_id), "GSI1SK": f"p#{program_id}"}
