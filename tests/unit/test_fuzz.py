"""Odd inputs of each kind: none ends in a traceback. The bench `fuzz` tries 50,000 of each."""

import pytest

from tests.fuzz.targets import TARGETS

EACH = 2_000


@pytest.mark.parametrize("kind", TARGETS)
def test_each_odd_input_ends_in_a_verdict_or_in_the_error_that_means_64(kind: str) -> None:
    outcomes = {TARGETS[kind](seed) for seed in range(EACH)}
    assert len(outcomes) > 2


@pytest.mark.parametrize("kind", TARGETS)
def test_the_same_seed_makes_the_same_input(kind: str) -> None:
    assert [TARGETS[kind](seed) for seed in range(20)] == [TARGETS[kind](seed) for seed in range(20)]
