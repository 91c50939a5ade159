"""The Algolia-compatible server keeps Algolia's contract, as its official client sees it."""

import http.client
import itertools
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from algoliasearch.http.exceptions import AlgoliaUnreachableHostException, RequestException
from algoliasearch.http.hosts import Host, HostsCollection
from algoliasearch.search.client import SearchClientSync as Client
from algoliasearch.search.config import SearchConfig

from reconcile.sandbox.algolia import AlgoliaKey, Fault
from reconcile.sandbox.algolia import AlgoliaServer as Server

APP = "SANDBOX"
REPAIR = frozenset({"browse", "search", "settings", "addObject", "deleteObject"})
ALL = REPAIR | {"deleteIndex", "editSettings", "listIndexes"}
KEYS = {
    "all": AlgoliaKey(ALL),
    "repair": AlgoliaKey(REPAIR, frozenset({"programs"})),
    **{f"without-{right}": AlgoliaKey(ALL - {right}) for right in ALL},
}
PAIR = {"x-algolia-application-id": APP, "x-algolia-api-key": "all"}
PROGRAMS = [{"objectID": f"p{number:04}", "title": f"Show {number}"} for number in range(25)]


def make(**options: Any) -> Server:
    return Server(app_id=APP, keys=KEYS, **options)


@pytest.fixture
def server() -> Iterator[Server]:
    with make() as running:
        running.put("programs", PROGRAMS)
        yield running


@contextmanager
def connected(server: Server, key: str = "all", app: str = APP, **options: Any) -> Iterator[Client]:
    config = SearchConfig(app, key)
    config.hosts = HostsCollection([Host("127.0.0.1", scheme="http", port=urlsplit(server.url).port)])
    config.proxies = {}
    for name, value in options.items():
        setattr(config, name, value)
    with Client.create_with_config(config) as client:
        yield client


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    with connected(server) as opened:
        yield opened


def page(client: Client, index: str = "programs", **params: Any) -> dict[str, Any]:
    answer: dict[str, Any] = client.browse(index, params).to_dict()
    return answer


def browse(client: Client, index: str = "programs", **params: Any) -> list[list[str]]:
    """The objectIDs of each page until one has no cursor."""
    pages = [page(client, index, **params)]
    while "cursor" in pages[-1]:
        pages.append(page(client, index, cursor=pages[-1]["cursor"]))
    return [[hit["objectID"] for hit in answer["hits"]] for answer in pages]


def write(client: Client, *actions: tuple[str, dict[str, Any]], index: str = "programs") -> int:
    """Sends one batch, waits for its task, and returns the task's number."""
    sent = [{"action": action, "body": body} for action, body in actions]
    task: int = client.batch(index, {"requests": sent}).task_id
    client.wait_for_task(index, task)
    return task


def configure(client: Client, settings: dict[str, Any], index: str = "programs") -> None:
    client.wait_for_task(index, client.set_settings(index, settings).task_id)


def found(client: Client, *object_ids: str, **params: Any) -> list[Any]:
    asked = [{"indexName": "programs", "objectID": object_id, **params} for object_id in object_ids]
    return list(client.get_objects({"requests": asked}).results)


def status(client: Client, task: int) -> str:
    return str(client.get_task("programs", task).to_dict()["status"])


def refusal(call: Callable[[], object]) -> tuple[int, str]:
    with pytest.raises(RequestException) as caught:
        call()
    return caught.value.status_code, str(caught.value)


@pytest.mark.parametrize(("size", "lengths"), [(10, [10, 10, 5]), (5, [5] * 5), (25, [25]), (1000, [25])])
def test_browse_gives_each_record_once(client: Client, size: int, lengths: list[int]) -> None:
    pages = browse(client, hitsPerPage=size)
    assert [len(ids) for ids in pages] == lengths
    assert sorted(itertools.chain(*pages)) == [record["objectID"] for record in PROGRAMS]


def test_browse_pages_hold_a_thousand_records_by_default(server: Server, client: Client) -> None:
    for number in (0, 1, 1000, 1001):
        server.put(f"of-{number}", [{"objectID": f"x{position}"} for position in range(number)])
    lengths = {number: [len(ids) for ids in browse(client, f"of-{number}")] for number in (0, 1, 1000, 1001)}
    assert lengths == {0: [0], 1: [1], 1000: [1000], 1001: [1000, 1]}


def test_browse_goes_on_after_a_record_of_an_earlier_page_is_removed(server: Server, client: Client) -> None:
    first = page(client, hitsPerPage=10)
    server.remove("programs", first["hits"][0]["objectID"])
    rest = page(client, cursor=first["cursor"], hitsPerPage=1000)
    assert len(rest["hits"]) == 15


def test_browse_shows_what_the_setting_names_unless_told_otherwise(server: Server, client: Client) -> None:
    record = {"objectID": "p", "title": "Noon", "ownerId": "u7", "duration": 60}
    server.put("other", [record])
    configure(client, {"attributesToRetrieve": ["title"]}, index="other")
    shown = {None: ["title"], ("*",): ["title", "ownerId", "duration"], ("ownerId",): ["ownerId"], (): []}
    for asked, names in shown.items():
        params = {} if asked is None else {"attributesToRetrieve": list(asked)}
        assert page(client, "other", **params)["hits"] == [
            {name: record[name] for name in ["objectID", *names]}
        ]


def test_a_cursor_carries_the_parameters_of_its_first_request(server: Server, client: Client) -> None:
    first = page(client, hitsPerPage=10, attributesToRetrieve=["nothing"])
    second = page(client, cursor=first["cursor"])
    assert second["hits"] == [{"objectID": f"p{number:04}"} for number in range(10, 20)]
    server.put("other", PROGRAMS)
    assert refusal(lambda: page(client, "other", cursor=first["cursor"])) == (400, "Invalid cursor")


def test_browse_by_get_takes_cursor_and_attributes_from_the_query(client: Client) -> None:
    path = "1/indexes/programs/browse"
    first: Any = client.custom_get(path, {"hitsPerPage": 20, "attributesToRetrieve": "none,title"})
    second: Any = client.custom_get(path, {"cursor": first["cursor"]})
    assert first["hits"] + second["hits"] == PROGRAMS
    assert "cursor" not in second


@pytest.mark.parametrize(
    ("name", "value"),
    [("hitsPerPage", 0), ("hitsPerPage", 1001), ("cursor", "?"), ("attributesToRetrieve", [1])],
)
def test_browse_refuses_wrong_parameters(client: Client, name: str, value: object) -> None:
    assert refusal(lambda: client.custom_post("1/indexes/programs/browse", body={name: value}))[0] == 400


def test_objects_come_in_the_order_asked_for_with_null_for_a_missing_one(client: Client) -> None:
    assert found(client, "p0003", "gone", "p0001") == [PROGRAMS[3], None, PROGRAMS[1]]
    assert found(client, "p0003", attributesToRetrieve=["none"]) == [{"objectID": "p0003"}]
    assert client.get_object("programs", "p0002", ["none", "nil"]) == {"objectID": "p0002"}
    assert refusal(lambda: client.get_object("programs", "gone")) == (404, "ObjectID does not exist")


@pytest.mark.parametrize("name", ["a/b", "a b", "50%", "%2F", "ü#1?x=y&z", "n_1+2", "録画"])
def test_names_of_indexes_and_objects_are_percent_decoded(server: Server, client: Client, name: str) -> None:
    write(client, ("addObject", {"objectID": name, "title": name}), index=name)
    assert server.records(name) == {name: {"objectID": name, "title": name}}
    assert client.get_object(name, name) == {"objectID": name, "title": name}


def test_a_batch_applies_its_actions_in_order(server: Server, client: Client) -> None:
    write(
        client,
        ("addObject", {"objectID": "a", "x": 1, "y": {"deep": 1, "lost": 1}}),
        ("partialUpdateObject", {"objectID": "a", "y": {"deep": 2}}),
        ("addObject", {"objectID": "b", "x": 1}),
        ("updateObject", {"objectID": "b", "y": 2}),
        ("partialUpdateObject", {"objectID": "c", "x": 3}),
        ("partialUpdateObjectNoCreate", {"objectID": "d", "x": 4}),
        ("partialUpdateObjectNoCreate", {"objectID": "c", "y": 4}),
        ("addObject", {"objectID": "e"}),
        ("deleteObject", {"objectID": "e"}),
        ("deleteObject", {"objectID": "never"}),
        index="new",
    )
    assert server.records("new") == {
        "a": {"objectID": "a", "x": 1, "y": {"deep": 2}},
        "b": {"objectID": "b", "y": 2},
        "c": {"objectID": "c", "x": 3, "y": 4},
    }


def test_an_added_record_without_an_id_gets_one(server: Server, client: Client) -> None:
    body = {"requests": [{"action": "addObject", "body": {"title": "x"}} for _ in range(2)]}
    answer = client.batch("new", body)
    client.wait_for_task("new", answer.task_id)
    assert len(set(answer.object_ids)) == 2
    assert server.records("new") == {made: {"objectID": made, "title": "x"} for made in answer.object_ids}


def test_the_clients_own_helpers_save_and_delete(server: Server, client: Client) -> None:
    saved = [{"objectID": f"s{number}"} for number in range(5)]
    client.save_objects("new", saved, wait_for_tasks=True, batch_size=2)
    client.delete_objects("new", ["s0", "s3"], wait_for_tasks=True)
    assert sorted(server.records("new")) == ["s1", "s2", "s4"]


BAD: list[dict[str, Any]] = [
    {"action": "dropEverything", "body": {"objectID": "a"}},
    {"action": "updateObject", "body": {"title": "no id"}},
    {"action": "addObject", "body": {"objectID": ""}},
    {"action": "addObject", "body": {"objectID": "a", "score": float("nan")}},
    {"action": "addObject", "body": ["a"]},
    {"action": "addObject"},
]


@pytest.mark.parametrize("bad", BAD)
def test_one_bad_request_refuses_its_whole_batch(server: Server, client: Client, bad: dict[str, Any]) -> None:
    good = {"action": "addObject", "body": {"objectID": "good"}}
    body = {"requests": [good, bad]}
    assert refusal(lambda: client.custom_post("1/indexes/programs/batch", body=body))[0] == 400
    time.sleep(0.03)
    assert "good" not in server.records("programs")


def test_a_record_over_the_size_limit_refuses_its_whole_batch() -> None:
    with make(max_record_bytes=60) as server, connected(server) as client:
        # {"objectID":"a","t":""} is 23 bytes, and é is two.
        write(client, ("addObject", {"objectID": "a", "t": "é" * 18 + "x"}))
        too_big = ("addObject", {"objectID": "b", "t": "é" * 19})
        status, message = refusal(lambda: write(client, ("addObject", {"objectID": "c"}), too_big))
        assert status == 400
        assert message.startswith("Record at the position 1 objectID=b is too big size=61/60 bytes. ")
        time.sleep(0.03)
        assert set(server.records("programs")) == {"a"}


def test_an_unknown_index_is_not_found_until_a_batch_makes_it(client: Client) -> None:
    unknown = (404, "Index new does not exist")
    assert refusal(lambda: client.browse("new")) == unknown
    assert refusal(lambda: client.get_settings("new")) == unknown
    assert refusal(lambda: client.get_object("new", "a")) == unknown
    asked = {"requests": [{"indexName": "new", "objectID": "a"}]}
    assert refusal(lambda: client.get_objects(asked)) == unknown
    write(client, ("addObject", {"objectID": "a"}), index="new")
    assert client.get_objects(asked).results == [{"objectID": "a"}]


def test_settings_are_kept_and_narrow_browse_alone(client: Client) -> None:
    configure(client, {"searchableAttributes": ["title"]})
    configure(client, {"attributesToRetrieve": ["none"]})
    kept = client.get_settings("programs")
    assert (kept.searchable_attributes, kept.attributes_to_retrieve) == (["title"], ["none"])
    assert page(client)["hits"][3] == {"objectID": "p0003"}
    assert found(client, "p0003") == [client.get_object("programs", "p0003")] == [PROGRAMS[3]]


def test_a_key_tells_its_own_rights_and_no_others(server: Server) -> None:
    with connected(server, "repair") as client:
        key = client.get_api_key("repair")
        assert (frozenset(key.to_dict()["acl"]), key.indexes) == (REPAIR, ["programs"])
        assert refusal(lambda: client.get_api_key("all"))[0] == 403


def test_indexes_are_listed_with_their_number_of_records(server: Server, client: Client) -> None:
    server.put("other", PROGRAMS[:3])
    assert {item.name: item.entries for item in client.list_indices().items} == {"programs": 25, "other": 3}


@pytest.mark.parametrize(("app", "key"), [(APP, "wrong"), ("WRONG", "all")])
def test_a_wrong_pair_is_refused(server: Server, app: str, key: str) -> None:
    with connected(server, key, app) as client:
        assert refusal(lambda: client.browse("programs")) == (403, "Invalid Application-ID or API key")


def test_the_pair_may_stand_in_the_query_and_errors_have_algolias_shape(server: Server) -> None:
    known, unknown = f"{server.url}/1/indexes/programs/browse", f"{server.url}/1/indexes/new/browse"
    assert requests.get(known, params=PAIR, timeout=5).json()["nbHits"] == 25
    assert requests.get(known, timeout=5).status_code == 403
    error = requests.get(unknown, params=PAIR, timeout=5)
    assert error.status_code == 404
    assert error.json() == {"message": "Index new does not exist", "status": 404}


def batch(action: str, **body: Any) -> dict[str, Any]:
    return {"requests": [{"action": action, "body": body}]}


ADD = batch("addObject", objectID="a")
DELETE = batch("deleteObject", objectID="p0001")
CALLS: list[tuple[str, Callable[[Client], Any]]] = [
    ("browse", lambda client: client.browse("programs")),
    ("search", lambda client: found(client, "p0001")),
    ("search", lambda client: client.get_object("programs", "p0001")),
    ("addObject", lambda client: client.batch("programs", ADD)),
    ("addObject", lambda client: client.get_task("programs", 1)),
    ("deleteObject", lambda client: client.batch("programs", DELETE)),
    ("deleteIndex", lambda client: client.batch("programs", batch("clear"))),
    ("deleteIndex", lambda client: client.batch("programs", batch("delete"))),
    ("settings", lambda client: client.get_settings("programs")),
    ("editSettings", lambda client: client.set_settings("programs", {"attributesToRetrieve": []})),
    ("listIndexes", lambda client: client.list_indices()),
    ("search", lambda client: client.get_api_key("without-search")),
]


@pytest.mark.parametrize(("right", "call"), CALLS)
def test_a_key_without_the_right_is_refused(
    server: Server, right: str, call: Callable[[Client], Any]
) -> None:
    with connected(server, f"without-{right}") as client:
        assert refusal(lambda: call(client)) == (403, f"Not enough rights: this key lacks {right}")
    time.sleep(0.03)
    assert list(server.records("programs").values()) == PROGRAMS


def test_a_key_with_every_right_may_clear_and_delete_an_index(server: Server, client: Client) -> None:
    write(client, ("clear", {}))
    assert client.browse("programs").hits == []
    write(client, ("delete", {}))
    assert refusal(lambda: client.browse("programs"))[0] == 404


def test_a_key_for_one_index_is_refused_on_another(server: Server) -> None:
    server.put("other", PROGRAMS)
    refused = (403, "Not enough rights: this key is not for index other")
    with connected(server, "repair") as client:
        assert refusal(lambda: client.browse("other")) == refused
        assert refusal(lambda: client.batch("other", ADD)) == refused
        asked = {"requests": [{"indexName": name, "objectID": "p0001"} for name in ("programs", "other")]}
        assert refusal(lambda: client.get_objects(asked)) == refused
        assert found(client, "p0001") == [PROGRAMS[1]]


def test_a_write_shows_only_once_its_task_is_published() -> None:
    with make(delay=0.6) as server, connected(server) as client:
        first = client.batch("programs", ADD).task_id
        time.sleep(0.1)
        assert status(client, first) == "notPublished"
        assert refusal(lambda: page(client))[0] == 404
        client.wait_for_task("programs", first)
        second = client.batch("programs", batch("updateObject", objectID="a", x=1)).task_id
        assert found(client, "a") == page(client)["hits"] == [{"objectID": "a"}]
        assert server.records("programs") == {"a": {"objectID": "a"}}
        client.wait_for_task("programs", second)
        assert found(client, "a") == page(client)["hits"] == [{"objectID": "a", "x": 1}]


def test_without_a_delay_asking_for_a_task_publishes_it(server: Server, client: Client) -> None:
    tasks = [client.batch("programs", body).task_id for body in (ADD, DELETE)]
    assert refusal(lambda: client.get_task("other", tasks[1]))[0] == 404
    assert [status(client, task) for task in reversed(tasks)] == ["published"] * 2
    assert found(client, "a", "p0001") == [{"objectID": "a"}, None]


def test_without_a_delay_a_write_shows_soon_though_nobody_asks(server: Server, client: Client) -> None:
    client.batch("programs", DELETE)
    time.sleep(0.03)
    assert found(client, "p0001") == [None]


def test_a_throttled_request_succeeds_when_the_client_has_waited(server: Server, client: Client) -> None:
    server.fail(Fault("throttle", "browse", seconds=1))
    begun = time.monotonic()
    assert len(page(client)["hits"]) == 25
    assert time.monotonic() - begun >= 1
    assert server.requests == [("POST", "browse")] * 2


def test_a_throttled_write_tells_how_long_to_wait_and_is_not_carried_out(server: Server) -> None:
    server.fail(Fault("throttle", "batch", seconds=6.5))
    answer = requests.post(f"{server.url}/1/indexes/programs/batch", json=ADD, headers=PAIR, timeout=5)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    time.sleep(0.03)
    assert "a" not in server.records("programs")


def test_an_unavailable_server_answers_so_as_often_as_scripted(server: Server) -> None:
    server.fail(Fault("unavailable", "browse", count=2))
    for _ in range(2):
        with connected(server) as client, pytest.raises(AlgoliaUnreachableHostException):
            client.browse("programs")
    with connected(server) as client:
        assert len(page(client)["hits"]) == 25


def test_a_slow_server_is_quiet_about_those_who_leave(
    server: Server, capfd: pytest.CaptureFixture[str]
) -> None:
    server.fail(Fault("slow", "browse", seconds=0.2))
    with connected(server, read_timeout=100) as client, pytest.raises(AlgoliaUnreachableHostException):
        client.browse("programs")
    server.fail(Fault("slow", "browse", seconds=0.3))
    begun = time.monotonic()
    with connected(server) as client:
        assert len(page(client)["hits"]) == 25
    assert time.monotonic() - begun >= 0.3
    server.stop()
    assert capfd.readouterr() == ("", "")


def test_a_truncated_page_is_an_error_and_the_next_try_is_whole(server: Server, client: Client) -> None:
    server.fail(Fault("slow", "browse"), Fault("truncate", "browse"))
    first = page(client, hitsPerPage=20)
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        page(client, cursor=first["cursor"])
    assert len(page(client, cursor=first["cursor"])["hits"]) == 5


@pytest.mark.parametrize(("kind", "happened"), [("truncate", True), ("reset", False)])
def test_a_cut_write_has_happened_a_reset_one_not(
    server: Server, client: Client, kind: Any, happened: bool
) -> None:
    server.fail(Fault(kind, "batch"))
    with pytest.raises(requests.exceptions.RequestException):
        client.batch("programs", ADD)
    time.sleep(0.03)
    assert ("a" in server.records("programs")) is happened


def test_a_fault_strikes_its_own_endpoint_alone(server: Server, client: Client) -> None:
    server.fail(Fault("reset", "task"), Fault("reset", "objects"))
    assert len(page(client)["hits"]) == 25
    with pytest.raises(requests.exceptions.ConnectionError):
        found(client, "p0001")
    assert found(client, "p0001") == [PROGRAMS[1]]
    with pytest.raises(ValueError, match="no endpoint is called brwose"):
        server.fail(Fault("reset", "brwose"))


def test_each_request_is_noted_by_method_and_endpoint(server: Server, client: Client) -> None:
    page(client)
    found(client, "p0001")
    client.get_object("programs", "p0001")
    write(client, ("addObject", {"objectID": "a"}))
    client.get_settings("programs")
    client.list_indices()
    client.get_api_key("all")
    assert refusal(lambda: client.custom_get("1/nowhere"))[0] == 404
    reads = [("POST", "browse"), ("POST", "objects"), ("GET", "object"), ("POST", "batch"), ("GET", "task")]
    rest = [("GET", "settings"), ("GET", "indexes"), ("GET", "key"), ("GET", "unknown")]
    assert server.requests == reads + rest


def test_one_connection_serves_many_requests_fast(server: Server) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(server.url).port or 0)
    connection.connect()
    held, begun = connection.sock, time.monotonic()
    for _ in range(25):
        connection.request("GET", "/1/indexes/programs/browse", headers=PAIR)
        assert connection.getresponse().read().startswith(b'{"hits"')
    assert connection.sock is held
    assert time.monotonic() - begun < 0.9  # 25 answers held back for 40 ms each would take a second
    connection.close()


def test_writes_from_many_threads_all_land(server: Server) -> None:
    def add(number: int) -> None:
        with connected(server) as client:
            for step in range(5):
                write(client, ("addObject", {"objectID": f"t{number}-{step}"}))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(8)))
    assert len(server.records("programs")) == 25 + 40


def test_seeding_and_reading_share_nothing_with_the_server(server: Server) -> None:
    tags = ["a"]
    server.put("programs", [{"objectID": "own", "tags": tags}])
    tags.clear()
    server.records("programs")["own"]["tags"].append("b")
    assert server.records("programs")["own"] == {"objectID": "own", "tags": ["a"]}
    server.remove("programs", "own")
    assert "own" not in server.records("programs")
    assert server.records("nowhere") == {}


def test_a_stopped_server_is_gone_and_keeps_its_records(server: Server, client: Client) -> None:
    page(client)
    server.fail(Fault("slow", "browse", seconds=30))
    begun = time.monotonic()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(page, client)
        while len(server.requests) < 2:
            time.sleep(0.01)
        server.stop()
        assert waiting.exception() is not None
    with pytest.raises(requests.exceptions.ConnectionError):
        page(client)
    assert time.monotonic() - begun < 5
    with pytest.raises(RuntimeError):
        assert server.url
    server.start()
    with connected(server) as again:
        assert len(page(again)["hits"]) == 25
