"""What the state table vouches for: whose it is, whose the index is, and that it is not older than it was."""

import copy
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from reconcile.cli.app import run
from reconcile.job import repair
from reconcile.model.decision import Decision, decision_id
from reconcile.model.errors import SourceError, UsageError
from reconcile.model.recording import RecordingKey, program_id_of
from reconcile.model.run import Order, Receipt
from tests.doubles.memory import MemoryBuckets, MemoryIndex
from tests.scenario.conftest import Shells
from tests.scenario.cycle import Cycle
from tests.scenario.small import BUCKET, INDEX, PREFIX, TABLE, Small, agreeing, lacking_a_program

LATER = "dddddddddddd/eeeeeeeeeeee/ffffffffffff/composite"
FIRST = ("u#ann#programs", "p#program-of-show1")
NEW = ("u#ann#programs", f"p#{program_id_of(RecordingKey(BUCKET, PREFIX))}")


def approve(cycle: Cycle) -> Any:
    return cycle.repair(approve=cycle.reports.run_ids()[0])


def with_index_of_another_stage() -> Cycle:
    """Return a world with uploads and a recording without program, whose index holds others' records."""
    small = lacking_a_program()
    small.populate(6)
    small.records = {f"foreign-{n}": {"objectID": f"foreign-{n}", "title": "Theirs"} for n in range(9)}
    return Cycle.of(small.world())


def test_into_an_index_that_the_table_never_met_nothing_is_written_before_somebody_approves() -> None:
    cycle = with_index_of_another_stage()
    before = cycle.contents()
    outcome = cycle.repair()
    assert cycle.contents() == before
    assert outcome.exit_code == 5
    kinds = {f.kind for f in outcome.report.findings if f.id in outcome.report.approvals}
    assert kinds == {"program-missing", "record-missing"}
    assert cycle.repair().exit_code == 5
    assert cycle.contents() == before


def test_an_empty_index_is_filled_once_that_was_approved_and_the_approval_is_remembered() -> None:
    small = lacking_a_program()
    small.populate(6)
    small.records.clear()
    cycle = Cycle.of(small.world())
    assert cycle.repair().exit_code == 5
    assert cycle.index.hits == {}
    assert approve(cycle).exit_code == 0
    assert len(cycle.index.hits) == 7
    assert NEW in cycle.table.items
    assert cycle.check().exit_code == 0
    cycle.index.hits.clear()
    cycle.index.hits |= {f"foreign-{n}": {"objectID": f"foreign-{n}"} for n in range(9)}
    outcome = cycle.repair()
    assert outcome.report.approvals == {}
    assert {name for name in cycle.index.hits if name.startswith("upload")} != set()


def test_one_record_in_common_says_that_the_index_is_the_tables() -> None:
    small = agreeing()
    small.index(small.upload("bob", "an-upload"))
    del small.records["an-upload"]
    cycle = Cycle.of(small.world())
    assert cycle.repair().exit_code == 0
    cycle.index.hits.clear()
    assert cycle.repair().report.approvals == {}


def test_a_program_is_repaired_beside_a_foreign_index_without_a_record_there() -> None:
    """What belongs to the table alone does not wait."""
    small = agreeing()
    small.items[FIRST]["groupId"] = {"S": "Recordings"}
    small.records = {"foreign": {"objectID": "foreign", "title": "Theirs"}}
    cycle = Cycle.of(small.world())
    cycle.repair()
    assert cycle.table.items[FIRST]["groupId"] == {"S": "group1"}
    assert cycle.index.hits.keys() == {"foreign"}


def test_what_a_person_assigned_does_not_make_a_foreign_index_the_tables() -> None:
    """A record that the job itself wrote is no proof that the index is the table's."""
    cycle = with_index_of_another_stage()
    key = RecordingKey(BUCKET, PREFIX)
    decided = Decision("assign", decision_id("assign", key), "ann", "", None, cycle.now, *key, show="show1")
    cycle.state.decide([decided])
    cycle.repair()
    assert NEW in cycle.table.items
    assert cycle.repair().exit_code == 5
    assert {name for name in cycle.index.hits if name.startswith("upload")} == set()


def restored_from_a_backup() -> tuple[Cycle, set[Any]]:
    """Return a world whose owner deleted a program that the job made after the state table's backup."""
    small = agreeing()
    small.populate(30)
    cycle = Cycle.of(small.world())
    cycle.repair()
    backup = copy.deepcopy(cycle.state)
    cycle.now += timedelta(hours=3)
    later = Small(now=cycle.now)
    later.record_broadcast(LATER, ended=timedelta(minutes=30))
    for stored in later.objects.values():
        cycle.buckets.objects[BUCKET, stored.key] = (stored.body, stored.modified)
    made = ("u#ann#programs", f"p#{program_id_of(RecordingKey(BUCKET, LATER))}")
    assert cycle.repair().exit_code == 0
    cycle.delete_program(made)
    cycle.state = backup
    cycle.table.state = backup
    return cycle, {made}


def test_a_state_table_from_an_old_backup_revives_nothing_until_a_person_accepts_it() -> None:
    cycle, made = restored_from_a_backup()
    for _ in range(12):
        outcome = cycle.repair()
        assert not made & cycle.table.items.keys()
        assert outcome.exit_code == 5
    (why,) = outcome.report.approvals.values()
    assert "reconcile state --accept" in why
    assert cycle.check().report.would_need_approval.keys() == outcome.report.approvals.keys()
    cycle.state.accept(99, "ann", "restored on purpose", cycle.now)
    assert cycle.repair().report.approvals == {}
    assert made <= cycle.table.items.keys()


def test_reports_carry_a_number_that_rises_with_each_run_that_writes() -> None:
    cycle = Cycle.of(agreeing().world())
    numbers = [cycle.check().report.run.sequence, cycle.repair().report.run.sequence]
    numbers.append(cycle.check().report.run.sequence)
    assert numbers == [1, 2, 3]


def test_reports_of_another_stage_do_not_make_a_table_old() -> None:
    cycle = Cycle.of(agreeing().world())
    report = cycle.check().report
    foreign = replace(report, run=replace(report.run, id="29990101T000000000Z-f", stage="x", sequence=99))
    cycle.reports.save(
        foreign.run.id,
        {"report.json": foreign.to_json(), "summary.json": '{"id": "f", "stage": "x", "sequence": 99}'},
    )
    assert cycle.check().report.run.sequence == 2
    assert cycle.state.settled is not None
    assert cycle.state.settled.behind == 0


class Broken(MemoryBuckets):
    """Buckets of which one cannot be read."""

    def list_recordings(self) -> Any:
        found, receipts = super().list_recordings()
        return found, [
            Receipt(one.source, whole=False, why="NoSuchBucket") if "typo" in one.source else one
            for one in receipts
        ]


def test_a_state_table_is_not_tied_to_a_bucket_that_cannot_be_read() -> None:
    cycle = Cycle.of(agreeing().world())
    right = cycle.world
    cycle.world = replace(right, buckets=(BUCKET, "typo"))
    cycle.buckets = Broken(cycle.world.buckets, cycle.buckets.objects)
    assert cycle.check().exit_code == 3
    assert cycle.repair().exit_code == 3
    assert cycle.state.settled is not None
    assert (cycle.state.settled.buckets, cycle.state.settled.first_repair) == ((BUCKET,), None)
    cycle.world, cycle.buckets = right, MemoryBuckets(right.buckets, cycle.buckets.objects)
    assert cycle.repair().exit_code == 0
    assert cycle.state.settled.first_repair is not None


@pytest.mark.parametrize("source", ["table", "index"])
def test_a_state_table_is_not_tied_to_a_name_that_nothing_answers_to(source: str) -> None:
    cycle = Cycle.of(agreeing().world())
    right = cycle.world
    wrong: Any = {source: "typo"}
    cycle.world = replace(right, **wrong)
    store: Any = cycle.table if source == "table" else cycle.index
    name = "scan" if source == "table" else "browse"
    setattr(store, name, lambda _: ([], Receipt("x:typo", whole=False, why="there is none")))
    cycle.check()
    cycle.world = right
    delattr(store, name)
    assert cycle.check().exit_code == 0
    standing = cycle.state.settled
    assert standing is not None
    assert (standing.table, standing.index) == (TABLE, INDEX)


def test_a_run_that_another_environment_tied_meanwhile_is_refused_before_it_writes() -> None:
    cycle = Cycle.of(lacking_a_program().world())
    other = replace(cycle.ports().memory.environment, stage="other")

    class Racing(MemoryIndex):
        def browse(self, tell: Any = None) -> Any:
            cycle.state.bind_environment(other)
            return super().browse(tell)

    cycle.index = Racing(cycle.index.name, cycle.index.hits)
    before = cycle.contents()
    with pytest.raises(UsageError, match="another environment"):
        cycle.repair()
    assert cycle.contents() == before


@pytest.mark.parametrize(
    "command",
    [
        ["decisions"],
        ["runs"],
        ["explain", PREFIX],
        ["doctor"],
        ["assign", PREFIX, "--show", "show1", "--reason", "r"],
        ["state"],
    ],
    ids=lambda command: command[0],
)
def test_only_check_and_repair_tie_the_state_table(shell_on: Shells, command: list[str]) -> None:
    """Whoever lists something with a mistyped bucket is not locked out afterwards."""
    shell = shell_on(lacking_a_program().world())
    shell.monkeypatch.setenv("RECONCILE_BUCKET", f"{BUCKET},no-such-bucket")
    run(command)
    assert not [key for key in shell.state() if key[0] == "environment"]
    shell.monkeypatch.setenv("RECONCILE_BUCKET", BUCKET)
    assert shell("check")[0] in (0, 2)


def test_a_repair_recalls_what_another_run_wrote_while_it_waited_for_the_lease() -> None:
    """Its findings are as old as the run that ended meanwhile says."""
    cycle = Cycle.of(lacking_a_program().world())
    ports = cycle.ports()
    tools = cycle.tools(ports)
    first = cycle.now

    @contextmanager
    def lease() -> Any:
        cycle.check()
        with tools.lease() as held:
            yield held

    report = repair(Order("repair", lookback=None), ports, replace(tools, lease=lease)).report
    (finding,) = (one for one in report.findings if one.kind == "program-missing")
    assert finding.first_seen == first


def test_a_repair_for_another_environment_takes_no_lease() -> None:
    cycle = Cycle.of(agreeing().world())
    cycle.check()
    cycle.world = replace(cycle.world, table="another")
    ports = cycle.ports()

    def lease() -> Any:
        raise SourceError("the lease was taken")

    with pytest.raises(UsageError):
        repair(Order("repair"), ports, replace(cycle.tools(ports), lease=lease))
