"""What holds for every test: properties are held for as long as they take, and what is slow is marked so."""

import gc
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import is_hypothesis_test, settings

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

# Little of what tests make is garbage in circles: to search for it all the time takes a sixth of their time.
gc.set_threshold(50_000, 20, 20)

ROOT = Path(__file__).parent
MOST_WORKERS = 8
SLOW = (
    # Opens pages in Chromium.
    "browser",
    # Whole runs over stand-ins, each with another fault.
    "faults",
    # Builds artefacts, lints and deploys templates.
    "deploy",
    # Whole runs of the command line and the function over embedded stores, and of the job over large worlds.
    "scenario",
    # Whole runs on each engine, and a Spark cluster.
    "engines",
    # Repairs that are killed at each call, and every guard taken away.
    "laws",
    # Listings and tables of thousands of pages.
    "contract/test_paging.py",
    # Each call waits for a server that does not answer.
    "contract/test_hanging.py",
    # Every permission denied, every look-alike of S3, every mail through a server, table after table.
    "contract/test_doctor_permissions.py",
    "contract/test_dynamodb_troubles.py",
    "contract/test_email.py",
    "contract/test_records_port.py",
    "contract/test_s3_lookalikes.py",
    "contract/test_state_port.py",
    "unit/test_render_mail.py",
    "unit/test_render_webhook.py",
    # What grows, and what an import costs, is measured in processes or worlds of their own.
    "unit/test_fuzz.py",
    "unit/test_growth.py",
    "unit/test_import_budget.py",
    "unit/test_twins_growth.py",
    "unit/test_world.py",
)
"""Files and folders of which each test is slow, beside all that tries a property on many examples."""
QUICK = (
    "scenario/defects",
    "scenario/test_at_once.py",
    "scenario/test_faults.py",
    "scenario/test_hidden_fields.py",
    "scenario/test_interrupted.py",
    "scenario/test_read_ahead.py",
    "scenario/test_time_runs_out.py",
    "scenario/test_undo.py",
    "scenario/test_undo_changed.py",
    "scenario/test_undo_failures.py",
    "scenario/test_undo_refused.py",
)
"""What is quick within them: the job from end to end over small worlds in memory."""


@pytest.fixture(autouse=True)
def _environment_left_as_it_was() -> Iterator[None]:
    """Fail the test that changes the environment for those after it, and not one of those."""
    before = _environment()
    yield
    assert _environment() == before


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return how many processes `-n auto` takes: one more than there are cores, as tests wait for servers.

    Each collects all tests for itself, and the longest file takes as long among many.
    """
    mine = getattr(os, "sched_getaffinity", None)
    cores = len(mine(0)) if mine else os.cpu_count() or 1
    return min(cores + 1, MOST_WORKERS)


def pytest_collection_finish() -> None:
    """Keep what is loaded by now out of every search for garbage: it stays."""
    gc.freeze()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what is slow: `-m "not slow"` leaves the tests that say at once whether a change is sound.

    What deploys the job is left out unless `-m deployed` asks for it.
    """
    if "deployed" not in config.getoption("markexpr"):
        asked_for = [item for item in items if item.get_closest_marker("deployed")]
        config.hook.pytest_deselected(items=asked_for)
        items[:] = [item for item in items if item not in asked_for]
    for item in items:
        tries_many = is_hypothesis_test(getattr(item, "function", None))
        if tries_many or _is_slow(item.path):
            item.add_marker(pytest.mark.slow)


@cache
def _is_slow(file: Path) -> bool:
    path = file.relative_to(ROOT)
    inside = {path.as_posix(), *(parent.as_posix() for parent in path.parents)}
    return bool(inside & set(SLOW)) and not inside & set(QUICK)
