"""The report's JSON: nothing is lost on the way there and back, and its form can be relied on."""

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from reconcile.report.data import Report
from reconcile.report.json_text import SCHEMA
from reconcile.report.render.html import render_html
from reconcile.report.render.terminal import print_report
from tests.unit.golden import GOLDEN
from tests.unit.samples import (
    busy_report,
    clean_report,
    every_kind_report,
    findings_report,
    incomplete_report,
    run_facts,
)

KEPT = Path(__file__).parent / "stored"
STORED = (KEPT / "report.json").read_text(encoding="utf-8")
"""A report with something in each of its parts, as it was written when its parts were dictionaries."""
FIRST = (KEPT / "first_report.json").read_text(encoding="utf-8")
"""A report of a repair, as one of the first versions wrote it."""
NOW = Report.from_json(STORED).to_json()
"""The first of them in the shape of today."""

REPORTS = [
    clean_report(),
    busy_report(),
    incomplete_report(),
    every_kind_report(),
    findings_report(300),
    clean_report(run=run_facts(window_start=None, only=("record-stale",), approved="run-1", reason="why")),
]


@pytest.mark.parametrize("report", REPORTS)
def test_a_report_survives_its_json(report: Report) -> None:
    assert Report.from_json(report.to_json()) == report


@pytest.mark.parametrize("report", REPORTS)
def test_the_same_report_gives_the_same_bytes(report: Report) -> None:
    assert Report.from_json(report.to_json()).to_json() == report.to_json()


@pytest.mark.parametrize("name", [name for name in GOLDEN if name != "many"])
def test_a_golden_report_survives_its_json_but_for_recordings_that_are_only_counted(name: str) -> None:
    report = GOLDEN[name]()
    read = Report.from_json(report.to_json())
    assert replace(read, recordings=()) == replace(report, recordings=())
    assert set(read.recordings) < set(report.recordings)
    assert read.to_json() == report.to_json()


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


@pytest.mark.parametrize("schema", ["3.0", "0.9", "10.0", "", None])
def test_another_major_schema_is_refused_by_name(schema: str | None) -> None:
    data = {**json.loads(clean_report().to_json()), "schema": schema}
    named = f", not {schema}" if schema else ""
    with pytest.raises(ValueError, match=f"the schema {SCHEMA} or 1.0 was expected{named}$"):
        Report.from_json(json.dumps(data))


def test_a_later_minor_schema_with_more_fields_is_read() -> None:
    data = {**json.loads(clean_report().to_json()), "schema": "2.7", "novelty": 1}
    assert Report.from_json(json.dumps(data)) == clean_report()


@pytest.mark.parametrize(
    "text", ["", "[]", "null", '"2.0"', "{}", '{"schema": "2.0"}', '{"schema": "1.1"}', "{"]
)
def test_what_is_no_report_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Report.from_json(text)


@pytest.mark.parametrize("name", ["run", "headline", "sources", "counts", "findings", "repairs", "usage"])
def test_a_report_that_lacks_a_part_is_refused(name: str) -> None:
    data = json.loads(clean_report().to_json())
    del data[name]
    with pytest.raises(ValueError, match=name):
        Report.from_json(json.dumps(data))


STATUSES = {"mended": "repaired", "withheld": "awaiting-approval"}
"""Statuses of 1.0 that have other names in 2.0."""


@pytest.mark.parametrize("text", [STORED, FIRST])
def test_a_report_of_1_0_is_read_whole(text: str) -> None:
    """What it says is kept, by the names of 2.0; what only 2.0 says is added."""
    old, report = json.loads(text), Report.from_json(text)
    new = json.loads(report.to_json())
    assert new["schema"] == SCHEMA
    assert new["approvals"] == old.pop("withheld")
    assert new["would_need_approval"] == old.pop("would_withhold")
    for name in ("findings", "resolved", "carried"):
        for one in old[name]:
            half = "partly-repaired" if one.get("left") and one.get("repaired") else one["status"]
            one["status"] = STATUSES.get(one["status"], half)
    for one in (part for name in ("findings", "resolved", "carried", "causes") for part in old[name]):
        one["step"], *one["commands"] = one.pop("remedy").split("\n")
    old["recordings"] = [one for one in old["recordings"] if one["verdict"] != "agrees"]
    assert missing({name: part for name, part in old.items() if name != "schema"}, new) == []
    assert Report.from_json(report.to_json()).to_json() == report.to_json()


def test_a_stored_report_has_something_in_each_part() -> None:
    empty = [name for name, part in json.loads(STORED).items() if part in ([], {})]
    assert empty == ["would_withhold"]


def test_what_1_0_had_open_and_repaired_in_part_is_partly_repaired() -> None:
    data = json.loads(STORED)
    half, failed = (dict(one) for one in data["findings"][1:3])
    parts = {"repaired": ["program_url"], "left": ["groupId"]}
    data["findings"] = [{**half, **parts}, {**failed, **parts, "status": "failed"}, half]
    statuses = [one.status for one in Report.from_json(json.dumps(data)).findings]
    assert statuses == ["partly-repaired", "failed", "open"]


def test_what_1_0_listed_as_unknown_was_not_checked_and_is_no_finding() -> None:
    """So it was never open, and nothing of it resolves."""
    data = json.loads(FIRST)
    known, carried = ({**data["findings"][0], "id": name, "kind": "unknown"} for name in ("a", "b"))
    data["findings"].append({**known, "evidence": {"why": "not read"}})
    data["carried"].append({**carried, "evidence": {"why": "not read"}, "status": "ignored"})
    report = Report.from_json(json.dumps(data))
    assert report.findings == Report.from_json(FIRST).findings
    assert report.carried == ()
    (reason,) = report.not_checked
    assert (reason.reason, [(one.id, one.kind, one.ignored) for one in reason.subjects]) == (
        "not read",
        [("a", "unknown", False), ("b", "unknown", True)],
    )


def missing(told: Any, held: Any, place: str = "") -> list[str]:
    """Return the places of a JSON text that another one does not hold as they are."""
    if isinstance(told, dict) and isinstance(held, dict):
        parts = [missing(value, held.get(name), f"{place}.{name}") for name, value in told.items()]
        return [one for part in parts for one in part]
    if isinstance(told, list) and isinstance(held, list) and len(told) == len(held):
        pairs = enumerate(zip(told, held, strict=True))
        return [one for n, (left, right) in pairs for one in missing(left, right, f"{place}[{n}]")]
    return [] if told == held else [place]


@pytest.mark.parametrize("text", [STORED, FIRST])
def test_stored_reports_are_shown(text: str) -> None:
    report = Report.from_json(text)
    screen = io.StringIO()
    print_report(report, Console(file=screen, width=100))
    assert report.run.id in render_html(report)
    assert report.run.id in screen.getvalue()


def test_fields_that_nobody_knows_do_not_keep_a_report_from_being_read() -> None:
    """A later minor schema may tell more of anything that has fields of its own."""
    data = json.loads(NOW)
    for part in (data["run"], *(one for name in _LISTS for one in data[name])):
        part["novelty"] = {"of": ["a", "later", "version"]}
    for reason in data["not_checked"]:
        for one in reason["subjects"]:
            one["novelty"] = 1
    assert Report.from_json(json.dumps(data)) == Report.from_json(NOW)


_LISTS = (
    *("sources", "findings", "resolved", "carried", "repairs", "recordings", "retired", "causes"),
    *("configuration", "decisions", "not_checked", "deliveries"),
)


@pytest.mark.parametrize(
    ("part", "field", "value"),
    [
        ("sources", "whole", "perhaps"),
        ("findings", "status", "novel"),
        ("findings", "first_seen", "yesterday"),
        ("repairs", "outcome", None),
        ("recordings", "start", "yesterday"),
        ("causes", "explains", "all"),
        ("configuration", "looked_at", None),
        ("decisions", "until", "tomorrow"),
        ("not_checked", "subjects", None),
    ],
)
def test_what_is_of_another_type_is_refused_where_it_stands(part: str, field: str, value: object) -> None:
    data = json.loads(NOW)
    data[part][0][field] = value
    with pytest.raises(ValueError):
        Report.from_json(json.dumps(data))


def test_a_refusal_names_the_place_in_a_line() -> None:
    data = json.loads(NOW)
    data["sources"][1]["whole"] = "perhaps"
    with pytest.raises(ValueError, match=r"^the report's sources\.1\.whole: Input should be a valid boolean"):
        Report.from_json(json.dumps(data))
    del data["sources"][1]["whole"]
    with pytest.raises(ValueError, match=r"^the report lacks 'sources\.1\.whole'$"):
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
        "state": "ok",
        "numbers": {
            "new": 0,
            "open": 0,
            "awaiting_approval": 0,
            "repaired": 0,
            "resolved": 0,
            "ignored": 0,
            "not_checked": 5,
        },
        "seconds": 42.0,
        "cost_usd": None,
        "statuses": {},
        "not_checked": 0,
        "deliveries": [],
    }
