"""Scenes in which one broadcast was recorded more than once: twins, overlaps, and rescues."""

from __future__ import annotations

from datetime import datetime, timedelta

from reconcile.sandbox.world.actors import functions, host, ivs
from reconcile.sandbox.world.actors.host import Era, HostSession
from reconcile.sandbox.world.actors.ivs_files import Ending
from reconcile.sandbox.world.actors.producer import ProducerShow, make_show
from reconcile.sandbox.world.builder import WorldBuilder
from reconcile.sandbox.world.chapters.scene import Scene, When, double_evening, evening, note

_MINUTE = timedelta(minutes=1)


def _on_air(builder: WorldBuilder, at: datetime) -> tuple[ProducerShow, HostSession]:
    """A show and a session on the host's own channel."""
    show = make_show(builder, at)
    return show, host.open_session(builder, show, at - builder.seconds(20, 200), Era.HEAD)


def program_of_the_channel(builder: WorldBuilder, at: datetime) -> None:
    """The processor saw only the channel recording; the composite is its twin, though a little longer."""
    night = double_evening(builder, at)
    program = functions.process(builder, night.channel, night.show, at + builder.seconds(20, 70))
    note(builder, night.channel, "agrees", night.show, [program])
    note(builder, night.composite, "twin", night.show)


def programs_of_both(builder: WorldBuilder, at: datetime) -> None:
    """The processor made a program of each: two programs for one broadcast."""
    night = double_evening(builder, at)
    for recording in (night.composite, night.channel):
        program = functions.process(builder, recording, night.show, at + builder.seconds(20, 70))
        note(builder, recording, "program-duplicated", night.show, [program])


def restarted_with_channel(builder: WorldBuilder, at: datetime) -> None:
    """Two compositions one after the other, each with its channel recording; the first was missed."""
    show, session = _on_air(builder, at)
    first, first_channel = host.both(builder, session, at, 38 * _MINUTE)
    second, second_channel = host.both(builder, session, at + 41 * _MINUTE, 39 * _MINUTE)
    host.end_session(builder, session, at + 81 * _MINUTE)
    program = functions.process(builder, second, show, at + 42 * _MINUTE)
    note(builder, first, "program-missing", show)
    note(builder, second, "agrees", show, [program])
    note(builder, first_channel, "twin", show)
    note(builder, second_channel, "twin", show)


def one_channel_over_two_composites(builder: WorldBuilder, at: datetime) -> None:
    """The channel ran through a restart: together the two composites hold what it holds."""
    show, session = _on_air(builder, at)
    first = host.broadcast(builder, session, at, 40 * _MINUTE)
    second = host.broadcast(builder, session, at + 41.5 * _MINUTE, 48.5 * _MINUTE)
    channel = host.auto_record(builder, session, at + timedelta(seconds=4), 89.9 * _MINUTE)
    host.end_session(builder, session, at + 91 * _MINUTE)
    for recording in (first, second):
        program = functions.process(builder, recording, show, at + 42 * _MINUTE)
        note(builder, recording, "agrees", show, [program])
    note(builder, channel, "twin", show)


def short_tail(builder: WorldBuilder, at: datetime) -> None:
    """The channel ran on for less than a minute after a short composite: nothing is lost."""
    show, session = _on_air(builder, at)
    composite = host.broadcast(builder, session, at, 10 * _MINUTE)
    channel = host.auto_record(builder, session, at + timedelta(seconds=3), timedelta(minutes=10, seconds=40))
    host.end_session(builder, session, at + 13 * _MINUTE)
    program = functions.process(builder, composite, show, at + _MINUTE)
    note(builder, composite, "agrees", show, [program])
    note(builder, channel, "twin", show)


def long_tail(builder: WorldBuilder, at: datetime) -> None:
    """The channel ran on for minutes, but a small part of two hours."""
    show, session = _on_air(builder, at)
    composite = host.broadcast(builder, session, at, 110 * _MINUTE)
    channel = host.auto_record(builder, session, at + timedelta(seconds=5), 113.5 * _MINUTE)
    host.end_session(builder, session, at + 117 * _MINUTE)
    program = functions.process(builder, composite, show, at + _MINUTE)
    note(builder, composite, "agrees", show, [program])
    note(builder, channel, "twin", show)


def long_tail_without_program(builder: WorldBuilder, at: datetime) -> None:
    """The same without a program: a composite goes before a channel recording hardly longer."""
    show, session = _on_air(builder, at)
    composite = host.broadcast(builder, session, at, 110 * _MINUTE)
    channel = host.auto_record(builder, session, at + timedelta(seconds=5), 113.5 * _MINUTE)
    host.end_session(builder, session, at + 117 * _MINUTE)
    note(builder, composite, "program-missing", show)
    note(builder, channel, "twin", show)


def channel_much_longer(builder: WorldBuilder, at: datetime) -> None:
    """The composite stopped early, and neither has a program: the channel, which holds it all, wants it."""
    show, session = _on_air(builder, at)
    composite = host.broadcast(builder, session, at, 60 * _MINUTE)
    channel = host.auto_record(builder, session, at + timedelta(seconds=4), 80 * _MINUTE)
    host.end_session(builder, session, at + 81 * _MINUTE)
    note(builder, channel, "program-missing", show)
    note(builder, composite, "twin", show)


def three_in_a_chain(builder: WorldBuilder, at: datetime) -> None:
    """Compositions started while others ran: what merely overlaps covers nothing."""
    night = evening(builder, at, length=60 * _MINUTE)
    second = host.broadcast(builder, night.session, at + 40 * _MINUTE, 60 * _MINUTE)
    third = host.broadcast(builder, night.session, at + 90 * _MINUTE, 40 * _MINUTE)
    program = functions.process(builder, night.composite, night.show, at + _MINUTE)
    note(builder, night.composite, "agrees", night.show, [program])
    note(builder, second, "overlapping", night.show)
    note(builder, third, "program-missing", night.show)


def program_of_a_part(builder: WorldBuilder, at: datetime) -> None:
    """The composite with the program stopped early; the channel holds an hour more."""
    show, session = _on_air(builder, at)
    composite = host.broadcast(builder, session, at, 45 * _MINUTE)
    channel = host.auto_record(builder, session, at + timedelta(seconds=4), 115 * _MINUTE)
    host.end_session(builder, session, at + 121 * _MINUTE)
    program = functions.process(builder, composite, show, at + _MINUTE)
    note(builder, composite, "agrees", show, [program])
    note(builder, channel, "overlapping", show)


def composite_before_channel(builder: WorldBuilder, at: datetime) -> None:
    """The composite began half an hour before the channel, which then ran on for much longer."""
    show, session = _on_air(builder, at)
    composite = host.broadcast(builder, session, at, 60 * _MINUTE)
    channel = host.auto_record(builder, session, at + 30 * _MINUTE, 118 * _MINUTE)
    host.end_session(builder, session, at + 151 * _MINUTE)
    note(builder, channel, "program-missing", show)
    note(builder, composite, "overlapping", show)


def rescued_by_the_channel(builder: WorldBuilder, at: datetime) -> None:
    """The composite failed before anything was recorded; the channel has it all and gets the program."""
    show, session = _on_air(builder, at)
    composite = host.broadcast(builder, session, at, 70 * _MINUTE, Ending.FAILED_EMPTY)
    channel = host.auto_record(builder, session, at + timedelta(seconds=4), 69 * _MINUTE)
    host.end_session(builder, session, at + 71 * _MINUTE)
    note(builder, composite, "failed", show)
    note(builder, channel, "program-missing", show)


def rescued_from_a_crash(builder: WorldBuilder, at: datetime) -> None:
    """The composite broke off without an end event; the channel has it all."""
    show, session = _on_air(builder, at)
    composite = host.broadcast(builder, session, at, 30 * _MINUTE, Ending.RUNNING)
    channel = host.auto_record(builder, session, at + timedelta(seconds=4), 69 * _MINUTE)
    host.end_session(builder, session, at + 71 * _MINUTE)
    note(builder, composite, "unfinished", show)
    note(builder, channel, "program-missing", show)


def rescued_from_garbage(builder: WorldBuilder, at: datetime) -> None:
    """The composite's manifest is no manifest; the channel's is one."""
    show, session = _on_air(builder, at)
    composite, channel = host.both(builder, session, at, 69 * _MINUTE)
    host.end_session(builder, session, at + 71 * _MINUTE)
    ivs.spoil(builder, composite, composite.manifest, b"<Error><Code>InternalError</Code></Error>")
    note(builder, composite, "unplayable", show)
    note(builder, channel, "program-missing", show)


SCENES = (
    Scene(program_of_the_channel, anywhere=True),
    Scene(programs_of_both),
    Scene(restarted_with_channel, anywhere=True),
    Scene(one_channel_over_two_composites),
    Scene(short_tail),
    Scene(long_tail),
    Scene(long_tail_without_program),
    Scene(channel_much_longer),
    Scene(three_in_a_chain),
    Scene(program_of_a_part),
    Scene(composite_before_channel),
    Scene(rescued_by_the_channel, anywhere=True),
    Scene(rescued_from_a_crash, When.OLD),
    Scene(rescued_from_garbage),
)
