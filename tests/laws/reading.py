"""The law that nothing is called missing that was not looked for, in whole runs."""

import copy
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from reconcile.model.errors import Exit, SourceError
from reconcile.runs.finish import Outcome
from reconcile.stores.algolia import AlgoliaRecords
from reconcile.stores.algolia_requests import AlgoliaAnswer
from reconcile.stores.aws import Meter
from tests.laws.worlds import GROUP, lost, prefix_of, programs, repairing
from tests.scenario.cycle import Cycle
from tests.scenario.small import INDEX, PREFIX, Small, agreeing

ROW = ("u#ann#programs", "p#program-of-show1")
TWIN = "dddddddddddd/eeeeeeeeeeee/ffffffffffff/composite"


def missing(outcome: Outcome) -> set[str]:
    """Return what a run calls missing, by the names of its subjects."""
    findings = [one for one in outcome.report.findings if one.kind.endswith("-missing")]
    return {value for one in findings for _, value in one.subject.fields}


def fail(store: Any, method: str, hits: Callable[..., bool]) -> None:
    """Let the reads of a store fail that ask for something."""
    whole = getattr(store, method)

    def read(*asked: Any, **more: Any) -> Any:
        if hits(*asked):
            raise SourceError(f"{method} broke off")
        return whole(*asked, **more)

    setattr(store, method, read)


def a_read_that_fails_leaves_its_subject_not_checked() -> None:
    """Of two lost programs the one is missing, and of the other nobody claims anything."""
    shows = {"ann": prefix_of("ann"), "bob": prefix_of("bob")}
    world, bad = repairing(lost(*shows)), shows["bob"]
    assert {shows["ann"], bad} <= missing(world.again().check())
    faults: tuple[Callable[[Cycle], None], ...] = (
        lambda cycle: fail(cycle.table, "rows_of", lambda pk: pk == "u#bob#programs"),
        lambda cycle: fail(cycle.table, "rows", lambda keys: ("show#bob", "info") in set(keys)),
        lambda cycle: fail(cycle.buckets, "read", lambda _, key, __: key.startswith(f"{bad}/media")),
        lambda cycle: fail(cycle.buckets, "read", lambda _, key, __: key.startswith(f"{bad}/events")),
        lambda cycle: fail(cycle.state, "ledger_entry", lambda key: key.prefix == bad),
    )
    reading = copy.copy(world.buckets)
    for fault in faults:
        cycle = world.again()
        cycle.buckets = copy.copy(reading)
        fault(cycle)
        outcome = cycle.repair()
        assert bad not in missing(outcome)
        assert (len(programs(cycle, "ann")), programs(cycle, "bob")) == (1, [])
        assert outcome.exit_code == Exit.INCOMPLETE


def a_source_that_shrank_is_not_believed_at_once() -> None:
    """With half of its rows gone, the table is doubted: nothing is missing, and nothing is written."""
    small = agreeing()
    small.populate(20)
    cycle = Cycle.of(small.world())
    cycle.repair()
    gone = [ROW, *(key for key in cycle.table.items if key[0].startswith("u#other"))]
    for key in gone:
        del cycle.table.items[key]
    before = cycle.contents()
    outcome = cycle.repair()
    assert missing(outcome) == set()
    assert outcome.exit_code == Exit.INCOMPLETE
    assert cycle.contents() == before


class Short(AlgoliaRecords):
    """An index whose every browse ends after the first records, though it says that it holds more."""

    def __init__(self, hits: list[AlgoliaAnswer], number: int) -> None:
        super().__init__("APP", "unused", INDEX, Meter())
        self._hits, self._number, self._hidden = hits, number, frozenset()

    def _page(self, cursor: str | None) -> tuple[list[AlgoliaAnswer], int, str | None]:
        return self._hits, self._number, None


def an_index_that_ends_too_early_makes_nothing_missing() -> None:
    """The service sends a last page before all records came."""
    cycle = repairing(lost())
    hits: list[AlgoliaAnswer] = [dict(hit) for hit in cycle.index.hits.values()]
    cycle.index.browse = Short(hits[:3], len(hits)).browse  # type: ignore[method-assign]
    outcome = cycle.check()
    assert missing(outcome) == set()
    assert outcome.exit_code == Exit.INCOMPLETE


def a_program_that_is_made_while_the_run_reads_is_not_missing() -> None:
    """The live processor makes it right after the scan, and its search record comes later still."""
    small = agreeing()
    small.populate(8)
    row = small.items.pop(ROW)
    del small.records["program-of-show1"]
    small.items[GROUP]["programsCount"] = {"N": "0"}
    cycle = repairing(small)
    scan = cycle.table.scan

    def scan_then_make(read: Any) -> Any:
        found = scan(read)
        cycle.table.items[ROW] = copy.deepcopy(row)
        cycle.table.items[GROUP]["programsCount"] = {"N": "1"}
        return found

    cycle.table.scan = scan_then_make  # type: ignore[method-assign]
    found = cycle.check().report.findings
    assert {one.kind for one in found} <= {"record-missing"}


def a_recording_that_ended_moments_ago_is_not_missing_its_program() -> None:
    """The live processor may still be about to make it."""
    small = Small()
    small.populate(8)
    small.show()
    small.record_broadcast(ended=timedelta(minutes=2))
    cycle = repairing(small)
    assert missing(cycle.repair()) == set()
    assert programs(cycle) == []


def a_twin_of_what_cannot_be_read_is_not_missing_its_program() -> None:
    """The other recording of the broadcast has the program, and its events cannot be read just now."""
    small = agreeing()
    small.populate(8)
    small.record_broadcast(TWIN)
    cycle = repairing(small)
    fail(cycle.buckets, "read", lambda _, key, __: key.startswith(f"{PREFIX}/events"))
    outcome = cycle.repair()
    assert missing(outcome) == set()
    assert outcome.exit_code == Exit.INCOMPLETE
    assert programs(cycle) == [ROW]
