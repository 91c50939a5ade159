"""The laws of repairing: idempotence, convergence after a crash, and limits."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from reconcile.model.decision import Decision
from reconcile.model.errors import Exit
from reconcile.runs.finish import Outcome
from reconcile.stores.lease import AlreadyRunning
from tests.laws.worlds import lost, repairing
from tests.scenario.crashes import Crashes, Point
from tests.scenario.cycle import Contents, Cycle
from tests.scenario.every_repair import due
from tests.scenario.small import BUCKET

OPT_IN = ("group-missing", "count-drift")

# ---- Idempotence


def a_second_repair_writes_nothing() -> None:
    """Once every kind of repair was made, another run leaves stores, journal and ledger as they are."""
    cycle = due()
    for _ in range(2):
        # A group that was made has its program only after the next run.
        cycle.repair(opt_in=OPT_IN)
        cycle.now += timedelta(hours=1)
    before, journal, ledger = cycle.contents(), len(cycle.state.written), dict(cycle.state.entries)
    for _ in range(2):
        cycle.now += timedelta(hours=1)
        last = cycle.repair(opt_in=OPT_IN)
        assert last.report.repairs == ()
    assert changed(before, cycle.contents()) == set()
    assert last.exit_code == Exit.AGREES
    assert (len(cycle.state.written), cycle.state.entries) == (journal, ledger)


def changed(before: Contents, after: Contents) -> set[Any]:
    """Return the keys of rows and the names of records that differ."""
    pairs = ((before.items, after.items), (before.records, after.records))
    return {key for old, new in pairs for key in {*old, *new} if old.get(key) != new.get(key)}


# ---- Convergence


EVERY = 16
"""Of the calls so many lie between two at which a run is killed here; others try more of them."""


def a_run_that_is_killed_at_any_call_is_completed_by_the_next() -> None:
    """The next runs end where an undisturbed one does, with a true journal and a free lease."""
    crashes = Crashes.of(due(), repair)
    hold_convergence(crashes, crashes.points(EVERY, 5))


def a_run_that_is_killed_at_a_record_is_completed_by_the_next() -> None:
    """The index has no transactions: the journal tells before a record is written that it will be."""
    crashes = Crashes.of(due(), repair)
    at = crashes.calls.index("write")
    hold_convergence(crashes, [(at, "before"), (at, "after")])


def repair(cycle: Cycle) -> Outcome:
    """Repair everything that can be repaired."""
    return cycle.repair(opt_in=OPT_IN)


def hold_convergence(crashes: Crashes, points: Iterable[Point]) -> None:
    """Hold that a run may end at these points, and that it only has to be run again."""
    for point in points:
        try:
            broken = crashes.broken(point)
        except AlreadyRunning:
            broken = {"in the end nobody holds the lease": ["the dead run"]}
        assert broken == {}, crashes.told(point)


def what_no_run_could_repair_is_looked_for_until_one_has() -> None:
    """A recording that fell out of the window while no repair came to its end is repaired all the same."""
    cycle = repairing(lost("ann"))
    cycle.state.mark_whole_repair(cycle.now - timedelta(hours=12))
    cycle.now += timedelta(days=6)
    assert cycle.repair(lookback=timedelta(days=3)).exit_code == Exit.AGREES
    assert len(made(cycle)) == 1


# ---- Limits


def made(cycle: Cycle) -> list[tuple[str, str]]:
    """Return the keys of the programs that the job made."""
    return sorted(key for key, item in cycle.table.items.items() if "reconcileRunId" in item)


MANY = tuple(f"s{number:02}" for number in range(27))


def more_than_the_limit_awaits_approval_and_nothing_else_is_approved() -> None:
    """None of too many creations is made; approving makes those that were shown, and none that came later."""
    cycle = repairing(lost(*MANY))
    first = cycle.repair()
    assert (first.exit_code, made(cycle)) == (Exit.AWAITING_APPROVAL, [])
    assert len(first.report.approvals) == len(MANY)
    later = lost(*(f"t{number:02}" for number in range(27)))
    cycle.table.items |= later.items
    cycle.index.hits |= later.records
    for stored in later.objects.values():
        cycle.buckets.objects[BUCKET, stored.key] = (stored.body, stored.modified)
    cycle.repair(approve=first.report.run.id)
    assert {pk.split("#")[1] for pk, _ in made(cycle)} == set(MANY)


def a_first_repair_creates_nothing_that_was_not_approved() -> None:
    """Whatever was recorded before repairs began may have been deleted: a person decides."""
    cycle = Cycle.of(lost("ann", "bob").world())
    first = cycle.repair()
    assert (made(cycle), len(first.report.approvals)) == ([], 2)


def an_index_that_never_held_a_record_of_the_table_is_not_written_to() -> None:
    """It may be another stage's."""
    small = lost("ann")
    small.records.clear()
    cycle = Cycle.of(small.world())
    assert cycle.repair().exit_code == Exit.AWAITING_APPROVAL
    assert (cycle.index.hits, made(cycle)) == ({}, [])


def a_state_table_that_is_older_than_a_report_lets_nothing_be_created() -> None:
    """It may have forgotten what owners deleted."""
    cycle = repairing(lost("ann"))
    cycle.repair(only=("record-missing",))
    restored = repairing(lost("ann"))
    restored.reports = cycle.reports
    assert restored.repair().exit_code == Exit.AWAITING_APPROVAL
    assert made(restored) == []


def what_a_person_ignores_is_not_repaired() -> None:
    """A decision keeps repairs off a finding."""
    cycle = repairing(lost("ann"))
    (finding,) = cycle.check().report.findings
    cycle.state.decide([Decision("ignore", finding.id, "ann", "not wanted", None, cycle.now)])
    assert (cycle.repair().exit_code, made(cycle)) == (Exit.AGREES, [])
