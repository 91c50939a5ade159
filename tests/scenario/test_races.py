"""What happens when others write at the same moment, or a write fails: nothing doubles, nothing is lost."""

from datetime import timedelta
from typing import Any

import pytest

from reconcile.model.catalog import RowKey
from reconcile.model.clock import write_time
from reconcile.model.errors import LeaseLost, SourceError
from reconcile.model.journal import Counted, RowWritten
from reconcile.model.recording import RecordingKey, program_id_of
from reconcile.model.snapshot import LedgerEntry
from reconcile.sandbox.world.copies import copied
from tests.scenario.cycle import Cycle
from tests.scenario.meddling import Meddled, MeddledIndex, MeddledTable, approve, meddled, statuses
from tests.scenario.small import BUCKET, PREFIX, Small, agreeing, lacking_a_program

NEW_ID = program_id_of(RecordingKey(BUCKET, PREFIX))
NEW_KEY = ("u#ann#programs", f"p#{NEW_ID}")
OLD_KEY = ("u#ann#programs", "p#program-of-show1")
GROUP_KEY = ("u#ann#groups", "g#group1")


def stale() -> Small:
    """Return a small world whose one record says something older than its row."""
    small = agreeing()
    small.records["program-of-show1"]["title"] = "An older title"
    return small


def test_a_record_follows_a_row_that_changes_while_it_is_written() -> None:
    """The record ends with what the row says last, not with what was read first."""

    def edit(cycle: Cycle, number: int) -> None:
        if number == 1:
            cycle.table.items[OLD_KEY]["title"] = {"S": "Edited meanwhile"}

    cycle = meddled(stale(), edit)
    assert statuses(cycle.repair()) == {"record-stale": "repaired"}
    assert cycle.index.hits["program-of-show1"]["title"] == "Edited meanwhile"


def test_a_record_goes_again_when_its_row_went_while_it_was_written() -> None:
    """An owner who deletes at that moment does not find the program in search afterwards."""
    cycle = meddled(stale(), lambda cycle, number: cycle.delete_program(OLD_KEY))
    outcome = cycle.repair()
    assert cycle.index.hits == {}
    assert statuses(outcome) == {"record-stale": "repaired"}
    assert [entry.what for entry in cycle.state.written] == ["record written", "record taken back"]


def test_a_program_that_its_owner_edits_meanwhile_is_left_as_the_owner_wants_it() -> None:
    """A mend is refused when the row no longer says what it rests on."""
    small = agreeing()
    small.items[OLD_KEY]["groupId"] = {"S": "Recordings"}
    small.index(OLD_KEY)

    def move(cycle: Cycle, number: int) -> None:
        cycle.table.items[OLD_KEY]["groupId"] = {"S": "chosen"}

    cycle = meddled(small, move)
    assert statuses(cycle.repair())["program-incomplete"] == "failed"
    assert cycle.table.items[OLD_KEY]["groupId"] == {"S": "chosen"}
    assert cycle.table.items[GROUP_KEY]["programsCount"] == {"N": "1"}


def test_a_group_that_goes_meanwhile_takes_the_whole_creation_with_it() -> None:
    """Without its group nothing is written: no program, no ledger entry, no phantom group."""

    def delete_group(cycle: Cycle, number: int) -> None:
        cycle.table.items.pop(GROUP_KEY, None)

    cycle = meddled(lacking_a_program(), delete_group, approved=True)
    assert statuses(approve(cycle)) == {"program-missing": "failed"}
    assert NEW_KEY not in cycle.table.items
    assert GROUP_KEY not in cycle.table.items
    assert cycle.state.entries == {}


def test_a_program_that_another_run_entered_meanwhile_is_not_made_twice() -> None:
    """The ledger is the mutex, whoever made the program and wherever it is filed."""

    def enter(cycle: Cycle, number: int) -> None:
        key = RecordingKey(BUCKET, PREFIX)
        cycle.state.entries.setdefault(key, LedgerEntry(key, {"ann": "another"}, "made"))

    cycle = meddled(lacking_a_program(), enter, approved=True)
    approve(cycle)
    assert NEW_KEY not in cycle.table.items


def test_a_program_that_the_live_processor_makes_meanwhile_is_no_finding() -> None:
    """What has settled between the listing and the confirmation is not reported."""
    small = agreeing()
    program = small.items.pop(OLD_KEY)
    record = small.records.pop("program-of-show1")
    cycle = Cycle.of(small.world())
    scan = cycle.table.scan

    def scan_then_make(read: Any) -> Any:
        found = scan(read)
        cycle.table.items[OLD_KEY] = copied(program)
        cycle.index.hits["program-of-show1"] = copied(record)
        return found

    cycle.table.scan = scan_then_make  # type: ignore[method-assign]
    outcome = cycle.check()
    assert [f.kind for f in outcome.report.findings if f.subject.type == "recording"] == []


@pytest.mark.parametrize("failing", range(1, 6))
@pytest.mark.parametrize("error", [SourceError("the store is away"), LeaseLost("the lease is gone")])
def test_a_run_that_fails_at_any_write_is_completed_by_the_next(failing: int, error: Exception) -> None:
    """Wherever a write fails, the next repair ends in the state of a run without any failure."""
    whole = Cycle.of(two_kinds_of_damage().world())
    whole.repair()
    approve(whole)

    def fail(cycle: Cycle, number: int) -> None:
        if number == failing:
            raise error

    cycle = Cycle.of(two_kinds_of_damage().world())
    cycle.repair(only=("program-missing",))
    withheld = cycle.reports.run_ids()[0]
    gate = Meddled(lambda number: fail(cycle, number))
    cycle.index = MeddledIndex(cycle.index.name, cycle.index.hits, before_write=gate)
    cycle.table = MeddledTable(cycle.table.name, cycle.table.items, cycle.state, before_write=gate)
    first = cycle.repair(approve=withheld)
    cycle.now += timedelta(hours=1)
    cycle.repair(approve=withheld)
    assert gate.writes >= failing or first.exit_code == 0
    assert sorted(cycle.table.items) == sorted(whole.table.items)
    assert cycle.index.hits.keys() == whole.index.hits.keys()
    counts = [store.table.items[GROUP_KEY]["programsCount"] for store in (cycle, whole)]
    assert counts[0] == counts[1] == {"N": "1"}
    assert cycle.check().exit_code == 0


def two_kinds_of_damage() -> Small:
    """Return a small world that lacks a program, and whose other records are stale or missing."""
    small = lacking_a_program()
    for number in range(2):
        small.upload(f"other{number}", f"upload-{number}")
    small.index(("u#other0#programs", "p#upload-0"))
    small.records["upload-0"]["title"] = "Older"
    return small


def test_the_recording_rows_of_that_time_are_linked_and_no_other() -> None:
    """A show's rows of that time learn its program, one or two; a row of another time does not."""
    for rows in (1, 2):
        small = lacking_a_program()
        ends = [small.now - timedelta(hours=2)] * rows + [small.now - timedelta(hours=50)]
        for number, ended in enumerate(ends):
            start, end = write_time(ended - timedelta(hours=1, minutes=number)), write_time(ended)
            row = {"pk": "show#show1", "sk": f"recording#{start}#row{number}", "recordingId": f"row{number}"}
            small.put(row | {"showId": "show1", "status": "processing", "startTime": start, "endTime": end})
        cycle = Cycle.of(small.world())
        cycle.repair()
        approve(cycle)
        found = {row["recordingId"]["S"]: row for row in cycle.table.items.values() if "recordingId" in row}
        linked = [found[f"row{number}"].get("programId") == {"S": NEW_ID} for number in range(rows + 1)]
        completed = [found[f"row{number}"]["status"]["S"] == "completed" for number in range(rows + 1)]
        assert linked == completed == [*[True] * rows, False]


def test_a_count_that_others_raise_meanwhile_is_counted_on_and_journaled_as_it_then_was() -> None:
    """The live processor counts its own programs at the same moment."""

    def count(cycle: Cycle, number: int) -> None:
        if number <= 2:
            said = int(cycle.table.items[GROUP_KEY]["programsCount"]["N"])
            cycle.table.items[GROUP_KEY]["programsCount"] = {"N": str(said + 10)}

    cycle = meddled(lacking_a_program(), count, approved=True)
    approve(cycle)
    assert cycle.table.items[GROUP_KEY]["programsCount"] == {"N": "21"}
    created = next(entry.written for entry in cycle.state.written if entry.what == "program created")
    assert isinstance(created, RowWritten)
    assert created.counted == Counted(RowKey(*GROUP_KEY), {"N": "20"}, {"N": "21"})


def test_a_count_that_others_raise_at_every_moment_is_given_up_and_nothing_is_written() -> None:
    def count(cycle: Cycle, number: int) -> None:
        cycle.table.items[GROUP_KEY]["programsCount"] = {"N": str(100 + number)}

    cycle = meddled(lacking_a_program(), count, approved=True)
    outcome = approve(cycle)
    assert NEW_KEY not in cycle.table.items
    assert [one.note for one in outcome.report.repairs] == [
        "its group's count changes faster than it can be raised"
    ]
