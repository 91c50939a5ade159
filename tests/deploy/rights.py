"""What the roles of a deployed stack may do, what their modes need, and the settings that functions get."""

import os
import re
from itertools import product
from typing import Any

import pytest

from reconcile.model.run import Mode
from reconcile.permissions import permissions
from reconcile.settings.load import load_settings
from reconcile.settings.settings import PREFIX, Settings
from tests.deploy.evaluator import Statement, statements_of
from tests.deploy.stack import ACCOUNT, LOOKED_AT, PARAMETERS, REGION, Stack

ROLES: dict[Mode, str] = {"check": "ReaderRole", "repair": "WriterRole"}
FUNCTIONS: dict[Mode, str] = {"check": "CheckFunction", "repair": "RepairFunction"}
SECRETS: dict[Mode, str] = {"check": PARAMETERS["ReaderSecret"], "repair": PARAMETERS["WriterSecret"]}
MODES = tuple(ROLES)


def listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def documents(stack: Stack, role: str) -> list[Any]:
    """Return the documents of a role's policies."""
    name = stack.physical(role)
    found = [policy["PolicyDocument"] for policy in stack[role].get("Policies", ())]
    managed = [stack[policy] for policy in stack.of_type("AWS::IAM::ManagedPolicy")]
    return found + [policy["PolicyDocument"] for policy in managed if name in policy["Roles"]]


def allowed(stack: Stack, role: str) -> set[tuple[str, str]]:
    """Return each action and resource that a role may do something with."""
    found = set[tuple[str, str]]()
    for statement in (one for document in documents(stack, role) for one in document["Statement"]):
        assert statement["Effect"] == "Allow"
        found |= set(product(listed(statement["Action"]), listed(statement["Resource"])))
    return found


def statements(stack: Stack, mode: Mode) -> list[Statement]:
    """Return what applies to the role of a mode: its policies, and those of the stack's buckets."""
    own = [one for document in documents(stack, ROLES[mode]) for one in statements_of(document)]
    of_buckets = (stack[name]["PolicyDocument"] for name in stack.of_type("AWS::S3::BucketPolicy"))
    return own + [one for document in of_buckets for one in statements_of(document, of_resource=True)]


def needed(stack: Stack, mode: Mode) -> set[tuple[str, str]]:
    """Return what the adapters of a mode declare, with this stack's names."""
    names = {
        "table": [PARAMETERS["Table"]],
        "state_table": [stack.outputs["StateTable"]],
        "bucket": PARAMETERS["Buckets"].split(","),
        "media_bucket": PARAMETERS["MediaBuckets"].split(","),
        "reports": [stack.physical("ReportBucket")],
        "secret": [SECRETS[mode]],
        "processor_function": [LOOKED_AT["ProcessorFunction"]],
        "composer_function": [LOOKED_AT["ComposerFunction"]],
    }
    found = set[tuple[str, str]]()
    for action, resource in permissions(mode):
        there = resource.replace(":*:*:", f":{REGION}:{ACCOUNT}:")
        stated = re.findall(r"{(\w+)}", there)
        for values in product(*(names[name] for name in stated)):
            found.add((action, there.format(**dict(zip(stated, values, strict=True)))))
    return found


def lambdas_own(stack: Stack, mode: Mode) -> set[tuple[str, str]]:
    """Return what Lambda does as the role: it logs, and keeps the events of runs that failed."""
    log = stack.attribute("CheckLog" if mode == "check" else "RepairLog", "Arn")
    return {
        ("logs:CreateLogStream", log),
        ("logs:PutLogEvents", log),
        ("sqs:SendMessage", stack.attribute("FailedRuns", "Arn")),
    }


def environment(stack: Stack, mode: Mode) -> dict[str, str]:
    """Return the environment that a function gets, all of it text, as Lambda gives it."""
    variables = stack[FUNCTIONS[mode]]["Environment"]["Variables"]
    return {name: str(value) for name, value in variables.items()}


def settings(stack: Stack, mode: Mode, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Return the settings that a function reads from its environment."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    for name, value in environment(stack, mode).items():
        monkeypatch.setenv(name, value)
    return load_settings()
