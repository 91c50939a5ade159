"""The deployed stack: what runs when, what is kept how, and what alarms.

moto's CloudFormation makes functions, log groups, roles, policies, queues, table, bucket and dashboard. It
makes no alarm, schedule, on-failure destination or bucket policy: it works these out, and they are put
through their own APIs; but for the saved query, which it does not know. It leaves out encryption and recovery
of the table, and all but the name of the bucket: there the tests look at the properties. Nothing is invoked.
"""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from reconcile.handler import handler
from reconcile.metrics import ENDINGS, METRICS, NAMESPACE
from reconcile.runs.order import read_event
from tests.deploy.stack import PARAMETERS, SCHEDULES, Stack, alarms, deployed, dimensions, schedule, template

TOPIC = PARAMETERS["AlarmTopic"]


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """Give tests a stack as it is deployed for the first nights: with the defaults."""
    with deployed() as made:
        yield made


@pytest.fixture
def told(stack: Stack) -> dict[str, Any]:
    """Give tests the alarms."""
    return alarms()


def test_moto_makes_all_but_five_kinds_of_resources(stack: Stack) -> None:
    """These five are what this module's first lines say."""
    assert stack.not_made == {
        "AWS::CloudWatch::Alarm",
        "AWS::Scheduler::Schedule",
        "AWS::Lambda::EventInvokeConfig",
        "AWS::S3::BucketPolicy",
        "AWS::Logs::QueryDefinition",
    }


def test_there_are_two_functions_of_one_artefact(stack: Stack) -> None:
    """Each has its role and its log, whose lines are not wrapped a second time."""
    found = {one["FunctionName"]: one for one in boto3.client("lambda").list_functions()["Functions"]}
    assert set(found) == {"reconcile-check-prod", "reconcile-repair-prod"}
    assert len({one["CodeSha256"] for one in found.values()}) == 1
    assert {(one["Handler"], one["Timeout"]) for one in found.values()} == {
        ("reconcile.handler.handler", 900)
    }
    assert f"{handler.__module__}.{handler.__name__}" == "reconcile.handler.handler"
    assert found["reconcile-check-prod"]["Role"] == stack.attribute("ReaderRole", "Arn")
    assert found["reconcile-repair-prod"]["Role"] == stack.attribute("WriterRole", "Arn")
    for name in ("Check", "Repair"):
        log = {"LogFormat": "Text", "LogGroup": f"/aws/lambda/reconcile-{name.lower()}-prod"}
        assert stack[f"{name}Function"]["LoggingConfig"] == log


def test_logs_are_kept_for_90_days(stack: Stack) -> None:
    """The log groups stand before the functions write into them."""
    groups = boto3.client("logs").describe_log_groups()["logGroups"]
    assert {(one["logGroupName"], one["retentionInDays"]) for one in groups} == {
        ("/aws/lambda/reconcile-check-prod", 90),
        ("/aws/lambda/reconcile-repair-prod", 90),
    }


@pytest.mark.parametrize("function", ["reconcile-check-prod", "reconcile-repair-prod"])
def test_a_run_that_failed_is_tried_once_more_and_then_kept_in_a_queue(stack: Stack, function: str) -> None:
    """An hour later nobody waits for it any more."""
    config: Any = boto3.client("lambda").get_function_event_invoke_config(FunctionName=function)
    assert (config["MaximumRetryAttempts"], config["MaximumEventAgeInSeconds"]) == (1, 3600)
    assert config["DestinationConfig"]["OnFailure"] == {"Destination": stack.attribute("FailedRuns", "Arn")}


@pytest.mark.parametrize("name", ["FailedRuns", "UnstartedRuns"])
def test_the_queues_keep_events_for_two_weeks_encrypted(stack: Stack, name: str) -> None:
    """Both are outputs of the stack."""
    url = stack.outputs[name]
    found = boto3.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert (found["MessageRetentionPeriod"], found["SqsManagedSseEnabled"]) == (str(14 * 86_400), "true")


@pytest.mark.parametrize(("name", "scope"), SCHEDULES.items())
def test_a_schedule_gives_an_event_that_the_function_knows(stack: Stack, name: str, scope: str) -> None:
    """It carries the run key: what is delivered twice has the same."""
    target = schedule(name)["Target"]
    event = json.loads(target["Input"])
    assert event["schedule_arn"] == "<aws.scheduler.schedule-arn>"
    assert event["scheduled_time"] == "<aws.scheduler.scheduled-time>"
    event |= {"schedule_arn": "arn:schedule", "scheduled_time": "2026-03-01T03:30:00Z"}
    request = read_event(event, "check", "prod")
    assert (request.order.scope, request.order.mode) == (scope, "check")
    assert request.run_key == f"{event['schedule_arn']} {event['scheduled_time']}"


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_is_exact_tries_again_and_keeps_what_it_could_not_start(stack: Stack, name: str) -> None:
    """In the time zone of the parameter."""
    found = schedule(name)
    assert (found["State"], found["ScheduleExpressionTimezone"]) == ("ENABLED", "UTC")
    assert found["FlexibleTimeWindow"] == {"Mode": "OFF"}
    assert found["Target"]["RetryPolicy"] == {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 3600}
    assert found["Target"]["DeadLetterConfig"] == {"Arn": stack.attribute("UnstartedRuns", "Arn")}
    assert found["Target"]["RoleArn"] == stack.attribute("SchedulerRole", "Arn")


def test_the_nights_look_back_and_sundays_look_at_everything(stack: Stack) -> None:
    """At hours apart, so that they do not meet."""
    assert schedule("reconcile-nightly-prod")["ScheduleExpression"] == "cron(30 3 * * ? *)"
    assert schedule("reconcile-weekly-prod")["ScheduleExpression"] == "cron(30 5 ? * SUN *)"


def test_the_memory_has_the_keys_that_the_job_wants_and_can_be_recovered(stack: Stack) -> None:
    """It is encrypted, paid for by use, and outlives the stack."""
    table = boto3.client("dynamodb").describe_table(TableName="reconcile-state-prod")["Table"]
    kinds = {one["AttributeName"]: one["AttributeType"] for one in table["AttributeDefinitions"]}
    keys = [(one["AttributeName"], one["KeyType"]) for one in table["KeySchema"]]
    assert (kinds, keys) == ({"pk": "S", "sk": "S"}, [("pk", "HASH"), ("sk", "RANGE")])
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert stack["StateTable"]["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert stack["StateTable"]["SSESpecification"] == {"SSEEnabled": True}


@pytest.mark.parametrize(
    ("name", "policy"), [("StateTable", "Retain"), ("ReportBucket", "RetainExceptOnCreate")]
)
def test_memory_and_reports_outlive_the_stack(name: str, policy: str) -> None:
    """The table also a first deployment that failed: it is protected, and the next one adopts it."""
    resource = template()["Resources"][name]
    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == (policy, "Retain")


def test_the_memory_is_protected_from_deletion(stack: Stack) -> None:
    """Without it, the job would not know which programs were deleted on purpose."""
    assert stack["StateTable"]["DeletionProtectionEnabled"] is True


def test_nine_days_without_a_full_check_alarm(told: dict[str, Any]) -> None:
    """The nights keep the heartbeat while the weekly schedule is dead: this alarm sees that."""
    alarm = told["no-full-check"]
    assert (alarm["MetricName"], alarm["Statistic"]) == ("DaysSinceFullCheck", "Minimum")
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("GreaterThanOrEqualToThreshold", 9)
    assert (alarm["Period"], alarm["EvaluationPeriods"]) == (86_400, 1)
    assert dimensions(alarm)["Mode"] == "check"


def test_the_reports_are_private_encrypted_and_forgotten_in_time(stack: Stack) -> None:
    """And nobody reads them over an open line."""
    bucket = stack.physical("ReportBucket")
    properties = stack["ReportBucket"]
    block = {"BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"}
    assert properties["PublicAccessBlockConfiguration"] == dict.fromkeys(block, True)
    assert properties["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    (encryption,) = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    reports, uploads = properties["LifecycleConfiguration"]["Rules"]
    assert (reports["Status"], int(reports["ExpirationInDays"])) == ("Enabled", 400)
    assert uploads["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
    (denied,) = json.loads(boto3.client("s3").get_bucket_policy(Bucket=bucket)["Policy"])["Statement"]
    assert (denied["Effect"], denied["Principal"], denied["Action"]) == ("Deny", "*", "s3:*")
    assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert denied["Resource"] == [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]


def test_every_alarm_goes_to_the_topic_and_says_what_to_look_at(told: dict[str, Any]) -> None:
    """One for each thing that can be wrong."""
    assert set(told) == {
        "no-heartbeat",
        "no-full-check",
        "failed",
        "incomplete",
        "undelivered",
        "errors-check",
        "errors-repair",
        "throttled-check",
        "throttled-repair",
        "events-failed",
        "events-unstarted",
        "awaiting-approval",
        "rising",
    }
    assert all(alarm["AlarmActions"] == [TOPIC] and alarm["ActionsEnabled"] for alarm in told.values())
    assert all(alarm["AlarmDescription"].endswith(".") for alarm in told.values())


def test_an_alarm_on_the_jobs_own_metrics_names_metrics_and_dimensions_that_the_job_writes(
    told: dict[str, Any],
) -> None:
    """A name that differs would never alarm, or always."""
    own = [alarm for alarm in told.values() if alarm["Namespace"] == NAMESPACE]
    assert len(own) == 7
    for alarm in own:
        names = ENDINGS if set(dimensions(alarm)) == {"Stage"} else METRICS
        assert set(dimensions(alarm)) in ({"Stage"}, {"Stage", "Mode"})
        assert alarm["MetricName"] in names
        assert dimensions(alarm)["Stage"] == "prod"


def test_every_alarm_looks_at_one_metric(told: dict[str, Any]) -> None:
    """Metric math would be refused by stand-ins that a deployment is tried on."""
    assert not [name for name, alarm in told.items() if alarm.get("Metrics")]


def test_26_hours_without_a_scheduled_run_alarm_and_the_next_run_says_that_it_is_over(
    told: dict[str, Any],
) -> None:
    """An hour without data counts as one without a run."""
    missing = told["no-heartbeat"]
    assert (missing["MetricName"], missing["Statistic"]) == ("Heartbeat", "Sum")
    assert (missing["Period"], missing["EvaluationPeriods"], missing["DatapointsToAlarm"]) == (3600, 26, 26)
    assert (missing["ComparisonOperator"], missing["Threshold"]) == ("LessThanThreshold", 1)
    assert missing["TreatMissingData"] == "breaching"
    assert missing["OKActions"] == [TOPIC]
    assert dimensions(missing)["Mode"] == "check"


@pytest.mark.parametrize(
    ("name", "metric"), [("failed", "Failed"), ("incomplete", "Incomplete"), ("undelivered", "Undelivered")]
)
def test_one_bad_end_in_either_mode_alarms(told: dict[str, Any], name: str, metric: str) -> None:
    """Hours without a run are no fault."""
    alarm = told[name]
    assert (alarm["MetricName"], dimensions(alarm)) == (metric, {"Stage": "prod"})
    assert_one_alarms(alarm, "Sum")


@pytest.mark.parametrize("function", ["check", "repair"])
@pytest.mark.parametrize(("name", "metric"), [("errors", "Errors"), ("throttled", "Throttles")])
def test_a_function_that_was_killed_or_never_started_alarms(
    told: dict[str, Any], name: str, metric: str, function: str
) -> None:
    """Lambda counts these itself: such a run writes no metric."""
    alarm = told[f"{name}-{function}"]
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/Lambda", metric)
    assert dimensions(alarm) == {"FunctionName": f"reconcile-{function}-prod"}
    assert_one_alarms(alarm, "Sum")


@pytest.mark.parametrize(
    ("name", "queue"), [("events-failed", "FailedRuns"), ("events-unstarted", "UnstartedRuns")]
)
def test_an_event_in_either_queue_alarms(stack: Stack, told: dict[str, Any], name: str, queue: str) -> None:
    """Until somebody took it out."""
    alarm = told[name]
    assert dimensions(alarm) == {"QueueName": stack.outputs[queue].rpartition("/")[2]}
    assert_one_alarms(alarm, "Maximum")


def assert_one_alarms(alarm: Any, statistic: str) -> None:
    """One in an hour is enough, and hours without a value are no fault."""
    assert (alarm["Statistic"], alarm["Period"]) == (statistic, 3600)
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("GreaterThanOrEqualToThreshold", 1)
    assert (alarm["EvaluationPeriods"], alarm["TreatMissingData"]) == (1, "notBreaching")


def test_repairs_that_await_approval_alarm(told: dict[str, Any]) -> None:
    """A repair's only: in a check nothing awaits approval."""
    alarm = told["awaiting-approval"]
    assert (alarm["MetricName"], dimensions(alarm)["Mode"]) == ("AwaitingApproval", "repair")
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("GreaterThanOrEqualToThreshold", 1)
    assert (alarm["EvaluationPeriods"], alarm["TreatMissingData"]) == (1, "notBreaching")


def test_ten_findings_more_than_on_the_weeks_best_day_alarm_when_it_lasts_two_days(
    told: dict[str, Any],
) -> None:
    """One bad day is none yet."""
    alarm = told["rising"]
    assert (alarm["MetricName"], alarm["Statistic"]) == ("OpenAboveWeekLow", "Maximum")
    assert (alarm["Period"], alarm["EvaluationPeriods"], alarm["DatapointsToAlarm"]) == (86_400, 2, 2)
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("GreaterThanThreshold", 10)
    assert alarm["TreatMissingData"] == "notBreaching"
