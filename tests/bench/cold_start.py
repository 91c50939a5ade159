"""How long `reconcile --help` and the import of the function take, and which imports cost most."""

import statistics
import subprocess
import sys
import time
from pathlib import Path

from tests.bench.sheet import Sheet

ROUNDS = 10
MOST_SECONDS = 0.4
SHOWN = 8
NEVER_AT_START = ("pandas", "narwhals", "algoliasearch", "boto3", "botocore", "moto", "jinja2")
"""What only a run needs, and costs more than the whole of the command line."""

MOST_TIMES_BOTO3 = 3
BOTO3 = (
    "import boto3; boto3.client('s3', region_name='us-east-1', aws_access_key_id='a', "
    "aws_secret_access_key='b')"
)
"""What every function that uses AWS has to load; with credentials, lest it looks for some in the network."""

FUNCTION = "import reconcile.handler"


def main() -> int:
    """Print the figures; 1 when the help takes too long or loads what it does not need."""
    sheet = Sheet("Cold start")
    command = Path(sys.executable).with_name("reconcile")
    shell = [str(command)] if command.exists() else [sys.executable, "-m", "reconcile"]
    bare = times([sys.executable, "-c", "pass"])
    imported = times([sys.executable, "-c", "import reconcile.cli.app"])
    shown = times([*shell, "--help"])
    rows = [
        (name, min(took) * 1000, statistics.median(took) * 1000, statistics.median(took) / base)
        for name, took in (
            ("python -c pass", bare),
            ("import reconcile.cli.app", imported),
            ("reconcile --help", shown),
        )
        for base in [statistics.median(bare)]
    ]
    sheet.table((f"of {ROUNDS}", "best ms", "median ms", "times python -c pass"), rows)
    tell_function(sheet, min(bare))
    costs = import_costs("reconcile.cli.app")
    heads = ("imports of reconcile.cli.app that cost most", "ms, with what they import")
    sheet.table(heads, [(name, microseconds / 1000) for microseconds, name in costs[:SHOWN]])
    loaded = {name.partition(".")[0] for _, name in costs}
    sheet.hold("median of reconcile --help", statistics.median(shown), MOST_SECONDS, " s")
    heavy = sorted(loaded & set(NEVER_AT_START))
    sheet.law(f"nothing is loaded that only a run needs{': ' * bool(heavy)}{', '.join(heavy)}", len(heavy))
    return sheet.exit_code


def tell_function(sheet: Sheet, start: float) -> None:
    """Hold the import of the Lambda function against boto3 with one client, without Python's own start."""
    boto3 = min(times([sys.executable, "-c", BOTO3])) - start
    function = min(times([sys.executable, "-c", FUNCTION])) - start
    rows = [("boto3 with one client", boto3 * 1000), (FUNCTION, function * 1000)]
    sheet.table((f"best of {ROUNDS}, without python -c pass", "ms"), rows)
    sheet.hold("import of the function, times boto3 with one client", function / boto3, MOST_TIMES_BOTO3)


def times(command: list[str]) -> list[float]:
    """Return the seconds that a command took, each time; raises CalledProcessError when it fails."""
    took = []
    for _ in range(ROUNDS + 1):
        started = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        took.append(time.perf_counter() - started)
    # The first one filled the caches of the disk.
    return took[1:]


def import_costs(module: str) -> list[tuple[int, str]]:
    """Return every module that an import loads, with its microseconds (what it imports too), most first."""
    command = [sys.executable, "-X", "importtime", "-c", f"import {module}"]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stderr
    lines = [line.removeprefix("import time:").split("|") for line in told.splitlines()]
    costs = [
        (int(line[1]), line[2].strip()) for line in lines if len(line) == 3 and line[1].strip().isdigit()
    ]
    return sorted(costs, reverse=True)


if __name__ == "__main__":
    sys.exit(main())
