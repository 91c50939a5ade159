"""The dashboard and the addresses that the stack gives: one glance at what the nights did and cost."""

import json
import re
from collections.abc import Iterator
from html import escape
from itertools import combinations

import pytest

from reconcile.metrics import METRICS, NAMESPACE
from reconcile.model.usage import Cost, Usage
from reconcile.report.run_list import newest_of
from tests.deploy.dashboard import metrics_of, of_kind, shown, titled, widgets
from tests.deploy.mock import page as draw
from tests.deploy.stack import REGION, Stack, deployed, template, translated
from tests.deploy.widgets_page import PAGE, page
from tests.unit.samples import clean_report

DAY = 86_400
STATES = "Findings by state"
NEWS = "New, repaired, awaiting approval"
LONGEST = "Longest run, in seconds"
BOTH_MODES = {LONGEST: "Duration", "Requests a day": "Requests", "Cost a day, in USD": "CostUsd"}


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """Give tests a stack as it is deployed for the first nights: with the defaults."""
    with deployed() as made:
        yield made


# ---- The page as a whole


def test_the_dashboard_shows_thirty_days_with_the_periods_that_it_names(stack: Stack) -> None:
    body = json.loads(stack["Dashboard"]["DashboardBody"])
    assert (body["start"], body["periodOverride"]) == ("-P30D", "inherit")
    assert set(body) == {"start", "periodOverride", "widgets"}


def test_the_widgets_fit_the_grid_and_do_not_overlap(stack: Stack) -> None:
    """24 columns; each row follows the one before without a gap."""
    places = [(one["x"], one["y"], one["width"], one["height"]) for one in widgets(stack)]
    assert all(x >= 0 and x + width <= 24 for x, _, width, _ in places)
    cells = [{(x + i, y + j) for i in range(w) for j in range(h)} for x, y, w, h in places]
    assert not [1 for one, other in combinations(cells, 2) if one & other]
    lowest = max(y + height for _, y, _, height in places)
    assert sum(map(len, cells)) == 24 * lowest


def test_every_widget_that_asks_a_service_asks_that_of_the_stacks_region(stack: Stack) -> None:
    asking = [one for one in widgets(stack) if one["type"] in ("metric", "log")]
    assert {one["properties"]["region"] for one in asking} == {REGION}


def test_every_widget_has_what_its_kind_needs_and_nothing_that_it_does_not_know(stack: Stack) -> None:
    """As the structure of dashboards is documented."""
    known = {
        "text": {"markdown"},
        "log": {"title", "region", "view", "query"},
        "alarm": {"title", "alarms"},
        "metric": {"title", "region", "view", "stat", "period", "metrics", "yAxis", "annotations", "stacked"},
    }
    optional = {"yAxis", "annotations", "stacked"}
    for one in widgets(stack):
        assert set(one) == {"x", "y", "width", "height", "type", "properties"}
        names = set(one["properties"])
        assert known[one["type"]] - optional <= names <= known[one["type"]]
        assert one["properties"].get("view", "table") in ("table", "timeSeries")


# ---- Metrics


def test_every_metric_is_one_that_the_job_writes_in_just_these_dimensions(stack: Stack) -> None:
    """A name or a dimension that differs would be an empty line for ever."""
    found = [metric for one in of_kind(stack, "metric") for metric in metrics_of(one["properties"])]
    assert len(found) == 13
    for metric in found:
        assert metric.namespace == NAMESPACE
        assert metric.name in METRICS
        assert list(metric.dimensions) == ["Stage", "Mode"]
        assert metric.dimensions["Stage"] == "prod"
        assert metric.period == DAY


def test_findings_stand_there_by_state(stack: Stack) -> None:
    assert [[metric.name for metric in shown(stack, title)] for title in (STATES, NEWS)] == [
        ["OpenFindings", "AwaitingApproval", "Ignored", "NotChecked"],
        ["NewFindings", "Repaired", "AwaitingApproval"],
    ]


@pytest.mark.parametrize(("title", "name"), BOTH_MODES.items())
def test_time_requests_and_cost_are_those_of_both_modes(stack: Stack, title: str, name: str) -> None:
    """Of requests and cost the sum of all runs of a day, of time the longest run."""
    found = shown(stack, title)
    told = [(metric.name, metric.dimensions["Mode"]) for metric in found]
    assert told == [(name, "check"), (name, "repair")]
    assert {metric.stat for metric in found} == {"Maximum" if name == "Duration" else "Sum"}


def test_the_duration_is_shown_against_the_functions_limit(stack: Stack) -> None:
    (line,) = titled(stack, LONGEST)["annotations"]["horizontal"]
    assert line["value"] == template()["Globals"]["Function"]["Timeout"]


# ---- Alarms and runs


def test_the_verdicts_are_read_by_the_query_that_is_saved(stack: Stack) -> None:
    """From the logs of both functions."""
    saved = stack["LastRuns"]
    assert saved["LogGroupNames"] == ["/aws/lambda/reconcile-check-prod", "/aws/lambda/reconcile-repair-prod"]
    sources = " | ".join(f"SOURCE '{name}'" for name in saved["LogGroupNames"])
    assert titled(stack, "Verdicts of the last runs")["query"] == f"{sources} | {saved['QueryString']}"
    assert saved["Name"] == "reconcile/prod/last-runs"


# ---- Addresses


def test_the_newest_report_is_where_the_job_keeps_it(stack: Stack) -> None:
    """In the console, where nothing serves the bucket."""
    bucket, place = stack.physical("ReportBucket"), newest_of("prod")
    console = (
        f"https://{REGION}.console.aws.amazon.com/s3/object/{bucket}?region={REGION}&prefix=reports/{place}"
    )
    assert stack.outputs["NewestReport"] == console
    variables = stack["CheckFunction"]["Environment"]["Variables"]
    assert variables["RECONCILE_REPORTS"] == f"s3://{bucket}/reports"
    (text,) = of_kind(stack, "text")
    assert f"[Newest report]({console})" in text["properties"]["markdown"]


@pytest.mark.parametrize("stage", ["prod", "a", "stage-2", "z" + "9-" * 15])
def test_every_name_that_a_stage_of_the_template_may_have_is_in_the_address_as_it_is(stage: str) -> None:
    """The job gives others, which no stack has, a name of their own."""
    assert re.fullmatch(template()["Parameters"]["Stage"]["AllowedPattern"], stage)
    assert newest_of(stage) == f"newest-{stage}.html"


def test_the_dashboard_has_an_address(stack: Stack) -> None:
    console = f"https://{REGION}.console.aws.amazon.com/cloudwatch/home?region={REGION}"
    assert stack.outputs["Dashboard"] == f"{console}#dashboards/dashboard/reconcile-prod"


@pytest.mark.parametrize("name", ["ReportUrl", "GuideUrl"])
@pytest.mark.parametrize(
    "value", ['https://x.net/"', "https://x.net/a\\b", "https://x.net/(a)", "https://x.net/"]
)
def test_an_address_that_would_break_the_dashboard_is_refused(name: str, value: str) -> None:
    pattern = template()["Parameters"][name]["AllowedPattern"]
    assert not re.fullmatch(pattern, value)
    assert re.fullmatch(pattern, "https://x.net/a-b/c.md")
    assert re.fullmatch(pattern, "")


def test_the_body_is_short_enough_for_a_person_to_read() -> None:
    """And far below what a template may hold."""
    assert len(translated()) < 300_000
    lines = (template()["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"][0]).splitlines()
    assert len(lines) < 45


def test_the_picture_in_the_guide_shows_every_widget_with_the_figures_of_runs(stack: Stack) -> None:
    """What a check told is drawn where its mode is asked for: of 13 lines all but three of repairs."""
    told = clean_report(usage=Usage({"s3:ListObjectsV2": 12}, cost=Cost(0.0042, (), "2026-11-30")))
    drawn = draw(widgets(stack), [told, told])
    titles = [one["properties"].get("title", "prod") for one in widgets(stack)]
    assert [title for title in titles if f"<h2>{title}</h2>" not in drawn] == []
    assert drawn.count(f"<td>{escape(told.headline)}</td>") == 2
    assert len(re.findall(r'points="\d[^"]*"', drawn)) == 13 - 3
    assert "the function&#x27;s limit" in drawn


def test_the_list_of_widgets_in_the_guide_is_current(stack: Stack) -> None:
    """It is made anew with `python -m tests.deploy.widgets_page`."""
    assert PAGE.read_text(encoding="utf-8") == page(widgets(stack))
