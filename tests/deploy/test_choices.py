"""What the parameters choose: repairs, channels, schedules, and the rule for deployments."""

import json
import re
from functools import cache

import boto3
import pytest
from moto.events.models import EventPattern

from reconcile.runs.order import read_event
from tests.deploy.rights import MODES, ROLES, SECRETS, allowed, environment, lambdas_own, needed, settings
from tests.deploy.stack import (
    ACCOUNT,
    LOOKED_AT,
    REGION,
    SCHEDULES,
    alarms,
    deployed,
    dimensions,
    function_update,
    schedule,
    status_change,
)


def test_the_channels_that_are_asked_for_are_kept_in_the_secret_of_each_function(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No address of a webhook stands in the template or in a parameter."""
    with deployed(Slack="true", Teams="true", Webhook="true", Ping="true") as stack:
        for mode in MODES:
            read = settings(stack, mode, monkeypatch)
            for field in ("slack_webhook", "teams_webhook", "webhook", "webhook_secret", "ping_url"):
                assert getattr(read, field).get_secret_value() == f"secretsmanager:{SECRETS[mode]}#{field}"


def test_no_function_repairs_until_repairs_are_enabled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even the one that will."""
    with deployed() as stack:
        assert [settings(stack, mode, monkeypatch).mode for mode in MODES] == ["check", "check"]


def test_lists_that_are_cleared_are_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A platform without old domains says so; the live one's are a default that can be seen."""
    with deployed(OldDomains="", SkipRoots="") as stack:
        for mode in MODES:
            read = settings(stack, mode, monkeypatch)
            assert (read.old_domains, read.skip_roots) == ((), ())


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
    """The alarms that miss runs go with them, so that they are raised afresh when schedules are on again."""
    with deployed(SchedulesEnabled="false"):
        assert {schedule(name)["State"] for name in SCHEDULES} == {"DISABLED"}
        assert not {"no-heartbeat", "no-full-check"} & set(alarms())
    with deployed():
        assert {"no-heartbeat", "no-full-check"} <= set(alarms())


def test_nothing_listens_for_deployments_unless_asked_for() -> None:
    """A parameter makes two rules, a queue and a pipe, or none of them."""
    with deployed() as stack:
        assert boto3.client("events").list_rules()["Rules"] == []
        assert not {"Deployments", "CheckAfterDeployment", "PipeRole"} & set(stack.resources)
    with deployed(CheckAfterDeploys="true") as stack:
        assert len(boto3.client("events").list_rules()["Rules"]) == 2
        assert {"Deployments", "CheckAfterDeployment", "PipeRole"} <= set(stack.resources)


@cache
def rule(name: str, **parameters: str) -> EventPattern:
    """Return the pattern of a rule of a stack that checks after deployments."""
    with deployed(CheckAfterDeploys="true", **parameters) as stack:
        return EventPattern.load(json.dumps(stack[name]["EventPattern"]))


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
    pattern = rule("StackDeployed", DeployedStacks="media-*")
    assert pattern.matches_event(status_change(name, status)) is checks


@pytest.mark.parametrize(
    ("function", "call", "answered", "checks"),
    [
        ("start-composition", "UpdateFunctionCode20150331v2", True, True),
        ("start-composition", "UpdateFunctionConfiguration20150331v2", True, True),
        ("make-programs", "UpdateFunctionCode20150331v2", True, True),
        ("start-composition", "UpdateFunctionCode20150331v2", False, False),
        ("start-composition", "PublishVersion20150331", True, False),
        ("start-composition", "Invoke", True, False),
        ("somebody-elses", "UpdateFunctionCode20150331v2", True, False),
    ],
)
def test_the_rule_fires_when_a_function_that_is_named_got_new_code_or_configuration(
    function: str, call: str, answered: bool, checks: bool
) -> None:
    """Where functions are deployed by hand, no stack changes; a call that was refused deployed nothing."""
    pattern = rule("FunctionDeployed", DeployedFunctions="start-composition,make-programs")
    assert pattern.matches_event(function_update(function, call, answered=answered)) is checks


def test_a_burst_of_deployments_is_one_check_that_begins_after_it() -> None:
    """Both rules write the same text; the queue takes it once in five minutes and hands it on in ten.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/using-messagededuplicationid-property.html
    """
    with deployed(CheckAfterDeploys="true") as stack:
        queue = stack["Deployments"]
        assert (queue["FifoQueue"], queue["ContentBasedDeduplication"]) == (True, True)
        assert (int(queue["DelaySeconds"]), int(queue["MessageRetentionPeriod"])) == (600, 3600)
        targets = [
            target for rule in ("StackDeployed", "FunctionDeployed") for target in stack[rule]["Targets"]
        ]
        assert len(targets) == 2
        assert len({json.dumps(target, sort_keys=True) for target in targets}) == 1
        assert targets[0]["Arn"] == stack.attribute("Deployments", "Arn")
        pipe = stack["CheckAfterDeployment"]
        assert pipe["Source"] == stack.attribute("Deployments", "Arn")
        assert pipe["Target"] == stack.attribute("CheckFunction", "Arn")
        assert pipe["SourceParameters"] == {"SqsQueueParameters": {"BatchSize": 1}}


def test_the_pipe_gives_an_event_that_the_checking_function_knows() -> None:
    """It hands over a list of one; without a run key, so that it is never taken for a scheduled run."""
    with deployed(CheckAfterDeploys="true") as stack:
        parameters = stack["CheckAfterDeployment"]["TargetParameters"]
        request = read_event([json.loads(parameters["InputTemplate"])], "check", "prod")
        assert (request.order.reason, request.run_key) == ("after a deployment", "")
        assert parameters["LambdaFunctionParameters"] == {"InvocationType": "FIRE_AND_FORGET"}


def test_only_the_two_rules_may_write_into_the_queue_and_only_the_pipe_takes_from_it() -> None:
    """And the pipe may start the check alone."""
    with deployed(CheckAfterDeploys="true") as stack:
        queue = stack.attribute("Deployments", "Arn")
        (may_send,) = stack["DeploymentsMayBeTold"]["PolicyDocument"]["Statement"]
        rules = [stack.attribute(rule, "Arn") for rule in ("StackDeployed", "FunctionDeployed")]
        assert (may_send["Action"], may_send["Resource"]) == ("sqs:SendMessage", queue)
        assert may_send["Condition"] == {"ArnEquals": {"aws:SourceArn": rules}}
        take = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
        start = ("lambda:InvokeFunction", stack.attribute("CheckFunction", "Arn"))
        assert allowed(stack, "PipeRole") == {(action, queue) for action in take} | {start}


def test_a_table_of_an_earlier_stack_is_adopted_and_none_is_made() -> None:
    """Both functions go on with its memory, and may write nowhere else."""
    with deployed(StateTableName="reconcile-state-before") as stack:
        assert "StateTable" not in stack.resources
        assert stack.outputs["StateTable"] == "reconcile-state-before"
        for mode in MODES:
            assert environment(stack, mode)["RECONCILE_STATE_TABLE"] == "reconcile-state-before"
            assert allowed(stack, ROLES[mode]) < needed(stack, mode) | lambdas_own(stack, mode)
            own = {arn for action, arn in allowed(stack, ROLES[mode]) if action == "dynamodb:UpdateItem"}
            assert f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/reconcile-state-before" in own


def test_keys_of_the_account_may_be_used_where_they_are_named() -> None:
    """And no right to any key is given otherwise."""
    key = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
    for parameters, keys in (({}, set[str]()), ({"KmsKeys": key}, {key})):
        with deployed(**parameters) as stack:
            for role in ROLES.values():
                held = {right for right in allowed(stack, role) if right[0].startswith("kms:")}
                assert held == {
                    (f"kms:{verb}", one) for verb in ("Decrypt", "GenerateDataKey") for one in keys
                }


def test_mail_goes_out_only_from_the_sender_that_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its name is a parameter of its own, so that no shell or tool has to quote the brackets."""
    mail = {"EmailFrom": "reports@example.net", "EmailTo": "ann@example.net", "EmailFromName": "Night watch"}
    with deployed(**mail) as stack:
        (statement,) = stack["Mail"]["PolicyDocument"]["Statement"]
        assert statement["Condition"] == {
            "StringEqualsIgnoreCase": {"ses:FromAddress": "reports@example.net"}
        }
        assert settings(stack, "check", monkeypatch).email_from == "Night watch <reports@example.net>"


def test_the_alarms_on_scheduled_runs_look_at_the_mode_that_is_scheduled() -> None:
    """Which is repair as soon as repairs are enabled."""
    with deployed(RepairEnabled="true"):
        found = alarms()
        assert [dimensions(found[name])["Mode"] for name in ("no-heartbeat", "rising")] == [
            "repair",
            "repair",
        ]
