"""The time that a run has: it goes on by itself, and by what the run would have waited."""

import time
from threading import Lock

from reconcile.model.deadline import Deadline

TOTAL = 900.0
"""Seconds, as a function has at most."""


class Clock:
    """Counts real seconds, and those that are skipped."""

    def __init__(self) -> None:
        self._began, self._skipped, self._lock = time.monotonic(), 0.0, Lock()

    @property
    def spent(self) -> float:
        """Return the seconds since the beginning."""
        return time.monotonic() - self._began + self._skipped

    def sleep(self, seconds: float) -> None:
        """Skip what somebody would sleep."""
        with self._lock:
            self._skipped += seconds

    def reach(self, moment: float) -> None:
        """Skip to a moment, unless it is over: those who wait at the same time wait once."""
        with self._lock:
            self._skipped += max(0.0, moment - self.spent)

    @property
    def deadline(self) -> Deadline:
        """Return the deadline of a run that began with the clock."""
        return Deadline(lambda: TOTAL - self.spent, TOTAL)
