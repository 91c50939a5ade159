"""Shows what explains findings, and what came of looking at the live system's configuration. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from reconcile.model.cause import Cause
from reconcile.model.configuration import Look
from reconcile.model.finding import NEEDS_A_PERSON, UNTOUCHED, Finding
from reconcile.model.verdict_table import label_of
from reconcile.report.data import Report
from reconcile.report.formatting import Fact, apart, clean, line_of, plural, status_words, subject_words
from reconcile.report.groups import FindingGroup, Item, Tone, finding_item, pasteable

LONGEST_WHY = 600
IN_COMMON = "concentration"
"""The kind of a cause that explains nothing yet: findings that share a show, a channel, a user or a day."""


_LABELS = {"show-without-group": "Shows without a group", IN_COMMON: "In common"}
"""Causes that are no verdict on the configuration."""


@dataclass(frozen=True, slots=True)
class SetupLine:
    """One part of the configuration in words: whether it was checked, and what was found, or why not."""

    name: str
    state: str
    tone: Tone
    told: str


def cause_groups(report: Report) -> tuple[FindingGroup, ...]:
    """Return a group for each cause: what it is, what fixes it, and, in short, what it explains."""
    findings = {finding.id: finding for finding in report.findings}
    return tuple(_group(cause, findings) for cause in report.causes)


def _group(cause: Cause, findings: Mapping[str, Finding]) -> FindingGroup:
    own = findings.get(cause.finding)
    explained = [findings[name] for name in cause.explains if name in findings]
    items = tuple(_short(finding) for finding in explained)
    why = line_of(f"{cause.what}: {cause.why}.", LONGEST_WHY)
    return FindingGroup(
        name=_label(cause),
        about=_about(cause, own),
        slug=clean(cause.kind) if own else "",
        number=1 if own and own.status in NEEDS_A_PERSON else 0,
        means=why,
        tone=own.severity if own else "medium" if cause.certainty == "certain" else "low",
        items=(_own(own), *items) if own else items,
        step=apart(clean(cause.step)),
        commands=pasteable(cause.commands),
    )


def _about(cause: Cause, own: Finding | None) -> str:
    number = cause.number
    severity = f", severity {own.severity}" if own else ""
    if cause.kind == IN_COMMON:
        return f"what {plural(number, 'finding')} {'has' if number == 1 else 'have'} in common"
    if not number:
        return f"misconfigured; no affected findings in this run{severity}"
    certainty = "root cause" if cause.certainty == "certain" else f"{clean(cause.certainty)} cause"
    return f"{certainty} of {plural(number, 'finding')}{severity}"


def _own(finding: Finding) -> Item:
    """Show the finding that a cause is; the group tells already why, and what to do."""
    item = finding_item(finding)
    return replace(
        item, step="", commands=(), facts=tuple(fact for fact in item.facts if fact.label != "Why")
    )


def _short(finding: Finding) -> Item:
    mark = "" if finding.status in UNTOUCHED else status_words(finding.status)
    words = subject_words(finding.subject, finding.evidence)
    return Item(f"{clean(label_of(finding.subject.type, finding.kind))}: {words}", clean(finding.id), mark)


def without_own(findings: Iterable[Finding], report: Report) -> list[Finding]:
    """Return the findings without those that a cause already shows as its own."""
    shown = {cause.finding for cause in report.causes}
    return [finding for finding in findings if finding.id not in shown]


def with_cause(group: FindingGroup, report: Report) -> FindingGroup:
    """Name, at a group of findings, what explains them."""
    explained = {name: cause for cause in report.causes for name in cause.explains}
    causes = [explained[item.id] for item in group.items if item.id in explained]
    counted = Counter(_named(cause) for cause in causes)
    label = "In common" if all(cause.kind == IN_COMMON for cause in causes) else "Root cause"
    told = tuple(
        name if number == len(group.items) else f"{name} ({number:,} of {len(group.items):,})"
        for name, number in counted.items()
    )
    return replace(group, facts=(Fact(label, told), *group.facts)) if told else group


def _named(cause: Cause) -> str:
    kind = "" if cause.kind == IN_COMMON else f"{_label(cause)}, "
    return f"{kind}{line_of(cause.what)}"


def _label(cause: Cause) -> str:
    """Return a cause's kind in words: that of the configuration's verdict, or of what findings share."""
    kind = cause.kind
    return _LABELS.get(kind) or clean(label_of("system", kind))


def setup_lines(report: Report) -> tuple[SetupLine, ...]:
    """Return what came of looking at each part of the configuration."""
    wrong = {finding.subject["name"] for finding in report.findings if finding.subject.type == "system"}
    return tuple(_setup_line(look, wrong) for look in report.configuration)


def _setup_line(look: Look, wrong: set[str]) -> SetupLine:
    name = line_of(look.what)
    if not look.looked_at:
        return SetupLine(name, "not checked", "low", line_of(look.why, LONGEST_WHY))
    if look.what in wrong:
        return SetupLine(name, "misconfigured", "high", line_of(look.found, LONGEST_WHY))
    return SetupLine(name, "OK", "good", line_of(look.found, LONGEST_WHY))
