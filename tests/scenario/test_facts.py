"""What earlier nights read is not read again, and changes nothing but the number of requests."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from math import ceil
from random import Random
from typing import Any

import pytest

from reconcile.model.errors import SourceError
from reconcile.model.facts import file_of, lines_of
from reconcile.report.data import Report
from reconcile.sandbox.world import build_by_chance
from tests.doubles.memory_state import MemoryFacts
from tests.scenario.cycle import Cycle
from tests.scenario.test_read_ahead import slow
from tests.scenario.test_time_runs_out import Clock, archive, checked, prefix_of, slow_events

NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
DAY, THREE_DAYS = timedelta(days=1), timedelta(days=3)
NIGHTS = 4


@dataclass
class Requests:
    """The events files that were read, and how many objects were looked for, since the last time."""

    cycle: Cycle
    events: list[str] = field(default_factory=list)
    before: int = 0

    def __post_init__(self) -> None:
        whole = self.cycle.buckets.read

        def read(bucket: str, key: str, limit: int) -> bytes:
            self.events += [key] if "/events/" in key else []
            return whole(bucket, key, limit)

        self.cycle.buckets.read = read  # type: ignore[method-assign]

    def night(self, lookback: timedelta | None = THREE_DAYS) -> Report:
        """Let a day pass, and check."""
        self.events.clear()
        self.before = self.cycle.buckets.looked
        self.cycle.now += DAY
        return self.cycle.check(lookback=lookback).report

    @property
    def looked(self) -> int:
        return self.cycle.buckets.looked - self.before


def outcome(report: Report) -> dict[str, Any]:
    """Return all that a report says of the stores, and nothing of what it cost."""
    return {
        "counts": report.counts,
        "findings": sorted((f.id, f.kind, f.status, repr(f)) for f in report.findings),
        "not_checked": sorted((one.id, one.why) for reason in report.not_checked for one in reason.subjects),
        "recordings": sorted((line.key, line.verdict) for line in report.recordings),
        "resolved": sorted(finding.id for finding in report.resolved),
        "exit": report.run.exit_code,
    }


# ---- The law: with facts as without them, whatever happens between the nights

Damage = Callable[[Random, Cycle], None]


def _an_events_file(chance: Random, cycle: Cycle) -> tuple[str, str]:
    return chance.choice(sorted(key for key in cycle.buckets.objects if "/events/" in key[1]))


def overwrite_events(chance: Random, cycle: Cycle) -> None:
    place = _an_events_file(chance, cycle)
    try:
        said = json.loads(cycle.buckets.objects[place][0])
        said["media"]["hls"]["duration_ms"] = chance.randrange(10_000_000)
    except (ValueError, LookupError, TypeError):
        said = {}
    body = chance.choice(
        [json.dumps(said).encode(), b"", b"{", json.dumps({**said, "version": "v2"}).encode()]
    )
    cycle.buckets.objects[place] = (body, cycle.now - timedelta(hours=chance.randrange(1, 9)))


def swap_events(chance: Random, cycle: Cycle) -> None:
    """Let two events files say what the other one said, each as large and as old as before."""
    one, other = _an_events_file(chance, cycle), _an_events_file(chance, cycle)
    objects = cycle.buckets.objects
    (first, then), (second, later) = objects[one], objects[other]
    objects[one], objects[other] = (second, then), (first, later)


def delete_events(chance: Random, cycle: Cycle) -> None:
    del cycle.buckets.objects[_an_events_file(chance, cycle)]


def archive_events(chance: Random, cycle: Cycle) -> None:
    cycle.buckets.classes[_an_events_file(chance, cycle)] = {"StorageClass": "GLACIER"}


def delete_a_row(chance: Random, cycle: Cycle) -> None:
    cycle.table.items.pop(chance.choice(sorted(cycle.table.items)))


def delete_a_record(chance: Random, cycle: Cycle) -> None:
    cycle.index.hits.pop(chance.choice(sorted(cycle.index.hits)))


STORES: tuple[Damage, ...] = (
    *(overwrite_events, swap_events, delete_events, archive_events),
    *(delete_a_row, delete_a_record),
)


def damage_facts(chance: Random, facts: MemoryFacts) -> None:
    """Lose, cut, flip, forge or mix up a file of facts."""
    if not facts.files:
        return
    name = chance.choice(sorted(facts.files))
    data = facts.files[name]
    flipped = bytearray(data)
    flipped[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    new = chance.choice(
        [
            None,
            data[: chance.randrange(len(data))],
            bytes(flipped),
            file_of([["a", "b", "c", 1, "d", "e"]], name, "memory"),
            file_of([], name, "another"),
            facts.files[chance.choice(sorted(facts.files))],
        ]
    )
    if new is None:
        del facts.files[name]
    else:
        facts.files[name] = new


def pair(seed: int) -> tuple[Cycle, Cycle]:
    """Return one world twice: one with facts, one without."""
    world = build_by_chance(seed, now=NOW, recordings=24)
    return Cycle.of(world), replace(Cycle.of(world), facts=None)


@pytest.mark.parametrize("seed", range(301, 305))
def test_with_facts_every_report_says_the_same_as_without(seed: int) -> None:
    cycles, read = pair(seed), [0, 0]
    nights = [Requests(cycle) for cycle in cycles]
    chance = Random(seed)
    for number in range(NIGHTS):
        lookback = None if number == 2 else THREE_DAYS
        told = [night.night(lookback) for night in nights]
        assert outcome(told[0]) == outcome(told[1])
        read = [total + len(night.events) for total, night in zip(read, nights, strict=True)]
        for _ in range(chance.randrange(3)):
            state, damage = chance.getrandbits(32), chance.choice(STORES)
            for cycle in cycles:
                damage(Random(state), cycle)
        if chance.random() < 0.7 and cycles[0].facts:
            damage_facts(chance, cycles[0].facts)
    assert read[0] < read[1]


@pytest.mark.parametrize("forged", [{"duration": 1}, {"stage_arn": "arn:of:nobody"}, {"reason": "it lied"}])
@pytest.mark.parametrize("scanned_in", [0.0, 0.3], ids=["before facts are taken", "after it"])
def test_what_a_forged_fact_makes_a_finding_of_is_read_before_it_is_reported(
    forged: dict[str, Any], scanned_in: float
) -> None:
    """Of all damage this is the worst: a whole file of facts that says what no events file said."""
    cycle = archive(6, with_program=range(6))
    slow(cycle.table, partial(time.sleep, scanned_in))
    plain, nights = replace(archive(6, with_program=range(6)), facts=None), Requests(cycle)
    plain.now = cycle.now
    nights.night()
    assert cycle.facts
    for name in [name for name in cycle.facts.files if name.startswith("events-")]:
        cycle.facts.files[name] = _forged(cycle.facts.files[name], name, forged)
    cycle.reports.files.clear()
    plain.now = cycle.now
    told, truth = nights.night(), Requests(plain).night()
    assert [finding.kind for finding in told.findings] == [finding.kind for finding in truth.findings]
    nights.night()
    assert nights.events == [] or "stage_arn" in forged


def _forged(data: bytes, name: str, forged: dict[str, Any]) -> bytes:
    lines = []
    for line in lines_of(data, name, "memory"):
        if "reason" in forged:
            line[5:] = [forged["reason"]]
        elif "duration" in forged:
            line[9] = 0
        else:
            line[5] = forged["stage_arn"]
        lines.append(line)
    return file_of(lines, name, "memory")


# ---- What it saves


def test_three_nights_read_only_what_is_new() -> None:
    number = 56
    cycle = archive(number, with_program=range(number))
    nights = Requests(cycle)
    first = nights.night()
    assert (len(nights.events), nights.looked) == (number, number)
    second = nights.night()
    assert (nights.events, nights.looked) == ([], number / 28)
    assert second.counts == first.counts
    place = (cycle.buckets.buckets[0], f"{prefix_of(7)}/events/recording-ended.json")
    body, _ = cycle.buckets.objects[place]
    cycle.buckets.objects[place] = (body.replace(b"3600000", b"3600001"), cycle.now)
    nights.night()
    assert (nights.events, nights.looked) == ([place[1]], number / 28)
    (media,) = (receipt for receipt in first.sources if receipt.source == "media")
    assert media.detail["looked_for_now"] == number
    (media,) = (receipt for receipt in second.sources if receipt.source == "media")
    told = {name: media.detail[name] for name in ("looked_for_now", "remembered", "oldest_days")}
    assert told == {"looked_for_now": 2, "remembered": 54, "oldest_days": 1}
    (facts,) = (receipt for receipt in second.sources if receipt.source == "facts")
    assert (facts.whole, facts.items) == (True, number)


@pytest.mark.parametrize("storage_class", ["GLACIER", "DEEP_ARCHIVE"])
def test_an_events_file_that_was_archived_since_is_asked_for_again(storage_class: str) -> None:
    """Its ETag, size and time are the same, and it cannot be read any more: so a run without facts says."""
    cycle = archive(4, with_program=range(4))
    nights = Requests(cycle)
    nights.night()
    place = (cycle.buckets.buckets[0], f"{prefix_of(2)}/events/recording-ended.json")
    cycle.buckets.classes[place] = {"StorageClass": storage_class}
    told = nights.night()
    plain = archive(4, with_program=range(4))
    plain.buckets.classes[place] = cycle.buckets.classes[place]
    truth = Requests(replace(plain, facts=None)).night()
    assert [one.kind for one in told.findings] == [one.kind for one in truth.findings] == ["unreadable"]
    assert set(nights.events) == {place[1]}


def test_a_check_of_everything_reads_everything() -> None:
    cycle = archive(8, with_program=range(8))
    nights = Requests(cycle)
    nights.night(None)
    nights.night(None)
    assert (len(nights.events), nights.looked) == (8, 8)
    nights.night()
    assert (nights.events, nights.looked) == ([], 1)


def test_a_check_of_everything_after_nights_that_remembered_has_read_every_source_completely() -> None:
    """It takes no facts, so that they give fewer than the night before: that is no doubt about a store."""
    cycle = Cycle.of(build_by_chance(7, now=NOW, recordings=60))
    requests = Requests(cycle)
    for lookback in (THREE_DAYS, THREE_DAYS, None):
        report = requests.night(lookback=lookback)
    assert [receipt.source for receipt in report.sources if not receipt.trusted] == []
    assert "incomplete" not in report.headline.lower()


def test_media_that_goes_is_missed_within_the_time_and_every_night_after() -> None:
    number = 14
    cycle = archive(number, with_program=range(number))
    nights = Requests(cycle)
    nights.night()
    for n in range(number):
        del cycle.buckets.objects[cycle.buckets.buckets[0], f"{prefix_of(n)}/media/hls/multivariant.m3u8"]
    missing = list[int]()
    for _ in range(28):
        report = nights.night()
        missing.append(sum(finding.kind == "media-missing" for finding in report.findings))
    assert missing[0] == ceil(number / 28)
    assert missing == sorted(missing)
    assert missing[-1] == number


def test_what_was_read_before_time_ran_out_is_kept() -> None:
    cycle, clock = archive(30, with_program=range(30)), Clock()
    slow_events(cycle, clock, 60)
    checked(cycle, clock)
    nights = Requests(cycle)
    nights.night()
    assert 0 < len(nights.events) < 30


# ---- Where facts cannot be kept


class Broken(MemoryFacts):
    """Facts that can be read, or written, no more."""

    def __init__(self, *, reads: bool, writes: bool) -> None:
        super().__init__()
        self.reads, self.writes = reads, writes

    def names(self) -> list[str]:
        if not self.reads:
            raise SourceError("reading facts: no right")
        return super().names()

    def save(self, name: str, data: bytes) -> None:
        if not self.writes:
            raise SourceError("keeping facts: no right")
        super().save(name, data)


@pytest.mark.parametrize(("reads", "writes", "why"), [(False, True, "not_usable"), (True, False, "not_kept")])
def test_facts_that_cannot_be_read_or_kept_are_reported_and_fail_nothing(
    reads: bool, writes: bool, why: str
) -> None:
    cycle = replace(archive(4, with_program=range(4)), facts=Broken(reads=reads, writes=writes))
    nights = Requests(cycle)
    for _ in range(2):
        report = nights.night()
        assert len(nights.events) == 4
        assert report.run.exit_code == 0
        (facts,) = (receipt for receipt in report.sources if receipt.source == "facts")
        assert "no right" in str(facts.detail[why])


def test_two_runs_at_once_lose_facts_and_nothing_else() -> None:
    """Each loads what is stored, and then both write: what the last one did not know is read again."""
    cycle = archive(6, with_program=range(6))
    nights, facts = Requests(cycle), cycle.facts
    assert facts
    nights.night()
    late, facts.files = dict(facts.files), {}
    nights.night()
    facts.files = late
    report = nights.night()
    assert report.run.exit_code == 0
    assert nights.events == []
