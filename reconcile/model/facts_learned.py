"""What a run read and looked at that the next ones need not, and how it changes the stored files. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from reconcile.model.facts import (
    FactFiles,
    FactLine,
    MediaLook,
    events_file_of,
    events_line,
    file_of,
    media_file_of,
    media_line,
    usable_lines,
    version_fields,
)
from reconcile.model.recording import RecordingKey
from reconcile.model.snapshot import Snapshot

_Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class FactChange:
    """What one file has to say besides what it says already.

    `keeps` tells of a stored line whether it stays, beside the new one of the same place (None: there is no
    new one).
    """

    name: str
    lines: Mapping[_Place, FactLine]
    keeps: Callable[[FactLine, FactLine | None], bool]

    def applied_to(self, stored: bytes | None, stage: str) -> bytes:
        """Return the file as it is to be stored; what is stored and cannot be used is replaced."""
        lines = dict(self.lines)
        for line in usable_lines(stored or b"", self.name, stage):
            place = (line[0], line[1])
            if self.keeps(line, self.lines.get(place)):
                lines[place] = line
        return file_of(lines.values(), self.name, stage)


def learned(snapshot: Snapshot, facts: FactFiles, now: datetime) -> Iterator[FactChange]:
    """Yield what this run learned that is not stored yet, by file."""
    yield from _events_learned(snapshot)
    yield from _media_learned(snapshot, facts, now)


def _events_learned(snapshot: Snapshot) -> Iterator[FactChange]:
    by_file: defaultdict[str, dict[_Place, FactLine]] = defaultdict(dict)
    for key in snapshot.events_read:
        version = snapshot.recordings[key].version if key in snapshot.recordings else None
        if version:
            by_file[events_file_of(version.modified)][key] = events_line(key, version, snapshot.events[key])
    listed_whole = frozenset(
        receipt.source.partition(":")[2]
        for receipt in snapshot.receipts
        if receipt.source.startswith("s3:") and receipt.trusted
    )

    def _keeps(line: FactLine, new: FactLine | None) -> bool:
        recording = snapshot.recordings.get(RecordingKey(line[0], line[1]))
        if recording is None:
            return line[0] not in listed_whole
        version = recording.version
        return new is None and version is not None and line[2:5] == version_fields(version)

    for name in sorted(by_file):
        yield FactChange(name, by_file[name], _keeps)


def _media_learned(snapshot: Snapshot, facts: FactFiles, now: datetime) -> Iterator[FactChange]:
    looked_at = {
        address: sighting.state == "there"
        for address, sighting in snapshot.media.items()
        if sighting.seen is None and not sighting.unseen
    }
    # What is not there needs no line, unless an earlier one says that it is.
    absent = [address for address, there in looked_at.items() if not there]
    contradicted = facts.media(now).items if absent else {}
    at = now.astimezone(UTC)
    lines: dict[_Place, FactLine] = {
        address: media_line(address, MediaLook(at, there))
        for address, there in looked_at.items()
        if there or address in contradicted
    }
    if lines:
        yield FactChange(media_file_of(now), lines, _is_newer)


def _is_newer(line: FactLine, new: FactLine | None) -> bool:
    return new is None or bool(line[2] > new[2])
