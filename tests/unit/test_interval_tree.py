"""Spans of time: what overlaps one is found, in order, and nothing else is tried."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from reconcile.compare.interval_tree import IntervalTree
from reconcile.model.clock import Interval
from tests.unit.builders import BEFORE, MINUTE

moments = st.integers(0, 30).map(lambda minutes: BEFORE + minutes * MINUTE)
intervals = st.tuples(moments, st.integers(0, 40)).map(lambda one: Interval(one[0], one[0] + one[1] * MINUTE))


@given(st.lists(intervals, max_size=40), intervals)
def test_what_overlaps_is_found_in_the_order_of_its_start(spans: list[Interval], time: Interval) -> None:
    by_start = sorted(enumerate(spans), key=lambda one: one[1][0])
    wanted = [number for number, (start, end) in by_start if start < time[1] and end > time[0]]
    found = IntervalTree((span, number) for number, span in enumerate(spans))
    assert list(found.overlapping(time)) == wanted
    assert found.meet(time) == bool(wanted)


def test_spans_that_touch_do_not_overlap() -> None:
    found = IntervalTree([(Interval(BEFORE, BEFORE + MINUTE), "first")])
    assert not found.meet(Interval(BEFORE + MINUTE, BEFORE + 2 * MINUTE))
    assert not found.meet(Interval(BEFORE - MINUTE, BEFORE))


def test_nothing_overlaps_nothing() -> None:
    assert list(IntervalTree[str]().overlapping(Interval(BEFORE, BEFORE + timedelta(days=1)))) == []
