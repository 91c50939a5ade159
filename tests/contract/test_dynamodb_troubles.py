"""The DynamoDB reader against a scripted table: pages, throttles, pacing, half answers and refusals."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import pytest
from botocore.exceptions import ClientError, NoCredentialsError, ParamValidationError

from reconcile.model.catalog import RowKey
from reconcile.model.errors import Denied, OutOfTime, SourceError
from reconcile.stores.aws import Patience
from reconcile.stores.dynamodb import SEGMENTS, DynamoRows
from reconcile.stores.pace import Pace
from reconcile.wiring import Wiring
from tests.contract.dynamo_rules import Broken, obey
from tests.contract.harness import Item, row, scanned
from tests.contract.loopback import Answer, Asked, Loopback, json_answer, refusal

THROTTLE = refusal("ProvisionedThroughputExceededException", "slower, please")


class FakeClock:
    """Time that passes only where somebody sleeps; sleepers in several threads sleep side by side."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._lock = Lock()

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        wake = self.now + seconds
        with self._lock:
            self.now = max(self.now, wake)


@dataclass
class Table:
    """A table whose scan gives pages of so many rows; `troubles`: number of the request -> answer."""

    rows: list[Item]
    page: int = 2
    units: float = 10.0
    twice: bool = False
    troubles: dict[int, Answer] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def answer(self, asked: Asked) -> Answer:
        """Answer a scan, a query or a batch."""
        with self.lock:
            self.asked.append(asked)
            number = len(self.asked)
        if number in self.troubles:
            return self.troubles[number]
        body = asked.document
        left = self.rows
        if asked.operation == "Scan" and not self.twice:
            left = self.rows[body["Segment"] :: body["TotalSegments"]]
        keys = [one["sk"] for one in left]
        start = keys.index(body["ExclusiveStartKey"]["sk"]) + 1 if "ExclusiveStartKey" in body else 0
        page = left[start : start + self.page]
        more = start + self.page < len(left)
        last = {"LastEvaluatedKey": {"pk": page[-1]["pk"], "sk": page[-1]["sk"]}} if more else {}
        return json_answer({"Items": page, "Count": len(page)} | self._cost() | last)

    def _cost(self) -> dict[str, Any]:
        return {"ConsumedCapacity": {"TableName": "application", "CapacityUnits": self.units}}

    def count(self) -> Counter[str]:
        """Return how many requests of each operation came."""
        return Counter(asked.operation for asked in self.asked)


def rows(number: int) -> list[Item]:
    return [row("u#ann#programs", f"p#{one:03}", programId=str(one)) for one in range(number)]


Reader = Callable[..., DynamoRows]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def reader(scripted: Loopback, stage: Wiring, clock: FakeClock) -> Reader:
    """Makes a reader of a scripted table; nobody really sleeps."""

    def reader(answer: Callable[[Asked], Answer], units: float = 1e9) -> DynamoRows:
        scripted.answer = answer
        return DynamoRows(stage.dynamodb, "application", units, stage.meter, sleep=clock.sleep, clock=clock)

    return reader


def numbers(images: Any) -> list[int]:
    return sorted(int(image["programId"]["S"]) for image in images)


def test_every_page_of_every_segment_is_read(reader: Reader) -> None:
    table = Table(rows(41))
    found, receipt = scanned(reader(table.answer))
    assert numbers(found) == list(range(41))
    assert {asked.document["Segment"] for asked in table.asked} == set(range(SEGMENTS))
    assert (receipt.whole, receipt.items, receipt.requests) == (True, 41, len(table.asked))
    assert receipt.units == 10.0 * len(table.asked)


def test_empty_pages_in_between_are_not_the_end(reader: Reader) -> None:
    def answer(asked: Asked) -> Answer:
        start = int(asked.document.get("ExclusiveStartKey", {}).get("sk", {}).get("S", "0"))
        items = rows(6)[start : start + 1] if start % 2 else []
        last = {} if start == 5 else {"LastEvaluatedKey": {"pk": {"S": "x"}, "sk": {"S": str(start + 1)}}}
        return json_answer({"Items": items} | last)

    found, receipt = scanned(reader(answer))
    assert (numbers(found), receipt.whole) == ([1, 3, 5], True)


def test_rows_that_several_segments_hand_out_count_once(reader: Reader) -> None:
    found, receipt = scanned(reader(Table(rows(9), twice=True).answer))
    assert (numbers(found), receipt.items, receipt.whole) == (list(range(9)), 9, True)


def test_what_a_table_hands_out_unasked_is_dropped(reader: Reader) -> None:
    ivs = {"M": {"streamKey": {"S": "secret"}, "rawStageArn": {"S": "arn:raw"}}}
    table = Table(
        [row("session#s", "info", streamKey="secret", ivsStreamKey="secret", status="LIVE", ivs=ivs)]
    )
    (found,), _ = scanned(reader(table.answer))
    assert found == row("session#s", "info", status="LIVE", ivs={"M": {"rawStageArn": {"S": "arn:raw"}}})


def test_no_request_asks_for_a_stream_key(reader: Reader) -> None:
    table = Table([])
    store = reader(table.answer)
    scanned(store)
    store.rows_of("session#s")
    asked = [name for one in table.asked for name in one.document["ExpressionAttributeNames"].values()]
    assert "ivs" in asked
    assert not [name for name in asked if "streamkey" in name.lower()]


@pytest.mark.parametrize("rate", [100.0, 400.0])
def test_a_scan_keeps_to_its_units_a_second(reader: Reader, clock: FakeClock, rate: float) -> None:
    table, begun = Table(rows(400), units=20.0), clock.now
    _, receipt = scanned(reader(table.answer, rate))
    # The clock adds up many short sleeps: its sum is rounded.
    waited_for = round(rate * (clock.now - begun), 6)
    # The last page of each segment is paid for and not waited for.
    assert receipt.units - 20.0 * SEGMENTS <= waited_for <= receipt.units


def test_a_pace_waits_for_what_was_spent_and_not_for_time_that_passed(clock: FakeClock) -> None:
    pace = Pace(10.0, clock, clock.sleep)
    pace.spend(20.0)
    assert clock.now == 1002.0
    clock.now += 60.0
    pace.spend(10.0)
    assert clock.now == 1063.0
    pace.spend(50.0, last=True)
    assert clock.now == 1063.0
    pace.spend(10.0)
    assert clock.now == 1069.0


def test_a_throttle_halves_the_rate_and_throttles_of_one_second_count_once(clock: FakeClock) -> None:
    pace = Pace(100.0, clock, clock.sleep)
    for _ in range(4):
        pace.halve()
    assert pace.rate == 50.0
    clock.now += 1.0
    pace.halve()
    assert pace.rate == 25.0
    for _ in range(99):
        clock.now += 1.0
        pace.halve()
    assert pace.rate == 1.0


def spent_by(pace: Pace, clock: FakeClock, seconds: float, page: float = 8.0) -> list[tuple[float, float]]:
    """Read pages for so long; return when each was paid for, and what it cost."""
    pages, ends = list[tuple[float, float]](), clock.now + seconds
    while clock.now < ends:
        pages.append((clock.now, page))
        pace.spend(page)
    return pages


def test_eight_throttled_seconds_do_not_slow_the_rest_of_the_run_down(clock: FakeClock) -> None:
    """A minute after the last throttle the scan reads at its limit again, and at no time above it."""
    pace = Pace(200.0, clock, clock.sleep)
    for _ in range(8):
        pace.halve()
        clock.now += 1.0
    assert pace.rate == 1.0
    pages = spent_by(pace, clock, 900.0)
    begun = pages[0][0]
    assert sum(cost for at, cost in pages if at >= begun + 61.0) >= 0.97 * 200.0 * (900.0 - 61.0)
    assert sum(cost for at, cost in pages if at < begun + 61.0) >= 200.0 * 60 / 2 * 0.9
    for number, (at, _) in enumerate(pages[::50]):
        window = [cost for later, cost in pages[number * 50 :] if later < at + 10.0]
        assert sum(window) <= 200.0 * 10.0 + 8.0


def test_a_throttle_each_minute_leaves_a_scan_more_than_half_its_limit(clock: FakeClock) -> None:
    pace = Pace(100.0, clock, clock.sleep)
    for _ in range(10):
        pace.halve()
        assert 45.0 <= pace.rate <= 50.0
        assert sum(cost for _, cost in spent_by(pace, clock, 60.0)) >= 60 * 50.0
        assert pace.rate <= 100.0


def test_a_pace_does_not_wait_for_longer_than_there_is_time(clock: FakeClock) -> None:
    ends = clock.now + 30.0
    pace = Pace(1.0, clock, clock.sleep, lambda: ends - clock.now)
    pace.spend(20.0)
    with pytest.raises(OutOfTime, match="OUT OF TIME"):
        pace.spend(20.0)
    assert clock.now <= ends


@pytest.mark.parametrize(
    "code", ["ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded"]
)
def test_a_throttled_scan_is_whole_and_slower(reader: Reader, code: str) -> None:
    table = Table(rows(40), troubles={6: refusal(code)})
    found, receipt = scanned(reader(table.answer, 1000.0))
    assert (numbers(found), receipt.whole) == (list(range(40)), True)
    assert receipt.detail["units_per_second"] == 500.0


@pytest.mark.parametrize(
    "trouble", [refusal("InternalServerError", status=500), Answer(503), Answer(lost=True)]
)
def test_a_passing_fault_is_survived_at_full_speed(reader: Reader, trouble: Answer) -> None:
    table = Table(rows(40), troubles={3: trouble, 6: trouble})
    found, receipt = scanned(reader(table.answer, 1000.0))
    assert (numbers(found), receipt.whole) == (list(range(40)), True)
    assert receipt.detail["units_per_second"] == 1000.0


@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        (THROTTLE, "8 times: ProvisionedThroughputExceededException: slower, please."),
        (refusal("InternalServerError", "oh", 500), "8 times: InternalServerError: oh."),
        (Answer(lost=True), "8 times: ConnectionClosedError"),
    ],
    ids=["throttled", "500", "lost"],
)
def test_a_trouble_that_stays_makes_the_receipt_not_whole(reader: Reader, trouble: Answer, told: str) -> None:
    found, receipt = scanned(reader(Table(rows(40), troubles=dict.fromkeys(range(9, 99), trouble)).answer))
    assert not receipt.whole
    assert receipt.why.startswith("scanning the table application, ")
    assert told in receipt.why
    assert len(found) == receipt.items < 40


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (refusal("ResourceNotFoundException", "no such table"), "ResourceNotFoundException: no such table."),
        (
            refusal("AccessDeniedException", "not authorized to perform: dynamodb:Scan"),
            "AccessDeniedException: not authorized to perform: dynamodb:Scan. Grant the permission",
        ),
    ],
    ids=["no-table", "denied"],
)
def test_a_table_that_cannot_be_read_is_named_at_once(reader: Reader, answer: Answer, told: str) -> None:
    asked = []

    def refuse(one: Asked) -> Answer:
        asked.append(one)
        return answer

    store = reader(refuse)
    found, receipt = scanned(store)
    assert (list(found), receipt.whole, receipt.items) == ([], False, 0)
    assert receipt.why.startswith(f"scanning the table application: {told}")
    with pytest.raises(SourceError, match="reading the partition u#ann of the table application: ") as query:
        store.rows_of("u#ann")
    with pytest.raises(SourceError, match="reading rows of the table application: ") as batch:
        store.rows([RowKey("a", "b")])
    assert told in str(query.value)
    assert told in str(batch.value)
    assert len(asked) == SEGMENTS + 2


def test_of_batches_read_at_once_the_first_that_fails_is_reported_each_time(reader: Reader) -> None:
    keys = [RowKey("u#ann#programs", f"p#{number:03}") for number in range(900)]

    def answer(asked: Asked) -> Answer:
        first = asked.document["RequestItems"]["application"]["Keys"][0]["sk"]["S"]
        if first in ("p#300", "p#500", "p#800"):
            # The first of them fails last.
            time.sleep(0.1 if first == "p#300" else 0)
            return refusal("AccessDeniedException", f"no {first}")
        return json_answer({"Responses": {"application": []}, "UnprocessedKeys": {}})

    for _ in range(3):
        with pytest.raises(Denied, match="no p#300"):
            reader(answer).rows(keys)


def test_a_partition_is_read_page_by_page(reader: Reader) -> None:
    table = Table(rows(7))
    assert numbers(reader(table.answer).rows_of("u#ann#programs")) == list(range(7))
    assert table.count() == {"Query": 4}


def stale(asked: Asked) -> Answer:
    """Answer as a table that knows of yesterday only, unless a consistent read is asked for."""
    body = asked.document
    if asked.operation == "Query":
        fresh = body.get("ConsistentRead") is True
        return json_answer({"Items": [row("u#a#programs", "p#1", title="today")] if fresh else []})
    (request,) = body["RequestItems"].values()
    title = "today" if request.get("ConsistentRead") is True else "yesterday"
    found = [row(key["pk"]["S"], key["sk"]["S"], title=title) for key in request["Keys"]]
    return json_answer({"Responses": {"application": found}, "UnprocessedKeys": {}})


def test_confirming_reads_see_what_was_written_a_moment_ago(reader: Reader) -> None:
    store = reader(stale)
    assert [found["title"] for found in store.rows_of("u#a#programs")] == [{"S": "today"}]
    assert store.rows([RowKey("a", "b")])[RowKey("a", "b")]["title"] == {"S": "today"}


def batches(served: int) -> tuple[Callable[[Asked], Answer], list[int]]:
    """Return a table that serves so many keys a batch and gives the others back, and what it was asked."""
    sizes: list[int] = []

    def answer(asked: Asked) -> Answer:
        (request,) = asked.document["RequestItems"].values()
        keys = request["Keys"]
        sizes.append(len(keys))
        found = [row(key["pk"]["S"], key["sk"]["S"]) for key in keys[:served] if key["sk"]["S"] != "gone"]
        left = {"application": request | {"Keys": keys[served:]}} if keys[served:] else {}
        return json_answer({"Responses": {"application": found}, "UnprocessedKeys": left})

    return answer, sizes


def test_keys_that_stay_unprocessed_are_asked_for_again(reader: Reader) -> None:
    answer, sizes = batches(served=30)
    keys = [RowKey("a", f"{number}") for number in range(150)]
    assert set(reader(answer).rows([*keys, RowKey("a", "gone")])) == set(keys)
    # Two batches, side by side: of 100 keys, and of 51.
    assert Counter(sizes) == Counter([100, 70, 40, 10, 51, 21])


def test_keys_that_stay_unprocessed_for_good_are_a_source_error(reader: Reader) -> None:
    answer, sizes = batches(served=0)
    with pytest.raises(SourceError, match="reading rows of the table application: some of them stay unpro"):
        reader(answer).rows([RowKey("a", "b")])
    assert sizes == [1] * 8


def test_patience_waits_longer_each_time_and_hears_of_each_throttle() -> None:
    waits: list[float] = []
    heard: list[str] = []
    patience = Patience(sleep=waits.append, on_throttle=lambda: heard.append("throttle"))

    def throttled() -> None:
        raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "slower"}}, "Scan")

    with pytest.raises(SourceError, match="trying, 8 times: ThrottlingException: slower"):
        patience.call("trying", throttled)
    longest = [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]
    assert len(waits) == len(longest)
    assert all(most / 2 <= waited <= most for waited, most in zip(waits, longest, strict=True))
    assert len(heard) == 8


@pytest.mark.parametrize("fault", [NoCredentialsError(), ParamValidationError(report="wrong")], ids=repr)
def test_patience_does_not_wait_for_what_cannot_pass(fault: Exception) -> None:
    waits: list[float] = []

    def fail() -> None:
        raise fault

    with pytest.raises(type(fault)):
        Patience(sleep=waits.append).call("trying", fail)
    assert waits == []


def test_a_meter_counts_each_request_that_is_sent(reader: Reader, stage: Wiring) -> None:
    before = stage.meter.total("dynamodb:Query")
    table = Table(rows(3), troubles={1: THROTTLE})
    reader(table.answer).rows_of("u#ann#programs")
    assert stage.meter.total("dynamodb:Query") - before == len(table.asked) == 3


def test_nothing_sleeps_for_real(reader: Reader, clock: FakeClock) -> None:
    """By the clock that is given, reading takes an hour at this rate; a busy machine takes some seconds."""
    first = clock()
    begun = time.monotonic()
    scanned(reader(Table(rows(400), units=1000.0).answer, 1.0))
    assert clock() - first > 3600
    assert time.monotonic() - begun < 60


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("PutItem", {"Item": row("", "b")}),
        ("PutItem", {"Item": row("a", "b", tags={"SS": []})}),
        ("PutItem", {"Item": row("a", "b", price={"N": "1" * 39})}),
        ("PutItem", {"Item": row("a", "b"), "ExpressionAttributeNames": {}}),
        ("PutItem", {"Item": row("a", "b"), "ConditionExpression": "token = :t"}),
        (
            "PutItem",
            {
                "Item": row("a", "b"),
                "ConditionExpression": "attribute_not_exists(pk)",
                "ExpressionAttributeValues": {":unused": {"S": ""}},
            },
        ),
        ("Scan", {"ProjectionExpression": "ivs, ivs.rawStageArn"}),
        ("Scan", {"ProjectionExpression": "status"}),
        ("BatchGetItem", {"RequestItems": {"t": {"Keys": [row("a", "b"), row("a", "b")]}}}),
        ("BatchGetItem", {"RequestItems": {"t": {"Keys": [row("a", str(n)) for n in range(101)]}}}),
        (
            "TransactWriteItems",
            {"TransactItems": [{"Put": {"TableName": "t", "Item": row("a", "b")}}] * 2},
        ),
        ("TransactWriteItems", {"TransactItems": [], "ClientRequestToken": "x" * 37}),
    ],
)
def test_the_rules_that_requests_are_held_to_refuse_what_dynamodb_refuses(
    operation: str, params: dict[str, Any]
) -> None:
    with pytest.raises(Broken):
        obey(operation, params)
