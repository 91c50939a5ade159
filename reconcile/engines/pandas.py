"""Runs the set rules on pandas: in this process, and on one core; needs nothing besides."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from reconcile.compare.engine import Schema

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
        columns = list(zip(*rows, strict=True)) or [()] * len(schema)
        arrays = {
            name: np.array(values, dtype=_DTYPES[kind])
            for (name, kind), values in zip(schema.items(), columns, strict=True)
        }
        # pandas would copy the arrays, which nobody else holds.
        return nw.from_native(pd.DataFrame(arrays, copy=False)).lazy()

    def keep(self, frame: "Frame") -> "Frame":
        """Return the frame, which pandas has computed already."""
        return frame

    def rows(self, frame: "Frame") -> Sequence[tuple[Any, ...]]:
        """Return the rows of a frame, which pandas has computed already."""
        return frame.collect().rows()


PANDAS = Pandas()
"""It holds nothing, so that one is enough."""
