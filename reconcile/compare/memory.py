"""Remembers, from whatever store still can, that a recording's program existed once."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from reconcile.compare.claims import LONGEST_SESSION
from reconcile.compare.ownership import Pointers, without_media_by_show
from reconcile.compare.spans import Interval
from reconcile.model.catalog import Catalog, RecordingRow
from reconcile.model.record import Record
from reconcile.model.recording import RecordingKey
from reconcile.model.snapshot import LedgerEntry, Snapshot


@dataclass(frozen=True, slots=True)
class _Trace:
    """What tells of a program: whose it was (None: not told), its id, and the trace in words."""

    owner: str | None
    program_id: str | None
    what: str


class Memory:
    """The traces that programs left behind, by the recording they belonged to."""

    def __init__(self, snapshot: Snapshot, pointers: Pointers) -> None:
        self._ledger: Mapping[RecordingKey, LedgerEntry] = snapshot.ledger
        self._traces: defaultdict[RecordingKey, list[_Trace]] = defaultdict(list)
        self._rows: defaultdict[RecordingKey, list[RecordingRow]] = defaultdict(list)
        catalog = snapshot.catalog
        programs = catalog.programs.values()
        self._existing = {(program.owner, program.program_id) for program in programs}
        self._blank = {
            (program.owner, program.program_id, show)
            for show, blank in without_media_by_show(programs).items()
            for program in blank
        }
        for copy in catalog.copies.values():
            for key in pointers.of(copy):
                self._traces[key].append(_Trace(copy.owner, copy.program_id, f"a copy of it in {copy.pk}"))
        for record in snapshot.records.values():
            self._add_record(record, catalog, pointers)
        for row in catalog.rows.values():
            if row.program_id and row.start:
                for key in pointers.of(row):
                    self._rows[key].append(row)

    def _add_record(self, record: Record, catalog: Catalog, pointers: Pointers) -> None:
        if record.url is None:
            return
        # Before network copies had records of their own, a network's id stood where the user's belongs.
        owner = None if record.user_id in catalog.networks else record.user_id
        for key in pointers.played_by(record.url):
            what = f"the search record {record.object_id}"
            self._traces[key].append(_Trace(owner, record.program_id, what))

    def overruled_by(self, key: RecordingKey, decision: str) -> bool:
        """Whether a decision to restore (its mark; "": none) goes before memory: none was made for it yet."""
        entry = self._ledger.get(key)
        return bool(decision) and (entry is None or entry.restored != decision)

    def of(self, key: RecordingKey, producer: str, show_id: str, time: Interval) -> list[str]:
        """Return what remembers a program of this recording under this producer; nothing if none did.

        A trace that names another owner tells of somebody else's copy, not of this producer's program.
        """
        # A program that only lost its media is not gone: it is given back to its recording elsewhere.
        told = [
            trace.what
            for trace in self._traces.get(key, ())
            if trace.owner in (None, "none", producer)
            and (producer, trace.program_id, show_id) not in self._blank
        ]
        entry = self._ledger.get(key)
        program = entry.programs.get(producer) if entry else None
        if entry and program and (producer, program, show_id) not in self._blank:
            told.append(f"the ledger: program {program} was {entry.how}")
        for row in self._rows.get(key, ()):
            gone = (producer, row.program_id) not in self._existing
            if gone and row.show_id == show_id and _same_time(row, time):
                told.append(f"the recording row {row.sk}, which names program {row.program_id}")
        return sorted(told)


def _same_time(row: RecordingRow, time: Interval) -> bool:
    if row.start is None:
        return False
    end = row.end or row.start + LONGEST_SESSION
    return row.start <= time[1] and end >= time[0]
