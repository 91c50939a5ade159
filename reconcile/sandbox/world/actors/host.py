"""Hosts: open sessions in the shapes of every era, go on air, restart, and end or forget to end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from reconcile.sandbox.world import formats
from reconcile.sandbox.world.actors import ivs
from reconcile.sandbox.world.actors.ivs import Layout, Recording
from reconcile.sandbox.world.actors.ivs_files import Ending
from reconcile.sandbox.world.actors.producer import Show
from reconcile.sandbox.world.builder import Stage


class Era(Enum):
    """The generations of the session row."""

    FIXTURE = "one stage of the show, the shared channel, compositionId"
    PROGRAM_STAGE = "two stages, the program stage is composed"
    PROGRAM_CHANNEL = "two stages, the raw stage is composed, a channel of its own"
    RELAY = "as before, and a relay channel"
    HEAD = "the host's persistent channel, which records too"


@dataclass(frozen=True, slots=True)
class Channel:
    """A host's persistent channel."""

    channel_id: str
    arn: str


@dataclass(frozen=True, slots=True)
class Session:
    """A live session as its host knows it: what is composed, and on which channel it goes out."""

    session_id: str
    show: Show
    created: datetime
    era: Era
    composed_stage: str
    channel_arn: str

    @property
    def key(self) -> tuple[str, str]:
        """The key of the session's row."""
        return f"session#{self.session_id}", "info"


def persistent_channel(stage: Stage, at: datetime, host: str) -> Channel:
    """An operator makes a channel that records itself, and assigns it to a host."""
    channel = Channel(stage.uuid(), formats.arn("channel", stage.ivs_id()))
    made = formats.javascript_time(at - timedelta(days=1))
    stage.put(
        f"channel#{channel.channel_id}", "info", entityType="persistentChannel", channelId=channel.channel_id,
        channelArn=channel.arn, channelName=f"host-{host[:8]}", streamKey="not-a-real-key", state="IDLE",
        recordingConfigurationArn=formats.arn("recording-configuration", "Xk2made0up9Z"),
        currentSessionId=None, totalBroadcasts=0, totalStreamingMinutes=0, createdAt=made, updatedAt=made,
    )  # fmt: skip
    assign(stage, channel, host, at)
    return channel


def assign(stage: Stage, channel: Channel, host: str, at: datetime) -> None:
    """Assign a channel to a host; nothing hinders giving one channel to several."""
    stage.put(
        f"host#{host}", "channel#assignment", entityType="channelAssignment", hostUserId=host,
        channelId=channel.channel_id, channelArn=channel.arn, streamKey="not-a-real-key",
        assignedAt=formats.javascript_time(at - timedelta(days=1)), assignedBy="operator",
    )  # fmt: skip


def open_session(
    stage: Stage,
    show: Show,
    at: datetime,
    era: Era = Era.PROGRAM_CHANNEL,
    *,
    channel: Channel | None = None,
    show_stage: str | None = None,
    naive: bool = False,
    guest_host: bool = False,
) -> Session:
    """Open a session of a show; its row has the shape of the era.

    `channel` is the persistent channel (HEAD) or overrides the shared one (FIXTURE); `show_stage` is the
    show's legacy stage; `naive` writes the times as the Python functions do; a `guest_host` is not the
    show's producer.
    """
    session_id = stage.uuid()
    if era is Era.HEAD and channel is None:
        channel = persistent_channel(stage, at, show.producer)
    fields = _ivs_fields(stage, session_id, era, channel)
    fields |= {"stageArn": show_stage, "channelArn": stage.shared_channel}
    if era is Era.FIXTURE and channel:
        fields["channelArn"] = channel.arn
    composed = {Era.FIXTURE: "stageArn", Era.PROGRAM_STAGE: "programStageArn"}.get(era, "rawStageArn")
    on_air = {Era.FIXTURE: "channelArn", Era.HEAD: "persistentChannelArn"}.get(era, "programChannelArn")
    session = Session(session_id, show, at, era, fields[composed] or "", fields[on_air])
    _put_session(stage, session, fields, naive=naive)
    if guest_host:
        stage.update(session.key, hostUserId=stage.uuid())
    return session


def _ivs_fields(stage: Stage, session_id: str, era: Era, channel: Channel | None) -> dict[str, Any]:
    if era is Era.FIXTURE:
        return {"compositionId": None}
    fields: dict[str, Any] = {
        "rawStageArn": formats.arn("stage", stage.ivs_id()),
        "programStageArn": formats.arn("stage", stage.ivs_id()),
        "compositionArn": None,
        "programParticipantId": f"program-virtual-{session_id}",
        "programControllerTaskArn": None,
    }
    if era in (Era.RELAY, Era.HEAD):
        fields["relayChannelArn"] = formats.arn("channel", stage.ivs_id())
    if era is not Era.HEAD:
        return fields | {"programChannelArn": formats.arn("channel", stage.ivs_id())}
    if channel:
        fields |= {"persistentChannelId": channel.channel_id, "persistentChannelArn": channel.arn}
    return fields


def _put_session(stage: Stage, session: Session, ivs_fields: dict[str, Any], *, naive: bool) -> None:
    created = formats.python_time(session.created) if naive else formats.javascript_time(session.created)
    prefix = f"sessions/{session.session_id}/program/"
    if session.era is Era.FIXTURE:
        prefix = f"users/{session.show.producer}/recordings/{session.show.show_id}/"
    stage.put(
        *session.key, entityType="liveSession", sessionId=session.session_id, showId=session.show.show_id,
        hostUserId=session.show.producer, episodeId=None, ivs=ivs_fields, status="ACTIVE",
        participants={}, programState={"layout": "grid"}, tracklist={"playlistId": None, "currentIndex": 0},
        streaming={"isLive": False, "startedAt": None}, recording={"isRecording": False, "s3Prefix": prefix},
        createdAt=created, updatedAt=created,
    )  # fmt: skip
    stage.notes.sessions[session.session_id] = "agrees"


def compose(stage: Stage, session: Session, at: datetime, *, remembered: bool = True) -> str:
    """Start a composition and answer its id; the row remembers the last one only, or none at all."""
    composition_id = stage.ivs_id()
    if not remembered:
        return composition_id
    if session.era is Era.FIXTURE:
        remember(stage, session, compositionId=composition_id)
    else:
        remember(stage, session, compositionArn=formats.arn("composition", composition_id))
    stage.update(session.key, updatedAt=formats.javascript_time(at))
    return composition_id


def broadcast(
    stage: Stage,
    session: Session,
    at: datetime,
    length: timedelta,
    ending: Ending = Ending.ENDED,
    *,
    remembered: bool = True,
) -> Recording:
    """Compose the session's stage, IVS recording the composition."""
    composition_id = compose(stage, session, at, remembered=remembered)
    return ivs.composite(stage, session.composed_stage, composition_id, at, length, ending)


def auto_record(
    stage: Stage,
    session: Session,
    at: datetime,
    length: timedelta,
    ending: Ending = Ending.ENDED,
    layout: Layout = Layout.DATED,
    recording_id: str | None = None,
    gaps: timedelta = timedelta(0),
) -> Recording:
    """What goes out on the session's channel, recorded by the channel itself."""
    return ivs.channel(stage, session.channel_arn, at, length, ending, layout, recording_id, gaps)


def both(stage: Stage, session: Session, at: datetime, length: timedelta) -> tuple[Recording, Recording]:
    """One broadcast recorded twice, as today's sessions are: the composite, and the channel moments later."""
    composite = broadcast(stage, session, at, length)
    late, early = stage.seconds(2, 6), stage.seconds(0, 3)
    return composite, auto_record(stage, session, at + late, length - late - early)


def remember(stage: Stage, session: Session, **fields: Any) -> None:
    """Some function writes further fields into the session's `ivs`."""
    stage.update(session.key, ivs={**stage.rows[session.key]["ivs"], **fields})


def end_session(
    stage: Stage, session: Session, at: datetime, *, drift: timedelta | None = None, naive: bool = False
) -> None:
    """End the session; a controller task that lives on may push updatedAt past the end by `drift`."""
    when = at if drift is None else stage.settled(at + drift)
    status = "COMPLETED" if stage.rng.random() < 0.3 else "ENDED"
    updated = formats.python_time(when) if naive else formats.javascript_time(when)
    stage.update(session.key, status=status, updatedAt=updated)
