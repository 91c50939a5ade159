"""Decides what a search record says after undo: what it said before the run, or what its row says. Pure."""

import json
from collections.abc import Mapping
from typing import Any

from reconcile.model.attributes import same_value
from reconcile.model.documents import Attributes
from reconcile.model.finding import finding_id, record_subject
from reconcile.model.search_record import Image, canonical
from reconcile.undo.fold import RecordTarget, RowTarget
from reconcile.undo.reversals import RecordEdit, Reversal
from reconcile.undo.stored import StoredNow

NONE: frozenset[str] = frozenset()
_OF_RECORDS = ("record-missing", "record-stale")
FROM_ITS_ROW = "it is written from its row"
ROW_GONE = "it is deleted: its row was deleted while it was written"


def decide_record(
    target: RecordTarget, maker: RowTarget | None, stored: StoredNow, written: RecordEdit | None = None
) -> Reversal:
    """Decide on a record, once its row is taken back; `maker` is what the run wrote to that row, if anything.

    It gets back what it said if it still says what the run wrote and its row says what it said before; else
    it is written from its row. Where the row calls for the very record that the run wrote, and somebody
    changed that one, it is left. What the undo itself has `written` to it is nobody else's: it follows its
    row, and goes where that is gone.
    """
    if target.settled:
        return Reversal(target, "done", target.settled)
    if target.doubt:
        return Reversal(target, "left", target.doubt)
    now, hidden = stored.records.get(target.object_id), stored.hidden
    row = stored.rows.get(target.row) if target.row else None
    called_for = _called_for(target, row)
    if _is_as_before(target, maker, row, hidden):
        if same_record(now, target.was, hidden):
            return Reversal(target, "done", "it says what it said before")
        if same_record(now, target.left, hidden) and not (hidden and target.was is not None):
            reopens = _reopened(target) if called_for and not same_record(called_for, target.was) else NONE
            return Reversal(target, "take", record=RecordEdit(now, target.was), reopens=reopens)
    if written is not None and same_record(now, written.record, hidden):
        return _following_its_row(target, now, called_for, hidden)
    return _from_its_row(target, now, called_for, hidden)


def _following_its_row(
    target: RecordTarget, now: Attributes | None, called_for: Attributes | None, hidden: frozenset[str]
) -> Reversal:
    if same_record(now, called_for, hidden):
        return Reversal(target, "done", "it says what its row says")
    why = FROM_ITS_ROW if called_for is not None else ROW_GONE
    return Reversal(target, "take", why, record=RecordEdit(now, called_for))


def _reopened(target: RecordTarget) -> frozenset[str]:
    """Return the findings that stand again: the record's own, whatever it was written for."""
    subject = record_subject(target.object_id)
    return frozenset((*target.findings, *(finding_id(verdict, subject) for verdict in _OF_RECORDS)))


def _from_its_row(
    target: RecordTarget, now: Attributes | None, called_for: Attributes | None, hidden: frozenset[str]
) -> Reversal:
    if called_for is None:
        if now is None:
            return Reversal(target, "done", "it is gone, and so is its row")
        return Reversal(target, "left", "its row is gone, so nothing says what it should say")
    if same_record(now, called_for, hidden):
        return Reversal(target, "done", "it says what its row says")
    if not same_record(now, target.left, hidden):
        if not target.certain and same_record(now, target.was, hidden):
            return Reversal(target, "done", "it was never written")
        if not target.certain:
            why = "it is not certain that the run wrote it, and it says something else"
            return Reversal(target, "left", why)
        if same_record(called_for, target.left, hidden):
            return Reversal(target, "left", "somebody changed it since")
    return Reversal(target, "take", FROM_ITS_ROW, record=RecordEdit(now, called_for))


def _is_as_before(
    target: RecordTarget, maker: RowTarget | None, row: Image | None, hidden: frozenset[str]
) -> bool:
    """Whether a record's row says what it said before the run, as far as records tell.

    With what the run left put back, the row must call for the very record that the run wrote.
    """
    if maker is not None and maker.was is None:
        return row is None
    if row is None:
        return False
    if maker is not None and maker.was is not None:
        was = maker.was
        if not all(same_value(row.get(name), was[name]) for name in maker.names):
            return False
        row = {**row, **maker.left}
    return same_record(_called_for(target, row), target.left, hidden)


def _called_for(target: RecordTarget, row: Image | None) -> Attributes | None:
    """Return the record that a row calls for; None where it calls for none, or for another."""
    if row is None or "S" not in row.get("programId", {}):
        return None
    record = canonical(row)
    return record if record["objectID"] == target.object_id else None


def same_record(
    one: Attributes | None, other: Attributes | None, hidden: frozenset[str] = frozenset()
) -> bool:
    """Whether two records (None: there is none) say the same, but for what the index hides."""
    if one is None or other is None:
        return one is other
    return _text(one, hidden) == _text(other, hidden)


def _text(record: Attributes, hidden: frozenset[str]) -> str:
    shown = {name: _level(value) for name, value in record.items() if name not in hidden}
    # As text true and 1 differ, as they do in the index.
    return json.dumps(shown, sort_keys=True)


def _level(value: Any) -> Any:
    """Return a value with whole numbers written in one way."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {name: _level(part) for name, part in value.items()}
    return [_level(part) for part in value] if isinstance(value, list) else value
