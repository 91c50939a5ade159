"""The published JSON Schema: every sample report is valid by it, and a misspelt or missing key is not."""

import json
from dataclasses import replace
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator

from reconcile.cli.app import run
from reconcile.model.decision import Decision
from reconcile.model.extent import Extent
from reconcile.model.finding import Status
from reconcile.model.verdict_table import TYPES
from reconcile.report.data import DecisionLine, Report
from reconcile.report.schema import json_schema
from reconcile.sandbox.world import build
from tests.scenario.cycle import Cycle
from tests.unit.golden import GOLDEN
from tests.unit.samples import NOW, busy_report, clean_report, every_kind_report, incomplete_report
from tests.unit.test_report_json import FIRST, STORED

SCHEMA = json_schema()
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)
REPORTS = {
    "stored": Report.from_json(STORED),
    "first stored": Report.from_json(FIRST),
    "clean": clean_report(),
    "busy": busy_report(),
    "incomplete": incomplete_report(),
    "every kind": every_kind_report(),
}
GOLDEN_NAMES = [name for name in GOLDEN if name != "many"]


def faults(body: Any) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(body)]


def body_of(name: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads((REPORTS.get(name) or GOLDEN[name]()).to_json())
    return body


def test_the_schema_is_one_and_has_a_title_and_no_address() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert (SCHEMA["title"], "$id" in SCHEMA) == ("Report of reconcile, schema 2.0", False)


@pytest.mark.parametrize("name", [*REPORTS, *GOLDEN_NAMES])
def test_every_sample_report_is_valid(name: str) -> None:
    assert faults(body_of(name)) == []


def test_a_report_of_5000_findings_is_valid() -> None:
    """The first and the last of each list: all of them take a minute."""
    body = body_of("many")
    for name, part in body.items():
        body[name] = [*part[:50], *part[-50:]] if isinstance(part, list) else part
    assert faults(body) == []


def test_the_reports_of_a_check_and_a_repair_of_a_whole_world_are_valid() -> None:
    """They have every part that a run fills: actions, chain, causes, links, approvals, writes."""
    cycle = Cycle.of(build(3, now=NOW))
    for report in (cycle.check(lookback=None).report, cycle.repair(lookback=None).report):
        body = json.loads(report.to_json())
        assert body["actions"]
        assert body["chain"]
        assert body["trend"][-1]["run"] == report.run.id
        assert faults(body) == []


def test_a_report_says_nothing_but_what_the_contract_names() -> None:
    contract = {
        *("schema", "run", "headline", "state", "numbers", "trend", "actions", "sources", "chain", "counts"),
        *("findings", "not_checked", "resolved", "repairs", "recordings", "causes", "deliveries", "usage"),
    }
    assert contract <= set(SCHEMA["required"])
    assert set(SCHEMA["properties"]) == set(SCHEMA["required"]) == set(body_of("busy"))
    shapes = SCHEMA["$defs"]
    assert shapes["Finding"]["properties"]["status"]["enum"] == list(get_args(Status))
    types = {kind["properties"]["type"]["const"] for kind in shapes["Subject"]["oneOf"]}
    assert types == set(TYPES)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return where the objects of a report are whose keys the schema names: not in what is free to say."""
    free = {"evidence", "candidates", "detail", "before", "after", "usage", "counts", "target", "links"}
    free |= {"approvals", "would_need_approval"}
    if isinstance(value, list):
        return places(value[0], (*path, 0)) if value else []
    if not isinstance(value, dict):
        return []
    inner = (places(part, (*path, name)) for name, part in value.items() if name not in free)
    return [path, *(place for found in inner for place in found)]


@pytest.mark.parametrize("name", ["stored", "awaiting_approval", "incomplete", "new_problems"])
def test_a_misspelt_key_is_refused_wherever_it_stands(name: str) -> None:
    body = body_of(name)
    text = json.dumps({key: part[:1] if isinstance(part, list) else part for key, part in body.items()})
    found = places(json.loads(text))
    assert len(found) > 5
    for place in found:
        body = json.loads(text)
        part = body
        for step in place:
            part = part[step]
        part["misspelt"] = 1
        assert faults(body), place


@pytest.mark.parametrize("name", ["state", "numbers", "trend", "approvals", "findings"])
def test_a_missing_key_is_refused(name: str) -> None:
    body = body_of("busy")
    del body[name]
    assert faults(body)


def test_a_value_of_another_type_is_refused() -> None:
    for change in ({"state": "fine"}, {"schema": "1.0"}, {"headline": None}, {"trend": [{"run": 1}]}):
        assert faults({**body_of("busy"), **change}), change


def test_the_command_prints_it_and_needs_no_settings(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["report", "--schema"]) == 0
    assert json.loads(capsys.readouterr().out) == SCHEMA


def test_an_ignore_until_worse_is_valid_and_comes_back_as_it_was() -> None:
    """One without it says nothing of it."""
    until_worse = Decision("ignore", "f1", "ann", "", None, NOW, worse_than=Extent("low", 2.5))
    lines = (DecisionLine(until_worse), DecisionLine(replace(until_worse, id="f2", worse_than=None)))
    report = replace(clean_report(), decisions=lines)
    body = json.loads(report.to_json())
    assert faults(body) == []
    assert body["decisions"][0]["worse_than"] == {"severity": "low", "size": 2.5}
    assert "worse_than" not in body["decisions"][1]
    assert Report.from_json(report.to_json()) == report
