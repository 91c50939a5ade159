"""Makes an Arrow table of rows: what engines other than pandas take in and give back."""

from array import array
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from reconcile.compare.engine import Column, Schema, columns_of
from reconcile.compare.number_table import NumberTable

if TYPE_CHECKING:
    import pyarrow as pa


def arrow_table(schema: Schema, rows: Iterable[Sequence[object]]) -> "pa.Table":
    """Return rows, each with a value for every column of the schema, as a table."""
    import pyarrow as pa

    kinds = {str: pa.string(), bool: pa.bool_(), int: pa.int64(), float: pa.float64()}
    fields = pa.schema([pa.field(name, kinds[kind]) for name, kind in schema.items()])
    columns = zip(columns_of(schema, rows), schema.values(), fields, strict=True)
    arrays = [pa.array(_values(values, kind), field.type) for values, kind, field in columns]
    return pa.Table.from_arrays(arrays, schema=fields)


def _values(values: Sequence[object], kind: Column) -> Any:
    """Return a column as Arrow takes it soonest: an array of numbers where it lies."""
    import numpy as np

    return np.asarray(values, kind) if isinstance(values, array) else values


def number_table(table: "pa.Table") -> NumberTable:
    """Return the rows of a table that holds whole numbers alone."""
    numbers = NumberTable(dict.fromkeys(table.column_names, int))
    for column, values in zip(numbers.columns, table.columns, strict=True):
        for chunk in values.chunks:
            column.frombytes(chunk.cast("int64").to_numpy().tobytes())
    return numbers
