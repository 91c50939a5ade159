"""The set rules on 100,000 subjects of each type against a bare dict join of the same work."""

import gc
import math
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from reconcile.compare import set_rules
from reconcile.compare.engine import Schema, keys_of
from reconcile.compare.verdicts import compare
from reconcile.engines.pandas import PANDAS
from reconcile.model.recording import RecordingKey
from tests.bench.made_up import Rows, made_up_rows, made_up_rules, made_up_snapshot
from tests.bench.sheet import Sheet, peak_memory

SUBJECTS = 100_000
ROUNDS = 7
MOST_TIMES, MOST_MEMORY = 4.0, 600.0
MOST_OF_THE_WHOLE = 850.0
"""In MB, and more than the set rules may have: the snapshot alone holds 390.

Its programs have media that was looked for and keys of the table's index, as in a real run, and each of the
100,000 shows has its broadcasts, folded from recordings. The made-up programs of before had neither media nor
keys: every one was a finding, and 600 MB were measured off the path that a night takes.
"""

T = TypeVar("T")
Suspects = tuple[set[tuple[str, str]], set[str]]


def main() -> int:
    """Print the figures; 1 when the time or the memory of the set rules is over its limit."""
    sheet = Sheet(f"Compare {SUBJECTS:,} recordings x {SUBJECTS:,} programs x {SUBJECTS:,} records")
    frames_and_rules(made_up_rows(10))  # Imports are no part of the times.
    held = peak_memory()
    told, ratios, unlike = [], {}, 0
    for order, rows in (
        ("unrelated orders, as stores give them", made_up_rows(SUBJECTS)),
        ("one order, the best for dictionaries", made_up_rows(SUBJECTS, shuffled=False)),
    ):
        (bare, wanted), (rules, found) = best(partial(bare_join, rows), partial(frames_and_rules, rows))
        told.append((order, bare * 1000, rules * 1000, rules / bare, len(found[0]) + len(found[1])))
        ratios[order] = rules / bare
        unlike += wanted != found
    heads = (f"best of {ROUNDS}", "bare dict join, ms", "set rules and their frames, ms", "times", "suspects")
    sheet.table(heads, told)
    sheet.law("both find the same suspects", unlike)
    for order, ratio in ratios.items():
        sheet.hold(f"set rules, times the bare join ({order})", ratio, MOST_TIMES)
    sheet.hold(f"peak memory ({held:,.0f} MB of it for the imports)", peak_memory(), MOST_MEMORY, " MB")
    print(flush=True)
    alone = subprocess.run([sys.executable, "-m", "tests.bench.compare", "whole"], check=False)
    return max(sheet.exit_code, alone.returncode)


def whole() -> int:
    """Print what the whole of compare takes: attribution, programs, twins, sessions and verdicts as well."""
    sheet = Sheet(
        f"All of compare on {SUBJECTS:,} recordings, sessions, programs and records, in a new process"
    )
    snapshot = made_up_snapshot(SUBJECTS)
    held = peak_memory()
    started = time.perf_counter()
    counts = compare(snapshot, made_up_rules(), PANDAS).counts()
    seconds = time.perf_counter() - started
    population = sum(tally["population"] for tally in counts.values())
    heads = ("for information", "seconds", "subjects", "subjects/s", "MB of the snapshot", "peak MB")
    sheet.table(heads, [("once", seconds, population, population / seconds, held, peak_memory())])
    for kind, tally in counts.items():
        told = ", ".join(f"{name} {n:,}" for name, n in tally.items() if n and name != "population")
        sheet.tell(f"{kind}: {told}")
    sheet.hold("peak memory of the whole", peak_memory(), MOST_OF_THE_WHOLE, " MB")
    return sheet.exit_code


def best(*works: Callable[[], T]) -> list[tuple[float, T]]:
    """Take turns at several works; return for each the least seconds that it took, and what it returned."""
    took, results = [math.inf] * len(works), {}
    for _ in range(ROUNDS):
        for number, work in enumerate(works):
            gc.collect()
            started = time.perf_counter()
            results[number] = work()
            took[number] = min(took[number], time.perf_counter() - started)
    return [(seconds, results[number]) for number, seconds in enumerate(took)]


def frames_and_rules(rows: Rows) -> Suspects:
    """Find the suspects as the job does: frames from rows, then the set rules."""
    schema: Schema = {"bucket": str, "prefix": str, "ended": bool, "show": str}
    recordings = PANDAS.frame(schema, rows.recordings)
    programs = PANDAS.frame({"bucket": str, "prefix": str, "sound": bool}, rows.programs)
    digests: Schema = {"objectID": str, "digest": str}
    calls, records = PANDAS.frame(digests, rows.calls), PANDAS.frame(digests, rows.records)
    unsound = keys_of(set_rules.recordings_without_one_sound_program(recordings, programs), RecordingKey)
    unclear = keys_of(set_rules.recordings_to_look_at(recordings), RecordingKey)
    return {*unsound, *unclear}, keys_of(set_rules.records_that_differ(calls, records), str)


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
    sys.exit(whole() if sys.argv[1:] == ["whole"] else main())
