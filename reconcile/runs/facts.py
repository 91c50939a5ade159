"""Loads what earlier runs read, and adds what this run learned; a failure is never fatal."""

import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from reconcile.compare.verdicts import Examined
from reconcile.model.errors import SourceError
from reconcile.model.facts import FactFiles, is_read
from reconcile.model.facts_learned import FactChange, learned
from reconcile.model.parallel import at_once
from reconcile.model.run import Receipt
from reconcile.runs.memory import Memory
from reconcile.stores.ports import FactsStore

_READERS = 16


def load_facts(memory: Memory, now: datetime) -> FactFiles | None:
    """Return the facts of earlier runs that can still be of use; None where nothing keeps them.

    Raises nothing: `faults` tell what could not be read.
    """
    store = memory.facts
    if store is None:
        return None
    begun, nothing = time.monotonic(), FactFiles(memory.stage, media_recheck=memory.media_recheck)
    try:
        names = [name for name in store.names() if is_read(name, now, memory.media_recheck)]
    except SourceError as error:
        return replace(nothing, faults=(str(error),), requests=1)

    def load(name: str) -> tuple[str, bytes | None, str]:
        try:
            return name, store.load(name), ""
        except SourceError as error:
            return name, None, str(error)

    loaded = list(at_once(load, names, _READERS))
    return replace(
        nothing,
        files={name: data for name, data, _ in loaded if data is not None},
        faults=tuple(why for *_, why in loaded if why),
        requests=len(names) + 1,
        seconds=round(time.monotonic() - begun, 3),
    )


def keep_facts(examined: Examined, memory: Memory, now: datetime) -> Examined:
    """Keep what a run read and looked at for those that follow; say in its receipt what could not be kept."""
    snapshot, store = examined.snapshot, memory.facts
    if store is None or snapshot.facts is None:
        return examined
    faults = list(_kept(learned(snapshot, snapshot.facts, now), store, memory.stage))
    receipts = tuple(_with_faults(receipt, faults) for receipt in snapshot.receipts)
    # The files are of no more use, and large.
    done = replace(snapshot, receipts=receipts, facts=replace(snapshot.facts, files={}))
    return replace(examined, snapshot=done)


def _kept(changes: Iterable[FactChange], store: FactsStore, stage: str) -> Iterable[str]:
    """Make changes, each to its file as it stands now; yield why one could not be made."""
    for change in changes:
        try:
            stored = store.load(change.name)
            changed = change.applied_to(stored, stage)
            if changed != stored:
                store.save(change.name, changed)
        except SourceError as error:
            yield str(error)
            # What one file cannot be kept for, the others cannot either: the time is needed for the report.
            return


def _with_faults(receipt: Receipt, faults: list[str]) -> Receipt:
    if receipt.source != "facts" or not faults:
        return receipt
    return replace(receipt, detail={**receipt.detail, "not_kept": faults})
