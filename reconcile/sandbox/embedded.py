"""The embedded stores: S3 and DynamoDB from moto's server, and an index of our own, all on loopback."""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reconcile.sandbox.algolia import AlgoliaKey, AlgoliaServer
from reconcile.sandbox.aws import aws_server
from reconcile.sandbox.ivs_storage import StorageServer
from reconcile.sandbox.setup import ACCOUNT, REGION, Setup, put_setup
from reconcile.sandbox.world import StoredObject, World

APP_ID, API_KEY = "SANDBOX", "sandbox-key"
STATE_TABLE = "reconcile-state"
LOOPBACK = "127.0.0.1,localhost"
_RESTORED_FOR = 7
"""Days."""
ACL = frozenset(("browse", "search", "addObject", "deleteObject", "settings"))


@dataclass(frozen=True)
class Embedded:
    """Stores that run, filled with a world; `more` of the environment names what is set up around them."""

    world: World
    aws_url: str
    algolia: AlgoliaServer
    more: Mapping[str, str] = field(default_factory=dict)

    def environ(self, reports: Path) -> Mapping[str, str]:
        """Return the environment that points the commands at these stores."""
        world = self.world
        return {
            "AWS_ENDPOINT_URL": self.aws_url,
            "AWS_ACCESS_KEY_ID": "sandbox",
            "AWS_SECRET_ACCESS_KEY": "sandbox",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false",
            # No proxy stands between this machine and itself; both spellings are read.
            "NO_PROXY": LOOPBACK,
            "no_proxy": LOOPBACK,
            "RECONCILE_STAGE": "sandbox",
            "RECONCILE_BUCKET": ",".join(world.buckets),
            "RECONCILE_TABLE": world.table,
            "RECONCILE_STATE_TABLE": STATE_TABLE,
            "RECONCILE_PLAYBACK_DOMAIN": world.playback_domain,
            "RECONCILE_OLD_DOMAINS": ",".join(world.old_domains),
            "RECONCILE_ALGOLIA_APP_ID": APP_ID,
            "RECONCILE_ALGOLIA_API_KEY": API_KEY,
            "RECONCILE_ALGOLIA_INDEX": world.index,
            "RECONCILE_ALGOLIA_HOST": self.algolia.url,
            "RECONCILE_REPORTS": str(reports),
            "RECONCILE_READ_UNITS": "100000",
            "RECONCILE_MODE": "repair",
            **self.more,
        }


@contextmanager
def embedded(world: World, setup: Setup | None = None) -> Iterator[Embedded]:
    """Start the stores on free ports, fill them with a world, and stop them in the end.

    With a setup, the live system around them is there as well.
    """
    with ExitStack() as stack:
        stack.enter_context(_environ({"AWS_ACCESS_KEY_ID": "sandbox", "AWS_SECRET_ACCESS_KEY": "sandbox"}))
        url = stack.enter_context(aws_server())
        _fill_aws(world)
        stack.callback(_forget_aws)
        key = AlgoliaKey(ACL, frozenset((world.index,)))
        algolia = stack.enter_context(AlgoliaServer(app_id=APP_ID, keys={API_KEY: key}))
        algolia.put(world.index, world.records)
        more: Mapping[str, str] = {}
        if setup:
            put_setup(setup, world.buckets, _backend)
            storage = stack.enter_context(StorageServer(setup.storages))
            more = {**setup.environ(), "AWS_ENDPOINT_URL_IVS_REALTIME": storage.url}
            algolia.set_up(world.index, setup.settings)
        yield Embedded(world, url, algolia, more)


@contextmanager
def _environ(values: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _fill_aws(world: World) -> None:
    """Put a world into moto's own memory: through HTTP nobody could set a LastModified."""
    _forget_aws()
    s3: Any = _backend("s3")
    for bucket in (*world.buckets, *world.media_buckets):
        s3.create_bucket(bucket, REGION)
    for stored in world.objects:
        put_object(stored)
    dynamodb: Any = _backend("dynamodb")
    # The application lists a group's programs by an index.
    _create_table(dynamodb, world.table, {"GSI1": ("GSI1PK", "GSI1SK")})
    _create_table(dynamodb, STATE_TABLE, {})
    for item in world.items:
        dynamodb.put_item(world.table, item)


def put_object(stored: StoredObject) -> None:
    """Put an object with its own LastModified into the embedded S3."""
    s3: Any = _backend("s3")
    key = s3.put_object(stored.bucket, stored.key, stored.body, storage=stored.storage_class or None)
    if "false" in stored.restore:
        key.restore(_RESTORED_FOR)
    key.last_modified = stored.modified.replace(tzinfo=None)


def _create_table(dynamodb: Any, name: str, indexes: Mapping[str, tuple[str, str]]) -> None:
    keys = ("pk", "sk")
    everything = {"ProjectionType": "ALL"}
    dynamodb.create_table(
        name,
        schema=_schema(*keys),
        attr=[
            {"AttributeName": key, "AttributeType": "S"} for pair in (keys, *indexes.values()) for key in pair
        ],
        throughput=None,
        global_indexes=[
            {"IndexName": index, "KeySchema": _schema(*pair), "Projection": everything}
            for index, pair in indexes.items()
        ],
        indexes=[],
        streams=None,
        billing_mode="PAY_PER_REQUEST",
        sse_specification=None,
        tags=[],
        deletion_protection_enabled=None,
        warm_throughput=None,
    )
    dynamodb.update_continuous_backups(name, {"PointInTimeRecoveryEnabled": True})


def _schema(partition: str, sort: str) -> list[dict[str, str]]:
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]


def _backend(service: str) -> Any:
    from moto.backends import get_backend

    region = "aws" if service in ("s3", "iam") else REGION
    backends: Any = get_backend(service)
    return backends[ACCOUNT][region]


def _forget_aws() -> None:
    for service in ("s3", "dynamodb", "iam", "lambda"):
        _backend(service).reset()
