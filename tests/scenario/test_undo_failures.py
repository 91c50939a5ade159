"""An undo of a killed repair, and one whose stores fail: what is certain goes back, and the rest later."""

import copy
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from reconcile.model import journal
from reconcile.model.errors import Denied, Exit, SourceError
from reconcile.model.journal import RecordWritten
from tests.scenario.bad_night import (
    LOST,
    STALE,
    Night,
    became,
    differences,
    program_key,
)

CREATED, ROW = program_key(LOST), (journal.PROGRAM_CREATED, program_key(LOST)[1])
RECORD = (journal.RECORD_WRITTEN, CREATED[1].removeprefix("p#"))


def test_a_killed_repair_is_taken_back_where_it_is_certain_what_it_did(night: Night) -> None:
    """It left entries of record writes that never happened, and of some that did."""
    cycle, before, run = night
    for place, entry in cycle.state.journaled.items():
        if isinstance(entry.written, RecordWritten):
            cycle.state.journaled[place] = replace(entry, done=False)
    del cycle.reports.files[run]
    stale = copy.deepcopy(before.records[STALE])
    cycle.index.hits[STALE] = dict(stale)
    outcome = cycle.undo(run)
    assert outcome.exit_code == Exit.AGREES
    assert became(outcome)[journal.RECORD_WRITTEN, STALE] == ("done", "it says what it said before")
    assert differences(before, cycle.contents()) == []


def test_a_record_of_which_it_is_not_certain_that_it_was_written_is_left(night: Night) -> None:
    cycle, _, run = night
    for place, entry in cycle.state.journaled.items():
        if isinstance(entry.written, RecordWritten) and entry.written.object_id == STALE:
            cycle.state.journaled[place] = replace(entry, done=False)
    cycle.index.hits[STALE]["title"] = "Another one"
    outcome = cycle.undo(run)
    assert outcome.exit_code == Exit.FINDINGS
    assert "not certain" in became(outcome)[journal.RECORD_WRITTEN, STALE][1]
    assert cycle.index.hits[STALE]["title"] == "Another one"


def test_a_permission_that_is_missing_is_told_and_the_rest_is_taken_back(night: Night) -> None:
    cycle, before, run = night
    take_back = cycle.table.take_back

    def deny_deletes(edits: Any, *others: Any) -> Any:
        if any(edit.deletes for edit in edits):
            raise Denied("no dynamodb:DeleteItem")
        return take_back(edits, *others)

    with patch.object(cycle.table, "take_back", deny_deletes):
        outcome = cycle.undo(run)
    assert outcome.exit_code == Exit.INCOMPLETE
    assert became(outcome)[ROW] == ("denied", "no dynamodb:DeleteItem")
    assert cycle.index.hits[RECORD[1]]["objectID"] == RECORD[1]
    assert cycle.undo(run).exit_code == Exit.AGREES
    assert differences(before, cycle.contents()) == []


def test_an_index_that_fails_leaves_an_undo_incomplete_that_can_be_run_again(night: Night) -> None:
    cycle, before, run = night

    def fail(records: Any) -> Any:
        raise SourceError("the index is away")

    with patch.object(cycle.index, "write", fail):
        assert cycle.undo(run).exit_code == Exit.INCOMPLETE
    assert cycle.undo(run).exit_code == Exit.AGREES
    assert differences(before, cycle.contents()) == []


def test_a_lease_that_is_lost_ends_an_undo_and_what_was_not_begun_is_told(night: Night) -> None:
    cycle, before, run = night
    take_back = cycle.table.take_back

    def lose(*arguments: Any) -> Any:
        outcome = take_back(*arguments)
        cycle.state.lease = None
        return outcome

    with patch.object(cycle.table, "take_back", lose):
        outcome = cycle.undo(run)
    assert outcome.exit_code == Exit.INCOMPLETE
    assert [one.became for one in outcome.undone] == ["undone", *["failed"] * 10]
    assert cycle.undo(run).exit_code == Exit.AGREES
    assert differences(before, cycle.contents()) == []
