"""What undo works with: what it reads to show what it would do, and what it writes with, under a lease."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from reconcile.model.usage import Billing, Usage
from reconcile.runs.memory import Memory
from reconcile.stores.ports import RecordsReader, StateStore, WholeRowsReader
from reconcile.stores.write_ports import Journal, Lease, RecordsWriter, RowsUndoer


@dataclass(frozen=True, slots=True)
class UndoStores:
    """What undo reads: whole rows, search records, and the job's own memory."""

    rows: WholeRowsReader
    records: RecordsReader
    memory: Memory
    state: StateStore


@dataclass(frozen=True, slots=True)
class UndoWriters:
    """What undo writes with while its lease is held."""

    rows: RowsUndoer
    records: RecordsWriter
    journal: Journal
    check_lease: Callable[[], None]


@dataclass(frozen=True, slots=True)
class UndoTools:
    """The lease of an undo, and what writes while it is held; `run` is the undo's own id.

    `out_of_time` says that nothing more may begin, `progress` receives how much of how much is done, and
    `usage` and `billing` say what the undo costs.
    """

    run: str
    lease: Callable[[], AbstractContextManager[Lease]]
    writers: Callable[[Lease], UndoWriters]
    out_of_time: Callable[[], bool] = lambda: False
    progress: Callable[[str, int, int], None] = lambda step, done, total: None
    usage: Callable[[], Usage] = Usage
    billing: Billing = field(default_factory=Billing)

    def spent(self, seconds: float) -> dict[str, float | None]:
        """Return what the summary of an undo of so many seconds says of its length and its cost."""
        cost = self.billing.charged(self.usage(), seconds, None).cost
        return {"seconds": seconds, "cost_usd": cost.usd if cost else None}
