"""Says what taking something back does, and where. Pure."""

from reconcile.undo.fold import RecordTarget, RowTarget
from reconcile.undo.reversals import Reversal

_SHOWN = 4


def place(target: RowTarget | RecordTarget) -> str:
    """Name what was written to: a record by its objectID, a row by what tells it apart."""
    if isinstance(target, RecordTarget):
        return target.object_id
    return target.key.pk if target.key.sk == "info" else target.key.sk


def effect(reversal: Reversal) -> str:
    """Say what happens to something that is taken back, and what of it stays."""
    target = reversal.target
    parts = [_of_record(reversal) if isinstance(target, RecordTarget) else _of_row(target, reversal)]
    return "; ".join([*parts, *([reversal.rest] if reversal.rest else [])])


def _of_record(reversal: Reversal) -> str:
    if reversal.why:
        return reversal.why
    gone = reversal.record is None or reversal.record.record is None
    return "it is deleted" if gone else "it gets back what it said before"


def _of_row(target: RowTarget, reversal: Reversal) -> str:
    others = [edit for edit in reversal.edits if edit.key != target.key]
    if target.is_group:
        gone = "it is deleted" if len(others) < len(reversal.edits) else "it is gone already"
        return f"{gone}, and its show names none" if others else gone
    counted = ", and its group counts one program less" if others else ""
    if target.was is None:
        return f"it is deleted{counted}"
    names = sorted(target.names)
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"it gets back {', '.join(names[:_SHOWN])}{more}{counted}"
