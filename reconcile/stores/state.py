"""The job's own memory in one small table: environment, ledger, journal, runs and the lease."""

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from reconcile.model.clock import parse_time, write_time
from reconcile.model.recording import RecordingKey, program_id_of
from reconcile.model.snapshot import LedgerEntry
from reconcile.stores.aws import FAULTS, Patience, code_of, told
from reconcile.stores.ports import Entry, Environment

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PERMISSIONS = (
    ("dynamodb:GetItem", "arn:aws:dynamodb:*:*:table/{state_table}"),
    ("dynamodb:Query", "arn:aws:dynamodb:*:*:table/{state_table}"),
    ("dynamodb:PutItem", "arn:aws:dynamodb:*:*:table/{state_table}"),
    ("dynamodb:UpdateItem", "arn:aws:dynamodb:*:*:table/{state_table}"),
)

_WRITERS = 8
ABSENT: Mapping[str, Any] = {"ConditionExpression": "attribute_not_exists(pk)"}
ENVIRONMENT_KEY = {"pk": {"S": "environment"}, "sk": {"S": "environment"}}


def to_item(values: Mapping[str, Any]) -> dict[str, Any]:
    """Write plain values as DynamoDB sends them; absent and None are the same."""
    return {name: to_value(value) for name, value in values.items() if value is not None}


def to_value(value: Any) -> dict[str, Any]:
    """Write one plain value, a float included, as DynamoDB sends it."""
    written: Any = TypeSerializer().serialize(_exact(value))
    return dict(written)


def _exact(value: Any) -> Any:
    """Return a value without floats, which boto3 refuses; a number that DynamoDB cannot hold becomes text."""
    if isinstance(value, Mapping):
        return {name: _exact(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_exact(part) for part in value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    number = Decimal(str(value))
    # 38 digits, https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
    holds = number.is_finite() and len(number.as_tuple().digits) <= 38 and -130 <= number.adjusted() <= 125
    return number if holds else str(value)


def from_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """Read what to_item wrote."""
    deserialize = TypeDeserializer().deserialize
    return {name: _plain(deserialize(value)) for name, value in item.items()}


def _plain(value: Any) -> Any:
    """Return a value with plain numbers in place of decimals."""
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def ledger_item(entry: LedgerEntry) -> dict[str, Any]:
    """Return the item of a ledger entry; its sort key is a hash, for a prefix may be longer than a key."""
    bucket, prefix = entry.key
    values = {
        "pk": "ledger",
        "sk": program_id_of(entry.key),
        "bucket": bucket,
        "prefix": prefix,
        "programs": dict(entry.programs),
        "how": entry.how,
    }
    return to_item(values)


def ledger_as_read(entry: LedgerEntry | None) -> Mapping[str, Any]:
    """Return the condition that a recording's ledger entry is still as it was read, or still absent."""
    if entry is None:
        return ABSENT
    return {
        "ConditionExpression": "#p = :p",
        "ExpressionAttributeNames": {"#p": "programs"},
        "ExpressionAttributeValues": {":p": ledger_item(entry)["programs"]},
    }


def journal_item(entry: Entry) -> dict[str, Any]:
    """Return the item of a journal entry."""
    values = {
        "pk": f"journal#{entry.run}",
        "sk": f"{entry.number:06d}",
        "what": entry.what,
        "target": dict(entry.target),
        "before": dict(entry.before),
        "after": dict(entry.after),
        "at": write_time(entry.at),
    }
    return to_item(values)


class DynamoState:
    """Keeps the job's memory in a table with text keys `pk` and `sk`."""

    def __init__(
        self, client: "DynamoDBClient", table: str, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._client, self._table = client, table
        self._patience = Patience(sleep=sleep)

    def environment(self) -> Environment | None:
        """Return the environment, or None before the first run; raises SourceError."""
        answer = self._asked(
            lambda: self._client.get_item(TableName=self._table, Key=ENVIRONMENT_KEY, ConsistentRead=True)
        )
        return _environment(from_item(answer["Item"])) if answer.get("Item") else None

    def settle_environment(self, wanted: Environment) -> Environment:
        """Fix the environment if nobody has, add new buckets; return what stands. Raises SourceError."""
        values = {
            "pk": "environment",
            "sk": "environment",
            "stage": wanted.stage,
            "table": wanted.table,
            "index": wanted.index,
            "buckets": sorted(wanted.buckets),
        }
        self._put(to_item(values), ABSENT)
        standing = self.environment() or wanted
        added = sorted({*standing.buckets, *wanted.buckets})
        if added == sorted(standing.buckets):
            return standing
        self._update_environment("SET #n = :v", "buckets", added)
        return self.environment() or wanted

    def mark_first_repair(self, moment: datetime) -> datetime:
        """Remember when the first repair began, unless it is known; return what stands."""
        self._update_environment("SET #n = if_not_exists(#n, :v)", "first_repair", write_time(moment))
        standing = self.environment()
        return (standing.first_repair if standing else None) or moment

    def mark_whole_repair(self, moment: datetime) -> None:
        """Remember when the newest repair began that read everything to its end; raises SourceError."""
        self._update_environment("SET #n = :v", "last_whole_repair", write_time(moment))

    def _update_environment(self, expression: str, name: str, value: Any) -> None:
        self._asked(
            lambda: self._client.update_item(
                TableName=self._table,
                Key=ENVIRONMENT_KEY,
                UpdateExpression=expression,
                ConditionExpression="attribute_exists(pk)",
                ExpressionAttributeNames={"#n": name},
                ExpressionAttributeValues={":v": to_value(value)},
            )
        )

    def ledger(self) -> dict[RecordingKey, LedgerEntry]:
        """Return the whole ledger; raises SourceError."""
        entries = [
            LedgerEntry((item["bucket"], item["prefix"]), item["programs"], item["how"])
            for item in self._partition("ledger")
        ]
        return {entry.key: entry for entry in entries}

    def remember(self, entries: Iterable[tuple[LedgerEntry, LedgerEntry | None]]) -> int:
        """Enter what was seen in place of what was read; what another run entered since stands."""
        with ThreadPoolExecutor(_WRITERS) as pool:
            return sum(
                pool.map(lambda pair: self._put(ledger_item(pair[0]), ledger_as_read(pair[1])), entries)
            )

    def runs(self, limit: int) -> list[dict[str, Any]]:
        """Return the newest runs' summaries, newest first; raises SourceError."""
        return [_without_keys(item) for item in self._partition("run", limit=limit)]

    def record_run(self, run: str, summary: Mapping[str, Any]) -> None:
        """Keep a run's summary; raises SourceError."""
        self._put(to_item({"pk": "run", "sk": run, **summary}), {})

    def enter(self, entry: Entry) -> None:
        """Write a journal entry that goes with no transaction; raises SourceError."""
        self._put(journal_item(entry), {})

    def journal(self, run: str) -> list[dict[str, Any]]:
        """Return a run's journal, in order; raises SourceError."""
        return [_without_keys(item) for item in self._partition(f"journal#{run}")[::-1]]

    def _partition(self, pk: str, limit: int | None = None) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        arguments: dict[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": "#pk = :pk",
            "ExpressionAttributeNames": {"#pk": "pk"},
            "ExpressionAttributeValues": {":pk": {"S": pk}},
            "ConsistentRead": True,
            "ScanIndexForward": False,
        }
        while limit is None or len(found) < limit:
            page = self._asked(lambda: self._client.query(**arguments))
            found += [from_item(item) for item in page.get("Items", [])]
            if not page.get("LastEvaluatedKey"):
                break
            arguments["ExclusiveStartKey"] = page["LastEvaluatedKey"]
        return found[:limit]

    def _put(self, item: dict[str, Any], condition: Mapping[str, Any]) -> bool:
        put: Any = self._client.put_item
        doing = f"writing to the state table {self._table}"
        try:
            self._patience.call(doing, lambda: put(TableName=self._table, Item=item, **condition))
        except FAULTS as error:
            if isinstance(error, ClientError) and code_of(error) == "ConditionalCheckFailedException":
                return False
            raise told(error, doing) from error
        return True

    def _asked(self, request: Callable[[], Any]) -> Any:
        doing = f"using the state table {self._table}"
        try:
            return self._patience.call(doing, request)
        except FAULTS as error:
            raise told(error, doing) from error


def _without_keys(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name not in ("pk", "sk")}


def _environment(item: Mapping[str, Any]) -> Environment:
    first, last = item.get("first_repair"), item.get("last_whole_repair")
    return Environment(
        stage=item["stage"],
        table=item["table"],
        index=item["index"],
        buckets=tuple(item["buckets"]),
        first_repair=parse_time(first) if first else None,
        last_whole_repair=parse_time(last) if last else None,
    )
