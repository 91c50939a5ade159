"""The numbers of a journal: none is given twice, and each entry names the one before it that was written."""

import pytest

from reconcile.model.catalog import RowKey
from reconcile.model.errors import SourceError
from reconcile.model.journal import JournalEntry, RowWritten
from reconcile.repair.numbering import Numbering
from tests.unit.builders import NOW

WRITTEN = RowWritten(RowKey("u#ann#programs", "p#one"), None, {})


def entry_of(numbering: Numbering) -> JournalEntry:
    return numbering.entry("program created", (), WRITTEN)


def chained(*entries: JournalEntry) -> list[tuple[int, int]]:
    return [(entry.number, entry.previous) for entry in entries]


def test_entries_that_were_written_follow_one_another() -> None:
    numbering = Numbering("run", lambda: NOW)
    first = entry_of(numbering)
    numbering.entering([first], lambda: "made", lambda outcome: outcome == "made")
    assert chained(first, entry_of(numbering), entry_of(numbering)) == [(1, 0), (2, 1), (3, 2)]


def test_what_was_refused_is_left_out_and_its_number_is_not_given_again() -> None:
    numbering = Numbering("run", lambda: NOW)
    entry_of(numbering)
    refused = [entry_of(numbering), entry_of(numbering)]
    numbering.entering(refused, lambda: "changed", lambda outcome: outcome == "made")
    assert chained(entry_of(numbering)) == [(4, 1)]


def test_what_failed_may_have_been_written_so_its_number_is_not_given_again() -> None:
    numbering = Numbering("run", lambda: NOW)
    lost = entry_of(numbering)

    def fail() -> str:
        raise SourceError("the answer was lost")

    with pytest.raises(SourceError):
        numbering.entering([lost], fail)
    assert chained(entry_of(numbering)) == [(2, 0)]
