"""Asking for playback URLs: what each answer means, against a server on loopback."""

import socket
import time
from collections.abc import Callable

import pytest

from reconcile.model.sighting import Reply
from reconcile.stores.aws import Meter
from reconcile.stores.playback import HttpPlayback
from tests.contract.loopback import Answer, Asked, Loopback

PLAYS = Reply("plays")
asked: list[Asked] = []


def player(seconds: float = 10.0) -> HttpPlayback:
    return HttpPlayback("127.0.0.1", Meter(), sleep=lambda _: None, seconds=seconds)


def ask(
    server: Loopback, answer: Callable[[Asked], Answer], path: str = "/a/film.m3u8", seconds: float = 10.0
) -> Reply:
    """Ask for one URL where the server answers as a function says; `asked` holds the requests."""
    asked.clear()

    def remembered(request: Asked) -> Answer:
        asked.append(request)
        return answer(request)

    server.answer = remembered
    url = f"{server.url}{path}"
    return player(seconds).ask([url])[url]


@pytest.mark.parametrize("status", [200, 206])
def test_a_url_that_gives_its_first_byte_plays(scripted: Loopback, status: int) -> None:
    assert ask(scripted, lambda _: Answer(status, b"x")) == PLAYS
    assert [one.headers["range"] for one in asked] == ["bytes=0-0"]


@pytest.mark.parametrize(
    "lie",
    [Answer(204), Answer(200), Answer(206), Answer(200, b"<html>", {"Content-Type": "text/html"})],
    ids=["204", "200-empty", "206-empty", "page"],
)
def test_a_success_without_media_tells_nothing_and_is_asked_through(scripted: Loopback, lie: Answer) -> None:
    reply = ask(scripted, lambda _: lie)
    assert (reply.state, len(asked)) == ("none", 3)
    assert reply.why.startswith("127.0.0.1 gives an answer without ")
    assert ask(scripted, lambda _: lie if len(asked) == 1 else Answer(206, b"x")) == PLAYS


def test_a_server_that_knows_no_ranges_is_not_made_to_send_the_film(scripted: Loopback) -> None:
    """What it would send is left there."""
    begun = time.monotonic()
    assert ask(scripted, lambda _: Answer(200, b"x" * 5_000_000)) == PLAYS
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 416])
def test_a_url_that_is_refused_is_told_with_the_status_and_asked_once(
    scripted: Loopback, status: int
) -> None:
    assert ask(scripted, lambda _: Answer(status)) == Reply("refused", f"it answers {status}")
    assert len(asked) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 429, 304])
def test_an_answer_that_may_be_another_one_later_tells_nothing(scripted: Loopback, status: int) -> None:
    assert ask(scripted, lambda _: Answer(status)) == Reply("none", f"127.0.0.1 answers {status}, 3 times")
    assert len(asked) == 3


def test_a_trouble_that_passes_is_asked_through(scripted: Loopback) -> None:
    assert ask(scripted, lambda _: Answer(503 if len(asked) < 3 else 206, b"x")) == PLAYS


def test_a_server_that_hangs_is_waited_for_only_so_long(scripted: Loopback) -> None:
    def hang(_: Asked) -> Answer:
        time.sleep(1.0)
        return Answer(206, b"x")

    begun = time.monotonic()
    reply = ask(scripted, hang, seconds=0.1)
    assert (reply.state, reply.why) == ("none", "127.0.0.1 does not answer: ReadTimeoutError, 3 times")
    assert time.monotonic() - begun < 1.0


def test_a_connection_that_is_lost_tells_nothing(scripted: Loopback) -> None:
    reply = ask(scripted, lambda _: Answer(lost=True))
    assert (reply.state, len(asked)) == ("none", 3)


def test_a_server_that_is_not_there_tells_nothing() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/film"
        assert player().ask([url])[url] == Reply(
            "none", "127.0.0.1 does not answer: NewConnectionError, 3 times"
        )


def test_a_redirect_is_followed_within_the_domain_and_not_elsewhere(scripted: Loopback) -> None:
    def moved(to: str) -> Callable[[Asked], Answer]:
        return lambda request: (
            Answer(206, b"x") if request.path == "/new" else Answer(302, b"", {"Location": to})
        )

    assert ask(scripted, moved("/new")) == PLAYS
    assert ask(scripted, moved(f"{scripted.url}/new")) == PLAYS
    away = ask(scripted, moved("http://elsewhere.invalid/new"))
    assert away == Reply("none", "it leads to elsewhere.invalid, which is not followed")
    assert len(asked) == 1
    assert ask(scripted, lambda _: Answer(302, b"", {"Location": "/again"})).state == "none"
    assert len(asked) == 3


@pytest.mark.parametrize("path", ["/a film (final) + extra.mp4", "/a%20film%20(final)%20+%20extra.mp4"])
def test_a_url_is_asked_for_as_a_player_writes_it(scripted: Loopback, path: str) -> None:
    """Spaces are encoded, and what is encoded already stays so."""
    assert ask(scripted, lambda _: Answer(206, b"x"), path) == PLAYS
    assert asked[0].path == "/a film (final) + extra.mp4"


def test_many_urls_are_asked_for_at_the_same_time(scripted: Loopback) -> None:
    def slow(_: Asked) -> Answer:
        time.sleep(0.1)
        return Answer(206, b"x")

    scripted.answer = slow
    urls = [f"{scripted.url}/{number}" for number in range(32)]
    begun = time.monotonic()
    assert set(player().ask(urls).values()) == {PLAYS}
    assert time.monotonic() - begun < 32 * 0.1 / 4


def test_when_time_runs_out_nothing_more_is_asked(scripted: Loopback) -> None:
    url = f"{scripted.url}/film"
    reply = HttpPlayback("127.0.0.1", Meter(), lambda: 0.0).ask([url])[url]
    assert (reply.state, reply.why[:11]) == ("none", "OUT OF TIME")


def test_every_request_is_counted(scripted: Loopback) -> None:
    meter = Meter()
    scripted.answer = lambda _: Answer(500)
    HttpPlayback("127.0.0.1", meter, sleep=lambda _: None).ask([f"{scripted.url}/film"])
    assert meter.usage().requests == {"playback:GET": 3}
