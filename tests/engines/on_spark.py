"""What the tests of Spark run in a process of its own: `python -m tests.engines.on_spark FILE SEED:NUMBER…`.

Spark's Java is bound to the process that started it, and keeps the settings that it started with.
"""

import pickle
import sys
from collections.abc import Sequence
from pathlib import Path

from reconcile.engines.registry import opened
from reconcile.model.errors import ReconcileError
from tests.engines.cases import CASES
from tests.engines.worlds import live


def main(arguments: Sequence[str]) -> int:
    """Write what the rules and the job find on Spark, and return the exit code of the job."""
    into, *worlds = arguments
    try:
        with opened("spark") as engine:
            cases = [case.rows(engine) for case in CASES]
            lives = [live(int(seed), int(number), engine, "check") for seed, number in _pairs(worlds)]
    except ReconcileError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    Path(into).write_bytes(pickle.dumps((cases, lives)))
    return 0


def _pairs(worlds: Sequence[str]) -> list[list[str]]:
    return [world.split(":") for world in worlds]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
