"""Scenes about channels: a show's own, one that others name too, and recordings on them that never ended."""

from __future__ import annotations

from datetime import datetime, timedelta

from reconcile.sandbox.world import formats
from reconcile.sandbox.world.actors import functions, host, ivs
from reconcile.sandbox.world.actors.host import Channel, Era
from reconcile.sandbox.world.actors.ivs_files import Ending
from reconcile.sandbox.world.actors.producer import make_show, save_recording_row
from reconcile.sandbox.world.builder import Stage
from reconcile.sandbox.world.chapters.scene import Scene, When, evening, note, note_row

_HOUR, _MINUTE = timedelta(hours=1), timedelta(minutes=1)


def _channel(stage: Stage) -> Channel:
    return Channel(stage.uuid(), formats.arn("channel", stage.ivs_id()))


def show_s_own_channel(stage: Stage, at: datetime) -> None:
    """A show of the time when each show had a channel: it went on air there before there were sessions."""
    channel = _channel(stage)
    show = make_show(stage, at, channel_arn=channel.arn)
    recording = ivs.channel(stage, channel.arn, at, stage.minutes(20, 90))
    note(stage, recording, "program-missing", show)


def show_s_own_channel_with_a_session(stage: Stage, at: datetime) -> None:
    """The same with a session, which copied the show's channel; the encoder began before it was opened."""
    channel = _channel(stage)
    show = make_show(stage, at, channel_arn=channel.arn)
    session = host.open_session(stage, show, at + 5 * _MINUTE, Era.FIXTURE, channel=channel)
    recording = host.auto_record(stage, session, at, 50 * _MINUTE)
    host.end_session(stage, session, at + 52 * _MINUTE)
    note(stage, recording, "program-missing", show)


def channel_that_was_another_show_s(stage: Stage, at: datetime) -> None:
    """Another show's session was on this channel the day before; who sends there now, nothing tells."""
    channel = _channel(stage)
    make_show(stage, at, channel_arn=channel.arn)
    other = make_show(stage, at - 20 * _HOUR)
    session = host.open_session(stage, other, at - 20 * _HOUR, Era.FIXTURE, channel=channel)
    before = host.auto_record(stage, session, at - 20 * _HOUR + 3 * _MINUTE, 40 * _MINUTE)
    host.end_session(stage, session, at - 19 * _HOUR)
    note(stage, before, "program-missing", other)
    note(stage, ivs.channel(stage, channel.arn, at, stage.minutes(20, 90)), "unattributed")


def channel_of_two_shows(stage: Stage, at: datetime) -> None:
    """Two shows were given the same channel."""
    channel = _channel(stage)
    for _ in range(2):
        make_show(stage, at, channel_arn=channel.arn)
    note(stage, ivs.channel(stage, channel.arn, at, stage.minutes(20, 90)), "unattributed")


def channel_lent_to_a_host(stage: Stage, at: datetime) -> None:
    """A show names a channel that is kept for a host, whoever he sends it for."""
    show = make_show(stage, at)
    channel = host.persistent_channel(stage, at, show.producer)
    kept, assigned = (
        (f"channel#{channel.channel_id}", "info"),
        (f"host#{show.producer}", "channel#assignment"),
    )
    stage.delete(stage.rng.choice((kept, assigned)))
    make_show(stage, at, producer=show.producer, channel_arn=channel.arn)
    note(stage, ivs.channel(stage, channel.arn, at, stage.minutes(20, 90)), "unattributed")


def recorded_before_the_show_was_made(stage: Stage, at: datetime) -> None:
    """The channel is older than the show that names it."""
    channel = _channel(stage)
    recording = ivs.channel(stage, channel.arn, at, 50 * _MINUTE)
    make_show(stage, at + 3 * _HOUR, channel_arn=channel.arn, created=at + _HOUR)
    note(stage, recording, "unattributed")


def channel_that_never_ended(stage: Stage, at: datetime) -> None:
    """A recording of nobody's channel began and never ended; a show's note of that time is still its own."""
    endless = ivs.channel(stage, _channel(stage).arn, at - 20 * _HOUR, 4 * _HOUR, Ending.RUNNING)
    note(stage, endless, "unfinished")
    night = evening(stage, at, length=50 * _MINUTE)
    program = functions.process(stage, night.composite, night.show, at + stage.seconds(20, 70))
    row = save_recording_row(stage, night.show, at, at + 50 * _MINUTE)
    note_row(stage, row, "recording-row-stale", program)
    note(stage, night.composite, "agrees", night.show, [program])


def show_that_never_ended(stage: Stage, at: datetime) -> None:
    """A show's recording began and never ended; the next day's has no program, and nothing covers it."""
    before = evening(stage, at - 20 * _HOUR, ending=Ending.RUNNING)
    night = evening(stage, at, show=before.show)
    note(stage, before.composite, "unfinished", before.show)
    note(stage, night.composite, "program-missing", before.show)


SCENES = (
    Scene(show_s_own_channel, anywhere=True),
    Scene(show_s_own_channel_with_a_session),
    Scene(channel_that_was_another_show_s),
    Scene(channel_of_two_shows),
    Scene(channel_lent_to_a_host),
    Scene(recorded_before_the_show_was_made),
    Scene(channel_that_never_ended, When.OLD),
    Scene(show_that_never_ended, When.OLD),
)
