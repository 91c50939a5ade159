"""An interval tree: finds the time spans that overlap a given one without trying the others.

Many spans may be open-ended, nest or start at the same moment: a search costs its answers, each times the
logarithm of the number of spans, whatever their shape.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Generic, TypeVar

from reconcile.model.clock import Interval

T = TypeVar("T")

_NEVER = datetime.min.replace(tzinfo=UTC)


class IntervalTree(Generic[T]):
    """Things with their times, in the order of their starts; those that start together stay as given."""

    __slots__ = ("_latest", "_starts", "_things", "_width")

    def __init__(self, timed: Iterable[tuple[Interval, T]] = ()) -> None:
        ordered = sorted(timed, key=lambda pair: pair[0].start)
        self._starts = [time.start for time, _ in ordered]
        self._things = [value for _, value in ordered]
        # A binary tree in one list: a node's children stand at twice its place; it holds their latest end.
        self._width = 1 << (len(ordered) - 1).bit_length() if ordered else 1
        ends = [time.end for time, _ in ordered]
        self._latest = [_NEVER] * self._width + ends + [_NEVER] * (self._width - len(ends))
        for node in range(self._width - 1, 0, -1):
            self._latest[node] = max(self._latest[2 * node], self._latest[2 * node + 1])

    def overlapping(self, time: Interval) -> Iterator[T]:
        """Yield what overlaps a span of time, in order."""
        begun = bisect_left(self._starts, time.end)
        nodes = [(1, 0, self._width)]
        while nodes:
            node, first, width = nodes.pop()
            if first >= begun or self._latest[node] <= time.start:
                continue
            if width == 1:
                yield self._things[first]
                continue
            half = width // 2
            nodes += ((2 * node + 1, first + half, half), (2 * node, first, half))

    def meet(self, time: Interval) -> bool:
        """Whether anything overlaps a span of time."""
        return any(True for _ in self.overlapping(time))
