"""Whole runs on DuckDB give the very reports and writes that pandas gives; on Spark with its cluster."""

import json
from collections.abc import Iterator

import pytest

from reconcile.compare.engine import Engine
from reconcile.engines.pandas import PANDAS
from reconcile.engines.registry import opened
from tests.engines.installed import needs
from tests.engines.worlds import live, narrowed

pytestmark = needs("duckdb")


@pytest.fixture(scope="module")
def duckdb() -> Iterator[Engine]:
    with opened("duckdb") as engine:
        yield engine


def test_the_suspects_of_archives_are_the_same(duckdb: Engine) -> None:
    """So are the recordings that are fine or left out, whose they are, and when."""
    by_pandas = [narrowed(seed, PANDAS) for seed in range(12)]
    assert [narrowed(seed, duckdb) for seed in range(12)] == by_pandas
    assert sum(len(found.fine) for found in by_pandas) > 200
    assert sum(len(found.suspects.recordings) for found in by_pandas) > 200


@pytest.mark.parametrize(("seed", "recordings"), [(301, 40), (302, 40), (304, 260)])
def test_a_check_a_repair_and_a_check_write_the_same_bytes(
    seed: int, recordings: int, duckdb: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reports with all their verdicts, and every object, row and record of the stores."""
    monkeypatch.setattr("reconcile.compare.verdicts.FEW", 0)
    steps = ("check", "repair", "check")
    by_pandas, by_duckdb = (live(seed, recordings, engine, *steps) for engine in (PANDAS, duckdb))
    assert by_duckdb.reports == by_pandas.reports
    assert by_duckdb.stores == by_pandas.stores
    findings, repairs = (json.loads(by_pandas.reports[run]) for run in (0, 1))
    assert len(findings["findings"]) > 10
    assert len(repairs["repairs"]) > 3
