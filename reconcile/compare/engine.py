"""What the set rules run on: makes a frame of rows, and does not say which library holds it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar

from reconcile.compare.number_table import NumberTable

if TYPE_CHECKING:
    import narwhals as nw

    Frame: TypeAlias = "nw.LazyFrame[Any]"

Column: TypeAlias = type[str] | type[bool] | type[int] | type[float]
"""What a column holds. Texts and floats may be None, flags and whole numbers never are."""

Schema: TypeAlias = Mapping[str, Column]
"""The columns of a frame, in order."""

_PART = 10_000

Key = TypeVar("Key")


def columns_of(schema: Schema, rows: Iterable[Sequence[object]]) -> Sequence[Sequence[object]]:
    """Return the columns of rows, each of which has a value for every column of the schema."""
    if isinstance(rows, NumberTable):
        return rows.columns
    columns: list[list[object]] = [[] for _ in schema]
    remaining = iter(rows)
    # All rows at once would take more memory than what is made of them.
    while part := list(islice(remaining, _PART)):
        for column, values in zip(columns, zip(*part, strict=True), strict=True):
            column.extend(values)
    return columns


class Engine(Protocol):
    """A library that holds frames, and computes what is asked of them when it is asked.

    Each method raises EngineError where the library fails.
    """

    @property
    def name(self) -> str:
        """Return what a person calls it, as the option `--engine` does."""

    def frame(self, schema: Schema, rows: Iterable[Sequence[object]]) -> "Frame":
        """Return the rows as a frame; each has a value for every column, in the order of the schema."""

    def keep(self, frame: "Frame") -> "Frame":
        """Compute a frame that several others begin with, lest each of them computes it again."""

    def rows(self, frame: "Frame") -> Sequence[tuple[Any, ...]]:
        """Compute a frame, and return its rows in any order."""

    def numbers(self, frame: "Frame") -> NumberTable:
        """Compute a frame of whole numbers alone, and return its rows in any order: there may be many."""


def keys_of(engine: Engine, frame: "Frame", key: Callable[..., Key]) -> set[Key]:
    """Compute a frame, and return the keys that its rows are."""
    return {key(*row) for row in engine.rows(frame)}
