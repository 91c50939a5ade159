"""A system where nothing was ever processed: a repair withholds all, and once approved makes all."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from reconcile.job import repair
from reconcile.model.errors import Exit
from reconcile.model.run import Order
from reconcile.runs.finish import Outcome
from tests.scenario.cycle import Cycle
from tests.scenario.small import ACCOUNT, Small

MANY = 240


def unprocessed(number: int = MANY) -> Cycle:
    """Return a world of so many broadcasts, each of a show of its own, none of which has a program."""
    small = Small()
    for count in range(number):
        stage = f"arn:aws:ivs:us-east-1:{ACCOUNT}:stage/stage{count}"
        small.show(f"show{count}", f"producer{count % 7}", f"group{count}", stage)
        small.record_broadcast(f"p{count:04d}/composition{count}/destination/composite", stage)
    return Cycle.of(small.world())


def made(cycle: Cycle) -> list[str]:
    """Return the prefixes of the recordings that have a program, in the order in which these were made."""
    programs = [item for key, item in cycle.table.items.items() if key[0].endswith("#programs")]
    return [item["s3Key"]["S"].partition("/media/")[0] for item in programs]


def approved(cycle: Cycle, run: str, out_of_time: Callable[[], bool] = lambda: False) -> Outcome:
    """Approve what a run withheld, until the time is over."""
    ports = cycle.ports()
    tools = cycle.tools(ports)
    repair_ports = tools.ports
    limited = replace(tools, ports=lambda lease: replace(repair_ports(lease), out_of_time=out_of_time))
    outcome = repair(Order("repair", None, approve=run), ports, limited)
    cycle.now += timedelta(seconds=1)
    return outcome


def test_everything_is_told_then_withheld_then_made_when_a_person_approves() -> None:
    """Each gets one program with its record; the next repair finds nothing to do."""
    cycle = unprocessed()
    assert len(cycle.check().report.would_need_approval) == MANY
    withheld = cycle.repair()
    assert (withheld.exit_code, len(withheld.report.approvals), made(cycle)) == (
        Exit.AWAITING_APPROVAL,
        MANY,
        [],
    )
    outcome = approved(cycle, withheld.report.run.id)
    assert (outcome.exit_code, len(made(cycle)), len(cycle.index.hits)) == (Exit.AGREES, MANY, MANY)
    before = cycle.contents()
    assert cycle.repair().exit_code == Exit.AGREES
    assert cycle.contents() == before


def test_the_programs_are_made_in_the_order_of_the_prefixes() -> None:
    """So whoever watches a long run knows how far it has come."""
    cycle = unprocessed()
    approved(cycle, cycle.repair().report.run.id)
    assert made(cycle) == sorted(made(cycle))


def test_a_run_that_is_cut_off_resumes_by_being_run_again() -> None:
    """What was made vanishes from the next plan; what was begun has its record; nothing is made twice."""
    cycle = unprocessed()
    run = cycle.repair().report.run.id
    with patch("reconcile.repair.apply.TOGETHER", 20):
        first = approved(cycle, run, lambda: len(made(cycle)) >= 100)
    assert first.exit_code == Exit.INCOMPLETE
    assert (len(made(cycle)), len(cycle.index.hits)) == (100, 100)
    assert "140 of 240 repairs were not begun" in first.report.run.cut_short
    second = approved(cycle, run)
    assert (second.exit_code, len(second.report.repairs)) == (Exit.AGREES, 2 * 140)
    assert (len(made(cycle)), len(set(made(cycle))), len(cycle.index.hits)) == (MANY, MANY, MANY)


def test_a_hundred_records_are_written_at_once() -> None:
    """240 creations cost the index three writes to wait for, not 240."""
    cycle = unprocessed()
    run, waits = cycle.repair().report.run.id, list[int]()
    write = cycle.index.write

    def counting(records: Sequence[Mapping[str, Any]]) -> None:
        waits.append(len(records))
        write(records)

    with patch.object(cycle.index, "write", counting):
        approved(cycle, run)
    assert waits == [100, 100, 40]


def test_the_progress_of_a_repair_tells_how_many_of_how_many() -> None:
    cycle = unprocessed(30)
    run, told = cycle.repair().report.run.id, list[tuple[str, int, int]]()
    ports = cycle.ports()
    tools = cycle.tools(ports)
    repair_ports = tools.ports
    telling = replace(
        tools, ports=lambda lease: replace(repair_ports(lease), progress=lambda *moved: told.append(moved))
    )
    repair(Order("repair", None, approve=run), ports, telling)
    assert told == [("repairing", number, 30) for number in range(1, 31)]
