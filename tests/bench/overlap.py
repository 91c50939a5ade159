"""A night over stores that answer after some time: how long it takes, and how long its longest chain is.

S3 and DynamoDB answer after 30 ms, Algolia after 60, and the scan is paced to 200 units a second. Nothing is
sent: the time is slept, so that a busy machine changes little. The argument is the number of recordings.
"""

import sys
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, TypeVar
from unittest.mock import patch

from reconcile import job
from reconcile.collect.events import READERS
from reconcile.model.catalog import RowKey
from reconcile.model.media import ObjectAddress
from reconcile.model.media_listing import MediaListing
from reconcile.model.parallel import at_once
from reconcile.model.recording import Recording, RecordingKey
from reconcile.model.run import Receipt
from reconcile.model.search_record import Image, Record
from reconcile.model.sighting import Sighting
from reconcile.model.snapshot import LedgerEntry
from reconcile.stores.aws import Meter
from reconcile.stores.dynamodb import BATCHES, SEGMENTS, used
from reconcile.stores.objects import LOOKERS
from reconcile.stores.pace import Pace
from reconcile.stores.ports import ignore
from reconcile.stores.s3 import S3Recordings
from tests.bench.sheet import Sheet, peak_memory
from tests.bench.whole import filled
from tests.doubles.key_pages import KeyPages
from tests.doubles.memory import MemoryBuckets, MemoryIndex, MemoryTable
from tests.doubles.memory_state import MemoryReports, MemoryState
from tests.scenario.cycle import Cycle

RECORDINGS = 10_000
ANSWER, SEARCH_ANSWER = 0.03, 0.06
UNITS_A_SECOND = 200.0
ROW_BYTES, PAGE_BYTES, UNIT_BYTES = 1_280, 1_048_576, 8_192
LEDGER_WRITERS = 8
MOST_TIMES = 1.3
STEPS = ("recall", "read_sources", "confirm", "remember_sources", "conclude")
T = TypeVar("T")


@dataclass
class Clock:
    """Sleeps in place of stores, and counts for how long, by what was asked."""

    slept: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)

    def wait(self, what: str, seconds: float = ANSWER) -> None:
        """Wait for an answer."""
        with self._lock:
            self.slept[what] += seconds  # type: ignore[assignment]
            self.calls[what] += 1
        time.sleep(seconds)


class SlowTable(MemoryTable):
    """A table that is scanned in pages of a megabyte, paced."""

    clock: Clock

    def scan(self, read: Callable[[Sequence[Image]], T]) -> tuple[list[T], Receipt]:
        """Read every row in segments, each page when its time has come."""
        rows, size = list(self.items.values()), PAGE_BYTES // ROW_BYTES
        pace = Pace(UNITS_A_SECOND)

        def segment(number: int) -> list[T]:
            mine, pages = rows[number::SEGMENTS], list[T]()
            for start in range(0, len(mine), size):
                page = mine[start : start + size]
                self.clock.wait("scan")
                pages.append(read([used(item) for item in page]))
                pace.spend(len(page) * ROW_BYTES / UNIT_BYTES, last=start + size >= len(mine))
            return pages

        with ThreadPoolExecutor(SEGMENTS) as pool:
            pages = [page for pages in pool.map(segment, range(SEGMENTS)) for page in pages]
        return pages, Receipt(f"dynamodb:{self.name}", whole=True, items=len(rows))

    def rows_of(self, pk: str) -> list[Image]:
        """Query a partition."""
        self.clock.wait("query")
        return [used(item) for key, item in self.items.items() if key[0] == pk]

    def rows(self, keys: Sequence[RowKey]) -> dict[RowKey, Image]:
        """Read batches of a hundred rows, as many at once as the adapter does."""
        batches = (keys[start : start + 100] for start in range(0, len(keys), 100))

        def batch(some: Sequence[RowKey]) -> dict[RowKey, Image]:
            self.clock.wait("batch")
            return MemoryTable.rows(self, some)

        return {key: row for rows in at_once(batch, batches, BATCHES) for key, row in rows.items()}


class SlowBuckets(MemoryBuckets):
    """Buckets that are listed by the real adapter, page by page."""

    clock: Clock
    key_pages: KeyPages | None = None

    def list_recordings(self) -> tuple[list[Recording], list[Receipt]]:
        """List every bucket."""
        return S3Recordings(self, self.buckets, self.skip_roots, Meter()).list_recordings()  # type: ignore[arg-type]

    def list_objects_v2(self, *, Bucket: str, **place: Any) -> Mapping[str, Any]:
        """Answer as the client does."""
        self.clock.wait("LIST")
        page = dict(self._pages(Bucket).page(**place))
        page["Contents"] = [
            {**item, "LastModified": self.objects[Bucket, item["Key"]][1]} for item in page["Contents"]
        ]
        return {**page, "ResponseMetadata": {}}

    def _pages(self, bucket: str) -> KeyPages:
        if self.key_pages is None:
            self.key_pages = KeyPages((key for where, key in self.objects if where == bucket), 1000)
        return self.key_pages

    def read(self, bucket: str, key: str, limit: int) -> bytes:
        """Read an object."""
        self.clock.wait("GET events" if "/events/" in key else "GET manifest")
        return super().read(bucket, key, limit)

    def list_media(self, key: RecordingKey) -> MediaListing:
        """List a recording's media."""
        self.clock.wait("LIST media")
        return super().list_media(key)

    def exist(self, addresses: Collection[ObjectAddress]) -> dict[ObjectAddress, Sighting]:
        """Look for objects: by HEAD, and by listing a segment beside a manifest."""

        def look(address: ObjectAddress) -> None:
            self.clock.wait("HEAD", 2 * ANSWER if address.key.endswith(".m3u8") else ANSWER)

        with ThreadPoolExecutor(LOOKERS) as pool:
            list(pool.map(look, addresses))
        return super().exist(addresses)


class SlowIndex(MemoryIndex):
    """An index that is browsed page by page."""

    clock: Clock

    def browse(self, tell: Callable[[frozenset[str]], None] = ignore) -> tuple[list[Record], Receipt]:
        """Read every record."""
        self.clock.wait("browse", SEARCH_ANSWER)
        tell(self.hides)
        for _ in range(len(self.hits) // 1000):
            self.clock.wait("browse", SEARCH_ANSWER)
        return super().browse()

    def records(self, object_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Read some records."""
        if len(object_ids) < len(self.hits):
            self.clock.wait("getObjects", SEARCH_ANSWER)
        return super().records(object_ids)


class SlowState(MemoryState):
    """A memory each of whose reads takes a while, and each of whose writes of the ledger."""

    clock: Clock

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if name in ("environment", "ledger", "runs", "decisions", "ledger_entry", "save_run", "holder"):
            self.clock.wait(f"state.{name}")
        return found

    def remember(self, entries: Iterable[tuple[LedgerEntry, LedgerEntry | None]]) -> int:
        """Write entries, some at once."""
        pairs = list(entries)
        with ThreadPoolExecutor(LEDGER_WRITERS) as pool:
            list(pool.map(lambda _: self.clock.wait("state.remember"), pairs))
        return super().remember(pairs)


class SlowReports(MemoryReports):
    """Reports each of whose files takes a while."""

    clock: Clock

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if name in ("load", "run_ids", "save", "prepare", "publish", "published"):
            self.clock.wait(f"reports.{name}")
        return found


def slowed(cycle: Cycle, clock: Clock) -> None:
    """Make the stores of a cycle answer after some time."""
    stores: list[tuple[Any, type]] = [
        (cycle.table, SlowTable),
        (cycle.buckets, SlowBuckets),
        (cycle.index, SlowIndex),
        (cycle.state, SlowState),
        (cycle.reports, SlowReports),
    ]
    for store, slow in stores:
        store.__class__, store.clock = slow, clock


@dataclass(frozen=True)
class Step:
    """What a step took: seconds on the wall and of the processor, and the seconds slept by what was asked."""

    wall: float
    processor: float
    slept: Counter[str]


def measured(cycle: Cycle, clock: Clock) -> tuple[dict[str, Step], float]:
    """Check once; return what each step took, and the whole."""
    steps = dict[str, Step]()

    def watched(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def run(*given: Any, **named: Any) -> Any:
            begun, worked, before = time.perf_counter(), time.process_time(), Counter(clock.slept)
            try:
                return work(*given, **named)
            finally:
                wall, processor = time.perf_counter() - begun, time.process_time() - worked
                steps[name] = Step(wall, processor, Counter(clock.slept) - before)

        return run

    begun = time.perf_counter()
    with ExitStack() as stack:
        for name in STEPS:
            stack.enter_context(patch.object(job, name, watched(name, getattr(job, name))))
        cycle.check()
    return steps, time.perf_counter() - begun


def path(name: str, step: Step, rows: int) -> tuple[float, str]:
    """Return the seconds of a step's longest chain, and what that is made of."""
    slept = step.slept
    if name == "read_sources":
        lanes = {
            "the scan's pace": rows * ROW_BYTES / UNIT_BYTES / UNITS_A_SECOND,
            "listing, then events": slept["LIST"] + slept["GET events"] / READERS,
            "listing, then media": slept["LIST"] + slept["HEAD"] / LOOKERS,
            "browse": slept["browse"],
            "the processor": step.processor,
        }
        longest = max(lanes, key=lambda lane: lanes[lane])
        return lanes[longest], longest
    chains = {
        # Where to write, then the runs' list, their summaries in two waves, and what the table is tied to.
        "recall": 5 * ANSWER,
        # A partition, its rows, a manifest with its media and its playlist beside; then media, then rows.
        "confirm": 3 * ANSWER + 2 * ANSWER + SEARCH_ANSWER,
        "remember_sources": 4 * ANSWER + slept["state.remember"] / LEDGER_WRITERS,
        "conclude": sum(slept.values()),
    }
    return chains[name] + step.processor, "calls that rest on each other, and the processor"


def main() -> int:
    """Print the figures; 1 when a night takes much longer than its longest chain."""
    recordings = int(sys.argv[1]) if len(sys.argv) > 1 else RECORDINGS
    sheet = Sheet(f"A night of {recordings:,} recordings over stores that take 30 and 60 ms to answer")
    cycle, _ = filled(recordings, recordings)
    cycle.facts = None
    # The second night is measured: the ledger is full.
    cycle.check()
    held = peak_memory()
    clock = Clock()
    slowed(cycle, clock)
    steps, whole = measured(cycle, clock)
    paths = {name: path(name, step, len(cycle.table.items)) for name, step in steps.items()}
    lines = [
        (name, step.wall, paths[name][0], step.processor, sum(step.slept.values()), paths[name][1])
        for name, step in steps.items()
    ]
    sheet.table(("step", "wall s", "path s", "processor s", "slept s", "longest chain"), lines)
    sheet.table(
        ("asked", "times", "slept s"), [(what, n, clock.slept[what]) for what, n in clock.calls.items()]
    )
    sheet.tell(f"{held:,.0f} MB before, {peak_memory():,.0f} MB at most")
    total = sum(seconds for seconds, _ in paths.values())
    sheet.tell(f"{whole:.1f} s on the wall, {total:.1f} s along the longest chains")
    sheet.hold("times the longest chains", whole / total, MOST_TIMES)
    return sheet.exit_code


if __name__ == "__main__":
    sys.exit(main())
