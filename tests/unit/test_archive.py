"""Stored reports are found by one rule: those of one's own stage that can be read, whatever lies beside."""

import io
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from reconcile.model.errors import UsageError
from reconcile.report.data import Report
from reconcile.report.render.html import render_html
from reconcile.report.render.terminal import print_report
from reconcile.runs.archive import load_report, newest_report, summaries
from tests.doubles.memory_state import MemoryReports
from tests.unit.samples import clean_report, run_facts

OWN, FOREIGN = "prod", "staging"


def stored(reports: MemoryReports, run: str, stage: str) -> Report:
    report = replace(clean_report(), run=run_facts(id=run, stage=stage))
    reports.save(run, {"report.json": report.to_json(), "summary.json": json.dumps(report.summary())})
    return report


def shared() -> tuple[MemoryReports, Report]:
    """Return a place that two stages share, whose newest runs are foreign, and the own newest report."""
    reports = MemoryReports()
    stored(reports, "20260301-a", OWN)
    own = stored(reports, "20260302-b", OWN)
    stored(reports, "20260303-c", FOREIGN)
    return reports, own


def test_the_newest_report_is_the_newest_of_this_stage() -> None:
    reports, own = shared()
    assert load_report(reports, OWN) == newest_report(reports, OWN) == own


def test_a_report_of_another_stage_is_refused_by_its_name() -> None:
    reports, _ = shared()
    with pytest.raises(UsageError, match=r"20260303-c is of the stage staging.*reconcile runs"):
        load_report(reports, OWN, "20260303-c")


def test_runs_are_those_of_this_stage() -> None:
    reports, _ = shared()
    assert [one["id"] for one in summaries(reports, OWN, 20)] == ["20260302-b", "20260301-a"]
    assert [one["id"] for one in summaries(reports, OWN, 1)] == ["20260302-b"]


@pytest.mark.parametrize("run", ["", ".", "..", "a/b", "..\\a", "20260302-b/", "a\nb", "nowhere"])
def test_what_is_no_run_is_refused(run: str) -> None:
    reports, _ = shared()
    with pytest.raises(UsageError, match="there is no report of a run"):
        load_report(reports, OWN, run)


def test_a_place_without_an_own_report_says_so() -> None:
    reports, _ = shared()
    assert newest_report(reports, "demo") is None
    assert newest_report(None, OWN) is None
    with pytest.raises(UsageError, match="no readable report of the stage demo"):
        load_report(reports, "demo")


def test_a_lost_summary_hides_no_report_and_a_foreign_one_betrays_no_stage() -> None:
    """The report itself decides; a summary only spares reading it."""
    reports, own = shared()
    del reports.files["20260302-b"]["summary.json"]
    reports.files["20260303-c"]["summary.json"] = reports.files["20260301-a"]["summary.json"]
    assert load_report(reports, OWN) == own
    assert "20260302-b" in [one["id"] for one in summaries(reports, OWN, 20)]


_WRECKS = st.one_of(
    st.text(),
    st.sampled_from(["", "null", "[]", "5", '"x"', "{}", '{"schema": "1.0"}', "[" * 100_000]),
    st.dictionaries(st.sampled_from(["schema", "run", "stage", "id"]), st.none() | st.text()).map(json.dumps),
)


@given(_WRECKS, _WRECKS, st.integers(0, 5_000))
def test_what_is_torn_or_foreign_stands_in_nobodys_way(report: str, summary: str, cut: int) -> None:
    """Whatever lies in newer folders, the stage's own newest report that can be read is the newest."""
    reports, own = shared()
    reports.save("20260309-wreck", {"report.json": report, "summary.json": summary})
    reports.save("20260308-torn", {"report.json": own.to_json()[:cut]})
    reports.save("logs", {})
    assert load_report(reports, OWN) == own
    assert summaries(reports, OWN, 1)[0]["id"] == "20260302-b"


_FIELDS = sorted(json.loads(clean_report().to_json()))


@given(st.sampled_from(_FIELDS), st.none() | st.integers() | st.text() | st.lists(st.text(), max_size=2))
def test_a_report_of_another_shape_is_a_report_or_is_refused(field: str, value: Any) -> None:
    """Nothing that a reader would stumble over passes for a report, and the one before it is the newest."""
    reports, own = shared()
    changed = {**json.loads(own.to_json()), field: value}
    reports.files["20260302-b"]["report.json"] = json.dumps(changed)
    newest = load_report(reports, OWN)
    assert newest.run.id == "20260301-a" or json.loads(newest.to_json()).keys() == changed.keys()
    render_html(newest)
    print_report(newest, Console(file=io.StringIO(), width=100))
