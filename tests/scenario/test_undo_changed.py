"""What somebody changed between a repair and its undo stays, is told, and is followed by its record."""

import copy
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest

from reconcile.model import journal
from reconcile.model.errors import Exit
from reconcile.model.recording import RecordingKey
from tests.scenario.bad_night import (
    ABSENT,
    BARE,
    DRIFTED,
    LOST,
    NEW_GROUP,
    SHOW,
    STALE,
    STUCK,
    Night,
    became,
    differences,
    group_key,
    next_night,
    own_program,
    prefix,
    program_key,
)
from tests.scenario.cycle import Cycle
from tests.scenario.small import BUCKET

CREATED, ROW = program_key(LOST), (journal.PROGRAM_CREATED, program_key(LOST)[1])
RECORD = (journal.RECORD_WRITTEN, CREATED[1].removeprefix("p#"))
KEY = RecordingKey(BUCKET, prefix(LOST))


def edit(key: tuple[str, str], name: str, value: Any) -> Callable[[Cycle], None]:
    def change(cycle: Cycle) -> None:
        if value is None:
            del cycle.table.items[key][name]
        else:
            cycle.table.items[key][name] = value

    return change


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
    night: Night, what: str
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


def test_a_program_that_its_owner_deleted_stays_deleted_and_is_not_waited_for(night: Night) -> None:
    cycle, _, run = night
    cycle.delete_program(CREATED)
    outcome = cycle.undo(run)
    assert became(outcome)[ROW] == ("done", "its owner deleted it since, and it stays deleted")
    assert cycle.state.entries[KEY].how == "made"
    night_after = next_night(cycle)
    assert night_after.report.counts["recording"]["retired"] == 1
    assert CREATED not in cycle.table.items


def test_a_row_that_is_gone_has_nothing_to_get_back(night: Night) -> None:
    cycle, _, run = night
    cycle.delete_program(own_program(BARE))
    # The application counts it down.
    cycle.table.items[group_key(BARE)]["programsCount"] = {"N": "0"}
    assert cycle.undo(run).exit_code == Exit.AGREES
    assert own_program(BARE) not in cycle.table.items
    assert f"program-of-{BARE}" not in cycle.index.hits


def test_a_created_group_stays_while_a_program_lies_in_it(night: Night) -> None:
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
def test_a_groups_count_goes_down_by_the_program_that_goes(night: Night, standing: Any, after: Any) -> None:
    """It was absent before the run: where nobody counted since, it is absent again."""
    cycle, _, run = night
    cycle.table.items[group_key(LOST)]["programsCount"] = standing
    outcome = cycle.undo(run)
    assert cycle.table.items[group_key(LOST)].get("programsCount") == after
    assert CREATED not in cycle.table.items
    assert outcome.exit_code == (Exit.FINDINGS if after == standing else Exit.AGREES)


def test_a_program_goes_although_its_group_is_gone(night: Night) -> None:
    cycle, _, run = night
    del cycle.table.items[group_key(LOST)]
    assert cycle.undo(run).exit_code == Exit.AGREES
    assert {CREATED, group_key(LOST)} & cycle.table.items.keys() == set()


def test_a_record_that_somebody_changed_since_is_left(night: Night) -> None:
    cycle, _, run = night
    cycle.index.hits[STALE]["title"] = "Another one"
    for _ in range(2):
        outcome = cycle.undo(run)
        assert became(outcome)[journal.RECORD_WRITTEN, STALE] == ("left", "somebody changed it since")
        assert (outcome.exit_code, cycle.index.hits[STALE]["title"]) == (Exit.FINDINGS, "Another one")


def test_a_record_that_somebody_changed_since_follows_the_row_that_is_taken_back(night: Night) -> None:
    cycle, before, run = night
    name = f"program-of-{BARE}"
    cycle.index.hits[name]["title"] = "Another one"
    outcome = cycle.undo(run)
    assert became(outcome)[journal.RECORD_WRITTEN, name] == ("undone", "it is written from its row")
    assert differences(before, cycle.contents()) == []
    assert {one.became for one in cycle.undo(run).undone} == {"done"}


def test_a_record_whose_row_changed_since_is_not_given_back_what_it_said_of_another_one(night: Night) -> None:
    cycle, _, run = night
    cycle.table.items["u#other0#programs", f"p#{STALE}"]["title"] = {"S": "Edited since"}
    cycle.undo(run)
    assert cycle.index.hits[STALE]["title"] == "Edited since"


def test_a_record_of_a_program_that_stays_is_kept(night: Night) -> None:
    cycle, _, run = night
    edit(CREATED, "title", {"S": "Mine now"})(cycle)
    cycle.undo(run)
    assert cycle.index.hits[RECORD[1]]["title"] == "Mine now"


def test_what_the_index_hides_is_not_lost_by_giving_a_record_back_without_it(night: Night) -> None:
    """Nobody knows what a hidden field said, so the record is written from its row."""
    cycle, _, run = night
    cycle.index.hides = frozenset({"description"})
    outcome = cycle.undo(run)
    assert became(outcome)[journal.RECORD_WRITTEN, STALE][0] == "done"
    assert cycle.index.hits[STALE]["title"] == "An upload"
    assert RECORD[1] not in cycle.index.hits


def test_the_stream_sync_may_be_faster_than_undo(night: Night) -> None:
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
