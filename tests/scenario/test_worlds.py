"""Worlds like the verdict bench's: every verdict is the truth's, and a whole life keeps every law."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest

from reconcile.sandbox.world import World, build, build_by_chance
from tests.scenario.conftest import Shells
from tests.scenario.laws import expectations, judging, live

NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
SEEDS = range(101, 105)
BY_CHANCE = range(201, 205)
BUCKETS = ("shelcaster-media-manager", "another-bucket")


@cache
def world(seed: int) -> World:
    """A world of some 260 recordings, or a smaller one by chance; every other one in two buckets."""
    buckets = BUCKETS[: 1 + seed % 2]
    if seed in BY_CHANCE:
        return build_by_chance(seed, now=NOW, recordings=120, buckets=buckets)
    return build(seed, now=NOW, buckets=buckets)


@pytest.mark.parametrize("lookback", [None, timedelta(days=3)], ids=["full", "three-days"])
@pytest.mark.parametrize("seed", [*SEEDS, *BY_CHANCE])
def test_every_verdict_and_show_is_the_one_that_the_world_knows(
    seed: int, lookback: timedelta | None
) -> None:
    """No subject is off the diagonal, none is missing, and no recording is given to a wrong show."""
    judged = judging(world(seed), lookback)
    assert not judged.wrong
    assert not judged.misattributed
    assert judged.cells.total() > 3 * len(world(seed).truth.recordings)


@pytest.mark.parametrize("seed", [*SEEDS[:2], *BY_CHANCE[:2]])
def test_a_whole_life_of_checks_and_repairs_keeps_every_law(seed: int) -> None:
    """Each wanted recording gets its one program, no other does, and what is deleted stays deleted."""
    life = live(world(seed))
    assert {law: faults for law, faults in life.broken.items() if faults} == {}
    assert life.created == sum(truth.wanted for truth in world(seed).truth.recordings.values()) > 0


def test_the_real_adapters_count_what_the_world_knows(shell_on: Shells) -> None:
    """The command line over HTTP counts each verdict as often as it is the truth, whatever the bucket."""
    whole = build(7, now=datetime.now(UTC), recordings=30)
    code, report = shell_on(whole)("check", "--full")
    told = {
        (kind, verdict): number
        for kind, tally in report["counts"].items()
        for verdict, number in tally.items()
        if number and verdict != "population"
    }
    assert told == Counter((subject.type, verdict) for subject, verdict in expectations(whole, None).items())
    assert code == 2
