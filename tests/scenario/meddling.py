"""Stores whose writes somebody gets in the way of, and the runs over them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from reconcile.stores.write_ports import Indexing
from tests.doubles.memory import MemoryIndex, MemoryTable
from tests.scenario.cycle import Cycle
from tests.scenario.small import Small


@dataclass
class Meddled:
    """Calls `meddle` before each write of a store, and counts the writes."""

    meddle: Callable[[int], None]
    writes: int = 0

    def __call__(self) -> None:
        self.writes += 1
        self.meddle(self.writes)


@dataclass
class MeddledIndex(MemoryIndex):
    """An index whose writes somebody gets in the way of."""

    before_write: Callable[[], None] = field(default=lambda: None)

    def write(self, records: Sequence[Mapping[str, Any]]) -> Indexing:
        """Write some records."""
        self.before_write()
        return super().write(records)


@dataclass
class MeddledTable(MemoryTable):
    """A table whose writes somebody gets in the way of."""

    before_write: Callable[[], None] = field(default=lambda: None)

    def create_program(self, *arguments: Any) -> Any:
        """Create a program."""
        self.before_write()
        return super().create_program(*arguments)

    def change_row(self, *arguments: Any) -> Any:
        """Change a row."""
        self.before_write()
        return super().change_row(*arguments)


def meddled(small: Small, meddle: Callable[["Cycle", int], None], *, approved: bool = False) -> Cycle:
    """Return a cycle over a small world in which every write is preceded by `meddle(cycle, number)`."""
    cycle = Cycle.of(small.world())
    if approved:
        cycle.repair()
    gate = Meddled(lambda number: meddle(cycle, number))
    cycle.index = MeddledIndex(cycle.index.name, cycle.index.hits, before_write=gate)
    cycle.table = MeddledTable(cycle.table.name, cycle.table.items, cycle.state, before_write=gate)
    return cycle


def approve(cycle: Cycle) -> Any:
    """Approve what the newest run withheld."""
    return cycle.repair(approve=cycle.reports.run_ids()[0])


def statuses(outcome: Any) -> dict[str, str]:
    """Return the status of each finding, by its kind."""
    return {finding.kind: finding.status for finding in outcome.report.findings}
