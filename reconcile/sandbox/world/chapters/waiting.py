"""Scenes that are still going on, or ended a moment ago: nothing is decided yet."""

from __future__ import annotations

from datetime import datetime, timedelta

from reconcile.sandbox.world.actors import functions, host
from reconcile.sandbox.world.actors.host import Era, Session
from reconcile.sandbox.world.actors.ivs_files import Ending
from reconcile.sandbox.world.actors.producer import Show, make_show
from reconcile.sandbox.world.builder import Stage
from reconcile.sandbox.world.chapters.scene import Scene, When, evening, note


def _on_air(stage: Stage, start: datetime, era: Era) -> tuple[Show, Session]:
    """A show and its session, open since just before `start`."""
    show = make_show(stage, start)
    return show, host.open_session(stage, show, start - stage.seconds(20, 200), era)


def ended_a_moment_ago(stage: Stage, now: datetime) -> None:
    """IVS wrote the end event minutes ago; the processor may still be at it."""
    start = now - stage.minutes(40, 90)
    show, session = _on_air(stage, start, Era.PROGRAM_CHANNEL)
    recording = host.broadcast(stage, session, start, now - timedelta(minutes=2) - start)
    note(stage, recording, "settling", show)


def both_ended_a_moment_ago(stage: Stage, now: datetime) -> None:
    """The same, recorded twice."""
    start = now - stage.minutes(40, 90)
    show, session = _on_air(stage, start, Era.HEAD)
    for recording in host.both(stage, session, start, now - timedelta(minutes=2) - start):
        note(stage, recording, "settling", show)


def on_air(stage: Stage, now: datetime) -> None:
    """A composition that runs."""
    start = now - stage.minutes(70, 170)
    show, session = _on_air(stage, start, Era.PROGRAM_CHANNEL)
    elapsed = now - timedelta(seconds=30) - start
    recording = host.broadcast(stage, session, start, elapsed, Ending.RUNNING)
    note(stage, recording, "in-progress", show)


def on_air_with_program(stage: Stage, now: datetime) -> None:
    """The processor makes the program when the manifest first appears, during the show."""
    start = now - stage.minutes(120, 170)
    show, session = _on_air(stage, start, Era.PROGRAM_CHANNEL)
    elapsed = now - timedelta(seconds=30) - start
    recording = host.broadcast(stage, session, start, elapsed, Ending.RUNNING)
    program = functions.process(stage, recording, show, start + stage.seconds(20, 70))
    note(stage, recording, "in-progress", show, [program])


def channel_still_on_air(stage: Stage, now: datetime) -> None:
    """The composition ended an hour ago, the channel goes on: who covers whom is not known yet."""
    start = now - stage.minutes(140, 170)
    show, session = _on_air(stage, start, Era.HEAD)
    composite = host.broadcast(stage, session, start, timedelta(minutes=75))
    elapsed = now - timedelta(seconds=30) - start
    channel = host.auto_record(stage, session, start + timedelta(seconds=4), elapsed, Ending.RUNNING)
    note(stage, composite, "settling", show)
    note(stage, channel, "in-progress", show)


def channel_still_on_air_with_program(stage: Stage, now: datetime) -> None:
    """The same, but the composite has its program already."""
    start = now - stage.minutes(140, 170)
    show, session = _on_air(stage, start, Era.HEAD)
    composite = host.broadcast(stage, session, start, timedelta(minutes=75))
    elapsed = now - timedelta(seconds=30) - start
    channel = host.auto_record(stage, session, start + timedelta(seconds=4), elapsed, Ending.RUNNING)
    program = functions.process(stage, composite, show, start + stage.seconds(20, 70))
    note(stage, composite, "agrees", show, [program])
    note(stage, channel, "in-progress", show)


def on_air_again(stage: Stage, now: datetime) -> None:
    """The show was on this morning, unnoticed by the processor, and is on again now."""
    morning = evening(stage, now - timedelta(hours=8))
    start = now - stage.minutes(70, 100)
    session = host.open_session(stage, morning.show, start - timedelta(minutes=1))
    elapsed = now - timedelta(seconds=30) - start
    recording = host.broadcast(stage, session, start, elapsed, Ending.RUNNING)
    note(stage, morning.composite, "program-missing", morning.show)
    note(stage, recording, "in-progress", morning.show)


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
