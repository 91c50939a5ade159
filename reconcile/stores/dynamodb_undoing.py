"""Take back what a run wrote to the application's table; it deletes, which no scheduled role may."""

from collections.abc import Sequence
from typing import Any

from reconcile.model.journal import JournalEntry, LedgerWritten
from reconcile.model.reversal import RowEdit
from reconcile.stores.ledger_items import ledger_actions
from reconcile.stores.transactions import Transactions, TransactionStep, as_expected
from reconcile.stores.write_ports import WriteOutcome

PERMISSIONS = (
    ("dynamodb:UpdateItem", "arn:aws:dynamodb:*:*:table/{table}"),
    ("dynamodb:DeleteItem", "arn:aws:dynamodb:*:*:table/{table}"),
    ("dynamodb:PutItem", "arn:aws:dynamodb:*:*:table/{state_table}"),
    ("dynamodb:ConditionCheckItem", "arn:aws:dynamodb:*:*:table/{state_table}"),
)


class DynamoUndoer:
    """Gives rows back what they said."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions
        self._table, self._state = transactions.table, transactions.state_table

    def take_back(
        self, edits: Sequence[RowEdit], ledger: LedgerWritten | None, entries: Sequence[JournalEntry]
    ) -> WriteOutcome:
        """Edit rows that still say what is expected, and the ledger with them: all or nothing."""
        steps: list[TransactionStep] = [("changed", self._edit(edit)) for edit in edits]
        if ledger:
            actions = ledger_actions(self._state, ledger.after, ledger.before)
            steps += [("changed", action) for action in actions]
        return self._transactions.make(steps, entries)

    def _edit(self, edit: RowEdit) -> dict[str, Any]:
        names = {name: f"#a{n}" for n, name in enumerate(dict.fromkeys((*edit.expected, *edit.set_to)))}
        conditions, compared = as_expected(edit.expected, names)
        values = {f":s{n}": value for n, value in enumerate(edit.set_to.values()) if value is not None}
        sets = [f"{names[name]} = :s{n}" for n, (name, value) in enumerate(edit.set_to.items()) if value]
        removes = [names[name] for name, value in edit.set_to.items() if value is None]
        pk, sk = edit.key
        action: dict[str, Any] = {
            "TableName": self._table,
            "Key": {"pk": {"S": pk}, "sk": {"S": sk}},
            "ConditionExpression": " AND ".join(["attribute_exists(pk)", *conditions]),
        }
        if names:
            action["ExpressionAttributeNames"] = {alias: name for name, alias in names.items()}
        if compared or values:
            action["ExpressionAttributeValues"] = {**values, **compared}
        if edit.deletes:
            return {"Delete": action}
        clauses = (("SET", sets), ("REMOVE", removes))
        action["UpdateExpression"] = " ".join(
            f"{word} {', '.join(parts)}" for word, parts in clauses if parts
        )
        return {"Update": action}
