"""One embedded AWS and one scripted server for all contract tests, and every port in memory and for real."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from itertools import count
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest

from reconcile.sandbox.aws import aws_server
from reconcile.settings.load import load_settings
from reconcile.wiring import Wiring
from tests.contract.dynamo_rules import obey
from tests.contract.harness import (
    Buckets,
    Desk,
    ExportedDesk,
    MemoryBucketsHarness,
    MemoryDesk,
    RealBuckets,
    RealDesk,
)
from tests.contract.loopback import Loopback, unscripted
from tests.doubles.in_process import in_process

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_NUMBERS = count(1)


@contextmanager
def environ(url: str) -> Iterator[None]:
    """Point the job and boto3's own chain at a server on loopback, as a deployment would."""
    values = {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "RECONCILE_BUCKET": "videos",
        "RECONCILE_TABLE": "application",
        "RECONCILE_PLAYBACK_DOMAIN": "media.example",
        "RECONCILE_ALGOLIA_APP_ID": "APP",
        "RECONCILE_ALGOLIA_API_KEY": "unused",
    }
    with patch.dict(os.environ, values):
        yield


def wired(url: str) -> Wiring:
    """Return a wiring whose clients are made; each request to DynamoDB is held to the real one's rules."""
    with environ(url):
        wiring = Wiring(load_settings())
        clients: list[Any] = [wiring.s3, wiring.dynamodb]

    def hold(params: Mapping[str, Any], model: Any, **_: object) -> None:
        obey(model.name, params)

    clients[1].meta.events.register("provide-client-params.dynamodb", hold)
    return wiring


@pytest.fixture(scope="session")
def aws() -> Iterator[Wiring]:
    """The embedded AWS, as the wiring sees it."""
    with ExitStack() as stack:
        wiring = wired(stack.enter_context(aws_server()))
        stack.callback(wiring.s3.close)
        stack.callback(wiring.dynamodb.close)
        yield wiring


@pytest.fixture(scope="session")
def _stage() -> Iterator[tuple[Loopback, Wiring]]:
    with Loopback() as server:
        wiring = wired(server.url)
        yield server, wiring
        wiring.s3.close()
        wiring.dynamodb.close()


@pytest.fixture
def scripted(_stage: tuple[Loopback, Wiring]) -> Iterator[Loopback]:
    """A server whose `answer` the test sets; `stage` is the wiring that talks to it."""
    server, _ = _stage
    yield server
    server.answer = unscripted


@pytest.fixture
def stage(_stage: tuple[Loopback, Wiring]) -> Wiring:
    """The wiring whose clients talk to the scripted server."""
    return _stage[1]


def unique(stem: str) -> str:
    """Return a name that no other test has."""
    return f"{stem}-{next(_NUMBERS)}"


def new_table(client: "DynamoDBClient") -> str:
    """Create a table as both of the job's tables are."""
    name = unique("table")
    client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    return name


@pytest.fixture
def make_table(aws: Wiring) -> Callable[[], str]:
    """Makes a fresh table."""
    return lambda: new_table(aws.dynamodb)


@pytest.fixture(params=["memory", "real"])
def buckets(request: pytest.FixtureRequest) -> Buckets:
    """Buckets, in memory and for real."""
    if request.param == "memory":
        return MemoryBucketsHarness()
    return RealBuckets(request.getfixturevalue("aws"), unique)


@pytest.fixture
def real_desk(aws: Wiring) -> Iterator[RealDesk]:
    """Fresh tables of the embedded DynamoDB, with a lease that is held.

    Its requests are sent without sockets: they are many and small, and HTTP is what the scripted servers try.
    """
    with (
        in_process(aws.dynamodb.meta.endpoint_url),
        RealDesk.open(aws, new_table(aws.dynamodb), new_table(aws.dynamodb)) as real,
    ):
        yield real


@pytest.fixture(params=["memory", "export", "real"])
def rows_desk(request: pytest.FixtureRequest) -> Desk:
    """The application's table, in memory, exported and for real."""
    if request.param == "export":
        return ExportedDesk()
    real: RealDesk = request.getfixturevalue("real_desk")
    return real if request.param == "real" else MemoryDesk()


@pytest.fixture(params=["memory", "real"])
def desk(request: pytest.FixtureRequest) -> Desk:
    """The application's table and the job's memory, in memory and for real."""
    if request.param == "memory":
        return MemoryDesk()
    real: RealDesk = request.getfixturevalue("real_desk")
    return real
