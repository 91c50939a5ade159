"""What is read while the table is scanned is what would have been read after it, and is read once."""

import time
from collections import Counter
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Event
from typing import Any

import pytest

from reconcile.collect.ahead import ReadAhead
from reconcile.collect.events import read_events
from reconcile.collect.media import check_media
from reconcile.collect.snapshot import collect
from reconcile.model.deadline import Deadline
from reconcile.model.errors import SourceError
from reconcile.model.media import ObjectAddress
from reconcile.model.run import Order, Receipt
from reconcile.model.sighting import Sighting
from reconcile.model.snapshot import Rules, Snapshot
from reconcile.runs.history import recall, rules_for
from reconcile.sandbox.world import World, build
from tests.doubles.memory import MemoryBuckets, MemoryTable
from tests.scenario.cycle import Cycle
from tests.scenario.small import agreeing

OVER = Deadline(lambda: 0.0, 1.0)


class Watched(MemoryBuckets):
    """Buckets that count what is read and looked for, and say when something was."""

    def __init__(self, like: MemoryBuckets) -> None:
        super().__init__(like.buckets, like.objects, like.skip_roots, classes=like.classes)
        self.read_events, self.looked_for = Counter[str](), Counter[ObjectAddress]()
        self.event, self.look = Event(), Event()

    def read(self, bucket: str, key: str, limit: int) -> bytes:
        """Count an events file that is read."""
        self.read_events[key] += 1
        try:
            return super().read(bucket, key, limit)
        finally:
            self.event.set()

    def exist(self, addresses: Collection[ObjectAddress]) -> dict[ObjectAddress, Sighting]:
        """Count objects that are looked for."""
        self.looked_for.update(addresses)
        sightings = super().exist(addresses)
        self.look.set()
        return sightings


def slow(table: MemoryTable, until: Callable[[], object]) -> None:
    """Let the scan of a table end only when something was waited for."""
    whole = table.scan

    def scan(read: Any) -> Any:
        found = whole(read)
        until()
        return found

    table.scan = scan  # type: ignore[method-assign]


def rules_of(cycle: Cycle, lookback: timedelta | None) -> Rules:
    order = Order("check", lookback=lookback)
    return rules_for(order, recall(order, cycle.ports().memory, cycle.now), cycle.media, cycle.now)


def read(cycle: Cycle, rules: Rules, *deadline: Deadline) -> tuple[Snapshot, Snapshot]:
    """Return what a run reads: ahead, and in all."""
    stores = cycle.ports().stores
    ahead = collect(stores, {}, {}, lambda *_: None, ReadAhead(rules, stores, *deadline))
    whole = read_events(ahead, rules, stores.recordings, lambda *_: None)
    return ahead, check_media(whole, rules, stores, lambda *_: None)


def media_receipt(snapshot: Snapshot) -> Receipt:
    (receipt,) = (receipt for receipt in snapshot.receipts if receipt.source == "media")
    return receipt


@pytest.fixture(scope="module")
def world() -> World:
    return build(11, now=datetime(2026, 11, 1, 3, tzinfo=UTC), recordings=60)


@pytest.mark.parametrize("lookback", [None, timedelta(days=3), timedelta(days=30)], ids=str)
def test_what_is_read_ahead_changes_nothing_but_when_it_is_read(
    world: World, lookback: timedelta | None
) -> None:
    serial, overlapped = Cycle.of(world), Cycle.of(world)
    rules = rules_of(serial, lookback)
    nothing, expected = read(serial, rules, OVER)
    assert (nothing.events, nothing.media) == ({}, {})
    buckets = overlapped.buckets = Watched(overlapped.buckets)
    wanted = len(read(Cycle.of(world), rules, OVER)[1].media)

    def until() -> None:
        while len(buckets.looked_for) < wanted and buckets.look.wait(20):
            buckets.look.clear()

    slow(overlapped.table, until)
    ahead, snapshot = read(overlapped, rules)
    assert ahead.media == snapshot.media
    assert ahead.events.items() <= snapshot.events.items()
    assert (snapshot.events, snapshot.media, snapshot.failures) == (
        expected.events,
        expected.media,
        expected.failures,
    )
    counted, once = media_receipt(snapshot), media_receipt(expected)
    assert (counted.items, counted.why, counted.detail) == (once.items, once.why, once.detail)
    assert counted.requests == once.requests
    assert max(buckets.looked_for.values()) == 1
    assert max(buckets.read_events.values(), default=1) <= 2


def test_events_and_media_are_read_while_the_table_is_scanned() -> None:
    cycle = Cycle.of(agreeing().world())
    buckets = cycle.buckets = Watched(cycle.buckets)
    slow(cycle.table, lambda: (buckets.event.wait(20), buckets.look.wait(20)))
    ahead, _ = read(cycle, rules_of(cycle, None))
    assert len(ahead.events) == len(ahead.media) == 1
    assert cycle.check().exit_code == 0


def test_an_events_file_that_fails_is_tried_once_and_fails_as_it_did() -> None:
    reasons = []
    for deadline in ((OVER,), ()):
        cycle = Cycle.of(agreeing().world())
        asked = Event()

        def broken(bucket: str, key: str, limit: int, asked: Event = asked) -> bytes:
            asked.set()
            raise SourceError(f"no {key}")

        cycle.buckets.read = broken  # type: ignore[method-assign]
        if not deadline:
            slow(cycle.table, partial(asked.wait, 20))
        _, snapshot = read(cycle, rules_of(cycle, None), *deadline)
        reasons.append(snapshot.failures)
    assert reasons[0] == reasons[1]
    assert len(reasons[0]) == 1


def test_when_the_table_breaks_what_reads_ahead_ends_too() -> None:
    cycle = Cycle.of(agreeing().world())

    def broken(read: Any) -> Any:
        raise ZeroDivisionError

    cycle.table.scan = broken  # type: ignore[method-assign]
    with pytest.raises(ZeroDivisionError):
        read(cycle, rules_of(cycle, None))


@pytest.mark.parametrize("scanned_first", [True, False])
def test_facts_count_whether_the_listing_or_the_scan_ends_first(*, scanned_first: bool) -> None:
    cycle = Cycle.of(agreeing().world())
    cycle.check(lookback=timedelta(days=3))
    buckets = cycle.buckets = Watched(cycle.buckets)
    ended, scan, listing = Event(), cycle.table.scan, cycle.buckets.list_recordings

    def scanned(read: Any) -> Any:
        if not scanned_first:
            ended.wait(20)
        found = scan(read)
        if scanned_first:
            ended.set()
        return found

    def listed() -> Any:
        if scanned_first:
            ended.wait(20)
            time.sleep(0.05)
        found = listing()
        if not scanned_first:
            ended.set()
        return found

    cycle.table.scan = scanned  # type: ignore[method-assign]
    buckets.list_recordings = listed  # type: ignore[method-assign]
    assert cycle.check(lookback=timedelta(days=3)).exit_code == 0
    assert not [key for key in buckets.read_events if key.endswith("-ended.json")]
