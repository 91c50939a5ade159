"""Runs the set rules on DuckDB: in this process, on all of its cores, and on disk where memory runs short."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from reconcile.compare.engine import Schema
from reconcile.compare.number_table import NumberTable
from reconcile.engines.arrow import arrow_table, number_table
from reconcile.model.errors import EngineError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from reconcile.compare.engine import Frame

MEMORY = "50%"
"""How much of the memory DuckDB may take before it writes to disk: the rest is for the rows in Python."""


class DuckDb:
    """DuckDB by a connection of its own, whose database is in memory."""

    name = "duckdb"

    def __init__(self, connection: "DuckDBPyConnection") -> None:
        self._connection = connection

    def frame(self, schema: Schema, rows: Iterable[Sequence[object]]) -> "Frame":
        """Return the rows as a relation of DuckDB, which reads an Arrow table where it lies."""
        import narwhals as nw

        return nw.from_native(self._connection.from_arrow(arrow_table(schema, rows)))

    def keep(self, frame: "Frame") -> "Frame":
        """Compute a relation into an Arrow table, which goes when nothing begins with it any more."""
        import narwhals as nw

        with _typed():
            return nw.from_native(self._connection.from_arrow(frame.to_native().to_arrow_table()))

    def rows(self, frame: "Frame") -> Sequence[tuple[Any, ...]]:
        """Compute a relation, and return its rows; raises EngineError where DuckDB fails."""
        with _typed():
            rows: Sequence[tuple[Any, ...]] = frame.to_native().fetchall()
            return rows

    def numbers(self, frame: "Frame") -> NumberTable:
        """Compute a relation of whole numbers; raises EngineError where DuckDB fails."""
        with _typed():
            return number_table(frame.to_native().to_arrow_table())


@contextmanager
def _typed() -> Iterator[None]:
    """Raise what DuckDB raises as an EngineError."""
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        raise EngineError(
            f"DuckDB could not compare the stores: {error}. Give the process more memory or free space on "
            "disk, or try --engine pandas"
        ) from error


@contextmanager
def opened() -> Iterator[DuckDb]:
    """Yield DuckDB, whose database and files are gone afterwards."""
    import duckdb

    with TemporaryDirectory(prefix="reconcile-duckdb-") as folder:
        # The order of rows means nothing to the set rules, and keeping it takes memory.
        settings: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": MEMORY,
            "temp_directory": folder,
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
        }
        with duckdb.connect(":memory:", config=settings) as connection:
            yield DuckDb(connection)
