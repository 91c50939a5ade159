"""Where time runs out, what is news is looked at first, and one line says what was not looked at."""

import time
from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from threading import Event
from typing import Any

from reconcile.job import check
from reconcile.model.deadline import Budget, Deadline
from reconcile.model.errors import Exit
from reconcile.model.run import Order
from reconcile.runs.finish import Outcome
from tests.scenario.cycle import Cycle
from tests.scenario.small import ACCOUNT, UPLOADS, Small

TOTAL = 900.0


class Clock:
    """A run's time, which only reading takes."""

    def __init__(self) -> None:
        self.left = TOTAL

    @property
    def deadline(self) -> Deadline:
        return Deadline(lambda: self.left, TOTAL)


def prefix_of(number: int) -> str:
    return f"stage{number:03}/comp{number:03}/dest/composite"


def archive(number: int, with_program: Collection[int] = ()) -> Cycle:
    """Return as many broadcasts, each an hour, one after the other; the higher the number the older."""
    small = Small()
    for n in range(number):
        stage = f"arn:aws:ivs:us-east-1:{ACCOUNT}:stage/stage{n:03}"
        small.record_broadcast(prefix_of(n), stage, timedelta(hours=3 + 2 * n))
        small.show(f"show{n:03}", f"user{n:03}", "group1", stage)
        if n in with_program:
            small.program(prefix_of(n), f"show{n:03}", f"user{n:03}")
    return Cycle.of(small.world())


def slow_events(cycle: Cycle, clock: Clock, seconds: float) -> list[str]:
    """Let reading an events file take so long; return the list of those that are read."""
    whole, read = cycle.buckets.read, list[str]()

    def slowly(bucket: str, key: str, limit: int) -> bytes:
        if "/events/" in key:
            clock.left -= seconds
            read.append(key.split("/events/")[0])
        return whole(bucket, key, limit)

    cycle.buckets.read = slowly  # type: ignore[method-assign]
    return read


def list_after_the_scan(cycle: Cycle) -> None:
    """Let the recordings be listed when the table was scanned: nothing is read ahead, which takes no time."""
    scan, listing, ended = cycle.table.scan, cycle.buckets.list_recordings, Event()

    def scanned(read: Any) -> Any:
        try:
            return scan(read)
        finally:
            ended.set()

    def listed() -> Any:
        ended.wait()
        # The thread that scanned has to say so yet.
        time.sleep(0.05)
        return listing()

    cycle.table.scan = scanned  # type: ignore[method-assign]
    cycle.buckets.list_recordings = listed  # type: ignore[method-assign]


def checked(cycle: Cycle, clock: Clock) -> Outcome:
    cycle.now += timedelta(days=1)
    list_after_the_scan(cycle)
    ports = replace(cycle.ports(), budget=Budget(clock.deadline))
    return check(Order("check", lookback=None), ports)


def test_what_has_no_program_is_read_first_and_the_newest_of_it_before() -> None:
    """With time for a quarter of the events files; what is beside it in time is read with it."""
    cycle, clock = archive(40, with_program=range(0, 40, 2)), Clock()
    read = slow_events(cycle, clock, (TOTAL - 120) / 2 / 10)
    outcome = checked(cycle, clock)
    assert 10 <= len(read) <= 10 + 16
    assert set(read[:10]) <= {prefix_of(n) for n in range(1, 40, 2)}
    assert prefix_of(1) in read
    assert prefix_of(39) not in read
    assert outcome.exit_code == Exit.INCOMPLETE


def test_a_line_says_how_many_events_files_were_not_read() -> None:
    cycle, clock = archive(40), Clock()
    read = slow_events(cycle, clock, (TOTAL - 120) / 2 / 10)
    report = checked(cycle, clock).report
    left = 40 - len(read)
    why = f"time ran out: {left} of 40 events files were not read"
    told = {one.reason: len(one.subjects) for one in report.not_checked}
    assert told[why] == left
    assert len(told) <= 3
    assert report.counts["recording"]["unknown"] >= left
    assert not [one for one in report.findings if one.kind == "unknown"]


def test_what_was_left_unread_is_read_before_what_was_read_already() -> None:
    """With a program each, so that none is more urgent: in a few nights every file was read."""
    cycle, seen = archive(30, with_program=range(30)), set[str]()
    whole = cycle.buckets.read
    for _ in range(4):
        clock = Clock()
        cycle.buckets.read = whole  # type: ignore[method-assign]
        read = slow_events(cycle, clock, (TOTAL - 120) / 2 / 10)
        checked(cycle, clock)
        seen |= set(read)
    assert len(seen) == 30


def test_media_that_time_does_not_suffice_for_is_told_in_a_line() -> None:
    small = Small()
    for n in range(600):
        key = small.upload(f"user{n:03}", f"film-{n:03}")
        small.items[key] |= {"s3Bucket": {"S": UPLOADS}, "s3Key": {"S": f"films/{n}.mp4"}}
        small.index(key)
    cycle, clock = Cycle.of(small.world()), Clock()
    whole = cycle.buckets.exist

    def slowly(addresses: Collection[Any]) -> Any:
        clock.left -= len(addresses)
        return whole(addresses)

    cycle.buckets.exist = slowly  # type: ignore[method-assign]
    report = checked(cycle, clock).report
    (reason,) = (one for one in report.not_checked if "media objects" in one.reason)
    assert reason.reason.startswith("time ran out: ")
    assert {one.subject.type for one in reason.subjects} == {"program"}
    assert clock.left >= 120 - 256


def test_confirming_stops_in_time_and_leaves_the_rest_unchecked() -> None:
    cycle, clock = archive(30), Clock()
    whole = cycle.table.rows_of

    def slowly(pk: str) -> Any:
        clock.left -= 60
        return whole(pk)

    cycle.table.rows_of = slowly  # type: ignore[method-assign]
    report = checked(cycle, clock).report
    missing = {one.subject["prefix"] for one in report.findings if one.kind == "program-missing"}
    late = {
        one.subject["prefix"]
        for reason in report.not_checked
        for one in reason.subjects
        if "time ran out" in one.why
    }
    assert missing | late == {prefix_of(n) for n in range(30)}
    assert prefix_of(0) in missing
    assert prefix_of(29) in late
    assert clock.left > 60


def test_endless_time_reads_everything() -> None:
    cycle = archive(5)
    ports = cycle.ports()
    order = Order("check", lookback=None)
    assert check(order, ports).report.not_checked == ()
