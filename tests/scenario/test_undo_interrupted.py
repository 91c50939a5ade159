"""An undo that is killed at any outside call, and run again, ends as one that nobody disturbed."""

from datetime import timedelta
from typing import get_args

import pytest

from tests.scenario.bad_night import OPT_IN, repaired
from tests.scenario.crashes import Crash, Crashes, Killed, Moment, crashing
from tests.scenario.cycle import Cycle

EVERY, FIRST = 8, 6
"""The suite tries a part of the calls; `python -m tests.bench.crashes` tries all."""


@pytest.fixture(scope="module")
def night() -> tuple[Cycle, str]:
    """The world after its bad night, and the run that wrote."""
    cycle, _, run = repaired()
    return cycle, run


@pytest.fixture(scope="module")
def crashes(night: tuple[Cycle, str]) -> Crashes:
    """The undo of that run."""
    cycle, run = night
    return Crashes.of(cycle, lambda world: world.undo(run))


def test_an_undo_that_is_killed_at_any_call_and_run_again_ends_as_one_that_was_not(crashes: Crashes) -> None:
    assert len(crashes.calls) >= 40
    points = crashes.points(EVERY, FIRST)
    assert {crashes.told(point): broken for point in points if (broken := crashes.broken(point))} == {}


def test_so_does_one_that_is_killed_at_a_write(crashes: Crashes) -> None:
    """Of each kind of write, the last one, with its answer lost."""
    last = {name: number for number, name in enumerate(crashes.calls)}
    for name in ("take_back", "decide", "enter_all", "write", "remove", "mark_done"):
        assert crashes.broken((last[name], "after")) == {}, name


@pytest.mark.parametrize("moment", get_args(Moment))
def test_whatever_an_undo_left_is_repaired_only_once_it_is_approved(
    night: tuple[Cycle, str], crashes: Crashes, moment: Moment
) -> None:
    """Also where it was killed halfway: what it did take back, it had marked before."""
    cycle, run = night
    writes = [n for n, name in enumerate(crashes.calls) if name in ("take_back", "write", "remove")]
    for number in writes[:: max(1, len(writes) // 4)]:
        world = cycle.again()
        with crashing(world, Crash(number, moment)), pytest.raises(Killed):
            world.undo(run)
        marked = {decision.finding for decision in world.state.decided.values()}
        world.now += timedelta(hours=1)
        report = world.repair(**OPT_IN).report
        made = {repair.finding for repair in report.repairs if repair.outcome == "made"}
        assert marked
        assert made & marked == set(), crashes.calls[number]
        assert [told.mode for told in report.run.interrupted] == ["undo"]
