"""The template as it is written, after the SAM transform, and deployed into moto as far as moto goes."""

import io
import json
import os
import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import boto3
import yaml
from moto import mock_aws
from moto.backends import get_backend

from reconcile.sandbox.embedded import APP_ID
from reconcile.sandbox.world import World

TEMPLATE = Path(__file__).parents[2] / "schedule.yaml"
REGION: Final = "eu-central-1"
ACCOUNT = "123456789012"
CODE = "code-bucket"

PARAMETERS = {
    "Stage": "prod",
    "AlarmTopic": f"arn:aws:sns:{REGION}:{ACCOUNT}:alarms",
    "Buckets": "recordings-one,recordings-two",
    "MediaBuckets": "uploads-one,uploads-two",
    "Table": "app-table",
    "PlaybackDomain": "play.example.net",
    "AlgoliaAppId": "APPID",
    "ReaderSecret": "reconcile/prod/reader",
    "WriterSecret": "reconcile/prod/writer",
}
"""What must be given, and no more: everything else stands at its default."""

LOOKED_AT = {"ProcessorFunction": "make-programs", "ComposerFunction": "start-composition"}
"""The application's functions, of a deployment that names them."""

SCHEDULES = {"reconcile-nightly-prod": "recent", "reconcile-weekly-prod": "full"}
"""The schedules' names, and the scope of the runs that they start."""


def stores_of(world: World) -> dict[str, str]:
    """Return the parameters that name the stores of a world, read as fast as they can be."""
    return {
        "Buckets": ",".join(world.buckets),
        "MediaBuckets": ",".join(world.media_buckets),
        "Table": world.table,
        "PlaybackDomain": world.playback_domain,
        "OldDomains": ",".join(world.old_domains),
        "AlgoliaAppId": APP_ID,
        "AlgoliaIndex": world.index,
        "ReadUnits": "100000",
    }


class _Loader(yaml.SafeLoader):
    """Reads YAML with CloudFormation's short forms, such as !Ref."""


def _intrinsic(loader: _Loader, name: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)
        value = loader.construct_mapping(node, deep=True)
    if name == "GetAtt":
        value = value.split(".", 1)
    return {name if name in ("Ref", "Condition") else f"Fn::{name}": value}


_Loader.add_multi_constructor("!", _intrinsic)


def template() -> dict[str, Any]:
    """Return the template as it is written, with its functions' code where `sam deploy` would put it."""
    found: dict[str, Any] = yaml.load(TEMPLATE.read_text(encoding="utf-8"), _Loader)
    found["Globals"]["Function"]["CodeUri"] = f"s3://{CODE}/artefact.zip"
    return found


@cache
def translated() -> str:
    """Return the template after the SAM transform, as JSON."""
    from samtranslator.translator.transform import transform

    class NoManagedPolicies:
        """The template names none of AWS's own policies."""

        def load(self) -> dict[str, str]:
            return {}

    with patch.dict(os.environ, {"AWS_DEFAULT_REGION": REGION}):
        return json.dumps(transform(template(), dict(PARAMETERS), NoManagedPolicies()), indent=1)


@dataclass(frozen=True)
class Stack:
    """A deployed stack, with every function of the template worked out as moto's CloudFormation does it."""

    resources: Mapping[str, Mapping[str, Any]]
    outputs: Mapping[str, str]
    not_made: frozenset[str]
    """The resource types that moto's CloudFormation knows nothing of."""
    known: Any
    """What moto's CloudFormation resolves names with."""

    def __getitem__(self, name: str) -> dict[str, Any]:
        """Return a resource's properties."""
        properties: dict[str, Any] = self.resources[name]["Properties"]
        return properties

    def physical(self, name: str) -> str:
        """Return what a Ref to a resource gives: its name, mostly."""
        return str(_worked_out({"Ref": name}, self.known))

    def attribute(self, name: str, attribute: str) -> str:
        """Return what a GetAtt of a resource gives."""
        return str(_worked_out({"Fn::GetAtt": [name, attribute]}, self.known))

    def of_type(self, kind: str) -> list[str]:
        """Return the names of the resources of a type."""
        return [name for name, resource in self.resources.items() if resource["Type"] == kind]


@contextmanager
def deployed(region: str = REGION, **parameters: str) -> Iterator[Stack]:
    """Deploy the transformed template into moto, and put what moto's CloudFormation leaves out by hand.

    That goes through the API of its service, so that botocore looks at each argument.
    """
    given = PARAMETERS | parameters
    with patch.dict(os.environ, {"AWS_DEFAULT_REGION": region}), mock_aws():
        _put_code(region)
        cloudformation = boto3.client("cloudformation")
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            cloudformation.create_stack(
                StackName="reconcile-prod",
                TemplateBody=translated(),
                Parameters=[{"ParameterKey": name, "ParameterValue": given[name]} for name in given],
            )
        (described,) = cloudformation.describe_stacks()["Stacks"]
        assert described["StackStatus"] == "CREATE_COMPLETE"
        outputs = {one["OutputKey"]: one["OutputValue"] for one in described["Outputs"]}
        not_made = re.findall(r"Tried to parse (\S+) but", " ".join(str(one.message) for one in told))
        (made,) = get_backend("cloudformation")[ACCOUNT][region].stacks.values()
        stack = Stack(_resources(made.resource_map), outputs, frozenset(not_made), made.resource_map)
        _put_what_is_left(stack)
        yield stack


def _worked_out(part: Any, known: Any) -> Any:
    """Return a part of the template with its functions worked out."""
    # Imports what moto knows of all of EC2: not before a test needs it.
    from moto.cloudformation.parsing import clean_json

    return clean_json(part, known)


def _resources(known: Any) -> dict[str, Any]:
    """Return the resources whose conditions hold, worked out."""
    return {
        name: _worked_out(resource, known)
        for name, resource in json.loads(translated())["Resources"].items()
        if "Condition" not in resource or known.lazy_condition_map[resource["Condition"]]
    }


def _put_code(region: str) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("reconcile/handler.py", "")
    s3 = boto3.client("s3")
    where: Any = {} if region == "us-east-1" else {"LocationConstraint": region}
    s3.create_bucket(Bucket=CODE, **({"CreateBucketConfiguration": where} if where else {}))
    s3.put_object(Bucket=CODE, Key="artefact.zip", Body=packed.getvalue())


def _put_what_is_left(stack: Stack) -> None:
    cloudwatch, scheduler = boto3.client("cloudwatch"), boto3.client("scheduler")
    for name in stack.of_type("AWS::CloudWatch::Alarm"):
        cloudwatch.put_metric_alarm(**stack[name])
    for name in stack.of_type("AWS::Scheduler::Schedule"):
        scheduler.create_schedule(**stack[name])
    for name in stack.of_type("AWS::Lambda::EventInvokeConfig"):
        boto3.client("lambda").put_function_event_invoke_config(**stack[name])
    policy = stack["ReportBucketPolicy"]
    boto3.client("s3").put_bucket_policy(Bucket=policy["Bucket"], Policy=json.dumps(policy["PolicyDocument"]))


def schedule(name: str) -> Any:
    """Return a schedule as EventBridge Scheduler tells of it."""
    return boto3.client("scheduler").get_schedule(Name=name)


def alarms() -> dict[str, Any]:
    """Return the alarms by what their names end with, as CloudWatch tells of them."""
    found = boto3.client("cloudwatch").describe_alarms()["MetricAlarms"]
    return {alarm["AlarmName"].removeprefix("reconcile-prod-"): alarm for alarm in found}


def dimensions(metric: Any) -> dict[str, str]:
    """Return the dimensions of a metric, or of an alarm on one, by name."""
    return {one["Name"]: one["Value"] for one in metric["Dimensions"]}


def function_update(function: str, call: str, *, answered: bool) -> dict[str, Any]:
    """Return a call of Lambda as CloudTrail tells EventBridge of it; what was refused has no answer.

    https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html
    """
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function}"
    return {
        "version": "0",
        "id": "11111111-2222-3333-4444-555555555555",
        "source": "aws.lambda",
        "detail-type": "AWS API Call via CloudTrail",
        "account": ACCOUNT,
        "time": "2026-03-01T10:20:30Z",
        "region": REGION,
        "resources": [],
        "detail": {
            "eventSource": "lambda.amazonaws.com",
            "eventName": call,
            "requestParameters": {"functionName": arn},
            "responseElements": {"functionName": function, "functionArn": arn} if answered else None,
        },
    }


def status_change(stack: str, status: str) -> dict[str, Any]:
    """Return an event of CloudFormation.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/event-detail-stack-status-change.html
    """
    arn = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{stack}/1a2b3c4d-0000-1111-2222-333344445555"
    return {
        "version": "0",
        "id": "11111111-2222-3333-4444-555555555555",
        "source": "aws.cloudformation",
        "detail-type": "CloudFormation Stack Status Change",
        "account": ACCOUNT,
        "time": "2026-03-01T10:20:30Z",
        "region": REGION,
        "resources": [arn],
        "detail": {
            "stack-id": arn,
            "status-details": {"status": status, "status-reason": ""},
            "client-request-token": "",
        },
    }
