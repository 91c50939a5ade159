"""Measures a second night over an archive in memory, and prints figures as JSON; takes the size, an engine.

It runs as a script of its own with the tree of any commit on the path, so it only uses what these have had
for long: the stores of the bench `whole` and the cycle of runs.
"""

import gc
import json
import math
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

NIGHTLY = 144
"""Recordings a day: one ends every ten minutes."""
WINDOW = timedelta(days=3)
_PAGE, _UNIT = 1000, 8192
"""Keys or records of a page, and bytes of a read unit that is eventually consistent."""

Counting = Callable[[Any, Any], Mapping[str, int]]
"""Returns what a call counts as, by what it was given and what it returned."""

whole: Any = import_module("tests.bench.whole")


def measure(size: int, engine: Any = None) -> dict[str, float]:
    """Return what the second night cost over so many recordings, the newest of them new, on an engine."""
    shelves = whole.Shelves()
    _broadcast(shelves, range(NIGHTLY, size))
    cycle = _cycle(shelves)
    if engine:
        cycle.engine = engine
    cycle.now = whole.NOW - timedelta(days=1)
    cycle.check(lookback=WINDOW)
    _broadcast(shelves, range(NIGHTLY))
    cycle.buckets.objects.update(shelves.objects)
    cycle.index.hits.update(shelves.records())
    cycle.now = whole.NOW
    tally: Counter[str] = Counter()
    _count(cycle, tally)
    gc.collect()
    held = _rss("VmRSS")
    _forget_peak()
    started = time.perf_counter(), time.process_time()
    outcome = cycle.check(lookback=WINDOW)
    seconds, processor = time.perf_counter() - started[0], time.process_time() - started[1]
    peak = _rss("VmHWM")
    files = cycle.reports.files[outcome.report.run.id]
    missing = sum(finding.kind == "program-missing" for finding in outcome.report.findings)
    return {
        **{name: tally[name] for name in COUNTED},
        "lists": tally["lists"] + math.ceil(3 * size / _PAGE),
        "scan units": sum(map(_weight, shelves.items.values())) / _UNIT,
        "browse": math.ceil(len(cycle.index.hits) / _PAGE),
        "report MB": len(files["report.json"]) / 1e6,
        "csv MB": len(files.get("recordings.csv", "")) / 1e6,
        "facts MB": sum(map(len, getattr(getattr(cycle, "facts", None), "files", {}).values())) / 1e6,
        "CPU s": processor,
        "seconds": seconds,
        "stores MB": held,
        "more MB": peak - held,
        "program-missing": missing,
    }


COUNTED = ("events", "heads", "ledger", "rows", "partitions", "facts read", "facts written")
"""What is counted as it is asked: objects read, looked for, ledger entries, rows, partitions, files."""


def _broadcast(shelves: Any, numbers: range) -> None:
    for number in numbers:
        shelves.put_broadcast(number)
    shelves.put_groups()


def _cycle(shelves: Any) -> Any:
    truth = whole.Truth({}, {}, {})
    domain = whole.MEDIA.domain
    world = whole.World(0, whole.NOW, (whole.BUCKET,), "app", "programs", domain, (), (), (), (), truth)
    state = whole.MemoryState()
    table = whole.MemoryTable("app", shelves.items, state)
    buckets = whole.MemoryBuckets((whole.BUCKET,), dict(shelves.objects))
    index = whole.MemoryIndex("programs", shelves.records())
    return whole.Cycle(world, whole.NOW, buckets, table, index, state)


def _count(cycle: Any, tally: Counter[str]) -> None:
    """Count what the next run asks of its stores, as the real ones would be asked."""
    # The adapter looks at one segment beside each manifest, by a listing; not so at all commits.
    listed = hasattr(import_module("reconcile.stores.objects").S3Objects, "_look_at_segment")

    def heads(given: tuple[Any, ...], _: Any) -> Mapping[str, int]:
        number = len(given[0])
        return {"heads": number, "lists": number if listed else 0}

    _watch(cycle.buckets, "read", tally, lambda given, _: {"events": 1})
    _watch(cycle.buckets, "exist", tally, heads)
    _watch(cycle.buckets, "list_media", tally, lambda given, _: {"lists": 1})
    _watch(cycle.state, "ledger", tally, lambda given, result: {"ledger": len(result)})
    _watch(cycle.table, "rows", tally, lambda given, _: {"rows": len(set(given[0]))})
    _watch(cycle.table, "rows_of", tally, lambda given, _: {"partitions": 1})
    if facts := getattr(cycle, "facts", None):
        _watch(facts, "load", tally, lambda given, _: {"facts read": 1})
        _watch(facts, "save", tally, lambda given, _: {"facts written": 1})


def _watch(store: Any, name: str, tally: Counter[str], count: Counting) -> None:
    method = getattr(store, name)

    def watched(*given: Any, **named: Any) -> Any:
        result = method(*given, **named)
        tally.update(count(given, result))
        return result

    setattr(store, name, watched)


def _weight(value: Any) -> int:
    """Return the bytes of an item, or of a value of one, as DynamoDB counts them.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
    """
    if isinstance(value, Mapping):
        return sum(_weight(name) * (len(name) > 2) + _weight(part) for name, part in value.items())
    return len(str(value).encode())


def _rss(name: str) -> float:
    """Return a figure of this process's memory in megabytes; 0 where the system does not tell."""
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="utf-8").splitlines() if status.exists() else []
    return next((int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith(name)), 0.0)


def _forget_peak() -> None:
    """Let the peak begin anew: https://www.kernel.org/doc/html/latest/filesystems/proc.html"""
    clear = Path("/proc/self/clear_refs")
    if clear.exists():
        clear.write_text("5", encoding="ascii")


if __name__ == "__main__":
    if sys.argv[2:]:
        with import_module("reconcile.engines.registry").opened(sys.argv[2]) as opened:
            print(json.dumps(measure(int(sys.argv[1]), opened)))
    else:
        print(json.dumps(measure(int(sys.argv[1]))))
