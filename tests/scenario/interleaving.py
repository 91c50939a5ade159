"""Repairs at once, and the rest of the platform between any two of their calls, as a seed draws it."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random
from threading import Condition, Thread, current_thread
from typing import Any

from reconcile.model.errors import LeaseLost
from reconcile.model.recording import RecordingKey, program_id_of
from reconcile.runs.finish import Outcome
from reconcile.stores.lease import AlreadyRunning
from tests.doubles.memory import MemoryTable
from tests.scenario.cycle import Contents, Cycle
from tests.scenario.outside import Between
from tests.scenario.platform import Key, Platform, text
from tests.scenario.small import BUCKET, PREFIX, STAGE, Small

LAWS = (
    "at most one program of ours for each recording",
    "a double is reported by the next run at the latest",
    "what an owner says last, stands",
    "what an owner deleted stays deleted",
    "a repair ends, or is told that another one runs",
    "afterwards a repair makes whole what is left, and the next one writes nothing",
)
"""What holds however repairs and the platform fall together."""

LACKS_A_PROGRAM, HAS_ONE, LACKS_ONE_TOO = (PREFIX.replace("aaaaaaaaaaaa", 12 * letter) for letter in "abc")
RECORDINGS = {LACKS_A_PROGRAM: ("ann", "show1"), HAS_ONE: ("ben", "show2"), LACKS_ONE_TOO: ("cid", "show3")}
_PAUSE, _TRIES = timedelta(minutes=3), 5


class Turns:
    """Lets one of several threads go at a time; whenever it makes a call, it is drawn which one goes on."""

    def __init__(self, random: Random, between: Callable[[], None]) -> None:
        self._random, self._between = random, between
        self._changed, self._alive = Condition(), list[Thread]()
        self._goes: Thread | None = None

    def run(self, works: list[Callable[[], None]]) -> None:
        """Run all works to their ends."""
        self._alive = [Thread(target=self._take_part, args=(work,)) for work in works]
        threads = tuple(self._alive)
        for thread in threads:
            thread.start()
        with self._changed:
            self._draw()
        for thread in threads:
            thread.join()

    def pause(self) -> None:
        """Give the turn away, before a call; threads that a work starts itself go with it."""
        if current_thread() in self._alive:
            with self._changed:
                self._between()
                self._draw()
                self._changed.wait_for(self._is_mine)

    def _take_part(self, work: Callable[[], None]) -> None:
        with self._changed:
            self._changed.wait_for(self._is_mine)
        try:
            work()
        finally:
            with self._changed:
                self._alive.remove(current_thread())
                self._draw()

    def _draw(self) -> None:
        self._goes = self._random.choice(self._alive) if self._alive else None
        self._changed.notify_all()

    def _is_mine(self) -> bool:
        return self._goes is current_thread()


@dataclass
class Race:
    """What came of one interleaving: the outcomes of its runs, and the laws that it broke, with why."""

    seed: int
    outcomes: list[Outcome] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    steps: Counter[str] = field(default_factory=Counter)
    calls: int = 0
    broken: list[tuple[str, str]] = field(default_factory=list)

    def breaks(self, law: int, why: str) -> None:
        """Note a law that was broken, counted from 1."""
        self.broken.append((LAWS[law - 1], f"seed {self.seed}: {why}"))


def approved() -> tuple[Cycle, str]:
    """Return a world with two lost programs and a stale record, and the run that waits for approval."""
    small = Small()
    for number, (prefix, (owner, show)) in enumerate(RECORDINGS.items()):
        stage = STAGE.replace("stage1", f"stage{number}")
        small.show(show, owner, f"group-{show}", stage)
        small.record_broadcast(prefix, stage)
    key = small.program(HAS_ONE, "show2", "ben")
    small.items[key] |= {"groupId": {"S": "group-show2"}, "GSI1PK": {"S": "u#ben#g#group-show2"}}
    small.count("ben", "group-show2")
    small.index(key)
    small.records["program-of-show2"]["title"] = "An older title"
    # So few rows go in a race that no store looks as if it had lost its contents.
    small.populate(25)
    cycle = Cycle.of(small.world())
    return cycle, cycle.repair().report.run.id


def race(seed: int, runs: int) -> Race:
    """Run repairs at once over one world while the platform goes on; then let all come to rest, and judge."""
    random, told = Random(seed), Race(seed)
    cycle, withheld = approved()
    platform = Platform(cycle, random, dict(RECORDINGS))
    busy = random.choice((0.0, 0.05, 0.2, 0.5))
    cycles: list[Cycle] = []

    def between() -> None:
        told.calls += 1
        if random.random() < busy:
            platform.step()
        if random.random() < 0.02:
            # Somebody sleeps: a lease that was held may be another's by the time that it wakes.
            for one in (cycle, *cycles):
                one.now += _PAUSE

    turns = Turns(random, between)
    cycles += [_beside(cycle, turns.pause, number) for number in range(runs)]
    turns.run([lambda one=one: _repair(one, withheld, told) for one in cycles])  # type: ignore[misc]
    cycle.now, cycle.runs = max(one.now for one in cycles), 1000
    told.steps = platform.steps
    judge(told, cycle, platform)
    return told


def _beside(cycle: Cycle, tick: Callable[[], None], number: int) -> Cycle:
    """Return the same world as another run sees it: each of its calls gives the turn away first."""

    def pause(name: str) -> None:
        tick()

    table = MemoryTable(cycle.table.name, cycle.table.items, cycle.state, _lock=cycle.table._lock)
    others = ("index", "buckets", "reports", "state")
    stores: Any = {"table": table, **{name: getattr(cycle, name) for name in others}}
    wrapped: Any = {name: Between(store, pause) for name, store in stores.items()}
    return replace(cycle, **wrapped, runs=100 * (number + 1))


def _repair(cycle: Cycle, withheld: str, told: Race) -> None:
    """Repair; who is told that another one runs tries again, some times."""
    for _ in range(_TRIES):
        try:
            told.outcomes.append(cycle.repair(approve=withheld))
        except AlreadyRunning as error:
            told.refused[type(error).__name__] += 1
            continue
        except LeaseLost as error:
            told.refused[type(error).__name__] += 1
        except Exception as error:
            told.breaks(5, repr(error))
        return


def ours(cycle: Cycle) -> dict[str, list[Key]]:
    """Return, by recording, the programs that the job made and that still stand."""
    found: dict[str, list[Key]] = {}
    for key, row in cycle.table.items.items():
        if "reconcileRunId" in row:
            found.setdefault(text(row, "s3Key").split("/media/")[0], []).append(key)
    return found


def judge(told: Race, cycle: Cycle, platform: Platform) -> None:
    """Let the platform come to rest, and hold every law."""
    platform.settle()
    for prefix, keys in ours(cycle).items():
        if len(keys) > 1:
            told.breaks(1, f"{prefix} has {keys}")
    cycle.now += timedelta(hours=1)
    _hold_doubles(told, cycle)
    for number in range(2):
        outcome = cycle.repair()
        if outcome.report.approvals:
            cycle.repair(approve=outcome.report.run.id)
        if number == 0:
            rest = cycle.contents()
    for difference in _differing(rest, cycle.contents()):
        told.breaks(6, f"a second repair changed {difference}")
    for key, title in platform.edited.items():
        if text(cycle.table.items.get(key, {}), "title") != title:
            told.breaks(3, f"{key} lost the title {title}")
        elif cycle.index.hits.get(text(cycle.table.items[key], "programId"), {}).get("title") != title:
            told.breaks(6, f"the record of {key} lacks the title {title}")
    for key in sorted(platform.deleted & cycle.table.items.keys()):
        told.breaks(4, f"{key} is back")
    for prefix, (owner, _) in platform.recordings.items():
        own = (f"u#{owner}#programs", f"p#{program_id_of(RecordingKey(BUCKET, prefix))}")
        if own in platform.deleted and ours(cycle).get(prefix):
            told.breaks(4, f"{prefix} has a program of ours again")


def _hold_doubles(told: Race, cycle: Cycle) -> None:
    """Hold that a recording that ours and somebody else's program show is reported as such."""
    reported = {
        dict(finding.subject.fields)["prefix"]
        for finding in cycle.judge().comparison.findings
        if "program-duplicated" in (finding.verdict, *finding.also)
    }
    for prefix in ours(cycle):
        standing = [row for row in cycle.table.items.values() if text(row, "s3Key").startswith(f"{prefix}/")]
        if len([row for row in standing if row["sk"]["S"].startswith("p#")]) > 1 and prefix not in reported:
            told.breaks(2, prefix)


def _differing(before: Contents, after: Contents) -> Iterator[str]:
    for old, new in ((before.items, after.items), (before.records, after.records)):
        yield from (str(key) for key in {*old, *new} if old.get(key) != new.get(key))
