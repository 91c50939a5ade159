"""The lease: one run at a time may write; it runs out by itself when its holder dies."""

import secrets
import time
from collections.abc import Callable
from threading import Event, Thread
from types import TracebackType
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from reconcile.model.errors import LeaseLost
from reconcile.stores.aws import FAULTS, Patience, code_of, told
from reconcile.stores.dynamodb_writing import LEASE_KEY

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PERMISSIONS = (("dynamodb:PutItem", "arn:aws:dynamodb:*:*:table/{state_table}"),)

SECONDS = 60
_RENEW_EVERY = 20


class AlreadyRunning(Exception):
    """Raised when another run holds the lease; that is an outcome, not an error."""


class DynamoLease:
    """Takes the lease for 60 seconds, renews it while it is held, and gives it back."""

    def __init__(
        self,
        client: "DynamoDBClient",
        table: str,
        run: str,
        clock: Callable[[], float] = time.time,
        renew_every: float = _RENEW_EVERY,
    ) -> None:
        self._client: Any = client
        self._table, self._run, self._clock, self._every = table, run, clock, renew_every
        self._token, self._until = secrets.token_hex(8), 0.0
        self._done = Event()
        self._keeper = Thread(target=self._keep, daemon=True, name="lease")

    @property
    def token(self) -> str:
        """What each transaction checks."""
        return self._token

    def __enter__(self) -> "DynamoLease":
        """Take the lease; raises AlreadyRunning, SourceError."""
        doing = f"taking the lease in the state table {self._table}"
        try:
            Patience(tries=4).call(doing, self._take)
        except FAULTS as error:
            raise told(error, doing) from error
        self._keeper.start()
        return self

    def _take(self) -> None:
        self._write("attribute_not_exists(pk) OR #u < :now OR #t = :t", self._clock() + SECONDS)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._keeper.join()
        self._until = 0.0
        try:
            self._write("#t = :t", 0.0)
        except (AlreadyRunning, *FAULTS):
            # Who took it over has it now; otherwise it runs out by itself.
            return

    def check(self) -> None:
        """Return if the lease is surely held; raises LeaseLost if another run may have it."""
        if self._clock() >= self._until:
            raise LeaseLost("the lease could not be renewed in time: nothing more was written")

    def _keep(self) -> None:
        while not self._done.wait(self._every):
            try:
                self._write("#t = :t", self._clock() + SECONDS)
            except AlreadyRunning:
                self._until = 0.0
                return
            except FAULTS:
                continue

    def _write(self, condition: str, until: float) -> None:
        item = {
            **LEASE_KEY,
            "token": {"S": self._token},
            "run": {"S": self._run},
            "until": {"N": f"{until:.3f}"},
        }
        names, values = {"#t": "token"}, {":t": {"S": self._token}}
        if "#u" in condition:
            names["#u"], values[":now"] = "until", {"N": f"{self._clock():.3f}"}
        try:
            self._client.put_item(
                TableName=self._table,
                Item=item,
                ConditionExpression=condition,
                ExpressionAttributeNames=names,
                ExpressionAttributeValues=values,
            )
        except ClientError as error:
            if code_of(error) == "ConditionalCheckFailedException":
                raise AlreadyRunning from error
            raise
        self._until = until
