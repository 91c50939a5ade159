"""Scenes about session rows: those whose recording never came, and those of which none is expected."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from reconcile.sandbox.world import formats
from reconcile.sandbox.world.actors import functions, host
from reconcile.sandbox.world.actors.host import Era
from reconcile.sandbox.world.actors.producer import make_show
from reconcile.sandbox.world.builder import WorldBuilder
from reconcile.sandbox.world.chapters.scene import Scene, When, evening, note


def recording_lost(builder: WorldBuilder, at: datetime) -> None:
    """The storage configuration was wrong or the bucket's policy broken: nothing was ever written."""
    at = min(at, builder.now - timedelta(hours=14))
    for era in (Era.PROGRAM_CHANNEL, Era.HEAD):
        session = host.open_session(builder, make_show(builder, at), at, era)
        host.compose(builder, session, at + timedelta(minutes=1))
        host.end_session(builder, session, at + builder.minutes(20, 90))
        builder.notes.sessions[session.session_id] = "recording-missing"


def second_composition_lost(builder: WorldBuilder, at: datetime) -> None:
    """The composition that the row remembers left nothing, but the first one was recorded."""
    show = make_show(builder, at)
    session = host.open_session(builder, show, at - timedelta(minutes=1))
    recording = host.broadcast(builder, session, at, timedelta(minutes=25))
    host.compose(builder, session, at + timedelta(minutes=27))
    host.end_session(builder, session, at + timedelta(minutes=40))
    note(builder, recording, "program-missing", show)


def composition_lost_channel_kept(builder: WorldBuilder, at: datetime) -> None:
    """Composition to the bucket was stuck in its start; the channel recorded the session."""
    show = make_show(builder, at)
    session = host.open_session(builder, show, at - timedelta(minutes=1), Era.HEAD)
    host.compose(builder, session, at)
    recording = host.auto_record(builder, session, at + timedelta(seconds=5), builder.minutes(20, 90))
    host.end_session(builder, session, at + timedelta(minutes=95))
    note(builder, recording, "program-missing", show)


def composed_a_while_ago(builder: WorldBuilder, now: datetime) -> None:
    """A session of a few hours, nothing recorded yet: too young to worry."""
    opened = now - timedelta(hours=5)
    session = host.open_session(builder, make_show(builder, opened), opened)
    host.compose(builder, session, opened + timedelta(minutes=1))


def bucket_cleaned_up(builder: WorldBuilder, at: datetime) -> None:
    """Someone deleted a recording's media and events; its program is still there."""
    at = min(at, builder.now - timedelta(hours=14))
    night = evening(builder, at)
    functions.process(builder, night.composite, night.show, at + timedelta(minutes=1))
    for key in night.composite.files:
        builder.drop_object(night.composite.bucket, key)
    builder.notes.sessions[night.session.session_id] = "recording-missing"


def opened_and_left(builder: WorldBuilder, _: datetime) -> None:
    """Sessions of every era in which nobody went on air, ended or not."""
    at = builder.shared_slot()
    for era in Era:
        session = host.open_session(
            builder, make_show(builder, at), at, era, naive=builder.rng.random() < 0.5
        )
        if builder.rng.random() < 0.5:
            host.end_session(builder, session, at + timedelta(minutes=9), naive=True)


def rows_without_ivs(builder: WorldBuilder, at: datetime) -> None:
    """Rows of tests and half-written ones: `ivs` absent, NULL, or full of NULLs; no times."""
    empty = dict.fromkeys(("rawStageArn", "programStageArn", "compositionArn", "channelArn", "stageArn"))
    shapes: tuple[dict[str, Any], ...] = (
        {}, {"ivs": None}, {"ivs": {}}, {"ivs": empty, "compositions": None}
    )  # fmt: skip
    for fields in shapes:
        _bare(builder, builder.uuid(), createdAt=formats.javascript_time(at), **fields)
    _bare(builder, builder.uuid(), ivs=empty)
    _bare(builder, f"test-session-{builder.ivs_id()}", ivs=empty, hostUserId="test-host-user", createdAt=None)


def _bare(builder: WorldBuilder, session_id: str, **attributes: Any) -> None:
    row = {"entityType": "liveSession", "sessionId": session_id, "showId": builder.uuid(), "status": "ACTIVE"}
    builder.put(f"session#{session_id}", "info", **{**row, **attributes})
    builder.notes.sessions[session_id] = "agrees"


SCENES = (
    Scene(recording_lost),
    Scene(second_composition_lost),
    Scene(composition_lost_channel_kept, anywhere=True),
    Scene(composed_a_while_ago, When.NOW),
    Scene(bucket_cleaned_up),
    Scene(opened_and_left, When.OLD),
    Scene(rows_without_ivs),
)
