"""Sends reports to a channel of Microsoft Teams, through the webhook of a workflow."""

import re
import time
from collections.abc import Callable, Mapping
from typing import Any

from reconcile.deliver.channel import ChannelKind, ChannelParts
from reconcile.deliver.http_post import MAY_HAVE_ARRIVED, Answer, Post, address_of
from reconcile.model.errors import DeliveryError
from reconcile.report.message import Message
from reconcile.report.render.teams import compose, compose_test, encode
from reconcile.settings.settings import Settings

_SETTING = "RECONCILE_TEAMS_WEBHOOK"
_ANEW = f"Make a new workflow for the channel in Teams and set {_SETTING} to its URL."
_SIGNED = f"Let Anyone trigger the workflow, and set {_SETTING} to its URL, whole: it ends with a signature."
_STEPS: Mapping[int, str] = {
    400: "The workflow does not take the message: it has to begin with "
    "“When a Teams webhook request is received” and post the attachments as cards.",
    401: _SIGNED,
    403: _SIGNED,
    404: f"See in the Workflows app that the workflow is there and switched on. Or: {_ANEW}",
    413: "Teams does not take a message of that size, which is a fault of this program: report it.",
}
_RUN_ID = re.compile(r"[A-Za-z0-9]{1,64}")


class Teams:
    """Posts reports to a channel of Teams; `reveal` fetches the webhook's address, which is a secret.

    `seconds` says how long sending may take, waiting included. A workflow answers 202 as soon as it begins,
    with the id of its run: https://learn.microsoft.com/azure/connectors/connectors-native-reqres. Whether it
    posted the card, its run history alone tells.
    """

    name = "teams"

    def __init__(
        self,
        reveal: Callable[[], str],
        seconds: Callable[[], float],
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._reveal, self._post = reveal, Post(_SETTING, seconds, sleep, clock)

    def send(self, message: Message) -> str:
        """Send a report once; return the id of the workflow's run ("": none). Raises DeliveryError."""
        return self._sent(compose(message))

    def test(self, stage: str) -> str:
        """Send a test message; return as `send` does."""
        return self._sent(compose_test(stage))

    def _sent(self, envelope: dict[str, Any]) -> str:
        # The charset lets emoji through.
        # https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-format
        headers = {"Content-Type": "application/json; charset=utf-8"}
        answer = self._post(address_of(_SETTING, self._reveal), encode(envelope), headers)
        run = answer.headers.get("x-ms-workflow-run-id", "")
        if answer.status >= 400 or not (answer.status == 202 or run):
            raise _refused(answer)
        return run if _RUN_ID.fullmatch(run) else ""


def _make(_: Settings, parts: ChannelParts) -> Teams:
    return Teams(parts.secret("teams_webhook"), parts.seconds, parts.sleep)


# A trigger may take any method, and a run without a card fails, of which its owner is told.
TEAMS = ChannelKind(
    "teams",
    "to Microsoft Teams",
    ("teams_webhook",),
    _make,
    address="teams_webhook",
    any_request_sends=True,
)


def _refused(answer: Answer) -> DeliveryError:
    """Say what the answer means, and the step to take."""
    if answer.status >= 400:
        step = _STEPS.get(answer.status, _ANEW)
        return DeliveryError(f"{_SETTING}: the workflow answers {answer.words}. {step}")
    maybe = f"The message {MAY_HAVE_ARRIVED}"
    return DeliveryError(f"{_SETTING}: it answers, but not as a workflow does. {maybe}. Or: {_ANEW}")
