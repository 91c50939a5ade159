"""Night after night over a world that lives on: the laws hold after each, whatever fails in between."""

from datetime import UTC, datetime

import pytest

from tests.doubles.memory_state import MemoryState
from tests.scenario.soak import LAWS, UNDONE_EVERY, Soak

BEGAN = datetime(2026, 3, 1, 3, tzinfo=UTC)


def lived(seed: int, nights: int) -> Soak:
    """Return a world after so many nights."""
    soak = Soak.of(seed, BEGAN)
    soak.live(nights)
    return soak


def test_three_weeks_of_nights_hold_every_law() -> None:
    soak = lived(7, 21)
    soak.end()
    assert soak.broken == []
    assert soak.night > UNDONE_EVERY
    assert min(soak.told[what] for what in ("writes", "undos", "calls that failed")) >= 1


def test_without_the_ledger_what_owners_deleted_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """So the nights can tell."""
    monkeypatch.setattr(MemoryState, "ledger", lambda self: {})
    monkeypatch.setattr(MemoryState, "ledger_entry", lambda self, key: None)
    monkeypatch.setattr(MemoryState, "stands", lambda self, key, read: True)
    lives = (lived(seed, 25) for seed in range(9))
    assert any(law == LAWS[3] for soak in lives for law, _ in soak.broken)
