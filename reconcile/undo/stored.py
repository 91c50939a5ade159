"""What stands in the stores now of all that a run wrote to, and what would stand there after edits. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from reconcile.model.catalog import RowKey
from reconcile.model.documents import Attributes
from reconcile.model.recording import RecordingKey
from reconcile.model.reversal import RowEdit
from reconcile.model.search_record import Image
from reconcile.model.snapshot import LedgerEntry


@dataclass(frozen=True, slots=True)
class StoredNow:
    """Rows and records, whole, and what the ledger says; what is absent does not exist.

    `members` are the programs that lie in a group, by the group, and `hidden` the fields of records that the
    index shows nobody.
    """

    rows: Mapping[RowKey, Image] = field(default_factory=dict)
    records: Mapping[str, Attributes] = field(default_factory=dict)
    ledger: Mapping[RecordingKey, LedgerEntry] = field(default_factory=dict)
    members: Mapping[RowKey, tuple[str, ...]] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()

    def after(self, edits: Iterable[RowEdit]) -> "StoredNow":
        """Return what would stand there after these edits."""
        rows = dict(self.rows)
        for edit in edits:
            if edit.deletes:
                rows.pop(edit.key, None)
                continue
            row = {**rows.get(edit.key, {}), **edit.set_to}
            rows[edit.key] = {name: value for name, value in row.items() if value is not None}
        return replace(self, rows=rows)

    def once_published(self, sent: Mapping[str, Attributes | None]) -> "StoredNow":
        """Return what would stand there once the index has published what was sent (None: it goes)."""
        records = {**self.records, **sent}
        return replace(self, records={name: said for name, said in records.items() if said is not None})
