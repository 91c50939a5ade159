"""Odd inputs of six kinds, by the tens of thousands: each ends in a verdict, or in an error that means 64."""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Sequence

from tests.bench.sheet import Sheet
from tests.fuzz.targets import TARGETS

EACH, FIRST = 50_000, 1
SHOWN = 40


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the count of distinct outcomes of each kind; 1 when any input ended in a traceback."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=EACH, help=f"inputs of each kind (default {EACH:,})")
    parser.add_argument("--first", type=int, default=FIRST, help="the first seed")
    parser.add_argument("--only", choices=sorted(TARGETS), help="one kind alone")
    asked = parser.parse_args(arguments)
    sheet = Sheet(f"Odd inputs, {asked.each:,} of each kind, from seed {asked.first} on")
    for name in [asked.only] if asked.only else TARGETS:
        _fuzz(sheet, name, range(asked.first, asked.first + asked.each))
    return sheet.exit_code


def _fuzz(sheet: Sheet, name: str, seeds: range) -> None:
    outcomes, broken, begun = Counter[str](), list[str](), time.perf_counter()
    for seed in seeds:
        try:
            outcomes[TARGETS[name](seed)] += 1
        except Exception as error:
            broken.append(f"{name}, seed {seed}: {type(error).__name__}: {error}"[:300])
    seconds = time.perf_counter() - begun
    sheet.table((f"{name}: outcome", "inputs"), outcomes.most_common(SHOWN))
    sheet.tell(f"{len(outcomes)} distinct outcomes of {outcomes.total():,} inputs in {seconds:,.0f} s")
    for text in broken[:SHOWN]:
        sheet.tell(text)
    sheet.law(f"{name}: each input ends in a verdict or a typed error", len(broken))


if __name__ == "__main__":
    sys.exit(main())
