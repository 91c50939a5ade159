"""Keeps what is taken back from being repaired again before a person approves it."""

from collections.abc import Sequence
from datetime import datetime

from reconcile.model.decision import Decision, undone_id
from reconcile.runs.user import user_name
from reconcile.stores.ports import StateStore
from reconcile.undo.outcomes import Undone
from reconcile.undo.request import UndoOrder
from reconcile.undo.reversals import Reversal

_NOT_TAKEN = ("denied", "left")


def mark(takes: Sequence[Reversal], order: UndoOrder, state: StateStore, at: datetime) -> list[Decision]:
    """Let the findings of what is to be taken back await approval; return what did not before.

    Raises SourceError.
    """
    findings = sorted({finding for reversal in takes for finding in reversal.reopens})
    held = {name for name, one in state.decisions().items() if one.what == "undone" and not one.undone_by}
    by = user_name()
    marks = [
        Decision("undone", undone_id(finding), by, order.reason, None, at, finding=finding)
        for finding in findings
    ]
    state.decide(marks)
    return [one for one in marks if one.id not in held]


def unmark(
    marks: Sequence[Decision],
    takes: Sequence[Reversal],
    undone: Sequence[Undone],
    state: StateStore,
    at: datetime,
) -> None:
    """End the waiting of findings of which nothing was taken back; raises SourceError.

    What a store failed at may have happened all the same: it waits.
    """
    became = {_name(one.reversal): one.became for one in undone}
    waits = {
        finding
        for reversal in takes
        if became.get(_name(reversal)) not in _NOT_TAKEN
        for finding in reversal.reopens
    }
    ended = [one.undone(user_name(), at) for one in marks if one.finding not in waits]
    if ended:
        state.decide(ended)


def _name(reversal: Reversal) -> tuple[str, ...]:
    return tuple(reversal.target.names_it.values())
