"""Whole runs on DuckDB give the very reports and writes that pandas gives; on Spark with its cluster."""

import json
from collections.abc import Iterator

import pytest

from reconcile.compare.engine import Engine
from reconcile.engines.pandas import PANDAS
from reconcile.engines.registry import opened
from tests.engines.installed import needs
from tests.engines.worlds import live

pytestmark = needs("duckdb")


@pytest.fixture(scope="module")
def duckdb() -> Iterator[Engine]:
    with opened("duckdb") as engine:
        yield engine


@pytest.mark.parametrize(("seed", "recordings"), [(301, 40), (302, 40), (303, 80), (304, 260)])
def test_a_check_a_repair_and_a_check_write_the_same_bytes(
    seed: int, recordings: int, duckdb: Engine
) -> None:
    """The reports with all their verdicts, and every object, row and record of the stores."""
    steps = ("check", "repair", "check")
    by_pandas, by_duckdb = (live(seed, recordings, engine, *steps) for engine in (PANDAS, duckdb))
    assert by_duckdb.reports == by_pandas.reports
    assert by_duckdb.stores == by_pandas.stores
    findings, repairs = (json.loads(by_pandas.reports[run]) for run in (0, 1))
    assert len(findings["findings"]) > 10
    assert len(repairs["repairs"]) > 3
