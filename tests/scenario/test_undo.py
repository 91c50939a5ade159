"""A repair that is taken back leaves table and index as before it, and the next night leaves them so."""

from reconcile.model import journal
from reconcile.model.errors import Exit
from tests.scenario.bad_night import (
    GROUPLESS,
    LOST,
    NEW_GROUP,
    Night,
    differences,
    finding_of,
    next_night,
    program_key,
    repaired,
    report_of,
    written,
)
from tests.scenario.test_restore import AGAIN, by_hand, deleted

CREATED, ROW = program_key(LOST), (journal.PROGRAM_CREATED, program_key(LOST)[1])
RECORD = (journal.RECORD_WRITTEN, CREATED[1].removeprefix("p#"))
KINDS = {
    journal.PROGRAM_CREATED,
    journal.PROGRAM_COMPLETED,
    journal.GROUP_CREATED,
    journal.SHOW_GROUPED,
    journal.ROW_LINKED,
    journal.PROGRAMS_COUNTED,
    journal.RECORD_WRITTEN,
}


def test_the_bad_night_makes_every_kind_of_repair(night: Night) -> None:
    cycle, before, run = night
    assert {repair.what for repair in report_of(cycle, run).repairs if repair.outcome == "made"} == KINDS
    assert len(differences(before, cycle.contents())) > 40


def test_a_bad_night_undone_at_once_leaves_table_and_index_as_before(night: Night) -> None:
    """Typed value by typed value: sets, bytes, numbers of 38 digits, and what was absent is absent."""
    cycle, before, run = night
    outcome = cycle.undo(run)
    assert (outcome.exit_code, {one.became for one in outcome.undone}) == (Exit.AGREES, {"undone"})
    assert differences(before, cycle.contents()) == []


def test_rows_that_undo_changes_say_when_and_no_other_row_does(night: Night) -> None:
    cycle, before, run = night
    night_end, at = cycle.contents(), cycle.now
    cycle.undo(run)
    after = cycle.contents()
    touched = {key for key in after.items if after.items[key] != night_end.items.get(key)}
    assert {after.items[key]["updatedAt"]["S"] for key in touched} == {f"{at:%Y-%m-%dT%H:%M:%S}.000Z"}
    untouched = after.items.keys() - touched
    assert {key for key in untouched if after.items[key] != before.items[key]} == set()


def test_the_next_night_does_not_do_it_again_and_says_who_took_it_back_and_why(night: Night) -> None:
    cycle, before, run = night
    cycle.undo(run)
    outcome = next_night(cycle)
    assert outcome.exit_code == Exit.AWAITING_APPROVAL
    assert written(outcome) == set()
    assert differences(before, cycle.contents()) == []
    reasons = set(outcome.report.approvals.values())
    assert len(outcome.report.approvals) >= 8
    assert all("took this repair back on" in reason and "a bad night" in reason for reason in reasons)


def test_what_is_approved_is_done_again_and_awaits_nothing_any_more(night: Night) -> None:
    cycle, _, run = night
    done = cycle.contents()
    cycle.undo(run)
    waiting = next_night(cycle)
    again = next_night(cycle, approve=waiting.report.run.id)
    assert written(again) == KINDS
    apart = [text for text in differences(done, cycle.contents()) if "reconcileRunId" not in text]
    assert [text for text in apart if "createdAt" not in text] == []
    assert next_night(cycle).report.approvals == {}


def test_a_second_undo_finds_nothing_left_to_take_back(night: Night) -> None:
    cycle, before, run = night
    cycle.undo(run)
    journaled = len(cycle.state.written)
    outcome = cycle.undo(run)
    assert (outcome.exit_code, {one.became for one in outcome.undone}) == (Exit.AGREES, {"done"})
    assert len(cycle.state.written) == journaled
    assert differences(before, cycle.contents()) == []


def test_a_program_that_was_restored_and_taken_back_is_restored_again_once_that_is_approved() -> None:
    """Its owner had deleted it, and a person had decided to bring it back: that decision counts again."""
    cycle = deleted()
    by_hand(cycle)
    run = cycle.repair().report.run.id
    assert AGAIN in cycle.table.items
    cycle.undo(run)
    waiting = cycle.repair()
    assert (waiting.exit_code, AGAIN in cycle.table.items) == (Exit.AWAITING_APPROVAL, False)
    cycle.repair(approve=waiting.report.run.id)
    assert AGAIN in cycle.table.items
    cycle.delete_program(AGAIN)
    cycle.repair()
    assert AGAIN not in cycle.table.items


def test_one_finding_alone_can_be_taken_back(night: Night) -> None:
    cycle, before, run = night
    done = cycle.contents()
    missing = finding_of(report_of(cycle, run), "program-missing")
    outcome = cycle.undo(run, missing.id)
    assert outcome.exit_code == Exit.AGREES
    assert CREATED not in cycle.table.items
    assert RECORD[1] not in cycle.index.hits
    left = {text for text in differences(before, done) if LOST in text or RECORD[1] in text}
    assert set(differences(done, cycle.contents())) == left
    assert cycle.undo(run).exit_code == Exit.AGREES
    assert differences(before, cycle.contents()) == []


def test_an_undo_is_journaled_and_listed_as_a_run(night: Night) -> None:
    cycle, _, run = night
    outcome = cycle.undo(run)
    entries = cycle.state.journal(outcome.run)
    assert {entry.what for entry in entries} == {f"undone: {what}" for what in KINDS - {journal.SHOW_GROUPED}}
    assert all(entry.done for entry in entries)
    summary = cycle.state.summaries[outcome.run]
    assert (summary["mode"], summary["undoes"], summary["exit_code"]) == ("undo", run, 0)
    assert "11 writes" in summary["headline"]
    assert set(cycle.reports.files[outcome.run]) == {"summary.json", "undo.json"}
    assert next_night(cycle).report.run.interrupted == ()


def test_only_a_groups_findings_name_their_show() -> None:
    """The group goes with the finding that it was made for."""
    cycle, before, run = repaired()
    found = finding_of(report_of(cycle, run), "group-missing")
    assert cycle.undo(run, found.id).exit_code == Exit.AGREES
    assert NEW_GROUP not in cycle.table.items
    apart = [text for text in differences(before, cycle.contents()) if GROUPLESS in text]
    assert apart == []
