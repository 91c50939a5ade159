"""What a recording is: its prefix, what the listing shows of it, what its events file says."""

import json
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, uuid5

from reconcile.model.clock import LONGEST, parse_time


class RecordingKey(NamedTuple):
    """The identity of a recording: its bucket and its prefix, without a trailing slash."""

    bucket: str
    prefix: str

    @property
    def address(self) -> str:
        """Where it lies: s3://BUCKET/PREFIX."""
        return f"s3://{self.bucket}/{self.prefix}"


MAX_EVENTS_BYTES = 256 * 1024
_LONGEST_MS = LONGEST // timedelta(milliseconds=1)


class Kind(StrEnum):
    """Which IVS product wrote a recording; `unknown` has a recording's events under no known layout."""

    COMPOSITE = "composite"
    CHANNEL = "channel"
    PARTICIPANT = "participant"
    UNKNOWN = "unknown"


# A key may hold any character, line ends included: \Z, not $, is its end.
_LAYOUTS = (
    # Low-latency channel recordings; the date parts are not zero-padded.
    # https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/record-to-s3.html
    (
        Kind.CHANNEL,
        re.compile(r"(ivs/v1/[^/]+/([^/]+)/\d{4}/\d{1,2}/\d{1,2}/\d{1,2}/\d{1,2}/[^/]+)(?:/|\Z)", re.ASCII),
    ),
    (Kind.CHANNEL, re.compile(r"(ivs/[^/]+/([^/]+)/\d{4}-\d\d-\d\dT[0-9:.-]+Z/[^/]+)(?:/|\Z)", re.ASCII)),
    # https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/rt-composite-recording.html
    (Kind.COMPOSITE, re.compile(r"((?!ivs/v1/)[^/]+/[^/]+/[^/]+/composite)(?:/|\Z)", re.ASCII)),
    # https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/rt-individual-participant-recording.html
    (
        Kind.PARTICIPANT,
        re.compile(r"([^/]+/[^/]+/[^/]+/\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d(?:[.-]\d+)?Z)(?:/|\Z)", re.ASCII),
    ),
)


class ParsedKey(NamedTuple):
    """Where a key lies: the recording's prefix, its kind and, in a channel's path, the channel id."""

    prefix: str
    kind: Kind
    channel_id: str | None = None


@lru_cache(maxsize=2_000)
def parse_key(key: str) -> ParsedKey | None:
    """Return the recording that a key belongs to, or None when no recording's layout fits it."""
    for kind, layout in _LAYOUTS:
        match = layout.match(key)
        if match:
            return ParsedKey(match[1], kind, match[2] if kind is Kind.CHANNEL else None)
    return None


def media_folder_of(key: str) -> str | None:
    """Return the folder of a recording's playlists, if the key is that of one of its manifests."""
    parsed = parse_key(key)
    if parsed is None or not key.endswith(".m3u8") or not key.startswith(f"{parsed.prefix}/media/"):
        return None
    return key[: key.rindex("/") + 1]


def is_segment(key: str) -> bool:
    """Whether a key's name is that of a piece of sound or pictures."""
    return key.endswith((".ts", ".mp4", ".m4s", ".m4v", ".m4a", ".cmfv", ".cmfa", ".aac", ".mp3"))


class EventsVersion(NamedTuple):
    """An events file as a listing identifies it: while these are the same, so is what it says."""

    etag: str
    size: int
    modified: datetime


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording as the listing shows it; times are the LastModified of its events files.

    `end_etag` and `end_size` are those of the events file that says how it ended; an ETag of "" vouches for
    nothing.
    """

    bucket: str
    prefix: str
    kind: Kind
    channel_id: str | None = None
    started_seen: datetime | None = None
    ended_seen: datetime | None = None
    failed_seen: datetime | None = None
    has_media: bool = False
    end_etag: str = ""
    end_size: int = 0
    key: RecordingKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Make its key once: a run asks for it over and over."""
        object.__setattr__(self, "key", RecordingKey(self.bucket, self.prefix))

    @property
    def finished_seen(self) -> datetime | None:
        """When the end event was written; None while there is none."""
        return self.ended_seen or self.failed_seen

    @property
    def version(self) -> "EventsVersion | None":
        """What the listing says of the events file of an ended recording; None where it vouches for none."""
        if self.finished_seen is None or not self.end_etag:
            return None
        return EventsVersion(self.end_etag, self.end_size, self.finished_seen)

    @property
    def last_event(self) -> datetime | None:
        """When the newest events file was written; None without any."""
        seen = [time for time in (self.started_seen, self.ended_seen, self.failed_seen) if time]
        return max(seen, default=None)

    @property
    def events_file(self) -> str | None:
        """The key of the file that says most: ended, else failed, else started."""
        for name, seen in (
            ("ended", self.ended_seen),
            ("failed", self.failed_seen),
            ("started", self.started_seen),
        ):
            if seen:
                return f"{self.prefix}/events/recording-{name}.json"
        return None


def program_id_of(key: RecordingKey) -> str:
    """Return the programId of a recording's program when the job makes it: the same on every run."""
    return str(uuid5(NAMESPACE_URL, key.address))


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something that was there and could not be understood, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Events:
    """What a recording's events file says; `duration` in milliseconds, `manifest` relative to the prefix."""

    stage_arn: str | None
    channel_arn: str | None
    started_at: datetime | None
    ended_at: datetime | None
    duration: int | None
    manifest: str | None


def parse_events(body: bytes) -> Events | Unreadable:
    """Read an events file, which is untrusted: size, JSON, version and shape are checked.

    Shape: https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/record-to-s3.html
    """
    if len(body) > MAX_EVENTS_BYTES:
        return Unreadable(f"the events file is larger than {MAX_EVENTS_BYTES:,} bytes")
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return Unreadable("the events file is empty" if not body.strip() else "the events file is not JSON")
    if not isinstance(data, dict):
        return Unreadable("the events file is not a JSON object")
    if data.get("version") != "v1":
        return Unreadable(f"the events file has the unknown version {str(data.get('version'))[:40]!r}")
    try:
        return _events(data)
    except (ValueError, TypeError) as error:
        return Unreadable(f"the events file has an unknown shape: {error}")


def _events(data: dict[str, Any]) -> Events:
    media = _optional(data, "media", dict) or {}
    hls = _optional(media, "hls", dict) or {}
    path, playlist = _optional(hls, "path", str), _optional(hls, "playlist", str)
    duration = hls.get("duration_ms")
    if not is_length(duration):
        raise ValueError(f"duration_ms is {str(duration)[:40]}")
    manifest = f"{path}/{playlist}" if path and playlist else None
    if manifest and (manifest.startswith("/") or ".." in manifest.split("/")):
        raise ValueError("the manifest's path leads out of the recording")
    return Events(
        stage_arn=_optional(data, "stage_arn", str) or None,
        channel_arn=_optional(data, "channel_arn", str) or None,
        started_at=_time(data, "recording_started_at"),
        ended_at=_time(data, "recording_ended_at"),
        duration=duration,
        manifest=manifest,
    )


def is_length(duration: Any) -> bool:
    """Whether that can be how long a recording lasts: none, or whole milliseconds of a hundred years at most.

    JSON's numbers have no end, and those that are larger than any float make whatever divides them fail.
    """
    return duration is None or (type(duration) is int and 0 <= duration <= _LONGEST_MS)


def _optional(data: dict[str, Any], name: str, kind: type) -> Any:
    value = data.get(name)
    if value is not None and not isinstance(value, kind):
        raise TypeError(f"{name} is no {kind.__name__}")
    if isinstance(value, str):
        # JSON can name half a character, which no key, URL or report can hold.
        value.encode()
    return value


def _time(data: dict[str, Any], name: str) -> datetime | None:
    text = _optional(data, name, str)
    return parse_time(text) if text else None


def manifest_key(recording: Recording, events: Events) -> str:
    """Return the key of the manifest that a recording's events file names."""
    return f"{recording.prefix}/{events.manifest}"
