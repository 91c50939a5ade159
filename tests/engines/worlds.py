"""What an engine makes of whole worlds: the suspects among them, and all that the job writes."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from reconcile.compare.engine import Engine
from reconcile.compare.narrow.suspects import Narrowed, narrow_down
from reconcile.compare.narrow.tables import tables_of
from reconcile.sandbox.world import World, build, build_by_chance
from tests.scenario.cycle import Contents, Cycle
from tests.unit.archives import archive

NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)


def world(seed: int, recordings: int) -> World:
    """Return a world in which everything happens that can, or (odd seeds) one by chance."""
    make = build_by_chance if seed % 2 else build
    return make(seed, now=NOW, recordings=recordings)


def narrowed(seed: int, engine: Engine) -> Narrowed:
    """Return the suspects of an archive of some hundred recordings; what has no order is put in one."""
    snapshot, rules = archive(seed)
    found = narrow_down(snapshot, rules, tables_of(snapshot, rules), engine)
    return replace(found, claims=sorted(found.claims), spans=sorted(found.spans))


@dataclass(frozen=True, slots=True)
class Life:
    """The reports of some runs, and what the stores held after them."""

    reports: tuple[str, ...]
    stores: Contents


def live(seed: int, recordings: int, engine: Engine, *steps: str) -> Life:
    """Return what `check` and `repair` leave, one after the other; their clocks and ids are the world's own.

    How many seconds a source took to read is measured, and taken out. So small a world would be judged
    without an engine, unless FEW is less.
    """
    cycle = Cycle.of(world(seed, recordings))
    cycle.engine = engine
    runs = {"check": cycle.check, "repair": cycle.repair}
    outcomes = [runs[step]() for step in steps]
    reports = (re.sub(r'"seconds": [\d.]+', '"seconds": 0', outcome.report.to_json()) for outcome in outcomes)
    return Life(tuple(reports), cycle.contents())
