"""Reads what stands in the stores now of what a run wrote to: strongly consistent, and whole."""

from collections.abc import Iterable, Mapping
from functools import partial

from reconcile.model.catalog import RowKey, index_key_of
from reconcile.model.parallel import at_once
from reconcile.model.recording import RecordingKey
from reconcile.model.search_record import Image
from reconcile.model.snapshot import LedgerEntry
from reconcile.undo.fold import Folded, RecordTarget, RowTarget
from reconcile.undo.plan import RowStep, row_steps
from reconcile.undo.ports import UndoStores
from reconcile.undo.stored import StoredNow

_AT_ONCE = 8


def read_all(folded: Folded, stores: UndoStores) -> StoredNow:
    """Read everything that a run wrote to, or what `folded` keeps of it; raises SourceError."""
    steps = list(row_steps(folded))
    rows = stores.rows.whole_rows(
        [*(key for step in steps for key in _keys(step)), *_rows_of(folded.records)]
    )
    return StoredNow(
        rows,
        _records(folded.records, stores),
        _ledger((target for target, _ in steps), stores),
        _members((target for target, _ in steps), stores),
        stores.records.hidden() if folded.records else frozenset(),
    )


def read_step(step: RowStep, stores: UndoStores) -> StoredNow:
    """Read what one row is taken back by; raises SourceError."""
    target, _ = step
    return StoredNow(
        stores.rows.whole_rows(_keys(step)),
        ledger=_ledger([target], stores),
        members=_members([target], stores),
    )


def read_records(targets: Iterable[RecordTarget], stores: UndoStores) -> StoredNow:
    """Read some records, and the rows that they are made from; raises SourceError."""
    targets = tuple(targets)
    rows = stores.rows.whole_rows(_rows_of(targets))
    return StoredNow(rows, _records(targets, stores), hidden=stores.records.hidden())


def _keys(step: RowStep) -> list[RowKey]:
    target, show = step
    counted = (counted.group for counted in target.counted)
    return list(dict.fromkeys((target.key, *([show.key] if show else ()), *counted)))


def _rows_of(targets: Iterable[RecordTarget]) -> list[RowKey]:
    return list(dict.fromkeys(target.row for target in targets if target.row))


def _records(targets: Iterable[RecordTarget], stores: UndoStores) -> Mapping[str, Mapping[str, object]]:
    names = [target.object_id for target in targets]
    return stores.records.whole_records(names) if names else {}


def _ledger(targets: Iterable[RowTarget], stores: UndoStores) -> Mapping[RecordingKey, LedgerEntry]:
    keys = [target.ledger.after.key for target in targets if target.ledger]
    entries = at_once(stores.state.ledger_entry, keys, _AT_ONCE)
    return {key: entry for key, entry in zip(keys, entries, strict=True) if entry}


def _members(targets: Iterable[RowTarget], stores: UndoStores) -> Mapping[RowKey, tuple[str, ...]]:
    """Return the programs that lie in the groups that the run created, by group."""
    groups = [target for target in targets if target.is_group]
    found = at_once(partial(_members_of, stores), groups, _AT_ONCE)
    return {group.key: members for group, members in zip(groups, found, strict=True)}


def _members_of(stores: UndoStores, group: RowTarget) -> tuple[str, ...]:
    owner = group.key.pk.removeprefix("u#").removesuffix("#groups")
    group_id = group.key.sk.removeprefix("g#")
    named, listed = {"S": group_id}, {"S": index_key_of(owner, group_id)}
    rows: list[Image] = stores.rows.rows_of(f"u#{owner}#programs")
    return tuple(row["sk"]["S"] for row in rows if row.get("groupId") == named or row.get("GSI1PK") == listed)
