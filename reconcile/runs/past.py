"""What a run recalls of the runs before it, and what that says of now."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from reconcile.model.clock import parse_time
from reconcile.model.decision import Decision, What
from reconcile.model.documents import JsonObject
from reconcile.model.environment import Environment
from reconcile.model.facts import FactFiles
from reconcile.model.finding import NEEDS_A_PERSON, Finding
from reconcile.model.recording import RecordingKey
from reconcile.model.run import Interrupted, SourceCount
from reconcile.model.snapshot import LedgerEntry
from reconcile.report.history import History
from reconcile.report.parts import TrendRun

NOWHERE = Environment("", "", "", ())


@dataclass(frozen=True, slots=True)
class Past:
    """What earlier runs left. `runs` are their summaries, newest first; `interrupted` were killed.

    `trend` holds the numbers of the newest, oldest first.

    `environment` is what the state table is tied to, and `reported` the highest sequence number that a stored
    report carries. `outgrown` says, of the findings that were ignored until they got worse and did, what was
    decided. `approved_for` are the reasons for which the approved findings were withheld. `facts` is what
    earlier runs kept of what they read (None: nothing keeps it).
    """

    ledger: Mapping[RecordingKey, LedgerEntry] = field(default_factory=dict)
    history: History = field(default_factory=History)
    runs: tuple[JsonObject, ...] = ()
    trend: tuple[TrendRun, ...] = ()
    interrupted: tuple[Interrupted, ...] = ()
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    outgrown: Mapping[str, str] = field(default_factory=dict)
    environment: Environment = NOWHERE
    reported: int = 0
    approved: tuple[Finding, ...] = ()
    approved_for: frozenset[str] = frozenset()
    facts: FactFiles | None = None

    def counts(self) -> dict[str, list[SourceCount]]:
        """Return each source's item counts, newest first."""
        by_source: dict[str, list[SourceCount]] = {}
        for run in self.runs:
            for name, source in run.get("sources", {}).items():
                as_of = parse_time(source["as_of"]) if "as_of" in source else None
                counted, whole, doubted = int(source["items"]), bool(source["whole"]), bool(source["doubted"])
                count = SourceCount(counted, whole, doubted, as_of)
                by_source.setdefault(name, []).append(count)
        return by_source

    def days_since_full_check(self, now: datetime) -> int:
        """Return the days since a whole run last checked every recording, or since the oldest known run."""
        runs = [run for run in self.runs if "started_at" in run]
        full = (run for run in runs if run.get("scope") == "full" and run.get("whole"))
        newest = next(full, runs[-1] if runs else None)
        return max((now - parse_time(newest["started_at"])).days, 0) if newest else 0

    def holding(self, now: datetime) -> dict[str, Decision]:
        """Return the decisions that hold, by their id."""
        return {name: decision for name, decision in self.decisions.items() if decision.is_active(now)}

    def decided(self, what: What, now: datetime) -> list[Decision]:
        """Return the decisions of one sort that hold."""
        return [decision for decision in self.holding(now).values() if decision.what == what]

    def least_open(self, since: datetime) -> int | None:
        """Return the fewest findings that a run since then left open; None without one that checked all."""
        runs = (run for run in self.runs if "statuses" in run and not run.get("only") and _checked_all(run))
        numbers = [
            sum(run["statuses"].get(name, 0) for name in NEEDS_A_PERSON)
            for run in runs
            if parse_time(run["started_at"]) >= since
        ]
        return min(numbers, default=None)

    def undecided_since(self) -> datetime | None:
        """Return how far back the recordings reach that a run left undecided whose report was lost."""
        for run in self.runs:
            if run.get("id") == self.history.run:
                return None
            if "undecided_since" in run:
                return parse_time(run["undecided_since"]) if run["undecided_since"] else None
        return None


def _checked_all(run: JsonObject) -> bool:
    """Whether a run checked all but what a person ignores; an older one records only whether it was whole."""
    return not run["not_checked"] if "not_checked" in run else bool(run.get("whole", True))
