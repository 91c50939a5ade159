"""What is done at the same time comes out as if one thing had followed the other."""

import time
from collections.abc import Iterator
from threading import Barrier, Lock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile.confirm.batches import OUT_OF_TIME, each
from reconcile.model.errors import SourceError
from reconcile.model.parallel import at_once


class Gauge:
    """Counts how many are under way."""

    def __init__(self) -> None:
        self.now, self.most, self._lock = 0, 0, Lock()

    def __call__(self, item: int) -> int:
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(0.001)
        with self._lock:
            self.now -= 1
        return item


def test_results_come_in_the_order_of_the_items_whichever_is_ready_first() -> None:
    def slow_at_first(item: int) -> int:
        time.sleep(0.02 if item == 0 else 0)
        return item * 10

    assert list(at_once(slow_at_first, range(20), 4)) == [item * 10 for item in range(20)]


def test_so_many_are_under_way_and_no_more() -> None:
    gauge = Gauge()
    assert list(at_once(gauge, range(40), 5)) == list(range(40))
    assert 1 < gauge.most <= 5


def test_they_really_run_at_the_same_time() -> None:
    meeting = Barrier(4, timeout=10)
    assert sum(at_once(lambda _: meeting.wait() >= 0, range(8), 4)) == 8


def test_the_first_error_by_order_is_raised_whichever_happened_first() -> None:
    def fail(item: int) -> int:
        time.sleep(0.02 if item == 3 else 0)
        if item in (3, 5):
            raise ValueError(str(item))
        return item

    seen = list[int]()
    with pytest.raises(ValueError, match="3"):
        seen.extend(at_once(fail, range(10), 8))
    assert seen == [0, 1, 2]


def test_after_an_error_nothing_more_is_begun() -> None:
    begun = list[int]()

    def fail(item: int) -> None:
        begun.append(item)
        raise ValueError

    with pytest.raises(ValueError):
        list(at_once(fail, range(100), 4))
    assert len(begun) <= 4


def test_an_iterator_of_items_can_stop_by_what_came_of_earlier_ones() -> None:
    done = list[int]()

    def coming() -> Iterator[int]:
        for item in range(100):
            if done and done[-1] >= 10:
                return
            yield item

    for item in at_once(lambda item: item, coming(), 3):
        done.append(item)
    assert done == list(range(13))


def serial(keys: list[int], bad: set[int]) -> tuple[set[int], set[int]]:
    """Return what reading one by one answers and fails, where the store never fails 50 times in a row."""
    return set(keys) - bad, set(keys) & bad


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(0, 60), unique=True, max_size=40), st.sets(st.integers(0, 60)))
def test_each_key_is_read_by_itself_and_costs_nothing_but_itself(keys: list[int], bad: set[int]) -> None:
    def read(key: int) -> int:
        if key in bad:
            raise SourceError(f"no {key}")
        return -key

    answers, failed = each(keys, read, lambda: False)
    assert (set(answers), set(failed)) == serial(keys, bad)
    assert all(answers[key] == -key for key in answers)
    assert all(failed[key] == f"no {key}" for key in failed)


def test_a_store_that_is_down_is_soon_asked_no_more_and_the_same_is_said_each_time() -> None:
    asked = list[int]()

    def down(key: int) -> int:
        asked.append(key)
        raise SourceError(f"down at {key}")

    outcomes = [each(range(500), down, lambda: False) for _ in range(3)]
    assert outcomes[0] == outcomes[1] == outcomes[2]
    answers, failed = outcomes[0]
    assert not answers
    assert len(failed) == 500
    assert len(asked) / 3 < 50 + 16 + 1
    assert failed[0] == "down at 0"


def test_nothing_is_read_after_the_time_is_over() -> None:
    asked = list[int]()

    def read(key: int) -> None:
        asked.append(key)

    answers, failed = each(range(100), read, lambda: len(asked) >= 20)
    assert set(answers) == set(asked)
    assert len(asked) < 20 + 16 + 1
    assert set(failed.values()) == {OUT_OF_TIME}
