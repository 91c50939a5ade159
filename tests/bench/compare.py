"""The set rules on 100,000 subjects of each type against a bare dict join of the same work, then all of compare."""

import gc
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import TypeVar

from reconcile.compare import suspects
from reconcile.compare.verdicts import compare
from tests.bench.made_up import Rows, made_up_rows, made_up_rules, made_up_snapshot
from tests.bench.sheet import Sheet, peak_memory

SUBJECTS = 100_000
ROUNDS = 5
MOST_TIMES, MOST_MEMORY = 4.0, 600.0

T = TypeVar("T")
Suspects = tuple[set[tuple[str, str]], set[str]]


def main() -> int:
    """Print the figures; 1 when the time or the memory of the set rules is over its limit."""
    sheet = Sheet(f"Compare {SUBJECTS:,} recordings x {SUBJECTS:,} programs x {SUBJECTS:,} records")
    rows = made_up_rows(SUBJECTS)
    set_rules(made_up_rows(10))  # Imports are no part of the times.
    before = peak_memory()
    (bare, wanted), (rules, found) = best(lambda: bare_join(rows)), best(lambda: set_rules(rows))
    peak = peak_memory()
    sheet.table(
        (f"best of {ROUNDS}", "ms", "suspects"),
        [
            ("bare dict join", bare * 1000, sum(map(len, wanted))),
            ("set rules, their frames included", rules * 1000, sum(map(len, found))),
        ],
    )
    sheet.law("both find the same suspects", int(wanted != found))
    sheet.hold("set rules, times the bare join", rules / bare, MOST_TIMES)
    sheet.hold(f"peak memory of the process ({before:,.0f} MB before the rules)", peak, MOST_MEMORY, " MB")
    del rows, wanted, found
    whole_compare(sheet)
    return sheet.exit_code


def whole_compare(sheet: Sheet) -> None:
    """Print what the whole of compare takes: attribution, programs, twins, sessions and verdicts as well."""
    gc.collect()
    snapshot = made_up_snapshot(SUBJECTS)
    held = peak_memory()
    started = time.perf_counter()
    counts = compare(snapshot, made_up_rules()).counts()
    seconds = time.perf_counter() - started
    population = sum(tally["population"] for tally in counts.values())
    sheet.table(
        ("for information: all of compare", "seconds", "subjects", "judged a second", "MB with the snapshot", "MB"),
        [("once", seconds, population, population / seconds, held, peak_memory())],
    )
    for kind, tally in counts.items():
        told = ", ".join(f"{name} {n:,}" for name, n in tally.items() if n and name != "population")
        sheet.tell(f"{kind}: {told}")


def best(work: Callable[[], T]) -> tuple[float, T]:
    """Return the least seconds that work took, and what it returned."""
    took = []
    for _ in range(ROUNDS):
        gc.collect()
        started = time.perf_counter()
        result = work()
        took.append(time.perf_counter() - started)
    return min(took), result


def set_rules(rows: Rows) -> Suspects:
    """Find the suspects as the job does: frames from rows, then the set rules."""
    import pandas as pd

    recordings = pd.DataFrame(rows.recordings, columns=["bucket", "prefix", "ended", "show"])
    recordings = recordings.astype({"bucket": "object", "prefix": "object", "show": "object", "ended": "bool"})
    programs = pd.DataFrame(rows.programs, columns=["bucket", "prefix", "sound"]).astype({"sound": "bool"})
    programs = programs.astype({"bucket": "object", "prefix": "object"})
    calls = pd.DataFrame(rows.calls, columns=["objectID", "digest"], dtype="object")
    records = pd.DataFrame(rows.records, columns=["objectID", "digest"], dtype="object")
    unsound = suspects.recordings_without_one_sound_program(recordings, programs)
    return unsound | suspects.recordings_to_look_at(recordings), suspects.records_that_differ(calls, records)


def bare_join(rows: Rows) -> Suspects:
    """Find the same suspects with nothing but dictionaries and sets."""
    held: dict[tuple[str, str], bool] = {}
    for bucket, prefix, sound in rows.programs:
        key = (bucket, prefix)
        held[key] = sound and key not in held
    shows = Counter(show for _, _, _, show in rows.recordings)
    shows[None] = 0
    unlike = {
        (bucket, prefix)
        for bucket, prefix, ended, show in rows.recordings
        if not ended or shows[show] > 1 or not held.get((bucket, prefix))
    }
    called, found = dict(rows.calls), dict(rows.records)
    differing = {name for name, digest in called.items() if found.get(name) != digest}
    differing |= found.keys() - called.keys()
    if len(called) < len(rows.calls):
        times = Counter(name for name, _ in rows.calls)
        differing |= {name for name, n in times.items() if n > 1}
    return unlike, differing


if __name__ == "__main__":
    sys.exit(main())
