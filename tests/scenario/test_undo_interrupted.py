"""An undo that is killed at any outside call, and run again, ends as one that nobody disturbed."""

from datetime import timedelta
from typing import Any, get_args

import pytest

from reconcile.model.errors import Exit
from tests.scenario.bad_night import OPT_IN, copied, differences, repaired
from tests.scenario.cycle import Cycle
from tests.scenario.mortal import Death, Killed, Moment, dying


@pytest.fixture(scope="module")
def night() -> tuple[Cycle, str]:
    """The world after its bad night, and the run that wrote."""
    cycle, _, run = repaired()
    return cycle, run


def undone(cycle: Cycle, run: str, death: Death) -> bool:
    """Take a run back in front of stores that may kill it; return whether it came to its end."""
    with dying(cycle, death):
        try:
            cycle.undo(run)
        except Killed:
            cycle.now += timedelta(minutes=2)
            return False
    return True


def memory(cycle: Cycle) -> Any:
    """Return what the job remembers of it: the ledger, and which findings await approval."""
    marked = sorted(decision.finding for decision in cycle.state.decided.values())
    return dict(cycle.state.entries), marked


@pytest.mark.parametrize("moment", get_args(Moment))
def test_an_undo_that_is_killed_at_any_call_and_run_again_ends_as_one_that_was_not(
    night: tuple[Cycle, str], moment: Moment
) -> None:
    cycle, run = night
    whole, calls = copied(cycle), Death()
    assert undone(whole, run, calls)
    assert len(calls.calls) >= 40
    for number in range(len(calls.calls)):
        world = copied(cycle)
        at = (number, calls.calls[number])
        assert not undone(world, run, Death(number, moment)), at
        assert world.undo(run).exit_code == Exit.AGREES, at
        assert differences(whole.contents(), world.contents()) == [], at
        assert memory(world) == memory(whole), at
        assert world.state.holder(world.now) is None, at


@pytest.mark.parametrize("moment", get_args(Moment))
def test_whatever_an_undo_left_is_repaired_only_once_it_is_approved(
    night: tuple[Cycle, str], moment: Moment
) -> None:
    """Also where it was killed halfway: what it did take back, it had marked before."""
    cycle, run = night
    calls = Death()
    assert undone(copied(cycle), run, calls)
    writes = [n for n, name in enumerate(calls.calls) if name in ("take_back", "write", "remove")]
    for number in writes[:: max(1, len(writes) // 4)]:
        world = copied(cycle)
        undone(world, run, Death(number, moment))
        marked = {decision.finding for decision in world.state.decided.values()}
        world.now += timedelta(hours=1)
        report = world.repair(**OPT_IN).report
        made = {repair.finding for repair in report.repairs if repair.outcome == "made"}
        assert marked
        assert made & marked == set(), calls.calls[number]
