"""Write to the application's table: each write is one transaction with its journal entry and the lease."""

from typing import Any

from reconcile.model.catalog import RowKey
from reconcile.model.clock import write_time
from reconcile.model.journal import JournalEntry
from reconcile.model.search_record import Image
from reconcile.model.snapshot import LedgerEntry
from reconcile.stores.ledger_items import ledger_actions
from reconcile.stores.state_items import ABSENT
from reconcile.stores.transactions import Transactions, TransactionStep, as_expected
from reconcile.stores.write_ports import GroupGain, Update, WriteOutcome

PERMISSIONS = (
    ("dynamodb:PutItem", "arn:aws:dynamodb:*:*:table/{table}"),
    ("dynamodb:UpdateItem", "arn:aws:dynamodb:*:*:table/{table}"),
    ("dynamodb:PutItem", "arn:aws:dynamodb:*:*:table/{state_table}"),
    ("dynamodb:ConditionCheckItem", "arn:aws:dynamodb:*:*:table/{table}"),
    ("dynamodb:ConditionCheckItem", "arn:aws:dynamodb:*:*:table/{state_table}"),
)


class DynamoWriter:
    """Creates programs and groups, and changes rows."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions
        self._table, self._state = transactions.table, transactions.state_table

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
        steps: list[TransactionStep] = [("already", action) for action in actions]
        return self._transactions.make([*steps, *self._counting(group, entry)], [entry])

    def change_row(self, update: Update, group: GroupGain | None, entry: JournalEntry) -> WriteOutcome:
        """Change a row on condition that it is as it was read and that the rows `beside` exist."""
        steps: list[TransactionStep] = [("changed", {"Update": self._update(update)})]
        steps += [("changed", {"ConditionCheck": self._exists(key)}) for key in update.beside]
        return self._transactions.make([*steps, *self._counting(group, entry)], [entry])

    def create_group(
        self, item: Image, show: Update, entries: tuple[JournalEntry, JournalEntry]
    ) -> WriteOutcome:
        """Create a group and set it on its show, on condition that the show is as it was read."""
        group = {"TableName": self._table, "Item": item, **ABSENT}
        steps: list[TransactionStep] = [
            ("already", {"Put": group}),
            ("changed", {"Update": self._update(show)}),
        ]
        return self._transactions.make(steps, entries)

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

    def _counting(self, group: GroupGain | None, entry: JournalEntry) -> list[TransactionStep]:
        return [("group-changed", self._gain(group, write_time(entry.at)))] if group else []

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
