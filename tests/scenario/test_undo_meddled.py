"""What somebody writes while a run is taken back: records follow their rows, and no edit is lost."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest

from reconcile.model import journal
from reconcile.model.decision import Decision, undone_id
from reconcile.model.errors import Denied, Exit, SourceError
from reconcile.model.finding import finding_id, record_subject
from reconcile.model.search_record import canonical
from reconcile.undo.words import effect
from tests.scenario.bad_night import (
    BARE,
    LOST,
    NEW_GROUP,
    OPT_IN,
    SHOW,
    STALE,
    became,
    differences,
    own_program,
    program_key,
    repaired,
)
from tests.scenario.cycle import Cycle

UPLOAD = ("u#other0#programs", f"p#{STALE}")
CREATED = program_key(LOST)
KEYS = {"given back": UPLOAD, "written from its row": own_program(BARE)}


def retitled(cycle: Cycle, key: tuple[str, str]) -> None:
    """Let an owner retitle a program, and the stream sync write its record at once."""
    cycle.table.items[key]["title"] = {"S": "Edited meanwhile"}
    cycle.index.hits[key[1].removeprefix("p#")] = canonical(cycle.table.items[key])


def before_the_write(cycle: Cycle, key: tuple[str, str], change: Callable[[], None]) -> Any:
    """Let somebody change something once, after a record was compared and before it is written."""
    write, name, changes = cycle.index.write, key[1].removeprefix("p#"), [change]

    def meddled(records: Any) -> Any:
        if changes and any(record["objectID"] == name for record in records):
            changes.pop()()
        return write(records)

    return patch.object(cycle.index, "write", meddled)


@pytest.mark.parametrize("what", KEYS)
def test_a_record_goes_again_if_its_row_was_deleted_while_it_was_written(what: str) -> None:
    """Else viewers would find a program that its owner deleted."""
    cycle, _, run = repaired()
    key = KEYS[what]
    if what != "given back":
        cycle.index.hits[key[1].removeprefix("p#")]["title"] = "Another one"
    with before_the_write(cycle, key, lambda: cycle.delete_program(key)):
        outcome = cycle.undo(run)
    assert key[1].removeprefix("p#") not in cycle.index.hits
    assert became(outcome)[journal.RECORD_WRITTEN, key[1].removeprefix("p#")][0] == "undone"
    assert cycle.undo(run).exit_code == Exit.AGREES


@pytest.mark.parametrize("certain", [True, False])
def test_a_record_says_what_an_owner_edited_while_it_was_written(certain: bool) -> None:
    cycle, _, run = repaired()
    if not certain:
        for place, entry in cycle.state.journaled.items():
            if entry.target.get("objectID") == STALE:
                cycle.state.journaled[place] = replace(entry, done=False)
    with before_the_write(cycle, UPLOAD, lambda: retitled(cycle, UPLOAD)):
        cycle.undo(run)
    assert cycle.index.hits[STALE]["title"] == "Edited meanwhile"


def test_a_record_that_the_index_has_not_published_follows_its_row_too() -> None:
    """What was only sent cannot be read back, but its row can."""
    cycle, _, run = repaired()
    write, remove = cycle.index.write, cycle.index.remove
    sent: list[Callable[[], Any]] = []

    def send(records: Any) -> Any:
        sent.append(lambda: write(records))
        return "sent"

    def send_removal(names: Any) -> Any:
        sent.append(lambda: remove(names))
        return "sent"

    with (
        patch.object(cycle.index, "write", send),
        patch.object(cycle.index, "remove", send_removal),
        before_the_write(cycle, UPLOAD, lambda: cycle.delete_program(UPLOAD)),
    ):
        cycle.undo(run)
    for publish in sent:
        publish()
    assert STALE not in cycle.index.hits
    assert CREATED[1].removeprefix("p#") not in cycle.index.hits


def test_a_recording_row_that_was_taken_back_awaits_approval_although_its_program_stays() -> None:
    """It was written for the program's finding, and is found by its own then."""
    cycle, _, run = repaired()
    cycle.table.items[CREATED]["title"] = {"S": "Mine now"}
    cycle.undo(run)
    rows = {key: dict(row) for key, row in cycle.table.items.items() if key[0] == f"show#{LOST}"}
    cycle.now += timedelta(hours=1)
    night = cycle.repair(**OPT_IN)
    assert {key: row for key, row in cycle.table.items.items() if key[0] == f"show#{LOST}"} == rows
    assert any("a bad night" in reason for reason in night.report.approvals.values())
    approved = cycle.repair(**OPT_IN, approve=night.report.run.id)
    assert journal.ROW_LINKED in {repair.what for repair in approved.report.repairs}


def test_what_was_approved_and_made_again_is_not_taken_back_with_the_run_before() -> None:
    """Who repeats an undo takes back what that run wrote, not what another one did since."""
    cycle, _, run = repaired()
    first = cycle.undo(run)
    cycle.now += timedelta(hours=1)
    waiting = cycle.repair(**OPT_IN)
    cycle.now += timedelta(hours=1)
    again = cycle.repair(**OPT_IN, approve=waiting.report.run.id)
    assert journal.PROGRAM_COMPLETED in {repair.what for repair in again.report.repairs}
    standing = cycle.contents()
    repeated = cycle.undo(run)
    assert differences(standing, cycle.contents()) == []
    assert {one.became for one in repeated.undone} == {"done"}
    assert {one.why for one in repeated.undone} == {f"it was taken back before, by the run {first.run}"}
    assert cycle.undo(again.report.run.id).exit_code == Exit.AGREES
    assert len(differences(standing, cycle.contents())) > 20


def test_a_group_stays_while_its_show_cannot_be_given_back_what_it_said() -> None:
    """A show must not name a group that is gone."""
    cycle, _, run = repaired()
    doubtful = [
        replace(entry, doubt="it is of a later version" if entry.what == journal.SHOW_GROUPED else "")
        for entry in cycle.state.journal(run)
    ]
    with patch.object(cycle.state, "journal", lambda name: doubtful if name == run else []):
        outcome = cycle.undo(run)
    assert NEW_GROUP in cycle.table.items
    assert cycle.table.items[SHOW]["groupId"] == {"S": NEW_GROUP[1].removeprefix("g#")}
    told = became(outcome)[journal.GROUP_CREATED, NEW_GROUP[1]]
    assert told == ("left", "its show goes on naming it: it is of a later version")


def test_what_was_written_before_a_store_failed_is_told_as_taken_back() -> None:
    """The journal could not say so at once; the records stand as they were before the run."""
    cycle, before, run = repaired()
    mark_done, faults = cycle.state.mark_done, [SourceError("the table is down")]

    def failing(entries: Any) -> None:
        if faults:
            raise faults.pop()
        mark_done(entries)

    with patch.object(cycle.state, "mark_done", failing):
        outcome = cycle.undo(run)
    assert differences(before, cycle.contents()) == []
    assert {one.became for one in outcome.undone} == {"undone"}


def test_of_a_group_that_its_owner_deleted_it_is_not_said_that_it_is_deleted() -> None:
    cycle, _, run = repaired()
    del cycle.table.items[NEW_GROUP]
    outcome = cycle.undo(run)
    assert cycle.table.items[SHOW]["groupId"] == {"S": ""}
    (group,) = (one.reversal for one in outcome.undone if one.reversal.target.what == journal.GROUP_CREATED)
    assert effect(group) == "it is gone already, and its show names none"


def test_what_was_refused_for_want_of_rights_does_not_await_approval() -> None:
    """Nothing of it was taken back; what an earlier undo took back goes on waiting."""
    cycle, _, run = repaired()
    held = finding_id("record-stale", record_subject(STALE))
    by_hand = Decision("undone", undone_id(held), "ann", "before", None, cycle.now, finding=held)
    cycle.state.decide([by_hand])
    denied = Denied("not authorized")
    with (
        patch.object(cycle.table, "take_back", side_effect=denied),
        patch.object(cycle.index, "write", side_effect=denied),
        patch.object(cycle.index, "remove", side_effect=denied),
    ):
        assert cycle.undo(run).exit_code == Exit.INCOMPLETE
    waiting = {one.finding for one in cycle.state.decisions().values() if not one.undone_by}
    assert waiting == {held}
