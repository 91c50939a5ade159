"""Nights over a world that lives on, with stores that fail now and then, and undos: what each one held."""

import argparse
import gc
import resource
import sys
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from tests.bench.sheet import Sheet
from tests.scenario.soak import FAULTS, LAWS, Soak

BEGAN = datetime(2026, 3, 1, 3, tzinfo=UTC)
PART, TOLD = 50, 12


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; 1 when a law is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nights", type=int, default=200, help="how many (default 200)")
    parser.add_argument("--seed", type=int, default=0, help="which world")
    asked = parser.parse_args(arguments)
    sheet = Sheet(f"{asked.nights} nights of one world; {FAULTS:.0%} of all calls fail")
    soak, rows, started = Soak.of(asked.seed, BEGAN), list[tuple[object, ...]](), time.process_time()
    while soak.night < asked.nights:
        soak.live(min(PART, asked.nights - soak.night))
        gc.collect()
        rows.append((soak.night, len(soak.platform.recordings), len(soak.cycle.table.items), peak()))
    soak.end()
    sheet.table(("night", "recordings", "rows", "peak MB, with stand-ins and all reports"), rows)
    told = soak.told + Counter({f"others' steps: {name}": n for name, n in soak.platform.steps.items()})
    sheet.table(("what", "number"), sorted(told.items()))
    for _, why in soak.broken[:TOLD]:
        sheet.tell(why[:300])
    faults = Counter(law for law, _ in soak.broken)
    for law in LAWS:
        sheet.law(law, faults[law])
    sheet.tell(f"{time.process_time() - started:,.0f} processor seconds, seed {asked.seed}")
    return sheet.exit_code


def peak() -> int:
    """Return the most memory that this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    sys.exit(main())
