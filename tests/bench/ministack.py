"""Real clients on a store with real transactions: ministack on loopback, filled with a world.

Where it differs from DynamoDB and it matters: it never answers TransactionConflict, for it carries out one
transaction after the other (conflicts are scripted in the contract tests). S3 objects get the time of their
upload, so that the clock of the runs must go ahead of it.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from reconcile.sandbox.algolia import AlgoliaKey, AlgoliaServer
from reconcile.sandbox.embedded import ACL, API_KEY, APP_ID, Embedded
from reconcile.sandbox.setup import REGION
from reconcile.sandbox.world import World
from tests.scenario.platform import Key, Row

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PINNED = "ministack==1.5.33"
_HOST, _STARTS, _STOPS = "127.0.0.1", 60.0, 10.0


@contextmanager
def ministack(command: str) -> Iterator[str]:
    """Run ministack on a free port, from a command or ("") installed for the while; yields its URL.

    Raises RuntimeError where it does not start.
    """
    with TemporaryDirectory() as name:
        folder = Path(name)
        with serving(command or installed(folder / "environment"), folder) as url:
            yield url


def installed(folder: Path, python: str = sys.executable, more: Sequence[str] = ()) -> str:
    """Install the pinned version, and more, into a new environment of some Python; return the command."""
    subprocess.run([python, "-m", "venv", folder], check=True, stdout=sys.stderr)
    programs = folder / "bin"
    asked = [str(programs / "python"), "-m", "pip", "install", "-qq", PINNED, *more]
    subprocess.run(asked, check=True, stdout=sys.stderr)
    return str(programs / "ministack")


@contextmanager
def serving(command: str, folder: Path, settings: Mapping[str, str] | None = None) -> Iterator[str]:
    """Run a command of ministack on a free port, with its log in a folder; yields its URL.

    `settings` are variables of its own. Raises RuntimeError where it does not start.
    """
    port = free_port()
    foreign = ("AWS_", "RECONCILE_", "PYTHON")
    environ = {key: value for key, value in os.environ.items() if not key.startswith(foreign)}
    environ |= {
        "BIND_HOST": _HOST,
        "GATEWAY_PORT": str(port),
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
        **(settings or {}),
    }
    with (folder / "log").open("a+b") as log:
        process = subprocess.Popen(
            [command], cwd=folder, env=environ, stdout=log, stderr=log, start_new_session=True
        )
        try:
            _wait(process, port, folder / "log")
            yield f"http://{_HOST}:{port}"
        finally:
            _stop(process)


def free_port() -> int:
    """Return a port of loopback that nobody listened on just now."""
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    until = time.monotonic() + _STARTS
    while process.poll() is None and time.monotonic() < until:
        with suppress(OSError), socket.create_connection((_HOST, port), 1):
            return
        time.sleep(0.1)
    raise RuntimeError(f"ministack did not start:\n{log.read_text(encoding='utf-8')[-2000:]}")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    for how in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, how)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_STOPS)
            return


class Clock:
    """The time of all runs: an hour ahead, so that what was uploaded just now has settled."""

    def __init__(self) -> None:
        self._ahead = timedelta(hours=1)

    def __call__(self) -> datetime:
        """Return the time."""
        return datetime.now(UTC) + self._ahead

    def jump(self, by: timedelta) -> None:
        """Let that much time pass."""
        self._ahead += by


@dataclass(frozen=True)
class Place:
    """Stores that hold one world: the tables in ministack, the records in the index's stand-in."""

    world: World
    url: str
    state: str
    algolia: AlgoliaServer
    dynamodb: "DynamoDBClient"

    def environ(self, reports: Path) -> Mapping[str, str]:
        """Return the environment that points the job at these stores."""
        there = Embedded(self.world, self.url, self.algolia).environ(reports)
        return {**there, "RECONCILE_STATE_TABLE": self.state}

    def rows(self, table: str = "") -> dict[Key, Row]:
        """Return the rows of a table, the application's unless another is named."""
        return rows_of(self.dynamodb, table or self.world.table)

    def records(self) -> dict[str, dict[str, Any]]:
        """Return the search records."""
        return self.algolia.records(self.world.index)


def rows_of(dynamodb: "DynamoDBClient", table: str) -> dict[Key, Row]:
    """Return the rows of a table."""
    pages = dynamodb.get_paginator("scan").paginate(TableName=table)
    items: list[Any] = [item for page in pages for item in page["Items"]]
    return {(item["pk"]["S"], item["sk"]["S"]): item for item in items}


def client(service: str, url: str) -> Any:
    """Return a client of somebody else than the job, who waits for an answer and does not ask twice."""
    keys = {"aws_access_key_id": "sandbox", "aws_secret_access_key": "sandbox"}
    patient = Config(read_timeout=900, retries={"total_max_attempts": 1})
    return boto3.client(  # type: ignore[call-overload]
        service, endpoint_url=url, region_name=REGION, config=patient, **keys
    )


def upload(world: World, url: str) -> None:
    """Make the buckets and put a world's objects."""
    s3 = client("s3", url)
    for bucket in (*world.buckets, *world.media_buckets):
        s3.create_bucket(Bucket=bucket)
    for one in world.objects:
        kept: Any = {"StorageClass": one.storage_class} if one.storage_class else {}
        s3.put_object(Bucket=one.bucket, Key=one.key, Body=one.body, **kept)


@contextmanager
def filled(world: World, url: str, state: str) -> Iterator[Place]:
    """Make the tables, fill them and an index with a world, and drop them in the end."""
    dynamodb: DynamoDBClient = client("dynamodb", url)
    tables = {world.table: ("GSI1PK", "GSI1SK"), state: ()}
    for name, index in tables.items():
        make_table(dynamodb, name, index)
    for item in world.items:
        dynamodb.put_item(TableName=world.table, Item=item)
    with AlgoliaServer(app_id=APP_ID, keys={API_KEY: AlgoliaKey(ACL, frozenset((world.index,)))}) as algolia:
        algolia.put(world.index, world.records)
        yield Place(world, url, state, algolia, dynamodb)
    for name in tables:
        dynamodb.delete_table(TableName=name)
    dynamodb.close()


def make_table(dynamodb: Any, name: str, index: tuple[str, ...]) -> None:
    """Make a table with the keys pk and sk, and the index GSI1 where its two keys are named."""

    def schema(names: tuple[str, ...]) -> list[dict[str, str]]:
        kinds = ("HASH", "RANGE")
        return [{"AttributeName": one, "KeyType": kind} for one, kind in zip(names, kinds, strict=True)]

    keys, everything = ("pk", "sk"), {"ProjectionType": "ALL"}
    listed = [{"IndexName": "GSI1", "KeySchema": schema(index), "Projection": everything}] if index else []
    dynamodb.create_table(
        TableName=name,
        KeySchema=schema(keys),
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in (*keys, *index)],
        BillingMode="PAY_PER_REQUEST",
        **({"GlobalSecondaryIndexes": listed} if listed else {}),
    )
