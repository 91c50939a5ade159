"""The lease: one holder at a time, for as long as it renews it, and known to be lost when it is."""

from collections.abc import Callable
from datetime import timedelta
from threading import Event
from typing import Any

import pytest

from reconcile.model.errors import SourceError
from reconcile.stores.lease import SECONDS, AlreadyRunning, DynamoLease
from reconcile.wiring import Wiring
from tests.contract.harness import AT, FOR_EVER, at_once
from tests.contract.leases import Leases, ManualClock, MemoryLeases, RealLeases, lost
from tests.contract.loopback import Answer, Asked, Loopback, json_answer, refusal
from tests.doubles.memory_state import LeaseItem


def keeping(answer: Callable[[Asked], Answer]) -> Callable[[Asked], Answer]:
    """Return a table that answers each write as told, and keeps what it was asked to."""
    held: dict[str, Any] = {}

    def answered(asked: Asked) -> Answer:
        if asked.operation == "GetItem":
            return json_answer({"Item": held})
        held.update(asked.document["Item"])
        return answer(asked)

    return answered


@pytest.fixture(params=["memory", "real"])
def leases(request: pytest.FixtureRequest) -> Leases:
    """The lease, in memory and for real."""
    if request.param == "memory":
        return MemoryLeases()
    make_table: Callable[[], str] = request.getfixturevalue("make_table")
    return RealLeases(request.getfixturevalue("aws"), make_table())


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


def test_a_second_holder_is_told_that_a_run_is_under_way(leases: Leases) -> None:
    with leases.lease("first") as first:
        with pytest.raises(AlreadyRunning), leases.lease("second"):
            pass
        first.check()


def test_a_lease_that_nobody_took_yet_is_not_held(leases: Leases) -> None:
    lease: Any = leases.lease("first")
    assert lost(lease)
    assert leases.item() is None


def test_the_memory_says_who_holds_the_lease_by_which_token_and_until_when(leases: Leases) -> None:
    with leases.lease("first") as first:
        assert leases.item() == LeaseItem("first", first.token, leases.clock.now + SECONDS)
    assert leases.item() == LeaseItem("first", first.token, 0.0)


def test_a_lease_that_was_given_back_can_be_taken_at_once(leases: Leases) -> None:
    with leases.lease("first") as first:
        first.check()
    assert lost(first)
    with leases.lease("second") as second:
        second.check()
        assert second.token != first.token


def test_a_lease_is_given_back_when_its_holder_fails(leases: Leases) -> None:
    with pytest.raises(ZeroDivisionError), leases.lease("first"):
        raise ZeroDivisionError
    with leases.lease("second") as second:
        second.check()


@pytest.mark.parametrize(("later", "free"), [(0, False), (SECONDS, False), (SECONDS + 1, True)])
def test_a_lease_runs_out_by_itself(leases: Leases, later: int, free: bool) -> None:
    with leases.lease("first") as first:
        leases.clock.now += later
        if free:
            with leases.lease("second") as second:
                second.check()
                assert lost(first)
        else:
            with pytest.raises(AlreadyRunning), leases.lease("second"):
                pass


@pytest.mark.parametrize(("later", "gone"), [(SECONDS - 1, False), (SECONDS, True)])
def test_a_holder_does_not_trust_a_lease_that_it_could_not_renew(
    leases: Leases, later: int, gone: bool
) -> None:
    with leases.lease("first") as first:
        leases.clock.now += later
        assert lost(first) is gone


def test_a_lease_that_is_renewed_outlives_its_seconds(leases: Leases) -> None:
    with leases.lease("first", renewing=True) as first:
        for _ in range(4):
            leases.clock.now += SECONDS - 1
            leases.renewed(first)
            first.check()
            with pytest.raises(AlreadyRunning), leases.lease("second"):
                pass


def test_a_renewal_notices_that_another_run_has_the_lease(leases: Leases) -> None:
    others = LeaseItem("others", "others", FOR_EVER)
    with leases.lease("first", renewing=True) as first:
        leases.put(others)
        leases.renewed(first)
        assert lost(first)
    assert leases.item() == others


def test_who_holds_the_lease_is_known_until_it_runs_out_or_is_given_back(leases: Leases) -> None:
    leases.clock.now, memory = AT.timestamp(), leases.memory
    assert memory.holder(AT) is None
    with leases.lease("the-run"):
        assert memory.holder(AT) == "the-run"
        assert memory.holder(AT + timedelta(seconds=SECONDS)) is None
    assert memory.holder(AT) is None


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
        DynamoLease(stage.dynamodb, "memory", "run", sleep=at_once).__enter__()
    assert told in str(caught.value)


def test_a_lease_whose_answer_was_lost_is_still_taken(scripted: Loopback, stage: Wiring) -> None:
    answers = [Answer(lost=True), refusal("TransactionConflictException"), json_answer({}), json_answer({})]
    scripted.answer = keeping(lambda _: answers.pop(0))
    with DynamoLease(stage.dynamodb, "memory", "run", sleep=at_once) as lease:
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
        DynamoLease(stage.dynamodb, "memory", "run", sleep=at_once).__enter__()


def test_a_renewal_that_fails_is_tried_again(scripted: Loopback, stage: Wiring, clock: ManualClock) -> None:
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
