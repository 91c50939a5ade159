"""The report's JSON: nothing is lost on the way there and back, and its form can be relied on."""

import json
from typing import Any

import pytest

from reconcile.report.data import SCHEMA, Report
from tests.unit.samples import busy_report, clean_report, incomplete_report, run_facts

REPORTS = [
    clean_report(),
    busy_report(),
    incomplete_report(),
    clean_report(run=run_facts(window_start=None, only=("record-stale",), approved="run-1", reason="why")),
]


@pytest.mark.parametrize("report", REPORTS)
def test_a_report_survives_its_json(report: Report) -> None:
    assert Report.from_json(report.to_json()) == report


@pytest.mark.parametrize("report", REPORTS)
def test_the_same_report_gives_the_same_bytes(report: Report) -> None:
    assert Report.from_json(report.to_json()).to_json() == report.to_json()


def test_the_schema_comes_first_and_all_other_keys_are_sorted() -> None:
    pairs: list[list[str]] = []

    def noted(held: list[tuple[str, Any]]) -> dict[str, Any]:
        pairs.append([name for name, _ in held])
        return dict(held)

    json.loads(busy_report().to_json(), object_pairs_hook=noted)
    *inner, outer = pairs
    assert outer[0] == "schema"
    assert outer[1:] == sorted(outer[1:])
    assert all(names == sorted(names) for names in inner)
    assert len(inner) > 50


def test_titles_are_kept_as_they_are() -> None:
    title = '“Ünï” <b>"x"</b> \x1b[2J\n'
    report = Report.from_json(busy_report(titles=title).to_json())
    assert report.findings[0].evidence["title"] == title


@pytest.mark.parametrize("schema", ["2.0", "0.9", "10.0", "", None])
def test_another_major_schema_is_refused(schema: str | None) -> None:
    data = {**json.loads(clean_report().to_json()), "schema": schema}
    with pytest.raises(ValueError, match=f"the schema {SCHEMA} was expected"):
        Report.from_json(json.dumps(data))


def test_a_later_minor_schema_with_more_fields_is_read() -> None:
    data = {**json.loads(clean_report().to_json()), "schema": "1.7", "novelty": 1}
    assert Report.from_json(json.dumps(data)) == clean_report()


@pytest.mark.parametrize("text", ["", "[]", "null", '"1.0"', "{}", '{"schema": "1.0"}', "{"])
def test_what_is_no_report_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Report.from_json(text)


@pytest.mark.parametrize("name", ["run", "headline", "sources", "counts", "findings", "repairs", "usage"])
def test_a_report_that_lacks_a_part_is_refused(name: str) -> None:
    data = json.loads(clean_report().to_json())
    del data[name]
    with pytest.raises(ValueError, match=name):
        Report.from_json(json.dumps(data))


def test_the_summary_tells_what_a_list_of_runs_shows() -> None:
    assert clean_report().summary() == {
        "id": "20260304T050607Z-1f2e3d",
        "stage": "staging",
        "mode": "check",
        "scope": "recent",
        "only": [],
        "started_at": "2026-03-04T05:05:25.000Z",
        "exit_code": 0,
        "headline": clean_report().headline,
        "statuses": {},
        "not_checked": 0,
        "deliveries": [],
    }
