"""Reads back what a repair wrote."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from reconcile.model.catalog import RowKey
from reconcile.model.documents import Attributes
from reconcile.model.errors import SourceError
from reconcile.model.journal import RECORD_TAKEN_BACK, RECORD_WRITTEN
from reconcile.model.run import Repair
from reconcile.model.search_record import Image, differences, plain
from reconcile.repair.writing import RepairPorts, fault_of

_OF_RECORDS = (RECORD_WRITTEN, RECORD_TAKEN_BACK)


def verify(repairs: Iterable[Repair], ports: RepairPorts) -> list[Repair]:
    """Read back, all at once, what was made and not read back yet; return the repairs, verified or not.

    Raises nothing: what could not be read back is not verified, and its note says why.
    """
    repairs = list(repairs)
    unverified = [repair for repair in repairs if _is_unverified(repair)]
    records = [repair.target["objectID"] for repair in unverified if repair.what in _OF_RECORDS]
    rows = [_row_of(repair) for repair in unverified if repair.what not in _OF_RECORDS]
    try:
        found_records = ports.records.records(records) if records else {}
        found_rows = ports.rows.rows(rows) if rows else {}
    except SourceError as error:
        note, fault = f"not read back: {error}", fault_of(error)
        return [
            replace(repair, note=note, fault=fault) if _is_unverified(repair) else repair
            for repair in repairs
        ]
    hidden = ports.records.hidden()
    return [
        _verified(repair, found_rows, found_records, hidden) if _is_unverified(repair) else repair
        for repair in repairs
    ]


def _is_unverified(repair: Repair) -> bool:
    """Whether a write was made, and not read back yet."""
    return repair.outcome == "made" and not repair.verified


def _row_of(repair: Repair) -> RowKey:
    return RowKey(repair.target["pk"], repair.target["sk"])


def _verified(
    repair: Repair,
    rows: Mapping[RowKey, Image],
    records: Mapping[str, Attributes],
    hidden: frozenset[str],
) -> Repair:
    """Return a repair with what came of comparing its write with what was read back."""
    if repair.what == RECORD_TAKEN_BACK:
        gone = repair.target["objectID"] not in records
        return replace(repair, verified=gone, note=repair.note if gone else "it is still there")
    if repair.what == RECORD_WRITTEN:
        stored: Attributes = records.get(repair.target["objectID"], {})
        wrong = sorted(differences(repair.after, stored, hidden))
    else:
        stored = {name: plain(value) for name, value in rows.get(_row_of(repair), {}).items()}
        # Only what is ever read back can be compared; the rest is written in the same transaction.
        wrong = [name for name, value in repair.after.items() if name in stored and stored[name] != value]
    if repair.sent and (not stored or wrong):
        return replace(repair, note="sent; the index has not published it yet")
    if not stored or wrong:
        return replace(repair, note=f"read back with other values: {', '.join(wrong) or 'nothing is there'}")
    return replace(repair, verified=True)
