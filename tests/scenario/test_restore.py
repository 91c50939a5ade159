"""A retired recording whose program somebody wants again gets it once, and no deletion is undone twice."""

from datetime import timedelta

import pytest

from reconcile.cli.app import run
from reconcile.model.catalog import RowKey
from reconcile.model.decision import Decision, decision_id
from reconcile.model.journal import RowWritten
from reconcile.model.recording import RecordingKey, program_id_of
from reconcile.model.snapshot import LedgerEntry
from reconcile.stores.write_ports import GroupGain
from tests.scenario.conftest import Shell, Shells
from tests.scenario.cycle import Cycle
from tests.scenario.small import BUCKET, PREFIX, Small, agreeing, lacking_a_program

OTHER = "dddddddddddd/eeeeeeeeeeee/ffffffffffff/composite"
KEY = RecordingKey(BUCKET, PREFIX)
FIRST = ("u#ann#programs", "p#program-of-show1")
AGAIN = ("u#ann#programs", f"p#{program_id_of(KEY)}")


def deleted(small: Small | None = None) -> Cycle:
    """Return a world whose owner deleted the recording's program after the job had seen it."""
    world = small or agreeing()
    world.populate(30)
    cycle = Cycle.of(world.world())
    cycle.check()
    cycle.delete_program(FIRST)
    return cycle


def by_hand(cycle: Cycle, prefix: str = PREFIX) -> Decision:
    """Decide in memory what `restore` keeps."""
    key = RecordingKey(BUCKET, prefix)
    decision = Decision("restore", decision_id("restore", key), "ann", "by mistake", None, cycle.now, *key)
    cycle.state.decide([decision])
    return decision


def verdicts(cycle: Cycle) -> dict[str, str]:
    return {line.prefix: line.verdict for line in cycle.check().report.recordings}


def restore(shell: Shell, prefix: str = PREFIX) -> int:
    return run(["restore", prefix, "--reason", "deleted by mistake"])


def test_a_restored_recording_gets_its_program_again_and_a_later_deletion_stands(
    shell_on: Shells, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first repair makes it without another approval; what its owner deletes after that stays deleted."""
    small = agreeing()
    small.populate(30)
    shell = shell_on(small.world())
    shell("check")
    shell.delete_row(FIRST)
    _, report = shell("check")
    assert report["counts"]["recording"]["retired"] == 1
    assert restore(shell) == 0
    told = capsys.readouterr().out
    assert f"s3://{BUCKET}/{PREFIX}" in told
    assert "The next repair recreates its program" in told
    _, report = shell("repair")
    made = [one for one in report["repairs"] if one["what"] == "program created"]
    assert [(one["target"]["sk"], one["verified"]) for one in made] == [(AGAIN[1], True)]
    (entry,) = (row for (pk, _), row in shell.state().items() if pk.startswith("ledger#"))
    (decision,) = shell.decisions()
    assert entry["how"]["S"] == "restored"
    assert entry["restored"]["S"].startswith(decision["id"])
    shell.delete_row(AGAIN)
    _, report = shell("repair")
    assert report["counts"]["recording"]["retired"] == 1
    assert shell.programs() == {}
    assert report["decisions"][0]["carried_out"]


def test_who_restores_it_once_more_gets_it_once_more(shell_on: Shells) -> None:
    small = agreeing()
    small.populate(30)
    shell = shell_on(small.world())
    shell("check")
    shell.delete_row(FIRST)
    for _ in range(2):
        assert restore(shell) == 0
        shell("repair")
        assert set(shell.programs()) == {AGAIN}
        shell.delete_row(AGAIN)
        shell("repair")
        assert shell.programs() == {}


def test_the_ledger_entry_of_a_restore_is_the_mutex() -> None:
    """A program that was restored and deleted again while a run was on its way is not made a third time."""
    cycle = deleted()
    decision = by_hand(cycle)
    ports = cycle.ports()
    tools = cycle.tools(ports)
    stale = cycle.state.ledger()
    cycle.repair()
    made = cycle.table.items.pop(AGAIN)
    assert cycle.state.entries[KEY].restored == decision.mark
    programs = {**stale[KEY].programs, "ann": made["programId"]["S"]}
    ledger = LedgerEntry(KEY, programs, "restored", decision.mark)
    with tools.lease() as lease:
        repair_ports = tools.ports(lease)
        entry = repair_ports.entry("program created", (), RowWritten(RowKey(*AGAIN), None, made))
        gain = GroupGain(RowKey("u#ann#groups", "g#group1"), None)
        assert repair_ports.rows_writer.create_program(made, gain, ledger, stale[KEY], entry) == "already"
    assert AGAIN not in cycle.table.items


def test_only_the_recording_that_is_named_comes_back() -> None:
    """Its twin, whose program was deleted as well, stays deleted."""
    small = agreeing()
    small.record_broadcast(prefix=OTHER)
    second = small.program(OTHER)
    small.items[second]["programId"] = {"S": "program-of-show1"}
    cycle = Cycle.of(small.world())
    cycle.state.entries[KEY] = LedgerEntry(KEY, {"ann": "gone-1"}, "seen")
    cycle.state.entries[RecordingKey(BUCKET, OTHER)] = LedgerEntry(
        RecordingKey(BUCKET, OTHER), {"ann": "gone-2"}, "seen"
    )
    cycle.table.items.pop(second)
    cycle.index.hits.clear()
    assert verdicts(cycle) == {PREFIX: "retired", OTHER: "retired"}
    by_hand(cycle, OTHER)
    assert verdicts(cycle) == {PREFIX: "retired", OTHER: "program-missing"}
    cycle.repair()
    assert verdicts(cycle) == {PREFIX: "retired", OTHER: "agrees"}


def test_a_twin_that_nobody_deleted_does_not_take_the_place_of_the_restored_one() -> None:
    small = agreeing()
    small.record_broadcast(prefix=OTHER)
    cycle = deleted(small)
    by_hand(cycle)
    assert verdicts(cycle) == {PREFIX: "program-missing", OTHER: "twin"}


def test_a_program_that_somebody_else_brought_back_first_uses_the_decision_up() -> None:
    """When that one is deleted too, the job does not make it again."""
    cycle = deleted()
    by_hand(cycle)
    cycle.table.items[FIRST] = agreeing().items[FIRST]
    assert verdicts(cycle)[PREFIX] == "agrees"
    cycle.table.items.pop(FIRST)
    assert verdicts(cycle)[PREFIX] == "retired"
    cycle.repair()
    assert not [key for key in cycle.table.items if key[0] == "u#ann#programs"]


def test_a_restored_program_that_moves_to_another_owner_is_not_made_again_when_it_goes() -> None:
    cycle = deleted()
    by_hand(cycle)
    cycle.repair()
    row = cycle.table.items.pop(AGAIN)
    moved = ("u#bob#programs", AGAIN[1])
    cycle.table.items[moved] = row | {"pk": {"S": moved[0]}, "ownerId": {"S": "bob"}}
    cycle.check()
    cycle.table.items.pop(moved)
    cycle.index.hits.pop(row["programId"]["S"])
    assert verdicts(cycle)[PREFIX] == "retired"


def test_an_old_retired_recording_is_restored_whatever_the_window() -> None:
    small = lacking_a_program()
    small.record_broadcast(ended=timedelta(days=200))
    small.program()
    cycle = deleted(small)
    day = timedelta(days=1)
    assert cycle.repair(lookback=day).report.repairs == ()
    by_hand(cycle)
    findings = cycle.repair(lookback=day).report.findings
    assert [one.status for one in findings if one.subject.type == "recording"] == ["repaired"]
    assert AGAIN in cycle.table.items


def test_a_restore_that_is_undone_in_time_restores_nothing() -> None:
    cycle = deleted()
    cycle.state.decide([by_hand(cycle).undone("bob", cycle.now)])
    assert cycle.repair().report.repairs == ()
    assert cycle.check().report.decisions == ()


@pytest.mark.parametrize("checked", [False, True])
def test_a_recording_that_is_not_retired_is_refused_and_told_what_it_is(
    shell_on: Shells, capsys: pytest.CaptureFixture[str], checked: bool
) -> None:
    shell = shell_on(lacking_a_program().world())
    if checked:
        shell("check")
    capsys.readouterr()
    assert restore(shell) == 64
    told = capsys.readouterr().err
    assert ("“No program”" if checked else "reconcile check --full") in told
    assert shell.decisions() == []


def test_a_recording_that_has_a_program_now_is_refused(
    shell_on: Shells, capsys: pytest.CaptureFixture[str]
) -> None:
    shell = shell_on(agreeing().world())
    shell("check")
    assert restore(shell) == 64
    assert "program-of-show1" in capsys.readouterr().err


def test_a_deletion_since_the_last_report_counts(shell_on: Shells) -> None:
    """What the stores say now goes before what the last report said."""
    shell = shell_on(agreeing().world())
    shell("check")
    shell.delete_row(FIRST)
    assert restore(shell) == 0


def test_what_only_another_store_remembers_is_restored_by_the_last_report(shell_on: Shells) -> None:
    """The ledger never saw the program: a search record alone tells of it."""
    small = agreeing()
    del small.items[FIRST]
    shell = shell_on(small.world())
    assert restore(shell) == 64
    shell("check")
    assert restore(shell) == 0
    shell("repair")
    assert set(shell.programs()) == {AGAIN}


def test_a_restore_needs_the_state_table(shell_on: Shells, capsys: pytest.CaptureFixture[str]) -> None:
    shell = shell_on(agreeing().world())
    shell.monkeypatch.delenv("RECONCILE_STATE_TABLE")
    assert restore(shell) == 64
    assert "RECONCILE_STATE_TABLE" in capsys.readouterr().err
