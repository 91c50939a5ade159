"""Parses the rows of shows: the show itself, its sessions, its recording rows, and groups of programs."""

from collections.abc import Iterable

from reconcile.model.catalog import Group, RecordingRow, Session, Show
from reconcile.model.row import Row
from reconcile.model.search_record import Image


def parse_session(session_id: str, image: Image) -> Session:
    """Read a session row; `ivs` may be missing, null, or of any era."""
    row = Row(image)
    ivs = row.part("ivs")
    persistent, program = ivs.text("persistentChannelArn"), ivs.text("programChannelArn")
    composition, channel = ivs.text("compositionArn"), ivs.text("channelArn")
    parts = [part.get("M", {}) for part in image.get("compositions", {}).get("L", [])]
    members = [Row(part) for part in parts]
    # channelArn is a copy of the one global channel, so it says nothing where a better one is known.
    fallback = channel if not (persistent or program) else None
    own_channels = (program, ivs.text("relayChannelArn"), ivs.text("ingestChannelArn"))
    own_ivs_stages = (ivs.text("rawStageArn"), ivs.text("programStageArn"))
    ivs_stage = ivs.text("stageArn")
    named = [member.text("compositionArn") for member in members]
    # A value that is no channel is ignored: these are no evidence of ownership.
    beside = [Row(part).text("channelArn") for part in parts]
    return Session(
        session_id=session_id,
        show_id=row.text("showId"),
        status=row.text("status"),
        created_at=row.time("createdAt"),
        updated_at=row.time("updatedAt"),
        own_ivs_stages=_known(own_ivs_stages),
        shared_ivs_stages=_known((ivs_stage,)),
        composition_arn=composition,
        further_compositions=_known(name for name in named if name != composition),
        own_channels=_known(own_channels),
        shared_channels=_known((persistent, fallback)),
        unreadable=next((part.fault for part in (row, ivs, *members) if part.fault), None),
        channels=_known((persistent, channel, *own_channels, *beside)),
    )


def _known(values: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))


def parse_show(show_id: str, image: Image) -> Show:
    """Read a show row; a ghost has no producer."""
    row, beside = Row(image), Row(image)
    producer, group, title = row.text("producerId"), row.text("groupId"), row.text("title")
    ivs_stage, composition = row.text("stageArn"), row.text("compositionArn")
    # A value that is no channel or no time is ignored: it only gives no evidence on its recordings.
    channels = _known((beside.text("ivsChannelArn"), beside.text("channelArn")))
    return Show(
        show_id,
        producer,
        group,
        title,
        ivs_stage,
        composition,
        unreadable=row.fault,
        channels=channels,
        created_at=beside.time("createdAt"),
    )


def parse_group(owner: str, image: Image) -> Group:
    """Read a group row; without its own groupId it is a phantom."""
    count, row = image.get("programsCount"), Row(image)
    return Group(
        owner,
        group_id=image["sk"]["S"].removeprefix("g#"),
        real=row.text("groupId") is not None,
        count=0 if count is None else row.number("programsCount"),
        counted=count is not None,
        updated_at=Row(image).time("updatedAt"),
        name=Row(image).text("name"),
    )


def parse_recording_row(show_id: str, image: Image) -> RecordingRow:
    """Read a show's recording row; what is no time counts as absent."""
    row = Row(image)
    return RecordingRow(
        pk=image["pk"]["S"],
        sk=image["sk"]["S"],
        show_id=show_id,
        recording_id=row.text("recordingId") or image["sk"]["S"].rpartition("#")[2] or None,
        start=row.time("startTime"),
        end=row.time("endTime"),
        s3_bucket=row.text("s3Bucket"),
        s3_key=row.text("s3Key"),
        program_id=row.text("programId"),
        status=row.text("status"),
        updated_at=row.time("updatedAt"),
        channel_arn=row.text("channelArn"),
    )
