"""The search index: every record read or a receipt that says why not, writes that can be read afterwards."""

import json
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from reconcile.model.errors import OutOfTime, SourceError
from reconcile.model.search_record import digest, parse_record
from reconcile.sandbox.algolia import AlgoliaKey, AlgoliaServer, Fault
from reconcile.stores.algolia import ACL_READ, ACL_SETTINGS
from reconcile.stores.algolia_requests import READ_SECONDS
from reconcile.stores.algolia_writing import ACL_WRITE, AlgoliaWriter
from reconcile.stores.aws import Meter
from tests.contract.harness import at_once
from tests.contract.loopback import Answer, Asked, Loopback
from tests.doubles.memory import MemoryIndex

INDEX = "programs"
RECORDS = [
    {"objectID": f"p{number:03}", "programId": f"p{number:03}", "title": f"Show {number}", "userId": "ann"}
    for number in range(25)
]
ADMIRED: dict[str, Any] = {
    "objectID": "n_1_ä b",
    "title": "Ä 日本 \U0001f3a5 \u2028 </script>",
    "tags": ["a", None, 1.5],
    "price": 9.99,
    "premium": False,
    "description": "",
    "program_url": "https://media.example/a%20b",
}


class Shelf(ABC):
    """An index as a test sees it: filled and looked into from outside."""

    port: Any

    @abstractmethod
    def put(self, *records: Mapping[str, Any]) -> None:
        """Put records into the index, as others do."""

    @abstractmethod
    def held(self) -> dict[str, dict[str, Any]]:
        """Return what the index holds and shows, by objectID."""


class MemoryShelf(Shelf):
    """An index in memory."""

    def __init__(self) -> None:
        self.port = self._index = MemoryIndex(INDEX)

    def put(self, *records: Mapping[str, Any]) -> None:
        self._index.hits.update((record["objectID"], dict(record)) for record in records)

    def held(self) -> dict[str, dict[str, Any]]:
        return self._index.hits


class RealShelf(Shelf):
    """An index of the compatible server, read in small pages; nobody really sleeps between tries."""

    def __init__(
        self,
        server: AlgoliaServer,
        key: str = "repair",
        index: str = INDEX,
        page: int = 4,
        read_seconds: float = READ_SECONDS,
    ) -> None:
        self.server, self.meter, self._index = server, Meter(), index
        self.port = AlgoliaWriter(
            server.app_id,
            key,
            index,
            self.meter,
            server.url,
            sleep=at_once,
            page_size=page,
            read_seconds=read_seconds,
        )

    def put(self, *records: Mapping[str, Any]) -> None:
        self.server.put(self._index, records)

    def held(self) -> dict[str, dict[str, Any]]:
        return self.server.records(self._index)


KEYS = {
    "check": AlgoliaKey(frozenset(ACL_READ)),
    "repair": AlgoliaKey(frozenset((*ACL_READ, *ACL_WRITE)), frozenset((INDEX,))),
    "browse": AlgoliaKey(frozenset(("browse",))),
    "sees settings": AlgoliaKey(frozenset((*ACL_READ, ACL_SETTINGS))),
    "sees all": AlgoliaKey(frozenset((*ACL_READ, ACL_SETTINGS, "seeUnretrievableAttributes"))),
    "search": AlgoliaKey(frozenset(("search",))),
    "elsewhere": AlgoliaKey(frozenset((*ACL_READ, *ACL_WRITE)), frozenset(("others",))),
}


@pytest.fixture
def server() -> Iterator[AlgoliaServer]:
    with AlgoliaServer("APP", KEYS) as running:
        running.put(INDEX, [])
        yield running


@pytest.fixture
def real(server: AlgoliaServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[RealShelf]:
    monkeypatch.setattr("algoliasearch.http.transporter_sync.sleep", lambda _: None)
    shelf = RealShelf(server)
    yield shelf
    shelf.port.close()


@pytest.fixture(params=["memory", "real"])
def shelf(request: pytest.FixtureRequest) -> Shelf:
    """The search index, in memory and for real."""
    if request.param == "memory":
        return MemoryShelf()
    real: RealShelf = request.getfixturevalue("real")
    return real


@pytest.mark.parametrize("number", [0, 1, 4, 5, 25])
def test_browsing_gives_every_record_once(shelf: Shelf, number: int) -> None:
    shelf.put(*RECORDS[:number])
    found, receipt = shelf.port.browse()
    assert sorted(found, key=lambda one: one.object_id) == [parse_record(hit) for hit in RECORDS[:number]]
    assert (receipt.source, receipt.whole, receipt.items) == ("algolia:programs", True, number)


def test_browsing_counts_its_pages(real: RealShelf) -> None:
    real.put(*RECORDS)
    _, receipt = real.port.browse()
    assert receipt.requests == real.server.requests.count(("POST", "browse")) == 7


def test_a_whole_record_has_the_fields_too_that_nobody_compares(shelf: Shelf) -> None:
    """Undo brings it back as it was."""
    odd = {**ADMIRED, "views": 12, "_tags": ["x"], "nested": {"a": [1, {"b": None}]}}
    shelf.put(odd, RECORDS[0])
    assert shelf.port.whole_records([ADMIRED["objectID"], "not-there"]) == {ADMIRED["objectID"]: odd}
    assert "views" not in shelf.port.records([ADMIRED["objectID"]])[ADMIRED["objectID"]]


def test_any_title_comes_back_letter_by_letter(shelf: Shelf) -> None:
    shelf.port.write([ADMIRED])
    assert shelf.held() == {ADMIRED["objectID"]: ADMIRED}
    assert shelf.port.records([ADMIRED["objectID"]]) == {ADMIRED["objectID"]: ADMIRED}
    (found,), _ = shelf.port.browse()
    assert found == parse_record(ADMIRED)


def test_only_the_fields_that_are_compared_are_read(shelf: Shelf) -> None:
    shelf.put({"objectID": "p1", "title": "Noon", "ownerId": "ann", "secret": "s", "_tags": ["x"]})
    assert shelf.port.records(["p1"]) == {"p1": {"objectID": "p1", "title": "Noon", "ownerId": "ann"}}
    assert shelf.port.browse()[0][0].user_id == "ann"


PRICED = [{"objectID": f"p{number}", "title": "Noon", "price": number} for number in range(6)]


def test_what_the_index_hides_is_named_and_is_in_no_digest(server: AlgoliaServer) -> None:
    shelf = RealShelf(server, "sees settings")
    server.set_up(INDEX, {"unretrievableAttributes": ["price", "internal"]})
    shelf.put(*PRICED)
    found, receipt = shelf.port.browse()
    assert receipt.detail == {"not_compared": ["price"]}
    assert shelf.port.hidden() == {"price"}
    told = {"objectID": "p0", "title": "Noon", "price": 99}
    assert found[0].digest == digest(told, frozenset(("price",))) != digest(told)
    assert shelf.port.records(["p0"]) == {"p0": {"objectID": "p0", "title": "Noon"}}


def test_a_key_that_sees_what_is_hidden_compares_it(server: AlgoliaServer) -> None:
    shelf = RealShelf(server, "sees all")
    server.set_up(INDEX, {"unretrievableAttributes": ["price"]})
    shelf.put(*PRICED)
    found, receipt = shelf.port.browse()
    assert (receipt.detail, shelf.port.hidden()) == ({}, frozenset())
    assert [one.digest for one in found] == [digest(hit) for hit in PRICED]


def test_where_addresses_are_hidden_the_index_is_doubted(server: AlgoliaServer) -> None:
    """No record could tell any more that a program was deleted."""
    shelf = RealShelf(server, "sees settings")
    server.set_up(INDEX, {"unretrievableAttributes": ["program_url"]})
    shelf.put(*PRICED)
    receipt = shelf.port.browse()[1]
    assert receipt.whole
    assert "seeUnretrievableAttributes" in receipt.doubt


def test_records_are_read_by_id_and_absent_ones_are_absent(shelf: Shelf) -> None:
    shelf.put(*RECORDS)
    found = shelf.port.records(["p003", "none", "p001", "p003", "a/b?c#d"])
    assert found == {"p001": RECORDS[1], "p003": RECORDS[3]}
    assert shelf.port.records([]) == {}


def test_records_are_read_by_id_beyond_one_request(real: RealShelf) -> None:
    many = [{"objectID": f"x{number}", "title": str(number)} for number in range(1001)]
    real.put(*many)
    assert len(real.port.records([record["objectID"] for record in many])) == 1001
    assert real.server.requests.count(("POST", "objects")) == 2


def test_requests_at_once_lose_nothing_when_some_of_them_fail(real: RealShelf) -> None:
    many = [{"objectID": f"x{number}", "title": str(number)} for number in range(4500)]
    real.put(*many)
    real.server.fail(Fault("reset", "objects", count=2), Fault("truncate", "objects"))
    found = real.port.records([record["objectID"] for record in many])
    assert list(found) == [record["objectID"] for record in many]
    assert real.server.requests.count(("POST", "objects")) == 5 + 3


def test_writing_replaces_the_whole_record(shelf: Shelf) -> None:
    shelf.put({"objectID": "p1", "title": "before", "extra": 1}, RECORDS[2])
    shelf.port.write([{"objectID": "p1", "title": "after"}])
    assert shelf.held() == {"p1": {"objectID": "p1", "title": "after"}, "p002": RECORDS[2]}


def test_removing_takes_one_record_back(shelf: Shelf) -> None:
    shelf.put(*RECORDS[:3])
    shelf.port.remove(["p001", "not-there"])
    assert set(shelf.held()) == {"p000", "p002"}


@pytest.mark.parametrize("delay", [0.0, 0.15])
def test_a_write_can_be_read_as_soon_as_it_is_over(delay: float) -> None:
    with AlgoliaServer("APP", KEYS, delay=delay) as server:
        port = AlgoliaWriter("APP", "repair", INDEX, Meter(), server.url)
        port.write([ADMIRED])
        assert port.records([ADMIRED["objectID"]]) == {ADMIRED["objectID"]: ADMIRED}
        port.remove([ADMIRED["objectID"]])
        assert port.records([ADMIRED["objectID"]]) == {}
        port.close()


def test_a_batch_whose_task_is_never_published_was_sent_and_the_next_is_not_waited_for_as_long() -> None:
    with AlgoliaServer("APP", KEYS, delay=3600.0) as server:
        slept: list[float] = []
        port = AlgoliaWriter("APP", "repair", INDEX, Meter(), server.url, sleep=slept.append)
        assert port.write([RECORDS[0]]) == "sent"
        assert 120 <= sum(slept) < 126
        slept.clear()
        assert (port.write([RECORDS[1]]), port.remove(["p000"])) == ("sent", "sent")
        assert 10 <= sum(slept) < 16
        port.close()


def test_a_batch_that_is_not_published_when_time_ends_was_sent() -> None:
    with AlgoliaServer("APP", KEYS, delay=3600.0) as server:
        ends = time.monotonic() + 1.0

        def left() -> float:
            return ends - time.monotonic()

        port = AlgoliaWriter("APP", "repair", INDEX, Meter(), server.url, left=left)
        assert port.write([RECORDS[0]]) == "sent"
        assert left() > -0.5
        time.sleep(max(0.0, left()))
        with pytest.raises(OutOfTime, match="OUT OF TIME"):
            port.write([RECORDS[1]])
        port.close()


FAULTS = [
    Fault("throttle", count=3),
    Fault("unavailable", count=3),
    Fault("truncate", count=3),
    Fault("reset", count=3),
    Fault("slow", seconds=0.05),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.kind)
def test_passing_faults_are_survived(real: RealShelf, fault: Fault) -> None:
    real.put(*RECORDS)
    real.server.fail(Fault("slow", "browse"), Fault(fault.kind, "browse", fault.count, fault.seconds))
    found, receipt = real.port.browse()
    assert (len(found), receipt.whole) == (25, True)
    for endpoint in ("objects", "batch", "task"):
        real.server.fail(Fault(fault.kind, endpoint, fault.count, fault.seconds))
    real.port.write([ADMIRED])
    assert real.port.records([ADMIRED["objectID"]]) == {ADMIRED["objectID"]: ADMIRED}
    assert len(real.held()) == 26


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (Fault("throttle", "browse", 99), "429: Scripted: throttle"),
        (Fault("unavailable", "browse", 99), "Unreachable hosts"),
        (Fault("truncate", "browse", 99), ""),
        (Fault("reset", "browse", 99), "Connection"),
    ],
    ids=lambda value: getattr(value, "kind", ""),
)
def test_faults_that_stay_make_the_receipt_not_whole(real: RealShelf, fault: Fault, told: str) -> None:
    real.put(*RECORDS)
    real.server.fail(Fault("slow", "browse", 2), fault)
    found, receipt = real.port.browse()
    assert (receipt.whole, receipt.items, len(found)) == (False, 8, 8)
    assert receipt.why.startswith("browsing the index programs, 5 times: ")
    assert told in receipt.why


@pytest.mark.parametrize("kind", ["throttle", "unavailable", "truncate", "reset"])
def test_faults_that_stay_make_reads_and_writes_fail(real: RealShelf, kind: Any) -> None:
    real.put(*RECORDS)
    real.server.fail(Fault(kind, "*", 999))
    with pytest.raises(SourceError, match="reading records of the index programs, 5 times: "):
        real.port.records(["p001"])
    with pytest.raises(SourceError, match="writing the record n_1_ä b, 5 times: "):
        real.port.write([ADMIRED])
    with pytest.raises(SourceError, match="taking back the record p001, 5 times: "):
        real.port.remove(["p001"])


def test_an_index_that_answers_too_late_is_not_whole(server: AlgoliaServer) -> None:
    real = RealShelf(server, read_seconds=0.05)
    real.put(*RECORDS)
    real.server.fail(Fault("slow", "browse", 99, 0.3))
    _, receipt = real.port.browse()
    real.port.close()
    assert (receipt.whole, "5 times: " in receipt.why) == (False, True)


def test_a_cursor_that_comes_back_ends_the_reading() -> None:
    def answer(asked: Asked) -> Answer:
        cursor = "second" if asked.document.get("cursor") == "first" else "first"
        return Answer(200, json.dumps({"hits": RECORDS[:2], "nbHits": 9, "cursor": cursor}).encode())

    with Loopback(answer) as server:
        port = AlgoliaWriter("APP", "key", INDEX, Meter(), server.url)
        found, receipt = port.browse()
        port.close()
    assert (len(found), receipt.whole, receipt.requests) == (2, False, 3)
    told = "the page to go on with was told a second time: it would never end"
    assert receipt.why == f"browsing the index programs: {told}"


Ask = Callable[[AlgoliaWriter], Any]
ASKS: dict[str, Ask] = {
    "browse": lambda port: port.browse(),
    "records": lambda port: port.records(["p001"]),
    "write": lambda port: port.write([RECORDS[0]]),
    "remove": lambda port: port.remove(["p001"]),
}


def complaint(port: AlgoliaWriter, ask: str) -> str:
    """Return how a call complains: in its receipt, or by a SourceError."""
    try:
        answer = ASKS[ask](port)
    except SourceError as error:
        return str(error)
    receipt = answer[1]
    assert not receipt.whole
    return str(receipt.why)


@pytest.mark.parametrize(
    ("key", "index", "ask", "told"),
    [
        *(("wrong", INDEX, ask, "403: Invalid Application-ID or API key") for ask in ASKS),
        (
            "search",
            INDEX,
            "browse",
            "browsing the index programs: 403: Not enough rights: this key lacks browse",
        ),
        ("browse", INDEX, "records", "the index programs: 403: Not enough rights: this key lacks search"),
        (
            "check",
            INDEX,
            "write",
            "writing the record p000: 403: Not enough rights: this key lacks addObject",
        ),
        ("elsewhere", INDEX, "browse", "this key is not for index programs"),
        ("check", "misspelt", "browse", "browsing the index misspelt: 404: Index misspelt does not exist"),
        ("check", "misspelt", "records", "of the index misspelt: 404: Index misspelt does not exist"),
    ],
)
def test_what_is_refused_is_named_at_once(
    server: AlgoliaServer, key: str, index: str, ask: str, told: str
) -> None:
    server.put(INDEX, RECORDS)
    shelf = RealShelf(server, key, index)
    assert told in complaint(shelf.port, ask)
    shelf.port.close()
    assert len(server.requests) == 1


def test_a_record_that_is_too_big_is_named_and_not_written() -> None:
    with AlgoliaServer("APP", KEYS, max_record_bytes=1000) as server:
        server.put(INDEX, RECORDS[:1])
        port = AlgoliaWriter("APP", "repair", INDEX, Meter(), server.url)
        with pytest.raises(SourceError, match=r"writing the record long: 400: .*objectID=long is too big"):
            port.write([{"objectID": "long", "description": "x" * 2000}])
        port.close()
        assert set(server.records(INDEX)) == {"p000"}


@pytest.mark.parametrize("ask", ASKS)
@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, b"<html>Please log in</html>"),
        Answer(200, b"[]"),
        Answer(200, b"{}"),
        Answer(200, b""),
        Answer(200, b'{"hits": [{"title": "no id"}], "results": {}, "taskID": null}'),
        Answer(200, b'{"hits": 5, "results": [], "taskID": "x"}'),
        Answer(403, b'{"error": {"message": "a proxy says no"}}'),
        Answer(403, b"<html>message</html>"),
        Answer(302, b"", {"Location": "/elsewhere"}),
    ],
    ids=["html", "list", "empty", "nothing", "shapes", "types", "proxy", "proxy-html", "redirect"],
)
def test_an_answer_that_is_none_of_the_services_is_not_believed(answer: Answer, ask: str) -> None:
    with Loopback(lambda _: answer) as server:
        port = AlgoliaWriter("APP", "key", INDEX, Meter(), server.url, sleep=lambda _: None)
        assert INDEX in complaint(port, ask) or "record p00" in complaint(port, ask)
        port.close()


@pytest.mark.parametrize(
    "kind", ["application/json; charset=UTF-8", "application/json", "text/plain; charset=utf-8"]
)
def test_titles_that_are_sent_as_utf_8_are_read_as_such(kind: str) -> None:
    answer = {"hits": [ADMIRED], "nbHits": 1, "results": [ADMIRED]}
    page = json.dumps(answer, ensure_ascii=False).encode()
    with Loopback(lambda _: Answer(200, page, {"Content-Type": kind})) as server:
        port = AlgoliaWriter("APP", "key", INDEX, Meter(), server.url)
        assert port.browse()[0] == [parse_record(ADMIRED)]
        assert port.records([ADMIRED["objectID"]]) == {ADMIRED["objectID"]: ADMIRED}
        port.close()


def test_a_server_that_is_not_there_is_named() -> None:
    with Loopback() as server:
        url = server.url
    port = AlgoliaWriter("APP", "key", INDEX, Meter(), url, sleep=lambda _: None)
    _, receipt = port.browse()
    assert (receipt.whole, receipt.requests) == (False, 5)
    assert receipt.why.startswith("browsing the index programs, 5 times: ")
    port.close()
