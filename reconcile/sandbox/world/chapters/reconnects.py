"""Scenes of encoders that come back, and of sessions that share a channel: where one recording ends."""

from __future__ import annotations

from datetime import datetime, timedelta

from reconcile.sandbox.world.actors import functions, host
from reconcile.sandbox.world.actors.host import Era, HostSession
from reconcile.sandbox.world.actors.ivs import IvsRecording
from reconcile.sandbox.world.actors.producer import ProducerShow, make_show
from reconcile.sandbox.world.builder import WorldBuilder
from reconcile.sandbox.world.chapters.scene import Scene, note

_DAY, _MINUTE, _SECOND = timedelta(days=1), timedelta(minutes=1), timedelta(seconds=1)


def _came_back(
    builder: WorldBuilder, at: datetime, window: int
) -> tuple[ProducerShow, IvsRecording, IvsRecording]:
    """An encoder drops out after half an hour and comes back just after IVS gave it up, for 40 minutes.

    `window`: how many seconds IVS waits for it. The end of the first recording is written after that, when
    the second one runs already.
    """
    show = make_show(builder, at)
    session = host.open_session(builder, show, at - _MINUTE, Era.HEAD)
    waited = (window + 8) * _SECOND
    first = host.auto_record(builder, session, at, 30 * _MINUTE + waited, gaps=waited)
    back = at + 30 * _MINUTE + (window + 3) * _SECOND
    second = host.auto_record(builder, session, back, 40 * _MINUTE)
    host.end_session(builder, session, back + 41 * _MINUTE)
    return show, first, second


def came_back_without_a_window(builder: WorldBuilder, at: datetime) -> None:
    """IVS does not wait at all: both parts are wanted."""
    show, *parts = _came_back(builder, at, 0)
    for part in parts:
        note(builder, part, "program-missing", show)


def came_back_after_a_minute(builder: WorldBuilder, at: datetime) -> None:
    """IVS waits a minute; the first part has its program, the second is wanted."""
    show, first, second = _came_back(builder, at, 60)
    program = functions.process(builder, first, show, at + _MINUTE)
    note(builder, first, "agrees", show, [program])
    note(builder, second, "program-missing", show)


def came_back_after_five_minutes(builder: WorldBuilder, at: datetime) -> None:
    """IVS waits five minutes; the second part has its program, the first is wanted."""
    show, first, second = _came_back(builder, at, 300)
    program = functions.process(builder, second, show, at + 36 * _MINUTE)
    note(builder, first, "program-missing", show)
    note(builder, second, "agrees", show, [program])


def merged_longer_than_its_media(builder: WorldBuilder, at: datetime) -> None:
    """IVS merged what an encoder sent in pieces: it holds an hour's time, though not an hour's media.

    A composite was begun in its last part: it shows partly the same, however short the media is.
    """
    show = make_show(builder, at)
    session = host.open_session(builder, show, at - _MINUTE, Era.HEAD)
    merged = host.auto_record(builder, session, at, 60 * _MINUTE, gaps=4 * 5 * _MINUTE)
    composite = host.broadcast(builder, session, at + 48 * _MINUTE, 40 * _MINUTE)
    host.end_session(builder, session, at + 90 * _MINUTE)
    program = functions.process(builder, merged, show, at + _MINUTE)
    note(builder, merged, "agrees", show, [program])
    note(builder, composite, "overlapping", show)


def _on_one_channel(
    builder: WorldBuilder, at: datetime, apart: timedelta
) -> tuple[ProducerShow, HostSession, HostSession]:
    """Two sessions of a show on one channel, the second opened so much later."""
    show = make_show(builder, at)
    channel = host.persistent_channel(builder, at - _DAY, show.producer)
    first = host.open_session(builder, show, at - _MINUTE, Era.HEAD, channel=channel)
    second = host.open_session(builder, show, at - _MINUTE + apart, Era.HEAD, channel=channel)
    for session in (first, second):
        host.end_session(builder, session, at + 3 * timedelta(hours=1))
    return show, first, second


def session_after_session_on_one_channel(builder: WorldBuilder, at: datetime) -> None:
    """The first session's composite is missing, its channel recording is all that is left of it."""
    show, first, second = _on_one_channel(builder, at, 62 * _MINUTE)
    alone = host.auto_record(builder, first, at, 58 * _MINUTE)
    composite, channel = host.both(builder, second, at + 63 * _MINUTE, 50 * _MINUTE)
    program = functions.process(builder, composite, show, at + 64 * _MINUTE)
    note(builder, alone, "program-missing", show)
    note(builder, composite, "agrees", show, [program])
    note(builder, channel, "twin", show)


def channel_ran_on_into_the_next_session(builder: WorldBuilder, at: datetime) -> None:
    """The encoder never stopped: what was the first session's holds the second's broadcast too.

    The first session's composite is missing, the second's has its program.
    """
    show, first, second = _on_one_channel(builder, at, 62 * _MINUTE)
    through = host.auto_record(builder, first, at, 113 * _MINUTE)
    composite = host.broadcast(builder, second, at + 63 * _MINUTE, 50 * _MINUTE)
    program = functions.process(builder, composite, show, at + 64 * _MINUTE)
    note(builder, composite, "agrees", show, [program])
    note(builder, through, "overlapping", show)


def opened_at_once_on_one_channel(builder: WorldBuilder, at: datetime) -> None:
    """Two sessions of one moment, one composite missing: whose the channel recording is, nobody can tell."""
    show, _, second = _on_one_channel(builder, at, timedelta(0))
    composite, channel = host.both(builder, second, at, 50 * _MINUTE)
    program = functions.process(builder, composite, show, at + _MINUTE)
    note(builder, composite, "agrees", show, [program])
    note(builder, channel, "ambiguous", show)


SCENES = (
    Scene(came_back_without_a_window, anywhere=True),
    Scene(came_back_after_a_minute),
    Scene(came_back_after_five_minutes),
    Scene(merged_longer_than_its_media),
    Scene(session_after_session_on_one_channel),
    Scene(channel_ran_on_into_the_next_session),
    Scene(opened_at_once_on_one_channel),
)
