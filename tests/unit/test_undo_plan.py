"""Planning an undo: what is taken back, what is done already, and what stays and why."""

from dataclasses import replace
from typing import Any

import pytest

from reconcile.model.catalog import RowKey
from reconcile.model.clock import write_time
from reconcile.model.journal import (
    GROUP_CREATED,
    PROGRAM_COMPLETED,
    PROGRAM_CREATED,
    RECORD_WRITTEN,
    SHOW_GROUPED,
    Counted,
    JournalEntry,
    LedgerWritten,
    RecordWritten,
    RowWritten,
)
from reconcile.model.recording import RecordingKey
from reconcile.model.search_record import canonical
from reconcile.model.snapshot import LedgerEntry
from reconcile.undo.fold import fold
from reconcile.undo.plan import plan_undo
from reconcile.undo.reversals import Reversal
from reconcile.undo.stored import StoredNow
from tests.unit.builders import NOW

PROGRAM, GROUP, SHOW = (
    RowKey("u#ann#programs", "p#one"),
    RowKey("u#ann#groups", "g#g1"),
    RowKey("show#s1", "info"),
)
KEY = RecordingKey("videos", "a/b/c/composite")
KEYS = {"pk": {"S": PROGRAM.pk}, "sk": {"S": PROGRAM.sk}}
ITEM = {**KEYS, "programId": {"S": "one"}, "title": {"S": "Noon"}, "updatedAt": {"S": "then"}}
IN_GROUP = {"pk": {"S": GROUP.pk}, "sk": {"S": GROUP.sk}, "groupId": {"S": "g1"}}
AT = {"S": write_time(NOW)}
MADE = LedgerEntry(KEY, {"ann": "one"}, "made")


def creation(before: Any = None, after: Any = None, known: LedgerEntry | None = None) -> JournalEntry:
    counted = Counted(GROUP, before, after or {"N": "1"})
    made = replace(MADE, programs={**(known.programs if known else {}), "ann": "one"})
    written = RowWritten(PROGRAM, None, ITEM, counted, LedgerWritten(known, made))
    return JournalEntry("run", 1, PROGRAM_CREATED, ("f1",), written, NOW)


def stored(
    program: Any = ITEM, count: Any = None, entry: LedgerEntry | None = MADE, **more: Any
) -> StoredNow:
    group = {**IN_GROUP, **({"programsCount": count} if count else {})}
    rows = {GROUP: group, **({PROGRAM: program} if program else {})}
    return StoredNow(rows, ledger={KEY: entry} if entry else {}, **more)


def only(*entries: JournalEntry, now: StoredNow) -> Reversal:
    (reversal,) = plan_undo(fold(entries), now, NOW)
    return reversal


@pytest.mark.parametrize(
    ("before", "left", "now", "after"),
    [
        (None, {"N": "1"}, {"N": "1"}, None),
        ({"N": "0"}, {"N": "1"}, {"N": "1"}, {"N": "0"}),
        ({"N": "4"}, {"N": "5"}, {"N": "5.0"}, {"N": "4"}),
        ({"N": "4"}, {"N": "5"}, {"N": "9"}, {"N": "8"}),
        (None, {"N": "1"}, {"N": "3"}, {"N": "2"}),
        ({"N": "4"}, None, {"N": "5"}, {"N": "4"}),
    ],
)
def test_a_count_goes_back_exactly_where_it_still_says_what_the_run_left_and_else_down_by_one(
    before: Any, left: Any, now: Any, after: Any
) -> None:
    entry = creation()
    assert isinstance(entry.written, RowWritten)
    entry = replace(entry, written=replace(entry.written, counted=Counted(GROUP, before, left)))
    reversal = only(entry, now=stored(count=now))
    (_, count) = reversal.edits
    assert (count.set_to, count.expected["programsCount"]) == ({"programsCount": after, "updatedAt": AT}, now)
    assert reversal.rest == ""


@pytest.mark.parametrize("now", [{"S": "many"}, {"NULL": True}, {"N": "0"}, {"N": "-3"}, None], ids=str)
def test_a_count_that_cannot_go_down_stays_and_is_told(now: Any) -> None:
    reversal = only(creation({"N": "4"}, {"N": "5"}), now=stored(count=now))
    assert (reversal.fate, len(reversal.edits)) == ("take", 1)
    assert "stays as it is" in reversal.rest


@pytest.mark.parametrize(
    ("known", "standing", "after"),
    [
        (None, MADE, LedgerEntry(KEY, {}, "undone")),
        (None, None, LedgerEntry(KEY, {}, "undone")),
        (
            LedgerEntry(KEY, {"ann": "old"}, "seen"),
            MADE,
            LedgerEntry(KEY, {"ann": "old"}, "undone"),
        ),
        (
            None,
            replace(MADE, programs={"ann": "one", "bob": "two"}),
            LedgerEntry(KEY, {"bob": "two"}, "undone"),
        ),
        (None, replace(MADE, programs={"ann": "another"}), LedgerEntry(KEY, {"ann": "another"}, "undone")),
    ],
    ids=["nothing before", "lost since", "another before", "another owner since", "another program since"],
)
def test_the_ledger_says_what_it_said_before_and_that_it_is_undone(
    known: LedgerEntry | None, standing: LedgerEntry | None, after: LedgerEntry
) -> None:
    reversal = only(creation(known=known), now=stored(count={"N": "1"}, entry=standing))
    assert reversal.ledger == LedgerWritten(standing, after)


@pytest.mark.parametrize(
    ("how", "why"), [("undone", "it was taken back before"), ("made", "its owner deleted it")]
)
def test_a_program_that_is_gone_was_taken_back_or_deleted_by_its_owner(how: Any, why: str) -> None:
    reversal = only(creation(), now=stored(None, entry=replace(MADE, how=how)))
    assert (reversal.fate, reversal.edits) == ("done", ())
    assert why in reversal.why


def completion(before: Any, after: Any) -> JournalEntry:
    return JournalEntry("run", 1, PROGRAM_COMPLETED, ("f1",), RowWritten(PROGRAM, before, after), NOW)


def test_an_attribute_gets_back_what_it_said_or_is_absent_again() -> None:
    entry = completion(
        {"x": {"NULL": True}}, {"x": {"S": "new"}, "y": {"S": "new"}, "updatedAt": {"S": "run"}}
    )
    now = stored({**ITEM, "x": {"S": "new"}, "y": {"S": "new"}})
    (edit,) = only(entry, now=now).edits
    assert edit.set_to == {"x": {"NULL": True}, "y": None, "updatedAt": AT}
    assert edit.expected == {"x": {"S": "new"}, "y": {"S": "new"}}


@pytest.mark.parametrize(
    ("now", "fate", "why"),
    [
        ({"x": {"S": "new"}}, "take", ""),
        ({"x": {"S": "owner's"}}, "left", "somebody changed x since"),
        ({}, "done", "it says what it said before"),
        ({"x": {"NULL": True}}, "left", "somebody changed x since"),
    ],
)
def test_an_attribute_that_somebody_changed_since_stays(now: Any, fate: str, why: str) -> None:
    reversal = only(completion({}, {"x": {"S": "new"}}), now=stored({**ITEM, **now}))
    assert (reversal.fate, reversal.why) == (fate, why)


def grouping(show: Any, **more: Any) -> Reversal:
    group = {**IN_GROUP, "name": {"S": "Noon"}, "programsCount": {"N": "0"}}
    entries = [
        JournalEntry("run", 1, GROUP_CREATED, ("f1",), RowWritten(GROUP, None, group), NOW),
        JournalEntry("run", 2, SHOW_GROUPED, ("f1",), RowWritten(SHOW, {}, {"groupId": {"S": "g1"}}), NOW),
    ]
    rows = {GROUP: {**group, "programsCount": {"N": "3"}}, SHOW: show}
    return only(*entries, now=StoredNow(rows, **more))


def test_a_created_group_goes_with_what_its_show_says_of_it() -> None:
    """Whatever it counts: what lies in it is what is read."""
    group, show = grouping({"groupId": {"S": "g1"}}).edits
    assert (group.deletes, group.expected["programsCount"]) == (True, {"N": "3"})
    assert show.set_to == {"groupId": None, "updatedAt": AT}


def test_a_created_group_that_programs_lie_in_stays_and_its_show_goes_on_naming_it() -> None:
    reversal = grouping({"groupId": {"S": "g1"}}, members={GROUP: ("p#a", "p#b", "p#c", "p#d")})
    assert (reversal.fate, reversal.edits) == ("left", ())
    assert reversal.why == "programs lie in it: p#a, p#b, p#c and 1 more"


def test_a_created_group_goes_although_its_show_names_another_by_now() -> None:
    reversal = grouping({"groupId": {"S": "chosen"}})
    assert (reversal.fate, len(reversal.edits)) == ("take", 1)
    assert reversal.rest == "its show: somebody changed groupId since"


RECORD = canonical(ITEM)
RESTORED = {"objectID": "one", "title": "Old", "views": 3}


def record(before: Any = None, after: Any = RECORD, *, done: bool = True) -> JournalEntry:
    return JournalEntry(
        "run", 9, RECORD_WRITTEN, ("f1",), RecordWritten("one", PROGRAM, before, after), NOW, done
    )


@pytest.mark.parametrize("before", [None, RESTORED], ids=["none", "another"])
def test_a_record_that_nobody_changed_gets_back_what_it_said(before: Any) -> None:
    reversal = only(record(before), now=stored(records={"one": RECORD}))
    assert reversal.record is not None
    assert (reversal.fate, reversal.record.record) == ("take", before)


def test_a_record_that_the_index_wrote_with_other_whole_numbers_is_the_same() -> None:
    now = {**RECORD, "created_timestamp": float(RECORD["created_timestamp"])}
    assert only(record(), now=stored(records={"one": now})).fate == "take"


@pytest.mark.parametrize("before", [None, RESTORED], ids=["none", "another"])
def test_a_record_of_a_created_program_goes_with_it(before: Any) -> None:
    program, found = plan_undo(
        fold([creation(), record(before)]), stored(count={"N": "1"}, records={"one": RECORD}), NOW
    )
    assert (program.fate, found.fate) == ("take", "take")
    assert found.record is not None
    assert found.record.record == before


def test_a_record_of_a_created_program_that_stays_is_written_from_its_row() -> None:
    edited = {**ITEM, "title": {"S": "Mine"}}
    now = stored(edited, count={"N": "1"}, records={"one": RECORD})
    program, found = plan_undo(fold([creation(), record()]), now, NOW)
    assert program.why == "somebody changed title since"
    assert found.record is not None
    assert found.record.record == canonical(edited)


def test_a_record_whose_row_gets_something_back_is_decided_on_by_what_the_row_then_says() -> None:
    entry = completion({}, {"program_url": {"S": "https://x"}})
    done = {**ITEM, "program_url": {"S": "https://x"}}
    written = record(RECORD, canonical(done))
    _, found = plan_undo(fold([entry, written]), stored(done, records={"one": canonical(done)}), NOW)
    assert found.record is not None
    assert found.record.record == RECORD


@pytest.mark.parametrize(
    ("now", "fate"), [(RECORD, "take"), (RESTORED, "done"), ({"objectID": "one", "title": "?"}, "left")]
)
def test_an_uncertain_write_is_taken_back_only_where_it_surely_happened(now: Any, fate: str) -> None:
    assert only(record(RESTORED, done=False), now=stored(records={"one": now})).fate == fate


def test_only_what_stands_again_is_marked_to_await_approval() -> None:
    """The record of a program that goes is no finding; one that is outdated again is its own."""
    gone = plan_undo(fold([creation(), record()]), stored(count={"N": "1"}, records={"one": RECORD}), NOW)
    assert [len(reversal.reopens) for reversal in gone] == [1, 0]
    assert len(only(record(RESTORED), now=stored(records={"one": RECORD})).reopens) == 3
