"""IVS: records a composition, a channel or a participant into the bucket, in the layouts AWS documents."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from reconcile.sandbox.world import formats
from reconcile.sandbox.world.actors import ivs_files
from reconcile.sandbox.world.actors.ivs_files import Ending
from reconcile.sandbox.world.builder import Stage


class Layout(Enum):
    """The two layouts of a channel's recordings: today's, and the one of old buckets."""

    DATED = "dated"
    STAMPED = "stamped"


@dataclass(frozen=True, slots=True)
class Recording:
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
    stage: Stage,
    stage_arn: str,
    composition_id: str,
    start: datetime,
    length: timedelta,
    ending: Ending = Ending.ENDED,
) -> Recording:
    """Record a composition of a stage; `length` runs from the start to the end (or to now)."""
    prefix = f"{stage.ivs_id()}/{composition_id}/{stage.ivs_id()}/composite"
    shape = ivs_files.Shape(
        source={"stage_arn": stage_arn},
        manifest="multivariant.m3u8",
        rendition=f"720p30-{stage.ivs_id()}",
        thumbnails="resolutions" if stage.rng.random() < 0.5 else None,
        segment="ts",
        segment_seconds=2.0,
    )
    return _record(stage, prefix, shape, start, length, ending)


def channel(
    stage: Stage,
    channel_arn: str,
    start: datetime,
    length: timedelta,
    ending: Ending = Ending.ENDED,
    layout: Layout = Layout.DATED,
    recording_id: str | None = None,
    gaps: timedelta = timedelta(0),
) -> Recording:
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
        rendition=stage.rng.choice(("720p30", "480p30", "1080p60")),
        thumbnails="plain",
        segment="ts",
        segment_seconds=10.0,
        byte_range="byte-range-multivariant.m3u8",
        gaps=gaps,
    )
    return _record(stage, f"{root}/{recording_id or stage.ivs_id()}", shape, start, length, ending)


def participant(stage: Stage, stage_arn: str, start: datetime, length: timedelta) -> Recording:
    """Record one participant of a stage: the raw feed of a guest."""
    session_id, participant_id = f"st-{stage.ivs_id()}", stage.ivs_id()
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
    return _record(stage, prefix, shape, start, length, Ending.ENDED)


def _record(
    stage: Stage, prefix: str, shape: ivs_files.Shape, start: datetime, length: timedelta, ending: Ending
) -> Recording:
    end = None if ending in (Ending.RUNNING, Ending.SILENT) else start + length
    duration = round((length - shape.gaps).total_seconds() * 1000) - stage.rng.randint(0, 1900)
    files: list[str] = []
    last_event: datetime | None = None
    for name, at, body in ivs_files.events(shape, start, end, duration, ending):
        last_event = at + stage.seconds(2, 9)
        files.append(f"{prefix}/events/{name}")
        stage.put_object(stage.bucket, files[-1], body, last_event)
    if ending.leaves_media:
        written = (start + length) if end is None else end
        for name, body in ivs_files.media(shape, running=end is None):
            files.append(f"{prefix}/media/{name}")
            stage.put_object(stage.bucket, files[-1], body, written)
    media = f"{prefix}/media/hls"
    return Recording(
        bucket=stage.bucket,
        prefix=prefix,
        start=None if ending in (Ending.START_FAILED, Ending.SILENT) else start,
        end=None if ending is Ending.START_FAILED else end,
        last_event=last_event,
        manifest=f"{media}/{shape.manifest}",
        byte_range=f"{media}/{shape.byte_range}" if shape.byte_range else None,
        files=tuple(files),
    )


def copied(stage: Stage, recording: Recording, bucket: str) -> Recording:
    """An operator copies everything of a recording into another bucket, under the same keys."""
    for key in recording.files:
        stored = stage.objects[recording.bucket, key]
        stage.put_object(bucket, key, stored.body, stored.modified)
    return replace(recording, bucket=bucket)


def spoil(stage: Stage, recording: Recording, key: str, body: bytes | None) -> None:
    """Something goes wrong with one of the recording's files: it holds `body`, or is not there at all."""
    modified = stage.objects[recording.bucket, key].modified
    if body is None:
        stage.drop_object(recording.bucket, key)
    else:
        stage.put_object(recording.bucket, key, body, modified)
