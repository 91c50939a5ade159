"""What undo writes to the application's table: rows as they stood before a run that left them so."""

from collections.abc import Mapping
from dataclasses import dataclass

from reconcile.model.attributes import Value
from reconcile.model.catalog import RowKey


@dataclass(frozen=True, slots=True)
class RowEdit:
    """What a row gets back, and what must still stand there (of both, None: the attribute is absent).

    `deletes`: the row goes, and gets nothing back.
    """

    key: RowKey
    expected: Mapping[str, Value | None]
    set_to: Mapping[str, Value | None]
    deletes: bool = False
