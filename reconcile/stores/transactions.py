"""The transactions of a run: all or nothing, with their journal entries, and only while its lease is held."""

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError

from reconcile.model.attributes import Value
from reconcile.model.errors import LeaseLost, Refused
from reconcile.model.journal import JournalEntry
from reconcile.stores.aws import FAULTS, Patience, code_of, source_error
from reconcile.stores.journal_items import journal_item
from reconcile.stores.timeouts import endless
from reconcile.stores.write_ports import Lease, WriteOutcome

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

LEASE_KEY = {"pk": {"S": "lease"}, "sk": {"S": "lease"}}

TransactionStep = tuple[WriteOutcome, dict[str, Any]]
"""An action of a transaction, and what is told where its condition does not hold."""


class Transactions:
    """Makes transactions on a run's two tables; a run that lost its lease writes nothing."""

    def __init__(
        self,
        client: "DynamoDBClient",
        table: str,
        state_table: str,
        lease: Lease,
        sleep: Callable[[float], None] = time.sleep,
        left: Callable[[], float] = endless,
    ) -> None:
        self.table, self.state_table = table, state_table
        self._transact, self._lease = client.transact_write_items, lease
        self._patience = Patience(sleep=sleep, left=left)

    def make(self, steps: Sequence[TransactionStep], entries: Sequence[JournalEntry]) -> WriteOutcome:
        """Carry out the steps with their journal entries.

        Raises LeaseLost, Refused where an item cannot take what is written to it, SourceError.
        """
        self._lease.check()
        held = {
            "TableName": self.state_table,
            "Key": LEASE_KEY,
            "ConditionExpression": "#t = :t",
            "ExpressionAttributeNames": {"#t": "token"},
            "ExpressionAttributeValues": {":t": {"S": self._lease.token}},
        }
        journal = ({"Put": {"TableName": self.state_table, "Item": journal_item(entry)}} for entry in entries)
        items: Any = [*(action for _, action in steps), *journal, {"ConditionCheck": held}]
        # The same token on each try: a write whose answer was lost is not told as somebody else's.
        token, doing = secrets.token_hex(16), f"writing to the table {self.table}"
        try:
            self._patience.call(doing, lambda: self._attempt(items, token))
        except FAULTS as error:
            return _outcome(error, steps, items, doing)
        return "made"

    def _attempt(self, items: Any, token: str) -> None:
        try:
            self._transact(TransactItems=items, ClientRequestToken=token)
        except ClientError as error:
            codes = {reason.code for reason in _reasons(error)}
            if codes & _CONFLICTS and _NOT_AS_EXPECTED not in codes:
                raise ClientError(_AS_CONFLICT, "TransactWriteItems") from error
            raise


class _Reason(NamedTuple):
    """Why one action of a transaction cancelled it; `None` is the code of those that did not."""

    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.code}: {self.message.rstrip('.')}" if self.message else self.code


_NOT_AS_EXPECTED = "ConditionalCheckFailed"
_OF_ITS_ITEM = {"ValidationError", "ItemCollectionSizeLimitExceeded"}
"""The item would be too large, or holds another type than is added to: other writes are not concerned.
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html"""
_CONFLICTS = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
_AS_CONFLICT: Any = {
    "Error": {"Code": "TransactionConflictException", "Message": "other writes are in the way"}
}


def _outcome(
    error: Exception, steps: Sequence[TransactionStep], items: Sequence[Mapping[str, Any]], doing: str
) -> WriteOutcome:
    """Return what a condition that does not hold tells; raises LeaseLost, Refused, SourceError."""
    reasons = _reasons(error)
    if any(reason.code == _NOT_AS_EXPECTED for reason in reasons[len(items) - 1 :]):
        raise LeaseLost("another run took the lease: nothing more was written") from error
    for (outcome, _), reason in zip(steps, reasons, strict=False):
        if reason.code == _NOT_AS_EXPECTED:
            return outcome
    for action, reason in zip(items, reasons, strict=False):
        if reason.code in _OF_ITS_ITEM:
            raise Refused(f"writing {_item_of(action)}: {reason}. Shorten or correct it.") from error
    fault = source_error(error, doing)
    if _is_too_large(error):
        raise Refused(f"{fault} Shorten what is written.") from error
    raise fault from error


def _reasons(error: Exception) -> list[_Reason]:
    if not isinstance(error, ClientError) or code_of(error) != "TransactionCanceledException":
        return []
    told: Any = error.response.get("CancellationReasons", [])
    return [_Reason(str(reason.get("Code", "None")), str(reason.get("Message") or "")) for reason in told]


def _is_too_large(error: Exception) -> bool:
    """Whether an item that is put is too large: that is looked at first, and no action is named for it."""
    refused = isinstance(error, ClientError) and code_of(error) == "ValidationException"
    return refused and "Item size" in str(error)


def _item_of(action: Mapping[str, Any]) -> str:
    """Return which item an action is about: its key, and its table."""
    (request,) = action.values()
    key = request.get("Key") or request["Item"]
    return f"{key['pk']['S']} {key['sk']['S']} of the table {request['TableName']}"


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
