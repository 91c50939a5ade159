"""Repairs at once while everybody else goes on writing: no order of their calls breaks a law."""

from collections import Counter

import pytest

from reconcile.stores.lease import AlreadyRunning
from tests.doubles.memory import MemoryTable
from tests.doubles.memory_state import MemoryLease, MemoryState
from tests.scenario.interleaving import LAWS, race

SEEDS = range(32)


def test_no_interleaving_breaks_a_law() -> None:
    some = [race(seed, 1 + seed % 8) for seed in SEEDS]
    assert [fault for one in some for fault in one.broken] == []
    steps = sum((one.steps for one in some), Counter[str]())
    assert min(steps[name] for name in ("process", "edit", "delete", "take_out", "put_back", "sync")) >= 2
    assert sum(one.refused[AlreadyRunning.__name__] for one in some) >= len(some)
    assert sum(len(one.outcomes) for one in some) >= len(some)


def test_a_seed_gives_the_same_race_again() -> None:
    first, again = race(11, 4), race(11, 4)
    assert (first.steps, first.refused, first.calls) == (again.steps, again.refused, again.calls)


def _held_by_all(self: MemoryLease) -> MemoryLease:
    self._write(self._clock() + 60.0)
    return self


def test_without_the_lease_and_the_ledger_a_race_makes_a_second_program_or_loses_an_edit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """So the races can tell: each of the guards alone would do, and with neither a law is broken."""
    monkeypatch.setattr(MemoryLease, "__enter__", _held_by_all)
    monkeypatch.setattr(MemoryLease, "check", lambda self: None)
    monkeypatch.setattr(MemoryTable, "_memory", lambda self: self.state)
    monkeypatch.setattr(MemoryState, "stands", lambda self, key, read: True)
    tried = (race(seed, 1 + seed % 8) for seed in range(64))
    assert any(law == LAWS[3] for one in tried for law, _ in one.broken)
