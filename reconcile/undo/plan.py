"""Plans to take a run back: its rows, the newest first, then the records that are made from them. Pure."""

from collections.abc import Iterator
from datetime import datetime

from reconcile.model.journal import SHOW_GROUPED
from reconcile.undo.fold import Folded, RowTarget
from reconcile.undo.records import decide_record
from reconcile.undo.reversals import Reversal
from reconcile.undo.rows import decide_row
from reconcile.undo.stored import StoredNow

RowStep = tuple[RowTarget, RowTarget | None]
"""A row that is taken back, and the show that goes with it where it is a group that the run created."""


def row_steps(folded: Folded) -> Iterator[RowStep]:
    """Yield the rows of a run, the newest first; the show that was given a new group goes with the group."""
    groups = [row for row in folded.rows if row.is_group]
    shows = {group.key: _show_of(group, folded) for group in groups}
    with_groups = {show.key for show in shows.values() if show}
    for row in folded.rows:
        if row.key not in with_groups:
            yield row, shows.get(row.key)


def _show_of(group: RowTarget, folded: Folded) -> RowTarget | None:
    """Return the show that was given a group in the transaction that created it."""
    given = (
        row
        for row in folded.rows
        if row.what == SHOW_GROUPED and row.left.get("groupId") == group.left.get("groupId")
    )
    return next(given, None)


def plan_undo(folded: Folded, stored: StoredNow, at: datetime) -> tuple[Reversal, ...]:
    """Return what becomes of each target if nobody changes anything meanwhile, in the order of undoing."""
    reversals = list[Reversal]()
    for row, show in row_steps(folded):
        reversal = decide_row(row, show, stored, at)
        stored = stored.after(reversal.edits)
        reversals.append(reversal)
    for record in folded.records:
        reversals.append(decide_record(record, folded.maker(record), stored))
    return tuple(reversals)
