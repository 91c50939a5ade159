"""Stops asking a store that fails again and again: each try costs minutes, and the others still answer."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from reconcile.model.errors import Denied, OutOfTime, Refused, SourceError

T = TypeVar("T")

IN_A_ROW = 3


class NotTried(SourceError):
    """Raised instead of asking a store that failed too often in a row."""


class NotAllowed(NotTried, Denied):
    """Raised instead of asking a store that denied permission too often in a row."""


@dataclass(slots=True)
class Faults:
    """Counts, for each store and what is asked of it, how often that failed in a row."""

    _in_a_row: Counter[str] = field(default_factory=Counter)
    _last: dict[str, SourceError] = field(default_factory=dict)

    def ask(self, what: str, request: Callable[[], T]) -> T:
        """Return what a request returns; `what` names store and work, such as "writing to the table".

        Raises what the request raises, and NotTried once three in a row failed by the store's fault.
        """
        self.demand(what)
        try:
            answer = request()
        except (OutOfTime, Refused):
            # The one says nothing of the store, the other that it answers.
            raise
        except SourceError as error:
            self._in_a_row[what] += 1
            self._last[what] = error
            raise
        self._in_a_row[what] = 0
        return answer

    def demand(self, what: str) -> None:
        """Return if it may still be asked; raises NotTried."""
        if self._in_a_row[what] >= IN_A_ROW:
            kind = NotAllowed if isinstance(self._last[what], Denied) else NotTried
            raise kind(
                f"not tried: {what} failed {IN_A_ROW} times in a row, the last time with: {self._last[what]}"
            )
