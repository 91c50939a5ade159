"""Reads again, strongly consistent, what each finding rests on: what has settled meanwhile is no finding."""

from collections.abc import Mapping
from dataclasses import replace

from reconcile.collect import Stores
from reconcile.compare.verdicts import Comparison, compare
from reconcile.model.finding import Judgement, Subject
from reconcile.model.recording import RecordingKey
from reconcile.model.snapshot import LedgerEntry, Rules, Snapshot
from reconcile.rereading import read_again
from reconcile.stores.ports import State

_ROUNDS = 8
NEEDS_NO_CONFIRMING = ("unreadable", "unknown", "failed", "unfinished")


def confirm(
    snapshot: Snapshot, rules: Rules, stores: Stores, state: State | None
) -> tuple[Snapshot, Comparison]:
    """Compare, read again what the findings rest on, and compare again until nothing new turns up.

    A finding whose evidence cannot be read again becomes `unknown`.
    """
    comparison = compare(snapshot, rules)
    confirmed: set[tuple[Subject, str]] = set()
    for round_number in range(_ROUNDS):
        open_findings = [f for f in comparison.findings if _needs_confirming(f, confirmed)]
        if not open_findings:
            break
        ledger = _ledger(snapshot, state) if round_number == 0 else snapshot.ledger
        snapshot = read_again(replace(snapshot, ledger=ledger), open_findings, comparison.dossiers, stores)
        confirmed |= {(finding.subject, finding.verdict) for finding in open_findings}
        comparison = compare(snapshot, rules)
    restless = {
        finding.subject: "what it rests on changed each time it was read"
        for finding in comparison.findings
        if _needs_confirming(finding, confirmed)
    }
    if restless:
        snapshot = replace(snapshot, failures={**snapshot.failures, **restless})
        comparison = compare(snapshot, rules)
    return snapshot, comparison


def _needs_confirming(finding: Judgement, confirmed: set[tuple[Subject, str]]) -> bool:
    return finding.verdict not in NEEDS_NO_CONFIRMING and (finding.subject, finding.verdict) not in confirmed


def _ledger(snapshot: Snapshot, state: State | None) -> Mapping[RecordingKey, LedgerEntry]:
    return state.ledger() if state else snapshot.ledger
