"""Producers: make shows and their groups, with all that the years have done to such rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from reconcile.sandbox.world import formats
from reconcile.sandbox.world.builder import WorldBuilder
from reconcile.sandbox.world.truth import Key

_TITLES = (
    "Morning Chorus", "Late Desk", "The Tide Table", "Kitchen Radio", "Brass & Bones", "Über den Dächern",
    "Noche de Coplas", "Open Mic <live>", 'The "Quiet" Hour', "夜の散歩", "Attic Sessions", "100% Vinyl",
    "Harbour Lights", "Two Chairs", "Field Notes", "Sunday Choir", "Ça ira", "Night Bus",
)  # fmt: skip


class GroupFate(Enum):
    """What has become of a show's group."""

    REAL = "a row made with the show"
    NONE = "the show is older than groups"
    ROWLESS = "create-show died between its two puts, or the group was deleted"
    PHANTOM = "only what a counter update leaves"


@dataclass(frozen=True, slots=True)
class ProducerShow:
    """A show as its producer knows it."""

    show_id: str
    title: str
    producer: str
    group_id: str | None
    group: GroupFate
    created: datetime

    @property
    def programs(self) -> str:
        """The pk of the partition in which its programs belong."""
        return f"u#{self.producer}#programs"


def make_show(
    builder: WorldBuilder,
    at: datetime,
    group: GroupFate = GroupFate.REAL,
    producer: str | None = None,
    stage_arn: str | None = None,
    channel_arn: str | None = None,
    created: datetime | None = None,
) -> ProducerShow:
    """Make a show that will be on at `at`, at `created` or some days before.

    `stage_arn` is its legacy stage, and `channel_arn` a channel that it names as its own, if any.
    """
    created = created or at - builder.minutes(60, 5000)
    group_id = None if group is GroupFate.NONE else builder.uuid()
    show = ProducerShow(
        builder.uuid(), builder.rng.choice(_TITLES), producer or builder.uuid(), group_id, group, created
    )
    _put_show(builder, show, at, stage_arn, channel_arn)
    if group is GroupFate.REAL:
        _put_group(builder, show)
    if group is GroupFate.PHANTOM:
        builder.update(group_key(show), programsCount=1, updatedAt=formats.javascript_time(created))
    return show


def _put_show(
    builder: WorldBuilder, show: ProducerShow, at: datetime, stage_arn: str | None, channel_arn: str | None
) -> None:
    created, scheduled = formats.javascript_time(show.created), formats.javascript_time(at)
    dates = {"scheduledStartTime": scheduled}
    if show.group_id:
        dates["scheduledDate"] = scheduled
    legacy = {"stageArn": stage_arn} if stage_arn else {}
    if channel_arn:
        # What create-ivs-channel wrote when it made a channel for each show.
        names = builder.rng.choice((("ivsChannelArn",), ("channelArn",), ("ivsChannelArn", "channelArn")))
        legacy |= {**dict.fromkeys(names, channel_arn), "ivsStreamKey": "not-a-real-key"}
    elif builder.rng.random() < 0.5:
        legacy |= {"ivsChannelArn": builder.shared_channel, "ivsStreamKey": "not-a-real-key"}
    builder.put(
        f"show#{show.show_id}", "info", entityType="show", showId=show.show_id, title=show.title,
        description="", producerId=show.producer, status="scheduled", scheduledEndTime=None, tracklistId=None,
        actualStartTime=None, actualEndTime=None, viewerCount=0, peakViewerCount=0,
        GSI1PK=f"producer#{show.producer}", GSI1SK=f"show#{scheduled}#{show.show_id}",
        createdAt=created, updatedAt=created, **dates, **legacy,
        **({"groupId": show.group_id} if show.group_id else {}),
    )  # fmt: skip


def _put_group(builder: WorldBuilder, show: ProducerShow) -> None:
    created = formats.javascript_time(show.created)
    builder.put(
        *group_key(show), entityType="group", groupId=show.group_id, ownerId=show.producer, name=show.title,
        showId=show.show_id, programsCount=0, createdAt=created, updatedAt=created,
    )  # fmt: skip


def make_group(builder: WorldBuilder, owner: str, at: datetime, group_id: str | None = None) -> str:
    """An owner makes a group by hand, with a slug for an id as the client does; answers the id."""
    group_id = group_id or f"best-of-{builder.ivs_id().lower()}"
    builder.put(
        f"u#{owner}#groups", f"g#{group_id}", entityType="group", groupId=group_id, ownerId=owner,
        name="Best of", programsCount=0, createdAt=formats.javascript_time(at),
    )  # fmt: skip
    return group_id


def recount(builder: WorldBuilder, owner: str, group_id: str, more: int, at: datetime) -> None:
    """A client counts `more` programs of a group itself and writes the sum down, as update-group lets it."""
    key = (f"u#{owner}#groups", f"g#{group_id}")
    counted = builder.rows[key]["programsCount"] + more
    builder.update(key, programsCount=counted, updatedAt=formats.javascript_time(at))


def group_key(show: ProducerShow) -> tuple[str, str]:
    """The key of the show's group row, whether or not there is one."""
    return f"u#{show.producer}#groups", f"g#{show.group_id}"


def show_key(show: ProducerShow) -> tuple[str, str]:
    """The key of the show's row."""
    return f"show#{show.show_id}", "info"


def delete_show(builder: WorldBuilder, show: ProducerShow, *, ghost_at: datetime | None = None) -> None:
    """Delete the show and nothing else; an unconditional update at `ghost_at` leaves a ghost in its place."""
    builder.delete(show_key(show))
    if ghost_at:
        image = f"https://{formats.PLAYBACK_DOMAIN}/shows/{show.show_id}/images/1-cover.png"
        builder.update(show_key(show), showImageUrl=image, updatedAt=formats.javascript_time(ghost_at))


def delete_group(builder: WorldBuilder, show: ProducerShow) -> None:
    """Delete the show's group; its programs stay."""
    builder.delete(group_key(show))


def save_recording_row(
    builder: WorldBuilder,
    show: ProducerShow,
    start: datetime,
    end: datetime | None,
    status: str = "processing",
    *,
    channel_arn: str | None = None,
    naive: bool = False,
) -> Key:
    """The client tells that a recording begins, and perhaps that it ends; answers the row's key.

    `channel_arn` is whatever the client names; `naive` writes the times as the Python functions do.
    """
    recording_id = builder.uuid()
    write = formats.python_time if naive else formats.javascript_time
    ended = {} if end is None else {"endTime": write(end)}
    return builder.put(
        f"show#{show.show_id}", f"recording#{write(start)}#{recording_id}",
        entityType="recording", recordingId=recording_id, showId=show.show_id, channelArn=channel_arn,
        status=status, startTime=write(start), duration=None, createdAt=write(start),
        updatedAt=write((end or start) + timedelta(seconds=1)), **ended,
    )  # fmt: skip
