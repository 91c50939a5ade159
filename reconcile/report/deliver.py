"""Decides which channels a report is sent through, sends it, and says what became of it on each."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from reconcile.model.clock import parse_time
from reconcile.model.errors import DeliveryError, Exit
from reconcile.model.run import Delivery
from reconcile.report.data import Report
from reconcile.report.letter import Channel, Letter

WEEK = timedelta(days=7)
# A run that starts a little earlier than a week ago's still is the weekly one.
_EARLY = timedelta(hours=12)
_WORTH_TELLING = ("new", "open", "failed", "mended", "withheld")


def nowhere(run: str, place: str) -> str:
    """Name no address."""
    return ""


@dataclass(frozen=True, slots=True)
class Mailroom:
    """The channels that are set, how a kept report's page is linked, and whether quiet runs are sent too.

    `link` takes a run and the place where its report is kept.
    """

    channels: tuple[Channel, ...] = ()
    link: Callable[[str, str], str] = nowhere
    always: bool = False


def worth_telling(report: Report) -> bool:
    """Whether a report says more than that all is as it should be."""
    told = any(finding.status in _WORTH_TELLING for finding in report.findings)
    unusual = report.run.interrupted or report.run.result in (Exit.CRASHED, Exit.INCOMPLETE)
    return bool(told or report.withheld or report.repairs or unusual)


def is_due(report: Report, sent_before: datetime | None) -> bool:
    """Whether a report is sent: it has something to tell, or the last one was sent a week ago or never."""
    if worth_telling(report) or sent_before is None:
        return True
    return report.run.started_at - sent_before >= WEEK - _EARLY


def last_sent(runs: Iterable[Mapping[str, Any]], channel: str) -> datetime | None:
    """Return when a channel last took a message, as the summaries of earlier runs, newest first, say."""
    for run in runs:
        for delivery in run.get("deliveries", ()):
            if delivery["channel"] == channel and delivery["outcome"] == "sent":
                return parse_time(delivery["at"])
    return None


def deliver(
    letter: Letter, room: Mailroom, runs: Iterable[Mapping[str, Any]], clock: Callable[[], datetime]
) -> tuple[Delivery, ...]:
    """Send a report through every channel that it is due on; what fails is told, not raised."""
    runs = list(runs)
    done = []
    for channel in room.channels:
        if room.always or letter.not_kept or is_due(letter.report, last_sent(runs, channel.name)):
            done.append(send(letter, channel, clock))
        else:
            done.append(Delivery(channel.name, "quiet", clock(), "nothing to tell"))
    return tuple(done)


def send(letter: Letter, channel: Channel, clock: Callable[[], datetime]) -> Delivery:
    """Send a report through one channel, once."""
    try:
        return Delivery(channel.name, "sent", clock(), channel.send(letter))
    except DeliveryError as error:
        return Delivery(channel.name, "failed", clock(), str(error))
