"""Finds evidence, in any store, that a recording once had a program that was deleted."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from reconcile.compare.recording.claims import LONGEST_SESSION
from reconcile.compare.recording.ownership import Pointers
from reconcile.model.catalog import Catalog, Program, RecordingRow
from reconcile.model.clock import Interval
from reconcile.model.recording import RecordingKey
from reconcile.model.search_record import Record
from reconcile.model.snapshot import LedgerEntry, Snapshot

TraceKind = Literal["copy", "record", "row", "ledger"]


@dataclass(frozen=True, slots=True)
class Trace:
    """Evidence of a former program: its owner (None: unknown), its id, the kind, and the trace in words."""

    owner: str | None
    program_id: str | None
    kind: TraceKind
    what: str


@dataclass(frozen=True, slots=True)
class Retirement:
    """A recording whose program under a producer existed and was deleted, with the evidence."""

    key: RecordingKey
    producer: str
    show_id: str
    session_id: str
    time: Interval
    traces: tuple[Trace, ...]

    def entry(self, known: LedgerEntry | None, *, index_doubted: bool) -> LedgerEntry | None:
        """Return the ledger entry to store; None if it is stored already, or in doubt."""
        traces = [trace for trace in self.traces if trace.kind != "record" or not index_doubted]
        if not traces:
            return None
        before = known or LedgerEntry(self.key, {}, "told")
        program_ids = sorted(trace.program_id or UNNAMED for trace in traces)
        programs = {self.producer: program_ids[0], **before.programs}
        start, end = map(_as_kept, self.time)
        # Another trace than the program that was taken back tells of one that an owner deleted.
        how = "told" if before.how == "undone" else before.how
        after = replace(
            before,
            programs=programs,
            how=how,
            show=self.show_id,
            session=self.session_id,
            start=start,
            end=end,
        )
        return after if after != known else None


def _as_kept(moment: datetime) -> datetime:
    """Return a time as it is stored: to the millisecond."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


UNNAMED = "unnamed"
"""Stands for the id of a former program whose trace does not name it."""


class ProgramTraces:
    """The traces of former programs, by the recording they belonged to.

    `lone` holds, by show, the programs that lost their media: they left no trace, they stand.
    """

    def __init__(
        self, snapshot: Snapshot, pointers: Pointers, lone: Mapping[str, Collection[Program]]
    ) -> None:
        self._ledger: Mapping[RecordingKey, LedgerEntry] = snapshot.ledger
        self._traces: defaultdict[RecordingKey, list[Trace]] = defaultdict(list)
        self._rows: defaultdict[RecordingKey, list[RecordingRow]] = defaultdict(list)
        catalog = snapshot.catalog
        programs = catalog.programs.values()
        self._existing = {(program.owner, program.program_id) for program in programs}
        self._blank = {
            (program.owner, program.program_id, show) for show, blank in lone.items() for program in blank
        }
        for copy in catalog.copies.values():
            for key in pointers.of(copy):
                what = f"a copy of it in {copy.pk}"
                self._traces[key].append(Trace(copy.owner, copy.program_id, "copy", what))
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
            self._traces[key].append(Trace(owner, record.program_id, "record", what))

    def overruled_by(self, key: RecordingKey, decision: str) -> bool:
        """Whether a decision to restore (its mark; "": none) goes before memory: none was made for it yet."""
        entry = self._ledger.get(key)
        return bool(decision) and (entry is None or entry.restored != decision)

    def traced(self) -> frozenset[RecordingKey]:
        """Return the recordings with a trace of a former program outside the ledger."""
        return frozenset(self._traces) | frozenset(self._rows)

    def is_gone(self, entry: LedgerEntry, producer: str) -> bool:
        """Whether the program of an entry, under a producer, no longer exists."""
        program = entry.programs.get(producer)
        return program is not None and (producer, program) not in self._existing

    def of(self, key: RecordingKey, producer: str, show_id: str, time: Interval) -> tuple[Trace, ...]:
        """Return the traces of a former program of this recording under this producer.

        A trace that names another owner belongs to a copy of somebody else, not to this producer's program.
        """
        # A program that only lost its media is not gone: it is given back to its recording elsewhere.
        traces = [
            trace
            for trace in self._traces.get(key, ())
            if trace.owner in (None, "none", producer)
            and (producer, trace.program_id, show_id) not in self._blank
        ]
        entry = self._ledger.get(key)
        program = entry.programs.get(producer) if entry else None
        if entry and program and (producer, program, show_id) not in self._blank:
            what = f"the ledger: program {program} was {_HOW.get(entry.how, entry.how)}"
            traces.append(Trace(producer, program, "ledger", what))
        for row in self._rows.get(key, ()):
            gone = (producer, row.program_id) not in self._existing
            if gone and row.show_id == show_id and _same_time(row, time):
                what = f"the recording row {row.sk}, which names program {row.program_id}"
                traces.append(Trace(producer, row.program_id, "row", what))
        return tuple(sorted(traces, key=lambda trace: trace.what))


_HOW = {"told": "told of by another store before"}


def _same_time(row: RecordingRow, time: Interval) -> bool:
    if row.start is None:
        return False
    end = row.end or row.start + LONGEST_SESSION
    return Interval(row.start, end).touches(time)
