"""The live processor's own way to find a recording's show and to make its program, as the facts tell it."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from reconcile.model.search_record import plain
from reconcile.sandbox.world import World

PAGE_BYTES = 1_000_000
"""What one page of a query holds at most; the processor reads no second one."""
MANIFESTS = ("master.m3u8", "multivariant.m3u8")

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Filed:
    """A program that somebody made: of which object, under which show, for which owner."""

    bucket: str
    key: str
    show_id: str
    owner: str


class Processor:
    """A table as the processor sees it, and the programs that it made; it never looks at anything else."""

    def __init__(self, items: Iterable[Mapping[str, Any]], page_bytes: int = PAGE_BYTES) -> None:
        rows = [{name: plain(value) for name, value in item.items()} for item in items]
        self._rows: dict[tuple[str, str], Row] = {(row["pk"], row["sk"]): row for row in rows}
        self._first_page = list(_first_page(rows, page_bytes))
        self._programs: defaultdict[str, dict[str, Any]] = defaultdict(dict)
        for row in rows:
            if row["pk"].endswith("#programs"):
                self._programs[row["pk"]][row["sk"]] = row.get("s3Key")

    def process(self, bucket: str, key: str) -> Filed | None:
        """Be told of an object; answer the program that was made of it, if one was."""
        if not key.endswith(MANIFESTS):
            return None
        session = self._session_of(key)
        show = self._rows.get((f"show#{session.get('showId')}", "info")) if session else None
        if show is None or not show.get("groupId") or not show.get("producerId"):
            return None
        partition = self._programs[f"u#{show['producerId']}#programs"]
        # The limit counts what is examined, not what is found: only the first program is ever compared.
        if partition and partition[min(partition)] == key:
            return None
        partition[f"p#{_uuid(bucket, key, len(partition))}"] = key
        return Filed(bucket, key, str(show["showId"]), str(show["producerId"]))

    def _session_of(self, key: str) -> Row | None:
        segments = set(key.split("/"))
        return next((session for session in self._first_page if _matches(session, segments)), None)


def _matches(session: Row, segments: set[str]) -> bool:
    ivs = session.get("ivs") or {}
    channel = ivs.get("programChannelArn") or ivs.get("channelArn")
    named = (ivs.get("compositionArn"), channel)
    return any(arn and arn.rpartition("/")[2] in segments for arn in named)


def _first_page(rows: Iterable[Row], page_bytes: int) -> Iterator[Row]:
    """Yield the sessions of the index's first page; an index without a sort key has an order of its own."""
    sessions = (row for row in rows if row.get("entityType") == "liveSession")
    left = page_bytes
    for session in sorted(sessions, key=lambda row: hashlib.sha256(row["pk"].encode()).digest()):
        left -= len(json.dumps(session, default=str))
        if left < 0:
            return
        yield session


def _uuid(bucket: str, key: str, number: int) -> str:
    """Return what stands for a random id, the same on every run."""
    return hashlib.sha256(f"{bucket}/{key}/{number}".encode()).hexdigest()[:32]


def replay(world: World, page_bytes: int = PAGE_BYTES) -> list[Filed]:
    """Tell the processor of every manifest of the bucket that it listens to, in the order of their writing.

    This is what an operator does by hand after an outage: nothing remembers which events were lost.
    """
    processor = Processor(world.items, page_bytes)
    told = sorted((one.modified, one.key) for one in world.objects if one.bucket == world.buckets[0])
    made = (processor.process(world.buckets[0], key) for _, key in told)
    return [filed for filed in made if filed]
