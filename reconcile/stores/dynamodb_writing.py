"""Write to the application's table: each write is one transaction with its journal entry and the lease."""

import secrets
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from reconcile.model.attributes import Value
from reconcile.model.catalog import RowKey
from reconcile.model.errors import LeaseLost
from reconcile.model.journal import JournalEntry
from reconcile.model.search_record import Image
from reconcile.model.snapshot import LedgerEntry
from reconcile.stores.aws import FAULTS, Patience, code_of, source_error
from reconcile.stores.journal_items import journal_item
from reconcile.stores.ledger_items import ledger_actions
from reconcile.stores.state_items import ABSENT
from reconcile.stores.timeouts import endless
from reconcile.stores.write_ports import GroupGain, Lease, Update, WriteOutcome

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PERMISSIONS = (
    ("dynamodb:PutItem", "arn:aws:dynamodb:*:*:table/{table}"),
    ("dynamodb:UpdateItem", "arn:aws:dynamodb:*:*:table/{table}"),
    ("dynamodb:PutItem", "arn:aws:dynamodb:*:*:table/{state_table}"),
    ("dynamodb:ConditionCheckItem", "arn:aws:dynamodb:*:*:table/{table}"),
    ("dynamodb:ConditionCheckItem", "arn:aws:dynamodb:*:*:table/{state_table}"),
)

LEASE_KEY = {"pk": {"S": "lease"}, "sk": {"S": "lease"}}


class DynamoWriter:
    """Writes programs; `lease` is checked in every transaction, so that a run that lost it writes nothing."""

    def __init__(
        self,
        client: "DynamoDBClient",
        table: str,
        state_table: str,
        lease: Lease,
        sleep: Callable[[float], None] = time.sleep,
        left: Callable[[], float] = endless,
    ) -> None:
        self._client, self._table, self._state, self._lease = client, table, state_table, lease
        self._patience = Patience(sleep=sleep, left=left)

    def create_program(
        self,
        item: Image,
        group: GroupGain,
        ledger: LedgerEntry,
        expected: LedgerEntry | None,
        entry: JournalEntry,
    ) -> WriteOutcome:
        """Create a program; the ledger entry in the same transaction prevents a second one."""
        program = {"TableName": self._table, "Item": item, **ABSENT}
        actions = (*ledger_actions(self._state, ledger, expected), {"Put": program})
        return self._transact([("already", action) for action in actions], group, entry)

    def change_row(self, update: Update, group: GroupGain | None, entry: JournalEntry) -> WriteOutcome:
        """Change a row on condition that it is as it was read and that the rows `beside` exist."""
        steps: list[tuple[WriteOutcome, dict[str, Any]]] = [("changed", {"Update": self._update(update)})]
        steps += [("changed", {"ConditionCheck": self._exists(key)}) for key in update.beside]
        return self._transact(steps, group, entry)

    def create_group(
        self, item: Image, show: Update, entries: tuple[JournalEntry, JournalEntry]
    ) -> WriteOutcome:
        """Create a group and set it on its show, on condition that the show is as it was read."""
        made, named = entries
        group = {"TableName": self._table, "Item": item, **ABSENT}
        journal = {"TableName": self._state, "Item": journal_item(made)}
        steps: list[tuple[WriteOutcome, dict[str, Any]]] = [
            ("already", {"Put": group}),
            ("changed", {"Update": self._update(show)}),
            ("changed", {"Put": journal}),
        ]
        return self._transact(steps, None, named)

    def _exists(self, key: RowKey) -> dict[str, Any]:
        where = {"pk": {"S": key.pk}, "sk": {"S": key.sk}}
        return {"TableName": self._table, "Key": where, "ConditionExpression": "attribute_exists(pk)"}

    def _update(self, update: Update) -> dict[str, Any]:
        names = {name: f"#a{n}" for n, name in enumerate(dict.fromkeys((*update.set_to, *update.expected)))}
        values = {f":s{n}": value for n, value in enumerate(update.set_to.values())}
        sets = [f"{names[name]} = :s{n}" for n, name in enumerate(update.set_to)]
        conditions, compared = as_expected(update.expected, names)
        pk, sk = update.key
        return {
            "TableName": self._table,
            "Key": {"pk": {"S": pk}, "sk": {"S": sk}},
            "UpdateExpression": "SET " + ", ".join(sets),
            "ConditionExpression": " AND ".join(["attribute_exists(pk)", *conditions]),
            "ExpressionAttributeNames": {alias: name for name, alias in names.items()},
            "ExpressionAttributeValues": values | compared,
        }

    def _gain(self, group: GroupGain, at: str) -> dict[str, Any]:
        pk, sk = group.key
        common: dict[str, Any] = {"TableName": self._table, "Key": {"pk": {"S": pk}, "sk": {"S": sk}}}
        if group.counted is None:
            return {"ConditionCheck": {**common, "ConditionExpression": "attribute_exists(groupId)"}}
        names = {"programsCount": "#n", "updatedAt": "#u"}
        conditions, compared = as_expected({"programsCount": group.counted.before}, names)
        return {
            "Update": common
            | {
                "UpdateExpression": "SET #n = :after, #u = :at",
                "ConditionExpression": " AND ".join(["attribute_exists(groupId)", *conditions]),
                "ExpressionAttributeNames": {alias: name for name, alias in names.items()},
                "ExpressionAttributeValues": {":after": group.counted.after, ":at": {"S": at}, **compared},
            }
        }

    def _transact(
        self, steps: list[tuple[WriteOutcome, dict[str, Any]]], group: GroupGain | None, entry: JournalEntry
    ) -> WriteOutcome:
        self._lease.check()
        journal = journal_item(entry)
        if group:
            steps.append(("group-changed", self._gain(group, journal["at"]["S"])))
        reasons_held = {
            "TableName": self._state,
            "Key": LEASE_KEY,
            "ConditionExpression": "#t = :t",
            "ExpressionAttributeNames": {"#t": "token"},
            "ExpressionAttributeValues": {":t": {"S": self._lease.token}},
        }
        items: Any = [
            *(action for _, action in steps),
            {"Put": {"TableName": self._state, "Item": journal}},
            {"ConditionCheck": reasons_held},
        ]
        # The same token on each try: a write whose answer was lost is not told as somebody else's.
        token, doing = secrets.token_hex(16), f"writing to the table {self._table}"
        try:
            self._patience.call(doing, lambda: self._attempt(items, token))
        except FAULTS as error:
            reasons = _reasons(error)
            if reasons[len(items) - 1 :] == ["ConditionalCheckFailed"]:
                raise LeaseLost("another run took the lease: nothing more was written") from error
            for (outcome, _), reason in zip(steps, reasons, strict=False):
                if reason == "ConditionalCheckFailed":
                    return outcome
            raise source_error(error, doing) from error
        return "made"

    def _attempt(self, items: Any, token: str) -> None:
        try:
            self._client.transact_write_items(TransactItems=items, ClientRequestToken=token)
        except ClientError as error:
            if set(_reasons(error)) & _CONFLICTS and "ConditionalCheckFailed" not in _reasons(error):
                raise ClientError(_AS_CONFLICT, "TransactWriteItems") from error
            raise


_CONFLICTS = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
_AS_CONFLICT: Any = {
    "Error": {"Code": "TransactionConflictException", "Message": "other writes are in the way"}
}


def _reasons(error: Exception) -> list[str]:
    if not isinstance(error, ClientError) or code_of(error) != "TransactionCanceledException":
        return []
    reasons: Any = error.response.get("CancellationReasons", [])
    return [str(reason.get("Code", "None")) for reason in reasons]


def as_expected(
    expected: Mapping[str, Value | None], names: Mapping[str, str]
) -> tuple[list[str], dict[str, Value]]:
    """Return the conditions that attributes (by their aliases) are as expected, and the values in these."""
    conditions, values = list[str](), dict[str, Value]()
    for n, (name, value) in enumerate(expected.items()):
        if value is None:
            conditions.append(f"attribute_not_exists({names[name]})")
        elif "NULL" in value:
            # Some stand-ins take an absent attribute for one that equals null.
            conditions.append(f"attribute_type({names[name]}, :e{n})")
            values[f":e{n}"] = {"S": "NULL"}
        else:
            conditions.append(f"{names[name]} = :e{n}")
            values[f":e{n}"] = value
    return conditions, values
