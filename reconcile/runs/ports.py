"""What a run works with."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from reconcile.collect.stores import Progress, Stores
from reconcile.deliver.dispatch import Mailroom
from reconcile.model.deadline import ENDLESS, Budget
from reconcile.model.media import MediaMap
from reconcile.model.run import Order
from reconcile.repair.writing import Hands
from reconcile.runs.finish import Beginning, begun
from reconcile.stores.ports import Environment, ReportsStore, State
from reconcile.stores.write_ports import Lease


@dataclass(frozen=True, slots=True)
class Ports:
    """What a run works with; nothing in here can write to the application's stores.

    `budget` tells how long each step of the run may last, and `mailroom` how its report reaches people.
    """

    run: str
    environment: Environment
    stores: Stores
    state: State | None
    reports: ReportsStore | None
    media: MediaMap
    clock: Callable[[], datetime]
    usage: Callable[[], Mapping[str, Any]]
    progress: Progress
    budget: Budget = field(default_factory=lambda: Budget(ENDLESS))
    mailroom: Mailroom = field(default_factory=Mailroom)

    @contextmanager
    def began(self, order: Order, started: datetime) -> Iterator[None]:
        """Remember that a run began and, if it does not come to its report, how it ended."""
        lasts = self.budget.deadline.total
        with begun(self.state, Beginning(self.run, self.environment.stage, order, started, lasts)):
            try:
                yield
            finally:
                self.budget.next("ending")


@dataclass(frozen=True, slots=True)
class Tools:
    """What a repair has besides: the lease, and the hands that write while it is held."""

    state: State
    reports: ReportsStore
    lease: Callable[[], AbstractContextManager[Lease]]
    hands: Callable[[Lease], Hands]
