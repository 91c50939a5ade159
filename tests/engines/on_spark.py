"""What the tests of Spark run in a process of its own: `python -m tests.engines.on_spark FILE`.

Spark's Java is bound to the process that started it, and keeps the settings that it started with.
"""

import pickle
import sys
from collections.abc import Sequence
from pathlib import Path

from reconcile.compare import verdicts
from reconcile.engines.registry import opened
from reconcile.model.errors import ReconcileError
from tests.engines.cases import CASES
from tests.engines.worlds import live, narrowed

ARCHIVE, WORLD = 23, (302, 12)


def main(arguments: Sequence[str]) -> int:
    """Write what the rules and the job find on Spark, and return the exit code of the job."""
    (into,) = arguments
    try:
        with opened("spark") as engine:
            cases = [case.rows(engine) for case in CASES]
            suspects = narrowed(ARCHIVE, engine)
            verdicts.FEW = 0
            report = live(*WORLD, engine, "check")
    except ReconcileError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    Path(into).write_bytes(pickle.dumps((cases, suspects, report)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
