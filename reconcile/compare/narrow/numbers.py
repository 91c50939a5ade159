"""TextNumbers for texts and times, so that flat tables stay small: equal texts have one number."""

from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime, timedelta

from reconcile.compare.number_table import NumberTable

NOBODY = -1
"""Stands for a text that is not there."""

UNNAMED = -2
"""Stands for the programs that no recording row names: most need no number of their own."""

NEVER = 2**60
"""Milliseconds that no time has: later than all."""

_FLAGS = ("sound", "plain", "tells")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def number_table(*columns: str) -> NumberTable:
    """Return an empty table of columns: flags by their names, whole numbers else."""
    return NumberTable({name: bool if name in _FLAGS else int for name in columns})


class TextNumbers:
    """Texts by the order in which they were first seen."""

    __slots__ = ("_numbers",)

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def of(self, text: str | None) -> int:
        """Return the number of a text, which it gets now if it has none; NOBODY for None."""
        return NOBODY if text is None else self._numbers.setdefault(text, len(self._numbers))

    def known(self, text: str | None, otherwise: int = NOBODY) -> int:
        """Return the number of a text that was seen before; of any other what is given, NOBODY for None."""
        return NOBODY if text is None else self._numbers.get(text, otherwise)

    def texts(self, numbers: Collection[int]) -> Iterator[str]:
        """Yield the texts that have these numbers."""
        return (text for text, number in self._numbers.items() if number in numbers)

    def by_number(self) -> list[str]:
        """Return the texts in the order of their numbers."""
        return list(self._numbers)

    def all_known(self, texts: Iterable[str]) -> list[int]:
        """Return the numbers of those texts that were seen before."""
        numbers = map(self._numbers.get, texts)
        return [number for number in numbers if number is not None]


def floor_ms(moment: datetime) -> int:
    """Return the whole milliseconds since 1970 before a moment."""
    return (moment - _EPOCH) // _MILLISECOND


def ceil_ms(moment: datetime) -> int:
    """Return the whole milliseconds since 1970 after a moment."""
    return -((_EPOCH - moment) // _MILLISECOND)
