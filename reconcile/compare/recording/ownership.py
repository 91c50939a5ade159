"""Matches programs to recordings: by the media that a row points at, or by another tie."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence

from reconcile.model.catalog import Catalog, Copy, Program, RecordingRow
from reconcile.model.media import MediaMap, Spot
from reconcile.model.recording import RecordingKey, parse_key
from reconcile.model.snapshot import Snapshot

MADE_FROM_RECORDINGS = ("ivs-recording", "recording-export")


class Pointers:
    """Finds the recordings that a row's key and URL point to, among those of a mapping or a set."""

    def __init__(self, recordings: Collection[RecordingKey], media: MediaMap) -> None:
        self._media, self._recordings = media, recordings
        self._buckets = sorted({recording.bucket for recording in recordings})

    def of(self, row: Program | Copy | RecordingRow) -> frozenset[RecordingKey]:
        """Return the recordings under whose prefix the row's s3Key or URL lies."""
        url = None if isinstance(row, RecordingRow) else row.url
        played = self._media.spots_of(url) if url else frozenset[Spot]()
        # Most URLs mean the object that the row names.
        spots = played | {(row.s3_bucket, row.s3_key)} if row.s3_key else played
        return frozenset(key for spot in spots for key in self.at(*spot))

    def played_by(self, url: str) -> frozenset[RecordingKey]:
        """Return the recordings under whose prefix a URL plays something."""
        return frozenset(key for spot in self._media.spots_of(url) for key in self.at(*spot))

    def at(self, bucket: str | None, key: str) -> Sequence[RecordingKey]:
        """Return the recordings that an object belongs to."""
        parsed = parse_key(key)
        if parsed is None:
            return ()
        named = RecordingKey(bucket or "", parsed.prefix)
        if named in self._recordings:
            return (named,)
        # A key under a prefix that exists only in another bucket means that bucket.
        elsewhere = (RecordingKey(name, parsed.prefix) for name in self._buckets)
        return [key for key in elsewhere if key in self._recordings]


def programs_by_pointer(snapshot: Snapshot, pointers: Pointers) -> dict[RecordingKey, tuple[Program, ...]]:
    """Return each recording's programs, matched by what their rows point at."""
    programs_by_key: dict[RecordingKey, tuple[Program, ...]] = {}
    for program in snapshot.catalog.programs.values():
        for key in pointers.of(program):
            # Of equal keys the recording's own is kept: the other would hold the text a second time.
            own = snapshot.recordings[key].key
            programs_by_key[own] = (*programs_by_key.get(own, ()), program)
    return programs_by_key


def programs_by_row(
    programs: Iterable[Program],
    catalog: Catalog,
    recording_of: Callable[[RecordingRow], RecordingKey | None],
) -> dict[RecordingKey, list[Program]]:
    """Return the programs without media by the recording that their recording row is of.

    `recording_of` returns the recording of the one broadcast of its show that a row overlaps (None: there is
    none, or several).
    """
    rows: defaultdict[str, list[RecordingRow]] = defaultdict(list)
    for row in catalog.rows.values():
        if row.recording_id:
            rows[row.recording_id].append(row)
    programs_by_key: defaultdict[RecordingKey, list[Program]] = defaultdict(list)
    for program in programs:
        for row in rows.get(program.source_recording or "", ()):
            key = recording_of(row) if program.source_show in (None, row.show_id) else None
            if key:
                programs_by_key[key].append(program)
    return dict(programs_by_key)


def without_media_by_show(programs: Iterable[Program]) -> dict[str, list[Program]]:
    """Return, by show, the programs made from recordings that point at no media."""
    by_show: defaultdict[str, list[Program]] = defaultdict(list)
    for program in programs:
        made = program.source_type in MADE_FROM_RECORDINGS
        if made and program.without_media and program.source_show:
            by_show[program.source_show].append(program)
    return dict(by_show)


def faults_of(program: Program, key: RecordingKey, media: MediaMap, pointers: Pointers) -> tuple[str, ...]:
    """Name what a recording's program is missing: `program_url`, `groupId`, or the current `domain`."""
    faults = []
    if not program.url:
        faults.append("program_url")
    elif media.has_old_domain(program.url) and key in pointers.played_by(program.url):
        faults.append("domain")
    if not program.group_id or program.group_id == "Recordings":
        faults.append("groupId")
    return tuple(faults)


def owners_of(programs: Sequence[Program]) -> list[dict[str, str]]:
    """Return the keys of programs as the report lists them."""
    return [
        {"pk": p.pk, "sk": p.sk, "programId": p.program_id} for p in sorted(programs, key=lambda p: p.key)
    ]
