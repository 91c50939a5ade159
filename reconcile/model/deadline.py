"""How long a run may still last: when to stop reading, and when to stop beginning repairs."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

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
        """Whether no further repair may be begun: what was begun has half a reserve to be finished in."""
        return self.left() <= 1.5 * self.reserve

    @property
    def ends_reading(self) -> bool:
        """Whether the stores may not be read any further: repairs need time after it."""
        return self.left() <= 2 * self.reserve

    def part(self, share: float) -> "Deadline":
        """Return the deadline of a step that may take this share (0 to 1) of the time left for reading."""
        reserved = (1 - share) * max(0.0, self.left() - 2 * self.reserve)
        return self if math.isinf(reserved) else Deadline(lambda: self.left() - reserved, self.total)


ENDLESS = Deadline(lambda: math.inf, math.inf)
"""What a run has that nobody stops."""

RunStep = Literal["reading", "repairing", "reading back", "reporting", "ending"]

_KEPT: Mapping[RunStep, float] = {
    "reading": 2.0,
    "repairing": 1.0,
    "reading back": 0.7,
    "reporting": 0.5,
    "ending": 0.3,
}
"""How many reserves each step of a run leaves to those after it."""

_LAST_TRY = 1.0


@dataclass(slots=True)
class Budget:
    """The seconds that calls, their repetitions and the waiting between them may still take, by step."""

    deadline: Deadline
    step: RunStep = "reading"
    exhausted: set[RunStep] = field(default_factory=set)

    def left(self) -> float:
        """Return the seconds that the step has left; 0 or less is nothing."""
        if self.deadline.total == math.inf:
            return math.inf
        return self.deadline.left() - _KEPT[self.step] * self.deadline.reserve

    def own(self) -> float:
        """Return the seconds that calls of the job's own memory and reports have left: one at the very least.

        They are read and written while nothing more may be read of the stores; and what a run remembers, and
        the lease that it gives back, is worth a try where nothing is left at all.
        """
        if self.deadline.total == math.inf:
            return math.inf
        share_kept = min(_KEPT[self.step], 1.0)
        return max(_LAST_TRY, self.deadline.left() - share_kept * self.deadline.reserve)

    def next(self, step: RunStep) -> None:
        """Go on to another step; one that had nothing left is remembered in `exhausted`."""
        if self.left() <= 0:
            self.exhausted.add(self.step)
        self.step = step
