"""Made-up snapshots, of shapes that cost most where something is tried against everything else.

Every name in them counts how often it is compared or hashed, so that a search that the interpreter does in C
(`x in names`, `names.index(x)`) is counted as well as a loop.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from reconcile.model.catalog import Catalog, Group, GroupKey, Program, RecordingRow, Session, Show
from reconcile.model.recording import Events, Kind, Recording, RecordingKey
from reconcile.model.run import Receipt
from reconcile.model.search_record import Record
from reconcile.model.snapshot import Rules, Snapshot
from tests.bench.made_up import BUCKET, MEDIA, NOW

HOUR = timedelta(hours=1)
ARN = "arn:aws:ivs:us-east-1:111122223333"


class Tally:
    """How many comparisons the counting names made."""

    number = 0


class Name(str):
    """A text that counts what it is asked."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        Tally.number += 1
        return str.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        Tally.number += 1
        return str.__ne__(self, other)

    def __lt__(self, other: str) -> bool:
        Tally.number += 1
        return str.__lt__(self, other)

    def __hash__(self) -> int:
        Tally.number += 1
        return str.__hash__(self)


@dataclass
class Stores:
    """What a shape fills."""

    recordings: dict[RecordingKey, Recording] = field(default_factory=dict)
    events: dict[RecordingKey, Events] = field(default_factory=dict)
    catalog: Catalog = field(default_factory=Catalog)
    records: dict[str, Record] = field(default_factory=dict)

    def show(self, number: int, **more: Any) -> str:
        """Put a show with its group; return its id."""
        show_id, owner = Name(f"show-{number}"), Name(f"owner-{number}")
        made = NOW - timedelta(days=3000)
        self.catalog.shows[show_id] = Show(show_id, owner, "all", "A show", created_at=made, **more)
        self.catalog.groups[GroupKey(owner, "all")] = Group(owner, "all", real=True)
        return show_id

    def composite(self, number: int, start: datetime, length: timedelta | None = HOUR) -> Recording:
        """Put a composite recording; without a length it never ended."""
        prefix = Name(f"s{number}/c{number}/d{number}/composite")
        return self._record(prefix, Kind.COMPOSITE, None, start, length)

    def channel(
        self, number: int, channel: str, start: datetime, length: timedelta | None = HOUR
    ) -> Recording:
        """Put a recording of a channel; without a length it never ended."""
        prefix = Name(f"ivs/v1/111122223333/{channel}/2026/1/1/1/1/r{number}")
        return self._record(prefix, Kind.CHANNEL, channel, start, length)

    def _record(
        self, prefix: str, kind: Kind, channel: str | None, start: datetime, length: timedelta | None
    ) -> Recording:
        end = start + length if length is not None else None
        recording = Recording(BUCKET, prefix, kind, channel, start, end, has_media=True)
        self.recordings[recording.key] = recording
        milliseconds = int(length.total_seconds() * 1000) if length is not None else None
        manifest = "media/hls/multivariant.m3u8" if kind is Kind.COMPOSITE else "media/hls/master.m3u8"
        arn = f"{ARN}:channel/{channel}" if channel else None
        self.events[recording.key] = Events(None, arn, start, end, milliseconds, manifest)
        return recording

    def session(
        self, number: int, show_id: str, start: datetime, recording: Recording | None = None, **more: Any
    ) -> Session:
        """Put a session of a show that ended after an hour, with the composition of a recording, if any."""
        name = Name(f"session-{number}")
        told: dict[str, Any] = {"status": "ENDED", "created_at": start, "updated_at": start + HOUR, **more}
        if recording:
            arn = f"{ARN}:composition/{recording.prefix.split('/')[1]}"
            told |= {"composition_arn": arn}
        self.catalog.sessions[name] = session = Session(name, show_id, **told)
        return session

    def program(self, number: int, show_id: str, recording: Recording | None, **more: Any) -> Program:
        """Put a program of a recording, with its record; without a recording it points at nothing."""
        owner = self.catalog.shows[show_id].producer_id or ""
        key = f"{recording.prefix}/{self.events[recording.key].manifest}" if recording else None
        name = Name(f"program-{number}")
        url = MEDIA.url_of(BUCKET, key) if key else None
        told: dict[str, Any] = {
            "pk": f"u#{owner}#programs", "sk": f"p#{name}", "owner": owner, "program_id": name,
            "object_id": name, "digest": 1, "url": url, "s3_bucket": BUCKET if key else None, "s3_key": key,
            "media_elsewhere": False, "group_id": "all", "source_show": show_id,
            "source_type": "ivs-recording" if key else "recording-export", "source_recording": None,
            "updated_at": NOW - timedelta(days=9), "entity_type": "program",
            "listed_under": f"u#{owner}#g#all", "listed_as": f"p#{name}", **more,
        }  # fmt: skip
        program = Program(**told)
        self.catalog.programs[program.key] = program
        self.records[name] = Record(name, 1, url, owner, name)
        return program

    def row(self, number: int, show_id: str, start: datetime, length: timedelta = HOUR, **more: Any) -> None:
        """Put a stuck recording row of a show."""
        told: dict[str, Any] = {
            "pk": f"show#{show_id}", "sk": Name(f"recording#{start.isoformat()}#row-{number}"),
            "show_id": show_id, "recording_id": Name(f"row-{number}"), "start": start, "end": start + length,
            "s3_bucket": None, "s3_key": None, "program_id": None, "status": "processing", **more,
        }  # fmt: skip
        row = RecordingRow(**told)
        self.catalog.rows[row.key] = row

    def snapshot(self) -> Snapshot:
        """Return what a run knows of it once everything was read."""
        names = (f"s3:{BUCKET}", "dynamodb:made-up", "algolia:made-up")
        receipts = tuple(Receipt(name, whole=True) for name in names)
        return Snapshot(self.recordings, self.catalog, self.records, {}, receipts, self.events)


Shape = Callable[[int], tuple[Stores, Rules]]
SHAPES: dict[str, Shape] = {}
NIGHTLY = Rules(NOW, MEDIA, window_start=NOW - timedelta(days=3))
WHOLE = Rules(NOW, MEDIA)


def shape(name: str, rules: Rules = WHOLE) -> Callable[[Callable[[Stores, int], None]], None]:
    """Enter a function that fills stores with so many recordings under a name."""

    def enter(fill: Callable[[Stores, int], None]) -> None:
        def build(number: int) -> tuple[Stores, Rules]:
            stores = Stores()
            fill(stores, number)
            return stores, rules

        SHAPES[name] = build

    return enter


def _days(number: int) -> Iterator[tuple[int, datetime]]:
    """Yield numbers with times, two hours apart, back from four days ago."""
    for one in range(number):
        yield one, NOW - timedelta(days=4) - 2 * one * HOUR


def _ordinary(stores: Stores, one: int, start: datetime) -> None:
    show_id, recording = stores.show(one), stores.composite(one, start)
    stores.session(one, show_id, start, recording)
    stores.program(one, show_id, recording)
    stores.row(one, show_id, start)


@shape("every show its own, as it should be")
def _plain(stores: Stores, number: int) -> None:
    for one, start in _days(number):
        _ordinary(stores, one, start)


@shape("one recording that never ended among shows with a stuck row each", NIGHTLY)
def _one_endless(stores: Stores, number: int) -> None:
    for one, start in _days(number):
        _ordinary(stores, one, start)
    stores.channel(number, "nobodys", NOW - timedelta(days=900), None)


@shape("half of the recordings are nobody's and never ended", NIGHTLY)
def _many_endless(stores: Stores, number: int) -> None:
    for one, start in _days(number // 2):
        _ordinary(stores, one, start)
        stores.channel(number + one, f"nobodys{one}", start, None)


@shape("half of the recordings are one show's and never ended")
def _endless_of_one_show(stores: Stores, number: int) -> None:
    show_id = stores.show(0)
    for one, start in _days(number // 2):
        ended, endless = stores.composite(one, start), stores.composite(number + one, start, None)
        stores.session(one, show_id, start, ended)
        stores.session(number + one, show_id, start, endless)
        stores.program(one, show_id, ended)
        stores.row(one, show_id, start)


@shape("sessions of many shows, one after the other, on one channel")
def _one_channel(stores: Stores, number: int) -> None:
    arn = f"{ARN}:channel/shared"
    for one, start in _days(number):
        show_id, recording = stores.show(one, channels=(arn,)), stores.channel(one, "shared", start)
        stores.session(one, show_id, start, shared_channels=(arn,), channels=(arn,))
        stores.program(one, show_id, recording)


@shape("one show, one channel and one stage for everything, each broadcast recorded twice")
def _one_show(stores: Stores, number: int) -> None:
    arn, stage = f"{ARN}:channel/its-own", f"{ARN}:stage/its-own"
    show_id = stores.show(0, channels=(arn,), stage_arn=stage)
    for one, start in _days(number // 2):
        composite = stores.composite(one, start)
        stores.channel(number + one, "its-own", start + timedelta(seconds=4), HOUR - timedelta(seconds=9))
        stores.session(one, show_id, start, composite, shared_channels=(arn,), shared_ivs_stages=(stage,))
        stores.row(one, show_id, start)
        if one % 2:
            stores.program(one, show_id, composite)


@shape("one stage that all sessions of one show share, and nothing else to tell them apart by")
def _one_stage(stores: Stores, number: int) -> None:
    stage = f"{ARN}:stage/shared"
    show_id = stores.show(0, stage_arn=stage)
    for one, start in _days(number):
        recording = stores.composite(one, start)
        stores.session(one, show_id, start, shared_ivs_stages=(stage,))
        told = stores.events[recording.key]
        stores.events[recording.key] = Events(stage, *told_after_stage(told))


def told_after_stage(events: Events) -> tuple[Any, ...]:
    """Return the fields of an events file behind its stage."""
    return (events.channel_arn, events.started_at, events.ended_at, events.duration, events.manifest)


@shape("many rows of one recording, with and without a program")
def _many_rows(stores: Stores, number: int) -> None:
    show_id, start = stores.show(0), NOW - timedelta(days=4)
    recording = stores.composite(0, start)
    stores.session(0, show_id, start, recording)
    stores.program(0, show_id, recording)
    for one in range(number):
        stores.row(one, show_id, start + timedelta(seconds=one % 600), 50 * timedelta(minutes=1))


@shape("a row and an exported program without media for each broadcast of one show")
def _exported(stores: Stores, number: int) -> None:
    show_id = stores.show(0)
    for one, start in _days(number):
        recording = stores.composite(one, start)
        stores.session(one, show_id, start, recording)
        stores.row(one, show_id, start)
        named = {"source_recording": f"row-{one}"} if one % 2 else {}
        stores.program(one, show_id, None, created_at=start + HOUR, **named)


@shape("programs without media and nothing that ties them, beside recordings without a program")
def _lone(stores: Stores, number: int) -> None:
    show_id = stores.show(0)
    for one, start in _days(number):
        stores.session(one, show_id, start, stores.composite(one, start))
        stores.program(one, show_id, None)


@shape("a show whose recordings overlap, two dozen at any time")
def _dense(stores: Stores, number: int) -> None:
    show_id = stores.show(0)
    for one in range(number):
        start = NOW - timedelta(days=4) - one * timedelta(minutes=5)
        stores.session(one, show_id, start, stores.composite(one, start, 2 * HOUR))


@shape("one recording as long as all others together")
def _one_long(stores: Stores, number: int) -> None:
    show_id, first = stores.show(0), NOW - timedelta(days=5) - 2 * number * HOUR
    long = stores.composite(number, first, 2 * (number + 12) * HOUR)
    stores.session(number, show_id, first, long)
    for one, start in _days(number):
        stores.session(one, show_id, start, stores.composite(one, start))
        stores.row(one, show_id, start)


@shape("programs that all call for one record")
def _one_id(stores: Stores, number: int) -> None:
    show_id = stores.show(0)
    for one, start in _days(number):
        recording = stores.composite(one, start)
        stores.session(one, show_id, start, recording)
        stores.program(one, show_id, recording, object_id="the-same")


@shape("many programs of one recording")
def _many_programs(stores: Stores, number: int) -> None:
    show_id = stores.show(0)
    start = NOW - timedelta(days=4)
    recording = stores.composite(0, start)
    stores.session(0, show_id, start, recording)
    for one in range(number):
        stores.program(one, show_id, recording)
