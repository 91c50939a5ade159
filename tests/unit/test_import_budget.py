"""What importing the function costs: less than three times boto3 with one client, and nothing of a run."""

import subprocess
import sys

from tests.bench.cold_start import BOTO3, FUNCTION, MOST_TIMES_BOTO3

ROUNDS = 5
ONLY_WHEN_USED = (
    "algoliasearch",
    "moto",
    "narwhals",
    "pandas",
    "reconcile.report.render.html",
    "rich",
    "typer",
)
TIMED = "import time; begun = time.perf_counter(); {}; print(time.perf_counter() - begun)"


def seconds(code: str) -> float:
    """Return how long a process took that does nothing else, not counting its start."""
    return float(answered(TIMED.format(code)))


def answered(code: str) -> str:
    """Return what a process of its own printed."""
    asked = [sys.executable, "-c", code]
    return subprocess.run(asked, capture_output=True, text=True, check=True, timeout=60).stdout


def test_importing_the_function_stays_under_three_times_boto3_with_one_client() -> None:
    """The best of five each, taken in turn, so that a busy machine slows both."""
    pairs = [(seconds(BOTO3), seconds(FUNCTION)) for _ in range(ROUNDS)]
    baseline, handler = (min(column) for column in zip(*pairs, strict=True))
    assert handler < MOST_TIMES_BOTO3 * baseline


def test_what_only_a_run_or_a_shell_needs_is_not_imported_with_the_function() -> None:
    loaded = answered(f"import sys; {FUNCTION}; print(*sys.modules)").split()
    assert "boto3" in loaded
    assert set(loaded) & set(ONLY_WHEN_USED) == set()


def test_an_event_that_is_refused_does_not_load_the_search_client() -> None:
    """It is loaded when it is used, and not before."""
    refused = f"import sys; {FUNCTION}; print(reconcile.handler.handler({{'scpoe': 1}}, None)['exit_code'])"
    told = answered(f"{refused}; print(*sys.modules)").splitlines()
    assert told[-2] == "64"
    assert "reconcile.stores.algolia" in told[-1].split()
    assert "algoliasearch" not in told[-1].split()
