"""Keeps in the state table what a run learned: what the table is tied to, and which programs there were."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from reconcile.compare.verdicts import Comparison
from reconcile.model.environment import Environment
from reconcile.model.finding import recording_subject
from reconcile.model.run import Receipt
from reconcile.model.snapshot import LedgerEntry, Snapshot
from reconcile.repair.guards import NEVER_MET, index_meets_table
from reconcile.runs.history import Past, settle
from reconcile.stores.ports import State

_SURELY_RETIRED = ("retired", "outside-window")
"""The verdicts on a recording whose program is gone: without a doubt, and within the window or before it."""


def tie(past: Past, wanted: Environment, snapshot: Snapshot, state: State | None, now: datetime) -> Past:
    """Tie the state table to the sources that were read whole, and count the run; return the past with that.

    Raises UsageError where another run tied it to another environment meanwhile, SourceError.
    """
    if state is None:
        return past
    read = read_whole(wanted, snapshot.receipts)
    if not (read.table or read.index or read.buckets):
        return past
    standing = settle(wanted, state, read)
    if standing.index_met is None and (index_meets_table(snapshot) or _is_approved(past)):
        state.mark_index_met(now)
    return replace(past, environment=state.raise_sequence(past.reported))


def read_whole(wanted: Environment, receipts: Iterable[Receipt]) -> Environment:
    """Return of what the settings name that which was read whole and is not doubted."""
    trusted = {receipt.source for receipt in receipts if receipt.trusted}
    return Environment(
        wanted.stage,
        wanted.table if f"dynamodb:{wanted.table}" in trusted else "",
        wanted.index if f"algolia:{wanted.index}" in trusted else "",
        tuple(bucket for bucket in wanted.buckets if f"s3:{bucket}" in trusted),
    )


def mark_first_repair(past: Past, wanted: Environment, state: State, now: datetime) -> Past:
    """Remember when repairs were first made here, once all sources are tied; raises SourceError."""
    if not past.environment.is_tied_to(wanted):
        return past
    first = state.mark_first_repair(now)
    return replace(past, environment=replace(past.environment, first_repair=first))


def _is_approved(past: Past) -> bool:
    """Whether a person approved writes that waited for index and table to meet."""
    return any(NEVER_MET in reason for reason in past.approved_for)


def remember_programs(snapshot: Snapshot, comparison: Comparison, state: State | None) -> None:
    """Enter the programs that were seen, or are known to be gone, into the ledger; raises SourceError."""
    if state:
        state.remember(programs_to_remember(snapshot, comparison))
        state.remember(retirements_to_remember(snapshot, comparison))


def programs_to_remember(
    snapshot: Snapshot, comparison: Comparison
) -> Iterable[tuple[LedgerEntry, LedgerEntry | None]]:
    """Return what the ledger does not know yet of the programs that were seen, and what it knows."""
    for key, view in comparison.dossiers.views.items():
        seen = {program.owner: program.program_id for program in view.programs}
        known = snapshot.ledger.get(key) or LedgerEntry(key, {}, "seen")
        # Somebody may have brought the program back before the job: then a decision to restore is done with.
        mark = comparison.dossiers.restores(key) or known.restored
        if seen and (mark != known.restored or not seen.items() <= known.programs.items()):
            told = replace(known, programs={**known.programs, **seen}, restored=mark)
            yield told, snapshot.ledger.get(key)


def retirements_to_remember(
    snapshot: Snapshot, comparison: Comparison
) -> Iterable[tuple[LedgerEntry, LedgerEntry | None]]:
    """Return what the ledger does not know yet of programs that are gone, and what it knows.

    It learns that before any trace is rewritten or advised to be deleted. What is retired only because
    another recording covers it is not remembered, and nothing is that rests on doubted evidence.
    """
    index_doubted = bool(snapshot.doubts("algolia"))
    if snapshot.doubts("s3", "dynamodb"):
        return
    for key, gone in comparison.dossiers.retirements.items():
        judged = comparison.judged.get(recording_subject(key))
        known = snapshot.ledger.get(key)
        entry = gone.entry(known, index_doubted=index_doubted)
        if judged and judged.verdict in _SURELY_RETIRED and entry:
            yield entry, known
