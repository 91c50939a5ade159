"""Measures a second night over an archive in memory, and prints figures as JSON.

`python tests/bench/scale_night.py SIZE [ENGINE [check|repair]]`. It runs as a script of its own with the tree
of any commit on the path, so it only uses what these have had for long: the stores of the bench `whole` and
the cycle of runs.

The night before reads the newest recordings alone; of the others the stores hold what earlier nights would
have left. So nothing that it freed hides what the measured night takes.
"""

import gc
import hashlib
import json
import math
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest.mock import patch

NIGHTLY = 144
"""Recordings a day: one ends every ten minutes."""
WINDOW = timedelta(days=3)
_BEFORE = 1000
"""Recordings that the night before reads."""
_DAYS = 27
"""Nights over which the media of the others was looked for."""
_PAGE, _UNIT = 1000, 8192
"""Keys or records of a page, and bytes of a read unit that is eventually consistent."""

Counting = Callable[[Any, Any], Mapping[str, int]]
"""Returns what a call counts as, by what it was given and what it returned."""

whole: Any = import_module("tests.bench.whole")


def measure(size: int, engine: Any = None, mode: str = "check") -> dict[str, Any]:
    """Return what the second night cost over so many recordings, the newest of them new, on an engine."""
    shelves = whole.Shelves()
    cycle = _archive(shelves, size)
    if engine:
        cycle.engine = engine
    sizes = _weigh(cycle.reports)
    # Imported from beside this script: it is not of the tree that is measured.
    with patch.object(sys, "path", [*sys.path, str(Path(__file__).parent)]):
        watch: Any = import_module("scale_watch")
    stand_ins, tally = watch.StandIns(cycle), Counter[str]()
    _count(cycle, tally)
    units = sum(map(_weight, shelves.items.values())) / _UNIT
    known = set(cycle.state.entries)
    gc.collect()
    # What the stand-ins hold is not the job's to search for garbage.
    gc.freeze()
    with patch.object(gc, "unfreeze"):
        steps = watch.Steps(stand_ins)
        with steps.watched():
            outcome = getattr(cycle, mode)(lookback=WINDOW)
    missing = sum(finding.kind == "program-missing" for finding in outcome.report.findings)
    return {
        **{name: tally[name] for name in COUNTED},
        "lists": tally["lists"] + math.ceil(3 * size / _PAGE),
        "remembered": len(set(cycle.state.entries) - known),
        "scan units": units,
        "browse": math.ceil(len(cycle.index.hits) / _PAGE),
        "report MB": sizes["report.json"] / 1e6,
        "csv MB": sizes["recordings.csv"] / 1e6,
        "facts MB": sum(map(len, getattr(getattr(cycle, "facts", None), "files", {}).values())) / 1e6,
        "CPU s": sum(step["CPU s"] for step in steps.took.values()),
        "stand-ins s": stand_ins.seconds,
        "seconds": sum(step["seconds"] for step in steps.took.values()),
        "stores MB": steps.held,
        "more MB": max(step["more MB"] for step in steps.took.values()),
        "program-missing": missing,
        "steps": steps.took,
    }


COUNTED = ("events", "heads", "ledger", "rows", "partitions", "facts read", "facts written")
"""What is counted as it is asked: objects read, looked for, ledger entries, rows, partitions, files."""


def _archive(shelves: Any, size: int) -> Any:
    """Return the stores at the begin of the second night, with what the nights before it left."""
    first = range(NIGHTLY, min(size, NIGHTLY + _BEFORE))
    _broadcast(shelves, first)
    cycle = _cycle(shelves)
    cycle.now = whole.NOW - timedelta(days=1)
    cycle.check(lookback=WINDOW)
    shelves.objects.clear()
    _broadcast(shelves, range(first.stop, size))
    known = getattr(cycle, "facts", None)
    if known is not None:
        _learn(known, shelves.objects)
    _remember(cycle, shelves)
    _broadcast(shelves, range(NIGHTLY))
    cycle.buckets.objects.update(shelves.objects)
    shelves.objects.clear()
    cycle.index.hits.update(shelves.records())
    cycle.now = whole.NOW
    # What only served to fill the stores.
    del shelves._texts
    return cycle


def _learn(known: Any, objects: Mapping[tuple[str, str], Any]) -> None:
    """Let facts say of recordings what their events files say, and of their media that it was seen."""
    facts, recording = import_module("reconcile.model.facts"), import_module("reconcile.model.recording")
    events: defaultdict[str, list[Any]] = defaultdict(list)
    for (bucket, key), (body, modified) in objects.items():
        prefix, ended, _ = key.partition("/events/recording-ended.json")
        if ended:
            etag = hashlib.md5(body, usedforsecurity=False).hexdigest()
            version = recording.EventsVersion(etag, len(body), modified)
            line = facts.events_line((bucket, prefix), version, recording.parse_events(body))
            events[facts.events_file_of(modified)].append(line)
    for name, lines in events.items():
        stored = known.files.get(name)
        lines += facts.usable_lines(stored, name, "memory") if stored else []
        known.files[name] = facts.file_of(lines, name, "memory")
    manifests = [
        facts.ObjectAddress(*address) for address in objects if address[1].endswith("multivariant.m3u8")
    ]
    for day in range(_DAYS):
        at = whole.NOW - timedelta(days=day + 2)
        name, look = facts.media_file_of(at), facts.MediaLook(at, there=True)
        lines = [facts.media_line(address, look) for address in manifests[day::_DAYS]]
        known.files[name] = facts.file_of(lines, name, "memory")


def _remember(cycle: Any, shelves: Any) -> None:
    """Let the ledger tell of every program, as it does of those of the night before."""
    entry = next(iter(cycle.state.ledger().values()))
    make = getattr(type(entry.key), "_make", tuple)
    for item in shelves.items.values():
        if "s3Key" in item:
            prefix = item["s3Key"]["S"].partition("/media/")[0]
            key = make((item["s3Bucket"]["S"], prefix))
            owner = item["pk"]["S"].split("#")[1]
            seen = replace(entry, key=key, programs={owner: item["programId"]["S"]})
            cycle.state.entries.setdefault(key, seen)


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


def _weigh(reports: Any) -> Counter[str]:
    """Let what is kept of a report be weighed and, but for its summary, thrown away."""
    sizes = Counter[str]()

    def save(run: str, files: Mapping[str, Any]) -> str:
        for name, text in files.items():
            sizes[name] = len(text) if isinstance(text, str) else sum(map(len, text))
        reports.files[run] = {"summary.json": files["summary.json"]}
        return str(reports.place(run))

    reports.save = save
    return sizes


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


def _main(size: str, engine: str = "", mode: str = "check") -> None:
    opened = import_module("reconcile.engines.registry").opened(engine) if engine else nullcontext()
    with opened as running:
        print(json.dumps(measure(int(size), running, mode)))


if __name__ == "__main__":
    _main(*sys.argv[1:])
