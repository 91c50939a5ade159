"""Comparing takes steps in proportion to what there is, whatever its shape; a loop within a loop is seen."""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from reconcile.compare.interval_tree import IntervalTree
from reconcile.compare.recording import attribution, broadcasts, unread
from reconcile.compare.recording.claims import ClaimIndex
from reconcile.model.clock import Interval
from tests.bench.growth import COMPARISONS, MOST_RATIO, count, look_at, steps, too_steep
from tests.bench.shapes import SHAPES, Name, Shape, Tally

FEW = 40
ENOUGH = 160
"""Where the loop that is put in is a small part of all."""


def grown(shape: Shape, few: int = FEW) -> tuple[float, list[str]]:
    """Return how much the steps grow when there is twice as much, and which functions grow by more."""
    small, large = counted(shape, few), counted(shape, 2 * few)
    return large.total() / small.total(), list(too_steep(small, large))


def counted(shape: Shape, number: int) -> Any:
    stores, rules = shape(number)
    snapshot = stores.snapshot()
    Tally.number = 0
    found = count(lambda: look_at(snapshot, rules), __file__)
    found[COMPARISONS] += Tally.number
    return found


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_twice_as_much_takes_twice_the_steps(shape: Shape) -> None:
    ratio, steep = grown(shape)
    assert (ratio <= MOST_RATIO, steep) == (True, [])


class Tried(IntervalTree[Any]):
    """Spans that are all tried, one after the other."""

    def __init__(self, timed: Iterable[tuple[Interval, Any]] = ()) -> None:
        self.timed = sorted(timed, key=lambda one: one[0][0])

    def overlapping(self, time: Interval) -> Iterator[Any]:
        return (thing for (start, end), thing in self.timed if start < time[1] and end > time[0])

    def meet(self, time: Interval) -> bool:
        return any(True for _ in self.overlapping(time))


@pytest.mark.parametrize("module", [broadcasts, unread])
def test_a_loop_that_tries_all_times_is_seen(module: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "IntervalTree", Tried)
    name = "one show, one channel and one stage for everything, each broadcast recorded twice"
    if module is unread:
        name = "half of the recordings are nobody's and never ended"
        monkeypatch.setattr("reconcile.compare.events_needed.IntervalTree", Tried)
    assert grown(SHAPES[name], ENOUGH)[1]


class Listed(ClaimIndex):
    """A shelf that is searched by comparing every name, as `in` does in a list."""

    def find(self, ids: Iterable[str]) -> list[Any]:
        names = list(self._entries)
        return [self._entries[Name(one)] for one in ids if Name(one) in names]


def test_a_search_in_a_list_that_shows_no_lines_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attribution, "ClaimIndex", Listed)
    assert COMPARISONS in "".join(grown(SHAPES["every show its own, as it should be"], ENOUGH)[1])


def test_the_bench_counts_what_the_test_counts() -> None:
    shape = SHAPES["one show, one channel and one stage for everything, each broadcast recorded twice"]
    assert steps(shape, 10).keys() < counted(shape, 10).keys()
