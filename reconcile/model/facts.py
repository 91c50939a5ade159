"""What earlier runs read and need not read again: the files that keep it beside the reports. Pure.

Two kinds of files hold gzipped JSON lines, of which the first says whose they are. `events-YYYY-MM.jsonl.gz`
has a line for each recording that ended in that month: which events file was read, and what it says.
`media-YYYY-MM-DD.jsonl.gz` has a line for each object that was looked for on that day: whether it was there.
A file is used whole or not at all: one that is damaged, cut short or of another stage is as good as none.
"""

import gzip
import json
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from sys import intern
from typing import Any, Generic, NamedTuple, TypeVar

from reconcile.model.clock import parse_time
from reconcile.model.media import ObjectAddress
from reconcile.model.recording import Events, EventsVersion, Recording, RecordingKey, Unreadable, is_length

VERSION = 1
MOST_UNPACKED = 256 * 1024 * 1024
"""The most bytes that one file may hold; a larger one is not used."""
MEDIA_RECHECK = timedelta(days=28)
"""How long it counts that an object was seen, where nothing else is set."""

_NAME = re.compile(r"(?:events-\d{4}-\d\d|media-(?P<day>\d{4}-\d\d-\d\d))\.jsonl\.gz", re.ASCII)
_LEVEL = 6
_UNUSABLE = (ValueError, TypeError, RecursionError)

FactLine = list[Any]
"""A bucket, a prefix or key in it, and what is known of that."""
K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Known(Generic[K, V]):
    """What files of facts say, and why some of them say nothing."""

    items: Mapping[K, V]
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FactFiles:
    """The facts of earlier runs of a stage, as they are stored, by the name of their file.

    `media_recheck` is how long it counts that an object was seen. `faults` say which files could not be read,
    and why; `requests` and `seconds` are what reading them took.
    """

    stage: str
    files: Mapping[str, bytes] = field(default_factory=dict)
    media_recheck: timedelta = MEDIA_RECHECK
    faults: tuple[str, ...] = ()
    requests: int = 0
    seconds: float = 0.0

    def events_of(self, recordings: Iterable[Recording]) -> Known[RecordingKey, Events | Unreadable]:
        """Return what the events files of recordings say, of those for which the listing vouches."""
        wanted: dict[tuple[str, str], Recording] = {
            recording.key: recording
            for recording in recordings
            if recording.end_etag and recording.finished_seen
        }
        return self._known("events-", lambda lines: dict(_events_in(lines, wanted)))

    def media(self, now: datetime) -> Known[ObjectAddress, datetime]:
        """Return when objects were seen that were there when they were last looked for, not too long ago."""
        looks = self._known("media-", lambda lines: dict(_looks_in(lines, now)))
        since = now - self.media_recheck
        seen = ((address, look.at) for address, look in looks.items.items() if look.there)
        return Known({address: at for address, at in seen if since <= at}, looks.faults)

    def remembered(self, recordings: Iterable[Recording], now: datetime) -> "Remembered":
        """Return all that earlier runs know of listed recordings and of media."""
        events, media = self.events_of(recordings), self.media(now)
        return Remembered(events.items, media.items, (*self.faults, *events.faults, *media.faults))

    def _known(self, kind: str, read: Callable[[Iterator[FactLine]], dict[K, V]]) -> Known[K, V]:
        """Read all files of a kind; what the newest says counts."""
        known, faults = dict[K, V](), list[str]()
        for name in sorted((name for name in self.files if name.startswith(kind)), reverse=True):
            try:
                part = read(lines_of(self.files[name], name, self.stage))
            except _UNUSABLE as error:
                faults.append(f"{name}: {_why(error)}")
                continue
            for key, value in part.items():
                known.setdefault(key, value)
        return Known(known, tuple(faults))


@dataclass(frozen=True, slots=True)
class Remembered:
    """What earlier runs know: the events of recordings as they are listed now, and when media was seen.

    `faults` say which files of facts are of no use, and why.
    """

    events: Mapping[RecordingKey, Events | Unreadable] = field(default_factory=dict)
    media: Mapping[ObjectAddress, datetime] = field(default_factory=dict)
    faults: tuple[str, ...] = ()


class MediaLook(NamedTuple):
    """When an object was looked for, and whether it was there."""

    at: datetime
    there: bool


def is_read(name: str, now: datetime, media_recheck: timedelta) -> bool:
    """Whether a file of this name is one of facts that can still be of use."""
    match = _NAME.fullmatch(name)
    oldest = (now - media_recheck).astimezone(UTC).date().isoformat()
    return match is not None and (match["day"] is None or match["day"] >= oldest)


def events_file_of(moment: datetime) -> str:
    """Return the name of the file with the recordings that ended in a moment's month."""
    return f"events-{moment.astimezone(UTC):%Y-%m}.jsonl.gz"


def media_file_of(moment: datetime) -> str:
    """Return the name of the file with the objects that were looked for on a moment's day."""
    return f"media-{moment.astimezone(UTC):%Y-%m-%d}.jsonl.gz"


def version_fields(version: EventsVersion) -> FactLine:
    """Return what a line says of which events file it is of."""
    return [version.etag, version.size, _written(version.modified)]


def events_line(key: RecordingKey, version: EventsVersion, events: Events | Unreadable) -> FactLine:
    """Return the line that says what an events file said."""
    known = [*key, *version_fields(version)]
    if isinstance(events, Unreadable):
        return [*known, events.reason]
    times = (_written(moment) if moment else None for moment in (events.started_at, events.ended_at))
    return [*known, events.stage_arn, events.channel_arn, *times, events.duration, events.manifest]


def media_line(address: ObjectAddress, look: MediaLook) -> FactLine:
    """Return the line that says whether an object was there."""
    return [*address, _written(look.at), look.there]


def file_of(lines: Iterable[FactLine], name: str, stage: str) -> bytes:
    """Return a file as it is stored: the same for the same lines."""
    head = {"facts": name, "stage": stage, "version": VERSION}
    texts = (json.dumps(line, separators=(",", ":")) for line in (head, *sorted(lines, key=_place)))
    return gzip.compress("".join(f"{text}\n" for text in texts).encode(), _LEVEL, mtime=0)


def lines_of(data: bytes, name: str, stage: str) -> Iterator[FactLine]:
    """Yield the lines of a stored file; raises ValueError where it is damaged, cut short or another's."""
    head, *lines = _unpacked(data).decode().removesuffix("\n").split("\n")
    if json.loads(head) != {"facts": name, "stage": stage, "version": VERSION}:
        raise ValueError("it is of another file, stage or version")
    return map(json.loads, lines)


def usable_lines(data: bytes, name: str, stage: str) -> list[FactLine]:
    """Return the lines of a stored file; none where it would not be used."""
    check = _event_in if name.startswith("events-") else _look_in
    try:
        lines = list(lines_of(data, name, stage))
        for line in lines:
            check(line)
    except _UNUSABLE:
        return []
    return lines


def _unpacked(data: bytes) -> bytes:
    inflating = zlib.decompressobj(wbits=31)
    try:
        raw = inflating.decompress(data, MOST_UNPACKED)
    except zlib.error as error:
        raise ValueError("it is damaged") from error
    if not inflating.eof:
        too_large = len(raw) >= MOST_UNPACKED
        raise ValueError(f"it holds over {MOST_UNPACKED:,} bytes" if too_large else "it is cut short")
    if inflating.unused_data:
        raise ValueError("something follows its end")
    return raw


def _place(line: FactLine) -> tuple[str, str]:
    return line[0], line[1]


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _why(error: Exception) -> str:
    told = isinstance(error, ValueError) and not isinstance(error, json.JSONDecodeError | UnicodeDecodeError)
    return str(error)[:100] if told else "it has lines of an unknown shape"


def _events_in(
    lines: Iterable[FactLine], wanted: Mapping[tuple[str, str], Recording]
) -> Iterator[tuple[RecordingKey, Events | Unreadable]]:
    # It goes through a whole archive: the cheapest questions come first.
    for bucket, prefix, etag, size, modified, *said in lines:
        recording = wanted.get((bucket, prefix))
        if (
            recording is not None
            and recording.end_etag == etag
            and recording.end_size == size
            and recording.finished_seen == datetime.fromisoformat(modified)
        ):
            yield recording.key, _said(*said)


def _event_in(line: FactLine) -> Events | Unreadable:
    """Return what a line says of an events file; raises ValueError and TypeError where it cannot be read."""
    bucket, prefix, etag, size, modified, *said = line
    if not all(type(text) is str for text in (bucket, prefix, etag, modified)) or type(size) is not int:
        raise TypeError("no events file's place and version")
    datetime.fromisoformat(modified)
    return _said(*said)


def _said(first: str | None, *rest: Any) -> Events | Unreadable:
    """Return what an events file said; raises TypeError and ValueError where nobody can have written that."""
    if first is not None and type(first) is not str:
        raise TypeError("a text that is none")
    if not rest:
        return Unreadable(first or "")
    channel_arn, started, ended, duration, manifest = rest
    if not is_length(duration):
        raise TypeError("a duration that is none")
    # Many recordings share these texts: each is kept once.
    return Events(
        first,
        None if channel_arn is None else intern(channel_arn),
        None if started is None else parse_time(started),
        None if ended is None else parse_time(ended),
        duration,
        None if manifest is None else intern(manifest),
    )


def _looks_in(lines: Iterable[FactLine], now: datetime) -> Iterator[tuple[ObjectAddress, MediaLook]]:
    """Yield looks, but for sightings of a run whose clock was ahead: they would hide those before them."""
    # All looks of a run have the same moment, which is kept once.
    looks: dict[MediaLook, MediaLook] = {}
    for line in lines:
        address, look = _look_in(line)
        if look.at <= now or not look.there:
            yield address, looks.setdefault(look, look)


def _look_in(line: FactLine) -> tuple[ObjectAddress, MediaLook]:
    """Return what a line says of an object; raises ValueError and TypeError where it cannot be read."""
    bucket, key, at, there = line
    if type(key) is not str or type(there) is not bool:
        raise TypeError("no object's place and state")
    return ObjectAddress(intern(bucket), key), MediaLook(parse_time(at), there)
