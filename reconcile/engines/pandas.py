"""Runs the set rules on pandas: in this process, and on one core; needs nothing besides."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from reconcile.compare.engine import Schema, columns_of
from reconcile.compare.number_table import NumberTable

if TYPE_CHECKING:
    from reconcile.compare.engine import Frame

_DTYPES = {str: "object", bool: "bool", int: "int64", float: "float64"}
"""Texts stay Python's own: pandas' texts are other ones where pyarrow is installed, and cost a copy each."""


class Pandas:
    """The engine that is always there."""

    name = "pandas"

    def frame(self, schema: Schema, rows: Iterable[Sequence[object]]) -> "Frame":
        """Return the rows as a frame of pandas."""
        import narwhals as nw
        import numpy as np
        import pandas as pd

        # The names of columns too would be pyarrow's where that is installed: that takes a third longer.
        pd.options.mode.string_storage = "python"
        arrays = {
            name: np.asarray(values, dtype=_DTYPES[kind])
            for (name, kind), values in zip(schema.items(), columns_of(schema, rows), strict=True)
        }
        # pandas would copy the arrays, which nobody else holds.
        return nw.from_native(pd.DataFrame(arrays, copy=False)).lazy()

    def keep(self, frame: "Frame") -> "Frame":
        """Return the frame, which pandas has computed already."""
        return frame

    def rows(self, frame: "Frame") -> Sequence[tuple[Any, ...]]:
        """Return the rows of a frame, which pandas has computed already."""
        return frame.collect().rows()

    def numbers(self, frame: "Frame") -> NumberTable:
        """Return the rows of a frame of whole numbers."""
        found = frame.collect()
        table = NumberTable(dict.fromkeys(found.columns, int))
        for column, name in zip(table.columns, found.columns, strict=True):
            column.frombytes(found[name].to_numpy().astype("int64").tobytes())
        return table


PANDAS = Pandas()
"""It holds nothing, so that one is enough."""
