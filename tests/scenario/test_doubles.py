"""The live processor makes programs under ids of its own, at any moment: no broadcast has two in silence."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import pytest

from reconcile.model.errors import SourceError
from reconcile.model.recording import RecordingKey, program_id_of
from reconcile.sandbox.world.copies import copied
from tests.scenario.cycle import Cycle
from tests.scenario.outside import Between
from tests.scenario.small import BUCKET, PREFIX, STAGE, Small, lacking_a_program

TWIN = "dddddddddddd/eeeeeeeeeeee/ffffffffffff/composite"
OURS = ("u#ann#programs", f"p#{program_id_of(RecordingKey(BUCKET, PREFIX))}")
PROGRAM = ("u#ann#programs", "p#program-of-show1")


@dataclass
class Intruder:
    """Writes as the live processor does, just before the outside call of a given number."""

    at: int
    write: Callable[[], None]
    calls: list[str] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def __call__(self, name: str) -> None:
        with self._lock:
            if len(self.calls) == self.at:
                self.write()
            self.calls.append(name)


def of_the_processor(prefix: str, **changed: Any) -> tuple[dict[Any, Any], dict[str, Any]]:
    """Return the rows and records of a program that the live processor makes."""
    small = Small()
    small.show()
    small.program(prefix)
    row = {**small.items[PROGRAM], **changed}
    return {PROGRAM: row}, small.records


def approved(*twins: str) -> Cycle:
    """Return a world whose one lost program may be made, of a broadcast that was recorded once or more."""
    small = lacking_a_program()
    for twin in twins:
        small.record_broadcast(twin)
    small.populate(1)
    cycle = Cycle.of(small.world())
    cycle.repair()
    return cycle


def run_beside(cycle: Cycle, at: int, items: dict[Any, Any], records: dict[str, Any]) -> tuple[Any, Intruder]:
    """Repair, and let the processor write before the outside call of that number."""
    table, index, state = cycle.table, cycle.index, cycle.state

    def write() -> None:
        table.items |= copied(items)
        index.hits |= copied(records)

    intruder = Intruder(at, write)
    stores: Any = cycle
    stores.table, stores.index = Between(table, intruder), Between(index, intruder)
    stores.buckets, stores.state = Between(cycle.buckets, intruder), Between(state, intruder)
    withheld = cycle.reports.run_ids()[0]
    stores.reports = Between(cycle.reports, intruder)
    try:
        return cycle.repair(approve=withheld), intruder
    finally:
        stores.table, stores.index, stores.state = table, index, state
        stores.buckets, stores.reports = cycle.buckets._store, cycle.reports._store  # type: ignore[attr-defined]


def positions(cycle: Cycle) -> Iterator[int]:
    """Yield the number of each outside call of the repair, and the one after the last."""
    _, undisturbed = run_beside(cycle, -1, {}, {})
    yield from range(len(undisturbed.calls) + 1)


@pytest.mark.parametrize("prefix", [PREFIX, TWIN], ids=["the recording", "its twin"])
def test_a_program_that_the_processor_makes_at_any_moment_is_no_silent_double(prefix: str) -> None:
    """It is refused, or reported by the same run; only after the last look by the next one."""
    outcomes: Counter[str] = Counter()
    world = approved(*([TWIN] if prefix == TWIN else []))
    for at in positions(world.again()):
        cycle = world.again()
        items, records = of_the_processor(prefix)
        outcome, intruder = run_beside(cycle, at, items, records)
        doubled = {PROGRAM, OURS} <= cycle.table.items.keys()
        told = {finding.kind for finding in outcome.report.findings}
        last_look = max((n for n, name in enumerate(intruder.calls) if name == "rows_of"), default=-1)
        if not doubled:
            assert "program-duplicated" not in told
            outcomes["one program"] += 1
        elif at <= last_look:
            assert "program-duplicated" in told, (at, intruder.calls)
            assert outcome.exit_code == 2
            outcomes["reported"] += 1
        else:
            outcomes["after the last look"] += 1
        later = {judged.verdict for judged in cycle.judge().comparison.findings}
        assert ("program-duplicated" in later) == doubled
    assert outcomes["one program"] >= 10
    assert outcomes["reported"] >= 1


def test_a_program_without_media_that_turns_up_before_the_creation_keeps_it_from_happening() -> None:
    """It may be this recording's: the next run asks whose it is."""
    cycle = approved()
    items, records = of_the_processor(PREFIX)
    for name in ("program_url", "s3Key", "s3Bucket"):
        del items[PROGRAM][name]
    _, calls = run_beside(approved(), -1, {}, {})
    before = calls.calls.index("create_program") - 1
    outcome, _ = run_beside(cycle, before, items, records)
    assert OURS not in cycle.table.items
    assert outcome.exit_code == 2


def test_a_creation_whose_partition_cannot_be_read_again_at_the_end_is_not_called_verified() -> None:
    cycle = approved()
    rows_of = cycle.table.rows_of

    def fails_after_the_creation(pk: str) -> Any:
        if OURS in cycle.table.items:
            raise SourceError("the table is away")
        return rows_of(pk)

    cycle.table.rows_of = fails_after_the_creation  # type: ignore[method-assign]
    outcome = cycle.repair(approve=cycle.reports.run_ids()[0])
    made = [one for one in outcome.report.repairs if one.what == "program created"]
    assert [one.verified for one in made] == [False]
    assert outcome.exit_code == 3


def test_programs_of_two_sessions_at_one_time_are_made_in_one_run() -> None:
    """What the run itself makes, or another session's processor, is no double."""
    small = lacking_a_program()
    small.record_broadcast(TWIN, STAGE.replace("stage1", "stage2"))
    ivs = {"M": {"rawStageArn": {"S": STAGE.replace("stage1", "stage2")}}}
    small.put({"pk": "session#second", "sk": "info", "entityType": "liveSession", "sessionId": "second",
               "showId": "show1", "status": "ENDED", "ivs": ivs})  # fmt: skip
    small.populate(1)
    cycle = Cycle.of(small.world())
    cycle.repair()
    assert cycle.repair(approve=cycle.reports.run_ids()[0]).exit_code in (0, 2)
    made = {key for key in cycle.table.items if key[0] == "u#ann#programs"}
    assert made == {OURS, ("u#ann#programs", f"p#{program_id_of(RecordingKey(BUCKET, TWIN))}")}
