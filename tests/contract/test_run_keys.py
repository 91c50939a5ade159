"""Run keys: locked by one delivery at a time, closed with a result that stands, and free when a run died."""

from collections.abc import Callable
from typing import Any

import pytest

from reconcile.model.errors import Exit, SourceError
from reconcile.stores.idempotency import SECONDS, DynamoRunKeys, RunKeyLock
from reconcile.stores.lease import AlreadyRunning
from reconcile.wiring import Wiring
from tests.contract.harness import at_once
from tests.contract.leases import ManualClock, eventually
from tests.contract.loopback import Answer, Asked, Loopback, json_answer, refusal
from tests.contract.test_lease import keeping

KEY = "arn:aws:scheduler:us-east-1:000000000000:schedule/default/nightly 2026-03-01T03:30:00Z"
CLOSING = (Exit.AGREES, Exit.FINDINGS, Exit.AWAITING_APPROVAL, Exit.USAGE)


def reply(run: str | None, code: Exit) -> dict[str, Any]:
    return {"run": run, "exit_code": int(code), "headline": "Told “so”.", "counts": {}, "report": None}


class Keys:
    """Run keys of one table, which a test delivers to; they are renewed only where a test asks for it."""

    def __init__(self, aws: Wiring, table: str, clock: ManualClock) -> None:
        self.aws, self.table, self.clock = aws, table, clock

    def run_keys(self, renew_every: float = 3600.0) -> DynamoRunKeys:
        return DynamoRunKeys(self.aws.dynamodb, self.table, self.clock, renew_every)

    def lock(self, run: str, key: str = KEY, renew_every: float = 3600.0) -> RunKeyLock:
        run_keys = self.run_keys(renew_every)
        return run_keys.lock(key, run, "repair", run_keys.earlier(key))

    def end(self, run: str, code: Exit) -> None:
        """Deliver once: the run ends with a code."""
        with self.lock(run) as lock:
            lock.close(code, reply(run, code))

    def kill(self, run: str) -> None:
        """Deliver once: the run dies without a word."""
        self.lock(run).__enter__()

    def item(self) -> dict[str, Any]:
        """Return the one item that the table holds."""
        client: Any = self.aws.dynamodb
        (item,) = client.scan(TableName=self.table)["Items"]
        return dict(item)


@pytest.fixture
def keys(aws: Wiring, make_table: Callable[[], str]) -> Keys:
    return Keys(aws, make_table(), ManualClock())


def test_a_new_key_has_no_past_and_can_be_locked_once(keys: Keys) -> None:
    assert keys.run_keys().earlier(KEY) is None
    with keys.lock("first"):
        with pytest.raises(AlreadyRunning):
            keys.lock("second")
        held = keys.item()
        assert (held["pk"]["S"], held["sk"]["S"]) == ("claim", KEY)
        assert (held["run"]["S"], held["mode"]["S"]) == ("first", "repair")


def test_of_two_that_saw_a_key_free_one_locks_it(keys: Keys) -> None:
    first, second = keys.lock("first"), keys.lock("second")
    with first:
        with pytest.raises(AlreadyRunning), second:
            pass
        assert keys.item()["run"]["S"] == "first"


@pytest.mark.parametrize("code", CLOSING)
def test_a_result_that_closes_a_key_stands(keys: Keys, code: Exit) -> None:
    keys.end("first", code)
    keys.clock.now += 10 * SECONDS
    earlier = keys.run_keys().earlier(KEY)
    assert earlier
    assert (earlier.closed, earlier.reply) == (True, reply("first", code))


@pytest.mark.parametrize("code", [code for code in Exit if code not in CLOSING])
def test_any_other_result_lets_one_of_the_next_deliveries_in(keys: Keys, code: Exit) -> None:
    keys.end("first", code)
    second, third = keys.lock("second"), keys.lock("third")
    with second as lock:
        with pytest.raises(AlreadyRunning), third:
            pass
        lock.close(Exit.AGREES, reply("second", Exit.AGREES))
    with pytest.raises(AlreadyRunning), third:
        pass
    assert keys.run_keys().earlier(KEY).closed  # type: ignore[union-attr]


def test_a_run_that_lacked_nothing_but_a_permission_closes_its_key(keys: Keys) -> None:
    """The next delivery, a minute later, would lack it as well."""
    with keys.lock("first") as lock:
        lock.close(Exit.INCOMPLETE, reply("first", Exit.INCOMPLETE), lasting=True)
    earlier = keys.run_keys().earlier(KEY)
    assert earlier
    assert (earlier.closed, earlier.reply) == (True, reply("first", Exit.INCOMPLETE))


def test_a_run_that_crashed_says_so_by_itself(keys: Keys) -> None:
    with pytest.raises(ZeroDivisionError), keys.lock("first"):
        raise ZeroDivisionError
    earlier = keys.run_keys().earlier(KEY)
    assert earlier
    assert (earlier.exit_code, earlier.closed, earlier.undelivered) == (Exit.CRASHED, False, "")


@pytest.mark.parametrize(("later", "free"), [(0, False), (SECONDS, False), (SECONDS + 1, True)])
def test_the_lock_of_a_run_that_was_killed_runs_out(keys: Keys, later: int, free: bool) -> None:
    keys.kill("first")
    keys.clock.now += later
    if not free:
        with pytest.raises(AlreadyRunning):
            keys.run_keys().earlier(KEY)
        return
    earlier = keys.run_keys().earlier(KEY)
    assert earlier
    assert (earlier.exit_code, earlier.closed) == (None, False)
    keys.end("second", Exit.AGREES)


def test_a_killed_run_is_over_before_lambda_delivers_again() -> None:
    """It does so after a minute; a lock that outlived it would be taken for a run under way."""
    assert SECONDS < 60


def test_a_lock_that_is_renewed_outlives_its_term(keys: Keys) -> None:
    def renewed() -> bool:
        return float(keys.item()["until"]["N"]) == keys.clock.now + SECONDS

    with keys.lock("first", renew_every=0.01):
        for _ in range(3):
            keys.clock.now += SECONDS - 1
            assert eventually(renewed)
            with pytest.raises(AlreadyRunning):
                keys.run_keys().earlier(KEY)


def test_who_lost_a_lock_does_not_touch_the_others_result(keys: Keys) -> None:
    """A run that slept too long ends after the one that took its key over."""
    with keys.lock("first") as slow:
        keys.clock.now += SECONDS + 1
        keys.end("second", Exit.AGREES)
        slow.close(Exit.INCOMPLETE, reply("first", Exit.INCOMPLETE))
    assert keys.item()["run"]["S"] == "second"
    assert keys.run_keys().earlier(KEY).closed  # type: ignore[union-attr]


def undelivered(keys: Keys) -> str:
    earlier = keys.run_keys().earlier(KEY)
    assert earlier
    return earlier.undelivered


def test_what_was_not_delivered_is_known_until_it_is(keys: Keys) -> None:
    """Also after a delivery that was killed, crashed, or could not read the report."""
    keys.end("first", Exit.UNDELIVERED)
    assert undelivered(keys) == "first"
    keys.kill("second")
    keys.clock.now += SECONDS + 1
    assert undelivered(keys) == "first"
    with pytest.raises(ZeroDivisionError), keys.lock("third"):
        raise ZeroDivisionError
    assert undelivered(keys) == "first"
    with keys.lock("fourth") as lock:
        lock.close(Exit.INCOMPLETE, reply(None, Exit.INCOMPLETE))
    assert undelivered(keys) == "first"
    with keys.lock("fifth") as lock:
        lock.close(Exit.FINDINGS, reply("first", Exit.FINDINGS))
    assert undelivered(keys) == ""


@pytest.mark.parametrize("stem", ["é" * 512, "x" * 1025, "\ud800", "x" * 200_000])
def test_any_text_is_a_key_of_its_own(keys: Keys, stem: str) -> None:
    """A sort key holds 1,024 bytes; a text that is longer, or no UTF-8, is still told from another."""
    for run, key in (("first", f"{stem} 1"), ("second", f"{stem} 2")):
        with keys.lock(run, key) as lock:
            lock.close(Exit.AGREES, reply(run, Exit.AGREES))
    assert [earlier.reply["run"] for n in (1, 2) if (earlier := keys.run_keys().earlier(f"{stem} {n}"))] == [
        "first",
        "second",
    ]


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
def test_a_key_that_cannot_be_read_or_locked_names_the_table(
    scripted: Loopback, stage: Wiring, answer: Answer, told: str
) -> None:
    scripted.answer = lambda _: answer
    run_keys = DynamoRunKeys(stage.dynamodb, "memory", sleep=at_once)
    with pytest.raises(SourceError, match="a run key in the state table memory: ") as caught:
        run_keys.earlier(KEY)
    assert told in str(caught.value)
    with pytest.raises(SourceError, match="taking a run key in the state table memory: ") as caught:
        run_keys.lock(KEY, "run", "check", None).__enter__()
    assert told in str(caught.value)


def test_lost_answers_and_passing_faults_cost_neither_the_lock_nor_its_result(
    scripted: Loopback, stage: Wiring
) -> None:
    written: list[dict[str, Any]] = []
    answers = [Answer(lost=True), refusal("TransactionConflictException"), json_answer({})]

    def answer(asked: Any) -> Answer:
        if asked.operation == "GetItem":
            return json_answer({"Item": written[-1]})
        written.append(asked.document["Item"])
        return answers.pop(0)

    scripted.answer = answer
    with DynamoRunKeys(stage.dynamodb, "memory", sleep=at_once).lock(KEY, "run", "check", None) as lock:
        lock.close(Exit.FINDINGS, reply("run", Exit.FINDINGS))
        answers += [refusal("InternalServerError", status=500), json_answer({})]
    assert answers == []
    assert len({item["token"]["S"] for item in written}) == 1
    assert (written[-1]["exit_code"], written[-1]["until"]) == ({"N": "2"}, {"N": "0.000"})


def test_a_result_that_cannot_be_kept_does_not_undo_the_run(scripted: Loopback, stage: Wiring) -> None:
    """The lock runs out; the next delivery looks again."""
    refused: list[Asked] = []

    def refuse(asked: Asked) -> Answer:
        refused.append(asked)
        return refusal("AccessDeniedException", "no right")

    scripted.answer = keeping(lambda _: json_answer({}))
    with DynamoRunKeys(stage.dynamodb, "memory", sleep=at_once).lock(KEY, "run", "check", None) as lock:
        lock.close(Exit.AGREES, reply("run", Exit.AGREES))
        scripted.answer = refuse
    assert len(refused) == 1
