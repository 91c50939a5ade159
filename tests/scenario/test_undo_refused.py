"""Runs that cannot be undone, or only in part: each is refused or listed with its reason."""

import json
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import pytest

from reconcile.model import journal
from reconcile.model.clock import write_time
from reconcile.model.errors import Exit, UsageError
from reconcile.model.journal import JournalEntry, RecordWritten
from reconcile.model.search_record import plain
from reconcile.stores.attributes import to_item
from reconcile.stores.journal_items import journal_of as journal_of_item
from reconcile.undo.request import UndoOrder, journal_of
from tests.scenario.bad_night import (
    ABSENT,
    BARE,
    DRIFTED,
    LOST,
    STALE,
    Night,
    bad_night,
    became,
    differences,
    group_key,
    own_program,
    program_key,
)
from tests.scenario.cycle import Cycle

CREATED, ROW = program_key(LOST), (journal.PROGRAM_CREATED, program_key(LOST)[1])


def refused(cycle: Cycle, run: str, finding: str = "") -> str:
    contents, journaled = cycle.contents(), len(cycle.state.written)
    with pytest.raises(UsageError) as caught:
        cycle.undo(run, finding)
    assert (cycle.contents(), len(cycle.state.written)) == (contents, journaled)
    return str(caught.value)


def test_a_check_an_undo_and_an_unknown_run_cannot_be_undone(night: Night) -> None:
    cycle, _, run = night
    check = next(one["id"] for one in cycle.state.runs(9) if one["mode"] == "check")
    assert "is a check: it wrote nothing" in refused(cycle, check)
    for unknown in ("20250101T000000000Z-abcdef", "../x", ""):
        assert "there is no run" in refused(cycle, unknown)
    undo = cycle.undo(run).run
    assert "is an undo itself" in refused(cycle, undo)


def test_a_run_of_another_stage_cannot_be_undone(night: Night) -> None:
    cycle, _, _ = night
    foreign = "20260101T000000000Z-abcdef"
    summary = json.dumps({"id": foreign, "stage": "another", "mode": "repair"})
    cycle.reports.save(foreign, {"summary.json": summary})
    assert "is of the stage another" in refused(cycle, foreign)


def test_a_run_that_is_under_way_cannot_be_undone(night: Night) -> None:
    cycle, _, run = night
    lease = cycle.tools(cycle.ports()).lease()
    with lease:
        assert cycle.state.lease is not None
        cycle.state.lease = replace(cycle.state.lease, run=run)
        with pytest.raises(UsageError, match="still under way"):
            journal_of(UndoOrder(run, "a bad night"), cycle.ports().memory)


@pytest.mark.parametrize("number", ["first", "middle", "last", "all"])
def test_a_run_whose_journal_is_cut_is_not_undone_in_part(night: Night, number: str) -> None:
    cycle, _, run = night
    places = sorted(place for place in cycle.state.journaled if place[0] == run)
    chosen = {"first": places[:1], "middle": places[4:5], "last": places[-1:], "all": places}[number]
    for place in chosen:
        del cycle.state.journaled[place]
    assert "is not whole: it lacks" in refused(cycle, run)


def test_a_killed_runs_journal_that_is_cut_shows_by_its_own_chain(night: Night) -> None:
    cycle, _, run = night
    del cycle.reports.files[run]
    places = sorted(place for place in cycle.state.journaled if place[0] == run)
    del cycle.state.journaled[places[3]]
    assert f"entry {places[3][1]}" in refused(cycle, run)


def test_a_finding_that_the_run_wrote_nothing_for_is_named_with_those_that_it_did(night: Night) -> None:
    cycle, _, run = night
    text = refused(cycle, run, "128715144ad5")
    assert "wrote nothing for a finding '128715144ad5'; it wrote for: " in text
    assert " more" in text


def test_a_run_that_wrote_nothing_has_nothing_to_take_back() -> None:
    small = bad_night()
    cycle = Cycle.of(small.world())
    run = cycle.repair(only=("program-missing",)).report.run.id
    outcome = cycle.undo(run)
    assert (outcome.exit_code, outcome.undone) == (Exit.AGREES, ())


def former(entry: JournalEntry) -> JournalEntry:
    """Return an entry as it is read of a journal that the version before wrote."""
    written = entry.written
    record = isinstance(written, RecordWritten)
    target = {"objectID": entry.target["objectID"]} if record else entry.target
    before: Any = written.before or {}
    after: Any = written.after or {}
    if not record:
        before, after = ({name: plain(value) for name, value in side.items()} for side in (before, after))
    values = {"what": entry.what, "target": target, "before": before, "after": after, "done": entry.done}
    place = {"pk": f"journal#{entry.run}", "sk": f"{entry.number:06d}", "at": write_time(entry.at)}
    return journal_of_item(to_item({**place, **values}))


def test_of_a_journal_of_the_version_before_what_is_provable_is_taken_back_and_the_rest_told(
    night: Night,
) -> None:
    cycle, before, run = night
    entries = [former(entry) for entry in cycle.state.journal(run)]
    with patch.object(cycle.state, "journal", lambda run: entries):
        assert "of an earlier version" in refused(cycle, run, "128715144ad5")
        outcome = cycle.undo(run)
    assert outcome.exit_code == Exit.FINDINGS
    told = {name: why for name, (how, why) in became(outcome).items() if how == "left"}
    rows = {key[1] for key in before.items if key[0] == f"show#{LOST}" and key[1] != "info"}
    assert {name for name, _ in told} == {
        journal.RECORD_WRITTEN,
        journal.ROW_LINKED,
        journal.PROGRAM_COMPLETED,
        journal.PROGRAMS_COUNTED,
    }
    # The one count is of a group whose completed program stays in it.
    assert [why for why in told.values() if "earlier version" not in why] == [
        "somebody changed programsCount since"
    ]
    assert {text.rpartition(": ")[0] or text for text in differences(before, cycle.contents())} == {
        STALE,
        ABSENT,
        f"program-of-{BARE}",
        *(str((f"show#{LOST}", row)) for row in rows),
        str(own_program(BARE)),
        str(group_key(DRIFTED)),
        # Nobody wrote down that the one was absent; the other is counted with the program that stays.
        str(group_key(LOST)),
        str(group_key(BARE)),
    }
