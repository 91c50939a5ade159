"""Makes an Arrow table of rows: what engines other than pandas take in and give back."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from reconcile.compare.engine import Schema

if TYPE_CHECKING:
    import pyarrow as pa


def arrow_table(schema: Schema, rows: Iterable[Sequence[object]]) -> "pa.Table":
    """Return rows, each with a value for every column of the schema, as a table."""
    import pyarrow as pa

    kinds = {str: pa.string(), bool: pa.bool_(), int: pa.int64(), float: pa.float64()}
    fields = pa.schema([pa.field(name, kinds[kind]) for name, kind in schema.items()])
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    arrays = [pa.array(values, field.type) for values, field in zip(columns, fields, strict=True)]
    return pa.Table.from_arrays(arrays, schema=fields)
