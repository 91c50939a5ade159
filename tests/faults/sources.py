"""The sources and sinks of a run, each told by its requests, and the faults that each can have."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from reconcile.sandbox.embedded import STATE_TABLE
from tests.contract.loopback import Asked
from tests.faults.kinds import (
    BATCHED,
    BODY,
    DYNAMODB,
    EVERYWHERE,
    HEAD,
    HTTP,
    LISTING,
    OBJECT,
    PAGED,
    REST,
    Dialect,
)
from tests.faults.world import ARCHIVE
from tests.scenario.small import BUCKET, TABLE

_READS = ("GetItem", "Query", "BatchGetItem", "Scan")


@dataclass(frozen=True, slots=True)
class Source:
    """A source or sink: which requests are its, how it says no, and what else it can do wrong.

    `victim` is a part of path or body: requests of a kind that are made at the same moment differ, and the
    one that a fault strikes must not be left to chance.
    """

    name: str
    asks: Callable[[Asked], bool]
    dialect: Dialect
    more: tuple[str, ...] = ()
    writes: bool = False
    victim: str = ""

    @property
    def faults(self) -> tuple[str, ...]:
        """The names of the faults that it can have."""
        own = EVERYWHERE if self.dialect.body else tuple(one for one in EVERYWHERE if one not in BODY)
        return (*own, *self.more)


def _listed(bucket: str) -> Callable[[Asked], bool]:
    return lambda asked: "list-type" in asked.query and asked.path.strip("/") == bucket


def _got(method: str, bucket: str, *parts: str) -> Callable[[Asked], bool]:
    def asks(asked: Asked) -> bool:
        inside = asked.path.startswith(f"/{bucket}/") and len(asked.path) > len(bucket) + 2
        return inside and asked.method == method and (not parts or any(part in asked.path for part in parts))

    return asks


def _of_table(table: str, *operations: str) -> Callable[[Asked], bool]:
    return lambda asked: asked.operation in operations and table.encode() in asked.body


def _is_lease(asked: Asked) -> bool:
    return asked.operation in ("GetItem", "PutItem") and b'{"S": "lease"}' in asked.body


def _of_state(*, reads: bool) -> Callable[[Asked], bool]:
    def asks(asked: Asked) -> bool:
        # The name of the other table also stands among what is kept.
        of_other = f'"TableName": "{TABLE}"'.encode() in asked.body
        own = f'"{STATE_TABLE}"'.encode() in asked.body and not of_other
        return bool(asked.operation) and own and not _is_lease(asked) and (asked.operation in _READS) == reads

    return asks


def _algolia(end: str, method: str = "") -> Callable[[Asked], bool]:
    def asks(asked: Asked) -> bool:
        return asked.path.startswith("/1/") and end in asked.path and method in ("", asked.method)

    return asks


def _at(*starts: str) -> Callable[[Asked], bool]:
    return lambda asked: asked.path.startswith(starts)


def _is_configuration_of_bucket(asked: Asked) -> bool:
    return asked.path.strip("/") == BUCKET and bool({"notification", "policy"} & asked.query.keys())


def _is_archive_read(asked: Asked) -> bool:
    return asked.method in ("GET", "HEAD") and asked.path.startswith(f"/{ARCHIVE}")


SOURCES: Mapping[str, Source] = {
    source.name: source
    for source in (
        Source("S3 listing", _listed(BUCKET), LISTING, PAGED),
        Source("S3 events", _got("GET", BUCKET, "/events/"), OBJECT, victim="account/lost/"),
        Source("S3 manifests", _got("GET", BUCKET, ".m3u8"), OBJECT, victim="account/lost/"),
        Source("S3 media (HEAD)", _got("HEAD", BUCKET), HEAD, victim="account/stuck/"),
        Source("DynamoDB scan", _of_table(TABLE, "Scan"), DYNAMODB, PAGED),
        Source("DynamoDB query", _of_table(TABLE, "Query"), DYNAMODB, PAGED, victim="u#lost#programs"),
        Source("DynamoDB batch get", _of_table(TABLE, "BatchGetItem"), DYNAMODB, BATCHED),
        Source("DynamoDB transaction", _of_table(TABLE, "TransactWriteItems"), DYNAMODB, writes=True),
        Source("Algolia browse", _algolia("/browse"), REST, PAGED),
        Source("Algolia getObjects", _algolia("/*/objects"), REST),
        Source("Algolia save", _algolia("/batch"), REST, writes=True),
        Source("Algolia task", _algolia("/task/"), REST),
        Source("Algolia settings", _algolia("/settings"), REST),
        Source("state table, reads", _of_state(reads=True), DYNAMODB),
        Source("state table, writes", _of_state(reads=False), DYNAMODB, writes=True),
        Source("lease", _is_lease, DYNAMODB, writes=True),
        Source("reports, reads", _is_archive_read, OBJECT),
        Source("reports, writes", _got("PUT", ARCHIVE), OBJECT, writes=True),
        Source("mail", _at("/v2/email/"), REST, writes=True),
        Source("Slack", _at("/slack"), HTTP, writes=True),
        Source("webhook", _at("/hook"), HTTP, writes=True),
        Source("configuration of buckets", _is_configuration_of_bucket, LISTING),
        Source("configuration of functions", _at("/2015-03-31/functions/"), REST),
        Source("configuration of storage", _at("/GetStorageConfiguration"), REST),
        Source("playback", _at("/play/"), HTTP, victim="account/stuck/"),
    )
}
"""By name, in the order of the page."""
