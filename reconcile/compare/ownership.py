"""Tells whose program a row is: which recording's media it points at, or what else ties it to one."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from reconcile.compare.spans import Spans
from reconcile.model.catalog import Catalog, Copy, Program, RecordingRow
from reconcile.model.media import MediaMap
from reconcile.model.recording import RecordingKey, place_of

MADE_FROM_RECORDINGS = ("ivs-recording", "recording-export")


class Pointers:
    """Finds the recordings that a row's key and URL lead to."""

    def __init__(self, recordings: Iterable[RecordingKey], media: MediaMap) -> None:
        self._media = media
        self._buckets: defaultdict[str, list[str]] = defaultdict(list)
        for bucket, prefix in recordings:
            self._buckets[prefix].append(bucket)

    def of(self, row: Program | Copy | RecordingRow) -> frozenset[RecordingKey]:
        """Return the recordings under whose prefix the row's s3Key or URL lies."""
        stored = self.at(row.s3_bucket, row.s3_key) if row.s3_key else []
        url = None if isinstance(row, RecordingRow) else row.url
        return frozenset(stored) | (self.played_by(url) if url else frozenset())

    def played_by(self, url: str) -> frozenset[RecordingKey]:
        """Return the recordings under whose prefix a URL plays something."""
        return frozenset(key for spot in self._media.spots_of(url) for key in self.at(*spot))

    def at(self, bucket: str | None, key: str) -> list[RecordingKey]:
        """Return the recordings that an object lies in."""
        place = place_of(key)
        if place is None:
            return []
        buckets = self._buckets.get(place.prefix, [])
        # A key under a prefix that only another bucket has can mean nothing but that one.
        return [(name, place.prefix) for name in ([bucket] if bucket in buckets else buckets)]


def programs_by_pointer(catalog: Catalog, pointers: Pointers) -> dict[RecordingKey, list[Program]]:
    """Return each recording's programs, told by what their rows point at."""
    found: defaultdict[RecordingKey, list[Program]] = defaultdict(list)
    for program in catalog.programs.values():
        for key in pointers.of(program):
            found[key].append(program)
    return dict(found)


def programs_by_row(
    programs: Iterable[Program], catalog: Catalog, times: Mapping[str, Spans[RecordingKey]]
) -> dict[RecordingKey, list[Program]]:
    """Return the programs without media whose recording row overlaps one recording of its show and no other.

    `times` holds each show's recordings with their times.
    """
    rows: defaultdict[str, list[RecordingRow]] = defaultdict(list)
    for row in catalog.rows.values():
        if row.recording_id:
            rows[row.recording_id].append(row)
    found: defaultdict[RecordingKey, list[Program]] = defaultdict(list)
    for program in programs:
        for row in rows.get(program.source_recording or "", ()):
            if program.source_show in (None, row.show_id):
                for key in only_overlapped(row, times.get(row.show_id)):
                    found[key].append(program)
    return dict(found)


def only_overlapped(row: RecordingRow, times: Spans[RecordingKey] | None) -> list[RecordingKey]:
    """Return the one recording that a row with both times overlaps; nothing when there are more or none."""
    held = list(islice(overlapped(row, times), 2))
    return held if len(held) == 1 else []


def overlapped(row: RecordingRow, times: Spans[RecordingKey] | None) -> Iterator[RecordingKey]:
    """Yield the recordings (None: its show has none) that a row with both times overlaps."""
    if times and row.start and row.end:
        yield from times.overlapping((row.start, row.end))


def without_media_by_show(programs: Iterable[Program]) -> dict[str, list[Program]]:
    """Return, by show, the programs made from recordings that point at no media."""
    found: defaultdict[str, list[Program]] = defaultdict(list)
    for program in programs:
        made = program.source_type in MADE_FROM_RECORDINGS
        if made and program.without_media and program.source_show:
            found[program.source_show].append(program)
    return dict(found)


def faults_of(program: Program, key: RecordingKey, media: MediaMap, pointers: Pointers) -> tuple[str, ...]:
    """Name what a recording's program lacks: `program_url`, `groupId`, or a domain of today."""
    faults = []
    if not program.url:
        faults.append("program_url")
    elif media.has_old_domain(program.url) and key in pointers.played_by(program.url):
        faults.append("domain")
    if not program.group_id or program.group_id == "Recordings":
        faults.append("groupId")
    return tuple(faults)


def owners_of(programs: Sequence[Program]) -> list[dict[str, str]]:
    """Return the keys of programs as the report tells them."""
    return [
        {"pk": p.pk, "sk": p.sk, "programId": p.program_id} for p in sorted(programs, key=lambda p: p.key)
    ]
