"""The metrics: what a run's outcome comes to, and the lines that CloudWatch takes them from."""

import json
from datetime import timedelta
from typing import Any, get_args

import pytest

from reconcile import metrics
from reconcile.model.errors import Exit
from reconcile.model.finding import Status
from reconcile.model.usage import Cost, Usage
from reconcile.runs.finish import Outcome
from tests.unit.samples import NOW, clean_report, evidence, finding, recording, run_facts

ENDED_WELL = metrics.endings(Exit.AGREES)


@pytest.mark.parametrize(
    ("code", "one"),
    [
        (Exit.AGREES, None),
        (Exit.CRASHED, "Failed"),
        (Exit.FINDINGS, None),
        (Exit.INCOMPLETE, "Incomplete"),
        (Exit.UNDELIVERED, "Undelivered"),
        (Exit.AWAITING_APPROVAL, None),
        (Exit.USAGE, "Failed"),
    ],
)
def test_each_ending_raises_the_metric_that_alarms(code: Exit, one: str | None) -> None:
    """The others are 0, not missing: so an alarm goes back by itself after the next run."""
    assert metrics.endings(code) == {name: float(name == one) for name in metrics.ENDINGS}


def outcome_of(*statuses: Status, kind: str = "program-missing", **changes: Any) -> Outcome:
    """Return the outcome of a run with a finding of each status."""
    findings = [finding(kind, recording(n), evidence(n), status) for n, status in enumerate(statuses)]
    return Outcome(clean_report(findings=tuple(findings), **changes), rise=7)


def test_a_run_is_counted_as_its_report_tells_it() -> None:
    """What needs a person is what is new, open, or was tried and failed."""
    outcome = outcome_of(
        *("new", "new", "new", "open", "failed", "repaired", "repaired", "awaiting-approval", "ignored"),
        counts={"recording": {"population": 9, "unknown": 2}},
        run=run_facts(started_at=NOW - timedelta(seconds=42), finished_at=NOW, full_check_days=3),
        usage=Usage({"s3:ListObjectsV2": 12, "dynamodb:Scan": 30}, cost=Cost(0.0042, (), "2026-11-30")),
    )
    assert metrics.figures(outcome, scheduled=True) == {
        "Heartbeat": 1,
        "DaysSinceFullCheck": 3,
        "NewFindings": 3,
        "OpenFindings": 5,
        "OpenAboveWeekLow": 7,
        "Repaired": 2,
        "AwaitingApproval": 1,
        "Ignored": 1,
        "NotChecked": 2,
        "Duration": 42,
        "Requests": 42,
        "CostUsd": 0.0042,
    }


def test_every_metric_of_a_run_is_among_those_that_alarms_may_name() -> None:
    whole = outcome_of(run=run_facts(full_check_days=0), usage=Usage(cost=Cost(0.0, (), "2026-11-30")))
    told = metrics.figures(whole, scheduled=True)
    told |= metrics.endings(Exit.AGREES)
    assert sorted(told) == sorted(metrics.METRICS)


def test_a_run_that_no_schedule_started_has_no_heartbeat() -> None:
    """A daily check of a pipeline must not keep the alarm quiet while the schedule is dead."""
    assert "Heartbeat" not in metrics.figures(outcome_of(), scheduled=False)


@pytest.mark.parametrize("status", get_args(Status))
def test_a_kind_is_counted_whatever_became_of_it(status: Status) -> None:
    assert metrics.kinds(outcome_of(status, status, kind="failed")) == {"failed": 2}


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize("service", [None, "other"])
def test_the_dimensions_are_exactly_those_that_alarms_match(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, service: str | None
) -> None:
    """Neither the library's own dimension nor what was printed before is among them."""
    if service:
        monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", service)
    metrics.emit("prod", "repair", metrics.endings(Exit.CRASHED))
    metrics.emit("test", "check", ENDED_WELL | {"Heartbeat": 1, "Duration": 2.5}, {"failed": 3})
    first, _, second, _, by_kind = lines(capsys)
    assert (first["Failed"], "Heartbeat" in first) == ([1], False)
    (directive,) = second["_aws"]["CloudWatchMetrics"]
    assert directive == {
        "Namespace": "Reconcile",
        "Dimensions": [["Stage", "Mode"]],
        "Metrics": [
            {"Name": "Failed", "Unit": "Count"},
            {"Name": "Incomplete", "Unit": "Count"},
            {"Name": "Undelivered", "Unit": "Count"},
            {"Name": "Heartbeat", "Unit": "Count"},
            {"Name": "Duration", "Unit": "Seconds"},
        ],
    }
    assert {name: second[name] for name in second if name != "_aws"} == {
        "Stage": "test",
        "Mode": "check",
        "Failed": [0],
        "Incomplete": [0],
        "Undelivered": [0],
        "Heartbeat": [1],
        "Duration": [2.5],
    }
    (directive,) = by_kind["_aws"]["CloudWatchMetrics"]
    assert (directive["Dimensions"], by_kind["Stage"], by_kind["Kind"]) == (
        [["Stage", "Kind"]],
        "test",
        "failed",
    )
    assert by_kind["Findings"] == [3]


@pytest.mark.parametrize("mode", ["check", "repair"])
def test_how_a_run_ended_is_told_once_more_for_the_stage_alone(
    capsys: pytest.CaptureFixture[str], mode: str
) -> None:
    """One alarm looks at the runs of both modes; it would see nothing of a metric with one more dimension."""
    metrics.emit("prod", mode, metrics.endings(Exit.INCOMPLETE) | {"Heartbeat": 1})
    (alone,) = (line for line in lines(capsys) if "Mode" not in line)
    (directive,) = alone.pop("_aws")["CloudWatchMetrics"]
    assert directive["Dimensions"] == [["Stage"]]
    assert alone == {"Stage": "prod", "Failed": [0], "Incomplete": [1], "Undelivered": [0]}


def test_more_kinds_than_one_line_holds_are_all_told(capsys: pytest.CaptureFixture[str]) -> None:
    """A line of the format holds 100 metrics at most; each kind has one of its own."""
    metrics.emit("test", "check", ENDED_WELL, {f"kind-{number}": 1 for number in range(120)})
    told = lines(capsys)
    assert len({line["Kind"] for line in told if "Kind" in line}) == 120
