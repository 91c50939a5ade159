"""What steps are made of: the report that they are of, and the weight that puts them in order. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reconcile.compare.causes import WITHOUT_GROUP
from reconcile.compare.verdicts import Examined
from reconcile.model.finding import NEEDS_A_PERSON, Finding, recording_key
from reconcile.repair.planned import Plan
from reconcile.report.data import Report
from reconcile.report.formatting import plural
from reconcile.report.parts import Action


@dataclass(frozen=True, slots=True, order=True)
class Weight:
    """What a step brings: recordings made watchable, programs made searchable, findings cleared."""

    watchable: int = 0
    searchable: int = 0
    cleared: int = 0

    def plus(self, other: "Weight") -> "Weight":
        """Return both together."""
        return Weight(
            self.watchable + other.watchable,
            self.searchable + other.searchable,
            self.cleared + other.cleared,
        )

    @property
    def effect(self) -> str:
        """The most that it brings, in a few words; "" where it brings nothing by itself."""
        if self.watchable:
            return f"makes {plural(self.watchable, 'recording')} watchable"
        if self.searchable:
            return f"makes {plural(self.searchable, 'program')} searchable"
        return f"clears {self.cleared:,}" if self.cleared else ""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A step, and what puts it in its place among the others."""

    action: Action
    weight: Weight


@dataclass(frozen=True, slots=True)
class Situation:
    """A report with what its run planned, and its findings by id."""

    report: Report
    plan: Plan
    examined: Examined
    findings: Mapping[str, Finding]

    def of(self, names: Iterable[str], *statuses: str) -> tuple[Finding, ...]:
        """Return the findings of these ids with one of these statuses (none given: those open)."""
        wanted = statuses or NEEDS_A_PERSON
        named = (self.findings[name] for name in names if name in self.findings)
        return tuple(finding for finding in named if finding.status in wanted)

    @property
    def repairing(self) -> bool:
        """Whether the run could write."""
        return self.report.run.mode == "repair"

    @property
    def reasons(self) -> Mapping[str, str]:
        """Say by finding why its repair awaits approval, or would in a check after a repair."""
        return self.report.approvals if self.repairing else self.report.would_need_approval

    @property
    def awaiting(self) -> tuple[Finding, ...]:
        """What awaits approval, or would in a check after a repair."""
        return self.of(self.reasons, "awaiting-approval") if self.repairing else self.of(self.reasons)

    @property
    def planned(self) -> tuple[Finding, ...]:
        """What a repair would make at once, in a check."""
        names = () if self.repairing else (name for repair in self.plan.repairs for name in repair.findings)
        return self.of(dict.fromkeys(names))

    @property
    def rest(self) -> tuple[Finding, ...]:
        """What is open, and that the next repair neither makes nor leaves for approval."""
        taken = {finding.id for finding in (*self.awaiting, *self.planned)}
        return tuple(finding for finding in self.of(self.findings) if finding.id not in taken)

    @property
    def grouped(self) -> frozenset[str]:
        """The findings whose show names no group, so that one can be created."""
        causes = (cause for cause in self.report.causes if cause.kind == WITHOUT_GROUP)
        return frozenset(name for cause in causes for name in cause.explains)

    def shows(self, findings: Iterable[Finding]) -> int:
        """Count the shows of findings on recordings."""
        comparison = self.examined.comparison
        return len({comparison.view(recording_key(finding.subject)).show_id for finding in findings})

    def exceeds(self, verdict: str, number: int) -> bool:
        """Whether so many repairs of a verdict at once would await approval."""
        kinds = (kind for kind in self.plan.kinds if verdict in kind.plan)
        return any(
            kind.limit is not None and not kind.limit.allows(number, kind.population(self.examined))
            for kind in kinds
        )


def ids_of(findings: Iterable[Finding]) -> tuple[str, ...]:
    """Return the ids of findings."""
    return tuple(finding.id for finding in findings)
