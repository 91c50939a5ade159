"""What a run works with."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from reconcile.collect.stores import Progress, Stores
from reconcile.compare.engine import Engine
from reconcile.deliver.dispatch import DeliverySettings
from reconcile.engines.pandas import PANDAS
from reconcile.model.deadline import ENDLESS, Budget
from reconcile.model.media import MediaMap
from reconcile.model.run import Order
from reconcile.model.usage import Billing, MonthCost, Usage
from reconcile.repair.writing import RepairPorts
from reconcile.report.links import Consoles
from reconcile.runs.finish import RunStart, track_run
from reconcile.runs.memory import Memory
from reconcile.stores.ports import RecordingsReader, ReportsStore, RowsReader, StateStore
from reconcile.stores.write_ports import Lease


def nobody() -> None:
    """Hear nothing."""


@dataclass(frozen=True, slots=True)
class Ports:
    """What a run works with; nothing in here can write to the application's stores.

    `budget` limits how long each step of the run may last, `delivery` how its report reaches people,
    `consoles` where what it names is seen, `engine` is what the set rules run on, `billing` what the run is
    charged by, and `began` hears when the work begins: never of a run that finds another one under way.
    """

    run: str
    memory: Memory
    stores: Stores
    media: MediaMap
    usage: Callable[[], Usage]
    progress: Progress
    budget: Budget = field(default_factory=lambda: Budget(ENDLESS))
    delivery: DeliverySettings = field(default_factory=DeliverySettings)
    consoles: Consoles = field(default_factory=Consoles)
    engine: Engine = PANDAS
    billing: Billing = field(default_factory=Billing)
    began: Callable[[], None] = nobody

    def charged(self, started: datetime, earlier: MonthCost | None) -> Usage:
        """Return what the run used until now, and what that costs beside the earlier runs of its month."""
        seconds = (self.memory.clock() - started).total_seconds()
        return self.billing.charged(self.usage(), seconds, earlier)

    @contextmanager
    def tracked(self, order: Order, started: datetime) -> Iterator[None]:
        """Say and save that a run began and, if it fails before its report, save how it ended."""
        self.began()
        lasts = self.budget.deadline.total
        with track_run(self.memory.state, RunStart(self.run, self.memory.stage, order, started, lasts)):
            try:
                yield
            finally:
                self.budget.next("ending")


@dataclass(frozen=True, slots=True)
class Tools:
    """What a repair has besides: the lease, and the ports that write while it is held."""

    state: StateStore
    reports: ReportsStore
    lease: Callable[[], AbstractContextManager[Lease]]
    ports: Callable[[Lease], RepairPorts]


@dataclass(frozen=True, slots=True)
class Lookup:
    """Where it is looked up what a person names: recordings in these buckets, rows, and the URLs of media."""

    recordings: RecordingsReader
    rows: RowsReader
    buckets: tuple[str, ...]
    media: MediaMap
