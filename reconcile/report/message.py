"""What the channels send: a report with its page, and where both are kept."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from reconcile.report.data import Report
from reconcile.report.formatting import LONGEST_REASON, clean, shorten


@dataclass(frozen=True, slots=True)
class Message:
    """A report to be sent. `link` is the web address of its page and `place` where it is kept ("": nowhere).

    `page` makes the page, for a channel that attaches it. `served`: the link leads to the page itself, not to
    a console in which it can be opened. `not_kept` says why it could not be kept ("" if it could, or nobody
    asked to).
    """

    report: Report
    page: Callable[[], str]
    link: str = ""
    place: str = ""
    not_kept: str = ""
    served: bool = False

    @property
    def followed(self) -> str:
        """The link, where a reader may follow it; "" for any that is no address of http or https."""
        return clean(self.link) if is_web_address(self.link) else ""

    def finding_link(self, finding: str) -> str:
        """Return the address of a finding on the page; "" where no address leads to the page itself."""
        return f"{self.followed}#f-{quote(finding)}" if self.served and self.followed else ""

    @property
    def warning(self) -> str:
        """That the report could not be kept, and why; "" if it could."""
        return self.not_kept and f"The report was not archived: {shorten(self.not_kept, LONGEST_REASON)}"

    @property
    def rest(self) -> str:
        """Where to look for what a message leaves out."""
        return (
            "(see the whole report)" if self.followed or self.place else "(not shown here, and not archived)"
        )


HAVE_IT = "For the whole report, run the check again with --html FILE."
"""What to do about a whole report that is kept nowhere."""


def is_web_address(text: str) -> bool:
    """Whether a text is an address of http or https."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)
