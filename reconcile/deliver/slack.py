"""Sends reports to Slack, through an incoming webhook."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from reconcile.deliver.channel import ChannelKind, ChannelParts
from reconcile.deliver.http_post import MAY_HAVE_ARRIVED, Answer, Post, address_of
from reconcile.model.errors import DeliveryError
from reconcile.report.message import Message
from reconcile.report.render.slack import compose, compose_test, encode
from reconcile.settings.settings import Settings

_SETTING = "RECONCILE_SLACK_WEBHOOK"
_ANEW = f"Make a new incoming webhook in Slack and set {_SETTING} to it."
_OURS = "Slack does not take the message as it is composed, which is a fault of this program: report it."
# What an incoming webhook answers in words.
# https://api.slack.com/changelog/2016-05-17-changes-to-errors-for-incoming-webhooks
_STEPS: Mapping[str, str] = {
    "action_prohibited": "Ask an administrator of the workspace to let this webhook post to its channel.",
    "channel_is_archived": f"Unarchive its channel. Or: {_ANEW}",
    "channel_not_found": _ANEW,
    "invalid_blocks": _OURS,
    "invalid_blocks_format": _OURS,
    "invalid_payload": _OURS,
    "invalid_token": _ANEW,
    "msg_blocks_too_long": _OURS,
    "no_active_hooks": _ANEW,
    "no_service": _ANEW,
    "no_service_id": _ANEW,
    "no_team": _ANEW,
    "no_text": _OURS,
    "posting_to_general_channel_denied": "Let apps post to that channel, or make a webhook for another.",
    "team_disabled": "Ask an administrator why the workspace is disabled.",
    "user_not_found": _ANEW,
}


class Slack:
    """Posts reports to a channel of Slack; `reveal` fetches the webhook's address, which is a secret.

    `seconds` says how long sending may take, waiting included.
    """

    name = "slack"

    def __init__(
        self,
        reveal: Callable[[], str],
        seconds: Callable[[], float],
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._reveal, self._post = reveal, Post(_SETTING, seconds, sleep, clock)

    def send(self, message: Message) -> str:
        """Send a report once; Slack calls it nothing. Raises DeliveryError."""
        return self._sent(compose(message))

    def test(self, stage: str) -> str:
        """Send a test message; return as `send` does."""
        return self._sent(compose_test(stage))

    def _sent(self, message: dict[str, Any]) -> str:
        answer = self._post(address_of(_SETTING, self._reveal), encode(message), {})
        if answer.status >= 400 or answer.text != "ok":
            raise _refused(answer)
        return ""


def _make(_: Settings, parts: ChannelParts) -> Slack:
    return Slack(parts.secret("slack_webhook"), parts.seconds, parts.sleep)


SLACK = ChannelKind("slack", "to Slack", ("slack_webhook",), _make, address="slack_webhook")


def _refused(answer: Answer) -> DeliveryError:
    """Name what Slack says, if it is known, and the step to take."""
    if answer.text in _STEPS:
        return DeliveryError(f"Slack answers {answer.words}, {answer.text}. {_STEPS[answer.text]}")
    if answer.status >= 400:
        return DeliveryError(f"{_SETTING}: it answers {answer.words}. {_ANEW}")
    maybe = f"The message {MAY_HAVE_ARRIVED}"
    return DeliveryError(f"{_SETTING}: it answers, but not as Slack does. {maybe}. Or: {_ANEW}")
