"""Check the servers that receive reports, or send a test message through each channel."""

from collections.abc import Iterator
from urllib.parse import urljoin

import urllib3

from reconcile.deliver.channel import ChannelKind
from reconcile.doctor.clients import ImpatientWiring
from reconcile.doctor.result import Line, failed, ok, warning
from reconcile.model.errors import DeliveryError, ReconcileError

_CONNECT_SECONDS = 5.0
_GONE = (404, 410)


def server_of(kind: ChannelKind) -> str:
    """Return the name of the server of a channel."""
    return f"server of {kind.variables}"


def server(wiring: ImpatientWiring, kind: ChannelKind, *, ask: bool) -> Iterator[Line]:
    """Check the URL of a channel; the URL itself is never shown."""
    what, variable = server_of(kind), kind.variables
    try:
        address = wiring.revealing(kind.address)()
    except ReconcileError as error:
        yield failed(what, str(error), f"Set {variable} to an address, or to where it is kept.")
        return
    if ask:
        yield _answers(what, kind, address, wiring.limits.server)


def _answers(what: str, kind: ChannelKind, address: str, seconds: float) -> Line:
    """Ask for the head of the page: most statuses are no more than an answer, for channels take only POST.

    Where any request may send a message, the root of the server is asked for, at which there may be nothing.
    """
    variable = kind.variables
    asked = urljoin(address, "/") if kind.any_request_sends else address
    wait = urllib3.Timeout(connect=_CONNECT_SECONDS, read=seconds)
    try:
        with urllib3.PoolManager(retries=False, timeout=wait) as pool:
            status = pool.request("HEAD", asked, redirect=False).status
    except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        # The error itself quotes the address, which is a secret.
        step = f"See that its server is up and can be reached from here, or set {variable} to another."
        return failed(what, f"no answer ({type(error).__name__})", step)
    if (status in _GONE and asked == address) or status >= 500:
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
