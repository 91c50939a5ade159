"""Tells a dead-man switch outside the account when a run begins and how it ends.

The protocol is that of Healthchecks, which other services speak as well: a POST to the ping URL is a success,
and to /start, /fail and /log behind it a signal of that name. `rid`, a UUID, ties the signals of one run
together; of a body 100,000 bytes are kept. https://healthchecks.io/docs/http_api/
"""

import time
from collections.abc import Callable
from threading import Thread
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit
from uuid import NAMESPACE_OID, uuid5

from urllib3.exceptions import HTTPError

from reconcile.deliver.http_post import Answer, address_of, ask
from reconcile.model.errors import DeliveryError, Exit
from reconcile.report.formatting import plural, shorten
from reconcile.report.render.webhook import test_words
from reconcile.stores.aws import Patience
from reconcile.stores.timeouts import endless, in_time

SETTING = "RECONCILE_PING_URL"

JOB_DONE = (Exit.AGREES, Exit.FINDINGS, Exit.AWAITING_APPROVAL)
"""The exit codes that are a success to the switch: the job did its work, whatever it found."""

_START_SECONDS, _END_SECONDS, _ONE_TRY = 3.0, 4.0, 2.0
_TRIES = 3
_LONGEST_HEADLINE = 2_000
# A ping by a check's UUID is answered with 200 also where it does not count; no other body is told.
_IGNORED = {"OK (not found)": "it knows no such check", "OK (rate limited)": "it was pinged too often"}


class Ping:
    """The pings of one run; `reveal` fetches the URL, which is a secret, and nothing tells it.

    `left` says how many seconds the process still has: no ping takes more than half of them, and none more
    than four seconds. A ping that fails is a fault to be told, and nothing is raised for it.
    """

    def __init__(
        self,
        reveal: Callable[[], str],
        run: str,
        left: Callable[[], float] = endless,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._reveal, self._left, self._sleep, self._clock = reveal, left, sleep, clock
        self._rid = str(uuid5(NAMESPACE_OID, run))
        self._faults: list[str] = []
        self._beginning: Thread | None = None

    def begin(self) -> None:
        """Say that the run begins, from a thread: the work does not wait for it."""
        self._beginning = Thread(target=self._send, args=("start", "", _START_SECONDS), daemon=True)
        self._beginning.start()

    def end(self, exit_code: Exit, headline: str) -> list[str]:
        """Say how the run ended, after its start was said or given up; return the faults of both."""
        if self._beginning:
            self._beginning.join(_START_SECONDS)
        said = f"exit code {int(exit_code)}, {exit_code.name.lower().replace('_', ' ')}"
        body = f"{said}\n{shorten(headline, _LONGEST_HEADLINE)}\n"
        self._send("" if exit_code in JOB_DONE else "fail", body, _END_SECONDS)
        return self._faults

    def test(self, stage: str) -> None:
        """Leave a line in the log of the check, which changes nothing else there. Raises DeliveryError."""
        self._signal("log", test_words(stage), _END_SECONDS)

    def _send(self, signal: str, body: str, longest: float) -> None:
        try:
            self._signal(signal, body, longest)
        except DeliveryError as error:
            self._faults.append(f"the ping {signal or 'success'} failed: {error}")

    def _signal(self, signal: str, body: str, longest: float) -> None:
        ends = self._clock() + min(longest, self._left() / 2)

        def left() -> float:
            return ends - self._clock()

        def send() -> None:
            address = signal_address(address_of(SETTING, self._reveal), signal, self._rid)
            # Nobody waits any more for what took long to fetch: a start must not follow its end.
            if left() > 0:
                self._insist(address, body.encode("utf-8", "backslashreplace"), left)

        try:
            in_time(send, left)
        except TimeoutError:
            raise DeliveryError(f"{SETTING}: no answer in time") from None

    def _insist(self, address: str, body: bytes, left: Callable[[], float]) -> None:
        """Send until it is taken: what arrives twice is one signal, for the run is named."""
        patience = Patience(tries=_TRIES, base=0.2, sleep=self._sleep, left=left)
        for attempt in range(1, _TRIES + 1):
            fault, passing = _fault(address, body, min(left(), _ONE_TRY))
            if not fault:
                return
            if not passing or not patience.wait(attempt):
                break
        raise DeliveryError(f"{SETTING}: {fault}, {plural(attempt, 'time')}")


def signal_address(address: str, signal: str, rid: str) -> str:
    """Return where a signal of a run is posted: behind the path of a ping URL, whose query stays."""
    parts = urlsplit(address)
    query = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name != "rid"]
    path = f"{parts.path.rstrip('/')}/{signal}" if signal else parts.path
    return urlunsplit(parts._replace(path=path, query=urlencode([*query, ("rid", rid)])))


def _fault(address: str, body: bytes, seconds: float) -> tuple[str, bool]:
    """Post once; return why it did not count ("": it did), and whether that may pass by itself."""
    try:
        answer = ask(address, body, {"Content-Type": "text/plain; charset=utf-8"}, seconds)
    except (HTTPError, OSError, ValueError) as error:
        # Its own text quotes the address.
        return f"no answer ({type(error).__name__})", True
    return _why_not(answer), answer.status == 429 or answer.status >= 500


def _why_not(answer: Answer) -> str:
    if 300 <= answer.status < 400:
        return f"it answers {answer.words}, and redirects are not followed"
    if not 200 <= answer.status < 300:
        return f"it answers {answer.words}"
    return _IGNORED.get(answer.text, "")
