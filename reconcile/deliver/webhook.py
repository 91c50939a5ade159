"""Sends reports as signed JSON to any address."""

import hashlib
import hmac
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from reconcile.deliver.channel import ChannelKind, ChannelParts
from reconcile.deliver.http_post import Answer, Post, address_of, revealed
from reconcile.model.documents import JsonObject
from reconcile.model.errors import DeliveryError
from reconcile.report.message import Message
from reconcile.report.render.webhook import compose, compose_test, encode, labels
from reconcile.settings.settings import Settings

_SETTING, _SIGNING = "RECONCILE_WEBHOOK", "RECONCILE_WEBHOOK_SECRET"
_MOVED = f"Set {_SETTING} to the address where notices are taken."
_UNREAD = "See in the receiver's log what it misses: the README says what is sent."
_STEPS: Mapping[int, str] = {
    400: _UNREAD,
    401: f"See that the receiver verifies X-Reconcile-Signature with the same {_SIGNING}.",
    403: f"See that the receiver verifies X-Reconcile-Signature with the same {_SIGNING}.",
    404: _MOVED,
    405: _MOVED,
    410: _MOVED,
    413: "Let the receiver take bodies of 256,000 bytes.",
    422: _UNREAD,
}


def _now() -> datetime:
    return datetime.now(UTC)


class Webhook:
    """Posts reports to an address; `address` and `secret` fetch it and what signs the messages.

    `seconds` says how long sending may take, waiting included.
    """

    name = "webhook"

    def __init__(
        self,
        address: Callable[[], str],
        secret: Callable[[], str],
        seconds: Callable[[], float],
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = _now,
    ) -> None:
        self._address, self._secret, self._now = address, secret, now
        self._post = Post(_SETTING, seconds, sleep, clock)

    def send(self, message: Message) -> str:
        """Send a report once; the receiver calls it nothing. Raises DeliveryError."""
        run = message.report.run
        return self._sent(compose(message, self._now()), labels(run.stage, run.id))

    def test(self, stage: str) -> str:
        """Send a test message; return as `send` does."""
        return self._sent(compose_test(stage, self._now()), labels(stage))

    def _sent(self, notice: JsonObject, headers: Mapping[str, str]) -> str:
        body, address = encode(notice), address_of(_SETTING, self._address)
        signature = signature_of(body, revealed(_SIGNING, self._secret))
        answer = self._post(address, body, {**headers, "X-Reconcile-Signature": signature})
        if answer.status >= 400:
            raise _refused(answer)
        return ""


def _make(settings: Settings, parts: ChannelParts) -> Webhook:
    address = parts.secret("webhook")
    secret = parts.secret("webhook_secret") if settings.has("webhook_secret") else address
    return Webhook(address, secret, parts.seconds, parts.sleep)


WEBHOOK = ChannelKind(
    "webhook", "to a webhook", ("webhook",), _make, options=("webhook_secret",), address="webhook"
)


def signature_of(body: bytes, secret: str) -> str:
    """Return what proves to a receiver that a body was sent by whoever knows the secret."""
    key = secret.encode("utf-8", "surrogateescape")
    return f"sha256={hmac.new(key, body, hashlib.sha256).hexdigest()}"


def _refused(answer: Answer) -> DeliveryError:
    step = _STEPS.get(answer.status, "See in the receiver's log why.")
    return DeliveryError(f"{_SETTING}: it answers {answer.words}. {step}")
