"""Scenes of encoders that come back, and of sessions that share a channel: where one recording ends."""

from __future__ import annotations

from datetime import datetime, timedelta

from reconcile.sandbox.world.actors import functions, host
from reconcile.sandbox.world.actors.host import Era, Session
from reconcile.sandbox.world.actors.ivs import Recording
from reconcile.sandbox.world.actors.producer import Show, make_show
from reconcile.sandbox.world.builder import Stage
from reconcile.sandbox.world.chapters.scene import Scene, note

_DAY, _MINUTE, _SECOND = timedelta(days=1), timedelta(minutes=1), timedelta(seconds=1)


def _came_back(stage: Stage, at: datetime, window: int) -> tuple[Show, Recording, Recording]:
    """An encoder drops out after half an hour and comes back just after IVS gave it up, for 40 minutes.

    `window`: how many seconds IVS waits for it. The end of the first recording is written after that, when
    the second one runs already.
    """
    show = make_show(stage, at)
    session = host.open_session(stage, show, at - _MINUTE, Era.HEAD)
    waited = (window + 8) * _SECOND
    first = host.auto_record(stage, session, at, 30 * _MINUTE + waited, gaps=waited)
    back = at + 30 * _MINUTE + (window + 3) * _SECOND
    second = host.auto_record(stage, session, back, 40 * _MINUTE)
    host.end_session(stage, session, back + 41 * _MINUTE)
    return show, first, second


def came_back_without_a_window(stage: Stage, at: datetime) -> None:
    """IVS does not wait at all: both parts are wanted."""
    show, *parts = _came_back(stage, at, 0)
    for part in parts:
        note(stage, part, "program-missing", show)


def came_back_after_a_minute(stage: Stage, at: datetime) -> None:
    """IVS waits a minute; the first part has its program, the second is wanted."""
    show, first, second = _came_back(stage, at, 60)
    program = functions.process(stage, first, show, at + _MINUTE)
    note(stage, first, "agrees", show, [program])
    note(stage, second, "program-missing", show)


def came_back_after_five_minutes(stage: Stage, at: datetime) -> None:
    """IVS waits five minutes; the second part has its program, the first is wanted."""
    show, first, second = _came_back(stage, at, 300)
    program = functions.process(stage, second, show, at + 36 * _MINUTE)
    note(stage, first, "program-missing", show)
    note(stage, second, "agrees", show, [program])


def merged_longer_than_its_media(stage: Stage, at: datetime) -> None:
    """IVS merged what an encoder sent in pieces: it holds an hour's time, though not an hour's media.

    A composite was begun in its last part: it shows partly the same, however short the media is.
    """
    show = make_show(stage, at)
    session = host.open_session(stage, show, at - _MINUTE, Era.HEAD)
    merged = host.auto_record(stage, session, at, 60 * _MINUTE, gaps=4 * 5 * _MINUTE)
    composite = host.broadcast(stage, session, at + 48 * _MINUTE, 40 * _MINUTE)
    host.end_session(stage, session, at + 90 * _MINUTE)
    program = functions.process(stage, merged, show, at + _MINUTE)
    note(stage, merged, "agrees", show, [program])
    note(stage, composite, "overlapping", show)


def _on_one_channel(stage: Stage, at: datetime, apart: timedelta) -> tuple[Show, Session, Session]:
    """Two sessions of a show on one channel, the second opened so much later."""
    show = make_show(stage, at)
    channel = host.persistent_channel(stage, at - _DAY, show.producer)
    first = host.open_session(stage, show, at - _MINUTE, Era.HEAD, channel=channel)
    second = host.open_session(stage, show, at - _MINUTE + apart, Era.HEAD, channel=channel)
    for session in (first, second):
        host.end_session(stage, session, at + 3 * timedelta(hours=1))
    return show, first, second


def session_after_session_on_one_channel(stage: Stage, at: datetime) -> None:
    """The first session's composite is missing, its channel recording is all that is left of it."""
    show, first, second = _on_one_channel(stage, at, 62 * _MINUTE)
    alone = host.auto_record(stage, first, at, 58 * _MINUTE)
    composite, channel = host.both(stage, second, at + 63 * _MINUTE, 50 * _MINUTE)
    program = functions.process(stage, composite, show, at + 64 * _MINUTE)
    note(stage, alone, "program-missing", show)
    note(stage, composite, "agrees", show, [program])
    note(stage, channel, "twin", show)


def channel_ran_on_into_the_next_session(stage: Stage, at: datetime) -> None:
    """The encoder never stopped: what was the first session's holds the second's broadcast too.

    The first session's composite is missing, the second's has its program.
    """
    show, first, second = _on_one_channel(stage, at, 62 * _MINUTE)
    through = host.auto_record(stage, first, at, 113 * _MINUTE)
    composite = host.broadcast(stage, second, at + 63 * _MINUTE, 50 * _MINUTE)
    program = functions.process(stage, composite, show, at + 64 * _MINUTE)
    note(stage, composite, "agrees", show, [program])
    note(stage, through, "overlapping", show)


def opened_at_once_on_one_channel(stage: Stage, at: datetime) -> None:
    """Two sessions of one moment, one composite missing: whose the channel recording is, nobody can tell."""
    show, _, second = _on_one_channel(stage, at, timedelta(0))
    composite, channel = host.both(stage, second, at, 50 * _MINUTE)
    program = functions.process(stage, composite, show, at + _MINUTE)
    note(stage, composite, "agrees", show, [program])
    note(stage, channel, "ambiguous", show)


SCENES = (
    Scene(came_back_without_a_window, anywhere=True),
    Scene(came_back_after_a_minute),
    Scene(came_back_after_five_minutes),
    Scene(merged_longer_than_its_media),
    Scene(session_after_session_on_one_channel),
    Scene(channel_ran_on_into_the_next_session),
    Scene(opened_at_once_on_one_channel),
)
