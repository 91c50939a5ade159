"""A world of one broadcast, built by hand, in which everything agrees: tests break what they are about."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from reconcile.model.clock import write_time
from reconcile.model.search_record import canonical
from reconcile.sandbox.world.model import StoredObject, Truth, World

BUCKET, TABLE, INDEX, DOMAIN = "recordings-bucket", "app-table", "programs", "play.example.net"
UPLOADS = "shelcaster-v2"
ACCOUNT = "000000000000"
PREFIX = "aaaaaaaaaaaa/bbbbbbbbbbbb/cccccccccccc/composite"
STAGE = f"arn:aws:ivs:us-east-1:{ACCOUNT}:stage/stage1"
MANIFEST = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1000000\n720p30/playlist.m3u8\n"


@dataclass
class Small:
    """Stores that tests change before a run: objects by key, rows by key, records by objectID."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    objects: dict[str, StoredObject] = field(default_factory=dict)
    items: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    records: dict[str, dict[str, Any]] = field(default_factory=dict)

    def put(self, item: dict[str, Any]) -> None:
        """Put a row, given as text values or DynamoDB's JSON."""
        whole = {name: {"S": value} if isinstance(value, str) else value for name, value in item.items()}
        self.items[whole["pk"]["S"], whole["sk"]["S"]] = whole

    def index(self, key: tuple[str, str]) -> None:
        """Write a row's search record as the stream sync does."""
        record = canonical(self.items[key])
        self.records[record["objectID"]] = record

    def record_broadcast(
        self, prefix: str = PREFIX, stage: str = STAGE, ended: timedelta = timedelta(hours=2)
    ) -> None:
        """Let IVS record an hour that ended that long ago."""
        end = self.now - ended
        start = end - timedelta(hours=1)
        body = {
            "version": "v1",
            "stage_arn": stage,
            "recording_started_at": write_time(start),
            "recording_status": "RECORDING_STARTED",
            "media": {"hls": {"path": "media/hls", "playlist": "multivariant.m3u8", "renditions": []}},
        }
        self.store(f"{prefix}/events/recording-started.json", json.dumps(body), start)
        hls = {**body["media"]["hls"], "duration_ms": 3_600_000}  # type: ignore[index]
        ended_body = {**body, "recording_ended_at": write_time(end), "media": {"hls": hls}}
        self.store(f"{prefix}/events/recording-ended.json", json.dumps(ended_body), end)
        self.store(f"{prefix}/media/hls/multivariant.m3u8", MANIFEST, start)
        self.store(
            f"{prefix}/media/hls/720p30/playlist.m3u8", "#EXTM3U\n#EXTINF:6,\n0.ts\n#EXT-X-ENDLIST\n", end
        )
        self.store(f"{prefix}/media/hls/720p30/0.ts", "x" * 1000, end)

    def store(self, key: str, body: str, modified: datetime) -> None:
        """Put an object."""
        self.objects[key] = StoredObject(BUCKET, key, body.encode(), modified)

    def show(
        self, show: str = "show1", producer: str = "ann", group: str = "group1", stage: str = STAGE
    ) -> None:
        """Make a show with its group and one session."""
        created = write_time(self.now - timedelta(hours=5))
        self.put({"pk": f"show#{show}", "sk": "info", "entityType": "show", "showId": show,
                  "producerId": producer, "groupId": group, "title": f"The <b>{show}</b>"})  # fmt: skip
        self.put({"pk": f"u#{producer}#groups", "sk": f"g#{group}", "entityType": "group",
                  "groupId": group, "programsCount": {"N": "0"}})  # fmt: skip
        self.put({"pk": f"session#of-{show}", "sk": "info", "entityType": "liveSession",
                  "sessionId": f"of-{show}", "showId": show, "status": "ENDED", "createdAt": created,
                  "updatedAt": write_time(self.now - timedelta(hours=1)),
                  "ivs": {"M": {"rawStageArn": {"S": stage}}}})  # fmt: skip

    def program(self, prefix: str = PREFIX, show: str = "show1", producer: str = "ann") -> tuple[str, str]:
        """Make a recording's program as the live processor does, with its search record; return its key."""
        program_id = f"program-of-{show}"
        key = f"{prefix}/media/hls/multivariant.m3u8"
        created = write_time(self.now - timedelta(hours=2))
        self.put({"pk": f"u#{producer}#programs", "sk": f"p#{program_id}", "entityType": "program",
                  "programId": program_id, "title": "A title", "program_url": f"https://{DOMAIN}/{key}",
                  "groupId": "group1", "s3Bucket": BUCKET, "s3Key": key, "sourceShowId": show,
                  "sourceType": "ivs-recording", "created_date": created, "updatedAt": created,
                  "GSI1PK": f"u#{producer}#g#group1", "GSI1SK": f"p#{program_id}"})  # fmt: skip
        where = (f"u#{producer}#programs", f"p#{program_id}")
        self.count(producer, "group1")
        self.index(where)
        return where

    def count(self, owner: str, group: str) -> None:
        """Let a group tell one program more, if there is such a group."""
        row = self.items.get((f"u#{owner}#groups", f"g#{group}"), {"programsCount": {"N": "0"}})
        row["programsCount"] = {"N": str(int(row["programsCount"]["N"]) + 1)}

    def populate(self, number: int) -> None:
        """Add uploads of other people, with their records, so that one row less is no collapse."""
        for count in range(number):
            self.index(self.upload(f"other{count}", f"upload-{count}"))

    def upload(self, owner: str, name: str) -> tuple[str, str]:
        """Let somebody upload a program, listed under a group of theirs; return its key."""
        self.put({"pk": f"u#{owner}#groups", "sk": "g#uploads", "entityType": "group",
                  "groupId": "uploads", "programsCount": {"N": "1"}})  # fmt: skip
        self.put({"pk": f"u#{owner}#programs", "sk": f"p#{name}", "entityType": "program",
                  "programId": name, "title": "An upload", "groupId": "uploads",
                  "mediaFiles": {"L": [{"S": f"users/{owner}/{name}.mp4"}]},
                  "GSI1PK": f"u#{owner}#g#uploads", "GSI1SK": f"p#{name}"})  # fmt: skip
        return (f"u#{owner}#programs", f"p#{name}")

    def world(self) -> World:
        """Return what the embedded stores are filled with."""
        return World(
            seed=0,
            now=self.now,
            buckets=(BUCKET,),
            media_buckets=(UPLOADS,),
            table=TABLE,
            index=INDEX,
            playback_domain=DOMAIN,
            old_domains=("old.example.net",),
            objects=tuple(self.objects.values()),
            items=tuple(self.items.values()),
            records=tuple(self.records.values()),
            truth=Truth({}, {}, {}),
        )


def agreeing() -> Small:
    """Return a small world in which everything agrees."""
    small = Small()
    small.show()
    small.record_broadcast()
    small.program()
    return small


def lacking_a_program() -> Small:
    """Return a small world whose one recording has no program."""
    small = Small()
    small.show()
    small.record_broadcast()
    return small
