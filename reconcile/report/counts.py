"""Counts a report, once for everybody: headline, tiles, sections and messages all take their numbers here."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reconcile.model.finding import NEEDS_A_PERSON, NOT_JUDGED, Finding
from reconcile.report.data import Report


@dataclass(frozen=True, slots=True)
class Tally:
    """The subjects of a type: how many verdicts were reached, and how many there are in all."""

    judged: int
    population: int

    @property
    def not_judged(self) -> int:
        """How many no verdict was reached on."""
        return self.population - self.judged


@dataclass(frozen=True, slots=True)
class Numbers:
    """How many findings came to what, and how many subjects were looked at, by type.

    `open` need a person; `new` of them came or came back since the last report. `would_withhold` are those
    that a repair would withhold, in a check: they are also among those in need.
    """

    new: int
    open: int
    repaired: int
    withheld: int
    would_withhold: int
    resolved: int
    carried: int
    ignored: int
    deleted: int
    subjects: Mapping[str, Tally]

    @property
    def not_judged(self) -> int:
        """How many subjects, of all types, no verdict was reached on."""
        return sum(one.not_judged for one in self.subjects.values())


def numbers_of(report: Report) -> Numbers:
    """Count a report."""
    statuses = Counter(finding.status for finding in report.findings)
    return Numbers(
        new=statuses["new"] + statuses["came-back"],
        open=sum(statuses[name] for name in NEEDS_A_PERSON),
        repaired=statuses["repaired"],
        withheld=statuses["awaiting-approval"],
        would_withhold=len(report.would_withhold),
        resolved=len(report.resolved),
        carried=len(report.carried),
        ignored=statuses["ignored"],
        deleted=len(report.retired),
        subjects={name: _tally(tally) for name, tally in report.counts.items()},
    )


def _tally(counted: Mapping[str, int]) -> Tally:
    whole = sum(number for name, number in counted.items() if name != "population")
    return Tally(whole - sum(counted.get(name, 0) for name in NOT_JUDGED), whole)


def with_status(findings: Iterable[Finding], *statuses: str) -> tuple[Finding, ...]:
    """Return the findings that came to one of these."""
    return tuple(finding for finding in findings if finding.status in statuses)


def needing(report: Report) -> tuple[Finding, ...]:
    """Return the findings that need a person."""
    return with_status(report.findings, *NEEDS_A_PERSON)


def by_name(counted: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    """Put numbers of the same name together, in the order of the first; noughts are left out."""
    total: dict[str, int] = {}
    for name, number in counted:
        total[name] = total.get(name, 0) + number
    return [(name, number) for name, number in total.items() if number]
