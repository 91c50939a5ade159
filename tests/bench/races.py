"""Repairs at once while the rest of the platform goes on writing: how many were tried, and what held."""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from tests.bench.sheet import Sheet
from tests.scenario.interleaving import LAWS, Race, race

MOST_RUNS, TOLD = 8, 12
PART = 100
"""Races that one process runs: it ends then, and what they left in memory with it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; 1 when a law is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--races", type=int, default=1000, help="how many (default 1,000; all: 10,000)")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--processes", type=int, default=2, help="how many processes at once (default 2)")
    asked = parser.parse_args(arguments)
    sheet, tally = (
        Sheet("One to eight repairs at once, and the platform between any two of their calls"),
        Tally(),
    )
    end = asked.first + asked.races
    parts = [range(first, min(first + PART, end)) for first in range(asked.first, end, PART)]
    with ProcessPoolExecutor(asked.processes, get_context("spawn"), max_tasks_per_child=1) as pool:
        for part in pool.map(raced, parts):
            tally.join(part)
    tally.tell(sheet)
    sheet.tell(f"{tally.seconds:,.0f} processor seconds, from seed {asked.first} on")
    return sheet.exit_code


def raced(seeds: range) -> "Tally":
    """Return what came of the races of some seeds."""
    tally, started = Tally(), time.process_time()
    for seed in seeds:
        tally.add(race(seed, 1 + seed % MOST_RUNS))
    tally.seconds = time.process_time() - started
    return tally


class Tally:
    """What came of many races."""

    def __init__(self) -> None:
        self.races = self.calls = 0
        self.seconds = 0.0
        self.steps, self.refused, self.ends = Counter[str](), Counter[str](), Counter[str]()
        self.broken: list[tuple[str, str]] = []

    def add(self, told: Race) -> None:
        """Count one more."""
        self.races, self.calls = self.races + 1, self.calls + told.calls
        self.steps += told.steps
        self.refused += told.refused
        self.ends.update(str(int(outcome.exit_code)) for outcome in told.outcomes)
        self.broken += told.broken

    def join(self, other: "Tally") -> None:
        """Count those of another."""
        self.races, self.calls = self.races + other.races, self.calls + other.calls
        self.seconds += other.seconds
        self.steps, self.refused = self.steps + other.steps, self.refused + other.refused
        self.ends += other.ends
        self.broken += other.broken

    def tell(self, sheet: Sheet) -> None:
        """Print what was tried and what held."""
        rows = [("interleavings", self.races), ("calls between which others may act", self.calls)]
        rows += [(f"others' steps: {name.replace('_', ' ')}", n) for name, n in sorted(self.steps.items())]
        rows += [(f"runs that ended with {code}", n) for code, n in sorted(self.ends.items())]
        rows += [(f"runs refused: {name}", n) for name, n in sorted(self.refused.items())]
        sheet.table(("what", "number"), rows)
        for _, why in self.broken[:TOLD]:
            sheet.tell(why[:300])
        faults = Counter(law for law, _ in self.broken)
        for law in LAWS:
            sheet.law(law, faults[law])


if __name__ == "__main__":
    sys.exit(main())
