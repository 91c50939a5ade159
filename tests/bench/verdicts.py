"""Every verdict over many seeds of the world against the truth, then the laws of a whole life in memory."""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count, takewhile

from reconcile.model.verdict_table import TYPES, verdicts_of
from reconcile.sandbox.world import World, build, build_by_chance
from tests.bench.sheet import Sheet
from tests.scenario.laws import LAWS, Cell, Judging, Life, judging, live

NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
RECORDINGS, BY_CHANCE = 340, 130
BUCKETS = ("shelcaster-media-manager", "another-bucket")
WINDOWS = {"full": None, "3-day window": timedelta(days=3)}
TOLD = 12


@dataclass
class Judgings:
    """The confusion matrix of many worlds under one window; `wrong` tells what is off the diagonal."""

    cells: Counter[Cell] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    misattributed: list[str] = field(default_factory=list)
    by_program: int = 0

    def add(self, result: Judging) -> None:
        """Count one more world."""
        self.cells += result.cells
        self.wrong += result.wrong
        self.misattributed += result.misattributed
        self.by_program += len(result.not_attributed)


@dataclass
class Lives:
    """What became of many worlds; `broken` tells, law by law, what broke it."""

    wanted: int = 0
    to_mend: int = 0
    created: int = 0
    without_trace: int = 0
    broken: dict[str, list[str]] = field(default_factory=lambda: {law: [] for law in LAWS})

    def add(self, life: Life) -> None:
        """Count one more world."""
        truths = life.world.truth.recordings.values()
        self.wanted += sum(truth.wanted for truth in truths)
        self.to_mend += sum(truth.mended for truth in truths)
        self.created += life.created
        self.without_trace += life.without_trace
        for law, faults in life.broken.items():
            self.broken[law] += faults


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; 1 when a verdict is off the diagonal or a law is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--minutes", type=float, default=1, help="begin no other world after this (default 1)"
    )
    parser.add_argument("--seeds", type=int, help="how many worlds, however long they take")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    asked = parser.parse_args(arguments)
    sheet = Sheet(
        f"Verdicts and laws over worlds of every scene ({RECORDINGS} recordings) and worlds by chance "
        f"({BY_CHANCE}), half of them in 2 buckets"
    )
    judged, lives, started = {name: Judgings() for name in WINDOWS}, Lives(), time.perf_counter()
    done = 0
    for seed in seeds(asked.first, asked.seeds, asked.minutes):
        for world in (world_of(seed), world_by_chance(seed)):
            for name, lookback in WINDOWS.items():
                judged[name].add(judging(world, lookback))
            lives.add(live(world))
            done += 1
    for name, results in judged.items():
        tell_judgings(sheet, name, results)
    tell_lives(sheet, lives)
    sheet.tell(f"{time.perf_counter() - started:,.0f} seconds for {done} worlds, from seed {asked.first} on")
    return sheet.exit_code


def seeds(first: int, number: int | None, minutes: float) -> Iterator[int]:
    """Yield as many seeds as asked for, else new ones until the time is up, one at least."""
    if number is not None:
        return iter(range(first, first + number))
    end = time.monotonic() + 60 * minutes
    return takewhile(lambda seed: seed == first or time.monotonic() < end, count(first))


def world_of(seed: int) -> World:
    """Build a seed's world, every other one with its recordings in two buckets."""
    return build(seed, now=NOW, recordings=RECORDINGS, buckets=BUCKETS[: 1 + seed % 2])


def world_by_chance(seed: int) -> World:
    """Build a seed's world of weeks by chance."""
    return build_by_chance(seed, now=NOW, recordings=BY_CHANCE, buckets=BUCKETS[: 1 + seed % 2])


def tell_judgings(sheet: Sheet, name: str, results: Judgings) -> None:
    """Print the confusion matrix by type: every cell that holds something."""
    for kind in TYPES:
        rows = [(cell[1], cell[2], n) for cell, n in results.cells.items() if cell[0] == kind]
        order = {verdict: number for number, verdict in enumerate(verdicts_of(kind))}
        rows.sort(key=lambda row: (order.get(row[0], -1), order.get(row[1], -1)))
        marked = [(expected, got, n, "" if expected == got else "<-- wrong") for expected, got, n in rows]
        sheet.table((f"{kind}, {name}: expected", "got", "subjects", ""), marked)
        unseen = set(order) - {expected for expected, _, _ in rows}
        sheet.tell(f"never expected: {', '.join(sorted(unseen)) or 'nothing'}\n")
    show_faults(sheet, (*results.wrong, *results.misattributed))
    sheet.law(
        f"{name}: every verdict as the world knows it ({results.cells.total():,} subjects)",
        len(results.wrong),
    )
    sheet.law(f"{name}: no wrong attribution", len(results.misattributed))
    sheet.tell(f"         {results.by_program:,} recordings whose show only their program tells\n")


def tell_lives(sheet: Sheet, lives: Lives) -> None:
    """Print what was made, what was made though it should not have been, and which laws hold."""
    rows = [
        ("recordings that want a program", lives.wanted),
        ("programs made", lives.created),
        ("false creations", len(lives.broken[LAWS[3]])),
        ("revivals of what is remembered", len(lives.broken[LAWS[4]])),
        ("deletions without a trace (cannot be told, approved)", lives.without_trace),
        ("programs to mend", lives.to_mend),
    ]
    sheet.table(("check, repair, repair --approve, check, repair", "number"), rows)
    show_faults(sheet, [text for told in lives.broken.values() for text in told])
    for law in LAWS:
        sheet.law(law, len(lives.broken[law]))


def show_faults(sheet: Sheet, faults: Iterable[str]) -> None:
    """Print the first faults."""
    for number, text in enumerate(faults):
        if number < TOLD:
            sheet.tell(text[:400])


if __name__ == "__main__":
    sys.exit(main())
