"""Made-up archives: few shows of hundreds of recordings, most of them fine, and the rest odd in every way.

Times are whole parts of an hour, ids are few, and any value may be missing: so things meet that rarely do.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, TypeVar

from reconcile.collect.media import media_of
from reconcile.model.catalog import (
    Catalog,
    Copy,
    Group,
    Program,
    RecordingRow,
    Session,
    Show,
    index_key_of,
)
from reconcile.model.finding import program_subject, recording_subject, row_subject, session_subject
from reconcile.model.media import MediaMap, default_routes
from reconcile.model.recording import Events, Kind, Recording, RecordingKey, Unreadable
from reconcile.model.run import Receipt
from reconcile.model.search_record import Record
from reconcile.model.sighting import THERE, Sighting
from reconcile.model.snapshot import Assignment, LedgerEntry, Rules, Snapshot

NOW = datetime(2026, 5, 20, 3, 0, tzinfo=UTC)
PART = timedelta(minutes=10)
BUCKETS = ("first-bucket", "second-bucket")
MEDIA = MediaMap("play.test", ("old.test",), default_routes(BUCKETS[0], "uploads"))
ARN = "arn:aws:ivs:us-east-1:111111111111"
WHOLE = (
    *(Receipt(f"s3:{bucket}", whole=True, items=1) for bucket in BUCKETS),
    Receipt("dynamodb", whole=True, items=1),
    Receipt("algolia", whole=True, items=1),
)

T = TypeVar("T")


@dataclass
class Archive:
    """An archive while it is made; `odd` is how likely anything is not as it should be."""

    random: Random
    odd: float
    shows: int
    recordings: dict[RecordingKey, Recording] = field(default_factory=dict)
    events: dict[RecordingKey, Events | Unreadable] = field(default_factory=dict)
    catalog: Catalog = field(default_factory=Catalog)
    records: dict[str, Record] = field(default_factory=dict)
    ledger: dict[RecordingKey, LedgerEntry] = field(default_factory=dict)
    manifests: dict[RecordingKey, str] = field(default_factory=dict)
    number: int = 0

    def some(self, usual: T, *others: T) -> T:
        """Return the usual thing, or, where something is odd, another one."""
        return self.random.choice(others) if self.random.random() < self.odd else usual

    def is_odd(self) -> bool:
        """Whether something is odd."""
        return self.random.random() < self.odd

    def name(self, what: str) -> str:
        """Return a new id."""
        self.number += 1
        return f"{what}{self.number}"

    def any_show(self) -> str:
        """Return any show's id."""
        return f"show{self.random.randrange(self.shows)}"

    def add_show(self, number: int) -> None:
        """Put a show with its group; two shows share a producer, and some a channel."""
        show_id, owner = f"show{number}", f"owner{number // 2}"
        own, shared = f"{ARN}:channel/own{number}", f"{ARN}:channel/shared"
        self.catalog.shows[show_id] = Show(
            show_id,
            self.some(owner, None, "owner0"),
            self.some("all", None, "another"),
            "A show",
            stage_arn=self.some(f"{ARN}:stage/of{number}", None, f"{ARN}:stage/of0"),
            composition_arn=self.some("", f"{ARN}:composition/of{number}") or None,
            unreadable=self.some("", "", "", "it is odd") or None,
            channels=self.some((own,), (shared,), (own, shared), ()),
            created_at=self.some(NOW - timedelta(days=900), None, NOW - timedelta(days=5)),
        )
        group = Group(owner, "all", real=True, count=0)
        self.catalog.groups[group.identity] = group

    def broadcast(self, show_id: str, start: datetime) -> None:
        """Put a session with its recordings, their programs, records and rows."""
        number, length = show_id.removeprefix("show"), PART * self.random.randint(1, 5)
        composition = self.name("c")
        channel = self.some(f"own{number}", "shared", "nobodys")
        session = self._session(show_id, start, length, composition, channel)
        composite = self._recording(f"st{session}/{composition}/d/composite", None, start, length)
        keys = [composite]
        if self.is_odd():
            twin = self._channel_prefix(channel)
            late = self.some(timedelta(0), PART / 2, -PART / 2, PART)
            keys.append(
                self._recording(twin, channel, start + late, self.some(length, length / 2, length * 2))
            )
        program = self._program(show_id, start + length, composite) if not self.is_odd() else None
        for key in keys[1:]:
            if self.is_odd():
                self._program(show_id, start + length, key)
        if self.is_odd():
            self._program(show_id, start + length, self.random.choice(list(self.recordings)))
        for _ in range(self.some(1, 0, 2, 3)):
            self._row(show_id, start, length, composite, program)
        if self.is_odd():
            self._trace(show_id, self.random.choice(keys), start, length)

    def _session(
        self, show_id: str, start: datetime, length: timedelta, composition: str, channel: str
    ) -> str:
        name, number = self.name("session"), show_id.removeprefix("show")
        arn = self.some(f"{ARN}:composition/{composition}", "", f"{ARN}:composition/lost") or None
        shared = self.some("", channel, "shared")
        named = (f"{ARN}:channel/{channel}",)
        self.catalog.sessions[name] = Session(
            name,
            self.some(show_id, None, self.any_show()),
            self.some("ENDED", "ACTIVE", None),
            self.some(start, None, start - PART, start + PART),
            self.some(start + length, None, start + PART),
            own_ivs_stages=self.some((), (f"{ARN}:stage/st{name}",)),
            shared_ivs_stages=self.some((), (f"{ARN}:stage/of{number}",)),
            composition_arn=arn,
            own_channels=self.some((), named),
            shared_channels=(f"{ARN}:channel/{shared}",) if shared else (),
            unreadable=self.some("", "", "", "it is odd") or None,
            channels=self.some(named, ()),
        )
        return name

    def _channel_prefix(self, channel: str) -> str:
        return f"ivs/v1/111111111111/{channel}/2026/1/2/3/4/{self.name('r')}"

    def _recording(
        self, prefix: str, channel: str | None, start: datetime, length: timedelta
    ) -> RecordingKey:
        bucket, kind = self.some(BUCKETS[0], BUCKETS[1]), Kind.CHANNEL if channel else Kind.COMPOSITE
        ended = self.some("ended", "failed", "never")
        recording = Recording(
            bucket,
            prefix,
            self.some(kind, kind, kind, Kind.PARTICIPANT, Kind.UNKNOWN),
            channel,
            self.some(start, None),
            start + length if ended == "ended" else None,
            start + length if ended == "failed" else None,
            has_media=not self.is_odd(),
        )
        number = prefix[2:].partition("/")[0]
        told = Events(
            self.some("", f"{ARN}:stage/st{number}", f"{ARN}:stage/of{self.random.randrange(self.shows)}")
            or None,
            f"{ARN}:channel/{channel}" if channel and not self.is_odd() else None,
            start if not self.is_odd() else self.random.choice((None, start + PART)),
            start + length if ended != "never" else None,
            self.some(int(length.total_seconds() * 1000), 0, None),
            self.some("media/hls/multivariant.m3u8", None),
        )
        self._keep(recording, told)
        if self.is_odd():
            self._keep(replace(recording, bucket=BUCKETS[1]), told)
        return recording.key

    def _keep(self, recording: Recording, told: Events) -> None:
        self.recordings[recording.key] = recording
        known = self.some("known", "unread", "unreadable")
        if known != "unread":
            self.events[recording.key] = told if known == "known" else Unreadable("it is odd")
        if self.is_odd():
            self.manifests[recording.key] = self.random.choice(("", "it is not there"))

    def _program(self, show_id: str, made: datetime, key: RecordingKey) -> Program:
        show = self.catalog.shows[show_id]
        owner, name = self.some(show.producer_id or "owner0", "owner0", "owner1"), self.name("program")
        path = f"{key.prefix}/media/hls/multivariant.m3u8"
        url = self.some(f"https://play.test/{path}", f"https://old.test/{path}", "", "", "undefined") or None
        stored = None if url is None and self.random.random() < 0.5 else self.some(path, None)
        group = self.some("all", None, "Recordings", "lost")
        program = Program(
            f"u#{owner}#programs",
            f"p#{name}",
            owner,
            name,
            self.some(name, None, "the-same"),
            self.some(1, 2),
            url,
            self.some(key.bucket, None, BUCKETS[1]),
            stored,
            self.random.random() < self.odd / 4,
            group,
            self.some(show_id, None, self.any_show()),
            self.some("ivs-recording", "recording-export", None),
            self.some("", f"row{self.random.randrange(max(1, self.number))}") or None,
            self.some(made, None, NOW),
            unreadable=self.some("", "", "", "it is odd") or None,
            entity_type=self.some("program", None),
            listed_under=self.some(index_key_of(owner, group or "all"), None),
            listed_as=f"p#{name}",
            created_at=self.some(made, None, NOW - timedelta(days=2)),
        )
        self.catalog.programs[program.key] = program
        if program.object_id and not self.is_odd():
            self.records[program.object_id] = Record(
                program.object_id, self.some(1, 2), url, self.some(owner, "owner1"), name
            )
        return program

    def _row(
        self, show_id: str, start: datetime, length: timedelta, key: RecordingKey, program: Program | None
    ) -> None:
        name = self.name("row")
        begins = self.some(start, None, start - PART, start + PART, start + length)
        ends = self.some(start + length, None, start, start + 2 * length, start - PART)
        told = program.program_id if program else None
        others = list(self.catalog.programs.values())
        other = self.random.choice(others).program_id if others else None
        pointed = self.some("", key.prefix, self.random.choice(list(self.recordings)).prefix)
        row = RecordingRow(
            f"show#{show_id}",
            f"recording#{name}",
            show_id,
            self.some(name, None),
            begins,
            ends,
            self.some(key.bucket, None),
            f"{pointed}/media/hls/multivariant.m3u8" if pointed else None,
            self.some(told, None, other, "a-lost-one"),
            self.some("completed", "processing", None),
            self.some(start + length, None, NOW),
            channel_arn=self.some("", f"{ARN}:channel/own{self.random.randrange(self.shows)}") or None,
        )
        self.catalog.rows[row.key] = row

    def _trace(self, show_id: str, key: RecordingKey, start: datetime, length: timedelta) -> None:
        """Put what remembers a program: a copy, a record, or an entry of the ledger."""
        owner = self.catalog.shows[show_id].producer_id or "owner0"
        name, path = self.name("gone"), f"{key.prefix}/media/hls/multivariant.m3u8"
        url = f"https://play.test/{path}"
        kind = self.random.choice(("copy", "record", "ledger", "expired"))
        if kind == "copy":
            copy = Copy("n#net#programs", f"p#{name}", name, self.some(None, name), 1, url, None, None,
                        self.some(owner, None, "owner1"), None)  # fmt: skip
            self.catalog.copies[copy.key] = copy
        elif kind == "record":
            self.records[name] = Record(name, 1, url, self.some(owner, "owner1"), name)
        else:
            known = key if kind == "ledger" else RecordingKey(BUCKETS[0], f"{self.name('old')}/c/d/composite")
            programs = {
                owner: self.random.choice((name, *(p.program_id for p in self.catalog.programs.values())))
            }
            self.ledger[known] = LedgerEntry(known, programs, "told", "", show_id, "", start, start + length)

    def snapshot(self) -> Snapshot:
        """Return what a run knows of it."""
        found = Snapshot(
            self.recordings, self.catalog, self.records, self.ledger, WHOLE, self.events, self.manifests
        )
        places = sorted(media_of(self.catalog.programs.values(), found, Rules(NOW, MEDIA)))
        media = {place: self.some(THERE, Sighting("gone", "")) for place in places}
        for key, group in list(self.catalog.groups.items()):
            listed = sum(p.listed_under == group.lists for p in self.catalog.programs.values())
            self.catalog.groups[key] = replace(group, count=self.some(listed, listed + 1, None))
        return replace(found, media=media)


def archive(seed: int) -> tuple[Snapshot, Rules]:
    """Return an archive of about a hundred recordings and the rules for it, each seed another one."""
    random = Random(seed)
    made = Archive(random, random.choice((0.01, 0.03, 0.1, 0.3)), random.choice((1, 2, 6)))
    for number in range(made.shows):
        made.add_show(number)
    spread = random.choice((400, 2000, 20_000))
    for _ in range(random.choice((40, 120))):
        made.broadcast(made.any_show(), NOW - timedelta(hours=5) - PART * random.randrange(spread))
    snapshot = made.snapshot()
    return replace(snapshot, unconfirmed=dict(_unconfirmed(made))), _rules(made)


def _unconfirmed(made: Archive) -> Iterator[tuple[Any, str]]:
    for key in made.recordings:
        if made.random.random() < made.odd / 10:
            yield recording_subject(key), "it was not read"
    for program in made.catalog.programs.values():
        if made.random.random() < made.odd / 10:
            yield program_subject(program.key, program.program_id), "it was not read"
    for row in made.catalog.rows.values():
        if made.random.random() < made.odd / 10:
            yield row_subject(row.key), "it was not read"
    for name in made.catalog.sessions:
        if made.random.random() < made.odd / 10:
            yield session_subject(name), "it was not read"


def _rules(made: Archive) -> Rules:
    keys = sorted(made.recordings)
    chosen = [key for key in keys if made.random.random() < made.odd / 2]
    half = len(chosen) // 2
    return Rules(
        NOW,
        MEDIA,
        window_start=made.random.choice((None, NOW - timedelta(days=3), NOW - timedelta(days=20))),
        unresolved=frozenset(key for key in keys if made.random.random() < made.odd / 4),
        assigned={key: Assignment(made.any_show(), None, "somebody") for key in chosen[:half]},
        restored=dict.fromkeys(chosen[half:], "a mark"),
    )
