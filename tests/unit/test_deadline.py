"""How much time a run keeps for its end, and that no time left is not the same as no limit."""

import math

import pytest

from reconcile.model.deadline import ENDLESS, Deadline


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
    """With 900 seconds in all, reading stops with 120 left, and repairs are begun until 60 are left."""
    for left, reading, writing in ((121.0, False, False), (120.0, True, False), (60.0, True, True)):
        deadline = Deadline(lambda left=left: left, 900.0)  # type: ignore[misc]
        assert (deadline.ends_reading, deadline.ends_writing) == (reading, writing)
