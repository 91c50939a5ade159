"""Check the servers that receive reports, or send a test message through each channel."""

from collections.abc import Iterator
from urllib.parse import urljoin

import urllib3

from reconcile.deliver import ping
from reconcile.deliver.channel import ChannelKind
from reconcile.doctor.clients import ImpatientWiring
from reconcile.doctor.result import Line, failed, ok, warning
from reconcile.model.errors import DeliveryError, ReconcileError
from reconcile.settings.settings import PREFIX

_CONNECT_SECONDS = 5.0
_GONE = (404, 410)


def server_of(kind: ChannelKind) -> str:
    """Return the name of the server of a channel."""
    return f"server of {kind.variables}"


def server(wiring: ImpatientWiring, kind: ChannelKind, *, ask: bool) -> Iterator[Line]:
    """Check the URL of a channel; the URL itself is never shown."""
    yield from _server(wiring, kind.address, ask=ask, any_request_sends=kind.any_request_sends)


PING_SERVER, TEST_PING = f"server of {ping.SETTING}", "test ping"


def ping_server(wiring: ImpatientWiring, *, ask: bool) -> Iterator[Line]:
    """Check the ping URL, which is never shown; any request to it would be a ping."""
    yield from _server(wiring, "ping_url", ask=ask, any_request_sends=True)


def _server(wiring: ImpatientWiring, field: str, *, ask: bool, any_request_sends: bool) -> Iterator[Line]:
    variable = f"{PREFIX}{field.upper()}"
    what = f"server of {variable}"
    try:
        address = wiring.revealing(field)()
    except ReconcileError as error:
        yield failed(what, str(error), f"Set {variable} to an address, or to where it is kept.")
        return
    if ask:
        asked = urljoin(address, "/") if any_request_sends else address
        yield _answers(variable, asked, wiring.limits.server, its_own=asked == address)


def _answers(variable: str, asked: str, seconds: float, *, its_own: bool) -> Line:
    """Ask for the head of the page: most statuses are no more than an answer, for channels take only POST.

    Where any request may send a message, the root of the server is asked for (it is not `its_own`), at which
    there may be nothing.
    """
    what = f"server of {variable}"
    wait = urllib3.Timeout(connect=_CONNECT_SECONDS, read=seconds)
    try:
        with urllib3.PoolManager(retries=False, timeout=wait) as pool:
            status = pool.request("HEAD", asked, redirect=False).status
    except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        # The error itself quotes the address, which is a secret.
        step = f"See that its server is up and can be reached from here, or set {variable} to another."
        return failed(what, f"no answer ({type(error).__name__})", step)
    if (status in _GONE and its_own) or status >= 500:
        step = f"Run reconcile doctor --send; if no message arrives, set {variable} to another address."
        return warning(what, f"it answers {status} to a test request, which may be usual for it", step)
    return ok(what, f"it answers ({status}); reconcile doctor --send shows whether it accepts messages")


def test_message(wiring: ImpatientWiring, name: str) -> Iterator[Line]:
    """Send a message marked as a test through a channel."""
    what = f"test message by {name}"
    channel = next(channel for channel in wiring.delivery.channels if channel.name == name)
    try:
        number = channel.test(wiring.settings.stage)
    except DeliveryError as error:
        yield failed(what, str(error), "Fix what it names, then run reconcile doctor --send again.")
        return
    yield ok(what, f"sent, as {number}" if number else "sent", asked=True)


def test_ping(wiring: ImpatientWiring) -> Iterator[Line]:
    """Leave a line in the log of the check, which makes it neither up nor down."""
    limited = ping.Ping(wiring.revealing("ping_url"), TEST_PING, lambda: 2 * wiring.limits.sending)
    try:
        limited.test(wiring.settings.stage)
    except DeliveryError as error:
        step = f"Set {ping.SETTING} to the ping URL of a check, then run reconcile doctor --send again."
        yield failed(TEST_PING, str(error), step)
        return
    yield ok(TEST_PING, "taken, as a line of the check's log", asked=True)
