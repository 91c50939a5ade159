"""Runs every command and both functions, each under the rights of whoever runs it in a deployment."""

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest

from reconcile.cli.app import run
from reconcile.handler import RunFailed, handler
from reconcile.model.run import Mode
from reconcile.sandbox.algolia import AlgoliaKey
from reconcile.sandbox.embedded import Embedded, embedded
from reconcile.sandbox.setup import ACCOUNT, COMPOSER, PROCESSOR, REGION, Setup, storage_arn
from reconcile.sandbox.world import World
from reconcile.settings.settings import PREFIX
from reconcile.stores import object_parts
from tests.deploy.evaluator import Statement, statements_of
from tests.deploy.guard import Guard, Principal
from tests.deploy.rights import MODES, SECRETS, environment, statements
from tests.deploy.runbook import rights_of_people
from tests.deploy.stack import Stack, deployed, stores_of
from tests.doubles.in_process import in_process
from tests.scenario.function import Context
from tests.scenario.test_delivery import READER, SENDER, embedded_ses

STORAGE = storage_arn("current")
KEYS: dict[Mode, frozenset[str]] = {
    "check": frozenset(("browse", "search", "settings")),
    "repair": frozenset(("browse", "search", "settings", "addObject", "deleteObject")),
}
"""What the search key of each function may do."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """What a deployed stack gives its functions, and what their roles may do."""

    environment: dict[Mode, dict[str, str]]
    statements: dict[Mode, list[Statement]]
    state_table: str
    report_bucket: str

    @classmethod
    def of(cls, stack: Stack) -> "Deployment":
        """Read a stack while it stands."""
        return cls(
            {mode: environment(stack, mode) for mode in MODES},
            {mode: statements(stack, mode) for mode in MODES},
            stack.outputs["StateTable"],
            stack.physical("ReportBucket"),
        )

    def role(self, mode: Mode) -> Principal:
        """Return the role of a function."""
        return Principal(f"the function that does a {mode}", self.statements[mode])

    def person(self, mode: Mode) -> Principal:
        """Return a person with the rights of a function, and no others."""
        return Principal(f"a person with the rights of a {mode}", self.statements[mode])

    def decider(self) -> Principal:
        """Return a person who decides: with the rights of a check, and what the guide adds to them."""
        added = rights_of_people({"TABLE": self.state_table, "REGION": REGION, "ACCOUNT": ACCOUNT})
        return Principal("a person who decides", [*self.statements["check"], *statements_of(added)])

    def undoer(self, table: str) -> Principal:
        """Return a person who takes runs back: with the rights of a repair, and what the guide adds."""
        names = {"APPTABLE": table, "STATETABLE": self.state_table, "REGION": REGION, "ACCOUNT": ACCOUNT}
        added = rights_of_people(names, "Take a run back")
        return Principal("a person who takes back", [*self.statements["repair"], *statements_of(added)])

    def exporter(self, mode: Mode, bucket: str) -> Principal:
        """Return a person who reads exports: with the rights of a function, and that to their objects."""
        added = [
            Statement(True, (action,), (arn.format(export=bucket),))
            for action, arn in object_parts.PERMISSIONS
        ]
        return Principal("a person who reads exports", [*self.statements[mode], *added])

    def doctor(self, rights: Mode, whose: str = "the function") -> Principal:
        """Return doctor within a function or by hand: it tries each right, also those that no run uses."""
        return Principal(f"doctor, with the rights of a {rights}, run by {whose}", self.statements[rights])


def deployment(world: World) -> Deployment:
    """Deploy the stack for a world, with everything that a parameter can add, and read it."""
    parameters = {
        **stores_of(world),
        "RepairEnabled": "true",
        "EmailFrom": SENDER,
        "EmailTo": READER,
        "Notify": "always",
        "KmsKeys": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555",
        "ProcessorFunction": PROCESSOR,
        "ComposerFunction": COMPOSER,
    }
    with deployed(REGION, **parameters) as stack:
        return Deployment.of(stack)


@dataclass
class Runs:
    """The commands and the functions over embedded stores; `guard` holds each to its principal's rights."""

    stores: Embedded
    deployment: Deployment
    guard: Guard
    folder: Path
    codes: dict[tuple[str, ...], int] = field(default_factory=dict)
    """What each command ended with, by who ran it and its words."""
    ends: list[tuple[Mode, int]] = field(default_factory=list)
    """What the functions ended with, in order."""

    def function(self, mode: Mode, event: Any = None) -> dict[str, Any]:
        """Invoke the function of a mode, as its role; return its reply, also where it raises it."""
        with self.acting(self.deployment.role(mode), mode):
            try:
                reply: dict[str, Any] = handler(event, Context())
            except RunFailed as failed:
                reply = json.loads(str(failed))
        self.ends.append((mode, reply["exit_code"]))
        return reply

    def doctor(self, mode: Mode, rights: Mode) -> dict[str, dict[str, Any]]:
        """Let doctor look from within the function of a mode, with some rights; return its lines by name."""
        with self.acting(self.deployment.doctor(rights), mode):
            reply: dict[str, Any] = handler({"doctor": True}, Context())
        return {line["what"]: line for line in reply["lines"]}

    def command(self, who: Principal, *words: str, mode: Mode = "check") -> dict[str, Any]:
        """Run a command as somebody, with the settings of the function of a mode; return its report.

        A person works with those settings as the guide says: the secrets stay where they are.
        """
        path = self.folder / "out.json"
        path.unlink(missing_ok=True)
        with self.acting(who, mode):
            self.codes[who.name, *words] = run(list(words))
        return json.loads(path.read_text()) if path.exists() else {}

    @property
    def told(self) -> tuple[str, str]:
        """The options that let a command write its report where `command` reads it."""
        return "--json", str(self.folder / "out.json")

    @contextmanager
    def acting(self, who: Principal, mode: Mode) -> Iterator[None]:
        """Let somebody act with the settings of the function of a mode."""
        with pytest.MonkeyPatch.context() as monkeypatch, self.guard.acts(who):
            for name in [name for name in os.environ if name.startswith(PREFIX)]:
                monkeypatch.delenv(name)
            for name, value in self.deployment.environment[mode].items():
                monkeypatch.setenv(name, value)
            monkeypatch.setenv("RECONCILE_ALGOLIA_HOST", self.stores.algolia.url)
            yield


@contextmanager
def runs_over(world: World, folder: Path) -> Iterator[Runs]:
    """Fill embedded stores with a world and what a stack makes; nobody may do more than policies say."""
    made = deployment(world)
    guard = Guard(ACCOUNT)
    setup = Setup(composes_by=STORAGE, storages={STORAGE: world.buckets[0]})
    with ExitStack() as stack:
        monkeypatch = stack.enter_context(pytest.MonkeyPatch.context())
        # The stores set these too, and are stopped before they are taken back.
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "sandbox")
        stores = stack.enter_context(embedded(world, setup))
        stack.enter_context(in_process(stores.aws_url))
        for name, value in stores.environ(folder).items():
            if not name.startswith(PREFIX):
                monkeypatch.setenv(name, value)
        _furnish(stores, made)
        guard.stand(monkeypatch)
        yield Runs(stores, made, guard, folder)


def _furnish(stores: Embedded, made: Deployment) -> None:
    """Make what the stack makes, and what has to be there before it."""
    s3, dynamodb = boto3.client("s3"), boto3.client("dynamodb")
    s3.create_bucket(Bucket=made.report_bucket)
    dynamodb.create_table(
        TableName=made.state_table,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        BillingMode="PAY_PER_REQUEST",
    )
    secrets = boto3.client("secretsmanager")
    for mode, name in SECRETS.items():
        key = f"{mode}-key"
        secrets.create_secret(Name=name, SecretString=json.dumps({"algolia_api_key": key}))
        stores.algolia.keys[key] = AlgoliaKey(KEYS[mode], frozenset((stores.world.index,)))
    embedded_ses().reset()
    mail = boto3.client("sesv2")
    mail.create_email_identity(EmailIdentity=SENDER)
    for client in (s3, dynamodb, secrets, mail):
        client.close()
