"""Turns raw items of the application's table into typed rows, one pure parser for each shape of row."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from reconcile.model.catalog import Catalog, Copy, Group, Program, RecordingRow, Session, Show
from reconcile.model.clock import parse_time
from reconcile.model.record import Image, canonical, digest, object_id_for, plain, second_part

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
    "name",
    "entityType",
    "GSI1PK",
    "GSI1SK",
)
"""All that is ever read of a row: stream keys lie in the same table and must stay out of memory."""


class _Row:
    """Reads attributes of one item; remembers the first that has a type it cannot use."""

    def __init__(self, image: Image) -> None:
        self._image = image
        self.fault: str | None = None

    def text(self, name: str) -> str | None:
        """Return a text attribute; None when missing, null or empty."""
        value = self._image.get(name)
        if value is None or "NULL" in value:
            return None
        if "S" not in value:
            self._blame(f"{name} is no text")
            return None
        return str(value["S"]) or None

    def time(self, name: str) -> datetime | None:
        """Return a time attribute; None when missing, null or empty."""
        text = self.text(name)
        if text is None:
            return None
        try:
            return parse_time(text)
        except ValueError:
            self._blame(f"{name} is no time")
            return None

    def part(self, name: str) -> "_Row":
        """Return the attributes of a map; none when it is missing, null or no map."""
        return _Row(self._image.get(name, {}).get("M", {}))

    def has(self, name: str) -> bool:
        """Whether the attribute holds anything but null, an empty text or an empty list."""
        value = self._image.get(name, {"NULL": True})
        return "NULL" not in value and any(bool(part) for part in value.values())

    def _blame(self, fault: str) -> None:
        self.fault = self.fault or fault


def parse_items(items: Iterable[Image]) -> Catalog:
    """Sort raw items into a catalog by the shape of their keys; rows of other kinds are counted."""
    catalog: dict[str, dict[Any, Any]] = {
        name: {} for name in ("sessions", "shows", "groups", "programs", "copies", "rows")
    }
    networks, others = set(), 0
    for image in items:
        pk, sk = image["pk"]["S"], image["sk"]["S"]
        found = _parse(pk, sk, image)
        if pk.startswith("n#") and (network := second_part(pk)):
            networks.add(network)
        if found is None:
            others += 1
            continue
        shelf, identity, row = found
        catalog[shelf][identity] = row
    return Catalog(**catalog, networks=frozenset(networks), others=others)


def _parse(pk: str, sk: str, image: Image) -> tuple[str, Any, Any] | None:
    if pk.startswith("session#") and sk == "info":
        session_id = pk.removeprefix("session#")
        return "sessions", session_id, parse_session(session_id, image)
    if pk.startswith("show#"):
        show_id = pk.removeprefix("show#")
        if sk == "info":
            return "shows", show_id, parse_show(show_id, image)
        if sk.startswith("recording#"):
            return "rows", (pk, sk), parse_recording_row(show_id, image)
        return None
    if pk.startswith("u#") and pk.endswith("#programs"):
        return "programs", (pk, sk), parse_program(image)
    if pk.startswith("u#") and pk.endswith("#groups") and sk.startswith("g#"):
        owner = pk.removeprefix("u#").removesuffix("#groups")
        return "groups", (owner, sk.removeprefix("g#")), parse_group(owner, image)
    if _is_copy(pk, sk) or ("#programs" in pk and "programId" in image):
        return "copies", (pk, sk), parse_copy(image)
    return None


def _is_copy(pk: str, sk: str) -> bool:
    network = pk.startswith("n#") and ("#programs" in pk or "#pr#" in pk or sk.startswith("p#"))
    return network or (pk.startswith("tracklist#") and sk.startswith("program#"))


def parse_session(session_id: str, image: Image) -> Session:
    """Read a session row; `ivs` may be missing, null, or of any era."""
    row, ivs = _Row(image), _Row(image).part("ivs")
    persistent, program = ivs.text("persistentChannelArn"), ivs.text("programChannelArn")
    composition, channel = ivs.text("compositionArn"), ivs.text("channelArn")
    members = [_Row(part.get("M", {})) for part in image.get("compositions", {}).get("L", [])]
    # channelArn is a copy of the one global channel, so it says nothing where a better one is known.
    fallback = channel if not (persistent or program) else None
    own_channels = (program, ivs.text("relayChannelArn"), ivs.text("ingestChannelArn"))
    own_stages = (ivs.text("rawStageArn"), ivs.text("programStageArn"))
    stage = ivs.text("stageArn")
    return Session(
        session_id=session_id,
        show_id=row.text("showId"),
        status=row.text("status"),
        created_at=row.time("createdAt"),
        updated_at=row.time("updatedAt"),
        own_stages=_known(own_stages),
        shared_stages=_known((stage,)),
        composition_arn=composition,
        compositions=_known((composition, *(member.text("compositionArn") for member in members))),
        own_channels=_known(own_channels),
        shared_channels=_known((persistent, fallback)),
        unreadable=next((part.fault for part in (row, ivs, *members) if part.fault), None),
    )


def _known(values: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))


def parse_show(show_id: str, image: Image) -> Show:
    """Read a show row; a ghost has no producer."""
    row = _Row(image)
    producer, group, title = row.text("producerId"), row.text("groupId"), row.text("title")
    stage, composition = row.text("stageArn"), row.text("compositionArn")
    return Show(show_id, producer, group, title, stage, composition, row.fault)


def parse_group(owner: str, image: Image) -> Group:
    """Read a group row; without its own groupId it is a phantom."""
    count, row = image.get("programsCount"), _Row(image)
    told = plain(count) if count and "N" in count else None
    return Group(
        owner,
        group_id=image["sk"]["S"].removeprefix("g#"),
        real=row.text("groupId") is not None,
        count=0 if count is None else told if isinstance(told, int | float) else None,
        counted=count is not None,
        updated_at=_Row(image).time("updatedAt"),
        name=_Row(image).text("name"),
    )


def parse_recording_row(show_id: str, image: Image) -> RecordingRow:
    """Read a show's recording row; what is no time counts as absent."""
    row = _Row(image)
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
    )


def parse_program(image: Image) -> Program:
    """Read a program row of any writer; a client's row may override every attribute but the keys."""
    row = _Row(image)
    pk, sk = image["pk"]["S"], image["sk"]["S"]
    program_id = row.text("programId")
    from_key = sk.partition("#")[2] or sk
    return Program(
        pk=pk,
        sk=sk,
        owner=pk.removeprefix("u#").removesuffix("#programs"),
        program_id=program_id or from_key,
        **_called_record(image, from_key if row.fault else program_id),
        url=row.text("program_url"),
        s3_bucket=row.text("s3Bucket"),
        s3_key=row.text("s3Key"),
        group_id=row.text("groupId"),
        source_show=row.text("sourceShowId"),
        source_type=row.text("sourceType"),
        source_recording=row.text("sourceRecordingId"),
        media_elsewhere=any(row.has(name) for name in ("mediaFiles", "fileUrl", "mediaUrl", "media_url")),
        # A time of change that is none only means that nobody needs to wait for the row.
        updated_at=_Row(image).time("updatedAt"),
        unreadable=row.fault,
        # What is no text is in no index either.
        entity_type=_Row(image).text("entityType"),
        listed_under=_Row(image).text("GSI1PK"),
        listed_as=_Row(image).text("GSI1SK"),
        title=_Row(image).text("title"),
    )


def parse_copy(image: Image) -> Copy:
    """Read a copy of a program, wherever it is kept; only network copies call for a search record."""
    row = _Row(image)
    pk, sk = image["pk"]["S"], image["sk"]["S"]
    program_id = row.text("programId")
    from_key = sk.rpartition("#")[2] or sk
    called = from_key if row.fault else program_id
    owner = row.text("ownerId")
    return Copy(
        pk=pk,
        sk=sk,
        program_id=program_id or from_key,
        **_called_record(image, called if "#programs" in pk else None),
        url=row.text("program_url"),
        s3_bucket=row.text("s3Bucket"),
        s3_key=row.text("s3Key"),
        # The functions that copy write the word "none" where they know no owner.
        owner=None if owner == "none" else owner,
        updated_at=_Row(image).time("updatedAt"),
        unreadable=row.fault,
    )


def _called_record(image: Image, program_id: str | None) -> dict[str, Any]:
    if program_id is None:
        return {"object_id": None, "digest": ""}
    return {"object_id": object_id_for(image["pk"]["S"], program_id), "digest": digest(canonical(image))}


def changed_within(updated_at: datetime | None, now: datetime, settle_seconds: float) -> bool:
    """Whether a row was changed so lately that its followers may still be on their way.

    A row of the near future was written by a clock that runs ahead; one of the far future waits for nothing.
    """
    return updated_at is not None and abs((now.astimezone(UTC) - updated_at).total_seconds()) < settle_seconds
