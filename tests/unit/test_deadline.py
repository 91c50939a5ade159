"""How much time a run keeps for its end, and that no time left is not the same as no limit."""

import math

import pytest

from reconcile.model.deadline import ENDLESS, Budget, Deadline, RunStep


def test_what_nobody_stops_never_ends() -> None:
    assert not ENDLESS.ends_reading
    assert not ENDLESS.ends_writing


def test_nothing_left_is_nothing_left() -> None:
    """A function that starts with 0 milliseconds may begin nothing at all."""
    gone = Deadline.of(lambda: 0.0)
    assert gone.ends_reading
    assert gone.ends_writing


@pytest.mark.parametrize(
    ("total", "reserve"), [(0.0, 10.0), (50.0, 10.0), (300.0, 30.0), (900.0, 60.0), (math.inf, 60.0)]
)
def test_a_tenth_is_kept_for_the_end_between_ten_seconds_and_a_minute(total: float, reserve: float) -> None:
    assert Deadline.of(lambda: total).reserve == reserve


def test_reading_ends_before_writing_does() -> None:
    """With 900 seconds in all, reading stops with 120 left, and repairs are begun until 90 are left."""
    for left, reading, writing in ((121.0, False, False), (120.0, True, False), (90.0, True, True)):
        deadline = Deadline(lambda left=left: left, 900.0)  # type: ignore[misc]
        assert (deadline.ends_reading, deadline.ends_writing) == (reading, writing)


STEPS: tuple[RunStep, ...] = ("reading", "repairing", "reading back", "reporting", "ending")


def test_each_step_leaves_time_to_those_after_it() -> None:
    """With 900 seconds in all, 60 are reserved: reading may last 780, repairs 840, and the end the rest."""
    budget = Budget(Deadline(lambda: 900.0, 900.0))
    left = []
    for step in STEPS:
        budget.next(step)
        left.append(budget.left())
    assert left == pytest.approx([780.0, 840.0, 858.0, 870.0, 882.0])
    assert budget.exhausted == set()


def test_a_step_that_used_up_its_time_is_remembered_and_the_next_one_has_its_own() -> None:
    now = [900.0]
    budget = Budget(Deadline(lambda: now[0], 900.0))
    now[0] = 110.0
    assert budget.left() < 0
    budget.next("repairing")
    assert (budget.exhausted, budget.left()) == ({"reading"}, 50.0)


def test_the_jobs_own_memory_is_asked_beyond_the_reading_and_gets_a_last_second() -> None:
    now = [110.0]
    budget = Budget(Deadline(lambda: now[0], 900.0))
    assert (budget.left(), budget.own()) == (-10.0, 50.0)
    now[0] = 0.0
    assert (budget.left() < 0, budget.own()) == (True, 1.0)


@pytest.mark.parametrize("step", STEPS)
def test_a_run_that_nobody_stops_has_time_for_everything(step: RunStep) -> None:
    budget = Budget(ENDLESS, step)
    assert (budget.left(), budget.own()) == (math.inf, math.inf)
