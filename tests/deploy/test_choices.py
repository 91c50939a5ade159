"""What the parameters choose: repairs, channels, schedules, and the rule for deployments."""

import json
import re

import boto3
import pytest
from moto.events.models import EventPattern

from tests.deploy.rights import MODES, ROLES, SECRETS, allowed, lambdas_own, needed, settings
from tests.deploy.stack import LOOKED_AT, SCHEDULES, alarms, deployed, dimensions, schedule, status_change


def test_the_channels_that_are_asked_for_are_kept_in_the_secret_of_each_function(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No address of a webhook stands in the template or in a parameter."""
    with deployed(Slack="true", Webhook="true") as stack:
        for mode in MODES:
            read = settings(stack, mode, monkeypatch)
            for field in ("slack_webhook", "webhook", "webhook_secret"):
                assert getattr(read, field).get_secret_value() == f"secretsmanager:{SECRETS[mode]}#{field}"


def test_no_function_repairs_until_repairs_are_enabled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even the one that will."""
    with deployed() as stack:
        assert [settings(stack, mode, monkeypatch).mode for mode in MODES] == ["check", "check"]


def test_without_mail_no_role_may_send_any() -> None:
    """And nothing else is missing then."""
    with deployed(**LOOKED_AT) as stack:
        for mode in MODES:
            lacking = needed(stack, mode) - allowed(stack, ROLES[mode])
            assert {action.split(":")[0] for action, _ in lacking} == {"ses"}
            assert allowed(stack, ROLES[mode]) < needed(stack, mode) | lambdas_own(stack, mode)


@pytest.mark.parametrize(
    ("named", "lacking"),
    [
        ("ProcessorFunction", {("lambda", "start-composition"), ("ivs", "*")}),
        ("ComposerFunction", {("lambda", "make-programs")}),
    ],
)
def test_only_a_function_that_is_named_may_be_looked_at(named: str, lacking: set[tuple[str, str]]) -> None:
    """And only the composer's leads on to a storage configuration."""
    with deployed(**{named: LOOKED_AT[named]}) as stack:
        for mode in MODES:
            missing = needed(stack, mode) - allowed(stack, ROLES[mode])
            told = {(action.split(":")[0], re.split("[:/]", resource)[-1]) for action, resource in missing}
            assert {one for one in told if one[0] != "ses"} == lacking


def test_the_first_nights_only_check_and_later_ones_repair() -> None:
    """By the parameter RepairEnabled; who says nothing gets checks."""
    for function, parameters in (("CheckFunction", {}), ("RepairFunction", {"RepairEnabled": "true"})):
        with deployed(**parameters) as stack:
            targets = {schedule(name)["Target"]["Arn"] for name in SCHEDULES}
            assert targets == {stack.attribute(function, "Arn")}


def test_the_schedules_go_by_the_time_zone_and_the_hours_that_are_chosen() -> None:
    """Clocks change in the zone as they do there."""
    with deployed(TimeZone="Europe/Berlin", Nightly="cron(15 4 * * ? *)"):
        assert {schedule(name)["ScheduleExpressionTimezone"] for name in SCHEDULES} == {"Europe/Berlin"}
        assert schedule("reconcile-nightly-prod")["ScheduleExpression"] == "cron(15 4 * * ? *)"


def test_the_schedules_can_be_switched_off_and_then_nobody_is_told_that_they_are_missing() -> None:
    """One parameter does both."""
    with deployed(SchedulesEnabled="false"):
        assert {schedule(name)["State"] for name in SCHEDULES} == {"DISABLED"}
        assert alarms()["no-heartbeat"]["ActionsEnabled"] is False


def test_the_rule_for_deployments_is_off_unless_asked_for() -> None:
    """A parameter switches it on."""
    for state, parameters in (("DISABLED", {}), ("ENABLED", {"CheckAfterDeploys": "true"})):
        with deployed(**parameters):
            assert [rule["State"] for rule in boto3.client("events").list_rules()["Rules"]] == [state]


@pytest.mark.parametrize(
    ("name", "status", "checks"),
    [
        ("media-prod", "UPDATE_COMPLETE", True),
        ("media-prod", "CREATE_COMPLETE", True),
        ("media-prod", "UPDATE_ROLLBACK_COMPLETE", True),
        ("media-prod", "UPDATE_IN_PROGRESS", False),
        ("media-prod", "DELETE_COMPLETE", False),
        ("other-prod", "UPDATE_COMPLETE", False),
    ],
)
def test_the_rule_fires_when_a_stack_of_the_name_has_been_deployed(
    name: str, status: str, checks: bool
) -> None:
    """And for no other stack, and no half-way state."""
    with deployed(DeployedStacks="media-*") as stack:
        pattern = EventPattern.load(json.dumps(stack["DeployRule"]["EventPattern"]))
        assert pattern.matches_event(status_change(name, status)) is checks


def test_the_alarms_on_scheduled_runs_look_at_the_mode_that_is_scheduled() -> None:
    """Which is repair as soon as repairs are enabled."""
    with deployed(RepairEnabled="true"):
        found = alarms()
        assert [dimensions(found[name])["Mode"] for name in ("no-heartbeat", "rising")] == [
            "repair",
            "repair",
        ]
