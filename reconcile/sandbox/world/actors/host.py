"""Hosts: open sessions in the shapes of every era, go on air, restart, and end or forget to end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from reconcile.sandbox.world import formats
from reconcile.sandbox.world.actors import ivs
from reconcile.sandbox.world.actors.ivs import IvsRecording, Layout
from reconcile.sandbox.world.actors.ivs_files import Ending
from reconcile.sandbox.world.actors.producer import ProducerShow
from reconcile.sandbox.world.builder import WorldBuilder


class Era(Enum):
    """The generations of the session row."""

    FIXTURE = "one stage of the show, the shared channel, compositionId"
    PROGRAM_STAGE = "two stages, the program stage is composed"
    PROGRAM_CHANNEL = "two stages, the raw stage is composed, a channel of its own"
    RELAY = "as before, and a relay channel"
    HEAD = "the host's persistent channel, which records too"


@dataclass(frozen=True, slots=True)
class HostChannel:
    """A host's persistent channel."""

    channel_id: str
    arn: str


@dataclass(frozen=True, slots=True)
class HostSession:
    """A live session as its host knows it: what is composed, and on which channel it goes out."""

    session_id: str
    show: ProducerShow
    created: datetime
    era: Era
    composed_stage: str
    channel_arn: str

    @property
    def key(self) -> tuple[str, str]:
        """The key of the session's row."""
        return f"session#{self.session_id}", "info"


def persistent_channel(builder: WorldBuilder, at: datetime, host: str) -> HostChannel:
    """An operator makes a channel that records itself, and assigns it to a host."""
    channel = HostChannel(builder.uuid(), formats.arn("channel", builder.ivs_id()))
    made = formats.javascript_time(at - timedelta(days=1))
    builder.put(
        f"channel#{channel.channel_id}", "info", entityType="persistentChannel", channelId=channel.channel_id,
        channelArn=channel.arn, channelName=f"host-{host[:8]}", streamKey="not-a-real-key", state="IDLE",
        recordingConfigurationArn=formats.arn("recording-configuration", "Xk2made0up9Z"),
        currentSessionId=None, totalBroadcasts=0, totalStreamingMinutes=0, createdAt=made, updatedAt=made,
    )  # fmt: skip
    assign(builder, channel, host, at)
    return channel


def assign(builder: WorldBuilder, channel: HostChannel, host: str, at: datetime) -> None:
    """Assign a channel to a host; nothing hinders giving one channel to several."""
    builder.put(
        f"host#{host}", "channel#assignment", entityType="channelAssignment", hostUserId=host,
        channelId=channel.channel_id, channelArn=channel.arn, streamKey="not-a-real-key",
        assignedAt=formats.javascript_time(at - timedelta(days=1)), assignedBy="operator",
    )  # fmt: skip


def open_session(
    builder: WorldBuilder,
    show: ProducerShow,
    at: datetime,
    era: Era = Era.PROGRAM_CHANNEL,
    *,
    channel: HostChannel | None = None,
    show_stage: str | None = None,
    naive: bool = False,
    guest_host: bool = False,
) -> HostSession:
    """Open a session of a show; its row has the shape of the era.

    `channel` is the persistent channel (HEAD) or overrides the shared one (FIXTURE); `show_stage` is the
    show's legacy stage; `naive` writes the times as the Python functions do; a `guest_host` is not the
    show's producer.
    """
    session_id = builder.uuid()
    if era is Era.HEAD and channel is None:
        channel = persistent_channel(builder, at, show.producer)
    fields = _ivs_fields(builder, session_id, era, channel)
    fields |= {"stageArn": show_stage, "channelArn": builder.shared_channel}
    if era is Era.FIXTURE and channel:
        fields["channelArn"] = channel.arn
    composed = {Era.FIXTURE: "stageArn", Era.PROGRAM_STAGE: "programStageArn"}.get(era, "rawStageArn")
    on_air = {Era.FIXTURE: "channelArn", Era.HEAD: "persistentChannelArn"}.get(era, "programChannelArn")
    session = HostSession(session_id, show, at, era, fields[composed] or "", fields[on_air])
    _put_session(builder, session, fields, naive=naive)
    if guest_host:
        builder.update(session.key, hostUserId=builder.uuid())
    return session


def _ivs_fields(
    builder: WorldBuilder, session_id: str, era: Era, channel: HostChannel | None
) -> dict[str, Any]:
    if era is Era.FIXTURE:
        return {"compositionId": None}
    fields: dict[str, Any] = {
        "rawStageArn": formats.arn("stage", builder.ivs_id()),
        "programStageArn": formats.arn("stage", builder.ivs_id()),
        "compositionArn": None,
        "programParticipantId": f"program-virtual-{session_id}",
        "programControllerTaskArn": None,
    }
    if era in (Era.RELAY, Era.HEAD):
        fields["relayChannelArn"] = formats.arn("channel", builder.ivs_id())
    if era is not Era.HEAD:
        return fields | {"programChannelArn": formats.arn("channel", builder.ivs_id())}
    if channel:
        fields |= {"persistentChannelId": channel.channel_id, "persistentChannelArn": channel.arn}
    return fields


def _put_session(
    builder: WorldBuilder, session: HostSession, ivs_fields: dict[str, Any], *, naive: bool
) -> None:
    created = formats.python_time(session.created) if naive else formats.javascript_time(session.created)
    prefix = f"sessions/{session.session_id}/program/"
    if session.era is Era.FIXTURE:
        prefix = f"users/{session.show.producer}/recordings/{session.show.show_id}/"
    builder.put(
        *session.key, entityType="liveSession", sessionId=session.session_id, showId=session.show.show_id,
        hostUserId=session.show.producer, episodeId=None, ivs=ivs_fields, status="ACTIVE",
        participants={}, programState={"layout": "grid"}, tracklist={"playlistId": None, "currentIndex": 0},
        streaming={"isLive": False, "startedAt": None}, recording={"isRecording": False, "s3Prefix": prefix},
        createdAt=created, updatedAt=created,
    )  # fmt: skip
    builder.notes.sessions[session.session_id] = "agrees"


def compose(builder: WorldBuilder, session: HostSession, at: datetime, *, remembered: bool = True) -> str:
    """Start a composition and answer its id; the row remembers the last one only, or none at all."""
    composition_id = builder.ivs_id()
    if not remembered:
        return composition_id
    if session.era is Era.FIXTURE:
        remember(builder, session, compositionId=composition_id)
    else:
        remember(builder, session, compositionArn=formats.arn("composition", composition_id))
    builder.update(session.key, updatedAt=formats.javascript_time(at))
    return composition_id


def broadcast(
    builder: WorldBuilder,
    session: HostSession,
    at: datetime,
    length: timedelta,
    ending: Ending = Ending.ENDED,
    *,
    remembered: bool = True,
) -> IvsRecording:
    """Compose the session's stage, IVS recording the composition."""
    composition_id = compose(builder, session, at, remembered=remembered)
    return ivs.composite(builder, session.composed_stage, composition_id, at, length, ending)


def auto_record(
    builder: WorldBuilder,
    session: HostSession,
    at: datetime,
    length: timedelta,
    ending: Ending = Ending.ENDED,
    layout: Layout = Layout.DATED,
    recording_id: str | None = None,
    gaps: timedelta = timedelta(0),
) -> IvsRecording:
    """What goes out on the session's channel, recorded by the channel itself."""
    return ivs.channel(builder, session.channel_arn, at, length, ending, layout, recording_id, gaps)


def both(
    builder: WorldBuilder, session: HostSession, at: datetime, length: timedelta
) -> tuple[IvsRecording, IvsRecording]:
    """One broadcast recorded twice, as today's sessions are: the composite, and the channel moments later."""
    composite = broadcast(builder, session, at, length)
    late, early = builder.seconds(2, 6), builder.seconds(0, 3)
    return composite, auto_record(builder, session, at + late, length - late - early)


def remember(builder: WorldBuilder, session: HostSession, **fields: Any) -> None:
    """Some function writes further fields into the session's `ivs`."""
    builder.update(session.key, ivs={**builder.rows[session.key]["ivs"], **fields})


def end_session(
    builder: WorldBuilder,
    session: HostSession,
    at: datetime,
    *,
    drift: timedelta | None = None,
    naive: bool = False,
) -> None:
    """End the session; a controller task that lives on may push updatedAt past the end by `drift`."""
    when = at if drift is None else builder.settled(at + drift)
    status = "COMPLETED" if builder.rng.random() < 0.3 else "ENDED"
    updated = formats.python_time(when) if naive else formats.javascript_time(when)
    builder.update(session.key, status=status, updatedAt=updated)
