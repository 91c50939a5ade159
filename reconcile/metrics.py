"""What a run tells CloudWatch, printed in the embedded metric format: figures that alarms go by."""

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TextIO

from aws_lambda_powertools.metrics import EphemeralMetrics

from reconcile.model.errors import Exit
from reconcile.runs.finish import Outcome

NAMESPACE = "Reconcile"
ENDINGS = ("Failed", "Incomplete", "Undelivered")
"""1 or 0 for each run, also for one that came to no report: how it ended. Once more with the dimension Stage
alone, so that one plain alarm looks at both modes."""

METRICS = (
    "Heartbeat",
    *ENDINGS,
    "NewFindings",
    "OpenFindings",
    "OpenAboveWeekLow",
    "Repaired",
    "AwaitingApproval",
    "Ignored",
    "NotChecked",
    "Duration",
    "Requests",
    "CostUsd",
    "DaysSinceFullCheck",
)
"""The metrics whose dimensions are exactly Stage and Mode; an alarm on others sees nothing of them."""

BY_KIND = "Findings"
"""The metric whose dimensions are exactly Stage and Kind."""

# CloudWatch knows no currency.
_UNITS = {"Duration": "Seconds", "CostUsd": "None"}
_NOTHING: Mapping[str, float] = {}


def endings(exit_code: Exit) -> dict[str, float]:
    """Return how a run ended: the metrics that every run has."""
    return {
        "Failed": float(exit_code in (Exit.CRASHED, Exit.USAGE)),
        "Incomplete": float(exit_code == Exit.INCOMPLETE),
        "Undelivered": float(exit_code == Exit.UNDELIVERED),
    }


def figures(outcome: Outcome, *, scheduled: bool) -> dict[str, float]:
    """Return what a run that came to its report has besides: counts, days, and its duration in seconds.

    Only a scheduled run has a heartbeat: one that somebody starts says nothing of the schedules.
    """
    report = outcome.report
    numbers = report.numbers
    full = report.run.full_check_days
    return {
        **({"Heartbeat": 1.0} if scheduled else {}),
        **({"DaysSinceFullCheck": float(full)} if full is not None else {}),
        "NewFindings": numbers.new,
        "OpenFindings": numbers.open,
        "OpenAboveWeekLow": outcome.rise,
        "Repaired": numbers.repaired,
        "AwaitingApproval": numbers.awaiting_approval,
        "Ignored": numbers.ignored,
        "NotChecked": numbers.not_checked,
        "Duration": (report.run.finished_at - report.run.started_at).total_seconds(),
        "Requests": sum(report.usage.requests.values()),
        **({"CostUsd": report.usage.cost.usd} if report.usage.cost else {}),
    }


def kinds(outcome: Outcome) -> dict[str, float]:
    """Return how many findings of each kind a run had, whatever became of them."""
    return dict(Counter(finding.kind for finding in outcome.report.findings))


def emit(
    stage: str,
    mode: str,
    values: Mapping[str, float],
    by_kind: Mapping[str, float] = _NOTHING,
    stream: TextIO | None = None,
) -> None:
    """Print the metrics, a line for each set of dimensions, to standard output if no stream is named."""
    (stream or sys.stdout).writelines(f"{line}\n" for line in lines(stage, mode, values, by_kind))


def lines(
    stage: str, mode: str, values: Mapping[str, float], by_kind: Mapping[str, float] = _NOTHING
) -> Iterator[str]:
    """Yield the metrics as lines of JSON, each with its unit and dimensions.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """
    yield _line({"Stage": stage, "Mode": mode}, values)
    yield _line({"Stage": stage}, {name: values[name] for name in ENDINGS})
    for kind, number in by_kind.items():
        yield _line({"Stage": stage, "Kind": kind}, {BY_KIND: number})


def _line(dimensions: Mapping[str, str], values: Mapping[str, float]) -> str:
    # A service would be one more dimension; and what is ephemeral is no other invocation's.
    sheet = EphemeralMetrics(namespace=NAMESPACE, service="")
    for dimension, dimension_value in dimensions.items():
        sheet.add_dimension(dimension, dimension_value)
    for name, value in values.items():
        sheet.add_metric(name, _UNITS.get(name, "Count"), value)
    return json.dumps(sheet.serialize_metric_set(), separators=(",", ":"))
