"""Run keys: a scheduled run is made once, however often its event is delivered."""

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any

from reconcile.model.documents import JsonObject
from reconcile.model.errors import Exit, SourceError
from reconcile.model.run import Mode
from reconcile.stores.attributes import from_item, to_item
from reconcile.stores.aws import FAULTS, Patience
from reconcile.stores.lease import AlreadyRunning, RenewingLock, Term
from reconcile.stores.tables import Table
from reconcile.stores.timeouts import endless

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SECONDS = 45
"""Lambda repeats a failed event after a minute: by then the lock of a run that was killed has expired.
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

_RENEW_EVERY = 15
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
_LONGEST_KEY = 1024
_CLOSED = (Exit.AGREES, Exit.FINDINGS, Exit.AWAITING_APPROVAL, Exit.USAGE)


@dataclass(frozen=True, slots=True)
class EarlierRun:
    """The earlier result of a run key; `exit_code` None: its run was killed.

    `reply` is what it was answered with, and `undelivered` the run whose report did not reach everybody.
    `lasting`: it was incomplete for what does not pass by itself.
    """

    token: str
    exit_code: Exit | None = None
    reply: JsonObject = field(default_factory=dict)
    undelivered: str = ""
    lasting: bool = False

    @property
    def closed(self) -> bool:
        """Whether the run is finished and its reply is final."""
        return self.exit_code in _CLOSED or (self.exit_code == Exit.INCOMPLETE and self.lasting)


class DynamoRunKeys:
    """Keeps run keys in the state table; one delivery at a time holds the lock of each."""

    def __init__(
        self,
        client: "DynamoDBClient",
        table: str,
        clock: Callable[[], float] = time.time,
        renew_every: float = _RENEW_EVERY,
        left: Callable[[], float] = endless,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client, self._table, self._clock, self._every = client, table, clock, renew_every
        self._left, self._sleep = left, sleep

    def earlier(self, key: str) -> EarlierRun | None:
        """Return the earlier result of a run key, None for a new one.

        Raises AlreadyRunning while its run is under way, SourceError.
        """
        doing, table = f"reading a run key in the state table {self._table}", self._table
        reading = Table(self._client, table, Patience(tries=4, sleep=self._sleep, left=self._left))
        item = reading.item(_item_key(key), doing, lambda item: _read(from_item(item)))
        if item is None:
            return None
        until, earlier = item
        if earlier.exit_code is None and until >= self._clock():
            raise AlreadyRunning
        return earlier

    def lock(self, key: str, run: str, mode: Mode, earlier: EarlierRun | None) -> "RunKeyLock":
        """Return the lock of a key whose past was just read, to be entered; of two, one can be."""
        facts = {"run": run, "mode": mode, "undelivered": earlier.undelivered if earlier else ""}
        item = {**_item_key(key), **to_item(facts)}
        term = Term(SECONDS, self._every)
        lock = RenewingLock(self._client, self._table, item, term, self._clock, self._left, self._sleep)
        return RunKeyLock(lock, earlier, self._left, self._sleep)


class RunKeyLock:
    """The right to do a run key's work, and what came of it; without a word of that it crashed."""

    def __init__(
        self,
        lock: RenewingLock,
        earlier: EarlierRun | None,
        left: Callable[[], float] = endless,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._lock, self._earlier, self._left, self._sleep = lock, earlier, left, sleep
        self._facts: dict[str, Any] = {"exit_code": int(Exit.CRASHED)}

    def __enter__(self) -> "RunKeyLock":
        """Take the lock; raises AlreadyRunning if another delivery took it first, SourceError."""
        if self._earlier is None:
            self._lock.take("a run key", "attribute_not_exists(pk) OR #t = :t")
        else:
            self._lock.take("a run key", "#t = :seen OR #t = :t", seen=self._earlier.token)
        return self

    def close(self, exit_code: Exit, reply: JsonObject, *, lasting: bool = False) -> None:
        """Say how the run ended, to be kept in the end; after 4, its report is what is left to send.

        After 3 the key stays open, unless what failed is `lasting` until somebody grants a permission.
        """
        self._facts = {"exit_code": int(exit_code), "reply": json.dumps(reply), "lasting": lasting}
        if exit_code == Exit.UNDELIVERED:
            self._facts["undelivered"] = reply["run"]
        elif exit_code in _CLOSED:
            self._facts["undelivered"] = ""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        doing, facts = "closing a run key", to_item(self._facts)
        try:
            patience = Patience(tries=4, sleep=self._sleep, left=self._left)
            patience.call(doing, lambda: self._lock.give_back(facts))
        except (AlreadyRunning, SourceError, *FAULTS):
            # Who took it over has it now; otherwise it runs out, and the event's next delivery runs again.
            return


def _read(item: Mapping[str, Any]) -> tuple[float, EarlierRun]:
    code = item.get("exit_code")
    return float(item["until"]), EarlierRun(
        token=item["token"],
        exit_code=Exit(code) if code is not None else None,
        reply=json.loads(item.get("reply", "{}")),
        undelivered=item.get("undelivered", ""),
        lasting=bool(item.get("lasting", False)),
    )


def _item_key(key: str) -> dict[str, Any]:
    """Return where a run key lies; one that is too long for a sort key lies under its hash."""
    written = key.encode("utf-8", "backslashreplace")
    short = written.decode() if len(written) <= _LONGEST_KEY else hashlib.sha256(written).hexdigest()
    return to_item({"pk": "claim", "sk": short})
