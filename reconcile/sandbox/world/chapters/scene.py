"""What every scene is made of: when it may play, how a show goes on air, how its truth is written down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from reconcile.sandbox.world.actors import host
from reconcile.sandbox.world.actors.host import Era, HostChannel, HostSession
from reconcile.sandbox.world.actors.ivs import IvsRecording, Layout
from reconcile.sandbox.world.actors.ivs_files import Ending
from reconcile.sandbox.world.actors.producer import GroupFate, ProducerShow, make_show
from reconcile.sandbox.world.builder import WorldBuilder
from reconcile.sandbox.world.model import RecordingTruth, RowTruth
from reconcile.sandbox.world.truth import Key


class When(Enum):
    """When a scene's show is on: often in the last three days, always before them, or right now."""

    ANY = "any"
    OLD = "old"
    NOW = "now"


@dataclass(frozen=True, slots=True)
class Scene:
    """A situation to play; `anywhere`: also in a bucket that the content network does not lead to."""

    play: Callable[[WorldBuilder, datetime], None]
    when: When = When.ANY
    anywhere: bool = False

    @property
    def name(self) -> str:
        """The scene's name, as the truth tells it."""
        return self.play.__name__


@dataclass(frozen=True, slots=True)
class Evening:
    """A show that was on the air once, and what was recorded of it."""

    show: ProducerShow
    session: HostSession
    composite: IvsRecording


@dataclass(frozen=True, slots=True)
class DoubleEvening(Evening):
    """The same with the host's own channel recorded beside the composite."""

    channel: IvsRecording


def evening(
    builder: WorldBuilder,
    at: datetime,
    *,
    show: ProducerShow | None = None,
    group: GroupFate = GroupFate.REAL,
    era: Era = Era.PROGRAM_CHANNEL,
    ending: Ending = Ending.ENDED,
    length: timedelta | None = None,
) -> Evening:
    """A show goes on air at `at` and is recorded once, as a composite."""
    show = show or make_show(builder, at, group)
    length = length or builder.minutes(20, 110)
    session = host.open_session(builder, show, at - builder.seconds(20, 200), era)
    composite = host.broadcast(builder, session, at, length, ending)
    host.end_session(builder, session, at + length + builder.seconds(10, 60))
    return Evening(show, session, composite)


def double_evening(
    builder: WorldBuilder,
    at: datetime,
    *,
    show: ProducerShow | None = None,
    group: GroupFate = GroupFate.REAL,
    channel: HostChannel | None = None,
) -> DoubleEvening:
    """A show goes on air at `at` and is recorded twice, as today's sessions are."""
    show = show or make_show(builder, at, group)
    length = builder.minutes(20, 110)
    session = host.open_session(builder, show, at - builder.seconds(20, 200), Era.HEAD, channel=channel)
    composite, auto = host.both(builder, session, at, length)
    host.end_session(builder, session, at + length + builder.seconds(10, 60))
    return DoubleEvening(show, session, composite, auto)


@dataclass(frozen=True, slots=True)
class ChannelEvening:
    """A show whose host sent straight to his channel, which recorded it; nothing was composed."""

    show: ProducerShow
    session: HostSession
    channel: IvsRecording


def channel_evening(
    builder: WorldBuilder,
    at: datetime,
    *,
    show: ProducerShow | None = None,
    channel: HostChannel | None = None,
    era: Era = Era.HEAD,
    layout: Layout = Layout.DATED,
    naive: bool = False,
    drift: timedelta | None = None,
) -> ChannelEvening:
    """A show goes on air at `at` on a channel alone."""
    show = show or make_show(builder, at)
    length = builder.minutes(20, 110)
    session = host.open_session(
        builder, show, at - builder.seconds(20, 200), era, channel=channel, naive=naive
    )
    recording = host.auto_record(builder, session, at, length, layout=layout)
    host.end_session(builder, session, at + length + builder.seconds(10, 60), drift=drift, naive=naive)
    return ChannelEvening(show, session, recording)


def note(
    builder: WorldBuilder,
    recording: IvsRecording,
    verdict: str,
    show: ProducerShow | None = None,
    programs: Sequence[Key] = (),
    *,
    mended: bool = False,
    owner_known: bool = True,
    without_trace: bool = False,
) -> None:
    """Write down the truth of a recording; `show` is what it is a recording of, if anything can tell."""
    for key in programs:
        builder.notes.tied[key].add((recording.bucket, recording.prefix))
    builder.notes.recordings[recording.bucket, recording.prefix] = RecordingTruth(
        bucket=recording.bucket,
        prefix=recording.prefix,
        verdict=verdict,
        last_event=recording.last_event,
        has_program=bool(programs),
        show_id=show.show_id if show else None,
        owner=show.producer if show and owner_known else None,
        program_ids=tuple(program_id(key) for key in programs),
        start=recording.start,
        end=recording.end,
        wanted=verdict == "program-missing",
        mended=mended,
        deleted_without_trace=without_trace,
        story=builder.story,
    )


def note_row(builder: WorldBuilder, row: Key, verdict: str, program: Key | None = None) -> None:
    """Write down the truth of a show's recording row; `program` is that of the recording that it is of.

    None where the recording has none, or where nothing but the client's memory tells what the row is of.
    """
    builder.notes.rows[row] = RowTruth(verdict, program_id(program) if program else None)


def program_id(key: Key) -> str:
    """The id of the program that a row's key holds."""
    return key[1].partition("#")[2]
