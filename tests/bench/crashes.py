"""Each command that writes, ended at each of its outside calls, twice, and run again to its end."""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence

from tests.bench.sheet import Sheet
from tests.scenario.bad_night import repaired
from tests.scenario.crashes import LAWS, Command, Crashes
from tests.scenario.cycle import Cycle
from tests.scenario.every_repair import OPT_IN, due

TOLD = 12


def repair() -> tuple[Cycle, Command]:
    """Return a world that calls for every kind of repair, and its repair."""
    return due(), lambda cycle: cycle.repair(**OPT_IN)


def undo() -> tuple[Cycle, Command]:
    """Return a world in which a run repaired everything, and what takes that run back."""
    cycle, _, run = repaired()
    return cycle, lambda world: world.undo(run)


COMMANDS = {"repair": repair, "undo": undo}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print how many points were tried and held; 1 when any law was broken at any."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1, help="try every so many calls (default: all)")
    parser.add_argument("--only", choices=sorted(COMMANDS), help="one command alone")
    asked = parser.parse_args(arguments)
    sheet = Sheet("Crashes: before each outside call, and after it with the answer lost; then run again")
    for name in [asked.only] if asked.only else COMMANDS:
        _try(sheet, name, asked.every)
    return sheet.exit_code


def _try(sheet: Sheet, name: str, every: int) -> None:
    started = time.perf_counter()
    crashes = Crashes.of(*COMMANDS[name]())
    points = crashes.points(every)
    broken = {point: laws for point in points if (laws := crashes.broken(point))}
    sheet.table((f"{name}: call", "times"), Counter(crashes.calls).most_common())
    for point, laws in list(broken.items())[:TOLD]:
        sheet.tell(f"{crashes.told(point)}: {_worst(laws)}"[:400])
    sheet.tell(
        f"{name}: {len(points):,} crash points tried, {len(points) - len(broken):,} held, of "
        f"{len(crashes.calls):,} outside calls, in {time.perf_counter() - started:,.0f} s"
    )
    for law in LAWS:
        sheet.law(f"{name}, killed anywhere: {law}", sum(law in laws for laws in broken.values()))


def _worst(laws: Mapping[str, Sequence[str]]) -> str:
    return "; ".join(f"{law}: {told[0]}" for law, told in laws.items())


if __name__ == "__main__":
    sys.exit(main())
