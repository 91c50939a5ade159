"""Taking back what a run wrote: one transaction or nothing, and only where the world is as it is expected."""

import copy
from dataclasses import replace
from typing import Any

import pytest

from reconcile.model.attributes import same_image
from reconcile.model.catalog import RowKey
from reconcile.model.errors import LeaseLost
from reconcile.model.journal import LedgerWritten
from reconcile.model.recording import RecordingKey
from reconcile.model.reversal import RowEdit
from reconcile.stores.write_ports import WriteOutcome
from tests.contract.harness import Desk, journal_entry, ledger_entry, row

PROGRAM_KEY, GROUP_KEY = RowKey("u#ann#programs", "p#one"), RowKey("u#ann#groups", "g#g1")
GROUP = row(*GROUP_KEY, groupId="g1", programsCount=5)
ODD: dict[str, Any] = {
    "text": {"S": ""},
    "null": {"NULL": True},
    "set": {"SS": ["a", "b"]},
    "numbers": {"NS": ["1", "2.5"]},
    "bytes": {"B": b"\x00\xff"},
    "large": {"N": "12345678901234567890123456789012345678"},
    "list": {"L": [{"N": "1"}, {"M": {"deep": {"BOOL": False}}}]},
    "title": {"S": "Noon"},
}
PROGRAM = row(*PROGRAM_KEY, **ODD)
KEY = RecordingKey("videos", "stage1/comp1/dest1/composite")
MADE = ledger_entry(KEY, ann="one")
UNDONE = LedgerWritten(MADE, replace(MADE, programs={}, how="undone"))


def world(desk: Desk) -> Any:
    return copy.deepcopy((desk.items(), desk.state.ledger(), desk.state.journal("run")))


def whole(edited: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return what a row is expected to say: everything that it says."""
    return {name: value for name, value in {**PROGRAM, **(edited or {})}.items() if name not in ("pk", "sk")}


def count_down(after: Any) -> RowEdit:
    return RowEdit(
        GROUP_KEY, {"programsCount": {"N": "5"}}, {"programsCount": after, "updatedAt": {"S": "now"}}
    )


def delete(desk: Desk, *others: RowEdit, ledger: LedgerWritten | None = None, **edited: Any) -> WriteOutcome:
    edits = (RowEdit(PROGRAM_KEY, whole(edited), {}, deletes=True), *others)
    entries = [journal_entry(number) for number, _ in enumerate(edits, 1)]
    return desk.undoer.take_back(edits, ledger, entries)


def test_a_row_is_read_whole(desk: Desk) -> None:
    desk.put(PROGRAM)
    absent = RowKey("u#ann#programs", "p#absent")
    assert desk.whole.whole_rows([]) == {}
    read = desk.whole.whole_rows([PROGRAM_KEY, absent, PROGRAM_KEY])
    assert list(read) == [PROGRAM_KEY]
    assert same_image(read[PROGRAM_KEY], PROGRAM)


def test_a_program_goes_with_its_groups_count_its_ledger_entry_and_a_journal_entry_for_each_row(
    desk: Desk,
) -> None:
    desk.put(PROGRAM, GROUP)
    desk.state.remember([(MADE, None)])
    assert delete(desk, count_down({"N": "4"}), ledger=UNDONE) == "made"
    assert desk.items() == {GROUP_KEY: GROUP | {"programsCount": {"N": "4"}, "updatedAt": {"S": "now"}}}
    assert desk.state.ledger() == {KEY: UNDONE.after}
    assert desk.state.journal("run") == [journal_entry(1), journal_entry(2)]


def test_a_count_that_was_absent_is_absent_again(desk: Desk) -> None:
    desk.put(PROGRAM, GROUP)
    assert delete(desk, count_down(None)) == "made"
    left = {name: value for name, value in GROUP.items() if name != "programsCount"}
    assert desk.items() == {GROUP_KEY: left | {"updatedAt": {"S": "now"}}}


@pytest.mark.parametrize("name", [*ODD, "appeared"])
def test_a_row_of_which_anything_changed_stays_and_all_else_with_it(desk: Desk, name: str) -> None:
    desk.put(PROGRAM | {name: {"S": "changed"}}, GROUP)
    desk.state.remember([(MADE, None)])
    before = world(desk)
    expects_absent = {"appeared": None}
    assert delete(desk, count_down({"N": "4"}), ledger=UNDONE, **expects_absent) == "changed"
    assert world(desk) == before


@pytest.mark.parametrize("name", ODD)
def test_a_row_that_lost_anything_stays(desk: Desk, name: str) -> None:
    desk.put({attribute: value for attribute, value in PROGRAM.items() if attribute != name})
    before = world(desk)
    assert delete(desk) == "changed"
    assert world(desk) == before


def test_a_row_that_has_gone_is_not_deleted_again(desk: Desk) -> None:
    desk.put(GROUP)
    before = world(desk)
    assert delete(desk, count_down({"N": "4"})) == "changed"
    assert world(desk) == before


@pytest.mark.parametrize("count", [{"N": "6"}, {"S": "5"}, None], ids=str)
def test_a_count_that_somebody_changed_keeps_the_program_where_it_is(desk: Desk, count: Any) -> None:
    desk.put(PROGRAM, row(*GROUP_KEY, groupId="g1", **({"programsCount": count} if count else {})))
    before = world(desk)
    assert delete(desk, count_down({"N": "4"})) == "changed"
    assert world(desk) == before


@pytest.mark.parametrize(
    "standing", [None, ledger_entry(KEY, ann="one", bob="two"), replace(MADE, restored="d1 now")]
)
def test_a_ledger_that_says_something_else_keeps_the_program_where_it_is(desk: Desk, standing: Any) -> None:
    desk.put(PROGRAM)
    if standing:
        desk.state.remember([(standing, None)])
    before = world(desk)
    assert delete(desk, ledger=UNDONE) == "changed"
    assert world(desk) == before


@pytest.mark.parametrize("name", ODD)
def test_an_attribute_gets_back_exactly_what_it_said(desk: Desk, name: str) -> None:
    desk.put(row(*PROGRAM_KEY, x="new", other="stays"))
    edit = RowEdit(PROGRAM_KEY, {"x": {"S": "new"}}, {"x": ODD[name]})
    assert desk.undoer.take_back([edit], None, [journal_entry()]) == "made"
    assert same_image(desk.items()[PROGRAM_KEY], row(*PROGRAM_KEY, x=ODD[name], other="stays"))


def test_an_attribute_that_was_absent_is_absent_again(desk: Desk) -> None:
    desk.put(row(*PROGRAM_KEY, x="new", y="new", other="stays"))
    edit = RowEdit(PROGRAM_KEY, {"x": {"S": "new"}, "y": {"S": "new"}}, {"x": None, "y": {"S": "old"}})
    assert desk.undoer.take_back([edit], None, [journal_entry()]) == "made"
    assert desk.items() == {PROGRAM_KEY: row(*PROGRAM_KEY, y="old", other="stays")}


@pytest.mark.parametrize("said", [None, {"NULL": True}, {"S": ""}, {"S": "other"}], ids=str)
def test_an_attribute_that_somebody_changed_is_left(desk: Desk, said: Any) -> None:
    desk.put(row(*PROGRAM_KEY, **({"x": said} if said else {})))
    before = world(desk)
    edit = RowEdit(PROGRAM_KEY, {"x": {"S": "new"}}, {"x": None})
    assert desk.undoer.take_back([edit], None, [journal_entry()]) == "changed"
    assert world(desk) == before


def test_a_row_that_has_gone_is_not_edited_into_a_ghost(desk: Desk) -> None:
    edit = RowEdit(PROGRAM_KEY, {"x": None}, {"x": {"S": "old"}})
    assert desk.undoer.take_back([edit], None, [journal_entry()]) == "changed"
    assert world(desk) == ({}, {}, [])


def test_a_run_that_lost_its_lease_takes_nothing_back(desk: Desk) -> None:
    desk.put(PROGRAM, GROUP)
    desk.lose_lease()
    before = world(desk)
    with pytest.raises(LeaseLost):
        delete(desk, count_down({"N": "4"}))
    assert world(desk) == before
