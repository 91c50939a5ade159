"""Scenes in which a whole recording never got its program, one for each way to find out whose it is."""

from __future__ import annotations

from datetime import datetime, timedelta

from reconcile.sandbox.world import formats
from reconcile.sandbox.world.actors import curator, functions, host, ivs
from reconcile.sandbox.world.actors.host import Era
from reconcile.sandbox.world.actors.ivs import Layout
from reconcile.sandbox.world.actors.ivs_files import Ending
from reconcile.sandbox.world.actors.producer import make_show, save_recording_row, show_key
from reconcile.sandbox.world.builder import Stage
from reconcile.sandbox.world.chapters.scene import (
    Scene,
    When,
    channel_evening,
    double_evening,
    evening,
    note,
    note_row,
)


def event_never_came(stage: Stage, at: datetime) -> None:
    """The processor was not told of a composite (best effort), or dropped it for good."""
    night = evening(stage, at, era=stage.rng.choice((Era.PROGRAM_STAGE, Era.PROGRAM_CHANNEL, Era.RELAY)))
    note(stage, night.composite, "program-missing", night.show)


def event_never_came_twice(stage: Stage, at: datetime) -> None:
    """Recorded twice, and neither has a program: one of them, the composite, wants it."""
    night = double_evening(stage, at)
    note(stage, night.composite, "program-missing", night.show)
    note(stage, night.channel, "twin", night.show)


def composition_forgotten(stage: Stage, at: datetime) -> None:
    """The composition began, then the row's update failed: only the stage tells whose it is."""
    show = make_show(stage, at)
    session = host.open_session(stage, show, at - timedelta(minutes=1), guest_host=True)
    recording = host.broadcast(stage, session, at, stage.minutes(20, 90), remembered=False)
    note(stage, recording, "program-missing", show)


def restarted(stage: Stage, at: datetime) -> None:
    """The host started a second composition; the row forgot the first, which the processor then missed."""
    night = evening(stage, at, length=timedelta(minutes=30))
    again = host.broadcast(stage, night.session, at + timedelta(minutes=33), stage.minutes(20, 60))
    program = functions.process(stage, again, night.show, at + timedelta(minutes=34))
    note(stage, night.composite, "program-missing", night.show)
    note(stage, again, "agrees", night.show, [program])


def composed_by_the_show(stage: Stage, at: datetime) -> None:
    """Compositions were once started for the show itself, on a stage that was replaced since."""
    show = make_show(stage, at, stage_arn=formats.arn("stage", stage.ivs_id()))
    composition_id = stage.ivs_id()
    stage.update(show_key(show), compositionArn=formats.arn("composition", composition_id))
    gone = formats.arn("stage", stage.ivs_id())
    recording = ivs.composite(stage, gone, composition_id, at, stage.minutes(20, 90))
    note(stage, recording, "program-missing", show)


def composed_beside_others(stage: Stage, at: datetime) -> None:
    """The composition is one of a session's list, its stage none that any row knows."""
    show = make_show(stage, at)
    session = host.open_session(stage, show, at - timedelta(minutes=2))
    composition_id = stage.ivs_id()
    listed = {"participantId": "p1", "compositionArn": formats.arn("composition", composition_id)}
    stage.update(session.key, compositions=[listed])
    host.end_session(stage, session, at + timedelta(hours=3))
    gone = formats.arn("stage", stage.ivs_id())
    recording = ivs.composite(stage, gone, composition_id, at, stage.minutes(20, 90))
    note(stage, recording, "program-missing", show)


def legacy_stage(stage: Stage, at: datetime) -> None:
    """A show's one stage, composed on two days by sessions of the oldest shape."""
    show_stage = formats.arn("stage", stage.ivs_id())
    show = make_show(stage, at - timedelta(days=1), stage_arn=show_stage)
    for start in (at - timedelta(hours=26), at):
        session = host.open_session(
            stage, show, start - timedelta(minutes=1), Era.FIXTURE, show_stage=show_stage,
            channel=host.Channel(stage.uuid(), formats.arn("channel", stage.ivs_id())),
        )  # fmt: skip
        recording = host.broadcast(stage, session, start, stage.minutes(20, 90))
        note(stage, recording, "program-missing", show)


def own_channel(stage: Stage, at: datetime) -> None:
    """A session's own channel was given a recording configuration by hand."""
    night = channel_evening(stage, at, era=stage.rng.choice((Era.PROGRAM_CHANNEL, Era.RELAY)))
    note(stage, night.channel, "program-missing", night.show)


def ingest_channel(stage: Stage, at: datetime) -> None:
    """The Python start-streaming made a channel of its own, and it records."""
    show = make_show(stage, at)
    session = host.open_session(stage, show, at - timedelta(minutes=1))
    ingest = formats.arn("channel", stage.ivs_id())
    host.remember(stage, session, ingestChannelArn=ingest)
    stage.update(session.key, updatedAt=formats.python_time(at))
    recording = ivs.channel(stage, ingest, at, stage.minutes(20, 90))
    note(stage, recording, "program-missing", show)


def persistent_channel_only(stage: Stage, at: datetime) -> None:
    """The processor never compares persistent channels; times as the Python functions write them."""
    night = channel_evening(stage, at, naive=True)
    note(stage, night.channel, "program-missing", night.show)


def old_bucket_layout(stage: Stage, at: datetime) -> None:
    """A channel recording whose prefix holds one stamp instead of a dated path."""
    night = channel_evening(stage, at, layout=Layout.STAMPED)
    note(stage, night.channel, "program-missing", night.show)


def shared_channel(stage: Stage, _: datetime) -> None:
    """The one channel that all shows share; the time tells whose session it was."""
    night = channel_evening(stage, stage.shared_slot(), era=Era.FIXTURE)
    note(stage, night.channel, "program-missing", night.show)


def never_ended(stage: Stage, at: datetime) -> None:
    """The host closed the browser: the session is active for ever, its recordings whole."""
    show = make_show(stage, at)
    session = host.open_session(stage, show, at - timedelta(minutes=2), Era.HEAD)
    composite, channel = host.both(stage, session, at, stage.minutes(30, 100))
    row = save_recording_row(stage, show, at, None, status="recording")
    note_row(stage, row, "agrees")
    note(stage, composite, "program-missing", show)
    note(stage, channel, "twin", show)


def drifting_end(stage: Stage, at: datetime) -> None:
    """A controller task outlives the first session, whose row looks as if it had ended in the second."""
    first, second = make_show(stage, at - timedelta(hours=4)), make_show(stage, at)
    channel = host.persistent_channel(stage, at - timedelta(days=1), first.producer)
    host.assign(stage, channel, second.producer, at)
    before = channel_evening(
        stage, at - timedelta(hours=3), show=first, channel=channel, drift=timedelta(hours=4)
    )
    after = channel_evening(stage, at, show=second, channel=channel)
    note(stage, before.channel, "program-missing", first)
    note(stage, after.channel, "program-missing", second)


def failed_but_whole(stage: Stage, at: datetime) -> None:
    """IVS reported a failure at the end, and everything recorded is there and plays."""
    night = evening(stage, at, ending=Ending.FAILED_PLAYABLE)
    note(stage, night.composite, "program-missing", night.show)


def two_sessions_at_once(stage: Stage, at: datetime) -> None:
    """Two hosts run a session each of one show at the same time: two broadcasts, no twins."""
    show = make_show(stage, at)
    for offset in (timedelta(), timedelta(minutes=4)):
        night = evening(stage, at + offset, show=show)
        note(stage, night.composite, "program-missing", show)


def media_known_without_program(stage: Stage, at: datetime) -> None:
    """The event handler wrote the media into the recording row; nobody made a program."""
    night = evening(stage, at, length=timedelta(minutes=45))
    row = save_recording_row(stage, night.show, at, at + timedelta(minutes=45))
    functions.note_in_row(stage, row, night.composite, None, at + timedelta(minutes=46))
    note_row(stage, row, "agrees")
    note(stage, night.composite, "program-missing", night.show)


def foreign_key_in_row(stage: Stage, at: datetime) -> None:
    """The processor wrote yesterday's media and program into today's row, the newest of the show."""
    night = evening(stage, at - timedelta(hours=25))
    program = functions.process(stage, night.composite, night.show, at - timedelta(hours=24))
    today = evening(stage, at, show=night.show, length=timedelta(minutes=40))
    row = save_recording_row(stage, night.show, at, at + timedelta(minutes=40))
    functions.note_in_row(stage, row, night.composite, program, at + timedelta(minutes=41))
    note(stage, night.composite, "agrees", night.show, [program])
    note(stage, today.composite, "program-missing", night.show)
    note_row(stage, row, "agrees")


def removed_by_the_wrong_owner(stage: Stage, at: datetime) -> None:
    """Filed under a stranger, put on a network by him, then deleted: the true owner never had it."""
    night, stranger = evening(stage, at), make_show(stage, at)
    program = functions.process(stage, night.composite, stranger, at + stage.seconds(20, 70))
    curator.add_to_network(stage, program, stage.uuid(), at + timedelta(hours=1))
    functions.remove(stage, program)
    note(stage, night.composite, "program-missing", night.show)


def forgotten_before_the_next(stage: Stage, at: datetime) -> None:
    """A session that was never ended, and the next one on the same channel, of another show."""
    first, second = make_show(stage, at - timedelta(hours=6)), make_show(stage, at)
    channel = host.persistent_channel(stage, at - timedelta(days=1), first.producer)
    start = at - timedelta(hours=6)
    session = host.open_session(stage, first, start - timedelta(minutes=1), Era.HEAD, channel=channel)
    before = host.auto_record(stage, session, start, stage.minutes(20, 90))
    after = channel_evening(stage, at, show=second, channel=channel)
    note(stage, before, "program-missing", first)
    note(stage, after.channel, "program-missing", second)


def opened_twice(stage: Stage, at: datetime) -> None:
    """The host pressed the button twice: two sessions of one show in the same moment."""
    show = make_show(stage, at)
    channel = host.persistent_channel(stage, at, show.producer)
    for _ in range(2):
        session = host.open_session(stage, show, at - timedelta(minutes=1), Era.HEAD, channel=channel)
    recording = host.auto_record(stage, session, at, stage.minutes(20, 90))
    note(stage, recording, "program-missing", show)


def composition_noted_on_another_session(stage: Stage, at: datetime) -> None:
    """The client named the wrong session: its row got the composition, whose stage is another show's."""
    show, other = make_show(stage, at), make_show(stage, at)
    session = host.open_session(stage, show, at - timedelta(minutes=1))
    wrong = host.open_session(stage, other, at - timedelta(minutes=3))
    composition_id = host.compose(stage, wrong, at)
    recording = ivs.composite(stage, session.composed_stage, composition_id, at, stage.minutes(20, 90))
    note(stage, recording, "program-missing", show)


def prefix_within_a_prefix(stage: Stage, at: datetime) -> None:
    """Two recordings of a channel in one minute; the second's id goes on where the first's ends."""
    at = at.replace(second=0)
    show = make_show(stage, at)
    session = host.open_session(stage, show, at - timedelta(minutes=1), Era.HEAD)
    first = host.auto_record(stage, session, at, timedelta(seconds=15))
    name = formats.last_part(first.prefix) + "b"
    second = host.auto_record(
        stage, session, at + timedelta(seconds=40), timedelta(minutes=30), recording_id=name
    )
    program = functions.process(stage, second, show, at + timedelta(minutes=1))
    note(stage, first, "program-missing", show)
    note(stage, second, "agrees", show, [program])


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
