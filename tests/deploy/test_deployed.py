"""The job deployed on a stand-in for AWS, for nights that go well and nights that do not."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.deployed


def test_every_step_of_the_deployed_nights_holds() -> None:
    """What each does stands in `tests/bench/deployed.py`; the transcript is printed."""
    command = [sys.executable, "-m", "tests.bench.deployed"]
    ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    print(ended.stdout)
    *_, last = ended.stdout.splitlines()
    held, _, of = last.partition(" of ")
    assert (ended.returncode, of) == (0, f"{held} steps held")
