"""A table of whole numbers and flags, column by column: a row takes bytes, not objects."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reconcile.compare.engine import Schema


class NumberTable:
    """Rows of whole numbers (8 bytes each) and flags (one byte each, read as 0 or 1).

    `schema` says of its columns, in order, which are `int` and which `bool`.
    """

    __slots__ = ("_append", "columns", "schema")

    def __init__(self, schema: "Schema", rows: Iterable[Sequence[int]] = ()) -> None:
        self.schema = schema
        self.columns = tuple(array("B" if kind is bool else "q") for kind in schema.values())
        self._append = tuple(column.append for column in self.columns)
        for row in rows:
            self.add(*row)

    def add(self, *row: int) -> None:
        """Add a row, which has a value for every column."""
        for append, value in zip(self._append, row, strict=True):
            append(value)

    def __iter__(self) -> Iterator[tuple[int, ...]]:
        return zip(*self.columns, strict=True)

    def __len__(self) -> int:
        return len(self.columns[0])
