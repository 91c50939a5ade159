"""What the channels send: a report with its page, and where both are kept."""

from dataclasses import dataclass
from typing import Protocol

from reconcile.report.data import Report


@dataclass(frozen=True, slots=True)
class Letter:
    """A report to be sent. `link` is the web address of its page and `place` where it is kept ("": nowhere).

    `not_kept` says why it could not be kept ("" if it could, or nobody asked to).
    """

    report: Report
    page: str
    link: str = ""
    place: str = ""
    not_kept: str = ""


class Channel(Protocol):
    """One way to people: e-mail, Slack, a webhook."""

    @property
    def name(self) -> str:
        """Return `email`, `slack` or `webhook`."""
        ...

    def send(self, letter: Letter) -> str:
        """Send a report once; return what the other side calls it ("" if nothing). Raises DeliveryError."""
        ...

    def test(self, stage: str) -> str:
        """Send a message that says that it is a test; return as `send` does. Raises DeliveryError."""
        ...
