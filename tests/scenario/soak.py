"""Nights over a world that lives on: shows, deletions, edits, stores that fail, and now and then an undo."""

import gc
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from reconcile.compare.verdicts import Comparison
from reconcile.model.errors import ReconcileError, SourceError
from reconcile.model.snapshot import Snapshot
from reconcile.report.data import Report
from reconcile.runs.finish import Outcome
from tests.scenario.cycle import Contents, Cycle
from tests.scenario.interleaving import ours
from tests.scenario.outside import Between
from tests.scenario.platform import Platform, text
from tests.scenario.small import PREFIX, STAGE, Small

LAWS = (
    "a night ends with a verdict, whatever fails",
    "at most one program of ours for each recording",
    "what an owner says last, stands",
    "what an owner deleted stays deleted",
    "what was undone is made again only once it is approved",
    "no recording whose program stands is called missing",
    "nothing of a night stays in memory",
    "in the end repairs make whole what is left, and the next one writes nothing",
)
DAY, WINDOW = timedelta(days=1), timedelta(days=3)
FAULTS, PROCESSED, STEPS_A_DAY = 0.02, 0.8, 6
APPROVED_EVERY, UNDONE_EVERY, CHECKED_EVERY = 3, 17, 5
"""Nights between approvals, undos, and checks of everything."""
_OF_A_NIGHT = (Snapshot, Comparison, Report)


@dataclass
class Soak:
    """A world, and what its nights came to: how many writes, undos and failures, and the laws they broke."""

    seed: int
    cycle: Cycle
    random: Random
    platform: Platform
    night: int = 0
    told: Counter[str] = field(default_factory=Counter)
    undone: set[tuple[str, str]] = field(default_factory=set)
    broken: list[tuple[str, str]] = field(default_factory=list)

    @classmethod
    def of(cls, seed: int, began: datetime) -> "Soak":
        """Return a world with some uploads, before its first night."""
        small, random = Small(now=began), Random(seed)
        small.populate(40)
        cycle = Cycle.of(small.world())
        return cls(seed, cycle, random, Platform(cycle, random, {}))

    def breaks(self, law: int, why: str) -> None:
        """Note a law that was broken, counted from 1."""
        self.broken.append((LAWS[law - 1], f"seed {self.seed}, night {self.night}: {why}"))

    def live(self, nights: int) -> None:
        """Live through nights, and hold the laws after each."""
        for _ in range(nights):
            self.night += 1
            self._day()
            self._night()
            self._hold()

    def end(self) -> None:
        """Let the platform come to rest, repair until nothing is left, and hold that nothing is."""
        self.platform.settle()
        for _ in range(3):
            self._repair(self.cycle, lookback=None)
            self._approve(self.cycle, lookback=None)
        rest = self.cycle.contents()
        self._repair(self.cycle, lookback=None)
        if _differ(rest, self.cycle.contents()):
            self.breaks(8, "another repair wrote something")

    def _day(self) -> None:
        cycle, random = self.cycle, self.random
        cycle.now += DAY
        for number in range(random.randrange(4)):
            self._broadcast(f"{self.night}-{number}")
        for _ in range(STEPS_A_DAY if self.platform.recordings else 0):
            self.platform.step()
        if random.random() < 0.7:
            self.platform.settle()

    def _broadcast(self, name: str) -> None:
        """Let a show be broadcast, and its program be made most of the time."""
        cycle, prefix = self.cycle, PREFIX.replace("aaaaaaaaaaaa", f"recording-{name}")
        owner, stage = self.random.choice(("ann", "ben", "cid")), STAGE.replace("stage1", name)
        small = Small(now=cycle.now)
        small.show(f"show-{name}", owner, f"group-{name}", stage)
        small.record_broadcast(prefix, stage)
        cycle.table.items.update(small.items)
        for stored in small.objects.values():
            cycle.buckets.objects[stored.bucket, stored.key] = (stored.body, stored.modified)
        self.platform.recordings[prefix] = (owner, f"show-{name}")
        if self.random.random() < PROCESSED:
            self.platform.process_one(prefix)

    def _night(self) -> None:
        faulty = self._beside(self._fail)
        run = self._repair(faulty)
        if self.night % APPROVED_EVERY == 0:
            self._approve(self.cycle)
        if run and self.night % UNDONE_EVERY == 0:
            self._undo(run.report.run.id)
        if self.night % CHECKED_EVERY == 0:
            self.cycle.check()

    def _fail(self, name: str) -> None:
        if self.random.random() < FAULTS:
            self.told["calls that failed"] += 1
            raise SourceError(f"{name}: the store is away for a moment")

    def _beside(self, tick: Callable[[str], None]) -> Cycle:
        """Return the same world, whose stores are told of each call before it is made."""
        stores = {name: Between(getattr(self.cycle, name), tick) for name in ("table", "index", "buckets")}
        wrapped: Any = stores
        return replace(self.cycle, **wrapped)

    def _repair(self, cycle: Cycle, **asked: Any) -> Outcome | None:
        before = set(self.cycle.table.items)
        try:
            outcome = cycle.repair(**{"lookback": WINDOW, **asked})
        except ReconcileError as error:
            self.told[f"nights that ended with {type(error).__name__}"] += 1
            return None
        except Exception as error:
            self.breaks(1, repr(error))
            return None
        finally:
            self.cycle.now, self.cycle.runs = cycle.now + timedelta(seconds=1), cycle.runs + 1
            self._hold_undone(set(self.cycle.table.items) - before, approved="approve" in asked)
        self.told[f"nights that ended with {int(outcome.exit_code)}"] += 1
        self.told["writes"] += sum(one.outcome == "made" for one in outcome.report.repairs)
        self._no_false_missing(outcome)
        return outcome

    def _no_false_missing(self, outcome: Outcome) -> None:
        """Hold that a recording is not called missing whose program stood all the time."""
        shown = {text(row, "s3Key").split("/media/")[0] for row in self.cycle.table.items.values()}
        made = {one.finding for one in outcome.report.repairs if one.outcome == "made"}
        for finding in outcome.report.findings:
            missing = finding.kind == "program-missing" and finding.id not in made
            if missing and dict(finding.subject.fields)["prefix"] in shown:
                self.breaks(6, str(finding.subject))

    def _approve(self, cycle: Cycle, **asked: Any) -> None:
        waiting = self._repair(cycle, **asked)
        if waiting and waiting.report.approvals:
            self._repair(cycle, approve=waiting.report.run.id, **asked)

    def _undo(self, run: str) -> None:
        before = set(self.cycle.table.items)
        outcome = self.cycle.undo(run)
        self.told["undos"] += 1
        self.told["writes taken back"] += sum(one.became == "undone" for one in outcome.undone)
        self.undone |= before - set(self.cycle.table.items)

    def _hold_undone(self, made: set[tuple[str, str]], *, approved: bool) -> None:
        again = sorted(made & self.undone)
        self.undone -= made
        if again and not approved:
            self.breaks(5, f"{again} are made again")

    def _hold(self) -> None:
        items = self.cycle.table.items
        for prefix, keys in ours(self.cycle).items():
            if len(keys) > 1:
                self.breaks(2, f"{prefix} has {keys}")
        for key, title in self.platform.edited.items():
            if key in items and text(items[key], "title") != title:
                self.breaks(3, f"{key} lost the title {title}")
        for key in sorted(self.platform.deleted & items.keys()):
            self.breaks(4, f"{key} is back")
        if self.night % CHECKED_EVERY == 0:
            gc.collect()
            alive = Counter(type(one).__name__ for one in gc.get_objects() if isinstance(one, _OF_A_NIGHT))
            if alive:
                self.breaks(7, str(dict(alive)))


def _differ(before: Contents, after: Contents) -> bool:
    return (before.items, before.records) != (after.items, after.records)
