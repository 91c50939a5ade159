"""IVS: records a composition, a channel or a participant into the bucket, in the layouts AWS documents."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from reconcile.sandbox.world import formats
from reconcile.sandbox.world.actors import ivs_files
from reconcile.sandbox.world.actors.ivs_files import Ending
from reconcile.sandbox.world.builder import WorldBuilder


class Layout(Enum):
    """The two layouts of a channel's recordings: today's, and the one of old buckets."""

    DATED = "dated"
    STAMPED = "stamped"


@dataclass(frozen=True, slots=True)
class IvsRecording:
    """What IVS left in the bucket: the prefix, the time, the manifests' keys, and the keys of all files."""

    bucket: str
    prefix: str
    start: datetime | None
    end: datetime | None
    last_event: datetime | None
    manifest: str
    byte_range: str | None = None
    files: tuple[str, ...] = ()

    @property
    def media(self) -> tuple[str, ...]:
        """The keys of its media."""
        return tuple(key for key in self.files if key.startswith(f"{self.prefix}/media/"))

    def file(self, ending: str) -> str:
        """The key of its first file whose name ends so."""
        return next(key for key in self.files if key.endswith(ending))

    @property
    def ended_file(self) -> str:
        """The key of the metadata file written at the end."""
        return f"{self.prefix}/events/recording-ended.json"


def composite(
    builder: WorldBuilder,
    stage_arn: str,
    composition_id: str,
    start: datetime,
    length: timedelta,
    ending: Ending = Ending.ENDED,
) -> IvsRecording:
    """Record a composition of a stage; `length` runs from the start to the end (or to now)."""
    prefix = f"{builder.ivs_id()}/{composition_id}/{builder.ivs_id()}/composite"
    shape = ivs_files.Shape(
        source={"stage_arn": stage_arn},
        manifest="multivariant.m3u8",
        rendition=f"720p30-{builder.ivs_id()}",
        thumbnails="resolutions" if builder.rng.random() < 0.5 else None,
        segment="ts",
        segment_seconds=2.0,
    )
    return _record(builder, prefix, shape, start, length, ending)


def channel(
    builder: WorldBuilder,
    channel_arn: str,
    start: datetime,
    length: timedelta,
    ending: Ending = Ending.ENDED,
    layout: Layout = Layout.DATED,
    recording_id: str | None = None,
    gaps: timedelta = timedelta(0),
) -> IvsRecording:
    """Auto-record a channel; the date in the prefix is that of the start, its numbers are not padded.

    `gaps`: the encoder was away that long in all, and came back in time for IVS to go on with one recording.
    """
    date = f"{start.year}/{start.month}/{start.day}/{start.hour}/{start.minute}"
    root = f"ivs/v1/{formats.ACCOUNT}/{formats.last_part(channel_arn)}/{date}"
    if layout is Layout.STAMPED:
        stamp = formats.javascript_time(start).replace(":", "-")
        root = f"ivs/{formats.ACCOUNT}/{formats.last_part(channel_arn)}/{stamp}"
    shape = ivs_files.Shape(
        source={"channel_arn": channel_arn},
        manifest="master.m3u8",
        rendition=builder.rng.choice(("720p30", "480p30", "1080p60")),
        thumbnails="plain",
        segment="ts",
        segment_seconds=10.0,
        byte_range="byte-range-multivariant.m3u8",
        gaps=gaps,
    )
    return _record(builder, f"{root}/{recording_id or builder.ivs_id()}", shape, start, length, ending)


def participant(builder: WorldBuilder, stage_arn: str, start: datetime, length: timedelta) -> IvsRecording:
    """Record one participant of a stage: the raw feed of a guest."""
    session_id, participant_id = f"st-{builder.ivs_id()}", builder.ivs_id()
    stamp = formats.event_time(start).replace(":", "-")
    prefix = f"{formats.last_part(stage_arn)}/{session_id}/{participant_id}/{stamp}"
    shape = ivs_files.Shape(
        source={"stage_arn": stage_arn, "session_id": session_id, "participant_id": participant_id},
        manifest="multivariant.m3u8",
        rendition="high",
        thumbnails="renditions",
        segment="mp4",
        segment_seconds=6.0,
    )
    return _record(builder, prefix, shape, start, length, Ending.ENDED)


def _record(
    builder: WorldBuilder,
    prefix: str,
    shape: ivs_files.Shape,
    start: datetime,
    length: timedelta,
    ending: Ending,
) -> IvsRecording:
    end = None if ending in (Ending.RUNNING, Ending.SILENT) else start + length
    duration = round((length - shape.gaps).total_seconds() * 1000) - builder.rng.randint(0, 1900)
    files: list[str] = []
    last_event: datetime | None = None
    for name, at, body in ivs_files.events(shape, start, end, duration, ending):
        last_event = at + builder.seconds(2, 9)
        files.append(f"{prefix}/events/{name}")
        builder.put_object(builder.bucket, files[-1], body, last_event)
    if ending.leaves_media:
        written = (start + length) if end is None else end
        for name, body in ivs_files.media(shape, running=end is None):
            files.append(f"{prefix}/media/{name}")
            builder.put_object(builder.bucket, files[-1], body, written)
    media = f"{prefix}/media/hls"
    return IvsRecording(
        bucket=builder.bucket,
        prefix=prefix,
        start=None if ending in (Ending.START_FAILED, Ending.SILENT) else start,
        end=None if ending is Ending.START_FAILED else end,
        last_event=last_event,
        manifest=f"{media}/{shape.manifest}",
        byte_range=f"{media}/{shape.byte_range}" if shape.byte_range else None,
        files=tuple(files),
    )


def copied(builder: WorldBuilder, recording: IvsRecording, bucket: str) -> IvsRecording:
    """An operator copies everything of a recording into another bucket, under the same keys."""
    for key in recording.files:
        stored = builder.objects[recording.bucket, key]
        builder.put_object(bucket, key, stored.body, stored.modified)
    return replace(recording, bucket=bucket)


def spoil(builder: WorldBuilder, recording: IvsRecording, key: str, body: bytes | None) -> None:
    """Something goes wrong with one of the recording's files: it holds `body`, or is not there at all."""
    modified = builder.objects[recording.bucket, key].modified
    if body is None:
        builder.drop_object(recording.bucket, key)
    else:
        builder.put_object(recording.bucket, key, body, modified)
