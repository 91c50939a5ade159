"""Reads the rows that an export of the table cannot hold yet, but that the index or the ledger tell of.

The index is browsed and the ledger recalled as they are now. Without these rows, a program that was made
since the export would look deleted, and its search record left over.
"""

from collections.abc import Iterator
from dataclasses import replace

from reconcile.model.catalog import RowKey
from reconcile.model.errors import SourceError
from reconcile.model.parse import merged, parse_items
from reconcile.model.search_record import Record
from reconcile.model.snapshot import Snapshot
from reconcile.stores.ports import RowsReader

_LONGEST_PK, _LONGEST_SK = 2048, 1024
"""Bytes."""


def with_newer_rows(snapshot: Snapshot, rows: RowsReader) -> Snapshot:
    """Return a snapshot of an exported table with those rows, read as they are now; any other as it is.

    Where they cannot be read, the table counts as read only partly. Nothing is decided by an export that was
    read partly or is doubted, and it may lack most of the table: then none of them is read.
    """
    if not any(receipt.as_of and receipt.trusted for receipt in snapshot.receipts):
        return snapshot
    try:
        images = rows.rows(sorted(filter(_is_possible, set(_told(snapshot)))))
    except SourceError as error:
        why = f"rows that are newer than its export: {error}"
        receipts = (
            replace(receipt, whole=False, why=receipt.why or why) if receipt.as_of else receipt
            for receipt in snapshot.receipts
        )
        return replace(snapshot, receipts=tuple(receipts))
    newer = parse_items(images.values(), snapshot.not_compared)
    return replace(snapshot, catalog=merged((snapshot.catalog, newer)))


def _told(snapshot: Snapshot) -> Iterator[RowKey]:
    """Yield the keys of rows that the index or the ledger tell of, and that the catalog does not hold."""
    catalog = snapshot.catalog
    called = {row.object_id for shelf in (catalog.programs, catalog.copies) for row in shelf.values()}
    for record in snapshot.records.values():
        key = _row_of(record) if record.object_id not in called else None
        if key:
            yield key
    held = {(program.owner, program.program_id) for program in catalog.programs.values()}
    for entry in snapshot.ledger.values():
        for owner, program in entry.programs.items():
            if (owner, program) not in held:
                yield RowKey(f"u#{owner}#programs", f"p#{program}")


def _is_possible(key: RowKey) -> bool:
    """Whether a row can have this key; a record may name any.

    The store refuses a whole batch for one that no row can have.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
    """
    try:
        return len(key.pk.encode()) <= _LONGEST_PK and len(key.sk.encode()) <= _LONGEST_SK
    except UnicodeEncodeError:
        return False


def _row_of(record: Record) -> RowKey | None:
    """Return the key that the row of a record has today; None where the record does not tell whose it is."""
    program = record.program_id
    if program is None:
        return None
    network = record.object_id.removeprefix("n_").removesuffix(f"_{program}")
    if record.object_id == f"n_{network}_{program}":
        return RowKey(f"n#{network}#programs", f"p#{program}")
    return RowKey(f"u#{record.user_id}#programs", f"p#{program}") if record.user_id else None
