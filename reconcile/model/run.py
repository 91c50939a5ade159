"""A run: what was asked for, how far back it looks, and the receipts of what it read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from reconcile.model.clock import parse_time

Mode = Literal["check", "repair"]


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody asked a run to do.

    `lookback` None means everything. `only` names the verdicts to look at, and `opt_in` those to repair that
    are otherwise only reported.
    """

    mode: Mode
    lookback: timedelta | None = timedelta(days=3)
    settle: timedelta = timedelta(minutes=15)
    only: tuple[str, ...] = ()
    fail_on: Literal["any", "new"] = "any"
    approve: str | None = None
    reason: str = ""
    opt_in: tuple[str, ...] = ()

    @property
    def scope(self) -> Literal["full", "recent"]:
        """`full` looks at every recording, `recent` at those inside the window."""
        return "full" if self.lookback is None else "recent"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What one source gave: whether it was read whole, why not, and what reading it cost.

    `doubt` says why a source that was read whole is still not believed; `detail` holds what a source
    has to add, such as the roots that were jumped over.
    """

    source: str
    whole: bool
    why: str = ""
    doubt: str = ""
    items: int = 0
    requests: int = 0
    units: float = 0.0
    bytes: int = 0
    seconds: float = 0.0
    detail: Mapping[str, object] = field(default_factory=dict)

    @property
    def not_compared(self) -> frozenset[str]:
        """The fields of search records that the index hides, so that nobody can compare them."""
        names = self.detail.get("not_compared")
        return frozenset(map(str, names)) if isinstance(names, list) else frozenset()

    @property
    def as_of(self) -> datetime | None:
        """The moment as of which it shows the source; None for the source as it was when the run read it."""
        moment = self.detail.get("as_of")
        return parse_time(moment) if isinstance(moment, str) else None

    @property
    def trusted(self) -> bool:
        """Whether verdicts may rest on it."""
        return self.whole and not self.doubt


@dataclass(frozen=True, slots=True)
class SourceCount:
    """How many items a source gave in an earlier run, and whether that count was doubted.

    `as_of` is the moment as of which it showed the source, if not as it was then.
    """

    items: int
    whole: bool
    doubted: bool
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class Repair:
    """One write that was made or tried, with what stood there before and what was read back after.

    `fault` says that it failed, or could not be read back, for a store's sake: `passing`, or `lasting` until
    somebody grants a permission; "" where no store was at fault. `sent`: the index took it, and had not
    published it when nobody waited any more.
    """

    what: str
    finding: str
    target: Mapping[str, str]
    before: Mapping[str, object]
    after: Mapping[str, object]
    outcome: Literal["made", "refused", "denied", "failed"]
    verified: bool
    note: str = ""
    fault: Literal["", "passing", "lasting"] = ""
    sent: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a run's message on one channel; `detail` is its id there, or why it was not sent."""

    channel: str
    outcome: Literal["sent", "failed", "quiet"]
    at: datetime
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Interrupted:
    """An earlier run that began and never ended, and how many writes its journal holds."""

    id: str
    mode: str
    started_at: datetime
    writes: int
