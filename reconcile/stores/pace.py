"""Paces the scan of a table that others live on: a limit of read units, halved by each throttle."""

import math
import time
from collections.abc import Callable
from threading import Lock

from reconcile.model.errors import OutOfTime
from reconcile.stores.timeouts import endless


class Pace:
    """Limits reads to a number of read units per second over all threads.

    A throttle halves it, and throttles within one second count once: they strike all threads together. A
    second without one, and the rate grows again, by a sixtieth of the limit each second.
    """

    _QUIET = 1.0
    _WHOLE_AFTER = 60.0

    def __init__(
        self,
        units: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        left: Callable[[], float] = endless,
    ) -> None:
        self._limit = max(units, 1.0)
        self._clock, self._sleep, self._left = clock, sleep, left
        self._free_at = clock()
        self._low, self._halved_at = self._limit, -math.inf
        self._lock = Lock()

    @property
    def rate(self) -> float:
        """The current limit in read units per second."""
        return self._rate_at(self._clock())

    def _rate_at(self, moment: float) -> float:
        quiet = max(0.0, moment - self._halved_at - self._QUIET)
        return min(self._limit, self._low + self._limit * quiet / self._WHOLE_AFTER)

    def _paid_at(self, units: float, start: float) -> float:
        """Return when units are paid for that are paid from some moment on, at a rate that may be growing."""
        quiet_from = self._halved_at + self._QUIET
        if start < quiet_from:
            flat = min(units, self._low * (quiet_from - start))
            units, start = units - flat, start + flat / self._low
        rate, growth = self._rate_at(start), self._limit / self._WHOLE_AFTER
        climb = (self._limit - rate) / growth
        climbed = (rate + self._limit) / 2 * climb
        if units >= climbed:
            return start + climb + (units - climbed) / self._limit
        return start + (math.sqrt(rate * rate + 2 * growth * units) - rate) / growth

    def spend(self, units: float, *, last: bool = False) -> None:
        """Account for what a page cost and, unless it was the last, wait until the next one is due.

        Raises OutOfTime where that is later than there is time.
        """
        with self._lock:
            self._free_at = self._paid_at(units, max(self._free_at, self._clock()))
            wait = self._free_at - self._clock()
        if wait > 0 and not last:
            if wait > self._left():
                raise OutOfTime(f"at {self.rate:,.0f} units a second there was no time for more: OUT OF TIME")
            self._sleep(wait)

    def halve(self) -> None:
        """Halve the rate after the table throttled a read."""
        with self._lock:
            now = self._clock()
            if now - self._halved_at >= self._QUIET:
                self._low, self._halved_at = max(self._rate_at(now) / 2, 1.0), now
