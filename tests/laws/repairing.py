"""The laws of repairing: idempotence, convergence after a crash, and limits."""

from datetime import timedelta
from typing import Any

from reconcile.model.decision import Decision
from reconcile.model.errors import Exit
from reconcile.model.journal import RecordWritten, RowWritten
from reconcile.stores.lease import AlreadyRunning
from tests.laws.worlds import OPT_IN, again, damaged, lost, repaired, repairing, unstamped
from tests.scenario.cycle import Contents, Cycle
from tests.scenario.outside import Between
from tests.scenario.small import BUCKET

# ---- Idempotence


def a_second_repair_writes_nothing() -> None:
    """Once every kind of repair was made, another run leaves stores, journal and ledger as they are."""
    cycle = Cycle.of(damaged().world())
    for _ in range(2):
        # A group that was made has its program only after the next run.
        repaired(cycle, opt_in=OPT_IN)
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


class Killed(BaseException):
    """Takes a run away without a word: nothing is written after it."""


class Fatal:
    """Ends a run before the outside call of a number, or after it, with its answer lost."""

    def __init__(self, at: int, *, after: bool) -> None:
        self._at, self._after, self.calls, self._dead = at, after, list[str](), False

    def before(self, name: str) -> None:
        """Count a call, and end the run before it if it is the one."""
        if self._dead or (len(self.calls) == self._at and not self._after):
            self._dead = True
            raise Killed
        self.calls.append(name)

    def made(self, name: str) -> None:
        """End the run after a call if it is the one."""
        if self._after and len(self.calls) == self._at + 1:
            self._dead = True
            raise Killed

    def wrote(self) -> None:
        """Refuse what a dead run would still write, such as that its lease is free."""
        if self._dead:
            raise Killed


class Mortal(Between):
    """A store that a dead run can write nothing into."""

    def __init__(self, store: Any, fatal: Fatal) -> None:
        super().__init__(store, fatal.before, fatal.made)
        self.__dict__["_fatal"] = fatal

    def __setattr__(self, name: str, value: Any) -> None:
        self._fatal.wrote()
        super().__setattr__(name, value)


WRITES = frozenset(
    ("create_program", "change_row", "create_group", "write", "enter_all", "mark_done", "remember")
)
"""The calls that write into the application's stores, and what is remembered of them."""
EVERY = 8
"""Of the other calls so many are passed over between two at which a run is killed."""


def ends_well(cycle: Cycle) -> None:
    """Repair until a group that was made has its program too; raises AssertionError unless all is well."""
    for _ in range(2):
        cycle.now += timedelta(hours=1)
        repaired(cycle, opt_in=OPT_IN)
    checked = cycle.check()
    assert checked.exit_code == Exit.AGREES, [one.kind for one in checked.report.findings]


def a_run_that_is_killed_at_any_call_is_completed_by_the_next() -> None:
    """Killed around each write, and at every eighth call: the next run ends where an undisturbed one does."""
    world = withheld()
    whole = again(world)
    calls = killed(whole, -1, after=False)
    ends_well(whole)
    for at, name in enumerate(calls):
        # After one call is before the next, but for what lies between two writes.
        if name in WRITES or at % EVERY == 0:
            hold_convergence(again(world), whole, at, after=name in WRITES)


def a_run_that_is_killed_at_a_record_is_completed_by_the_next() -> None:
    """Killed around the writing of search records: nothing is in the index that no journal tells of."""
    world = withheld()
    whole = again(world)
    at = killed(whole, -1, after=False).index("write")
    ends_well(whole)
    for after in (False, True):
        hold_convergence(again(world), whole, at, after=after)


def withheld() -> Cycle:
    """Return a damaged world whose lost program awaits approval, and in which nothing was repaired yet."""
    cycle = Cycle.of(damaged().world())
    cycle.repair(only=("program-missing",))
    return cycle


def killed(cycle: Cycle, at: int, *, after: bool) -> list[str]:
    """Repair with approval until the call of a number, and return the calls; below 0 nothing is killed."""
    fatal, stores, run = Fatal(at, after=after), cycle, cycle.reports.run_ids()[0]
    held = {name: getattr(cycle, name) for name in ("table", "index", "buckets", "state", "reports")}
    for name, store in held.items():
        setattr(stores, name, Mortal(store, fatal))
    try:
        stores.repair(approve=run, opt_in=OPT_IN)
    except Killed:
        pass
    finally:
        for name, store in held.items():
            setattr(stores, name, store)
    return fatal.calls


def journaled(cycle: Cycle, *, done: bool = False) -> set[Any]:
    """Return the keys of rows and the names of records that the journal tells of, or says to be written."""
    told = set[Any]()
    for entry in cycle.state.written:
        written = entry.written
        if done and not entry.done:
            continue
        told.add(written.object_id if isinstance(written, RecordWritten) else tuple(written.key))
        if isinstance(written, RowWritten) and written.counted:
            told.add(tuple(written.counted.group))
    return told


def hold_convergence(cycle: Cycle, whole: Cycle, at: int, *, after: bool) -> None:
    """Hold that after a kill the next runs end in the same state, with a true journal and a free lease."""
    before = cycle.contents()
    approved = cycle.reports.run_ids()[0]
    calls = killed(cycle, at, after=after)
    where = f"killed {'after' if after else 'before'} call {at}, {calls[-1:]}"
    written = changed(before, cycle.contents())
    told, done = journaled(cycle), journaled(cycle, done=True)
    assert done <= written <= told, f"{where}: the journal is not true"
    cycle.now += timedelta(minutes=2)
    try:
        cycle.repair(approve=approved, opt_in=OPT_IN)
    except AlreadyRunning:
        raise AssertionError(f"{where}: the lease of the dead run holds") from None
    cycle.now += timedelta(hours=1)
    repaired(cycle, opt_in=OPT_IN)
    assert unstamped(cycle.contents()) == unstamped(whole.contents()), where
    assert cycle.state.holder(cycle.now) is None, where


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
    restored = again(repairing(lost("ann")))
    restored.reports = cycle.reports
    assert restored.repair().exit_code == Exit.AWAITING_APPROVAL
    assert made(restored) == []


def what_a_person_ignores_is_not_repaired() -> None:
    """A decision keeps repairs off a finding."""
    cycle = repairing(lost("ann"))
    (finding,) = cycle.check().report.findings
    cycle.state.decide([Decision("ignore", finding.id, "ann", "not wanted", None, cycle.now)])
    assert (cycle.repair().exit_code, made(cycle)) == (Exit.AGREES, [])
