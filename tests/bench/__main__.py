"""Runs every bench, or those that are named, each in a process of its own, and sums up what was held.

`python -m tests.bench NAME` takes names alone; `python -m tests.bench.NAME --help` tells of its options.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence

from tests.bench.sheet import BROKEN, HELD, Sheet

BENCHES = (
    "cold_start",
    "artefact",
    "house",
    "messages",
    "pages",
    "fuzz",
    "demo",
    "listing",
    "compare",
    "growth",
    "whole",
    "scale",
    "cost",
    "engines",
    "overlap",
    "facts",
    "verdicts",
    "crashes",
    "faults",
    "races",
    "real_races",
    "soak",
    "deployed",
    "baseline",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print all figures and the summary; 1 when any limit was not held."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHES)} (default: all)")
    names = parser.parse_args(arguments).names
    if unknown := sorted({*names} - {*BENCHES}):
        parser.error(f"no bench is called {', '.join(unknown)}: {', '.join(BENCHES)}")
    rows, lines, worst = [], [], 0
    for name in names or BENCHES:
        print(f"{'=' * 100}\npython -m tests.bench.{name}\n", flush=True)
        started = time.perf_counter()
        code, told = _run(name)
        rows.append((name, time.perf_counter() - started, "held" if not code else f"exit code {code}"))
        lines += [line for line in told if line.startswith((HELD, BROKEN))]
        worst = max(worst, abs(code))
    print("=" * 100)
    sheet = Sheet("Summary")
    sheet.table(("bench", "seconds", "limits"), rows)
    print("\n".join(lines))
    return int(worst > 0)


def _run(name: str) -> tuple[int, list[str]]:
    command, told = [sys.executable, "-m", f"tests.bench.{name}"], []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            told.append(line.rstrip())
    return process.returncode, told


if __name__ == "__main__":
    sys.exit(main())
