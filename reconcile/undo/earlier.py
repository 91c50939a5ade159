"""Leaves to later runs what they did again after an earlier undo had taken it back. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from reconcile.model.catalog import RowKey
from reconcile.model.documents import Attributes
from reconcile.model.journal import JournalEntry, RowWritten
from reconcile.undo.apply import UNDONE
from reconcile.undo.fold import Folded, RecordTarget, RowTarget
from reconcile.undo.records import same_record

_BY = "it was taken back before, by the run {}"


def settled_by(folded: Folded, undone: Sequence[JournalEntry]) -> Folded:
    """Return what a run wrote to, told what the journals of earlier undos of it say was taken back.

    What stands there now, another run wrote: it may say the same, approved by a person.
    """
    rows = dict[tuple[str, RowKey], str]()
    records = dict[str, list[tuple[str, Attributes | None]]]()
    for entry in undone:
        written = entry.written
        if isinstance(written, RowWritten):
            rows[entry.what, written.key] = entry.run
        elif entry.done:
            records.setdefault(written.object_id, []).append((entry.run, written.after))
    return Folded(
        tuple(_row(row, rows.get((UNDONE.format(row.what), row.key), "")) for row in folded.rows),
        tuple(_record(record, records.get(record.object_id, ())) for record in folded.records),
    )


def _row(row: RowTarget, by: str) -> RowTarget:
    return replace(row, settled=_BY.format(by)) if by else row


def _record(record: RecordTarget, said: Sequence[tuple[str, Attributes | None]]) -> RecordTarget:
    """Tell of a record that it got back what it said before the run; one written from its row did not."""
    by = next((run for run, after in said if same_record(after, record.was)), "")
    return replace(record, settled=_BY.format(by)) if by else record
