"""A system that doctor looks at, which finds out each time whether anything was written or a secret told."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import boto3
from moto.backends import get_backend

from reconcile.doctor import Line, clients, examine, exit_code
from reconcile.doctor.clients import Limits
from reconcile.model.errors import Exit
from reconcile.runs.run_id import now
from reconcile.sandbox.embedded import API_KEY
from reconcile.sandbox.setup import INDEX
from reconcile.stores.aws import AwsService, connect
from tests.scenario.conftest import Shell

ACCOUNT, REGION = "123456789012", "us-east-1"


@dataclass
class Clinic:
    """The stores beside a shell, and what doctor says of them; `secrets` are what it must never tell."""

    shell: Shell
    secrets: list[str] = field(default_factory=lambda: [API_KEY])
    lines: Sequence[Line] = ()
    answers: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    # A machine that is busy with other tests is slow, and not broken.
    limits: Limits = field(default_factory=lambda: Limits(part=120.0))

    def __post_init__(self) -> None:
        # The memory of the embedded AWS outlives the tests of a process.
        _backend("secretsmanager").reset()
        stores = self.shell.stores
        stores.algolia.set_up(stores.world.index, INDEX)
        self.shell.monkeypatch.setattr(clients, "connect", self._connect)

    def look(self, *, send: bool = False, clock: Any = now) -> dict[str, Line]:
        """Let doctor look; return its lines by what they are about. Nothing is written, no secret told."""
        before = self.contents()
        self.lines = list(examine(None, send, clock, self.limits))
        assert self.contents() == before
        texts = [f"{line.what}: {line.found} {line.step}" for line in self.lines]
        assert not [text for text in texts if any(secret in text for secret in self.secrets)]
        assert not [line for line in self.lines if line.state != "ok" and not line.step]
        found = {line.what: line for line in self.lines}
        assert len(found) == len(self.lines)
        return found

    @property
    def code(self) -> Exit:
        """What doctor ends with."""
        return exit_code(self.lines)

    def unwell(self) -> dict[str, str]:
        """Return what is not ok, with its state."""
        return {line.what: line.state for line in self.lines if line.state != "ok"}

    def set(self, **values: str) -> None:
        """Set settings, without the beginning that they all have."""
        for name, value in values.items():
            self.shell.monkeypatch.setenv(f"RECONCILE_{name.upper()}", value)

    def keep_secret(self, name: str, text: str) -> None:
        """Keep a text in Secrets Manager."""
        with closing(boto3.client("secretsmanager")) as client:
            client.create_secret(Name=name, SecretString=text)

    def answer(self, operation: str, **document: Any) -> None:
        """Let AWS answer an operation with this from now on."""
        self.answers[operation] = document

    def refuse(self, operation: str, code: str, message: str, status: int = 400) -> None:
        """Let AWS refuse an operation from now on."""
        told = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
        self.answers[operation] = told

    def deny(self, operation: str, action: str, arn: str, why: str = "no identity-based policy") -> None:
        """Let AWS say from now on that a permission is missing."""
        who = "arn:aws:sts::123456789012:assumed-role/reader/reconcile"
        message = f"User: {who} is not authorized to perform: {action} on resource: {arn} because {why}"
        self.refuse(operation, "AccessDeniedException", message, 403)

    def _connect(self, service: AwsService, *args: Any, **options: Any) -> Any:
        client = connect(service, *args, **options)

        def scripted(model: Any, **_: object) -> tuple[Any, Mapping[str, Any]] | None:
            if model.name not in self.answers:
                return None
            told = self.answers[model.name]
            status = told.get("ResponseMetadata", {}).get("HTTPStatusCode", 200)
            return SimpleNamespace(status_code=status, headers={}, content=b""), told

        client.meta.events.register("before-call", scripted)
        return client

    def contents(self) -> dict[str, Any]:
        """Return all that the embedded stores hold, and all that is kept beside them."""
        tables, buckets = _backend("dynamodb").tables, _backend("s3").buckets
        secrets, index = _backend("secretsmanager").secrets, self.shell.stores.world.index
        return {
            "rows": {name: [item.to_json() for item in table.all_items()] for name, table in tables.items()},
            "objects": {
                name: [(key, one.etag) for key, one in bucket.keys.items()]
                for name, bucket in buckets.items()
            },
            "uploads": {name: list(bucket.multiparts) for name, bucket in buckets.items()},
            "secrets": sorted(secrets.keys()),
            "records": self.shell.stores.algolia.records(index),
            "files": sorted(str(path) for path in self.shell.folder.rglob("*")),
        }


def _backend(service: str) -> Any:
    backends: Any = get_backend(service)
    return backends[ACCOUNT]["aws" if service == "s3" else REGION]


def at(moment: datetime) -> Any:
    """Return a clock that stands."""
    return lambda: moment
