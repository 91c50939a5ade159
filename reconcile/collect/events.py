"""Reads the events files of recordings that verdicts need."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from reconcile.collect.stores import Progress, silent
from reconcile.compare.events_needed import events_to_read
from reconcile.model.deadline import ENDLESS, Deadline
from reconcile.model.errors import ObjectArchived, OutOfTime, SourceError
from reconcile.model.finding import Subject, recording_subject
from reconcile.model.parallel import at_once
from reconcile.model.recording import (
    MAX_EVENTS_BYTES,
    Events,
    Recording,
    RecordingKey,
    Unreadable,
    parse_events,
)
from reconcile.model.snapshot import Rules, Snapshot
from reconcile.stores.ports import RecordingsReader

READERS = 16


def read_events(
    snapshot: Snapshot,
    rules: Rules,
    reader: RecordingsReader,
    progress: Progress,
    deadline: Deadline = ENDLESS,
) -> Snapshot:
    """Read the events files that verdicts need and that were not read yet; one that cannot be is a failure.

    Those that time does not suffice for are not read either: the oldest of those that are no news.
    """
    needed = events_to_read(snapshot, rules)
    # What was tried while the table was scanned, was tried several times.
    keys = [key for key in needed.to_read if recording_subject(key) not in snapshot.failures]
    remembered = needed.remembered
    tried = len(snapshot.events) + len(remembered) + len(snapshot.failures)
    files = read_files(keys, snapshot.recordings, reader, lambda: deadline.ends_reading, progress)
    why = f"time ran out: {len(files.late):,} of {tried + len(keys):,} events files were not read"
    failures = files.failures | {recording_subject(key): why for key in files.late}
    return replace(
        snapshot,
        events={**snapshot.events, **remembered, **files.events},
        events_read=snapshot.events_read | files.events.keys(),
        failures={**snapshot.failures, **failures},
    )


@dataclass(frozen=True, slots=True)
class EventsFiles:
    """What was read of events files, why others could not be, and for which there was no time left."""

    events: dict[RecordingKey, Events | Unreadable] = field(default_factory=dict)
    failures: dict[Subject, str] = field(default_factory=dict)
    late: list[RecordingKey] = field(default_factory=list)


def read_files(
    keys: Sequence[RecordingKey],
    recordings: Mapping[RecordingKey, Recording],
    reader: RecordingsReader,
    is_over: Callable[[], bool],
    progress: Progress = silent,
) -> EventsFiles:
    """Read the events files of recordings, in this order, until time is over."""

    def read(key: RecordingKey) -> Events | Unreadable | str | None:
        return None if is_over() else _read(recordings[key], reader)

    files = EventsFiles()
    for done, (key, outcome) in enumerate(zip(keys, at_once(read, keys, READERS), strict=True), 1):
        if outcome is None:
            files.late.append(key)
        elif isinstance(outcome, str):
            files.failures[recording_subject(key)] = outcome
        else:
            files.events[key] = outcome
        progress("reading events", done, len(keys))
    return files


def _read(recording: Recording, reader: RecordingsReader) -> Events | Unreadable | str | None:
    """Return a recording's events, or why they could not be read (None: there was no time left)."""
    name = recording.events_file or ""
    try:
        return _parsed_twice(reader, recording.bucket, name)
    except KeyError:
        return f"{name} was listed and is not there any more"
    except OutOfTime:
        return None
    except ObjectArchived:
        return Unreadable(f"{name} lies in an archive: restore it (aws s3api restore-object)")
    except SourceError as error:
        return str(error)


def _parsed_twice(reader: RecordingsReader, bucket: str, name: str) -> Events | Unreadable:
    """Read an events file; one that is not understood is read again, for an answer may be garbage once."""
    events = parse_events(reader.read(bucket, name, MAX_EVENTS_BYTES))
    if isinstance(events, Unreadable):
        return parse_events(reader.read(bucket, name, MAX_EVENTS_BYTES))
    return events
