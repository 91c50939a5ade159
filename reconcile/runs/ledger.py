"""Save in the ledger which programs a run saw, and which are known to be deleted."""

from collections.abc import Iterable
from dataclasses import replace

from reconcile.compare.verdicts import Comparison
from reconcile.model.snapshot import LedgerEntry, Snapshot
from reconcile.stores.ports import StateStore

_SURELY_RETIRED = ("retired", "outside-window")
"""The verdicts on a recording whose program is gone: without a doubt, and within the window or before it."""


def remember_programs(snapshot: Snapshot, comparison: Comparison, state: StateStore | None) -> None:
    """Enter the programs that were seen, or are known to be gone, into the ledger; raises SourceError."""
    if state:
        state.remember(programs_to_remember(snapshot, comparison))
        state.remember(retirements_to_remember(snapshot, comparison))


def programs_to_remember(
    snapshot: Snapshot, comparison: Comparison
) -> Iterable[tuple[LedgerEntry, LedgerEntry | None]]:
    """Return what the ledger does not know yet of the programs that were seen, and what it knows."""
    for view in comparison.views():
        key = view.key
        present = {program.owner: program.program_id for program in view.programs}
        entry = snapshot.ledger.get(key) or LedgerEntry(key, {}, "seen")
        # Somebody may have brought the program back before the job: then a decision to restore is done with.
        mark = comparison.dossiers.restores(key) or entry.restored
        if present and (mark != entry.restored or not present.items() <= entry.programs.items()):
            how = "seen" if entry.how == "undone" else entry.how
            updated = replace(entry, programs={**entry.programs, **present}, restored=mark, how=how)
            yield updated, snapshot.ledger.get(key)


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
        judged = comparison.judgement_on(key)
        earlier = snapshot.ledger.get(key)
        entry = gone.entry(earlier, index_doubted=index_doubted)
        if judged and judged.verdict in _SURELY_RETIRED and entry:
            yield entry, earlier
