"""Posts a message to an address that is a secret: in time, once, and never telling the address."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, InvalidHeader, NewConnectionError, SSLError

from reconcile import __version__
from reconcile.model.errors import DeliveryError, ReconcileError
from reconcile.model.setting_types import private_address
from reconcile.report.formatting import plural, shorten
from reconcile.stores.aws import Patience
from reconcile.stores.timeouts import in_time

MAY_HAVE_ARRIVED = "may have arrived all the same, so it is not sent again"
LATER = "Send it again later, with reconcile report RUN --send."

_TRIES = 4
_LONGEST_CONNECT = 5.0
_MOST_READ = 2_000
_LONGEST_FAULT = 600
_NEVER_MADE = (NewConnectionError, ConnectTimeoutError)
_PHRASES = {status.value: status.phrase for status in HTTPStatus}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said: its status, how its body begins, and how many seconds it asks to wait.

    `headers` are those of its answer, by their names in lower case.
    """

    status: int
    text: str = ""
    wait: float = 0.0
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """The status as `404 Not Found`. The body is never told, for it may quote the address."""
        return f"{self.status} {_PHRASES.get(self.status, '')}".strip()


class _NotNow(Exception):
    """Raised where a message certainly did not arrive and may be sent again after `wait` seconds."""

    def __init__(self, fault: str, step: str, wait: float = 0.0) -> None:
        super().__init__(fault)
        self.fault, self.step, self.wait = fault, step, wait


class Post:
    """Posts to the address of a setting; `seconds` says how long that may take, waiting included.

    What may have arrived is not sent again: only where a server asks to wait, or no connection could be
    made, is there another try. Redirects are not followed, and no proxy of the environment is used.
    """

    def __init__(
        self,
        setting: str,
        seconds: Callable[[], float],
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._setting, self._seconds, self._sleep, self._clock = setting, seconds, sleep, clock

    def __call__(self, address: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send JSON; return the answer, which took it (2xx) or refuses it (4xx). Raises DeliveryError."""
        ends = self._clock() + self._seconds()

        def left() -> float:
            return ends - self._clock()

        patience = Patience(tries=_TRIES, base=0.5, sleep=self._sleep, left=left)
        for attempt in range(1, _TRIES + 1):
            try:
                return self._once(address, body, headers, left)
            except _NotNow as reason:
                last = reason
            if not patience.wait(attempt, last.wait):
                break
        raise DeliveryError(f"{self._setting}: {last.fault}, {plural(attempt, 'time')}. {last.step}")

    def _once(
        self, address: str, body: bytes, headers: Mapping[str, str], left: Callable[[], float]
    ) -> Answer:
        seconds = left()
        if seconds <= 0:
            raise DeliveryError(f"{self._setting}: OUT OF TIME: nothing was sent. {LATER}")
        try:
            # The limit of the socket comes first, because it tells whether a connection was made.
            answer = in_time(lambda: ask(address, body, headers, 0.9 * seconds), left)
        except _NEVER_MADE as error:
            step = f"See that its server is up and can be reached from here, or set {self._setting} anew."
            raise _NotNow(f"no connection could be made ({_name(error)})", step) from None
        except (HTTPError, OSError, ValueError) as error:
            raise self._lost(error) from None
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
            raise _NotNow(f"it takes no more messages for now ({answer.words})", LATER, answer.wait)
        if answer.status >= 500:
            maybe = f"The message {MAY_HAVE_ARRIVED}. {LATER}"
            raise DeliveryError(f"{self._setting}: it answers {answer.words}. {maybe}")
        if not (200 <= answer.status < 300 or answer.status >= 400):
            step = f"Redirects are not followed: set {self._setting} to the address that it leads to."
            raise DeliveryError(f"{self._setting}: it answers {answer.words}. {step}")
        return answer

    def _lost(self, error: Exception) -> DeliveryError:
        """Say why no answer came; the error's own text quotes the address, and is not told."""
        fault = f"{self._setting}: no answer ({_name(error)})."
        if isinstance(error, ValueError):
            return DeliveryError(f"{fault} Set {self._setting} to an address that begins with https://.")
        if isinstance(error, SSLError):
            return DeliveryError(f"{fault} See that its server has a certificate that is trusted here.")
        look = "See whether it arrived, and why its server took too long or hung up."
        return DeliveryError(f"{fault} The message {MAY_HAVE_ARRIVED}. {look}")


def revealed(setting: str, reveal: Callable[[], str]) -> str:
    """Return the secret of a setting; raises DeliveryError where it is kept elsewhere and not there."""
    try:
        return reveal()
    except ReconcileError as error:
        fault = shorten(error, _LONGEST_FAULT).rstrip(".")
        raise DeliveryError(f"{setting}: {fault}. Keep it there, or set {setting} anew.") from error


def address_of(setting: str, reveal: Callable[[], str]) -> str:
    """Return the address of a setting; raises DeliveryError, not telling it, where there is none."""
    try:
        return private_address(revealed(setting, reveal))
    except ValueError as error:
        fault = f"{setting}: what is kept there is no address, {error}."
        raise DeliveryError(f"{fault} Keep one that begins with https://.") from None


def _name(error: Exception) -> str:
    return type(error).__name__


def ask(address: str, body: bytes, headers: Mapping[str, str], seconds: float) -> Answer:
    """Post once, within these seconds by the socket's limits; raises HTTPError, OSError, ValueError.

    What is raised quotes the address. Redirects are not followed, and no proxy of the environment is used.
    """
    allowed = max(0.1, seconds)
    wait = urllib3.Timeout(connect=min(_LONGEST_CONNECT, allowed), total=allowed)
    sent = {"Content-Type": "application/json", "User-Agent": f"reconcile/{__version__}", **headers}
    with urllib3.PoolManager(retries=False, timeout=wait) as pool:
        answer = pool.request("POST", address, body=body, headers=sent, redirect=False, preload_content=False)
        try:
            names = {name.lower(): value for name, value in answer.headers.items()}
            return Answer(answer.status, _text(answer), _wait(answer), names)
        finally:
            answer.close()


def _text(answer: urllib3.BaseHTTPResponse) -> str:
    """Return how the body begins; one that breaks off changes nothing about the status."""
    try:
        return answer.read(_MOST_READ).decode("utf-8", "replace").strip()
    except (HTTPError, OSError):
        return ""


def _wait(answer: urllib3.BaseHTTPResponse) -> float:
    """Return the seconds that Retry-After asks for, itself or by a date; 0 where it is missing or broken."""
    try:
        return urllib3.Retry().parse_retry_after(answer.headers.get("Retry-After", "0"))
    except (InvalidHeader, ValueError, OverflowError):
        return 0.0
