"""How a night grows with the archive: a second night, 144 new recordings, a window of 3 days, in memory.

`python -m tests.bench.scale` prints the table for archives of 1,000 to 50,000 recordings, and what each step
takes; sizes name others, up to a million. With `--against COMMIT` the same of that commit's code, and the
ratios; `--engine NAME` compares on another engine, `--cluster` on a Spark cluster of its own, and `--repair`
repairs. Each archive has a process of its own. What S3 and DynamoDB would be asked is counted; pages and
read units follow from sizes. What the stand-ins of the stores take is told apart. "CPU s in all" adds what
the counted requests to S3 take of the processor by the real client, which is measured in the same run.
"""

import argparse
import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from reconcile.model.prices import Prices
from reconcile.model.usage import Usage, cost_of
from tests.bench import scale_night
from tests.bench.request_cost import seconds_a_request
from tests.bench.sheet import Sheet
from tests.bench.trees import HERE, tree_of
from tests.engines.cluster import cluster
from tests.engines.cluster import environment as spark_environment

SIZES = (1_000, 5_000, 20_000, 50_000)
MOST_SIZE = 1_000_000
MOST_EVENTS, MOST_REPORT = 1_000, 1.0
"""Objects read and megabytes of report.json: they follow the night's findings, whatever the archive."""

GIGABYTES = 2.0
"""The memory that `schedule.yaml` gives the functions."""
UNITS_A_SECOND = 200
"""The pace of a scan by the default setting."""
LEDGER_ENTRY = 250
"""Bytes of an entry of the ledger, about."""

Step = Mapping[str, float]
Figures = Mapping[str, Any]
"""Numbers by their names, and a number of each step."""
BEFORE_FACTS, LEAST_SAVED = "76b0745", 3.0
"""A commit before there were facts, and how many times as much of the processor a night took then."""
COLUMNS = {
    "GET events": "events",
    "HEAD media": "heads",
    "LIST": "lists",
    "scan units": "scan units",
    "browse": "browse",
    "ledger entries": "ledger",
    "rows": "rows",
    "partitions": "partitions",
    "facts MB": "facts MB",
    "report.json MB": "report MB",
    "CPU s": "CPU s",
    "CPU s in all": "CPU s in all",
    "stand-ins s": "stand-ins s",
    "stores MB": "stores MB",
    "peak MB more": "more MB",
    "USD": "USD",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; 1 when something grows with the archive that follows the night's findings."""
    options = _options(arguments)
    sheet = Sheet("A second night: window of 3 days, 144 new recordings, stores in memory")
    mode, requests = "repair" if options.repair else "check", seconds_a_request()
    took = ", ".join(f"{name} {seconds * 1e3:.2f} ms" for name, seconds in requests.items())
    sheet.tell(f"CPU a request: {took}\n")
    with _spark() if options.cluster else nullcontext(os.environ) as environment:
        engine = "spark" if options.cluster else options.engine
        night = Night(HERE, engine, mode, environment, requests)
        here = _nights(sheet, engine or "here", night, options.sizes)
    if options.against:
        with tree_of(options.against) as tree:
            night = Night(tree, "", mode, os.environ, requests)
            there = _nights(sheet, options.against, night, options.sizes)
        _ratios(sheet, options.against, here, there)
        if options.against == BEFORE_FACTS:
            most = max(here)
            saved = _times(there[most]["CPU s in all"], here[most]["CPU s in all"])
            sheet.hold(f"CPU at {most:,} recordings, before / here", saved, math.inf, least=LEAST_SAVED)
    sheet.tell(f"USD a night: list prices of {Prices().as_of}, us-east-1, without free tiers;")
    sheet.tell(f"{GIGABYTES:.0f} GB of Lambda, as long as the CPU and the scan's pace take.")
    largest = here[max(here)]
    sheet.hold(f"objects read at {max(here):,} recordings", largest["events"], MOST_EVENTS)
    sheet.hold(f"report.json at {max(here):,} recordings", largest["report MB"], MOST_REPORT, " MB")
    return sheet.exit_code


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=_size, default=SIZES, help="recordings in the archive")
    parser.add_argument("--against", metavar="COMMIT", help="measure that commit's code too")
    parser.add_argument(
        "--engine", metavar="NAME", default="", help="the engine that the set rules run on here"
    )
    parser.add_argument("--cluster", action="store_true", help="Spark, on a master and two workers")
    parser.add_argument("--repair", action="store_true", help="measure a repair, not a check")
    return parser.parse_args(arguments)


def _size(text: str) -> int:
    size = int(text)
    if not scale_night.NIGHTLY < size <= MOST_SIZE:
        raise argparse.ArgumentTypeError(f"more than {scale_night.NIGHTLY} and at most {MOST_SIZE:,}")
    return size


@dataclass(frozen=True, slots=True)
class Night:
    """By whose code a night is measured, on which engine ("": its own), and in which environment.

    `requests` are the seconds of the processor that a GET, a HEAD and a LIST take.
    """

    tree: Path
    engine: str
    mode: str
    environment: Mapping[str, str]
    requests: Mapping[str, float]

    def measured(self, size: int) -> Figures:
        """Measure it, in a process of its own."""
        command = [sys.executable, scale_night.__file__, str(size), self.engine, self.mode]
        environment = {**self.environment, "PYTHONPATH": str(self.tree)}
        ended = subprocess.run(command, cwd=self.tree, env=environment, check=True, stdout=subprocess.PIPE)
        figures: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
        asked = {
            "GET": figures["events"] + figures["facts read"],
            "HEAD": figures["heads"],
            "LIST": figures["lists"],
        }
        figures["CPU s in all"] = figures["CPU s"] + sum(self.requests[name] * n for name, n in asked.items())
        return {**figures, "USD": cost_of(used(figures), Prices()).usd}


@contextmanager
def _spark() -> Iterator[Mapping[str, str]]:
    """Yield the environment of a process that runs on a Spark cluster, which ends afterwards."""
    with TemporaryDirectory(prefix="reconcile-spark-") as folder, cluster(Path(folder)) as master:
        yield spark_environment(master)


def _nights(sheet: Sheet, name: str, night: Night, sizes: Sequence[int]) -> dict[int, Figures]:
    """Measure a night of each size, and print the tables."""
    nights = {size: night.measured(size) for size in sizes}
    rows = [(f"{size:,}", *(told[key] for key in COLUMNS.values())) for size, told in nights.items()]
    sheet.table((name, *COLUMNS), rows)
    for size, told in nights.items():
        _steps(sheet, f"{size:,} {name}", told["steps"], size)
    return nights


def _steps(sheet: Sheet, name: str, steps: Mapping[str, Step], size: int) -> None:
    """Print what each step of a night takes by itself; the memory is the most that all hold meanwhile."""
    rows = [
        (step, took["seconds"], took["CPU s"], took["more MB"], took["more MB"] * 1e3 / size)
        for step, took in steps.items()
    ]
    sheet.table((name, "seconds", "CPU s", "peak MB more", "KB a recording"), rows)


def used(night: Figures) -> Usage:
    """Return what a night uses: the counted requests, and Lambda as long as the CPU and the pace take."""
    gets = night["events"] + night["heads"] + night["facts read"]
    # Strongly consistent reads: one unit a row, and a unit for 4 KB of a query.
    ledger = night["ledger"] * LEDGER_ENTRY / 4096
    seconds = night["CPU s in all"] + night["scan units"] / UNITS_A_SECOND
    return Usage(
        requests={"s3:GetObject": gets, "s3:ListObjectsV2": night["lists"] + night["facts written"]},
        read_units=night["scan units"] + night["rows"] + 2 * night["partitions"] + ledger,
        lambda_gb_seconds=GIGABYTES * seconds,
    )


def _ratios(sheet: Sheet, commit: str, here: Mapping[int, Figures], there: Mapping[int, Figures]) -> None:
    """Print how many times less it takes here than at a commit."""
    rows = [
        (f"{size:,}", *(_times(there[size][key], night[key]) for key in COLUMNS.values()))
        for size, night in here.items()
    ]
    sheet.table((f"{commit} / here", *COLUMNS), rows)


def _times(there: float, here: float) -> float:
    return there / here if here else float("nan")


if __name__ == "__main__":
    sys.exit(main())
