"""Scenes in which a whole recording never got its program, one for each way to find out whose it is."""

from __future__ import annotations

from datetime import datetime, timedelta

from reconcile.sandbox.world import formats
from reconcile.sandbox.world.actors import curator, functions, host, ivs
from reconcile.sandbox.world.actors.host import Era
from reconcile.sandbox.world.actors.ivs import Layout
from reconcile.sandbox.world.actors.ivs_files import Ending
from reconcile.sandbox.world.actors.producer import make_show, save_recording_row, show_key
from reconcile.sandbox.world.builder import WorldBuilder
from reconcile.sandbox.world.chapters.scene import (
    Scene,
    When,
    channel_evening,
    double_evening,
    evening,
    note,
    note_row,
)


def event_never_came(builder: WorldBuilder, at: datetime) -> None:
    """The processor was not told of a composite (best effort), or dropped it for good."""
    night = evening(builder, at, era=builder.rng.choice((Era.PROGRAM_STAGE, Era.PROGRAM_CHANNEL, Era.RELAY)))
    note(builder, night.composite, "program-missing", night.show)


def event_never_came_twice(builder: WorldBuilder, at: datetime) -> None:
    """Recorded twice, and neither has a program: one of them, the composite, wants it."""
    night = double_evening(builder, at)
    note(builder, night.composite, "program-missing", night.show)
    note(builder, night.channel, "twin", night.show)


def composition_forgotten(builder: WorldBuilder, at: datetime) -> None:
    """The composition began, then the row's update failed: only the stage tells whose it is."""
    show = make_show(builder, at)
    session = host.open_session(builder, show, at - timedelta(minutes=1), guest_host=True)
    recording = host.broadcast(builder, session, at, builder.minutes(20, 90), remembered=False)
    note(builder, recording, "program-missing", show)


def restarted(builder: WorldBuilder, at: datetime) -> None:
    """The host started a second composition; the row forgot the first, which the processor then missed."""
    night = evening(builder, at, length=timedelta(minutes=30))
    again = host.broadcast(builder, night.session, at + timedelta(minutes=33), builder.minutes(20, 60))
    program = functions.process(builder, again, night.show, at + timedelta(minutes=34))
    note(builder, night.composite, "program-missing", night.show)
    note(builder, again, "agrees", night.show, [program])


def composed_by_the_show(builder: WorldBuilder, at: datetime) -> None:
    """Compositions were once started for the show itself, on a stage that was replaced since."""
    show = make_show(builder, at, stage_arn=formats.arn("stage", builder.ivs_id()))
    composition_id = builder.ivs_id()
    builder.update(show_key(show), compositionArn=formats.arn("composition", composition_id))
    gone = formats.arn("stage", builder.ivs_id())
    recording = ivs.composite(builder, gone, composition_id, at, builder.minutes(20, 90))
    note(builder, recording, "program-missing", show)


def composed_beside_others(builder: WorldBuilder, at: datetime) -> None:
    """The composition is one of a session's list, its stage none that any row knows."""
    show = make_show(builder, at)
    session = host.open_session(builder, show, at - timedelta(minutes=2))
    composition_id = builder.ivs_id()
    listed = {"participantId": "p1", "compositionArn": formats.arn("composition", composition_id)}
    builder.update(session.key, compositions=[listed])
    host.end_session(builder, session, at + timedelta(hours=3))
    gone = formats.arn("stage", builder.ivs_id())
    recording = ivs.composite(builder, gone, composition_id, at, builder.minutes(20, 90))
    note(builder, recording, "program-missing", show)


def legacy_stage(builder: WorldBuilder, at: datetime) -> None:
    """A show's one stage, composed on two days by sessions of the oldest shape."""
    show_stage = formats.arn("stage", builder.ivs_id())
    show = make_show(builder, at - timedelta(days=1), stage_arn=show_stage)
    for start in (at - timedelta(hours=26), at):
        session = host.open_session(
            builder, show, start - timedelta(minutes=1), Era.FIXTURE, show_stage=show_stage,
            channel=host.HostChannel(builder.uuid(), formats.arn("channel", builder.ivs_id())),
        )  # fmt: skip
        recording = host.broadcast(builder, session, start, builder.minutes(20, 90))
        note(builder, recording, "program-missing", show)


def own_channel(builder: WorldBuilder, at: datetime) -> None:
    """A session's own channel was given a recording configuration by hand."""
    night = channel_evening(builder, at, era=builder.rng.choice((Era.PROGRAM_CHANNEL, Era.RELAY)))
    note(builder, night.channel, "program-missing", night.show)


def ingest_channel(builder: WorldBuilder, at: datetime) -> None:
    """The Python start-streaming made a channel of its own, and it records."""
    show = make_show(builder, at)
    session = host.open_session(builder, show, at - timedelta(minutes=1))
    ingest = formats.arn("channel", builder.ivs_id())
    host.remember(builder, session, ingestChannelArn=ingest)
    builder.update(session.key, updatedAt=formats.python_time(at))
    recording = ivs.channel(builder, ingest, at, builder.minutes(20, 90))
    note(builder, recording, "program-missing", show)


def persistent_channel_only(builder: WorldBuilder, at: datetime) -> None:
    """The processor never compares persistent channels; times as the Python functions write them."""
    night = channel_evening(builder, at, naive=True)
    note(builder, night.channel, "program-missing", night.show)


def old_bucket_layout(builder: WorldBuilder, at: datetime) -> None:
    """A channel recording whose prefix holds one stamp instead of a dated path."""
    night = channel_evening(builder, at, layout=Layout.STAMPED)
    note(builder, night.channel, "program-missing", night.show)


def shared_channel(builder: WorldBuilder, _: datetime) -> None:
    """The one channel that all shows share; the time tells whose session it was."""
    night = channel_evening(builder, builder.shared_slot(), era=Era.FIXTURE)
    note(builder, night.channel, "program-missing", night.show)


def never_ended(builder: WorldBuilder, at: datetime) -> None:
    """The host closed the browser: the session is active for ever, its recordings whole."""
    show = make_show(builder, at)
    session = host.open_session(builder, show, at - timedelta(minutes=2), Era.HEAD)
    composite, channel = host.both(builder, session, at, builder.minutes(30, 100))
    row = save_recording_row(builder, show, at, None, status="recording")
    note_row(builder, row, "agrees")
    note(builder, composite, "program-missing", show)
    note(builder, channel, "twin", show)


def drifting_end(builder: WorldBuilder, at: datetime) -> None:
    """A controller task outlives the first session, whose row looks as if it had ended in the second."""
    first, second = make_show(builder, at - timedelta(hours=4)), make_show(builder, at)
    channel = host.persistent_channel(builder, at - timedelta(days=1), first.producer)
    host.assign(builder, channel, second.producer, at)
    before = channel_evening(
        builder, at - timedelta(hours=3), show=first, channel=channel, drift=timedelta(hours=4)
    )
    after = channel_evening(builder, at, show=second, channel=channel)
    note(builder, before.channel, "program-missing", first)
    note(builder, after.channel, "program-missing", second)


def failed_but_whole(builder: WorldBuilder, at: datetime) -> None:
    """IVS reported a failure at the end, and everything recorded is there and plays."""
    night = evening(builder, at, ending=Ending.FAILED_PLAYABLE)
    note(builder, night.composite, "program-missing", night.show)


def two_sessions_at_once(builder: WorldBuilder, at: datetime) -> None:
    """Two hosts run a session each of one show at the same time: two broadcasts, no twins."""
    show = make_show(builder, at)
    for offset in (timedelta(), timedelta(minutes=4)):
        night = evening(builder, at + offset, show=show)
        note(builder, night.composite, "program-missing", show)


def media_known_without_program(builder: WorldBuilder, at: datetime) -> None:
    """The event handler wrote the media into the recording row; nobody made a program."""
    night = evening(builder, at, length=timedelta(minutes=45))
    row = save_recording_row(builder, night.show, at, at + timedelta(minutes=45))
    functions.note_in_row(builder, row, night.composite, None, at + timedelta(minutes=46))
    note_row(builder, row, "agrees")
    note(builder, night.composite, "program-missing", night.show)


def foreign_key_in_row(builder: WorldBuilder, at: datetime) -> None:
    """The processor wrote yesterday's media and program into today's row, the newest of the show."""
    night = evening(builder, at - timedelta(hours=25))
    program = functions.process(builder, night.composite, night.show, at - timedelta(hours=24))
    today = evening(builder, at, show=night.show, length=timedelta(minutes=40))
    row = save_recording_row(builder, night.show, at, at + timedelta(minutes=40))
    functions.note_in_row(builder, row, night.composite, program, at + timedelta(minutes=41))
    note(builder, night.composite, "agrees", night.show, [program])
    note(builder, today.composite, "program-missing", night.show)
    note_row(builder, row, "agrees")


def removed_by_the_wrong_owner(builder: WorldBuilder, at: datetime) -> None:
    """Filed under a stranger, put on a network by him, then deleted: the true owner never had it."""
    night, stranger = evening(builder, at), make_show(builder, at)
    program = functions.process(builder, night.composite, stranger, at + builder.seconds(20, 70))
    curator.add_to_network(builder, program, builder.uuid(), at + timedelta(hours=1))
    functions.remove(builder, program)
    note(builder, night.composite, "program-missing", night.show)


def forgotten_before_the_next(builder: WorldBuilder, at: datetime) -> None:
    """A session that was never ended, and the next one on the same channel, of another show."""
    first, second = make_show(builder, at - timedelta(hours=6)), make_show(builder, at)
    channel = host.persistent_channel(builder, at - timedelta(days=1), first.producer)
    start = at - timedelta(hours=6)
    session = host.open_session(builder, first, start - timedelta(minutes=1), Era.HEAD, channel=channel)
    before = host.auto_record(builder, session, start, builder.minutes(20, 90))
    after = channel_evening(builder, at, show=second, channel=channel)
    note(builder, before, "program-missing", first)
    note(builder, after.channel, "program-missing", second)


def opened_twice(builder: WorldBuilder, at: datetime) -> None:
    """The host pressed the button twice: two sessions of one show in the same moment."""
    show = make_show(builder, at)
    channel = host.persistent_channel(builder, at, show.producer)
    for _ in range(2):
        session = host.open_session(builder, show, at - timedelta(minutes=1), Era.HEAD, channel=channel)
    recording = host.auto_record(builder, session, at, builder.minutes(20, 90))
    note(builder, recording, "program-missing", show)


def composition_noted_on_another_session(builder: WorldBuilder, at: datetime) -> None:
    """The client named the wrong session: its row got the composition, whose stage is another show's."""
    show, other = make_show(builder, at), make_show(builder, at)
    session = host.open_session(builder, show, at - timedelta(minutes=1))
    wrong = host.open_session(builder, other, at - timedelta(minutes=3))
    composition_id = host.compose(builder, wrong, at)
    recording = ivs.composite(builder, session.composed_stage, composition_id, at, builder.minutes(20, 90))
    note(builder, recording, "program-missing", show)


def prefix_within_a_prefix(builder: WorldBuilder, at: datetime) -> None:
    """Two recordings of a channel in one minute; the second's id goes on where the first's ends."""
    at = at.replace(second=0)
    show = make_show(builder, at)
    session = host.open_session(builder, show, at - timedelta(minutes=1), Era.HEAD)
    first = host.auto_record(builder, session, at, timedelta(seconds=15))
    name = formats.last_part(first.prefix) + "b"
    second = host.auto_record(
        builder, session, at + timedelta(seconds=40), timedelta(minutes=30), recording_id=name
    )
    program = functions.process(builder, second, show, at + timedelta(minutes=1))
    note(builder, first, "program-missing", show)
    note(builder, second, "agrees", show, [program])


SCENES = (
    Scene(forgotten_before_the_next),
    Scene(opened_twice, anywhere=True),
    Scene(composition_noted_on_another_session, anywhere=True),
    Scene(prefix_within_a_prefix, anywhere=True),
    Scene(event_never_came, anywhere=True),
    Scene(event_never_came_twice, anywhere=True),
    Scene(composition_forgotten, anywhere=True),
    Scene(restarted, anywhere=True),
    Scene(composed_by_the_show),
    Scene(composed_beside_others),
    Scene(legacy_stage),
    Scene(own_channel, anywhere=True),
    Scene(ingest_channel),
    Scene(persistent_channel_only, anywhere=True),
    Scene(old_bucket_layout, anywhere=True),
    Scene(shared_channel, When.OLD),
    Scene(never_ended, anywhere=True),
    Scene(drifting_end),
    Scene(failed_but_whole, anywhere=True),
    Scene(two_sessions_at_once),
    Scene(media_known_without_program),
    Scene(foreign_key_in_row),
    Scene(removed_by_the_wrong_owner),
)
