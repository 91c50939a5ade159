"""A store that fails while repairs are made: the run says so, and neither stops nor starves the rest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from reconcile.model.errors import Denied, Refused, SourceError
from reconcile.model.journal import JournalEntry
from reconcile.stores.write_ports import Indexing
from tests.doubles.memory import MemoryIndex, MemoryTable
from tests.doubles.memory_state import MemoryState
from tests.scenario.cycle import Cycle
from tests.scenario.small import Small, agreeing


@dataclass
class FailingTable(MemoryTable):
    """A table that can be read and not written to."""

    error: SourceError = field(default_factory=lambda: SourceError("writing: InternalServerError"))
    writes: int = 0

    def change_row(self, *arguments: Any) -> Any:
        self.writes += 1
        raise self.error


@dataclass
class PickyIndex(MemoryIndex):
    """An index that refuses a batch in which a record is too large, whole, as Algolia does."""

    limit: int = 1000
    batches: int = 0

    def write(self, records: Sequence[Mapping[str, Any]]) -> Indexing:
        self.batches += 1
        large = [record for record in records if len(str(record)) > self.limit]
        if large:
            raise Refused(f"writing: 400: Record is too big: objectID={large[0]['objectID']}")
        return super().write(records)


def ungrouped(number: int) -> Small:
    """Return a world in which many programs lack their group."""
    small = agreeing()
    for count in range(number):
        small.show(f"s{count}", f"owner{count}", stage=f"arn:aws:ivs:us-east-1:000000000000:stage/s{count}")
        prefix = f"p{count:011}/bbbbbbbbbbbb/cccccccccccc/composite"
        small.record_broadcast(prefix, f"arn:aws:ivs:us-east-1:000000000000:stage/s{count}")
        key = small.program(prefix, f"s{count}", f"owner{count}")
        small.items[key]["groupId"] = {"S": "Recordings"}
        small.index(key)
    return small


@pytest.mark.parametrize(
    "error",
    [SourceError("writing: InternalServerError"), Denied("writing: AccessDenied")],
    ids=["500", "denied"],
)
def test_a_run_whose_writes_all_fail_is_incomplete_and_stops_trying(error: SourceError) -> None:
    cycle = Cycle.of(ungrouped(6).world())
    table = FailingTable(cycle.table.name, cycle.table.items, cycle.state, error=error)
    cycle.table = table
    outcome = cycle.repair()
    assert outcome.exit_code == 3
    assert table.writes == 3
    assert {one.status for one in outcome.report.findings if one.kind == "program-incomplete"} == {"failed"}
    notes = [one.note for one in outcome.report.repairs]
    assert sum("not tried: writing to the table failed 3 times in a row" in note for note in notes) == 3
    assert not outcome.report.run.cut_short
    # Only what passes by itself is worth another try of the same event.
    assert outcome.lasting == isinstance(error, Denied)


def test_a_failed_repair_holds_its_own_finding_and_not_the_window() -> None:
    cycle = Cycle.of(ungrouped(1).world())
    cycle.table = FailingTable(cycle.table.name, cycle.table.items, cycle.state)
    cycle.repair()
    assert cycle.state.settled is not None
    assert cycle.state.settled.last_whole_repair is not None


def test_a_table_that_cannot_be_written_to_does_not_keep_records_from_being_written() -> None:
    small = ungrouped(4)
    small.index(small.upload("bob", "an-upload"))
    small.records["an-upload"]["title"] = "Older"
    cycle = Cycle.of(small.world())
    cycle.table = FailingTable(cycle.table.name, cycle.table.items, cycle.state)
    assert cycle.repair().exit_code == 3
    assert cycle.index.hits["an-upload"]["title"] == "An upload"


@pytest.mark.parametrize("bad", [{0, 1, 2, 3}, {9}, {0, 5, 9}, set(range(10))], ids=str)
def test_records_that_the_index_refuses_do_not_starve_the_others(bad: set[int]) -> None:
    small = agreeing()
    for number in range(10):
        key = small.upload(f"owner{number}", f"upload-{number}")
        small.items[key]["description"] = {"S": "x" * (5_000 if number in bad else 5)}
    cycle = Cycle.of(small.world())
    cycle.index = PickyIndex(cycle.index.name, cycle.index.hits)
    outcome = cycle.repair()
    good = {f"upload-{number}" for number in range(10) if number not in bad}
    assert cycle.index.hits.keys() - {"program-of-show1"} == good
    assert outcome.exit_code == (2 if bad else 0)
    refused = [one for one in outcome.report.repairs if one.outcome == "refused"]
    assert len(refused) == len(bad)
    assert all("too big" in one.note for one in refused)


def test_the_journal_says_of_each_record_whether_its_write_happened() -> None:
    small = agreeing()
    for number in range(4):
        key = small.upload(f"owner{number}", f"upload-{number}")
        small.items[key]["description"] = {"S": "x" * (5_000 if number == 2 else 5)}
    cycle = Cycle.of(small.world())
    cycle.index = PickyIndex(cycle.index.name, cycle.index.hits)
    cycle.repair()
    done = {one.target["objectID"] for one in cycle.state.written if one.done}
    assert done == {"upload-0", "upload-1", "upload-3"}
    assert "upload-2" in {one.target["objectID"] for one in cycle.state.written if not one.done}


def test_an_entry_stands_in_the_journal_before_its_record_in_the_index() -> None:
    """Whoever is killed between the two leaves an entry that says that the write was about to happen."""

    @dataclass
    class Looking(MemoryIndex):
        state: MemoryState = field(default_factory=MemoryState)
        seen: list[JournalEntry] = field(default_factory=list)

        def write(self, records: Sequence[Mapping[str, Any]]) -> Indexing:
            self.seen += self.state.written
            return super().write(records)

    small = agreeing()
    small.upload("bob", "an-upload")
    cycle = Cycle.of(small.world())
    index = Looking(cycle.index.name, cycle.index.hits, state=cycle.state)
    cycle.index = index
    cycle.repair()
    assert [(one.target["objectID"], one.done) for one in index.seen] == [("an-upload", False)]
    assert [(one.target["objectID"], one.done) for one in cycle.state.written] == [("an-upload", True)]


def test_a_batch_that_the_index_publishes_later_was_sent_and_did_not_fail() -> None:
    """Nobody waits for ever; the next run sees what became of it."""

    @dataclass
    class Slow(MemoryIndex):
        later: list[Any] = field(default_factory=list)

        def write(self, records: Sequence[Mapping[str, Any]]) -> Indexing:
            self.later += records
            return "sent"

    small = agreeing()
    small.upload("bob", "an-upload")
    cycle = Cycle.of(small.world())
    index = Slow(cycle.index.name, cycle.index.hits)
    cycle.index = index
    outcome = cycle.repair()
    (written,) = outcome.report.repairs
    assert (written.outcome, written.verified, written.sent) == ("made", False, True)
    assert "not published" in written.note
    assert outcome.exit_code == 0
    MemoryIndex.write(index, index.later)
    assert cycle.check().exit_code == 0
