"""Runs the real command line against embedded stores that a test filled."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from reconcile.cli.app import run
from reconcile.sandbox.embedded import STATE_TABLE, Embedded, embedded, put_object
from reconcile.sandbox.setup import Setup
from reconcile.sandbox.world.model import StoredObject, World
from tests.doubles.in_process import in_process

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

    from tests.scenario.bad_night import Night


class Shell:
    """A shell whose environment points at embedded stores."""

    def __init__(self, stores: Embedded, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.stores, self.folder, self.monkeypatch = stores, folder, monkeypatch
        environ = stores.environ(folder / "reports")
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        # Wherever a test points the job: the shell itself looks into the embedded stores.
        self._where: Any = {
            "endpoint_url": stores.aws_url,
            "region_name": environ["AWS_DEFAULT_REGION"],
            "aws_access_key_id": environ["AWS_ACCESS_KEY_ID"],
            "aws_secret_access_key": environ["AWS_SECRET_ACCESS_KEY"],
        }

    @cached_property
    def _dynamodb(self) -> "DynamoDBClient":
        return boto3.client("dynamodb", **self._where)

    @cached_property
    def _s3(self) -> "S3Client":
        return boto3.client("s3", **self._where)

    def __call__(self, *arguments: str) -> tuple[int, dict[str, Any]]:
        """Run a command; return its exit code and the JSON that it wrote (empty without)."""
        path = self.folder / "out.json"
        path.unlink(missing_ok=True)
        code = run([*arguments, "--json", str(path)])
        return code, json.loads(path.read_text()) if path.exists() else {}

    def rows(self, table: str | None = None) -> dict[tuple[str, str], dict[str, Any]]:
        """Return a table's rows as they stand, the application's unless another is named."""
        pages = self._dynamodb.get_paginator("scan").paginate(TableName=table or self.stores.world.table)
        items = [item for page in pages for item in page["Items"]]
        return {(item["pk"]["S"], item["sk"]["S"]): dict(item) for item in items}

    def put_row(self, item: dict[str, Any], table: str | None = None) -> None:
        """Put a row as a live function would."""
        self._dynamodb.put_item(TableName=table or self.stores.world.table, Item=item)

    def make_bucket(self, name: str) -> None:
        """Make another bucket."""
        self._s3.create_bucket(Bucket=name)

    def put_object(self, stored: StoredObject) -> None:
        """Put an object as IVS would, with the time that it is told to have."""
        put_object(stored)

    def delete_row(self, key: tuple[str, str], table: str | None = None) -> None:
        """Delete a row as its owner would."""
        where = {"pk": {"S": key[0]}, "sk": {"S": key[1]}}
        self._dynamodb.delete_item(TableName=table or self.stores.world.table, Key=where)

    def records(self) -> dict[str, dict[str, Any]]:
        """Return the search records as they stand."""
        return self.stores.algolia.records(self.stores.world.index)

    def state(self) -> dict[tuple[str, str], dict[str, Any]]:
        """Return the job's own memory as it stands."""
        return self.rows(STATE_TABLE)

    def decisions(self, *arguments: str) -> list[dict[str, Any]]:
        """Return the decisions that the command line lists."""
        found: Any = self("decisions", *arguments)[1]
        return list(found)

    def programs(self, owner: str = "ann") -> dict[tuple[str, str], dict[str, Any]]:
        """Return an owner's programs."""
        return {key: row for key, row in self.rows().items() if key[0] == f"u#{owner}#programs"}

    def close(self) -> None:
        """Give the connections back."""
        for client in ("_dynamodb", "_s3"):
            if client in self.__dict__:
                getattr(self, client).close()


class Shells:
    """Starts shells on worlds."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, stack: ExitStack) -> None:
        self._folder, self._monkeypatch, self._stack = folder, monkeypatch, stack

    def __call__(self, world: World, setup: Setup | None = None) -> Shell:
        """Start embedded stores filled with a world, and with the live system around them if told."""
        stores = self._stack.enter_context(embedded(world, setup))
        self._stack.enter_context(in_process(stores.aws_url))
        shell = Shell(stores, self._folder, self._monkeypatch)
        self._stack.callback(shell.close)
        return shell


@pytest.fixture
def shell_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shells]:
    """Give a test the means to start a shell on a world of its own."""
    # The stores set these too, and are stopped before what a test set is taken back.
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "sandbox")
    with ExitStack() as stack:
        yield Shells(tmp_path, monkeypatch, stack)


@pytest.fixture(scope="session")
def _night() -> "Night":
    from tests.scenario.bad_night import repaired

    return repaired()


@pytest.fixture
def night(_night: "Night") -> "Night":
    """A world after a night that made every kind of repair, what it was before, and the run."""
    cycle, before, run = _night
    return cycle.again(), before, run
