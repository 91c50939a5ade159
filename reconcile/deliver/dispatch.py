"""Decides which channels a report is sent through, sends it, and says what became of it on each."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from reconcile.deliver.channel import Channel
from reconcile.model.clock import parse_time
from reconcile.model.documents import JsonObject
from reconcile.model.errors import DeliveryError, Exit
from reconcile.model.finding import NEWS
from reconcile.model.run import Delivery
from reconcile.report.data import Report
from reconcile.report.message import Message

Notify = Literal["needed", "new", "always"]
"""Which reports are sent."""

WEEK = timedelta(days=7)
# A run that starts a little earlier than a week ago's still is the weekly one.
_EARLY = timedelta(hours=12)


def nowhere(run: str, place: str) -> str:
    """Name no address."""
    return ""


@dataclass(frozen=True, slots=True)
class DeliverySettings:
    """The channels that are set, how a stored report's page is linked, and which reports are sent.

    `link` takes a run and the place where its report is stored; `served`: it leads to the page itself.
    `notify` is `needed` (what has something to report), `new` (what has news), each once a week at least, or
    `always`.
    """

    channels: tuple[Channel, ...] = ()
    link: Callable[[str, str], str] = nowhere
    notify: Notify = "needed"
    served: bool = False

    def page(self, run: str) -> str:
        """Return the web address of a run's page; "" where none leads to the page itself."""
        return self.link(run, "") if self.served else ""


def has_something_to_report(report: Report) -> bool:
    """Whether a report says more than that all is well: a finding that nobody ignores, or news."""
    return has_news(report) or any(finding.status != "ignored" for finding in report.findings)


def has_news(report: Report) -> bool:
    """Whether a report says what none before it said.

    That is a finding that is new, came back or awaits approval, a repair, also of a part, or that the run or
    one before it did not come to its end. What is open and known is no news, however often a run finds it.
    """
    news = any(finding.status in NEWS for finding in report.findings)
    unusual = report.run.interrupted or report.run.result in (Exit.CRASHED, Exit.INCOMPLETE)
    return bool(news or report.approvals or report.repairs or unusual)


def is_due(report: Report, sent_before: datetime | None, *, only_news: bool = False) -> bool:
    """Whether a report is sent: it has something to report, or the last one was sent a week ago or never."""
    worth_it = has_news(report) if only_news else has_something_to_report(report)
    if worth_it or sent_before is None:
        return True
    return report.run.started_at - sent_before >= WEEK - _EARLY


def last_sent(runs: Iterable[JsonObject], channel: str) -> datetime | None:
    """Return when a channel last took a message, as the summaries of earlier runs, newest first, say."""
    for run in runs:
        for delivery in run.get("deliveries", ()):
            if delivery["channel"] == channel and delivery["outcome"] == "sent":
                return parse_time(delivery["at"])
    return None


def deliver(
    message: Message,
    settings: DeliverySettings,
    runs: Iterable[JsonObject],
    clock: Callable[[], datetime],
) -> tuple[Delivery, ...]:
    """Send a report through every channel that it is due on; a failure is an outcome, and is not raised."""
    runs = list(runs)
    done = []
    for channel in settings.channels:
        sent, only_news = last_sent(runs, channel.name), settings.notify == "new"
        if (
            settings.notify == "always"
            or message.not_kept
            or is_due(message.report, sent, only_news=only_news)
        ):
            done.append(send(message, channel, clock))
        else:
            done.append(Delivery(channel.name, "quiet", clock(), "nothing to report"))
    return tuple(done)


def send(message: Message, channel: Channel, clock: Callable[[], datetime]) -> Delivery:
    """Send a report through one channel, once."""
    try:
        return Delivery(channel.name, "sent", clock(), channel.send(message))
    except DeliveryError as error:
        return Delivery(channel.name, "failed", clock(), str(error))
