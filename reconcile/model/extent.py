"""How bad a finding is: its severity and its size, so that "worse" means something. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reconcile.model.finding import Finding
from reconcile.model.verdict_types import Severity

_RANKS: Mapping[Severity, int] = {"none": 0, "low": 1, "medium": 2, "high": 3}


@dataclass(frozen=True, slots=True)
class Extent:
    """How severe a finding is, and how large: the number of what rises for its kind."""

    severity: Severity
    size: float

    def is_worse_than(self, other: "Extent") -> bool:
        """Whether severity or size rose."""
        return _RANKS[self.severity] > _RANKS[other.severity] or self.size > other.size

    def rise_from(self, other: "Extent") -> str:
        """Say what rose: `severity medium to high, size 5 to 8`; "" where nothing did."""
        rises = []
        if _RANKS[self.severity] > _RANKS[other.severity]:
            rises.append(f"severity {other.severity} to {self.severity}")
        if self.size > other.size:
            rises.append(f"size {other.size:g} to {self.size:g}")
        return ", ".join(rises)


def extent_of(finding: Finding, explained: int = 0) -> Extent:
    """Return how bad a finding is.

    Its size is the number of findings that it explains, where it is one on the configuration (`explained`);
    the difference of a count that drifted; the number of programs that show one broadcast; of any other
    kind one, and one for each verdict that holds beside it.
    """
    return Extent(finding.severity, _size(finding, explained))


def _size(finding: Finding, explained: int) -> float:
    evidence = finding.evidence
    if finding.subject.type == "system":
        return explained
    if finding.kind == "count-drift":
        return _difference(evidence.get("programsCount"), evidence.get("found"))
    if finding.kind == "program-duplicated":
        return _number_of(evidence.get("programs")) + _number_of(evidence.get("same_time"))
    return 1 + _number_of(evidence.get("also"))


def _difference(shown: Any, actual: Any) -> float:
    """Return how far a count is off; one that is no number is off by one."""
    numbers = [number for number in (shown, actual) if isinstance(number, int | float)]
    return abs(numbers[0] - numbers[1]) if len(numbers) == 2 else 1


def _number_of(parts: Any) -> int:
    return len(parts) if isinstance(parts, list | tuple) else 0
