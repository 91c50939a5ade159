"""What does not rest on each other is read at the same time; what fails is reported as if it were not."""

from collections.abc import Callable
from threading import Barrier
from typing import Any

import pytest

from reconcile.collect import events
from reconcile.confirm import batches
from reconcile.model.errors import SourceError
from reconcile.model.run import Order
from reconcile.runs.history import recall
from reconcile.stores import aws, dynamodb, ledger_items, objects, s3, s3_listing
from tests.scenario.cycle import Cycle
from tests.scenario.small import Small, agreeing, lacking_a_program

RECALLED = ("environment", "runs", "ledger", "decisions")


def meet(store: Any, methods: tuple[str, ...], barrier: Barrier) -> None:
    """Let each of these methods go on only when all of them were called: one after the other never are."""

    def waiting(whole: Callable[..., Any]) -> Callable[..., Any]:
        def read(*asked: Any, **more: Any) -> Any:
            barrier.wait()
            return whole(*asked, **more)

        return read

    for method in methods:
        setattr(store, method, waiting(getattr(store, method)))


def fail(store: Any, *methods: str) -> None:
    """Let these methods fail, each with its own name."""

    def failing(method: str) -> Callable[..., Any]:
        def read(*_: Any, **__: Any) -> Any:
            raise SourceError(f"no {method}")

        return read

    for method in methods:
        setattr(store, method, failing(method))


def test_what_earlier_runs_left_is_recalled_at_once() -> None:
    cycle = Cycle.of(agreeing().world())
    cycle.check()
    meet(cycle.state, RECALLED, Barrier(len(RECALLED), timeout=20))
    past = recall(Order("check"), cycle.ports().memory, cycle.now)
    assert (len(past.runs), len(past.ledger)) == (1, 1)


@pytest.mark.parametrize(
    ("failing", "raised"),
    [
        (RECALLED, "environment"),
        (("decisions", "ledger", "runs"), "runs"),
        (("decisions", "ledger"), "ledger"),
        (("decisions",), "decisions"),
    ],
)
def test_of_several_failures_the_same_one_is_raised_each_time(failing: tuple[str, ...], raised: str) -> None:
    cycle = Cycle.of(agreeing().world())
    fail(cycle.state, *failing)
    for _ in range(5):
        with pytest.raises(SourceError, match=f"no {raised}"):
            recall(Order("check"), cycle.ports().memory, cycle.now)


def broken() -> Small:
    """Return a world with a recording without a program and a program without its record."""
    small = lacking_a_program()
    small.show("show2", "bob", "group1", "arn:aws:ivs:us-east-1:000000000000:stage/stage2")
    other = "dddddddddddd/eeeeeeeeeeee/ffffffffffff/composite"
    small.record_broadcast(other, "arn:aws:ivs:us-east-1:000000000000:stage/stage2")
    small.program(other, "show2", "bob")
    small.records.clear()
    return small


def test_partitions_rows_manifests_and_records_are_confirmed_at_once() -> None:
    cycle = Cycle.of(broken().world())
    barrier = Barrier(3, timeout=20)
    # Each is called again where more turns up: it is the first calls that meet.
    for store, method in ((cycle.table, "rows_of"), (cycle.buckets, "list_media"), (cycle.index, "records")):
        whole, met = getattr(store, method), list[int]()

        def read(*asked: Any, whole: Any = whole, met: list[int] = met) -> Any:
            # The double browses by it too: an empty index, so for no name.
            if not met and asked[0]:
                met.append(1)
                barrier.wait()
            return whole(*asked)

        setattr(store, method, read)
    kinds = {finding.kind for finding in cycle.check().report.findings}
    assert {"program-missing", "record-missing"} <= kinds


@pytest.mark.parametrize("failing", [("rows_of",), ("rows",), ("rows_of", "rows")])
def test_a_failure_of_reads_at_once_is_reported_the_same_each_time(failing: tuple[str, ...]) -> None:
    reports, world = [], broken().world()
    for _ in range(3):
        cycle = Cycle.of(world)
        fail(cycle.table, *failing)
        report = cycle.check().report
        reports.append((report.run.exit_code, report.counts, report.not_checked))
    assert reports[0] == reports[1] == reports[2]
    assert reports[0][2]


def test_there_is_a_connection_for_each_call_that_is_under_way_at_once() -> None:
    """Events, media and ranges of buckets are read at the same time, over one client."""
    listing = s3.BUCKETS * s3_listing.RANGES
    assert listing + events.READERS + objects.LOOKERS <= aws.MOST_AT_ONCE
    assert len(ledger_items.LEDGER_PARTITIONS) + 2 <= aws.MOST_AT_ONCE
    assert batches.AT_ONCE * 2 + dynamodb.BATCHES <= aws.MOST_AT_ONCE
