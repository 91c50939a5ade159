"""Scenes that are still going on, or ended a moment ago: nothing is decided yet."""

from __future__ import annotations

from datetime import datetime, timedelta

from reconcile.sandbox.world.actors import functions, host
from reconcile.sandbox.world.actors.host import Era, HostSession
from reconcile.sandbox.world.actors.ivs_files import Ending
from reconcile.sandbox.world.actors.producer import ProducerShow, make_show
from reconcile.sandbox.world.builder import WorldBuilder
from reconcile.sandbox.world.chapters.scene import Scene, When, evening, note


def _on_air(builder: WorldBuilder, start: datetime, era: Era) -> tuple[ProducerShow, HostSession]:
    """A show and its session, open since just before `start`."""
    show = make_show(builder, start)
    return show, host.open_session(builder, show, start - builder.seconds(20, 200), era)


def ended_a_moment_ago(builder: WorldBuilder, now: datetime) -> None:
    """IVS wrote the end event minutes ago; the processor may still be at it."""
    start = now - builder.minutes(40, 90)
    show, session = _on_air(builder, start, Era.PROGRAM_CHANNEL)
    recording = host.broadcast(builder, session, start, now - timedelta(minutes=2) - start)
    note(builder, recording, "settling", show)


def both_ended_a_moment_ago(builder: WorldBuilder, now: datetime) -> None:
    """The same, recorded twice."""
    start = now - builder.minutes(40, 90)
    show, session = _on_air(builder, start, Era.HEAD)
    for recording in host.both(builder, session, start, now - timedelta(minutes=2) - start):
        note(builder, recording, "settling", show)


def on_air(builder: WorldBuilder, now: datetime) -> None:
    """A composition that runs."""
    start = now - builder.minutes(70, 170)
    show, session = _on_air(builder, start, Era.PROGRAM_CHANNEL)
    elapsed = now - timedelta(seconds=30) - start
    recording = host.broadcast(builder, session, start, elapsed, Ending.RUNNING)
    note(builder, recording, "in-progress", show)


def on_air_with_program(builder: WorldBuilder, now: datetime) -> None:
    """The processor makes the program when the manifest first appears, during the show."""
    start = now - builder.minutes(120, 170)
    show, session = _on_air(builder, start, Era.PROGRAM_CHANNEL)
    elapsed = now - timedelta(seconds=30) - start
    recording = host.broadcast(builder, session, start, elapsed, Ending.RUNNING)
    program = functions.process(builder, recording, show, start + builder.seconds(20, 70))
    note(builder, recording, "in-progress", show, [program])


def channel_still_on_air(builder: WorldBuilder, now: datetime) -> None:
    """The composition ended an hour ago, the channel goes on: who covers whom is not known yet."""
    start = now - builder.minutes(140, 170)
    show, session = _on_air(builder, start, Era.HEAD)
    composite = host.broadcast(builder, session, start, timedelta(minutes=75))
    elapsed = now - timedelta(seconds=30) - start
    channel = host.auto_record(builder, session, start + timedelta(seconds=4), elapsed, Ending.RUNNING)
    note(builder, composite, "settling", show)
    note(builder, channel, "in-progress", show)


def channel_still_on_air_with_program(builder: WorldBuilder, now: datetime) -> None:
    """The same, but the composite has its program already."""
    start = now - builder.minutes(140, 170)
    show, session = _on_air(builder, start, Era.HEAD)
    composite = host.broadcast(builder, session, start, timedelta(minutes=75))
    elapsed = now - timedelta(seconds=30) - start
    channel = host.auto_record(builder, session, start + timedelta(seconds=4), elapsed, Ending.RUNNING)
    program = functions.process(builder, composite, show, start + builder.seconds(20, 70))
    note(builder, composite, "agrees", show, [program])
    note(builder, channel, "in-progress", show)


def on_air_again(builder: WorldBuilder, now: datetime) -> None:
    """The show was on this morning, unnoticed by the processor, and is on again now."""
    morning = evening(builder, now - timedelta(hours=8))
    start = now - builder.minutes(70, 100)
    session = host.open_session(builder, morning.show, start - timedelta(minutes=1))
    elapsed = now - timedelta(seconds=30) - start
    recording = host.broadcast(builder, session, start, elapsed, Ending.RUNNING)
    note(builder, morning.composite, "program-missing", morning.show)
    note(builder, recording, "in-progress", morning.show)


SCENES = tuple(
    Scene(play, When.NOW)
    for play in (
        ended_a_moment_ago,
        both_ended_a_moment_ago,
        on_air,
        on_air_with_program,
        on_air_again,
        channel_still_on_air,
        channel_still_on_air_with_program,
    )
)
