"""The job's own stores: the state table and the archived reports of one environment."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from reconcile.model.environment import Environment
from reconcile.model.errors import UsageError
from reconcile.model.facts import MEDIA_RECHECK
from reconcile.stores.ports import FactsStore, ReportsStore, StateStore

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Memory:
    """The state table and the store of reports (None: not set), their environment, and the clock.

    `facts` keeps what earlier runs read (None: nothing keeps it), and `media_recheck` is how long it counts
    that an object was seen.
    """

    environment: Environment
    state: StateStore | None
    reports: ReportsStore | None
    clock: Clock
    facts: FactsStore | None = None
    media_recheck: timedelta = MEDIA_RECHECK

    @property
    def stage(self) -> str:
        """The stage whose reports are read and stored."""
        return self.environment.stage

    def require_state(self, why: str) -> StateStore:
        """Return the state table; raises UsageError that says why it is needed, and names its setting."""
        if self.state is None:
            raise UsageError(f"{why}: set RECONCILE_STATE_TABLE")
        return self.state

    def require_reports(self, why: str) -> ReportsStore:
        """Return the store of reports; raises UsageError as `require_state` does."""
        if self.reports is None:
            raise UsageError(f"{why}: set RECONCILE_REPORTS")
        return self.reports
