"""What comparing a made-up archive takes: seconds of the processor, and objects that it leaves behind.

With `--against COMMIT` that commit's code is measured as well, in turns, each in processes of its own.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from tests.bench.sheet import Sheet
from tests.bench.trees import HERE, tree_of

SIZES = (10_000, 50_000)
ROUNDS = 1
MOST_TIMES = 1.0
MOST_PER_RECORDING = 90.0
"""In microseconds of the processor, with one session, show, program and record beside each recording."""

MEASURED = """
import gc, inspect, json, sys, time
from dataclasses import replace
from tests.bench.made_up import made_up_rules, made_up_snapshot
from tests.bench.sheet import peak_memory
from reconcile.compare.events_needed import events_to_read
from reconcile.compare.verdicts import compare
engine = ()
if "engine" in inspect.signature(compare).parameters:
    from reconcile.engines.pandas import PANDAS
    engine = (PANDAS,)
rules = made_up_rules()
compare(made_up_snapshot(1000), rules, *engine)  # Imports are no part of the figures.
snapshot = made_up_snapshot(int(sys.argv[1]))
gc.collect()
held, memory = len(gc.get_objects()), peak_memory()
started = time.process_time()
comparison = compare(snapshot, rules, *engine)
compared = time.process_time() - started
gc.collect()
objects, peak = len(gc.get_objects()) - held, peak_memory() - memory
started = time.process_time()
events_to_read(replace(snapshot, events={}), rules)
chosen = time.process_time() - started
print(json.dumps({"compare": compared, "events": chosen, "objects": objects, "peak": peak,
                  "counts": comparison.counts()}))
"""


def main() -> int:
    """Print the figures; 1 when they are over their limits, or the verdicts of both differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--against", metavar="COMMIT")
    commit = parser.parse_args().against
    sheet = Sheet("Compare a made-up archive, and choose the events to read for it")
    with ExitStack() as stack:
        trees = {commit: stack.enter_context(tree_of(commit))} if commit else {}
        trees["here"] = HERE
        figures = {size: {name: _best(tree, size) for name, tree in trees.items()} for size in SIZES}
    heads = ("recordings", "code", "compare, CPU s", "choose events, CPU s", "objects left", "peak MB more")
    sheet.table(
        heads,
        [
            (size, name, one["compare"], one["events"], one["objects"], one["peak"])
            for size, by_tree in figures.items()
            for name, one in by_tree.items()
        ],
    )
    for size, by_tree in figures.items():
        own = by_tree["here"]
        sheet.hold(f"microseconds a recording at {size:,}", own["compare"] / size * 1e6, MOST_PER_RECORDING)
        if commit:
            sheet.law(f"the same counts at {size:,}", own["counts"] != by_tree[commit]["counts"])
            ratio = own["compare"] / by_tree[commit]["compare"]
            sheet.hold(f"times the processor's time of {commit} at {size:,}", ratio, MOST_TIMES)
    return sheet.exit_code


def _best(tree: Path, size: int) -> Mapping[str, float]:
    """Return the figures of the fastest of some rounds."""
    return min((_figures(tree, size) for _ in range(ROUNDS)), key=lambda one: one["compare"])


def _figures(tree: Path, size: int) -> Mapping[str, float]:
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    command = [sys.executable, "-c", MEASURED, str(size)]
    ended = subprocess.run(command, cwd=tree, env=environment, check=True, capture_output=True, text=True)
    figures: Mapping[str, float] = json.loads(ended.stdout.splitlines()[-1])
    return figures


if __name__ == "__main__":
    sys.exit(main())
