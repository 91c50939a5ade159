"""The lease as a test sees it: taken, renewed and looked into from outside, in memory and for real."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from reconcile.model.errors import LeaseLost
from reconcile.stores.lease import SECONDS, DynamoLease
from reconcile.stores.ports import StateStore
from reconcile.stores.state import DynamoState
from reconcile.stores.transactions import LEASE_KEY
from reconcile.stores.write_ports import Lease
from reconcile.wiring import Wiring
from tests.doubles.memory_state import LeaseItem, MemoryLease, MemoryState


class ManualClock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


class Leases(ABC):
    """The lease of one memory and who takes it, by a clock that the test turns."""

    def __init__(self) -> None:
        self.clock = ManualClock()

    @property
    @abstractmethod
    def memory(self) -> StateStore:
        """The memory whose lease it is."""

    @abstractmethod
    def lease(self, run: str, *, renewing: bool = False) -> AbstractContextManager[Lease]:
        """Return the lease of a run, to be entered; it is renewed only where it is `renewing`."""

    @abstractmethod
    def renewed(self, lease: Lease) -> None:
        """Return once a lease that is renewing was renewed, or it was tried."""

    @abstractmethod
    def item(self) -> LeaseItem | None:
        """Return what the memory says of the lease."""

    @abstractmethod
    def put(self, item: LeaseItem) -> None:
        """Let the memory say so of the lease, as another run does."""


class MemoryLeases(Leases):
    """A lease in memory; its renewing waits to be told."""

    def __init__(self) -> None:
        super().__init__()
        self._state = MemoryState()

    @property
    def memory(self) -> StateStore:
        return self._state

    def lease(self, run: str, *, renewing: bool = False) -> MemoryLease:
        return MemoryLease(self._state, run, self.clock)

    def renewed(self, lease: Lease) -> None:
        assert isinstance(lease, MemoryLease)
        lease.renew()

    def item(self) -> LeaseItem | None:
        return self._state.lease

    def put(self, item: LeaseItem) -> None:
        self._state.lease = item


class RealLeases(Leases):
    """The lease of a table of the embedded DynamoDB; a thread renews it."""

    def __init__(self, wiring: Wiring, table: str) -> None:
        super().__init__()
        self._client: Any = wiring.dynamodb
        self._table = table
        self._state = DynamoState(wiring.dynamodb, table)

    @property
    def memory(self) -> StateStore:
        return self._state

    def lease(self, run: str, *, renewing: bool = False) -> DynamoLease:
        return DynamoLease(self._client, self._table, run, self.clock, 0.01 if renewing else 3600.0)

    def renewed(self, lease: Lease) -> None:
        def told() -> bool:
            item = self.item()
            return item is None or item.token != lease.token or item.until == self.clock.now + SECONDS

        assert eventually(told)
        # Who lost it finds out at the next renewal.
        item = self.item()
        if item is None or item.token != lease.token:
            assert eventually(lambda: lost(lease))

    def item(self) -> LeaseItem | None:
        kept = self._client.get_item(TableName=self._table, Key=LEASE_KEY).get("Item")
        return LeaseItem(kept["run"]["S"], kept["token"]["S"], float(kept["until"]["N"])) if kept else None

    def put(self, item: LeaseItem) -> None:
        texts = {"run": {"S": item.run}, "token": {"S": item.token}, "until": {"N": str(item.until)}}
        self._client.put_item(TableName=self._table, Item={**LEASE_KEY, **texts})


def lost(lease: Lease) -> bool:
    """Whether a lease is not surely held."""
    try:
        lease.check()
    except LeaseLost:
        return True
    return False


def eventually(holds: Callable[[], bool]) -> bool:
    """Wait until something holds, five seconds at most."""
    end = time.monotonic() + 5
    while not holds() and time.monotonic() < end:
        time.sleep(0.005)
    return holds()
