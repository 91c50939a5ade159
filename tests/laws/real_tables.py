"""A world whose two tables are those of an embedded DynamoDB, written to by the job's own adapters."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any, cast

import boto3

from reconcile.runs.ports import Ports, Tools
from reconcile.sandbox.aws import aws_server
from reconcile.stores.aws import Meter, client_config
from reconcile.stores.dynamodb import DynamoRows
from reconcile.stores.dynamodb_writing import DynamoWriter
from reconcile.stores.lease import DynamoLease
from reconcile.stores.responses import watch
from reconcile.stores.state import DynamoState
from reconcile.stores.transactions import LEASE_KEY, Transactions
from reconcile.stores.write_ports import Lease
from tests.contract.dynamo_rules import obey
from tests.doubles.memory import MemoryTable
from tests.doubles.memory_state import MemoryState
from tests.scenario.cycle import Cycle, Item
from tests.scenario.small import Small

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_NUMBERS = count(1)
FOR_EVER = "9999999999"


def at_once(seconds: float) -> None:
    """Wait for nothing between two tries."""


@dataclass
class RealTable:
    """The application's table as the adapters read and write it, and as others see it."""

    client: "DynamoDBClient"
    name: str
    state_name: str
    lease: Lease | None = None
    before: Callable[[str], None] = lambda name: None
    """Told the name of each write before it is made."""

    def __getattr__(self, name: str) -> Any:
        if name in ("create_program", "change_row", "create_group"):
            assert self.lease
            self.before(name)
            return getattr(
                DynamoWriter(Transactions(self.client, self.name, self.state_name, self.lease, at_once)), name
            )
        return getattr(DynamoRows(self.client, self.name, 1e9, Meter(), at_once), name)

    @property
    def items(self) -> Mapping[tuple[str, str], Item]:
        """All rows as they stand."""
        pages = self.client.get_paginator("scan").paginate(TableName=self.name)
        return {(item["pk"]["S"], item["sk"]["S"]): item for page in pages for item in page["Items"]}

    def put(self, *items: Item) -> None:
        """Put rows, as others do."""
        for item in items:
            self.client.put_item(TableName=self.name, Item=item)

    def delete(self, key: tuple[str, str]) -> None:
        """Delete a row, as its owner does."""
        self.client.delete_item(TableName=self.name, Key={"pk": {"S": key[0]}, "sk": {"S": key[1]}})


@dataclass
class RealCycle(Cycle):
    """Runs over real tables; buckets and index are in memory."""

    @property
    def real(self) -> RealTable:
        """The application's table."""
        return cast("RealTable", self.table)

    def tools(self, ports: Ports) -> Tools:
        """Return what a repair has besides, with the real lease."""
        table = self.real

        def lease() -> AbstractContextManager[Lease]:
            return DynamoLease(
                table.client, table.state_name, ports.run, lambda: self.now.timestamp(), sleep=at_once
            )

        return replace(super().tools(ports), lease=lease)

    def take_lease(self) -> None:
        """Let another run have the lease from now on."""
        others = {**LEASE_KEY, "run": {"S": "others"}, "token": {"S": "others"}, "until": {"N": FOR_EVER}}
        self.real.client.put_item(TableName=self.real.state_name, Item=others)


@contextmanager
def real_tables(small: Small) -> Iterator[RealCycle]:
    """Fill tables of their own with a world, in which repairs were made before."""
    memory = RealCycle.of(small.world())
    with aws_server() as url:
        client = _session().client("dynamodb", endpoint_url=url, config=client_config(retries=1))
        client.meta.events.register("provide-client-params.dynamodb", _hold)
        watch(client)
        try:
            table = RealTable(client, _new_table(client), _new_table(client))
            table.put(*memory.table.items.values())
            state = DynamoState(client, table.state_name, at_once)
            cycle = replace(
                memory, table=cast("MemoryTable", table), state=cast("MemoryState", state), facts=None
            )
            state.bind_environment(cycle.ports().memory.environment)
            yield cast("RealCycle", cycle)
        finally:
            client.close()


@cache
def _session() -> boto3.Session:
    return boto3.Session("sandbox", "sandbox", region_name="us-east-1")


def _hold(params: Mapping[str, Any], model: Any, **_: object) -> None:
    obey(model.name, params)


def _new_table(client: "DynamoDBClient") -> str:
    name, keys = f"laws-{next(_NUMBERS)}", ("pk", "sk")
    client.create_table(
        TableName=name,
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
        BillingMode="PAY_PER_REQUEST",
    )
    return name
