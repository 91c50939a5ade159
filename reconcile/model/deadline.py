"""How long a run may still last: when to stop reading, and when to stop beginning repairs."""

import math
from collections.abc import Callable
from dataclasses import dataclass

_LONGEST_RESERVE = 60.0
_SHORTEST_RESERVE = 10.0
_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Deadline:
    """The seconds that are left, and the seconds that there were in the beginning.

    Nothing left is nothing left: 0 never means that there is no limit, only infinity does.
    """

    left: Callable[[], float]
    total: float

    @classmethod
    def of(cls, left: Callable[[], float]) -> "Deadline":
        """Begin now."""
        return cls(left, left())

    @property
    def reserve(self) -> float:
        """The seconds that it takes to read back, report and deliver what was done."""
        return min(_LONGEST_RESERVE, max(_SHORTEST_RESERVE, _SHARE * self.total))

    @property
    def ends_writing(self) -> bool:
        """Whether no further repair may be begun."""
        return self.left() <= self.reserve

    @property
    def ends_reading(self) -> bool:
        """Whether the stores may not be read any further: repairs need time after it."""
        return self.left() <= 2 * self.reserve


ENDLESS = Deadline(lambda: math.inf, math.inf)
"""What a run has that nobody stops."""
