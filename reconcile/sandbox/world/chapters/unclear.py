"""Scenes that leave a recording without a home: nobody's, of two shows, of a show or group that is gone."""

from __future__ import annotations

from datetime import datetime, timedelta

from reconcile.sandbox.world import formats
from reconcile.sandbox.world.actors import functions, host, ivs
from reconcile.sandbox.world.actors.host import Era, HostChannel
from reconcile.sandbox.world.actors.producer import (
    GroupFate,
    ProducerShow,
    delete_group,
    delete_show,
    make_show,
)
from reconcile.sandbox.world.builder import WorldBuilder
from reconcile.sandbox.world.chapters.scene import Scene, When, channel_evening, double_evening, evening, note


def nobodys_composition(builder: WorldBuilder, at: datetime) -> None:
    """A composition of a stage that no row of the table knows."""
    recording = ivs.composite(
        builder, formats.arn("stage", builder.ivs_id()), builder.ivs_id(), at, builder.minutes(10, 60)
    )
    note(builder, recording, "unattributed")


def nobodys_channel(builder: WorldBuilder, at: datetime) -> None:
    """A channel that no row of the table knows."""
    recording = ivs.channel(builder, formats.arn("channel", builder.ivs_id()), at, builder.minutes(10, 60))
    note(builder, recording, "unattributed")


def camera_test(builder: WorldBuilder, at: datetime) -> None:
    """A host tries his encoder on his channel, the day before its only session."""
    owner = make_show(builder, at)
    channel = host.persistent_channel(builder, at - timedelta(days=3), owner.producer)
    recording = ivs.channel(builder, channel.arn, at - timedelta(hours=25), builder.minutes(10, 30))
    night = channel_evening(builder, at, show=owner, channel=channel)
    note(builder, recording, "unattributed")
    note(builder, night.channel, "program-missing", owner)


def encoder_before_the_session(builder: WorldBuilder, at: datetime) -> None:
    """The host's encoder sent before he opened the session: its channel recording is nobody's by its time."""
    show = make_show(builder, at)
    session = host.open_session(builder, show, at + timedelta(minutes=3), Era.HEAD)
    recording = host.auto_record(builder, session, at, timedelta(minutes=50))
    host.end_session(builder, session, at + timedelta(minutes=52))
    note(builder, recording, "unattributed")


def forgotten_session_long_ago(builder: WorldBuilder, at: datetime) -> None:
    """The channel's last session was never ended, but lies more than half a day back."""
    show = make_show(builder, at)
    channel = host.persistent_channel(builder, at - timedelta(days=3), show.producer)
    host.open_session(builder, show, at - timedelta(hours=30), Era.HEAD, channel=channel)
    recording = ivs.channel(builder, channel.arn, at, builder.minutes(10, 60))
    note(builder, recording, "unattributed")


def two_hosts_on_one_channel(builder: WorldBuilder, at: datetime) -> None:
    """One channel given to two hosts, who opened sessions of two shows in the same moment."""
    first, second = make_show(builder, at), make_show(builder, at)
    channel = host.persistent_channel(builder, at, first.producer)
    host.assign(builder, channel, second.producer, at)
    _same_moment(builder, at, (first, second), channel, Era.HEAD)


def two_shows_on_the_shared_channel(builder: WorldBuilder, at: datetime) -> None:
    """The same on a channel that shows share, with sessions of the oldest shape."""
    channel = HostChannel(builder.uuid(), formats.arn("channel", builder.ivs_id()))
    _same_moment(builder, at, (make_show(builder, at), make_show(builder, at)), channel, Era.FIXTURE)


def _same_moment(
    builder: WorldBuilder,
    at: datetime,
    shows: tuple[ProducerShow, ProducerShow],
    channel: HostChannel,
    era: Era,
) -> None:
    opened = at - builder.seconds(20, 200)
    for show in shows:
        session = host.open_session(builder, show, opened, era, channel=channel)
        host.end_session(builder, session, at + timedelta(hours=2))
    note(builder, ivs.channel(builder, channel.arn, at, builder.minutes(20, 100)), "ambiguous")


def show_without_group(builder: WorldBuilder, at: datetime) -> None:
    """The show is older than groups, and the processor skips it with a line in its log."""
    night = evening(builder, at, group=GroupFate.NONE)
    note(builder, night.composite, "group-missing", night.show)


def show_without_group_recorded_twice(builder: WorldBuilder, at: datetime) -> None:
    """The same, recorded twice: a twin is still a twin."""
    night = double_evening(builder, at, group=GroupFate.NONE)
    note(builder, night.composite, "group-missing", night.show)
    note(builder, night.channel, "twin", night.show)


def group_without_row(builder: WorldBuilder, at: datetime) -> None:
    """create-show died between its two puts."""
    night = evening(builder, at, group=GroupFate.ROWLESS)
    note(builder, night.composite, "group-missing", night.show)


def phantom_group(builder: WorldBuilder, at: datetime) -> None:
    """Yesterday's program counted up a group that had no row: a phantom, which today's would join."""
    show = make_show(builder, at - timedelta(days=1), GroupFate.ROWLESS)
    before = evening(builder, at - timedelta(hours=25), show=show)
    program = functions.process(builder, before.composite, show, at - timedelta(hours=24))
    night = evening(builder, at, show=show)
    note(builder, before.composite, "agrees", show, [program])
    note(builder, night.composite, "group-missing", show)


def group_deleted_later(builder: WorldBuilder, at: datetime) -> None:
    """The owner deleted the group; the program in it was not touched, today's recording has nowhere to go."""
    before = evening(builder, at - timedelta(hours=25))
    program = functions.process(builder, before.composite, before.show, at - timedelta(hours=24))
    delete_group(builder, before.show)
    night = evening(builder, at, show=before.show)
    note(builder, before.composite, "agrees", before.show, [program])
    note(builder, night.composite, "group-missing", before.show)


def show_deleted(builder: WorldBuilder, at: datetime) -> None:
    """The show was deleted after it was on; its session stays and names it."""
    night = double_evening(builder, at)
    delete_show(builder, night.show)
    for recording in (night.composite, night.channel):
        note(builder, recording, "show-missing", night.show, owner_known=False)


def ghost_of_a_show(builder: WorldBuilder, at: datetime) -> None:
    """The show was deleted, then its image uploaded: an update without a condition made a ghost."""
    night = evening(builder, at)
    delete_show(builder, night.show, ghost_at=at + timedelta(hours=2))
    note(builder, night.composite, "show-missing", night.show, owner_known=False)


def show_deleted_after_its_program(builder: WorldBuilder, at: datetime) -> None:
    """The show was deleted, its program lives on: nothing is wrong with the recording."""
    night = evening(builder, at)
    program = functions.process(builder, night.composite, night.show, at + builder.seconds(20, 70))
    delete_show(builder, night.show)
    note(builder, night.composite, "agrees", night.show, [program], owner_known=False)


SCENES = (
    Scene(nobodys_composition, anywhere=True),
    Scene(nobodys_channel, anywhere=True),
    Scene(camera_test),
    Scene(encoder_before_the_session),
    Scene(forgotten_session_long_ago),
    Scene(two_hosts_on_one_channel),
    Scene(two_shows_on_the_shared_channel, When.OLD),
    Scene(show_without_group, anywhere=True),
    Scene(show_without_group_recorded_twice),
    Scene(group_without_row, anywhere=True),
    Scene(phantom_group),
    Scene(group_deleted_later),
    Scene(show_deleted),
    Scene(ghost_of_a_show),
    Scene(show_deleted_after_its_program),
)
