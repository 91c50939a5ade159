"""The lease: one holder at a time, for as long as it renews it, and known to be lost when it is."""

import time
from collections.abc import Callable
from threading import Event
from typing import Any

import pytest

from reconcile.model.errors import LeaseLost, SourceError
from reconcile.stores.dynamodb_writing import LEASE_KEY
from reconcile.stores.lease import SECONDS, AlreadyRunning, DynamoLease
from reconcile.wiring import Wiring
from tests.contract.loopback import Answer, Asked, Loopback, json_answer, refusal
from tests.doubles.memory_state import MemoryLease


class Hands:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


Take = Callable[..., DynamoLease]


def keeping(answer: Callable[[Asked], Answer]) -> Callable[[Asked], Answer]:
    """Return a table that answers each write as told, and keeps what it was asked to."""
    held: dict[str, Any] = {}

    def answered(asked: Asked) -> Answer:
        if asked.operation == "GetItem":
            return json_answer({"Item": held})
        held.update(asked.document["Item"])
        return answer(asked)

    return answered


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
def table(make_table: Callable[[], str]) -> str:
    return make_table()


@pytest.fixture
def take(aws: Wiring, table: str, clock: Hands) -> Take:
    """Makes leases of one table, which are renewed only where a test asks for it."""

    def take(run: str, renew_every: float = 3600.0) -> DynamoLease:
        return DynamoLease(aws.dynamodb, table, run, clock, renew_every)

    return take


def eventually(holds: Callable[[], bool]) -> bool:
    """Wait until something holds, five seconds at most."""
    end = time.monotonic() + 5
    while not holds() and time.monotonic() < end:
        time.sleep(0.005)
    return holds()


def lost(lease: DynamoLease) -> bool:
    try:
        lease.check()
    except LeaseLost:
        return True
    return False


def test_a_second_holder_is_told_that_a_run_is_under_way(take: Take) -> None:
    with take("first") as first:
        with pytest.raises(AlreadyRunning), take("second"):
            pass
        first.check()


def test_a_lease_that_was_given_back_can_be_taken_at_once(take: Take) -> None:
    with take("first") as first:
        first.check()
    assert lost(first)
    with take("second") as second:
        second.check()
        assert second.token != first.token


def test_a_lease_is_given_back_when_its_holder_fails(take: Take) -> None:
    with pytest.raises(ZeroDivisionError), take("first"):
        raise ZeroDivisionError
    with take("second") as second:
        second.check()


@pytest.mark.parametrize(("later", "free"), [(0, False), (SECONDS, False), (SECONDS + 1, True)])
def test_a_lease_runs_out_by_itself(take: Take, clock: Hands, later: int, free: bool) -> None:
    with take("first") as first:
        clock.now += later
        if free:
            with take("second") as second:
                second.check()
                assert lost(first)
        else:
            with pytest.raises(AlreadyRunning), take("second"):
                pass


@pytest.mark.parametrize(("later", "gone"), [(SECONDS - 1, False), (SECONDS, True)])
def test_a_holder_does_not_trust_a_lease_that_it_could_not_renew(
    take: Take, clock: Hands, later: int, gone: bool
) -> None:
    with take("first") as first:
        clock.now += later
        assert lost(first) is gone


def test_a_lease_that_is_renewed_outlives_its_sixty_seconds(
    aws: Wiring, table: str, take: Take, clock: Hands
) -> None:
    def renewed() -> bool:
        held = aws.dynamodb.get_item(TableName=table, Key=LEASE_KEY)["Item"]
        return float(held["until"]["N"]) == clock.now + SECONDS

    with take("first", renew_every=0.01) as first:
        for _ in range(4):
            clock.now += SECONDS - 1
            assert eventually(renewed)
            first.check()
            with pytest.raises(AlreadyRunning), take("second"):
                pass


def test_a_renewal_notices_that_another_run_has_the_lease(aws: Wiring, table: str) -> None:
    with DynamoLease(aws.dynamodb, table, "first", renew_every=0.01) as first:
        others = {**LEASE_KEY, "token": {"S": "others"}, "until": {"N": "9999999999"}}
        aws.dynamodb.put_item(TableName=table, Item=others)
        assert eventually(lambda: lost(first))
    kept = aws.dynamodb.get_item(TableName=table, Key=LEASE_KEY)["Item"]
    assert kept == others


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (refusal("ResourceNotFoundException", "no such table"), "ResourceNotFoundException: no such table"),
        (
            refusal("AccessDeniedException", "no right"),
            "AccessDeniedException: no right. Grant the permission",
        ),
    ],
)
def test_a_lease_that_cannot_be_taken_names_its_table(
    scripted: Loopback, stage: Wiring, answer: Answer, told: str
) -> None:
    scripted.answer = lambda _: answer
    with pytest.raises(SourceError, match="taking the lease in the state table memory: ") as caught:
        DynamoLease(stage.dynamodb, "memory", "run").__enter__()
    assert told in str(caught.value)


def test_a_lease_whose_answer_was_lost_is_still_taken(scripted: Loopback, stage: Wiring, take: Take) -> None:
    answers = [Answer(lost=True), refusal("TransactionConflictException"), json_answer({}), json_answer({})]
    scripted.answer = keeping(lambda _: answers.pop(0))
    with DynamoLease(stage.dynamodb, "memory", "run") as lease:
        lease.check()
    assert answers == []


@pytest.mark.parametrize("kept", [None, {"token": {"S": "others"}}], ids=["nothing", "another"])
def test_a_lease_that_its_table_does_not_keep_is_held_by_nobody(
    scripted: Loopback, stage: Wiring, kept: dict[str, Any] | None
) -> None:
    """Something on the way answers in the table's place: the write's empty success proves nothing."""
    page = {"Items": [kept] if kept else [], "Count": int(bool(kept))}
    scripted.answer = lambda asked: json_answer(
        {"PutItem": {}, "GetItem": {"Item": kept} if kept else {}, "Query": page}[asked.operation]
    )
    with pytest.raises(SourceError, match="does not keep what is written to it"):
        DynamoLease(stage.dynamodb, "memory", "run").__enter__()


def test_a_renewal_that_fails_is_tried_again(scripted: Loopback, stage: Wiring, clock: Hands) -> None:
    failed, renewed = Event(), Event()

    def fail(_: Asked) -> Answer:
        failed.set()
        return refusal("InternalServerError", status=500)

    def renew(_: Asked) -> Answer:
        renewed.set()
        return json_answer({})

    scripted.answer = keeping(lambda _: json_answer({}))
    with DynamoLease(stage.dynamodb, "memory", "run", clock, renew_every=0.01) as lease:
        scripted.answer = fail
        clock.now += SECONDS - 1
        assert failed.wait(5)
        lease.check()
        scripted.answer = renew
        assert renewed.wait(5)
        scripted.answer = fail
    assert lost(lease)


def test_a_lease_in_memory_is_held_until_it_is_lost() -> None:
    gone = False
    with MemoryLease(lambda: gone) as lease:
        lease.check()
        gone = True
        with pytest.raises(LeaseLost):
            lease.check()
