"""Who else writes in a race of real clients, and what gets between a run and its writes."""

import json
import time
from collections import Counter, deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from threading import Lock, local
from typing import Any

from botocore.exceptions import ClientError, ConnectionClosedError

from reconcile.model.clock import write_time
from reconcile.model.search_record import canonical
from reconcile.runs.run_id import new_run_id
from reconcile.stores.transactions import LEASE_KEY
from tests.bench.ministack import Clock, Place
from tests.scenario.platform import Key, Row, text
from tests.scenario.small import BUCKET, DOMAIN

NOBODY, STOPPED, ASLEEP = "nobody", "an operator stops a run", "a holder sleeps"
LEASE_LAW = 9
_LONGER_THAN_A_LEASE, _SLEEPS, _LOST = timedelta(minutes=3), 2.0, 0.15


@dataclass
class Tally:
    """What was tried, and what broke which law, counted from 1."""

    tried: Counter[str] = field(default_factory=Counter)
    broken: list[tuple[int, str]] = field(default_factory=list)
    round: int = 0
    _lock: Any = field(default_factory=Lock)

    def count(self, what: str, number: int = 1) -> None:
        """Count what was tried, from any thread."""
        with self._lock:
            self.tried[what] += number

    def breaks(self, law: int, why: str) -> None:
        """Note a law that was broken."""
        self.broken.append((law, f"round {self.round}: {why}"))


@dataclass
class LivePlatform:
    """The live platform beside the runs, by a client of its own; each of its writes is one request.

    `edited` holds what owners last said of rows that stand, `deleted` what they deleted, `late` the changes
    that the stream sync has not written to the index yet, `moving` the rows between delete and put.
    """

    place: Place
    random: Random
    recordings: dict[str, Key]
    clock: Callable[[], datetime]
    edited: dict[Key, str] = field(default_factory=dict)
    deleted: set[Key] = field(default_factory=set)
    late: deque[tuple[str, Row | None]] = field(default_factory=deque)
    moving: deque[Row] = field(default_factory=deque)
    steps: Counter[str] = field(default_factory=Counter)
    lock: Any = field(default_factory=Lock)

    @property
    def _does(self) -> tuple[Callable[[], bool], ...]:
        """What somebody may do next; most often an owner edits, or the sync goes on."""
        return (self.process, self.delete, self.move, *(self.edit, self.sync) * 3)

    def step(self) -> None:
        """Let somebody do something; steps of several threads go one after the other."""
        with self.lock:
            does = self.random.choice(self._does)
            if does():
                self.steps[does.__name__] += 1

    def settle(self) -> None:
        """End what was begun."""
        with self.lock:
            while self.moving:
                self._put_back()
            while self.sync():
                pass

    def _one(self) -> dict[str, Any] | None:
        """Return what names the row of some program of a recording; None where there is none."""
        rows = self.place.rows()
        keys = sorted(k for k, row in rows.items() if k[1].startswith("p#") and text(row, "sourceShowId"))
        if not keys:
            return None
        pk, sk = self.random.choice(keys)
        return {"TableName": self.place.world.table, "Key": {"pk": {"S": pk}, "sk": {"S": sk}}}

    def process(self) -> bool:
        """Make some recording's program as the live processor does."""
        self._process(self.random.choice(sorted(self.recordings)))
        return True

    def process_one_in(self, request: bytes) -> None:
        """Make the program of the recording that a request is about, if it is about one."""
        with self.lock:
            for prefix in self.recordings:
                if prefix.encode() in request:
                    self._process(prefix)
                    self.steps["process the same recording just before a write"] += 1

    def _process(self, prefix: str) -> None:
        """Make a recording's program; the live processor does not look whether there is one."""
        owner, show = self.recordings[prefix]
        made, group, key = (
            f"live-{self.steps.total()}-{show}",
            f"group-{show}",
            f"{prefix}/media/hls/multivariant.m3u8",
        )
        at = write_time(self.clock())
        self._put({name: {"S": value} for name, value in {
            "pk": f"u#{owner}#programs", "sk": f"p#{made}", "entityType": "program", "programId": made,
            "title": "Made live", "program_url": f"https://{DOMAIN}/{key}", "groupId": group,
            "s3Bucket": BUCKET, "s3Key": key, "sourceShowId": show, "sourceType": "ivs-recording",
            "created_date": at, "updatedAt": at, "GSI1PK": f"u#{owner}#g#{group}", "GSI1SK": f"p#{made}",
        }.items()})  # fmt: skip

    def _put(self, row: Row) -> None:
        self.place.dynamodb.put_item(TableName=self.place.world.table, Item=row)
        self._count(row, 1)
        self.late.append((text(row, "programId"), row))

    def _count(self, row: Row, by: int) -> None:
        owner = text(row, "pk").split("#")[1]
        with suppress(ClientError):
            # A group that does not exist is not counted.
            self.place.dynamodb.update_item(
                TableName=self.place.world.table,
                Key={"pk": {"S": f"u#{owner}#groups"}, "sk": {"S": f"g#{text(row, 'groupId')}"}},
                UpdateExpression="ADD programsCount :n",
                ConditionExpression="attribute_exists(pk)",
                ExpressionAttributeValues={":n": {"N": str(by)}},
            )

    def edit(self) -> bool:
        """Give a program another title, as its owner does."""
        where, title = self._one(), f"Edited {self.steps.total()}"
        if where is None:
            return False
        row: Row = self.place.dynamodb.update_item(
            **where,
            UpdateExpression="SET title = :t, updatedAt = :u",
            ConditionExpression="attribute_exists(pk)",
            ExpressionAttributeValues={":t": {"S": title}, ":u": {"S": write_time(self.clock())}},
            ReturnValues="ALL_NEW",
        )["Attributes"]
        self.edited[text(row, "pk"), text(row, "sk")] = title
        self.late.append((text(row, "programId"), row))
        return True

    def _take(self) -> Row | None:
        where = self._one()
        if where is None:
            return None
        row: Row = self.place.dynamodb.delete_item(**where, ReturnValues="ALL_OLD")["Attributes"]
        self._count(row, -1)
        self.late.append((text(row, "programId"), None))
        return row

    def delete(self) -> bool:
        """Delete a program, as its owner does."""
        if row := self._take():
            key = text(row, "pk"), text(row, "sk")
            self.deleted.add(key)
            self.edited.pop(key, None)
        return row is not None

    def move(self) -> bool:
        """Begin to move a program to another group, or end it: its row goes, and is put elsewhere."""
        if self.moving:
            return self._put_back()
        if row := self._take():
            self.moving.append(row)
        return row is not None

    def _put_back(self) -> bool:
        row = self.moving.popleft()
        owner = text(row, "pk").split("#")[1]
        self._put({**row, "groupId": {"S": "moved"}, "GSI1PK": {"S": f"u#{owner}#g#moved"}})
        return True

    def sync(self) -> bool:
        """Write the oldest change that the stream still holds to the index."""
        if not self.late:
            return False
        name, row = self.late.popleft()
        if row is not None:
            self.place.algolia.put(self.place.world.index, [canonical(row)])
        else:
            with suppress(KeyError):
                self.place.algolia.remove(self.place.world.index, name)
        return True


@dataclass
class Between:
    """What comes between a run and the transactions that write rows, and takes some of their answers away.

    At the `at`-th of them `kind` happens: nothing, the lease goes, or its holder sleeps longer than it lasts.
    """

    place: Place
    platform: LivePlatform
    clock: Clock
    random: Random
    tally: Tally
    kind: str
    at: int
    _seen: list[str] = field(default_factory=list)
    _lock: Any = field(default_factory=Lock)
    _call: local = field(default_factory=local)

    def watch(self, client: Any) -> None:
        """Come between a client and the table."""
        client.meta.events.register("before-send.dynamodb.TransactWriteItems", self._before)
        client.meta.events.register("after-call.dynamodb.TransactWriteItems", self._after)

    def _before(self, request: Any, **_: object) -> None:
        self._call.without_lease = False
        token = json.loads(request.body)["ClientRequestToken"]
        if b'"lease"' not in request.body or not (number := self._number_of(token)):
            return
        comes = self.random.random()
        if comes < 0.2:
            self.platform.process_one_in(request.body)
        elif comes < 0.4:
            self.platform.step()
        if number == self.at and self.kind != NOBODY:
            self._disturb()
            held = self.place.dynamodb.get_item(TableName=self.place.state, Key=LEASE_KEY).get("Item")
            self._call.without_lease = not held or held["token"]["S"].encode() not in request.body
            if self._call.without_lease:
                self.tally.count(f"leases lost just before a write: {self.kind}")

    def _number_of(self, token: str) -> int:
        """Return the number of a transaction, from 1; 0 where it is tried again: it may be made already."""
        with self._lock:
            if token in self._seen:
                return 0
            self._seen.append(token)
            return len(self._seen)

    def _disturb(self) -> None:
        if self.kind == STOPPED:
            self.place.dynamodb.delete_item(TableName=self.place.state, Key=LEASE_KEY)
        else:
            self.clock.jump(_LONGER_THAN_A_LEASE)
            time.sleep(_SLEEPS)

    def _after(self, parsed: Any, **_: object) -> None:
        reasons = [reason.get("Code", "None") for reason in parsed.get("CancellationReasons", ())]
        if reasons:
            why = "the lease" if reasons[-1] == "ConditionalCheckFailed" else "what they rest on"
            self.tally.count(f"transactions refused for {why}")
        if self._call.without_lease and "Error" not in parsed:
            self.tally.breaks(LEASE_LAW, self.kind)
        if self.random.random() < _LOST:
            self.tally.count("answers lost")
            raise ConnectionClosedError(endpoint_url=self.place.url)


@dataclass
class AnswersLost:
    """Takes away the first answer to each transaction; `renewing` puts another token on each try."""

    renewing: bool
    sent: Counter[str] = field(default_factory=Counter)
    _call: local = field(default_factory=local)

    def watch(self, client: Any) -> None:
        """Come between a client and the table."""
        events = client.meta.events
        events.register("before-send.dynamodb.TransactWriteItems", self._before)
        events.register("after-call.dynamodb.TransactWriteItems", self._after)
        if self.renewing:
            events.register("provide-client-params.dynamodb.TransactWriteItems", self._renew)

    def _renew(self, params: Any, **_: object) -> Any:
        self._call.token = params["ClientRequestToken"]
        return {**params, "ClientRequestToken": new_run_id(datetime.now(UTC))}

    def _before(self, request: Any, **_: object) -> None:
        if not self.renewing:
            self._call.token = json.loads(request.body)["ClientRequestToken"]
        self.sent[self._call.token] += 1

    def _after(self, **_: object) -> None:
        if self.sent[self._call.token] == 1:
            raise ConnectionClosedError(endpoint_url="http://127.0.0.1")
