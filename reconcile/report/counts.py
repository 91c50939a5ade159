"""Picks findings of a report by what became of them, and adds up named numbers. Pure."""

from collections.abc import Iterable

from reconcile.model.finding import NEEDS_A_PERSON, Finding
from reconcile.report.data import Report


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
