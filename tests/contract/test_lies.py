"""Every port, asked of a store that answers 200 with no truth: asked again, and then told as not read."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from reconcile.model.catalog import RowKey
from reconcile.model.errors import SourceError
from reconcile.model.media import ObjectAddress
from reconcile.model.recording import RecordingKey
from reconcile.stores.algolia_writing import AlgoliaWriter
from reconcile.stores.aws import Meter, connect
from reconcile.stores.dynamodb import DynamoRows
from reconcile.stores.idempotency import DynamoRunKeys
from reconcile.stores.journal_items import journal_item
from reconcile.stores.objects import S3Objects
from reconcile.stores.reports import S3Reports
from reconcile.stores.s3 import S3Recordings
from reconcile.stores.secrets import Secrets
from reconcile.stores.state import DynamoState
from reconcile.stores.timeouts import endless
from reconcile.wiring import Wiring
from tests.contract.conftest import environ
from tests.contract.harness import Item, journal_entry, row, scanned
from tests.contract.liar import LIES, Liar, Truth, without
from tests.contract.lookalike import Lookalike
from tests.contract.loopback import Answer, Asked, Loopback, json_answer

PREFIX = "ivs/v1/123456789012/abcdefghijkl/2026/3/1/12/0/aaaaaaaaaaaa"
OBJECTS = {
    f"{PREFIX}/events/recording-ended.json": b'{"recording_status": "RECORDING_ENDED"}',
    f"{PREFIX}/media/hls/master.m3u8": b"#EXTM3U\n" * 9,
    "of/run1/report.json": b'{"schema": "1.0"}',
}
ROWS = [row("u#ann#programs", f"p#{number}", programId=str(number)) for number in range(5)]
HITS = [{"objectID": f"p{number}", "programId": f"p{number}", "title": "Noon"} for number in range(3)]
NOW = datetime(2026, 3, 1, tzinfo=UTC)
CAPACITY = {"TableName": "memory", "CapacityUnits": 0.5}
STATE: dict[str, Item] = {
    "environment": row("environment", "environment", stage="s", table="t", index="i", buckets={"L": []}),
    "ledger": row("ledger", "x", bucket="videos", prefix="p", how="made", programs={"M": {}}),
    "run": row("run", "run1", mode="check", started_at="2026-03-01T12:00:00.000Z"),
    "lease": row("lease", "lease", run="run1", token="t", until=99_999_999_999),
    "decision": row(
        "decision", "finding#f", what="ignore", id="f", by="ann", reason="r", at="2026-03-01T12:00:00.000Z"
    ),
    "journal#run1": journal_item(journal_entry(run="run1")),
    "claim": row("claim", "key", token="t", until=1, exit_code=0, reply="{}"),
}


def dynamodb(asked: Asked) -> Answer:
    """Answer as DynamoDB does, of both tables."""
    body = asked.document
    if asked.operation == "Scan":
        found = ROWS[body["Segment"] :: body["TotalSegments"]]
        return json_answer({"Items": found, "Count": len(found), "ConsumedCapacity": CAPACITY})
    if asked.operation == "Query":
        pk = body["ExpressionAttributeValues"][":pk"]["S"]
        found = [one for one in (*ROWS, *STATE.values()) if one["pk"]["S"] == pk]
        return json_answer({"Items": found, "Count": len(found), "ConsumedCapacity": CAPACITY})
    if asked.operation == "GetItem":
        return json_answer({"Item": STATE[body["Key"]["pk"]["S"]], "ConsumedCapacity": CAPACITY})
    keys = body["RequestItems"]["application"]["Keys"]
    found = [one for one in ROWS if {"pk": one["pk"], "sk": one["sk"]} in keys]
    return json_answer({"Responses": {"application": found}, "UnprocessedKeys": {}})


def algolia(asked: Asked) -> Answer:
    """Answer as Algolia does."""
    kind = asked.path.rstrip("/").rsplit("/", 1)[-1]
    answers: dict[str, Any] = {
        "browse": {"hits": HITS, "nbHits": len(HITS), "params": "", "query": ""},
        "objects": {"results": HITS[:2]},
        "settings": {"hitsPerPage": 20, "searchableAttributes": ["title"]},
        "batch": {"taskID": 7, "objectIDs": ["p0"]},
    }
    if "/task/" in asked.path:
        return json_answer({"status": "published", "pendingTask": False})
    return json_answer(answers.get(kind, {"acl": ["browse", "search"], "indexes": ["programs"]}))


def others(asked: Asked) -> Answer:
    """Answer as Secrets Manager does."""
    return json_answer({"Name": "n", "ARN": "arn", "SecretString": "secret"})


@dataclass
class Place:
    """Where a call is made: the wiring whose clients talk to the scripted server, and its time."""

    wiring: Wiring
    url: str
    left: Callable[[], float] = endless
    sleep: Callable[[float], None] = lambda _: None

    @property
    def rows(self) -> DynamoRows:
        return DynamoRows(self.wiring.dynamodb, "application", 1e9, Meter(), sleep=self.sleep, left=self.left)

    @property
    def state(self) -> DynamoState:
        return DynamoState(self.wiring.dynamodb, "memory", sleep=self.sleep, left=self.left)

    @property
    def run_keys(self) -> DynamoRunKeys:
        return DynamoRunKeys(self.wiring.dynamodb, "memory", left=self.left, sleep=self.sleep)

    @property
    def recordings(self) -> S3Recordings:
        return S3Recordings(self.wiring.s3, ["videos"], (), Meter(), self.left, self.sleep)

    @property
    def reports(self) -> S3Reports:
        return S3Reports(self.wiring.s3, "videos", "of", self.left, self.sleep)

    @property
    def records(self) -> AlgoliaWriter:
        return AlgoliaWriter("APP", "key", "programs", Meter(), self.url, sleep=self.sleep, left=self.left)


@dataclass(frozen=True)
class Call:
    """One call of a port, and the store that it asks; without one of `fields`, its JSON is no answer."""

    ask: Callable[[Place], Any]
    truth: Truth
    fields: tuple[str, ...] = ()


def whole(answer: Any) -> Any:
    """Return what was read; raises SourceError where a receipt says that this is not all."""
    found, receipts = answer
    for receipt in receipts if isinstance(receipts, list) else [receipts]:
        if not receipt.whole:
            raise SourceError(receipt.why)
    return found


def seen(place: Place) -> Any:
    """Look for an object; raises SourceError where nothing was seen."""
    address = ObjectAddress("videos", f"{PREFIX}/media/hls/master.m3u8")
    (sighting,) = S3Objects(place.wiring.s3, Meter(), place.left, place.sleep).exist([address]).values()
    if sighting.state != "there":
        raise SourceError(sighting.why)
    return sighting


def s3(asked: Asked) -> Answer:
    """Answer as S3 does."""
    return Lookalike({"videos": OBJECTS}).answer(asked)


def secret(place: Place) -> Any:
    """Fetch a secret."""
    with environ(place.url):
        client = connect("secretsmanager", Meter())
    try:
        return Secrets(lambda: client, place.left, place.sleep).reveal("secretsmanager:name")
    finally:
        client.close()


ENDED = f"{PREFIX}/events/recording-ended.json"
CALLS: dict[str, Call] = {
    "rows.scan": Call(lambda at: whole(scanned(at.rows)), dynamodb, ("Items",)),
    "rows.rows_of": Call(lambda at: at.rows.rows_of("u#ann#programs"), dynamodb, ("Items",)),
    "rows.rows": Call(
        lambda at: at.rows.rows([RowKey("u#ann#programs", "p#1"), RowKey("u#ann#programs", "gone")]),
        dynamodb,
        ("Responses", "UnprocessedKeys"),
    ),
    "state.environment": Call(lambda at: at.state.environment(), dynamodb),
    "state.ledger": Call(lambda at: at.state.ledger(), dynamodb, ("Items",)),
    "state.runs": Call(lambda at: at.state.runs(9), dynamodb, ("Items",)),
    "state.run": Call(lambda at: at.state.run("run1"), dynamodb),
    "state.holder": Call(lambda at: at.state.holder(NOW), dynamodb),
    "state.journal": Call(lambda at: at.state.journal("run1"), dynamodb, ("Items",)),
    "state.decisions": Call(lambda at: at.state.decisions(), dynamodb, ("Items",)),
    "run_keys.earlier": Call(lambda at: at.run_keys.earlier("key"), dynamodb),
    "recordings.list": Call(lambda at: whole(at.recordings.list_recordings()), s3),
    "recordings.find": Call(lambda at: at.recordings.find(RecordingKey("videos", PREFIX)), s3),
    "recordings.list_media": Call(lambda at: at.recordings.list_media(RecordingKey("videos", PREFIX)), s3),
    "recordings.read": Call(lambda at: at.recordings.read("videos", ENDED, 1000), s3),
    "objects.exist": Call(seen, s3),
    "reports.load": Call(lambda at: at.reports.load("run1", "report.json"), s3),
    "reports.run_ids": Call(lambda at: at.reports.run_ids(), s3),
    "reports.prepare": Call(lambda at: at.reports.prepare(), s3),
    "records.browse": Call(lambda at: whole(at.records.browse()), algolia, ("hits", "nbHits")),
    "records.records": Call(lambda at: at.records.records(["p0", "p1"]), algolia, ("results",)),
    "records.size": Call(lambda at: at.records.size(), algolia, ("nbHits",)),
    "records.settings": Call(lambda at: at.records.settings(), algolia),
    "records.rights": Call(lambda at: at.records.rights(), algolia, ("acl",)),
    "records.write": Call(lambda at: at.records.write([{"objectID": "p0"}]), algolia, ("taskID",)),
    "secrets.reveal": Call(secret, others, ("SecretString",)),
}
# What the body holds is not the adapter's to judge where an object's headers are true.
HEADERS_ALONE = {"recordings.read": ("cut",), "reports.load": ("cut",), "objects.exist": ("cut",)}


def cases() -> Iterator[Any]:
    """Yield each call with each lie about it."""
    for name, call in CALLS.items():
        lies = {**LIES, **{f"without-{field}": without(field) for field in call.fields}}
        for lie, make in lies.items():
            if lie not in HEADERS_ALONE.get(name, ()):
                yield pytest.param(call, make, id=f"{name}-{lie}")


@pytest.fixture
def place(scripted: Loopback, stage: Wiring) -> Place:
    """The scripted server, where nobody really waits."""
    return Place(stage, scripted.url)


def told(call: Call, place: Place, answer: Callable[[Asked], Answer], server: Loopback) -> Any:
    server.answer = answer
    return call.ask(place)


@pytest.mark.parametrize(("call", "lie"), list(cases()))
def test_a_success_that_holds_no_answer_is_asked_again_and_then_told(
    place: Place, scripted: Loopback, call: Call, lie: Callable[[Answer], Answer]
) -> None:
    true = told(call, place, call.truth, scripted)
    once = Liar(call.truth, lie, times=1)
    assert told(call, place, once, scripted) == true
    assert once.asked > 1
    always = Liar(call.truth, lie)
    with pytest.raises(SourceError):
        told(call, place, always, scripted)
    assert always.asked > 1


def nothing(capacity: bool, query: Any) -> Callable[[Asked], Answer]:
    """Return an empty table: whether it tells the capacity that it is asked for, and what a Query gives."""

    def answer(asked: Asked) -> Answer:
        if asked.operation == "Query":
            return json_answer(query)
        return json_answer({"ConsumedCapacity": CAPACITY} if capacity else {})

    return answer


@pytest.mark.parametrize("capacity", [True, False], ids=["tells-capacity", "never-tells-it"])
def test_an_item_that_is_not_there_is_told_from_an_answer_that_lost_it(
    place: Place, scripted: Loopback, capacity: bool
) -> None:
    """Some look-alikes never tell a capacity: what a Query of the key gives is believed there."""
    scripted.answer = nothing(capacity, {"Items": [], "Count": 0})
    assert (place.state.environment(), place.state.run("none"), place.state.holder(NOW)) == (None, None, None)
    scripted.answer = nothing(False, {})
    with pytest.raises(SourceError, match="an answer without Items"):
        place.state.environment()


def test_an_item_whose_read_was_answered_with_nothing_is_found_all_the_same(
    place: Place, scripted: Loopback
) -> None:
    """One garbage answer, or a gateway that garbles each GetItem, hides no environment."""
    scripted.answer = lambda asked: json_answer({}) if asked.operation == "GetItem" else dynamodb(asked)
    environment = place.state.environment()
    assert environment is not None
    assert (environment.stage, environment.table, environment.index) == ("s", "t", "i")


@pytest.mark.parametrize("answer", [b"", b"{}"], ids=["empty", "no-object"])
def test_an_empty_success_of_a_write_is_a_success(place: Place, scripted: Loopback, answer: bytes) -> None:
    asked: list[str] = []

    def succeed(request: Asked) -> Answer:
        asked.append(request.headers["x-amz-target"].rpartition(".")[2])
        return Answer(200, answer)

    scripted.answer = succeed
    place.state.save_run("run1", {"mode": "check"})
    place.state.mark_whole_repair(NOW)
    assert asked == ["PutItem", "UpdateItem"]


@pytest.mark.parametrize("lie", [b"<html>", b"[]", b'{"Attributes'], ids=["html", "list", "cut"])
def test_a_garbled_answer_to_a_write_is_asked_for_again(place: Place, scripted: Loopback, lie: bytes) -> None:
    liar = Liar(lambda _: json_answer({}), lambda _: Answer(200, lie), times=2)
    scripted.answer = liar
    place.state.save_run("run1", {"mode": "check"})
    assert liar.asked == 3
    scripted.answer = lambda _: Answer(200, lie)
    with pytest.raises(SourceError, match="4 times: an answer without a JSON object"):
        place.state.save_run("run1", {"mode": "check"})


def test_a_report_that_its_bucket_does_not_keep_is_not_called_kept(place: Place, scripted: Loopback) -> None:
    """A success with an ETag is S3's; one without may be a gateway's, so the file is read back."""
    kept: dict[str, bytes] = {}

    def bucket(asked: Asked, etag: bool, keeps: bool) -> Answer:
        if asked.method == "PUT":
            kept[asked.path] = asked.body if keeps else b""
            return Answer(200, headers={"ETag": '"x"'} if etag else {})
        return Answer(200, kept[asked.path], {"ETag": '"x"'})

    for etag, keeps in ((True, True), (False, True)):
        scripted.answer = lambda asked, etag=etag, keeps=keeps: bucket(asked, etag, keeps)  # type: ignore[misc]
        place.reports.save("run1", {"report.json": "{}"})
        assert kept["/videos/of/run1/report.json"] == b"{}"
    scripted.answer = lambda asked: bucket(asked, etag=False, keeps=False)
    with pytest.raises(SourceError, match="does not keep what is written to it"):
        place.reports.save("run1", {"report.json": "{}"})
