"""Finds the findings that got worse than a person wanted to ignore: they are reported again, and repaired."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from reconcile.compare.causes import explained_by
from reconcile.compare.verdicts import Comparison
from reconcile.model.decision import Decision
from reconcile.model.extent import Extent, extent_of
from reconcile.model.finding import Finding
from reconcile.report.history import History
from reconcile.report.outcomes import decided_words
from reconcile.runs.memory import Memory
from reconcile.runs.past import Past

BY_ITSELF = "the job (its finding got worse)"
"""Who took back a decision that ended so."""


def without_outgrown(past: Past, comparison: Comparison, now: datetime) -> Past:
    """Return the past without the ignores that hold until their finding gets worse, and whose finding did."""
    holding = past.holding(now)
    if not any(decision.worse_than for decision in holding.values()):
        return past
    decisions, outgrown = dict(past.decisions), dict[str, str]()
    for finding, extent in _extents(holding, comparison, now):
        decision = holding[finding]
        if decision.worse_than and extent.is_worse_than(decision.worse_than):
            decisions[finding] = decision.undone(BY_ITSELF, now)
            outgrown[finding] = decided_words(decision, extent.rise_from(decision.worse_than))
    return replace(past, decisions=decisions, outgrown=outgrown)


def _extents(
    holding: Mapping[str, Decision], comparison: Comparison, now: datetime
) -> Iterator[tuple[str, Extent]]:
    """Yield how bad the findings are now that decisions were made on."""
    findings = History().findings_of(comparison.findings, {}, now)
    # What is ignored is no part of what a cause explains: so it was in the report that was decided on.
    left = [finding for finding in findings if not _is_left_out(finding, holding.get(finding.id))]
    explained = explained_by(left, comparison)
    for finding in findings:
        if finding.id in holding:
            yield finding.id, extent_of(finding, explained.get(finding.id, 0))


def _is_left_out(finding: Finding, decision: Decision | None) -> bool:
    """Whether a finding neither explains others, as far as anybody asks, nor is explained."""
    if decision is None or (finding.subject.type == "system" and decision.worse_than):
        return False
    return decision.silences(finding.subject.type)


def end_outgrown(past: Past, memory: Memory, comparison: Comparison, now: datetime) -> Past:
    """Return the past without them, and end them for good in the state table; raises SourceError."""
    past = without_outgrown(past, comparison, now)
    if memory.state and past.outgrown:
        memory.state.end_outgrown(past.decisions[name] for name in past.outgrown)
    return past
