"""The state table: environment, ledger, journal, runs and decisions."""

import json
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import ClientError

from reconcile.model.decision import Decision, with_outgrown
from reconcile.model.errors import SourceError
from reconcile.model.journal import JournalEntry
from reconcile.model.parallel import at_once
from reconcile.model.recording import RecordingKey
from reconcile.model.snapshot import LedgerEntry
from reconcile.stores.attributes import from_item, to_item
from reconcile.stores.aws import FAULTS, Patience, code_of, source_error
from reconcile.stores.environment import DynamoEnvironment
from reconcile.stores.journal_items import journal_item, journal_key, journal_of
from reconcile.stores.ledger_items import (
    LEDGER_PARTITIONS,
    ledger_as_read,
    ledger_item,
    ledger_of,
    ledger_places,
)
from reconcile.stores.state_items import DECISIONS, OUTGROWN, decision_item, decision_of, without_keys
from reconcile.stores.tables import Table
from reconcile.stores.timeouts import endless
from reconcile.stores.transactions import LEASE_KEY

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

T = TypeVar("T")

PERMISSIONS = (
    ("dynamodb:Query", "arn:aws:dynamodb:*:*:table/{state_table}"),
    ("dynamodb:PutItem", "arn:aws:dynamodb:*:*:table/{state_table}"),
    ("dynamodb:UpdateItem", "arn:aws:dynamodb:*:*:table/{state_table}"),
)

_WRITERS = 8
_TOGETHER, _TOGETHER_BYTES = 100, 3_500_000


class DynamoState(DynamoEnvironment):
    """Stores the job's state in a table with string keys `pk` and `sk`; `left` bounds its calls."""

    def __init__(
        self,
        client: "DynamoDBClient",
        table: str,
        sleep: Callable[[float], None] = time.sleep,
        left: Callable[[], float] = endless,
    ) -> None:
        self._client, self._table = client, table
        self._patience = Patience(sleep=sleep, left=left)
        self._reading = Table(client, table, self._patience)

    def ledger(self) -> dict[RecordingKey, LedgerEntry]:
        """Return the whole ledger; raises SourceError."""
        parts = at_once(
            lambda pk: self._partition(pk, ledger_of), LEDGER_PARTITIONS, width=len(LEDGER_PARTITIONS)
        )
        return {entry.key: entry for part in parts for entry in part}

    def ledger_entry(self, key: RecordingKey) -> LedgerEntry | None:
        """Return what the ledger says of one recording, or None; raises SourceError."""
        entries = (self._item(place, ledger_of) for place in ledger_places(key))
        return next((entry for entry in entries if entry), None)

    def remember(self, entries: Iterable[tuple[LedgerEntry, LedgerEntry | None]]) -> int:
        """Replace ledger entries that are as they were read; changes by other runs are kept."""
        with ThreadPoolExecutor(_WRITERS) as pool:
            return sum(
                pool.map(lambda pair: self._put(ledger_item(pair[0]), ledger_as_read(pair[1])), entries)
            )

    def runs(self, limit: int) -> list[dict[str, Any]]:
        """Return the newest runs' summaries, newest first; raises SourceError."""
        return self._partition("run", without_keys, limit=limit)

    def run(self, run: str) -> dict[str, Any] | None:
        """Return one run's summary, or None; raises SourceError."""
        return self._item({"pk": {"S": "run"}, "sk": {"S": run}}, without_keys)

    def save_run(self, run: str, summary: Mapping[str, Any]) -> None:
        """Save a run's summary; raises SourceError."""
        self._put(to_item({"pk": "run", "sk": run, **summary}), {})

    def enter_all(self, entries: Sequence[JournalEntry]) -> None:
        """Write journal entries ahead of the writes they describe; raises SourceError."""
        puts = [{"Put": {"TableName": self._table, "Item": journal_item(entry)}} for entry in entries]
        for together in _portions(puts):
            self._transact(together)

    def mark_done(self, entries: Sequence[JournalEntry]) -> None:
        """Mark entries as done after their writes; raises SourceError."""
        marks = [
            {
                "Update": {
                    "TableName": self._table,
                    "Key": journal_key(entry),
                    "UpdateExpression": "SET #d = :d",
                    "ExpressionAttributeNames": {"#d": "done"},
                    "ExpressionAttributeValues": {":d": {"BOOL": True}},
                }
            }
            for entry in entries
        ]
        for together in _portions(marks):
            self._transact(together)

    def _transact(self, actions: list[Any]) -> None:
        # The same token on each try: an answer that was lost is no reason to write twice.
        token = secrets.token_hex(16)
        self._reading.ask(
            self._doing,
            lambda: self._client.transact_write_items(TransactItems=actions, ClientRequestToken=token),
        )

    def holder(self, now: datetime) -> str | None:
        """Return the run that holds the lease, or None; raises SourceError."""
        lease_holder = self._item(LEASE_KEY, lambda lease: (str(lease["run"]), float(lease["until"])))
        return lease_holder[0] if lease_holder and lease_holder[1] > now.timestamp() else None

    def journal(self, run: str) -> list[JournalEntry]:
        """Return a run's journal, in order; raises SourceError."""
        return self._raw_partition(f"journal#{run}", journal_of)[::-1]

    def decisions(self) -> dict[str, Decision]:
        """Return all decisions by id, including expired and undone ones; raises SourceError."""
        decided, outgrown = at_once(self._decisions, (DECISIONS, OUTGROWN), width=2)
        return with_outgrown(decided, outgrown.values())

    def decide(self, decisions: Iterable[Decision]) -> None:
        """Save decisions; each replaces the one with the same id. Raises SourceError."""
        self._keep_decisions(DECISIONS, decisions)

    def end_outgrown(self, decisions: Iterable[Decision]) -> None:
        """Save that a run ended decisions, for what they allow it to; raises SourceError."""
        self._keep_decisions(OUTGROWN, decisions)

    def _decisions(self, pk: str) -> dict[str, Decision]:
        return {decision.id: decision for decision in self._partition(pk, decision_of)}

    def _keep_decisions(self, pk: str, decisions: Iterable[Decision]) -> None:
        items = {decision.id: decision_item(decision, pk) for decision in decisions}
        with ThreadPoolExecutor(_WRITERS) as pool:
            for _ in pool.map(lambda item: self._put(item, {}), items.values()):
                pass
        kept = self._decisions(pk) if items else {}
        if any(name not in kept or decision_item(kept[name], pk) != items[name] for name in items):
            raise SourceError(f"the state table {self._table} does not keep what is written to it")

    def _partition(
        self, pk: str, read: Callable[[Mapping[str, Any]], T], limit: int | None = None
    ) -> list[T]:
        """Return the items of a partition as `read` understands them, the greatest sort key first."""
        return self._raw_partition(pk, partial(_understood, read), limit)

    def _raw_partition(
        self, pk: str, read: Callable[[Mapping[str, Any]], T], limit: int | None = None
    ) -> list[T]:
        """Return the same, of items as DynamoDB sends them."""
        entries: list[T] = []
        arguments = self._reading.partition(pk, ScanIndexForward=False)
        for _, items in self._reading.pages(self._client.query, self._doing, arguments, read):
            entries += items
            if limit is not None and len(entries) >= limit:
                break
        return entries[:limit]

    def _item(self, key: Mapping[str, Any], read: Callable[[Mapping[str, Any]], T]) -> T | None:
        return self._reading.item(key, self._doing, partial(_understood, read))

    def _put(self, item: dict[str, Any], condition: Mapping[str, Any]) -> bool:
        put: Any = self._client.put_item
        doing = f"writing to the state table {self._table}"
        try:
            self._patience.call(doing, lambda: put(TableName=self._table, Item=item, **condition))
        except FAULTS as error:
            if isinstance(error, ClientError) and code_of(error) == "ConditionalCheckFailedException":
                return False
            raise source_error(error, doing) from error
        return True


def _portions(actions: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Yield actions in batches that fit into one transaction.

    100 actions and 4 MB, https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
    """
    portion, size = list[dict[str, Any]](), 0
    for action in actions:
        # Bytes are written out, which is longer than they are.
        more = len(json.dumps(action, ensure_ascii=False, default=repr).encode("utf-8", "replace"))
        if portion and (len(portion) == _TOGETHER or size + more > _TOGETHER_BYTES):
            yield portion
            portion, size = [], 0
        portion.append(action)
        size += more
    if portion:
        yield portion


def _understood(read: Callable[[Mapping[str, Any]], T], item: Mapping[str, Any]) -> T:
    return read(from_item(item))
