"""Ends a command at each of its outside calls, runs it again to its end, and says which laws that broke."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Lock, get_ident
from typing import Any, Literal, get_args

from reconcile.model.attributes import Value, same_value
from reconcile.model.journal import JournalEntry, RecordWritten
from reconcile.model.search_record import Image
from tests.scenario.cycle import Contents, Cycle
from tests.scenario.outside import Between

Command = Callable[[Cycle], object]
"""What is run, over a world; it may be run again on what it left."""

Moment = Literal["before", "after"]
"""When a run ends: before a call is made, or once it was made and before its answer arrives."""

Point = tuple[int, Moment]
"""A call, by its number, and the moment."""

LAWS = (
    "what a killed run says that it did, it did, and it did nothing else",
    "run again, it ends as a run that nobody disturbed",
    "in the end the journal is true",
    "in the end nobody holds the lease",
)

_STORES = ("table", "index", "state", "reports", "facts", "buckets")
_OUTLASTS_LEASE, _OUTLASTS_SETTLING = timedelta(minutes=2), timedelta(hours=1)
_ROUNDS = 5
_WHEN_OR_WHO = frozenset({"createdAt", "updatedAt", "reconcileRunId"})
"""What tells runs apart, and so is of no end state."""


class Killed(BaseException):
    """What takes a run away without a word."""


@dataclass
class Crash:
    """Counts outside calls, and ends the run at one of them: from then on nothing reaches a store."""

    at: int = -1
    moment: Moment = "before"
    calls: list[str] = field(default_factory=list)
    dead: bool = False
    _doomed: int = 0
    _lock: Lock = field(default_factory=Lock)

    def before(self, name: str) -> None:
        """Take note of a call that is about to be made; raises Killed."""
        with self._lock:
            here = len(self.calls) == self.at
            self.calls.append(name)
            if self.dead or (here and self.moment == "before"):
                self.dead = True
                raise Killed
            if here:
                self._doomed = get_ident()

    def after(self, _: str) -> None:
        """Let a call's answer through; raises Killed."""
        if self.dead or self._doomed == get_ident():
            self.dead = True
            raise Killed


class _Memory(Between):
    """The job's memory, where taking the lease and giving it back are outside calls too."""

    def __setattr__(self, name: str, value: Any) -> None:
        self._tick(name)
        super().__setattr__(name, value)
        self._after(name)


@contextmanager
def crashing(cycle: Cycle, crash: Crash) -> Iterator[None]:
    """Let every call of a cycle's stores go by a crash meanwhile."""
    stores: Any = cycle
    held = {name: getattr(cycle, name) for name in _STORES}
    for name, store in held.items():
        kind = _Memory if name == "state" else Between
        setattr(stores, name, kind(store, crash.before, crash.after))
    try:
        yield
    finally:
        for name, store in held.items():
            setattr(stores, name, store)


@dataclass(frozen=True)
class Crashes:
    """A command over a world: the outside calls that it makes undisturbed, and what it leaves in the end."""

    world: Cycle
    command: Command
    calls: tuple[str, ...]
    end: Mapping[str, Any]

    @classmethod
    def of(cls, world: Cycle, command: Command) -> "Crashes":
        """Run the command undisturbed; the world itself stays as it is."""
        cycle, crash = world.again(), Crash()
        with crashing(cycle, crash):
            command(cycle)
        _to_the_end(cycle, command)
        return cls(world, command, tuple(crash.calls), end_state(cycle))

    def points(self, every: int = 1, first: int = 0) -> list[Point]:
        """Return the points at which a run may end, both moments of every so many calls."""
        numbers = range(first, len(self.calls), every)
        return [(number, moment) for number in numbers for moment in get_args(Moment)]

    def broken(self, point: Point) -> dict[str, list[str]]:
        """End a run at a point and run again to the end; return what broke each law, nothing for most."""
        cycle, crash = self.world.again(), Crash(*point)
        before = cycle.contents(), frozenset(cycle.state.journaled)
        with crashing(cycle, crash):
            try:
                self.command(cycle)
            except Killed:
                pass
            else:
                raise AssertionError(f"nothing ended the run at {self.told(point)}")
        left = [*untrue(cycle), *unjournaled(*before, cycle)]
        _to_the_end(cycle, self.command)
        end = end_state(cycle)
        apart = [f"{name}: {self.end.get(name)} became {end.get(name)}"
                 for name in sorted({*self.end, *end}) if self.end.get(name) != end.get(name)]  # fmt: skip
        holder = cycle.state.holder(cycle.now)
        faults = (left, apart, [*untrue(cycle), *unjournaled(*before, cycle)], [holder] if holder else [])
        return {law: told for law, told in zip(LAWS, faults, strict=True) if told}

    def told(self, point: Point) -> str:
        """Return a point in words."""
        number, moment = point
        return f"{moment} call {number}, {self.calls[number]}"


def _to_the_end(cycle: Cycle, command: Command) -> None:
    """Run a command as soon as a dead run's lease is over, and then, later, until it changes nothing more."""
    cycle.now += _OUTLASTS_LEASE
    command(cycle)
    for _ in range(_ROUNDS):
        # What was written a moment ago still settles.
        cycle.now += _OUTLASTS_SETTLING
        before = cycle.contents()
        command(cycle)
        if cycle.contents() == before:
            return
    raise AssertionError(f"a command that still changes something after {_ROUNDS} runs")


def end_state(cycle: Cycle) -> dict[str, Any]:
    """Return what the stores hold and the job remembers, by name, but for times and names of runs."""
    rows = {f"row {key}": _lasting(row) for key, row in cycle.table.items.items()}
    records = {f"record {name}": _lasting(hit) for name, hit in cycle.index.hits.items()}
    ledger = {f"ledger {key}": entry for key, entry in cycle.state.entries.items()}
    decided = {f"decision {name}": one.what for name, one in cycle.state.decided.items()}
    environment = cycle.state.environment()
    known = {"environment": environment and (environment.buckets, environment.behind),
             "first repair": bool(environment and environment.first_repair),
             "whole repair": bool(environment and environment.last_whole_repair),
             "index met": bool(environment and environment.index_met)}  # fmt: skip
    return {**rows, **records, **ledger, **decided, **known}


def _lasting(held: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in held.items() if name not in _WHEN_OR_WHO}


def journal(cycle: Cycle) -> list[JournalEntry]:
    """Return the entries of all runs, in order, as the state table gives them back."""
    runs = sorted({run for run, _ in cycle.state.journaled})
    return [entry for run in runs for entry in cycle.state.journal(run)]


def untrue(cycle: Cycle) -> list[str]:
    """Name each target that is not as its last entry says, and each journal that is cut.

    What is done stands in the store. What was about to be written stands there, or what stood there before.
    """
    last = dict[str, tuple[JournalEntry, list[Value | None]]]()
    found = dict[str, Value | None]()
    for entry in journal(cycle):
        for name, here, before, after in _effects(entry, cycle):
            found[name] = here
            last[name] = (entry, [after] if entry.done else [before, after])
    return [
        f"{entry.what}, {entry.number} of {entry.run}: {name} is {found[name]}, not {allowed}"
        for name, (entry, allowed) in last.items()
        if not any(same_value(found[name], one) for one in allowed)
    ] + _cut(cycle)


_Effect = tuple[str, Value | None, Value | None, Value | None]
"""What an entry tells of: its name, what the store holds now, and what it held before and after the write."""


def _effects(entry: JournalEntry, cycle: Cycle) -> Iterator[_Effect]:
    written = entry.written
    if isinstance(written, RecordWritten):
        held = cycle.index.hits.get(written.object_id)
        yield written.object_id, _value(held), _value(written.before), _value(written.after)
        return
    row = cycle.table.items.get(written.key, {})
    before, after = written.before or {}, written.after or {}
    for name in sorted({*before, *after} - {"updatedAt"}):
        yield f"{tuple(written.key)} {name}", row.get(name), before.get(name), after.get(name)
    if counted := written.counted:
        count = cycle.table.items.get(counted.group, {}).get("programsCount")
        yield f"{tuple(counted.group)} programsCount", count, counted.before, counted.after
    if ledger := written.ledger:
        stands, name = cycle.state.entries.get(ledger.after.key), f"ledger {ledger.after.key}"
        yield name, {"entry": stands}, {"entry": ledger.before}, {"entry": ledger.after}


def _value(record: Mapping[str, Any] | None) -> Value | None:
    return {"record": dict(record)} if record is not None else None


def _cut(cycle: Cycle) -> list[str]:
    numbers = set(cycle.state.journaled)
    return [
        f"{entry.number} of {entry.run} names {entry.previous} before it, which is missing"
        for entry in journal(cycle)
        if entry.previous and (entry.run, entry.previous) not in numbers
    ]


def unjournaled(before: Contents, journaled: Collection[tuple[str, int]], cycle: Cycle) -> list[str]:
    """Name each change of the application's stores of which no entry tells that was not there before."""
    new = (entry for entry in journal(cycle) if (entry.run, entry.number) not in journaled)
    told = {name for entry in new for name, *_ in _effects(entry, cycle)}
    changed = [*_changed_attributes(before.items, cycle.table.items)]
    changed += [name for name in {*before.records, *cycle.index.hits}
                if before.records.get(name) != cycle.index.hits.get(name)]  # fmt: skip
    return [f"nothing in a journal tells of {name}" for name in sorted({*changed} - told)]


def _changed_attributes(
    before: Mapping[tuple[str, str], Image], after: Mapping[tuple[str, str], Image]
) -> Iterable[str]:
    for key in {*before, *after}:
        old, new = before.get(key, {}), after.get(key, {})
        for name in {*old, *new} - {"updatedAt"}:
            if not same_value(old.get(name), new.get(name)):
                yield f"{key} {name}"
