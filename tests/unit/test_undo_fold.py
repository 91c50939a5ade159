"""Folding a journal: what stood there before the first write, and what the last one left."""

from typing import Any

import pytest

from reconcile.model.catalog import RowKey
from reconcile.model.journal import (
    PROGRAM_COMPLETED,
    PROGRAM_CREATED,
    RECORD_WRITTEN,
    JournalEntry,
    RecordWritten,
    RowWritten,
)
from reconcile.undo.fold import fold
from tests.unit.builders import NOW

PROGRAM, ROW = RowKey("u#ann#programs", "p#one"), RowKey("show#s1", "recording#1")
A, B, C = {"S": "a"}, {"S": "b"}, {"S": "c"}


def row_entry(
    number: int, before: Any, after: Any, *, key: RowKey = PROGRAM, findings: tuple[str, ...] = ("f1",)
) -> JournalEntry:
    return JournalEntry("run", number, PROGRAM_COMPLETED, findings, RowWritten(key, before, after), NOW)


def record_entry(
    number: int, before: Any, after: Any, *, done: bool = True, findings: tuple[str, ...] = ("f1",)
) -> JournalEntry:
    written = RecordWritten("one", PROGRAM, before, after)
    return JournalEntry("run", number, RECORD_WRITTEN, findings, written, NOW, done)


def test_a_row_keeps_the_first_before_and_the_last_after_of_each_attribute() -> None:
    (row,) = fold([row_entry(1, {"x": A}, {"x": B, "y": B}), row_entry(4, {"x": B}, {"x": C, "z": C})]).rows
    assert (row.was, row.left) == ({"x": A, "y": None, "z": None}, {"x": C, "y": B, "z": C})
    assert (row.number, row.doubt) == (4, "")


def test_a_row_that_the_run_created_was_not_there_however_often_it_was_written() -> None:
    (row,) = fold([row_entry(1, None, {"x": A}), row_entry(2, {"x": A}, {"x": B})]).rows
    assert (row.was, row.left) == (None, {"x": B})


def test_a_row_that_somebody_changed_between_two_writes_is_in_doubt() -> None:
    (row,) = fold([row_entry(1, {}, {"x": A}), row_entry(2, {"x": C}, {"x": B})]).rows
    assert row.doubt == "somebody changed x between two writes of the run"


def test_when_a_row_was_last_changed_is_no_doubt() -> None:
    (row,) = fold([row_entry(1, {}, {"updatedAt": A}), row_entry(2, {"updatedAt": C}, {"updatedAt": B})]).rows
    assert (row.doubt, row.names) == ("", ())


def test_rows_and_records_come_the_newest_first() -> None:
    folded = fold(
        [row_entry(1, {}, {"x": A}), row_entry(2, {}, {"x": A}, key=ROW), row_entry(3, {"x": A}, {"x": B})]
    )
    assert [row.key for row in folded.rows] == [PROGRAM, ROW]


def test_of_records_the_first_before_and_the_last_after_count() -> None:
    entries = [record_entry(1, {"v": 0}, {"v": 1}), record_entry(2, {"v": 0}, {"v": 2})]
    (record,) = fold(entries).records
    assert (record.was, record.left, record.certain) == ({"v": 0}, {"v": 2}, True)


@pytest.mark.parametrize(
    ("first_done", "second_before", "was"),
    [
        (True, {"v": 1}, {"v": 0}),
        (False, {"v": 1}, {"v": 0}),
        (False, {"v": 0}, {"v": 0}),
        (False, {"v": 9}, {"v": 9}),
    ],
    ids=["done", "done without a word", "never done", "never done, and somebody wrote meanwhile"],
)
def test_a_write_to_a_record_that_never_happened_is_left_out(
    first_done: bool, second_before: Any, was: Any
) -> None:
    entries = [record_entry(1, {"v": 0}, {"v": 1}, done=first_done), record_entry(2, second_before, {"v": 2})]
    (record,) = fold(entries).records
    assert record.was == was


def test_the_newest_write_to_a_record_is_trusted_and_known_to_be_uncertain() -> None:
    (record,) = fold([record_entry(1, None, {"v": 1}, done=False)]).records
    assert (record.was, record.left, record.certain) == (None, {"v": 1}, False)


def test_one_finding_alone_takes_what_was_written_for_it_and_no_other() -> None:
    entries = [
        row_entry(1, {}, {"x": A}, findings=("f1",)),
        row_entry(2, {}, {"x": A}, key=ROW, findings=("f2",)),
        record_entry(3, None, {"v": 1}, findings=("f1", "f2")),
    ]
    folded = fold(entries).of("f1")
    assert [row.key for row in folded.rows] == [PROGRAM]
    assert [record.doubt for record in folded.records] == [""]


def test_what_two_findings_wrote_one_over_the_other_is_not_taken_apart() -> None:
    entries = [
        row_entry(1, {}, {"x": A}, findings=("f1",)),
        row_entry(2, {"x": A}, {"x": B}, findings=("f2",)),
    ]
    (row,) = fold(entries).of("f1").rows
    assert "for f2 too" in row.doubt


def test_a_record_of_an_earlier_version_is_of_the_program_that_the_run_created() -> None:
    program = {"programId": {"S": "one"}}
    created = JournalEntry("run", 1, PROGRAM_CREATED, (), RowWritten(PROGRAM, None, program), NOW)
    record = JournalEntry("run", 2, RECORD_WRITTEN, (), RecordWritten("one", None, None, {"v": 1}), NOW)
    (known,) = fold([created, record]).records
    assert (known.row, known.doubt) == (PROGRAM, "")
    (unknown,) = fold([record]).records
    assert "does not tell its row" in unknown.doubt
