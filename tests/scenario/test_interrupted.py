"""Runs that end too early: what was begun is finished and told, and the next run tells of what was killed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest

from reconcile.job import check, repair
from reconcile.model.deadline import Budget, Deadline
from reconcile.model.errors import Exit, SourceError
from reconcile.model.run import Order
from reconcile.runs.finish import Outcome
from reconcile.runs.ports import Ports
from tests.scenario.cycle import Cycle
from tests.scenario.small import agreeing


def several_stale(number: int) -> Cycle:
    """Return a world with so many stale records, in memory."""
    small = agreeing()
    small.populate(number)
    for count in range(number):
        small.records[f"upload-{count}"]["title"] = "An older title"
    return Cycle.of(small.world())


def current(cycle: Cycle) -> int:
    """Count the records that say what their rows say."""
    return sum(
        hit["title"] == "An upload" for name, hit in cycle.index.hits.items() if name.startswith("upload")
    )


def repair_until(cycle: Cycle, ends: Callable[[], bool]) -> Outcome:
    """Run a repair whose time is over as soon as `ends` says so; records are written two at a time."""
    ports = cycle.ports()
    ports = replace(ports, budget=Budget(Deadline(lambda: 0.0 if ends() else 900.0, 900.0)))
    tools = cycle.tools(ports)
    made = tools.ports
    ended = replace(
        tools,
        ports=lambda lease: replace(made(lease), out_of_time=lambda: ports.budget.deadline.ends_writing),
    )
    with patch("reconcile.repair.apply.TOGETHER", 2):
        outcome = repair(Order("repair", None), ports, ended)
    cycle.now += timedelta(seconds=1)
    return outcome


def test_a_run_out_of_time_finishes_what_it_began_and_says_that_it_is_incomplete() -> None:
    """Two of four records are written and read back; the report counts the two that were not begun."""
    cycle = several_stale(4)
    outcome = repair_until(cycle, lambda: current(cycle) >= 2)
    report = outcome.report
    assert outcome.exit_code == Exit.INCOMPLETE
    assert current(cycle) == 2
    assert [one.verified for one in report.repairs] == [True, True]
    assert sorted(finding.status for finding in report.findings) == [
        "failed",
        "failed",
        "repaired",
        "repaired",
    ]
    assert "OUT OF TIME: 2 of 4 repairs were not begun" in report.run.cut_short
    assert "cut short" in report.headline
    assert cycle.state.runs(1)[0]["whole"] is False


def test_the_next_run_makes_what_was_not_begun() -> None:
    cycle = several_stale(4)
    repair_until(cycle, lambda: current(cycle) >= 2)
    outcome = cycle.repair()
    assert (outcome.exit_code, current(cycle)) == (Exit.AGREES, 4)


def test_a_run_with_no_time_at_all_writes_nothing() -> None:
    cycle = several_stale(4)
    outcome = repair_until(cycle, lambda: True)
    assert (outcome.exit_code, current(cycle), outcome.report.repairs) == (Exit.INCOMPLETE, 0, ())


class _Killed(BaseException):
    """What takes a run away without a word: nothing is written after it."""


def kill(cycle: Cycle, monkeypatch: pytest.MonkeyPatch, mode: str = "repair") -> str:
    """Kill a run in its first record write, or in its first reading; return its id."""

    def die(*_: Any) -> Any:
        # As the run dies here, so does what it would still write down.
        monkeypatch.setattr(cycle.state, "save_run", lambda run, summary: None)
        raise _Killed

    ports = cycle.ports()
    monkeypatch.setattr(cycle.index, "write" if mode == "repair" else "browse", die)
    with pytest.raises(_Killed):
        _run(mode, cycle, ports)
    monkeypatch.undo()
    return ports.run


def _run(mode: str, cycle: Cycle, ports: Ports) -> None:
    if mode == "repair":
        repair(Order("repair", None), ports, cycle.tools(ports))
    else:
        check(Order("check", None), ports)


def test_a_repair_that_was_killed_is_told_once_by_the_next_and_made_good(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nobody holds its lease, so it is surely dead; the next one tells how much was begun."""
    cycle = several_stale(2)
    killed = kill(cycle, monkeypatch)
    report = cycle.repair().report
    (told,) = report.run.interrupted
    assert (told.id, told.mode, told.writes) == (killed, "repair", 2)
    assert current(cycle) == 2
    assert cycle.repair().report.run.interrupted == ()


def test_a_check_tells_of_a_killed_run_only_when_its_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until then it may still be under way."""
    cycle = several_stale(2)
    killed = kill(cycle, monkeypatch, "check")
    assert cycle.check().report.run.interrupted == ()
    cycle.now += timedelta(hours=7)
    assert [other.id for other in cycle.check().report.run.interrupted] == [killed]
    assert cycle.check().report.run.interrupted == ()


def test_a_run_that_failed_with_a_word_is_not_called_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its end is remembered with its exit code and what it said."""
    cycle = several_stale(1)

    def fail(*_: Any) -> Any:
        raise SourceError("the ledger cannot be kept")

    monkeypatch.setattr(cycle.state, "remember", fail)
    with pytest.raises(SourceError):
        cycle.check()
    monkeypatch.undo()
    (ended,) = cycle.state.runs(10)
    assert (ended["exit_code"], ended["headline"]) == (3, "the ledger cannot be kept")
    cycle.now += timedelta(days=1)
    assert cycle.repair().report.run.interrupted == ()
