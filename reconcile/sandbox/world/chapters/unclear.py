"""Scenes that leave a recording without a home: nobody's, of two shows, of a show or group that is gone."""

from __future__ import annotations

from datetime import datetime, timedelta

from reconcile.sandbox.world import formats
from reconcile.sandbox.world.actors import functions, host, ivs
from reconcile.sandbox.world.actors.host import Channel, Era
from reconcile.sandbox.world.actors.producer import Group, Show, delete_group, delete_show, make_show
from reconcile.sandbox.world.builder import Stage
from reconcile.sandbox.world.chapters.scene import Scene, When, channel_evening, double_evening, evening, note


def nobodys_composition(stage: Stage, at: datetime) -> None:
    """A composition of a stage that no row of the table knows."""
    recording = ivs.composite(
        stage, formats.arn("stage", stage.ivs_id()), stage.ivs_id(), at, stage.minutes(10, 60)
    )
    note(stage, recording, "unattributed")


def nobodys_channel(stage: Stage, at: datetime) -> None:
    """A channel that no row of the table knows."""
    recording = ivs.channel(stage, formats.arn("channel", stage.ivs_id()), at, stage.minutes(10, 60))
    note(stage, recording, "unattributed")


def camera_test(stage: Stage, at: datetime) -> None:
    """A host tries his encoder on his channel, the day before its only session."""
    owner = make_show(stage, at)
    channel = host.persistent_channel(stage, at - timedelta(days=3), owner.producer)
    recording = ivs.channel(stage, channel.arn, at - timedelta(hours=25), stage.minutes(10, 30))
    night = channel_evening(stage, at, show=owner, channel=channel)
    note(stage, recording, "unattributed")
    note(stage, night.channel, "program-missing", owner)


def encoder_before_the_session(stage: Stage, at: datetime) -> None:
    """The host's encoder sent before he opened the session: its channel recording is nobody's by its time."""
    show = make_show(stage, at)
    session = host.open_session(stage, show, at + timedelta(minutes=3), Era.HEAD)
    recording = host.auto_record(stage, session, at, timedelta(minutes=50))
    host.end_session(stage, session, at + timedelta(minutes=52))
    note(stage, recording, "unattributed")


def forgotten_session_long_ago(stage: Stage, at: datetime) -> None:
    """The channel's last session was never ended, but lies more than half a day back."""
    show = make_show(stage, at)
    channel = host.persistent_channel(stage, at - timedelta(days=3), show.producer)
    host.open_session(stage, show, at - timedelta(hours=30), Era.HEAD, channel=channel)
    recording = ivs.channel(stage, channel.arn, at, stage.minutes(10, 60))
    note(stage, recording, "unattributed")


def two_hosts_on_one_channel(stage: Stage, at: datetime) -> None:
    """One channel given to two hosts, who opened sessions of two shows in the same moment."""
    first, second = make_show(stage, at), make_show(stage, at)
    channel = host.persistent_channel(stage, at, first.producer)
    host.assign(stage, channel, second.producer, at)
    _same_moment(stage, at, (first, second), channel, Era.HEAD)


def two_shows_on_the_shared_channel(stage: Stage, at: datetime) -> None:
    """The same on a channel that shows share, with sessions of the oldest shape."""
    channel = Channel(stage.uuid(), formats.arn("channel", stage.ivs_id()))
    _same_moment(stage, at, (make_show(stage, at), make_show(stage, at)), channel, Era.FIXTURE)


def _same_moment(stage: Stage, at: datetime, shows: tuple[Show, Show], channel: Channel, era: Era) -> None:
    opened = at - stage.seconds(20, 200)
    for show in shows:
        session = host.open_session(stage, show, opened, era, channel=channel)
        host.end_session(stage, session, at + timedelta(hours=2))
    note(stage, ivs.channel(stage, channel.arn, at, stage.minutes(20, 100)), "ambiguous")


def show_without_group(stage: Stage, at: datetime) -> None:
    """The show is older than groups, and the processor skips it with a line in its log."""
    night = evening(stage, at, group=Group.NONE)
    note(stage, night.composite, "group-missing", night.show)


def show_without_group_recorded_twice(stage: Stage, at: datetime) -> None:
    """The same, recorded twice: a twin is still a twin."""
    night = double_evening(stage, at, group=Group.NONE)
    note(stage, night.composite, "group-missing", night.show)
    note(stage, night.channel, "twin", night.show)


def group_without_row(stage: Stage, at: datetime) -> None:
    """create-show died between its two puts."""
    night = evening(stage, at, group=Group.ROWLESS)
    note(stage, night.composite, "group-missing", night.show)


def phantom_group(stage: Stage, at: datetime) -> None:
    """Yesterday's program counted up a group that had no row: a phantom, which today's would join."""
    show = make_show(stage, at - timedelta(days=1), Group.ROWLESS)
    before = evening(stage, at - timedelta(hours=25), show=show)
    program = functions.process(stage, before.composite, show, at - timedelta(hours=24))
    night = evening(stage, at, show=show)
    note(stage, before.composite, "agrees", show, [program])
    note(stage, night.composite, "group-missing", show)


def group_deleted_later(stage: Stage, at: datetime) -> None:
    """The owner deleted the group; the program in it was not touched, today's recording has nowhere to go."""
    before = evening(stage, at - timedelta(hours=25))
    program = functions.process(stage, before.composite, before.show, at - timedelta(hours=24))
    delete_group(stage, before.show)
    night = evening(stage, at, show=before.show)
    note(stage, before.composite, "agrees", before.show, [program])
    note(stage, night.composite, "group-missing", before.show)


def show_deleted(stage: Stage, at: datetime) -> None:
    """The show was deleted after it was on; its session stays and names it."""
    night = double_evening(stage, at)
    delete_show(stage, night.show)
    for recording in (night.composite, night.channel):
        note(stage, recording, "show-missing", night.show, owner_known=False)


def ghost_of_a_show(stage: Stage, at: datetime) -> None:
    """The show was deleted, then its image uploaded: an update without a condition made a ghost."""
    night = evening(stage, at)
    delete_show(stage, night.show, ghost_at=at + timedelta(hours=2))
    note(stage, night.composite, "show-missing", night.show, owner_known=False)


def show_deleted_after_its_program(stage: Stage, at: datetime) -> None:
    """The show was deleted, its program lives on: nothing is wrong with the recording."""
    night = evening(stage, at)
    program = functions.process(stage, night.composite, night.show, at + stage.seconds(20, 70))
    delete_show(stage, night.show)
    note(stage, night.composite, "agrees", night.show, [program], owner_known=False)


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
