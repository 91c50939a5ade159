"""Each set rule finds the same where values are null, on pandas and on DuckDB; on Spark with its cluster."""

import inspect
from collections.abc import Iterator
from dataclasses import replace

import pytest

from reconcile.compare import set_rules
from reconcile.compare.engine import Engine, Schema
from reconcile.compare.narrow import rules
from reconcile.engines.registry import PACKAGES, opened
from reconcile.model.errors import UsageError
from tests.engines.cases import CASES, NAMES, Case
from tests.engines.installed import needs

ENGINES = ["pandas", pytest.param("duckdb", marks=needs("duckdb"))]


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    with opened(request.param) as running:
        yield running


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_a_rule_finds_what_it_should_where_values_are_null(case: Case, engine: Engine) -> None:
    assert case.rows(engine) == sorted(case.expected)


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_a_rule_finds_nothing_where_nothing_is(case: Case, engine: Engine) -> None:
    empty = tuple((schema, list[tuple[object, ...]]()) for schema, _ in case.tables)
    assert replace(case, tables=empty).rows(engine) == []


def test_every_rule_has_a_case() -> None:
    modules = (set_rules, rules)
    functions = (of for module in modules for of in vars(module).values() if inspect.isfunction(of))
    assert {of.__name__ for of in functions if of.__module__ in {m.__name__ for m in modules}} == set(NAMES)


def test_values_come_back_as_they_went_in(engine: Engine) -> None:
    schema: Schema = {"text": str, "flag": bool, "whole": int, "number": float}
    rows = [("ä'\"\n", True, 2**60, 0.5), ("", False, -1, -1e300), ("n", True, 0, 0.0)]
    assert sorted(engine.rows(engine.frame(schema, rows))) == sorted(rows)
    assert list(engine.rows(engine.frame({"text": str}, [(None,)]))) == [(None,)]


def test_an_engine_that_is_none_is_refused() -> None:
    wanted = "--engine is pandas, duckdb or spark, not 'polars'"
    with pytest.raises(UsageError, match=wanted), opened("polars"):
        pass


@pytest.mark.parametrize("name", PACKAGES)
def test_an_engine_that_is_not_installed_names_its_extra(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reconcile.engines.registry.find_spec", lambda package: None)
    wanted = rf"--engine {name} needs \w+ and pyarrow: install it with pip install 'reconcile\[{name}\]'"
    with pytest.raises(UsageError, match=wanted) as refused, opened(name):
        pass
    assert refused.value.exit_code == 64
