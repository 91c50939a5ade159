"""The lease: only one run at a time may write; it expires when its holder dies."""

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Event, Thread
from types import TracebackType
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from reconcile.model.documents import Attributes
from reconcile.model.errors import LeaseLost, SourceError
from reconcile.stores.aws import FAULTS, Patience, code_of
from reconcile.stores.tables import Table
from reconcile.stores.timeouts import endless
from reconcile.stores.transactions import LEASE_KEY

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PERMISSIONS = (("dynamodb:PutItem", "arn:aws:dynamodb:*:*:table/{state_table}"),)

SECONDS = 45
"""Lambda repeats a failed event after a minute: by then the lease of a run that was killed has expired.
Whoever finds it held does nothing, and ends well: the event would be lost.
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

_RENEW_EVERY = 15
_LONGEST_JOIN = 40.0
_FREE = "attribute_not_exists(pk) OR #u < :now OR #t = :t"
_OURS = "#t = :t"
_NOTHING: Attributes = {}


class AlreadyRunning(Exception):
    """Raised when another run holds the lease or the run key; this is an outcome, not an error."""


@dataclass(frozen=True, slots=True)
class Term:
    """The duration of a lease and its renewal interval, in seconds."""

    seconds: float
    renew_every: float


class RenewingLock:
    """Locks one item of the state table for a term; a thread renews the lock until it is released."""

    def __init__(
        self,
        client: "DynamoDBClient",
        table: str,
        item: Mapping[str, Any],
        term: Term,
        clock: Callable[[], float] = time.time,
        left: Callable[[], float] = endless,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client: Any = client
        self._table, self._term, self._clock, self._left = table, term, clock, left
        self._sleep = sleep
        self._token, self._until = secrets.token_hex(8), 0.0
        self._item = {**item, "token": {"S": self._token}}
        self._done = Event()
        self._keeper = Thread(target=self._keep, daemon=True, name="renewal")

    @property
    def token(self) -> str:
        """The token in the item while this process owns the lock."""
        return self._token

    def take(self, what: str, free: str = _FREE, **values: str) -> None:
        """Take it where the condition `free` holds; raises AlreadyRunning, SourceError.

        `#t` and `#u` are its token and the time until which it is held, `:t` our token and `:now` the time;
        `values` are further texts, each under its name.
        """
        doing = f"taking {what} in the state table {self._table}"
        patience = Patience(tries=4, sleep=self._sleep, left=self._left)
        table = Table(self._client, self._table, patience)
        table.ask(doing, lambda: self._write(free, self._end(), **values))
        key = {name: self._item[name] for name in ("pk", "sk")}
        if table.item(key, doing, lambda item: item["token"]["S"]) != self._token:
            # Whoever wins it reads it back: an answer that was none of the table's let nobody have it.
            raise SourceError(f"{doing}: the table does not keep what is written to it")
        self._keeper.start()

    def give_back(self, facts: Attributes = _NOTHING) -> None:
        """Let others have it, and let the item say some facts (in DynamoDB's JSON) from now on.

        May be repeated. Raises AlreadyRunning when another run took it over, and boto3's errors.
        """
        self._done.set()
        self._keeper.join(max(0.0, min(self._left(), _LONGEST_JOIN)))
        self._until = 0.0
        self._item |= facts
        self._write(_OURS, 0.0)

    @property
    def held(self) -> bool:
        """Whether the lock is certainly held: another run may own it if a renewal was late."""
        return self._clock() < self._until

    def _end(self) -> float:
        return self._clock() + self._term.seconds

    def _keep(self) -> None:
        while not self._done.wait(self._term.renew_every):
            try:
                Patience(tries=1, left=self._left).call("renewing", lambda: self._write(_OURS, self._end()))
            except AlreadyRunning:
                self._until = 0.0
                return
            except (SourceError, *FAULTS):
                continue

    def _write(self, condition: str, until: float, **values: str) -> None:
        names, given = {"#t": "token"}, {":t": {"S": self._token}}
        given |= {f":{name}": {"S": value} for name, value in values.items()}
        if "#u" in condition:
            names["#u"], given[":now"] = "until", {"N": f"{self._clock():.3f}"}
        try:
            self._client.put_item(
                TableName=self._table,
                Item={**self._item, "until": {"N": f"{until:.3f}"}},
                ConditionExpression=condition,
                ExpressionAttributeNames=names,
                ExpressionAttributeValues=given,
            )
        except ClientError as error:
            if code_of(error) == "ConditionalCheckFailedException":
                raise AlreadyRunning from error
            raise
        self._until = until


class DynamoLease:
    """Takes the lease for 45 seconds, renews it while in use, and releases it."""

    def __init__(
        self,
        client: "DynamoDBClient",
        table: str,
        run: str,
        clock: Callable[[], float] = time.time,
        renew_every: float = _RENEW_EVERY,
        left: Callable[[], float] = endless,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        item = {**LEASE_KEY, "run": {"S": run}}
        self._lock = RenewingLock(client, table, item, Term(SECONDS, renew_every), clock, left, sleep)
        self._left = left

    @property
    def token(self) -> str:
        """What each transaction checks."""
        return self._lock.token

    def check(self) -> None:
        """Return if the lease is certainly held; raises LeaseLost if another run may own it."""
        if not self._lock.held:
            raise LeaseLost("the lease could not be renewed in time: nothing more was written")

    def __enter__(self) -> "DynamoLease":
        """Take the lease; raises AlreadyRunning, SourceError."""
        self._lock.take("the lease")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            Patience(tries=1, left=self._left).call("giving the lease back", self._lock.give_back)
        except (AlreadyRunning, SourceError, *FAULTS):
            # Who took it over has it now; otherwise it runs out by itself.
            return
