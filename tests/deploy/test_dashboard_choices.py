"""The dashboard of stacks that are deployed with other parameters than the defaults."""

import re

import pytest

from reconcile.report.run_list import newest_of
from tests.deploy.dashboard import of_kind, shown, titled
from tests.deploy.runbook import GUIDE
from tests.deploy.stack import ACCOUNT, REGION, alarms, deployed
from tests.deploy.test_dashboard import NEWS, STATES


@pytest.mark.parametrize(("enabled", "mode"), [("false", "check"), ("true", "repair")])
def test_findings_are_those_of_the_scheduled_runs(enabled: str, mode: str) -> None:
    """A check after a deployment looks at a day only: its numbers would hide those of the night."""
    with deployed(RepairEnabled=enabled) as stack:
        for title in (STATES, NEWS):
            found = shown(stack, title)
            assert {metric.dimensions["Mode"] for metric in found} == {mode}
            assert {metric.stat for metric in found} == {"Maximum"}


@pytest.mark.parametrize("schedules", ["true", "false"])
def test_the_state_of_every_alarm_is_shown(schedules: str) -> None:
    """Of those that exist: two go with the schedules."""
    with deployed(SchedulesEnabled=schedules) as stack:
        arn = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:reconcile-prod-"
        assert sorted(titled(stack, "Alarms")["alarms"]) == sorted(f"{arn}{name}" for name in alarms())


def test_the_newest_report_is_on_the_web_where_something_serves_it() -> None:
    with deployed(ReportUrl="https://reports.example.net/r") as stack:
        assert stack.outputs["NewestReport"] == f"https://reports.example.net/r/{newest_of('prod')}"


def test_the_guides_steps_are_linked_where_it_can_be_read() -> None:
    """Each link leads to a heading of the guide."""
    guide = "https://git.example.net/reconcile/docs/operations.md"
    with deployed(GuideUrl=guide) as stack:
        (text,) = of_kind(stack, "text")
    anchors = re.findall(rf"\({re.escape(guide)}#([a-z-]+)\)", text["properties"]["markdown"])
    headings = re.findall(r"^#+ (.+)$", GUIDE, re.MULTILINE)
    assert len(anchors) == 4
    assert set(anchors) <= {heading.lower().replace(" ", "-") for heading in headings}
