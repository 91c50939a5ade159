"""Does several things at the same time, and returns what came of them as if one had followed the other."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def at_once(do: Callable[[T], R], items: Iterable[T], width: int) -> Iterator[R]:
    """Yield what `do` returns for each item, in the order of the items; at most `width` are under way.

    An item is only taken when the one `width` places before it has been yielded: an iterator of items can
    stop by what came of those. What `do` raises is raised in its item's place; whatever is under way then is
    waited for, and nothing more is begun.
    """
    coming = iter(items)
    with ThreadPoolExecutor(width) as pool:
        under_way = deque(pool.submit(do, item) for item in islice(coming, width))
        try:
            while under_way:
                yield under_way.popleft().result()
                under_way.extend(pool.submit(do, item) for item in islice(coming, 1))
        finally:
            for future in under_way:
                future.cancel()
