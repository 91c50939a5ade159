"""What a person told the job about a finding, and until when it holds."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision. `ignore` also keeps repairs off the finding; `know` (a baseline's) does not."""

    what: Literal["ignore", "know"]
    finding: str
    by: str
    reason: str
    until: datetime
    at: datetime

    def holds(self, now: datetime) -> bool:
        """Whether it has not run out."""
        return now < self.until
