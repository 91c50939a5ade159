"""A repair that is killed at any outside call, before it or with its answer lost, heals when run again."""

import pytest

from reconcile.repair.kinds import KINDS
from tests.scenario.crashes import LAWS, Crashes, Point, untrue
from tests.scenario.cycle import Cycle
from tests.scenario.every_repair import OPT_IN, due

EVERY, FIRST = 8, 3
"""The suite tries a part of the calls; `python -m tests.bench.crashes` tries all."""


def repair(cycle: Cycle) -> object:
    return cycle.repair(**OPT_IN)


@pytest.fixture(scope="module")
def crashes() -> Crashes:
    """A repair of every kind at once."""
    return Crashes.of(due(), repair)


def test_the_world_calls_for_every_kind_of_repair() -> None:
    cycle = due()
    outcome = cycle.repair(**OPT_IN)
    found = {finding.kind for finding in outcome.report.findings}
    assert {kind for one in KINDS for kind in one.plan} <= found
    assert {one.outcome for one in outcome.report.repairs} == {"made"}


def test_a_repair_that_is_killed_at_any_call_and_run_again_ends_as_one_that_was_not(crashes: Crashes) -> None:
    points = crashes.points(EVERY, FIRST)
    assert len(points) >= 20
    assert broken(crashes, points) == {}


WRITES = (
    "create_group",
    "create_program",
    "change_row",
    "enter_all",
    "write",
    "mark_done",
    "lease",
    "save_run",
)


def test_so_does_one_that_is_killed_at_a_write(crashes: Crashes) -> None:
    """Of each kind of write, the last one."""
    last = {name: number for number, name in enumerate(crashes.calls)}
    points: list[Point] = [(last[name], "after") for name in WRITES]
    assert broken(crashes, points) == {}


def broken(crashes: Crashes, points: list[Point]) -> dict[str, dict[str, list[str]]]:
    told = {crashes.told(point): crashes.broken(point) for point in points}
    return {point: laws for point, laws in told.items() if laws}


def test_the_harness_sees_a_write_that_no_journal_tells_of() -> None:
    """Laws that cannot be broken would prove nothing."""

    def with_a_slip(cycle: Cycle) -> object:
        cycle.table.items["u#stuck#programs", "p#program-of-stuck"]["title"] = {"S": "Not told"}
        return repair(cycle)

    crashes = Crashes.of(due(), with_a_slip)
    assert crashes.broken((0, "before")).keys() == {LAWS[0], LAWS[2]}


def test_the_harness_sees_a_write_that_is_done_twice() -> None:
    """As is one whose answer was lost, where it is repeated without a look."""

    def counting(cycle: Cycle) -> object:
        outcome = repair(cycle)
        cycle.table.items["u#lost#groups", "g#group1"]["programsCount"] = {"N": str(cycle.runs)}
        return outcome

    with pytest.raises(AssertionError, match="still changes something"):
        Crashes.of(due(), counting)


def test_the_harness_sees_an_entry_that_says_what_did_not_happen() -> None:
    cycle = due()
    repair(cycle)
    assert untrue(cycle) == []
    cycle.index.hits.pop("upload-1")
    (told,) = untrue(cycle)
    assert "upload-1 is None" in told
