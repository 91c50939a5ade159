"""Folds a run's journal: what it did to a row or record, from the first before to the last after. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from reconcile.model.attributes import Value, same_value
from reconcile.model.catalog import RowKey
from reconcile.model.documents import Attributes
from reconcile.model.journal import (
    GROUP_CREATED,
    Counted,
    JournalEntry,
    LedgerWritten,
    RecordWritten,
    RowWritten,
)
from reconcile.model.search_record import Image

TOUCHED = "updatedAt"
"""The attribute that every write sets: it says nothing of what the row is."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a run wrote to, how its first write there is called, and the findings of all its writes there.

    `number` is that of the newest entry, `shared` the findings that each of the entries is for. `doubt` says
    why it cannot be taken back whatever stands there now; "" where it may. `settled` says which undo took it
    back before; "" for none.
    """

    what: str
    number: int
    findings: tuple[str, ...]
    shared: frozenset[str]
    doubt: str
    settled: str = field(default="", kw_only=True)


@dataclass(frozen=True, slots=True)
class RowTarget(Target):
    """A row: the attributes as they were before the run (None: it did not exist) and as the run left them.

    `counted` are the counts of groups that were raised with it, the newest first.
    """

    key: RowKey
    was: Mapping[str, Value | None] | None
    left: Image
    counted: tuple[Counted, ...] = ()
    ledger: LedgerWritten | None = None

    @property
    def names_it(self) -> Mapping[str, str]:
        """The key attributes of the row."""
        return self.key._asdict()

    @property
    def is_group(self) -> bool:
        """Whether it is a group that the run created."""
        return self.what == GROUP_CREATED

    @property
    def names(self) -> tuple[str, ...]:
        """The attributes that were set, but for the time of the write."""
        return tuple(name for name in self.left if name != TOUCHED)


@dataclass(frozen=True, slots=True)
class RecordTarget(Target):
    """A search record as it was before the run and as the run left it (None: there was none).

    `certain`: the journal says that the last write happened. `row` is what it is made from, where known.
    """

    object_id: str
    row: RowKey | None
    was: Attributes | None
    left: Attributes | None
    certain: bool

    @property
    def names_it(self) -> Mapping[str, str]:
        """The record's objectID, and the key of its row."""
        return {"objectID": self.object_id, **(self.row._asdict() if self.row else {})}


T = TypeVar("T", RowTarget, RecordTarget)


@dataclass(frozen=True, slots=True)
class Folded:
    """All that a run wrote to, the newest first."""

    rows: tuple[RowTarget, ...] = ()
    records: tuple[RecordTarget, ...] = ()

    def maker(self, record: RecordTarget) -> RowTarget | None:
        """Return what the run wrote to the row that a record is made from; None where it wrote nothing."""
        return next((row for row in self.rows if row.key == record.row), None)

    def of(self, finding: str) -> "Folded":
        """Return what was written for one finding."""
        return Folded(
            tuple(_alone(row, finding) for row in self.rows if finding in row.findings),
            tuple(_alone(record, finding) for record in self.records if finding in record.findings),
        )


def fold(entries: Sequence[JournalEntry]) -> Folded:
    """Fold the entries of one run, given in order."""
    rows: defaultdict[RowKey, list[tuple[JournalEntry, RowWritten]]] = defaultdict(list)
    records: defaultdict[str, list[tuple[JournalEntry, RecordWritten]]] = defaultdict(list)
    for entry in entries:
        if isinstance(entry.written, RowWritten):
            rows[entry.written.key].append((entry, entry.written))
        else:
            records[entry.written.object_id].append((entry, entry.written))
    made = tuple(sorted(map(_row, rows.values()), key=_newest_first))
    written = sorted((_record(parts, made) for parts in records.values()), key=_newest_first)
    return Folded(made, tuple(written))


def _newest_first(target: Target) -> int:
    return -target.number


def _alone(target: T, finding: str) -> T:
    """Return what was written for a finding, in doubt where another finding's writes lie above or below."""
    if finding in target.shared:
        return target
    others = ", ".join(sorted(set(target.findings) - {finding}))
    return replace(target, doubt=f"the same run wrote to it for {others} too: take back the whole run")


def _row(parts: Sequence[tuple[JournalEntry, RowWritten]]) -> RowTarget:
    entries, writes = [entry for entry, _ in parts], [written for _, written in parts]
    was: dict[str, Value | None] = {}
    left: dict[str, Value] = {}
    between = set[str]()
    for write in writes:
        before = write.before or {}
        for name, value in (write.after or {}).items():
            if name not in left:
                was[name] = before.get(name)
            elif name != TOUCHED and not same_value(before.get(name), left[name]):
                between.add(name)
            left[name] = value
    doubt = f"somebody changed {', '.join(sorted(between))} between two writes of the run" if between else ""
    ledgers = [write.ledger for write in writes if write.ledger]
    common = _common(entries, doubt)
    return RowTarget(
        common.what,
        common.number,
        common.findings,
        common.shared,
        common.doubt,
        key=writes[0].key,
        was=None if writes[0].before is None else was,
        left=left,
        counted=tuple(write.counted for write in reversed(writes) if write.counted),
        ledger=LedgerWritten(ledgers[0].before, ledgers[-1].after) if ledgers else None,
    )


def _record(parts: Sequence[tuple[JournalEntry, RecordWritten]], rows: Iterable[RowTarget]) -> RecordTarget:
    """Fold the writes to a record; those that never happened, as far as the next one shows, are left out."""
    last = parts[-1][1]
    trusted = [
        (entry, written)
        for number, (entry, written) in enumerate(parts)
        if entry.done or number + 1 == len(parts) or written.after == parts[number + 1][1].before
    ]
    row = last.row or _row_of(last, rows)
    entries = [entry for entry, _ in trusted]
    doubt = "" if row else "it was written by an earlier version, which does not tell its row"
    common = _common(entries, doubt)
    return RecordTarget(
        common.what,
        common.number,
        common.findings,
        common.shared,
        common.doubt,
        object_id=last.object_id,
        row=row,
        was=trusted[0][1].before,
        left=last.after,
        certain=parts[-1][0].done,
    )


def _row_of(record: RecordWritten, rows: Iterable[RowTarget]) -> RowKey | None:
    """Return the row that a record is surely made from, which an earlier version did not write down."""
    made = {"S": record.object_id}
    return next((row.key for row in rows if row.was is None and row.left.get("programId") == made), None)


def _common(entries: Sequence[JournalEntry], doubt: str) -> Target:
    named = [frozenset(entry.findings) for entry in entries]
    return Target(
        what=entries[0].what,
        number=entries[-1].number,
        findings=tuple(dict.fromkeys(name for entry in entries for name in entry.findings)),
        shared=frozenset.intersection(*named),
        doubt=next((entry.doubt for entry in entries if entry.doubt), "") or doubt,
    )
