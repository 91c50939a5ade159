"""The files of one recording: metadata in the shapes of the AWS guides, manifests, segments, thumbnails."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from reconcile.sandbox.world import formats

SEGMENTS = 3
_SIZES = {"1080p60": (1920, 1080), "720p30": (1280, 720), "480p30": (852, 480), "high": (1280, 720)}


class Ending(Enum):
    """How a recording went."""

    ENDED = "ended"
    FAILED_PLAYABLE = "failed at its end, media whole"
    FAILED_EMPTY = "failed before anything was recorded"
    FAILED_LOST = "failed with a length but without media"
    START_FAILED = "failed to start"
    RUNNING = "started, no end event"
    SILENT = "media without any event"

    @property
    def leaves_media(self) -> bool:
        """Whether there is anything under media/."""
        return self not in (Ending.FAILED_EMPTY, Ending.FAILED_LOST, Ending.START_FAILED)


@dataclass(frozen=True, slots=True)
class Shape:
    """What differs between the kinds of recordings; `thumbnails` names how their paths are told.

    `gaps` is the time without a picture in a recording of several streams that IVS merged.
    """

    source: dict[str, str]
    manifest: str
    rendition: str
    thumbnails: str | None
    segment: str
    segment_seconds: float
    byte_range: str | None = None
    gaps: timedelta = timedelta(0)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture, in pixels."""
        return _SIZES[self.rendition.partition("-")[0]]


def events(
    shape: Shape, start: datetime, end: datetime | None, duration_ms: int, ending: Ending
) -> Iterator[tuple[str, datetime, bytes]]:
    """The metadata files in the order in which they are written: name, time of the event, JSON."""
    if ending is Ending.SILENT:
        return
    if ending is not Ending.START_FAILED:
        yield "recording-started.json", start, _event(shape, "RECORDING_STARTED", start, None, None)
    if end is None:
        return
    match ending:
        case Ending.ENDED:
            yield "recording-ended.json", end, _event(shape, "RECORDING_ENDED", start, end, duration_ms)
        case Ending.START_FAILED:
            yield "recording-failed.json", start, _event(shape, "RECORDING_START_FAILED", None, None, 0)
        case _:
            length_kept = 0 if ending is Ending.FAILED_EMPTY else duration_ms
            body = _event(shape, "RECORDING_ENDED_WITH_FAILURE", start, end, length_kept)
            yield "recording-failed.json", end, body


def _event(
    shape: Shape, status: str, start: datetime | None, end: datetime | None, duration_ms: int | None
) -> bytes:
    failed = "FAIL" in status
    event: dict[str, Any] = {"version": "v1", **shape.source, "recording_status": status}
    if start:
        event["recording_started_at"] = formats.event_time(start)
    if end:
        event["recording_ended_at"] = formats.event_time(end)
    if failed:
        event["recording_status_message"] = "InternalServerException"
    hls: dict[str, Any] = {"path": "media/hls", "playlist": shape.manifest}
    if duration_ms is not None:
        hls["duration_ms"] = duration_ms
    if shape.byte_range and not failed:
        hls["byte_range_playlist"] = shape.byte_range
    hls["renditions"] = [_rendition(shape, byte_range=bool(shape.byte_range) and not failed)]
    event["media"] = {"hls": hls, **_pictures(shape)}
    return json.dumps(event, indent=2).encode()


def _rendition(shape: Shape, *, byte_range: bool) -> dict[str, Any]:
    width, height = shape.size
    rendition: dict[str, Any] = {"path": shape.rendition, "playlist": "playlist.m3u8"}
    if byte_range:
        rendition["byte_range_playlist"] = "byte-range-variant.m3u8"
    if shape.rendition != "high":
        rendition |= {"resolution_width": width, "resolution_height": height}
    return rendition


def _pictures(shape: Shape) -> dict[str, Any]:
    width, height = shape.size
    size = {"resolution_width": width, "resolution_height": height}
    match shape.thumbnails:
        case "plain":
            return {
                "thumbnails": {"path": "media/thumbnails", **size},
                "latest_thumbnail": {"path": "media/latest_thumbnail/thumb.jpg", **size},
            }
        case "resolutions":
            listed: list[dict[str, Any]] = [{"path": f"{width}x{height}", **size}]
        case "renditions":
            listed = [{"path": shape.rendition}]
        case _:
            return {}
    return {
        "thumbnails": {"path": "media/thumbnails", shape.thumbnails: listed},
        "latest_thumbnail": {"path": "media/latest_thumbnail", shape.thumbnails: listed},
    }


def media(shape: Shape, *, running: bool) -> Iterator[tuple[str, bytes]]:
    """The files under media/: their names there and what they hold."""
    yield f"hls/{shape.manifest}", _manifest(shape, "playlist.m3u8")
    yield f"hls/{shape.rendition}/playlist.m3u8", _playlist(shape, running=running)
    if shape.byte_range:
        yield f"hls/{shape.byte_range}", _manifest(shape, "byte-range-variant.m3u8")
        yield f"hls/{shape.rendition}/byte-range-variant.m3u8", _playlist(shape, running=running)
    for number in range(SEGMENTS):
        yield f"hls/{shape.rendition}/{number}.{shape.segment}", b"\x47" * (400 + 37 * number)
    width, height = shape.size
    folder = {"resolutions": f"{width}x{height}/", "renditions": f"{shape.rendition}/"}.get(
        shape.thumbnails or "", ""
    )
    if shape.thumbnails:
        yield f"thumbnails/{folder}thumb0.jpg", b"\xff\xd8\xff\xd9"
        yield f"latest_thumbnail/{folder}thumb.jpg", b"\xff\xd8\xff\xd9"


def _manifest(shape: Shape, playlist: str) -> bytes:
    width, height = shape.size
    stream = f'BANDWIDTH=2684700,CODECS="avc1.4D401F,mp4a.40.2",RESOLUTION={width}x{height},FRAME-RATE=30.000'
    lines = (
        "#EXTM3U",
        "#EXT-X-VERSION:6",
        f"#EXT-X-STREAM-INF:{stream}",
        f"{shape.rendition}/{playlist}",
        "",
    )
    return "\n".join(lines).encode()


def _playlist(shape: Shape, *, running: bool) -> bytes:
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:6",
        f"#EXT-X-TARGETDURATION:{shape.segment_seconds:.0f}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        f"#EXT-X-PLAYLIST-TYPE:{'EVENT' if running else 'VOD'}",
    ]
    for number in range(SEGMENTS):
        if shape.gaps and number:
            lines.append("#EXT-X-DISCONTINUITY")
        lines += [f"#EXTINF:{shape.segment_seconds:.3f},", f"{number}.{shape.segment}"]
    if not running:
        lines.append("#EXT-X-ENDLIST")
    return "\n".join([*lines, ""]).encode()
