"""Reads many items so that a failure affects only itself: one by one, or in halves of a batch."""

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from reconcile.model.errors import SourceError
from reconcile.model.parallel import at_once

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

OUT_OF_TIME = "time ran out before it was read again"
AT_ONCE = 16
_MOST_ALONE = 50
_MOST_PARTS = 16
"""After so many failures in a row the store is down: requests stop, and its last error is the reason."""


def each(
    keys: Iterable[K], read: Callable[[K], V], is_over: Callable[[], bool]
) -> tuple[dict[K, V], dict[K, str]]:
    """Read each key by itself, many at once; return what was read, and why the rest was not.

    What comes of it is the same each time: the answers are counted in the order of the keys.
    """
    answers: dict[K, V] = {}
    failed: dict[K, str] = {}
    in_a_row, last_failure = 0, ""

    def to_read() -> Iterator[K]:
        """Yield the keys to request, until time is up or the store counts as down."""
        for key in keys:
            if is_over():
                failed[key] = OUT_OF_TIME
            elif in_a_row >= _MOST_ALONE:
                failed[key] = last_failure
            else:
                yield key

    def attempt(key: K) -> tuple[K, V] | tuple[K, None, str]:
        try:
            return key, read(key)
        except SourceError as error:
            return key, None, str(error)

    for outcome in at_once(attempt, to_read(), AT_ONCE):
        if len(outcome) == 2:
            answers[outcome[0]], in_a_row = outcome[1], 0
        else:
            in_a_row, last_failure = in_a_row + 1, outcome[2]
            failed[outcome[0]] = last_failure
    return answers, failed


def in_parts(
    keys: Sequence[K], read: Callable[[Sequence[K]], Mapping[K, V]], is_over: Callable[[], bool]
) -> tuple[dict[K, V], dict[K, str]]:
    """Read keys in a batch, and what failed in halves; return what was found, and why the rest was not read.

    What was read and is in neither does not exist.
    """
    answers: dict[K, V] = {}
    failed: dict[K, str] = {}
    parts, in_a_row, why = deque[Sequence[K]]([keys] if keys else []), 0, ""
    while parts:
        part = parts.popleft()
        if is_over() or in_a_row >= _MOST_PARTS:
            failed |= dict.fromkeys(part, OUT_OF_TIME if is_over() else why)
            continue
        try:
            answers |= read(part)
            in_a_row = 0
        except SourceError as error:
            in_a_row, why = in_a_row + 1, str(error)
            if len(part) == 1:
                failed[part[0]] = why
            else:
                middle = len(part) // 2
                parts.extend((part[:middle], part[middle:]))
    return answers, failed
