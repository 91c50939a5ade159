"""Stores that take a call and never answer, or answer a byte at a time: no call outlives the time it has."""

import socketserver
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

import pytest

from reconcile.deliver.email import Email
from reconcile.deliver.http_post import Post
from reconcile.model.catalog import RowKey
from reconcile.model.errors import DeliveryError, SourceError
from reconcile.stores.aws import Meter, connect
from reconcile.stores.dynamodb_writing import DynamoWriter
from reconcile.stores.lease import DynamoLease
from reconcile.stores.playback import HttpPlayback
from reconcile.stores.transactions import Transactions
from reconcile.stores.write_ports import GroupGain
from reconcile.wiring import Wiring
from tests.contract.conftest import environ, wired
from tests.contract.harness import journal_entry, update
from tests.contract.test_channels import MESSAGE
from tests.contract.test_lies import CALLS, Place

FASTER = 50.0
"""By how much the run's own clock is faster than the wall's."""


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    over: Event
    drips: bool


class _Handler(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        if not self.server.drips:
            self.server.over.wait(60)
            return
        self.request.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
        while not self.server.over.wait(0.02):
            try:
                self.request.sendall(b"x")
            except OSError:
                return


@contextmanager
def deaf(*, drips: bool) -> Iterator[str]:
    """Run a server that never answers, or never ends its answer; yields its address."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.over, server.drips = Event(), drips
        thread = Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.over.set()
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module", params=[False, True], ids=["silent", "dripping"])
def hung(request: pytest.FixtureRequest) -> Iterator[tuple[Wiring, str]]:
    """A wiring whose every store hangs, and their address."""
    import algoliasearch.search.client  # noqa: F401  # it takes a second, which is none of a call's

    with deaf(drips=request.param) as url:
        yield wired(url), url


class OwnClock:
    """A clock that the run alone goes by: so many of its seconds are left when it begins."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds / FASTER

    def left(self) -> float:
        """Return the seconds that are left."""
        return (self._ends - time.monotonic()) * FASTER

    def sleep(self, seconds: float) -> None:
        """Sleep by this clock."""
        time.sleep(seconds / FASTER)


class Held:
    """A lease that is held."""

    token = "token"

    def check(self) -> None:
        """It is."""


def written(at: Place) -> Any:
    """Change a row."""
    change = update(RowKey("u#ann#programs", "p#1"), {"title": "x"}, {"title": "y"})
    writer = DynamoWriter(
        Transactions(at.wiring.dynamodb, "application", "memory", Held(), at.sleep, at.left)
    )
    return writer.change_row(change, GroupGain(RowKey("g", "g"), None), journal_entry())


def mailed(at: Place) -> Any:
    """Send a mail."""
    with environ(at.url):
        client = connect("sesv2", Meter())
    return Email(client, "a@example.net", ("b@example.net",), lambda: at.left() / FASTER).send(MESSAGE)


def posted(at: Place) -> Any:
    """Post a message."""
    return Post("RECONCILE_WEBHOOK", lambda: at.left() / FASTER)(at.url, b"{}", {})


def played(at: Place) -> Any:
    """Ask for a playback URL."""
    (reply,) = HttpPlayback("127.0.0.1", Meter(), at.left, at.sleep).ask([f"{at.url}/a"]).values()
    if reply.state == "none":
        raise SourceError(reply.why)
    return reply


ASKS: dict[str, Callable[[Place], Any]] = {
    **{name: call.ask for name, call in CALLS.items()},
    "state.save_run": lambda at: at.state.save_run("run1", {"mode": "check"}),
    "state.mark_whole_repair": lambda at: at.state.mark_first_repair(journal_entry().at),
    "state.enter_all": lambda at: at.state.enter_all([journal_entry()]),
    "lease.take": lambda at: DynamoLease(at.wiring.dynamodb, "memory", "run", left=at.left).__enter__(),
    "rows.change_row": written,
    "reports.save": lambda at: at.reports.save("run1", {"report.json": "{}"}),
    "records.remove": lambda at: at.records.remove(["p0"]),
    "email.send": mailed,
    "post": posted,
    "playback.ask": played,
}


@pytest.mark.parametrize("ask", ASKS)
def test_no_call_outlives_the_time_that_it_has(hung: tuple[Wiring, str], ask: str) -> None:
    """Its repetitions and the waiting between them included; what is left is told."""
    wiring, url = hung
    clock = OwnClock(20.0)
    with pytest.raises((SourceError, DeliveryError)) as caught:
        ASKS[ask](Place(wiring, url, clock.left, clock.sleep))
    assert clock.left() > -1.0 * FASTER
    assert clock.left() < 15.0
    late = "OUT OF TIME", "no answer", "may have arrived"
    assert any(word in str(caught.value) for word in late)


@pytest.mark.parametrize("ask", sorted(set(ASKS) - {"email.send", "post"}))
def test_nothing_is_asked_where_no_time_is_left(hung: tuple[Wiring, str], ask: str) -> None:
    wiring, url = hung
    begun = time.monotonic()
    with pytest.raises(SourceError, match="OUT OF TIME"):
        ASKS[ask](Place(wiring, url, lambda: 0.0))
    assert time.monotonic() - begun < 1.0
