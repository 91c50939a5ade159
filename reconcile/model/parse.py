"""Turns raw items of the application's table into typed rows, one pure parser for each shape of row."""

from collections.abc import Iterable
from datetime import UTC, datetime
from sys import intern
from typing import Any

from reconcile.model.catalog import Catalog, Copy, Program
from reconcile.model.parse_shows import parse_group, parse_recording_row, parse_session, parse_show
from reconcile.model.row import Row
from reconcile.model.search_record import NOTHING, Image, canonical, digest, object_id_for, second_part

PROJECTION = (
    "pk",
    "sk",
    "showId",
    "status",
    "createdAt",
    "updatedAt",
    "ivs.rawStageArn",
    "ivs.programStageArn",
    "ivs.stageArn",
    "ivs.compositionArn",
    "ivs.persistentChannelArn",
    "ivs.relayChannelArn",
    "ivs.programChannelArn",
    "ivs.ingestChannelArn",
    "ivs.channelArn",
    "compositions",
    "producerId",
    "groupId",
    "title",
    "stageArn",
    "compositionArn",
    "ivsChannelArn",
    "channelArn",
    "programsCount",
    "programId",
    "description",
    "broadcast_type",
    "premium",
    "tags",
    "price",
    "frequency",
    "created_date",
    "dateCreated",
    "groupName",
    "program_url",
    "program_image",
    "imageFiles",
    "mediaFiles",
    "fileUrl",
    "mediaUrl",
    "media_url",
    "duration",
    "ownerId",
    "s3Bucket",
    "s3Key",
    "sourceShowId",
    "sourceType",
    "sourceRecordingId",
    "recordingId",
    "startTime",
    "endTime",
    "playbackUrl",
    "size",
    "name",
    "entityType",
    "GSI1PK",
    "GSI1SK",
    "reconcileRunId",
)
"""All that is ever read of a row: stream keys lie in the same table and must stay out of memory."""


_SHELVES = ("sessions", "shows", "groups", "programs", "copies", "rows")


def parse_items(items: Iterable[Image], hidden: frozenset[str] = NOTHING) -> Catalog:
    """Sort raw items into a catalog by the shape of their keys; rows of other kinds are counted.

    `hidden` are the fields of search records that the index hides: no digest covers them.
    """
    catalog: dict[str, dict[Any, Any]] = {name: {} for name in _SHELVES}
    networks, lent, others = set(), set(), 0
    for image in items:
        pk, sk = image["pk"]["S"], image["sk"]["S"]
        parsed = _parse(pk, sk, image, hidden)
        if pk.startswith("n#") and (network := second_part(pk)):
            networks.add(network)
        if pk.startswith(_LENDING) and (channel := Row(image).text("channelArn")):
            lent.add(channel)
        if parsed is None:
            others += 1
            continue
        shelf, identity, row = parsed
        catalog[shelf][identity] = row
    return Catalog(**catalog, networks=frozenset(networks), others=others, lent_channels=frozenset(lent))


def merged(catalogs: Iterable[Catalog]) -> Catalog:
    """Return one catalog of what several hold, such as the pages of a table; of two rows the later counts."""
    parts = list(catalogs)

    def _shelf(name: str) -> dict[Any, Any]:
        return {key: row for part in parts for key, row in getattr(part, name).items()}

    return Catalog(
        **{name: _shelf(name) for name in _SHELVES},
        networks=frozenset(name for part in parts for name in part.networks),
        others=sum(part.others for part in parts),
        lent_channels=frozenset(name for part in parts for name in part.lent_channels),
    )


# A host's persistent channel, and which of these a host was given.
_LENDING = ("channel#", "host#")


def _parse(pk: str, sk: str, image: Image, hidden: frozenset[str]) -> tuple[str, Any, Any] | None:
    if pk.startswith("session#") and sk == "info":
        session_id = pk.removeprefix("session#")
        return "sessions", session_id, parse_session(session_id, image)
    if pk.startswith("show#"):
        show_id = pk.removeprefix("show#")
        if sk == "info":
            return "shows", show_id, parse_show(show_id, image)
        if sk.startswith("recording#"):
            row = parse_recording_row(show_id, image)
            return "rows", row.key, row
        return None
    if pk.startswith("u#") and pk.endswith("#programs"):
        program = parse_program(image, hidden)
        return "programs", program.key, program
    if pk.startswith("u#") and pk.endswith("#groups") and sk.startswith("g#"):
        owner = pk.removeprefix("u#").removesuffix("#groups")
        group = parse_group(owner, image)
        return "groups", group.identity, group
    if _is_copy(pk, sk) or ("#programs" in pk and "programId" in image):
        copy = parse_copy(image, hidden)
        return "copies", copy.key, copy
    return None


def _is_copy(pk: str, sk: str) -> bool:
    network = pk.startswith("n#") and ("#programs" in pk or "#pr#" in pk or sk.startswith("p#"))
    return network or (pk.startswith("tracklist#") and sk.startswith("program#"))


def parse_program(image: Image, hidden: frozenset[str] = NOTHING) -> Program:
    """Read a program row of any writer; a client's row may override every attribute but the keys."""
    # A value in `beside` that is no time or no text is ignored; it does not make the row unreadable.
    row, beside = Row(image), Row(image)
    pk, sk = image["pk"]["S"], image["sk"]["S"]
    program_id = row.text("programId")
    from_key = sk.partition("#")[2] or sk
    return Program(
        pk=pk,
        sk=sk,
        # An owner has many.
        owner=intern(pk.removeprefix("u#").removesuffix("#programs")),
        program_id=program_id or from_key,
        **_called_record(image, from_key if row.fault else program_id, hidden),
        url=row.text("program_url"),
        s3_bucket=row.text("s3Bucket"),
        s3_key=row.text("s3Key"),
        group_id=row.text("groupId"),
        source_show=row.text("sourceShowId"),
        source_type=row.text("sourceType"),
        source_recording=row.text("sourceRecordingId"),
        media_elsewhere=any(row.has(name) for name in ("mediaFiles", "fileUrl", "mediaUrl", "media_url")),
        updated_at=beside.time("updatedAt"),
        unreadable=row.fault,
        entity_type=beside.text("entityType"),
        listed_under=beside.text("GSI1PK"),
        listed_as=beside.text("GSI1SK"),
        title=beside.text("title"),
        created_at=beside.time("createdAt"),
        dated_at=beside.time("created_date") or beside.time("dateCreated"),
        duration=beside.number("duration"),
        made_by_run=beside.text("reconcileRunId"),
    )


def parse_copy(image: Image, hidden: frozenset[str] = NOTHING) -> Copy:
    """Read a copy of a program, wherever it is kept; only network copies call for a search record."""
    row = Row(image)
    pk, sk = image["pk"]["S"], image["sk"]["S"]
    program_id = row.text("programId")
    from_key = sk.rpartition("#")[2] or sk
    called = from_key if row.fault else program_id
    owner = row.text("ownerId")
    return Copy(
        pk=pk,
        sk=sk,
        program_id=program_id or from_key,
        **_called_record(image, called if "#programs" in pk else None, hidden),
        url=row.text("program_url"),
        s3_bucket=row.text("s3Bucket"),
        s3_key=row.text("s3Key"),
        # The functions that copy write the word "none" where they know no owner.
        owner=None if owner == "none" else owner,
        updated_at=Row(image).time("updatedAt"),
        unreadable=row.fault,
    )


def _called_record(image: Image, program_id: str | None, hidden: frozenset[str]) -> dict[str, Any]:
    if program_id is None:
        return {"object_id": None, "digest": 0}
    name = object_id_for(image["pk"]["S"], program_id)
    return {"object_id": name, "digest": digest(canonical(image), hidden)}


def changed_within(updated_at: datetime | None, now: datetime, settle_seconds: float) -> bool:
    """Whether a row was changed so lately that its followers may still be on their way.

    A row of the near future was written by a clock that runs ahead; one of the far future waits for nothing.
    """
    return updated_at is not None and abs((now.astimezone(UTC) - updated_at).total_seconds()) < settle_seconds
