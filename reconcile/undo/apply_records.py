"""Gives search records back what they said, many at a time: compared first, then written."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from reconcile.model.documents import Attributes
from reconcile.model.errors import Denied, OutOfTime, SourceError
from reconcile.model.journal import JournalEntry, RecordWritten
from reconcile.repair.circuit_breaker import NotTried
from reconcile.undo.apply import NO_TIME, TOO_OFTEN, TRIES, UNDONE, Undoing
from reconcile.undo.fold import Folded, RecordTarget
from reconcile.undo.outcomes import Undone, failed
from reconcile.undo.reading import read_records
from reconcile.undo.records import decide_record
from reconcile.undo.reversals import RecordEdit, Reversal

TOGETHER = 100
_INDEXING, _JOURNAL = "writing to the index", "writing the journal"
SENT = "sent; the index has not published it yet"


def take_records_back(folded: Folded, undoing: Undoing) -> Iterator[Undone]:
    """Give the records of a run back what they said; yield what became of each. Raises LeaseLost."""
    targets = folded.records
    for start in range(0, len(targets), TOGETHER):
        portion = targets[start : start + TOGETHER]
        if undoing.tools.out_of_time():
            yield from (Undone(Reversal(target, "take"), "failed", NO_TIME) for target in portion)
            continue
        yield from _each(portion, folded, undoing)
        undoing.tools.progress("taking records back", start + len(portion), len(targets))


def _each(
    targets: Sequence[RecordTarget],
    folded: Folded,
    undoing: Undoing,
    written: Mapping[str, Reversal] = MappingProxyType({}),
) -> Iterator[Undone]:
    """Take records back together; after a failure each alone, for it may be of one of them.

    What was `written` before a failure counts as taken back where it stands.
    """
    portion = _Portion(targets, folded, undoing, written)
    try:
        portion.take_back()
    except SourceError as error:
        left = [target for target in targets if target.object_id not in portion.became]
        alone = len(left) > 1 and not isinstance(error, Denied | NotTried | OutOfTime)
        for target in left:
            if alone:
                yield from _each([target], folded, undoing, portion.written)
            else:
                yield failed(Reversal(target, "take"), error)
    yield from (portion.became[target.object_id] for target in targets if target.object_id in portion.became)


class _Portion:
    """Some records on their way back; `became` says what became of those that are through."""

    def __init__(
        self,
        targets: Sequence[RecordTarget],
        folded: Folded,
        undoing: Undoing,
        written: Mapping[str, Reversal],
    ) -> None:
        self._left = {target.object_id: target for target in targets}
        self._folded, self._undoing = folded, undoing
        self.written = dict(written)
        self._sent = dict[str, Attributes | None]()
        self.became = dict[str, Undone]()

    def take_back(self) -> None:
        """Compare, write and compare again, until each says what it is to say.

        The index has no conditional write: what somebody writes between the two is written over, and the row
        is followed. Raises LeaseLost, SourceError.
        """
        for _ in range(TRIES):
            takes = self._decide()
            if not takes:
                return
            self._undoing.writers.check_lease()
            # Also a request that fails may have written.
            self.written |= takes
            sent = self._write(takes)
            if sent:
                self._sent |= {name: one.record.record for name, one in takes.items() if one.record}
        for name, target in self._left.items():
            self.became[name] = Undone(Reversal(target, "take"), "left", TOO_OFTEN)

    def _decide(self) -> dict[str, Reversal]:
        """Return what is still to be taken back, and note what became of the others."""
        if not self._left:
            return {}
        targets, stores = tuple(self._left.values()), self._undoing.stores
        stored = self._undoing.faults.ask("reading the index", lambda: read_records(targets, stores))
        stored = stored.once_published(self._sent)
        takes = dict[str, Reversal]()
        for target in targets:
            written = self.written.get(target.object_id)
            maker = self._folded.maker(target)
            reversal = decide_record(target, maker, stored, written.record if written else None)
            if reversal.fate == "take":
                takes[target.object_id] = reversal
                continue
            del self._left[target.object_id]
            why = SENT if target.object_id in self._sent else written.why if written else ""
            through = Undone(written, "undone", why) if written and reversal.fate == "done" else None
            self.became[target.object_id] = through or Undone.of(reversal)
        return takes

    def _write(self, takes: dict[str, Reversal]) -> bool:
        """Write records and delete records, each journaled ahead; return whether some are only sent."""
        ask, numbering, writers = self._undoing.faults.ask, self._undoing.numbering, self._undoing.writers
        self._undoing.faults.demand(_INDEXING)
        edits = {name: reversal.record for name, reversal in takes.items() if reversal.record}
        entries = [self._entry(takes[name], edit) for name, edit in edits.items()]
        numbering.entering(entries, lambda: ask(_JOURNAL, lambda: writers.journal.enter_all(entries)))
        records = [edit.record for edit in edits.values() if edit.record is not None]
        gone = [name for name, edit in edits.items() if edit.record is None]
        outcomes = [ask(_INDEXING, lambda: writers.records.write(records))] if records else []
        outcomes += [ask(_INDEXING, lambda: writers.records.remove(gone))] if gone else []
        ask(_JOURNAL, lambda: writers.journal.mark_done(entries))
        return "sent" in outcomes

    def _entry(self, reversal: Reversal, edit: RecordEdit) -> JournalEntry:
        target = reversal.target
        row = target.row if isinstance(target, RecordTarget) else None
        name = target.object_id if isinstance(target, RecordTarget) else ""
        written = RecordWritten(name, row, edit.now, edit.record)
        return self._undoing.numbering.entry(UNDONE.format(target.what), target.findings, written, done=False)
