"""Scenes about channels: a show's own, one that others name too, and recordings on them that never ended."""

from __future__ import annotations

from datetime import datetime, timedelta

from reconcile.sandbox.world import formats
from reconcile.sandbox.world.actors import functions, host, ivs
from reconcile.sandbox.world.actors.host import Era, HostChannel
from reconcile.sandbox.world.actors.ivs_files import Ending
from reconcile.sandbox.world.actors.producer import make_show, save_recording_row
from reconcile.sandbox.world.builder import WorldBuilder
from reconcile.sandbox.world.chapters.scene import Scene, When, evening, note, note_row

_HOUR, _MINUTE = timedelta(hours=1), timedelta(minutes=1)


def _channel(builder: WorldBuilder) -> HostChannel:
    return HostChannel(builder.uuid(), formats.arn("channel", builder.ivs_id()))


def show_s_own_channel(builder: WorldBuilder, at: datetime) -> None:
    """A show of the time when each show had a channel: it went on air there before there were sessions."""
    channel = _channel(builder)
    show = make_show(builder, at, channel_arn=channel.arn)
    recording = ivs.channel(builder, channel.arn, at, builder.minutes(20, 90))
    note(builder, recording, "program-missing", show)


def show_s_own_channel_with_a_session(builder: WorldBuilder, at: datetime) -> None:
    """The same with a session, which copied the show's channel; the encoder began before it was opened."""
    channel = _channel(builder)
    show = make_show(builder, at, channel_arn=channel.arn)
    session = host.open_session(builder, show, at + 5 * _MINUTE, Era.FIXTURE, channel=channel)
    recording = host.auto_record(builder, session, at, 50 * _MINUTE)
    host.end_session(builder, session, at + 52 * _MINUTE)
    note(builder, recording, "program-missing", show)


def channel_that_was_another_show_s(builder: WorldBuilder, at: datetime) -> None:
    """Another show's session was on this channel the day before; who sends there now, nothing tells."""
    channel = _channel(builder)
    make_show(builder, at, channel_arn=channel.arn)
    other = make_show(builder, at - 20 * _HOUR)
    session = host.open_session(builder, other, at - 20 * _HOUR, Era.FIXTURE, channel=channel)
    before = host.auto_record(builder, session, at - 20 * _HOUR + 3 * _MINUTE, 40 * _MINUTE)
    host.end_session(builder, session, at - 19 * _HOUR)
    note(builder, before, "program-missing", other)
    note(builder, ivs.channel(builder, channel.arn, at, builder.minutes(20, 90)), "unattributed")


def channel_of_two_shows(builder: WorldBuilder, at: datetime) -> None:
    """Two shows were given the same channel."""
    channel = _channel(builder)
    for _ in range(2):
        make_show(builder, at, channel_arn=channel.arn)
    note(builder, ivs.channel(builder, channel.arn, at, builder.minutes(20, 90)), "unattributed")


def channel_lent_to_a_host(builder: WorldBuilder, at: datetime) -> None:
    """A show names a channel that is kept for a host, whoever he sends it for."""
    show = make_show(builder, at)
    channel = host.persistent_channel(builder, at, show.producer)
    kept, assigned = (
        (f"channel#{channel.channel_id}", "info"),
        (f"host#{show.producer}", "channel#assignment"),
    )
    builder.delete(builder.rng.choice((kept, assigned)))
    make_show(builder, at, producer=show.producer, channel_arn=channel.arn)
    note(builder, ivs.channel(builder, channel.arn, at, builder.minutes(20, 90)), "unattributed")


def recorded_before_the_show_was_made(builder: WorldBuilder, at: datetime) -> None:
    """The channel is older than the show that names it."""
    channel = _channel(builder)
    recording = ivs.channel(builder, channel.arn, at, 50 * _MINUTE)
    make_show(builder, at + 3 * _HOUR, channel_arn=channel.arn, created=at + _HOUR)
    note(builder, recording, "unattributed")


def channel_that_never_ended(builder: WorldBuilder, at: datetime) -> None:
    """A recording of nobody's channel began and never ended; a show's note of that time is still its own."""
    endless = ivs.channel(builder, _channel(builder).arn, at - 20 * _HOUR, 4 * _HOUR, Ending.RUNNING)
    note(builder, endless, "unfinished")
    night = evening(builder, at, length=50 * _MINUTE)
    program = functions.process(builder, night.composite, night.show, at + builder.seconds(20, 70))
    row = save_recording_row(builder, night.show, at, at + 50 * _MINUTE)
    note_row(builder, row, "recording-row-stale", program)
    note(builder, night.composite, "agrees", night.show, [program])


def show_that_never_ended(builder: WorldBuilder, at: datetime) -> None:
    """A show's recording began and never ended; the next day's has no program, and nothing covers it."""
    before = evening(builder, at - 20 * _HOUR, ending=Ending.RUNNING)
    night = evening(builder, at, show=before.show)
    note(builder, before.composite, "unfinished", before.show)
    note(builder, night.composite, "program-missing", before.show)


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
