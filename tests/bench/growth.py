"""Steps of comparing worlds of every shape at n and 2 n recordings: what is linear takes twice as many."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import reconcile
from reconcile.compare.causes import find_causes
from reconcile.compare.events_needed import wanted_events
from reconcile.compare.narrow.closure import closure
from reconcile.compare.narrow.suspects import narrow_down
from reconcile.compare.narrow.tables import tables_of
from reconcile.compare.verdicts import compare
from reconcile.engines.pandas import PANDAS
from reconcile.model.snapshot import Rules, Snapshot
from reconcile.report.history import History
from tests.bench.shapes import SHAPES, Shape, Tally
from tests.bench.sheet import Sheet

LEAST = 400
MOST_RATIO = 2.2
MOST_OF_ONE, MATTERS = 3.0, 0.01
"""How much the steps of one function may grow, if they are such a part of all: the square of twice is four.

It shows what the sum hides while n is small; a logarithm, and a cache that fills, stay well below.
"""
COMPARISONS = "comparisons of names"
PACKAGE = str(Path(reconcile.__file__).parent)


def main() -> int:
    """Print the steps of every shape, and where most of them are; 1 when one grows faster than its world."""
    sheet = Sheet(f"Steps of comparing {LEAST:,} and {2 * LEAST:,} recordings")
    told, broken = [], dict[str, Sequence[str]]()
    for name, shape in SHAPES.items():
        small, large = (steps(shape, number) for number in (LEAST, 2 * LEAST))
        told.append((name, small.total(), large.total(), large.total() / small.total()))
        broken[name] = list(too_steep(small, large))
    sheet.table(("shape", "steps at n", "steps at 2 n", "times"), told)
    for name, _, _, ratio in told:
        sheet.hold(name, ratio, MOST_RATIO)
        sheet.law("".join((f"{name}: no function of its own grows more", *broken[name])), len(broken[name]))
    return sheet.exit_code


def too_steep(small: Counter[str], large: Counter[str]) -> Iterator[str]:
    """Yield what is said of each function whose steps grew by more than they may."""
    for name, number in sorted(large.items()):
        if number > MATTERS * large.total() and number > MOST_OF_ONE * small[name]:
            yield f"; {name}: {small[name]:,} steps became {number:,}"


def steps(shape: Shape, number: int) -> Counter[str]:
    """Count the steps of comparing a world of a shape, by function.

    A step is a line of the job's code that is run (a turn of a comprehension is one), or a comparison or a
    hash of a name.
    """
    stores, rules = shape(number)
    snapshot = stores.snapshot()
    Tally.number = 0
    counted = count(lambda: look_at(snapshot, rules))
    counted[COMPARISONS] += Tally.number
    return counted


def look_at(snapshot: Snapshot, rules: Rules) -> None:
    """Do what a check does between its readings: choose events, compare, find causes."""
    wanted_events(replace(snapshot, events={}), rules)
    # So few are all judged; a large archive is narrowed first, and what that takes has to grow no faster.
    tables = tables_of(snapshot, rules)
    closure(snapshot, tables, narrow_down(snapshot, rules, tables, PANDAS))
    comparison = compare(snapshot, rules, PANDAS)
    findings = History().findings_of(comparison.findings, {}, rules.now)
    find_causes(findings, comparison)


def count(work: Callable[[], object], *beside: str) -> Counter[str]:
    """Run something; return how many lines of the job's code, and of other files, were run, by function."""
    lines: Counter[CodeType] = Counter()
    wanted: dict[CodeType, bool] = {}

    def line(frame: FrameType, event: str, _: Any) -> Any:
        if event == "line":
            lines[frame.f_code] += 1
        return line

    def call(frame: FrameType, _: str, __: Any) -> Any:
        code = frame.f_code
        if code not in wanted:
            wanted[code] = code.co_filename.startswith((PACKAGE, *beside))
        if not wanted[code]:
            return None
        lines[code] += 1
        return line

    before = sys.gettrace()
    sys.settrace(call)
    try:
        work()
    finally:
        sys.settrace(before)
    told: Counter[str] = Counter()
    for code, number in lines.items():
        told[f"{Path(code.co_filename).stem}.{code.co_qualname}"] += number
    return told


if __name__ == "__main__":
    sys.exit(main())
