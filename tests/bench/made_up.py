"""Made-up stores of any size for the compare bench: nearly all agrees, one in a thousand is odd."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TypeVar
from uuid import UUID

from reconcile.collect.media import media_of
from reconcile.model.catalog import Catalog, Group, Program, Session, Show, index_key_of
from reconcile.model.media import MediaMap, default_routes
from reconcile.model.recording import Events, Kind, Recording
from reconcile.model.run import Receipt
from reconcile.model.search_record import Record
from reconcile.model.sighting import THERE
from reconcile.model.snapshot import Rules, Snapshot

BUCKET = "made-up-recordings"
NOW = datetime(2026, 3, 1, 2, tzinfo=UTC)
MEDIA = MediaMap("play.example.org", (), default_routes(BUCKET))
ODD = 0.001

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Rows:
    """What the set rules look at.

    `recordings`: bucket, prefix, ended, show. `programs`: bucket, prefix, sound.
    `calls` and `records`: objectID, digest.
    """

    recordings: Sequence[tuple[str, str, bool, str | None]]
    programs: Sequence[tuple[str, str, bool]]
    calls: Sequence[tuple[str, int]]
    records: Sequence[tuple[str, int]]


class Chance:
    """Ids and oddities from one seed."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def odd(self) -> bool:
        """Whether this one is odd."""
        return self._random.random() < ODD

    def uuid(self) -> str:
        """A random UUID."""
        return str(UUID(int=self._random.getrandbits(128), version=4))

    def name(self) -> str:
        """A short id, as AWS makes them."""
        return f"{self._random.getrandbits(60):012x}"[:12]

    def digest(self) -> int:
        """A digest of a record."""
        return self._random.getrandbits(63)

    def shuffled(self, rows: Sequence[T]) -> list[T]:
        """Return rows in no order."""
        return self._random.sample(rows, len(rows))

    def prefix(self) -> str:
        """A composite recording's prefix."""
        return f"{self.name()}/{self.name()}/{self.name()}/composite"


def made_up_rows(number: int, *, shuffled: bool = True) -> Rows:
    """Return rows for `number` recordings, as many programs and records.

    `shuffled`: in unrelated orders and with no text in common, as three stores would give them.
    """
    chance = Chance(1)
    prefixes = [chance.prefix() for _ in range(number)]
    recordings = [(BUCKET, prefix, not chance.odd(), _show(chance)) for prefix in prefixes]
    programs = [(BUCKET, prefix, not chance.odd()) for prefix in prefixes if not chance.odd()]
    programs += [program for program in programs if chance.odd()]
    calls = [(chance.uuid(), chance.digest()) for _ in range(number)]
    records = [(name, chance.digest() if chance.odd() else same) for name, same in calls if not chance.odd()]
    records += [(chance.uuid(), chance.digest()) for _ in range(number) if chance.odd()]
    calls += [(name, chance.digest()) for name, _ in calls if chance.odd()]
    if shuffled:
        programs = [(bucket, _again(prefix), sound) for bucket, prefix, sound in chance.shuffled(programs)]
        calls = chance.shuffled(calls)
        records = [(_again(name), digest) for name, digest in chance.shuffled(records)]
    return Rows(recordings, programs, calls, records)


def _again(text: str) -> str:
    """Return an equal text that is another object, as one read from another store is."""
    return text.encode().decode()


def _show(chance: Chance) -> str | None:
    if chance.odd():
        return None
    return "the show that many share" if chance.odd() else chance.uuid()


def made_up_rules() -> Rules:
    """Return the rules of a nightly run over made-up stores."""
    return Rules(NOW, MEDIA, window_start=NOW - timedelta(days=3))


def made_up_snapshot(number: int) -> Snapshot:
    """Return a snapshot of `number` recordings, each with a session, a show, a program and a record.

    The media of the programs was looked for and is there, the index lists them, and the groups count them.
    """
    chance, catalog = Chance(2), Catalog()
    recordings, events, records, counts = {}, {}, {}, Counter[str]()
    for count in range(number):
        recording = _recording(chance, NOW - timedelta(minutes=10 * (count + 6)))
        recordings[recording.key] = recording
        events[recording.key] = _events(recording)
        owner, show_id = f"owner-{count % 5000}", chance.uuid()
        composition = recording.prefix.split("/")[1]
        catalog.sessions[composition] = _session(composition, show_id, recording)
        catalog.shows[show_id] = Show(show_id, owner, "evenings", "An evening")
        if not chance.odd():
            program = _program(chance, recording, owner, show_id)
            catalog.programs[program.key] = program
            counts[owner] += 1
            stale = chance.digest() if chance.odd() else program.digest
            records[program.program_id] = Record(
                program.program_id, stale, program.url, owner, program.program_id
            )
    for owner in {show.producer_id or "" for show in catalog.shows.values()}:
        group = Group(owner, "evenings", real=True, count=counts[owner])
        catalog.groups[group.identity] = group
    receipts = tuple(
        Receipt(name, whole=True) for name in (f"s3:{BUCKET}", "dynamodb:made-up", "algolia:made-up")
    )
    seen = Snapshot(recordings, catalog, records, {}, receipts, events)
    media = media_of(catalog.programs.values(), seen, made_up_rules())
    return replace(seen, media=dict.fromkeys(media, THERE))


def _recording(chance: Chance, end: datetime) -> Recording:
    start = end - timedelta(hours=1)
    return Recording(BUCKET, chance.prefix(), Kind.COMPOSITE, None, start, end, has_media=True)


def _events(recording: Recording) -> Events:
    manifest = "media/hls/multivariant.m3u8"
    return Events(None, None, recording.started_seen, recording.ended_seen, 3_600_000, manifest)


def _session(composition: str, show_id: str, recording: Recording) -> Session:
    arn = f"arn:aws:ivs:us-east-1:111122223333:composition/{composition}"
    times = (recording.started_seen, recording.ended_seen)
    return Session(composition, show_id, "ENDED", *times, composition_arn=arn)


def _program(chance: Chance, recording: Recording, owner: str, show_id: str) -> Program:
    program_id, key = chance.uuid(), f"{recording.prefix}/media/hls/multivariant.m3u8"
    return Program(
        pk=f"u#{owner}#programs",
        sk=f"p#{program_id}",
        owner=owner,
        program_id=program_id,
        object_id=program_id,
        digest=chance.digest(),
        url=MEDIA.url_of(recording.bucket, key),
        s3_bucket=recording.bucket,
        s3_key=key,
        media_elsewhere=False,
        group_id="evenings",
        source_show=show_id,
        source_type="ivs-recording",
        source_recording=None,
        updated_at=recording.ended_seen,
        entity_type="program",
        listed_under=index_key_of(owner, "evenings"),
        listed_as=f"p#{program_id}",
    )
