"""Numbers a run's journal entries, and chains those that were written: a journal that is cut shows it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from reconcile.model.journal import JournalEntry, RecordWritten, RowWritten

T = TypeVar("T")


@dataclass(slots=True)
class Numbering:
    """The numbers of a run's journal entries.

    A number is never given twice, for a write whose answer was lost may have been made. So numbers have gaps,
    and each entry names the one before it that was written.
    """

    run: str
    clock: Callable[[], datetime]
    _number: int = 0
    _written: int = 0

    def entry(
        self, what: str, findings: tuple[str, ...], written: RowWritten | RecordWritten, *, done: bool = True
    ) -> JournalEntry:
        """Return the next entry; `done`: it is entered together with its write."""
        self._number += 1
        entry = JournalEntry(
            self.run, self._number, what, findings, written, self.clock(), done, self._written
        )
        self._written = self._number
        return entry

    def entering(
        self,
        entries: Sequence[JournalEntry],
        request: Callable[[], T],
        wrote: Callable[[T], bool] = lambda answer: True,
    ) -> T:
        """Return what the request that writes the newest entries returns, and raise what it raises.

        Unless it certainly `wrote` them, the next entry follows the one before them.
        """
        certain = False
        try:
            answer = request()
            certain = wrote(answer)
            return answer
        finally:
            if entries and not certain:
                self._written = entries[0].previous
