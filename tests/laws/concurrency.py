"""The law that runs at the same moment, the live processor and owners cannot make a repair do harm."""

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from reconcile.model.errors import Exit
from reconcile.model.recording import RecordingKey
from reconcile.model.snapshot import LedgerEntry
from reconcile.runs.finish import Outcome
from reconcile.stores.lease import AlreadyRunning
from tests.laws.real_tables import RealCycle, real_tables
from tests.laws.worlds import GROUP, OURS, programs, repairing
from tests.scenario.cycle import Cycle
from tests.scenario.meddling import MeddledIndex, MeddledTable
from tests.scenario.small import BUCKET, PREFIX, Small, agreeing, lacking_a_program

ROW = ("u#ann#programs", "p#program-of-show1")
KEY = RecordingKey(BUCKET, PREFIX)


@contextmanager
def lost_program(before: Callable[[RealCycle], None]) -> Iterator[RealCycle]:
    """Return a world that lacks a program, in which something happens right before it is created."""
    with real_tables(populated(lacking_a_program())) as cycle:
        cycle.state.mark_first_repair(cycle.now - timedelta(days=9))
        cycle.real.before = lambda name: before(cycle) if name == "create_program" else None
        yield cycle


def populated(small: Small) -> Small:
    """Return a world with others' uploads besides."""
    small.populate(4)
    return small


def what_another_run_entered_is_not_made_again() -> None:
    """Another run made the program elsewhere, and its owner deleted it: only the ledger tells."""

    def enter(cycle: RealCycle) -> None:
        cycle.state.remember([(LedgerEntry(KEY, {"ann": "another"}, "made"), None)])

    with lost_program(enter) as cycle:
        cycle.repair()
        assert programs(cycle) == []
        assert cycle.real.items[GROUP]["programsCount"] == {"N": "0"}


def what_stands_under_the_new_program_s_key_is_not_overwritten() -> None:
    """A run with another ledger made it: the id is the same, and the row that stands there stays."""
    standing = {"pk": {"S": OURS[0]}, "sk": {"S": OURS[1]}, "title": {"S": "Edited by its owner"}}
    with lost_program(lambda cycle: cycle.real.put(standing)) as cycle:
        cycle.repair()
        assert programs(cycle) == [OURS]
        assert cycle.real.items[OURS] == standing
        assert cycle.real.items[GROUP]["programsCount"] == {"N": "0"}


def a_run_whose_lease_another_took_writes_no_row() -> None:
    """It was paused for so long that its lease ran out; its own clock does not know."""
    with lost_program(RealCycle.take_lease) as cycle:
        cycle.repair()
        assert programs(cycle) == []
        assert cycle.state.ledger_entry(KEY) is None


def a_run_whose_lease_ran_out_writes_no_record() -> None:
    """The index knows no conditions: the clock alone says that another run may be writing."""
    small = populated(agreeing())
    small.records["program-of-show1"]["title"] = "An older title"
    with real_tables(small) as cycle:
        read = cycle.index.whole_records

        def pause(names: Any) -> Any:
            cycle.now += timedelta(minutes=5)
            return read(names)

        cycle.index.whole_records = pause  # type: ignore[assignment, method-assign]
        cycle.repair()
        assert cycle.index.hits["program-of-show1"]["title"] == "An older title"


def of_two_repairs_at_once_one_runs() -> None:
    """The other one ends before it reads or writes anything."""
    ended = list[str]()

    def second(cycle: RealCycle) -> None:
        cycle.real.before = lambda name: None
        try:
            cycle.repair()
            ended.append("ran")
        except AlreadyRunning:
            ended.append("refused")

    with lost_program(second) as cycle:
        cycle.repair()
        assert ended == ["refused"]
        assert programs(cycle) == [OURS]
        assert cycle.real.items[GROUP]["programsCount"] == {"N": "1"}


def what_an_owner_changed_meanwhile_stands() -> None:
    """The owner chooses a group between the last look at a program without one and the write."""
    small = populated(agreeing())
    small.items[ROW]["groupId"] = {"S": "Recordings"}
    small.index(ROW)
    with real_tables(small) as cycle:
        row = cycle.real.items[ROW]

        def choose(name: str) -> None:
            cycle.real.put({**row, "groupId": {"S": "chosen"}})

        cycle.real.before = choose
        cycle.repair()
        assert cycle.real.items[ROW]["groupId"] == {"S": "chosen"}
        assert cycle.real.items[GROUP]["programsCount"] == {"N": "1"}


def a_row_that_goes_before_it_is_completed_stays_away() -> None:
    """Its owner deletes it between the last look at it and the write."""
    small = populated(agreeing())
    small.items[ROW]["groupId"] = {"S": "Recordings"}
    small.index(ROW)
    with real_tables(small) as cycle:
        cycle.real.before = lambda name: cycle.real.delete(ROW)
        cycle.repair()
        assert programs(cycle) == []


def meddled(small: Small, meddle: Callable[[Cycle, int], None]) -> Cycle:
    """Return a world in memory whose every write is preceded by `meddle(cycle, number)`."""
    cycle, writes = repairing(small), [0]

    def before() -> None:
        writes[0] += 1
        meddle(cycle, writes[0])

    cycle.index = MeddledIndex(cycle.index.name, cycle.index.hits, before_write=before)
    cycle.table = MeddledTable(cycle.table.name, cycle.table.items, cycle.state, before_write=before)
    return cycle


def processor_program(**changed: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the row and the search record of a program as the live processor makes it, under its own id."""
    small = Small()
    small.show()
    small.program()
    return {**small.items[ROW], **changed}, small.records["program-of-show1"]


def a_program_that_the_processor_makes_before_ours_is_the_only_one() -> None:
    """It is made between the confirmation and the creation: the creation is refused."""
    cycle = repairing(populated(lacking_a_program()))
    row, record = processor_program()
    list_media, asked = cycle.buckets.list_media, [0]

    def make(key: Any) -> Any:
        asked[0] += 1
        if asked[0] == 2:
            # The first listing is the confirmation's, the second the creation's.
            cycle.table.items[ROW] = copy.deepcopy(row)
            cycle.index.hits["program-of-show1"] = copy.deepcopy(record)
        return list_media(key)

    cycle.buckets.list_media = make  # type: ignore[method-assign]
    cycle.repair()
    assert asked[0] >= 2
    assert programs(cycle) == [ROW]


def a_program_that_the_processor_makes_beside_ours_is_reported_by_the_same_run() -> None:
    """Nobody can refuse what it makes in the very moment of the creation."""
    row, record = processor_program()

    def make(cycle: Cycle, number: int) -> None:
        if number == 1:
            cycle.table.items[ROW] = copy.deepcopy(row)
            cycle.index.hits["program-of-show1"] = copy.deepcopy(record)

    cycle = meddled(populated(lacking_a_program()), make)
    outcome = cycle.repair()
    assert programs(cycle) == sorted((OURS, ROW))
    assert "program-duplicated" in kinds(outcome)
    assert outcome.exit_code == Exit.FINDINGS


def kinds(outcome: Outcome) -> set[str]:
    """Return the kinds of a run's findings."""
    return {finding.kind for finding in outcome.report.findings}


def a_record_says_what_its_row_says_last() -> None:
    """The owner edits the row while its record is written from what was read before."""
    small = populated(agreeing())
    small.records["program-of-show1"]["title"] = "An older title"

    def edit(cycle: Cycle, number: int) -> None:
        if number == 1:
            cycle.table.items[ROW]["title"] = {"S": "Edited meanwhile"}

    cycle = meddled(small, edit)
    cycle.repair()
    assert cycle.index.hits["program-of-show1"]["title"] == "Edited meanwhile"


def a_count_that_others_raise_meanwhile_is_raised_from_what_it_is_then() -> None:
    """The live processor counts its own programs at the same moment; no count is lost."""

    def count(cycle: Cycle, number: int) -> None:
        if number <= 2:
            said = int(cycle.table.items[GROUP]["programsCount"]["N"])
            cycle.table.items[GROUP]["programsCount"] = {"N": str(said + 10)}

    cycle = meddled(populated(lacking_a_program()), count)
    cycle.repair()
    assert programs(cycle) == [OURS]
    assert cycle.table.items[GROUP]["programsCount"] == {"N": "21"}
