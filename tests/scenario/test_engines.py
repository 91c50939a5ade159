"""The command line on another engine: the same counts and findings, and a refusal before anything is read."""

from datetime import UTC, datetime
from typing import Any

import pytest

from reconcile.engines import registry
from reconcile.sandbox.world import build
from tests.engines.installed import needs
from tests.scenario.conftest import Shells


@needs("duckdb")
def test_the_command_line_reports_the_same_on_duckdb(
    shell_on: Shells, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over HTTP, with every store's real adapter; so small a world would be judged without an engine."""
    monkeypatch.setattr("reconcile.compare.verdicts.FEW", 0)
    shell = shell_on(build(8, now=datetime.now(UTC), recordings=30))
    by_pandas, by_duckdb = shell("check", "--full"), shell("check", "--full", "--engine", "duckdb")
    assert (by_pandas[0], by_duckdb[0]) == (2, 2)
    assert _findings(by_duckdb[1]) == _findings(by_pandas[1]) != []
    assert by_duckdb[1]["counts"] == by_pandas[1]["counts"]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("polars", "--engine is pandas, duckdb or spark, not 'polars'"),
        ("spark", "install it with pip install 'reconcile[spark]'"),
    ],
)
def test_64_for_an_engine_that_is_none_or_not_installed(
    name: str,
    wanted: str,
    shell_on: Shells,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Nothing was read, and no run is remembered."""
    monkeypatch.setattr(registry, "find_spec", lambda package: None)
    shell = shell_on(build(8, now=datetime.now(UTC), recordings=10))
    assert shell("check", "--engine", name) == (64, {})
    assert wanted in capsys.readouterr().err
    assert shell.state() == {}


def _findings(report: dict[str, Any]) -> list[tuple[str, str, str]]:
    return sorted((one["id"], one["kind"], one["severity"]) for one in report["findings"])
