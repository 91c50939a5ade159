"""A repair that is taken back leaves table and index as before it, and the next night leaves them so."""

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest

from reconcile.model import journal
from reconcile.model.clock import write_time
from reconcile.model.errors import Denied, Exit, SourceError, UsageError
from reconcile.model.finding import Finding
from reconcile.model.journal import JournalEntry, RecordWritten
from reconcile.model.recording import RecordingKey
from reconcile.model.search_record import plain
from reconcile.report.data import Report
from reconcile.runs.finish import Outcome
from reconcile.stores.attributes import to_item
from reconcile.stores.journal_items import journal_of as journal_of_item
from reconcile.undo.request import UndoOrder, journal_of
from tests.scenario.bad_night import (
    ABSENT,
    BARE,
    DRIFTED,
    GROUPLESS,
    LOST,
    NEW_GROUP,
    OPT_IN,
    SHOW,
    STALE,
    STUCK,
    bad_night,
    became,
    differences,
    group_key,
    own_program,
    prefix,
    program_key,
    repaired,
    written,
)
from tests.scenario.cycle import Contents, Cycle
from tests.scenario.small import BUCKET
from tests.scenario.test_restore import AGAIN, by_hand, deleted

LATER = timedelta(hours=1)
CREATED, ROW = program_key(LOST), (journal.PROGRAM_CREATED, program_key(LOST)[1])
RECORD = (journal.RECORD_WRITTEN, CREATED[1].removeprefix("p#"))
KEY = RecordingKey(BUCKET, prefix(LOST))
KINDS = {
    journal.PROGRAM_CREATED,
    journal.PROGRAM_COMPLETED,
    journal.GROUP_CREATED,
    journal.SHOW_GROUPED,
    journal.ROW_LINKED,
    journal.PROGRAMS_COUNTED,
    journal.RECORD_WRITTEN,
}


@pytest.fixture(scope="module")
def _night() -> tuple[Cycle, Contents, str]:
    return repaired()


@pytest.fixture
def night(_night: tuple[Cycle, Contents, str]) -> tuple[Cycle, Contents, str]:
    """A world after a night that made every kind of repair, what it was before, and the run."""
    cycle, before, run = _night
    return cycle.again(), before, run


def report_of(cycle: Cycle, run: str) -> Report:
    return Report.from_json(cycle.reports.files[run]["report.json"])


def next_night(cycle: Cycle, **asked: Any) -> Outcome:
    cycle.now += LATER
    return cycle.repair(**OPT_IN, **asked)


def finding(report: Report, kind: str, text: str = "") -> Finding:
    (found,) = (one for one in report.findings if one.kind == kind and text in str(one.subject))
    return found


def test_the_bad_night_makes_every_kind_of_repair(night: tuple[Cycle, Contents, str]) -> None:
    cycle, before, run = night
    assert {repair.what for repair in report_of(cycle, run).repairs if repair.outcome == "made"} == KINDS
    assert len(differences(before, cycle.contents())) > 40


def test_a_bad_night_undone_at_once_leaves_table_and_index_as_before(
    night: tuple[Cycle, Contents, str],
) -> None:
    """Typed value by typed value: sets, bytes, numbers of 38 digits, and what was absent is absent."""
    cycle, before, run = night
    outcome = cycle.undo(run)
    assert (outcome.exit_code, {one.became for one in outcome.undone}) == (Exit.AGREES, {"undone"})
    assert differences(before, cycle.contents()) == []


def test_rows_that_undo_changes_say_when_and_no_other_row_does(night: tuple[Cycle, Contents, str]) -> None:
    cycle, before, run = night
    night_end, at = cycle.contents(), cycle.now
    cycle.undo(run)
    after = cycle.contents()
    touched = {key for key in after.items if after.items[key] != night_end.items.get(key)}
    assert {after.items[key]["updatedAt"]["S"] for key in touched} == {f"{at:%Y-%m-%dT%H:%M:%S}.000Z"}
    untouched = after.items.keys() - touched
    assert {key for key in untouched if after.items[key] != before.items[key]} == set()


def test_the_next_night_does_not_do_it_again_and_says_who_took_it_back_and_why(
    night: tuple[Cycle, Contents, str],
) -> None:
    cycle, before, run = night
    cycle.undo(run)
    outcome = next_night(cycle)
    assert outcome.exit_code == Exit.AWAITING_APPROVAL
    assert written(outcome) == set()
    assert differences(before, cycle.contents()) == []
    reasons = set(outcome.report.approvals.values())
    assert len(outcome.report.approvals) >= 8
    assert all("took this repair back on" in reason and "a bad night" in reason for reason in reasons)


def test_what_is_approved_is_done_again_and_awaits_nothing_any_more(
    night: tuple[Cycle, Contents, str],
) -> None:
    cycle, _, run = night
    done = cycle.contents()
    cycle.undo(run)
    waiting = next_night(cycle)
    again = next_night(cycle, approve=waiting.report.run.id)
    assert written(again) == KINDS
    apart = [text for text in differences(done, cycle.contents()) if "reconcileRunId" not in text]
    assert [text for text in apart if "createdAt" not in text] == []
    assert next_night(cycle).report.approvals == {}


def test_a_second_undo_finds_nothing_left_to_take_back(night: tuple[Cycle, Contents, str]) -> None:
    cycle, before, run = night
    cycle.undo(run)
    journaled = len(cycle.state.written)
    outcome = cycle.undo(run)
    assert (outcome.exit_code, {one.became for one in outcome.undone}) == (Exit.AGREES, {"done"})
    assert len(cycle.state.written) == journaled
    assert differences(before, cycle.contents()) == []


def edit(key: tuple[str, str], name: str, value: Any) -> Callable[[Cycle], None]:
    def change(cycle: Cycle) -> None:
        if value is None:
            del cycle.table.items[key][name]
        else:
            cycle.table.items[key][name] = value

    return change


STUCK_ROW = (journal.ROW_LINKED, STUCK)
EDITS = {
    "a created program is retitled": (CREATED, "title", {"S": "Mine now"}),
    "a created program gets another attribute": (CREATED, "views", {"N": "1"}),
    "a created program loses one": (CREATED, "tags", None),
    "a completed program is moved": (own_program(BARE), "groupId", {"S": "chosen"}),
    "a completed program plays another URL": (own_program(BARE), "program_url", {"S": "https://x/y"}),
    "a show names another group": (SHOW, "groupId", {"S": "chosen"}),
    "a group counts again": (group_key(DRIFTED), "programsCount", {"N": "9"}),
    "a created group is renamed": (NEW_GROUP, "name", {"S": "Mine now"}),
}


@pytest.mark.parametrize("what", EDITS)
def test_what_an_owner_changed_since_is_left_and_told_and_all_else_is_taken_back(
    night: tuple[Cycle, Contents, str], what: str
) -> None:
    cycle, before, run = night
    key, name, value = EDITS[what]
    edit(key, name, value)(cycle)
    owned = copy.deepcopy(cycle.table.items[key])
    outcome = cycle.undo(run)
    told = [f"{one.why} {one.reversal.rest}" for one in outcome.undone]
    assert outcome.exit_code == Exit.FINDINGS
    assert sum(name in text and "since" in text for text in told) == 1
    assert {name: said for name, said in cycle.table.items[key].items() if name != "updatedAt"} == {
        name: said for name, said in owned.items() if name != "updatedAt"
    }
    others = {text for text in differences(before, cycle.contents()) if not text.startswith(f"{key}:")}
    assert not [text for text in others if STALE in text or ABSENT in text or STUCK in text]


def test_a_program_that_its_owner_deleted_stays_deleted_and_is_not_waited_for(
    night: tuple[Cycle, Contents, str],
) -> None:
    cycle, _, run = night
    cycle.delete_program(CREATED)
    outcome = cycle.undo(run)
    assert became(outcome)[ROW] == ("done", "its owner deleted it since, and it stays deleted")
    assert cycle.state.entries[KEY].how == "made"
    night_after = next_night(cycle)
    assert night_after.report.counts["recording"]["retired"] == 1
    assert CREATED not in cycle.table.items


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


def test_a_row_that_is_gone_has_nothing_to_get_back(night: tuple[Cycle, Contents, str]) -> None:
    cycle, _, run = night
    cycle.delete_program(own_program(BARE))
    # The application counts it down.
    cycle.table.items[group_key(BARE)]["programsCount"] = {"N": "0"}
    assert cycle.undo(run).exit_code == Exit.AGREES
    assert own_program(BARE) not in cycle.table.items
    assert f"program-of-{BARE}" not in cycle.index.hits


def test_a_created_group_stays_while_a_program_lies_in_it(night: tuple[Cycle, Contents, str]) -> None:
    """Its show goes on naming it."""
    cycle, _, run = night
    owner = NEW_GROUP[0].removesuffix("#groups")
    group = NEW_GROUP[1].removeprefix("g#")
    key = (f"{owner}#programs", "p#mine")
    row = {"pk": key[0], "sk": key[1], "programId": "mine", "groupId": group}
    cycle.table.items[key] = {name: {"S": text} for name, text in row.items()}
    outcome = cycle.undo(run)
    assert outcome.exit_code == Exit.FINDINGS
    assert became(outcome)[journal.GROUP_CREATED, NEW_GROUP[1]] == ("left", "programs lie in it: p#mine")
    assert NEW_GROUP in cycle.table.items
    assert cycle.table.items[SHOW]["groupId"] == {"S": group}


@pytest.mark.parametrize(
    ("standing", "after"),
    [
        ({"N": "1"}, None),
        ({"N": "5"}, {"N": "4"}),
        ({"S": "many"}, {"S": "many"}),
        ({"N": "0"}, {"N": "0"}),
    ],
    ids=["as the run left it", "counted on by others", "no number any more", "counted down by others"],
)
def test_a_groups_count_goes_down_by_the_program_that_goes(
    night: tuple[Cycle, Contents, str], standing: Any, after: Any
) -> None:
    """It was absent before the run: where nobody counted since, it is absent again."""
    cycle, _, run = night
    cycle.table.items[group_key(LOST)]["programsCount"] = standing
    outcome = cycle.undo(run)
    assert cycle.table.items[group_key(LOST)].get("programsCount") == after
    assert CREATED not in cycle.table.items
    assert outcome.exit_code == (Exit.FINDINGS if after == standing else Exit.AGREES)


def test_a_program_goes_although_its_group_is_gone(night: tuple[Cycle, Contents, str]) -> None:
    cycle, _, run = night
    del cycle.table.items[group_key(LOST)]
    assert cycle.undo(run).exit_code == Exit.AGREES
    assert {CREATED, group_key(LOST)} & cycle.table.items.keys() == set()


def test_a_record_that_somebody_changed_since_is_left(night: tuple[Cycle, Contents, str]) -> None:
    cycle, _, run = night
    cycle.index.hits[STALE]["title"] = "Another one"
    for _ in range(2):
        outcome = cycle.undo(run)
        assert became(outcome)[journal.RECORD_WRITTEN, STALE] == ("left", "somebody changed it since")
        assert (outcome.exit_code, cycle.index.hits[STALE]["title"]) == (Exit.FINDINGS, "Another one")


def test_a_record_that_somebody_changed_since_follows_the_row_that_is_taken_back(
    night: tuple[Cycle, Contents, str],
) -> None:
    cycle, before, run = night
    name = f"program-of-{BARE}"
    cycle.index.hits[name]["title"] = "Another one"
    outcome = cycle.undo(run)
    assert became(outcome)[journal.RECORD_WRITTEN, name] == ("undone", "it is written from its row")
    assert differences(before, cycle.contents()) == []
    assert {one.became for one in cycle.undo(run).undone} == {"done"}


def test_a_record_whose_row_changed_since_is_not_given_back_what_it_said_of_another_one(
    night: tuple[Cycle, Contents, str],
) -> None:
    cycle, _, run = night
    cycle.table.items["u#other0#programs", f"p#{STALE}"]["title"] = {"S": "Edited since"}
    cycle.undo(run)
    assert cycle.index.hits[STALE]["title"] == "Edited since"


def test_a_record_of_a_program_that_stays_is_kept(night: tuple[Cycle, Contents, str]) -> None:
    cycle, _, run = night
    edit(CREATED, "title", {"S": "Mine now"})(cycle)
    cycle.undo(run)
    assert cycle.index.hits[RECORD[1]]["title"] == "Mine now"


def test_what_the_index_hides_is_not_lost_by_giving_a_record_back_without_it(
    night: tuple[Cycle, Contents, str],
) -> None:
    """Nobody knows what a hidden field said, so the record is written from its row."""
    cycle, _, run = night
    cycle.index.hides = frozenset({"description"})
    outcome = cycle.undo(run)
    assert became(outcome)[journal.RECORD_WRITTEN, STALE][0] == "done"
    assert cycle.index.hits[STALE]["title"] == "An upload"
    assert RECORD[1] not in cycle.index.hits


def test_one_finding_alone_can_be_taken_back(night: tuple[Cycle, Contents, str]) -> None:
    cycle, before, run = night
    done = cycle.contents()
    missing = finding(report_of(cycle, run), "program-missing")
    outcome = cycle.undo(run, missing.id)
    assert outcome.exit_code == Exit.AGREES
    assert CREATED not in cycle.table.items
    assert RECORD[1] not in cycle.index.hits
    left = {text for text in differences(before, done) if LOST in text or RECORD[1] in text}
    assert set(differences(done, cycle.contents())) == left
    assert cycle.undo(run).exit_code == Exit.AGREES
    assert differences(before, cycle.contents()) == []


def test_the_stream_sync_may_be_faster_than_undo(night: tuple[Cycle, Contents, str]) -> None:
    """It writes or deletes each record as soon as its row changes; the end is what the rows say."""
    cycle, before, run = night
    take_back = cycle.table.take_back

    def synced(*arguments: Any) -> Any:
        outcome = take_back(*arguments)
        if CREATED not in cycle.table.items:
            cycle.index.hits.pop(RECORD[1], None)
        return outcome

    with patch.object(cycle.table, "take_back", synced):
        assert cycle.undo(run).exit_code == Exit.AGREES
    assert differences(before, cycle.contents()) == []


def test_an_undo_is_journaled_and_listed_as_a_run(night: tuple[Cycle, Contents, str]) -> None:
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


def test_a_killed_repair_is_taken_back_where_it_is_certain_what_it_did(
    night: tuple[Cycle, Contents, str],
) -> None:
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


def test_a_record_of_which_it_is_not_certain_that_it_was_written_is_left(
    night: tuple[Cycle, Contents, str],
) -> None:
    cycle, _, run = night
    for place, entry in cycle.state.journaled.items():
        if isinstance(entry.written, RecordWritten) and entry.written.object_id == STALE:
            cycle.state.journaled[place] = replace(entry, done=False)
    cycle.index.hits[STALE]["title"] = "Another one"
    outcome = cycle.undo(run)
    assert outcome.exit_code == Exit.FINDINGS
    assert "not certain" in became(outcome)[journal.RECORD_WRITTEN, STALE][1]
    assert cycle.index.hits[STALE]["title"] == "Another one"


def test_a_permission_that_is_missing_is_told_and_the_rest_is_taken_back(
    night: tuple[Cycle, Contents, str],
) -> None:
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


def test_an_index_that_fails_leaves_an_undo_incomplete_that_can_be_run_again(
    night: tuple[Cycle, Contents, str],
) -> None:
    cycle, before, run = night

    def fail(records: Any) -> Any:
        raise SourceError("the index is away")

    with patch.object(cycle.index, "write", fail):
        assert cycle.undo(run).exit_code == Exit.INCOMPLETE
    assert cycle.undo(run).exit_code == Exit.AGREES
    assert differences(before, cycle.contents()) == []


def test_a_lease_that_is_lost_ends_an_undo_and_what_was_not_begun_is_told(
    night: tuple[Cycle, Contents, str],
) -> None:
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


# -- what cannot be asked for -----------------------------------------------------------------------------


def refused(cycle: Cycle, run: str, finding: str = "") -> str:
    contents, journaled = cycle.contents(), len(cycle.state.written)
    with pytest.raises(UsageError) as caught:
        cycle.undo(run, finding)
    assert (cycle.contents(), len(cycle.state.written)) == (contents, journaled)
    return str(caught.value)


def test_a_check_an_undo_and_an_unknown_run_cannot_be_undone(night: tuple[Cycle, Contents, str]) -> None:
    cycle, _, run = night
    check = next(one["id"] for one in cycle.state.runs(9) if one["mode"] == "check")
    assert "is a check: it wrote nothing" in refused(cycle, check)
    for unknown in ("20250101T000000000Z-abcdef", "../x", ""):
        assert "there is no run" in refused(cycle, unknown)
    undo = cycle.undo(run).run
    assert "is an undo itself" in refused(cycle, undo)


def test_a_run_of_another_stage_cannot_be_undone(night: tuple[Cycle, Contents, str]) -> None:
    cycle, _, _ = night
    foreign = "20260101T000000000Z-abcdef"
    summary = json.dumps({"id": foreign, "stage": "another", "mode": "repair"})
    cycle.reports.save(foreign, {"summary.json": summary})
    assert "is of the stage another" in refused(cycle, foreign)


def test_a_run_that_is_under_way_cannot_be_undone(night: tuple[Cycle, Contents, str]) -> None:
    cycle, _, run = night
    lease = cycle.tools(cycle.ports()).lease()
    with lease:
        assert cycle.state.lease is not None
        cycle.state.lease = replace(cycle.state.lease, run=run)
        with pytest.raises(UsageError, match="still under way"):
            journal_of(UndoOrder(run, "a bad night"), cycle.ports().memory)


@pytest.mark.parametrize("number", ["first", "middle", "last", "all"])
def test_a_run_whose_journal_is_cut_is_not_undone_in_part(
    night: tuple[Cycle, Contents, str], number: str
) -> None:
    cycle, _, run = night
    places = sorted(place for place in cycle.state.journaled if place[0] == run)
    chosen = {"first": places[:1], "middle": places[4:5], "last": places[-1:], "all": places}[number]
    for place in chosen:
        del cycle.state.journaled[place]
    assert "is not whole: it lacks" in refused(cycle, run)


def test_a_killed_runs_journal_that_is_cut_shows_by_its_own_chain(night: tuple[Cycle, Contents, str]) -> None:
    cycle, _, run = night
    del cycle.reports.files[run]
    places = sorted(place for place in cycle.state.journaled if place[0] == run)
    del cycle.state.journaled[places[3]]
    assert f"entry {places[3][1]}" in refused(cycle, run)


def test_a_finding_that_the_run_wrote_nothing_for_is_named_with_those_that_it_did(
    night: tuple[Cycle, Contents, str],
) -> None:
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


def test_only_a_groups_findings_name_their_show() -> None:
    """The group goes with the finding that it was made for."""
    cycle, before, run = repaired()
    found = finding(report_of(cycle, run), "group-missing")
    assert cycle.undo(run, found.id).exit_code == Exit.AGREES
    assert NEW_GROUP not in cycle.table.items
    apart = [text for text in differences(before, cycle.contents()) if GROUPLESS in text]
    assert apart == []


# -- journals of the version before -----------------------------------------------------------------------


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


def test_of_a_journal_of_the_version_before_what_is_provable_is_taken_back_and_the_rest_is_told(
    night: tuple[Cycle, Contents, str],
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
