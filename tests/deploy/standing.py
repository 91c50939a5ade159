"""The stack on a cloud of ministack: deployed by CloudFormation's API, and spoken to as AWS speaks to it."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from reconcile.model.run import Mode
from reconcile.sandbox.embedded import LOOPBACK
from reconcile.sandbox.setup import REGION
from tests.deploy.cloud import READER, SENDER, Cloud, moment
from tests.deploy.rights import MODES
from tests.deploy.stack import CODE, PARAMETERS, stores_of, translated

NAME = "reconcile-prod"
LEFT_OUT = {
    "AWS::CloudWatch::Alarm": (
        "Metrics",
        "ministack's CloudFormation refuses alarms on metric math (Properties.Metrics)",
    ),
    "AWS::Logs::QueryDefinition": ("", "ministack's CloudFormation knows no saved queries"),
}
"""What is left out of the template, by type: the property that makes it so ("": any of the type), and why."""


def left_out() -> dict[str, str]:
    """Return the resources of the template that ministack cannot make, and why."""
    return {
        name: LEFT_OUT[resource["Type"]][1]
        for name, resource in json.loads(translated())["Resources"].items()
        if resource["Type"] in LEFT_OUT and LEFT_OUT[resource["Type"]][0] in ("", *resource["Properties"])
    }


def deployable() -> str:
    """Return the transformed template without what ministack cannot make."""
    template = json.loads(translated())
    for name in left_out():
        del template["Resources"][name]
    return json.dumps(template)


def put_code(cloud: Cloud, artefact: Path) -> None:
    """Put the zipped artefact where the template looks for it."""
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket=CODE)
    s3.upload_file(str(artefact), CODE, "artefact.zip")


@dataclass
class Standing:
    """A stack that is deployed, changed and deleted; `outputs` are its last deployment's."""

    cloud: Cloud
    parameters: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)

    def deploy(self, **changes: str) -> str:
        """Create the stack, or update its parameters; return its status when it is done."""
        world, first = self.cloud.world, not self.parameters
        self.parameters = self.parameters or PARAMETERS | {
            "AlarmTopic": f"arn:aws:sns:{REGION}:000000000000:alarms",
            **stores_of(world),
            "EmailFrom": SENDER,
            "EmailTo": READER,
        }
        self.parameters |= changes
        formation = self.cloud.client("cloudformation")
        (formation.create_stack if first else formation.update_stack)(
            StackName=NAME,
            TemplateBody=deployable(),
            Capabilities=["CAPABILITY_IAM"],
            Parameters=[
                {"ParameterKey": name, "ParameterValue": self.parameters[name]} for name in self.parameters
            ],
        )
        status = self._done()
        (described,) = formation.describe_stacks(StackName=NAME)["Stacks"]
        self.outputs = {one["OutputKey"]: one["OutputValue"] for one in described.get("Outputs", ())}
        self.point_at_index()
        return status

    def delete(self) -> str:
        """Delete the stack; return its status when it is done."""
        self.cloud.client("cloudformation").delete_stack(StackName=NAME)
        self.parameters = {}
        return self._done()

    def _done(self) -> str:
        formation = self.cloud.client("cloudformation")
        while True:
            stacks = formation.list_stacks()["StackSummaries"]
            status = next(one["StackStatus"] for one in stacks if one["StackName"] == NAME)
            if not status.endswith("_IN_PROGRESS"):
                return str(status)
            time.sleep(0.5)

    def made(self) -> dict[str, str]:
        """Return the resources of the stack with the type of each."""
        pages = (
            self.cloud.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=NAME)
        )
        listed = [one for page in pages for one in page["StackResourceSummaries"]]
        return {one["LogicalResourceId"]: one["ResourceType"] for one in listed}

    def failures(self) -> list[str]:
        """Return why resources could not be made."""
        events = self.cloud.client("cloudformation").describe_stack_events(StackName=NAME)["StackEvents"]
        return [
            f"{one['LogicalResourceId']}: {one.get('ResourceStatusReason')}"
            for one in events
            if one["ResourceStatus"].endswith("_FAILED")
        ]

    def point_at_index(self) -> None:
        """Tell both functions where the index is: the template has no parameter for an address."""
        for mode in MODES:
            self.configure(mode, RECONCILE_ALGOLIA_HOST=self.cloud.algolia.url)

    def configure(self, mode: Mode, timeout: int = 900, **variables: str) -> None:
        """Change variables, or the time limit in seconds, of the function of a mode."""
        self.cloud.client("lambda").update_function_configuration(
            FunctionName=f"reconcile-{mode}-prod",
            Timeout=timeout,
            Environment={"Variables": {**self.environment(mode), **variables}},
        )

    def environment(self, mode: Mode) -> dict[str, str]:
        """Return the variables of the function of a mode."""
        found = self.cloud.client("lambda").get_function_configuration(FunctionName=f"reconcile-{mode}-prod")
        return dict(found["Environment"]["Variables"])

    def invoke(self, mode: Mode, event: Mapping[str, Any]) -> dict[str, Any]:
        """Invoke the function of a mode, as a person does; return its reply."""
        answer = self.cloud.client("lambda").invoke(
            FunctionName=f"reconcile-{mode}-prod", Payload=json.dumps(event)
        )
        reply: dict[str, Any] = json.loads(answer["Payload"].read())
        return reply

    def send(self, mode: Mode, event: Mapping[str, Any]) -> None:
        """Give Lambda an event of which nobody awaits the end, as EventBridge Scheduler does."""
        self.cloud.client("lambda").invoke(
            FunctionName=f"reconcile-{mode}-prod", InvocationType="Event", Payload=json.dumps(event)
        )

    def event(self, schedule: str, at: datetime) -> dict[str, Any]:
        """Return the event that EventBridge Scheduler sends for a schedule at some time."""
        found = self.cloud.client("scheduler").get_schedule(Name=f"reconcile-{schedule}-prod")
        asked: dict[str, Any] = json.loads(found["Target"]["Input"])
        return {**asked, "schedule_arn": found["Arn"], "scheduled_time": moment(at)}

    def fill(self, schedule: str, at: datetime) -> dict[str, Any]:
        """Put that event into the schedule, for ministack's Scheduler sends what stands there; return it."""
        scheduler, event = self.cloud.client("scheduler"), self.event(schedule, at)
        found = scheduler.get_schedule(Name=f"reconcile-{schedule}-prod")
        kept = ("Name", "ScheduleExpression", "ScheduleExpressionTimezone", "FlexibleTimeWindow", "State")
        scheduler.update_schedule(
            Target={**found["Target"], "Input": json.dumps(event)}, **{name: found[name] for name in kept}
        )
        return event

    def shell(self, mode: Mode, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run a command in a shell with the settings of the function of a mode."""
        foreign = ("AWS_", "RECONCILE_")
        environ = {name: text for name, text in os.environ.items() if not name.startswith(foreign)}
        environ |= self.environment(mode) | {
            "AWS_ENDPOINT_URL": self.cloud.url,
            "AWS_ACCESS_KEY_ID": "sandbox",
            "AWS_SECRET_ACCESS_KEY": "sandbox",
            "AWS_DEFAULT_REGION": REGION,
            "NO_PROXY": LOOPBACK,
            "no_proxy": LOOPBACK,
        }
        command = [sys.executable, "-m", "reconcile", *words]
        return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)

    def kept(self) -> dict[str, set[str]]:
        """Return the names of the files that are archived of each run."""
        bucket, _, prefix = self.outputs["Reports"].removeprefix("s3://").partition("/")
        pages = (
            self.cloud.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        )
        found = dict[str, set[str]]()
        for key in (one["Key"] for page in pages for one in page.get("Contents", ())):
            run, _, name = key.removeprefix(f"{prefix}/").partition("/")
            if re.match(r"\d", run):
                found.setdefault(run, set()).add(name)
        return found

    def report(self, run: str) -> dict[str, Any]:
        """Return the archived report of a run."""
        read: dict[str, Any] = json.loads(self.read(run, "report.json"))
        return read

    def read(self, run: str, name: str) -> bytes:
        """Return a file that is archived of a run."""
        bucket, _, prefix = self.outputs["Reports"].removeprefix("s3://").partition("/")
        body: bytes = (
            self.cloud.client("s3").get_object(Bucket=bucket, Key=f"{prefix}/{run}/{name}")["Body"].read()
        )
        return body

    def failed_events(self) -> Iterator[dict[str, Any]]:
        """Yield what the queue of failed runs holds; it stays there."""
        answer = self.cloud.client("sqs").receive_message(
            QueueUrl=self.outputs["FailedRuns"], MaxNumberOfMessages=10, VisibilityTimeout=0
        )
        for message in answer.get("Messages", ()):
            yield json.loads(message["Body"])
