"""Matches a show's recording rows to its recordings: by their times, or by what a row names."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reconcile.compare.recording.broadcasts import Broadcast, Broadcasts
from reconcile.compare.recording.claims import LONGEST_SESSION
from reconcile.compare.recording.ownership import Pointers
from reconcile.compare.recording.view import View
from reconcile.model.catalog import RecordingRow
from reconcile.model.clock import Interval
from reconcile.model.recording import RecordingKey

STUCK = ("recording", "processing")
"""The states of a row from before its recording was processed."""

SEVERAL = "its times overlap several broadcasts of its show"
SEVERAL_SHOWN = "several recordings of its broadcast have programs"
OPEN = "it does not say when it ended"
TIMELESS = "it does not say when it began"
BACKWARDS = "it says that it ended before it began"
NEVER = "its times are those of no broadcast, and it names the program of one"
ELSEWHERE = "its times are those of one broadcast, and it names the program of another"


@dataclass(frozen=True, slots=True)
class RowMatch:
    """The recording that a row is of; else why that is not decided ("": it is nobody's).

    `time` is when that recording took place, as far as the row has it.
    """

    recording: RecordingKey | None = None
    undecided: str = ""
    time: Interval | None = None


class Provenance:
    """The recording rows of every show beside its broadcasts."""

    def __init__(
        self,
        rows: Iterable[RecordingRow],
        views: Mapping[RecordingKey, View],
        broadcasts: Broadcasts,
        pointers: Pointers,
    ) -> None:
        self._views, self._broadcasts, self._pointers = views, broadcasts, pointers
        self._rows: defaultdict[str, list[RecordingRow]] = defaultdict(list)
        for row in rows:
            self._rows[row.show_id].append(row)
        self._with_program: defaultdict[tuple[str, str], set[RecordingKey]] = defaultdict(set)
        for key, view in views.items():
            # Only a row asks which recordings have the program that it names.
            if view.show_id and view.show_id in self._rows:
                for program in view.programs:
                    self._with_program[view.show_id, program.program_id].add(key)
        self._of_broadcast: dict[str, Mapping[Broadcast, list[RecordingRow]]] = {}

    def whose(self, row: RecordingRow) -> RowMatch:
        """Return the recording that a row is of, or why that is not decided."""
        if row.start is None:
            return RowMatch(undecided=TIMELESS)
        if row.end is None:
            return RowMatch(undecided=OPEN, time=Interval(row.start, row.start + LONGEST_SESSION))
        if row.end < row.start:
            return RowMatch(undecided=BACKWARDS)
        time, broadcasts = Interval(row.start, row.end), self._broadcasts.overlapped(row)
        if len(broadcasts) == 1:
            if self._names_another(row, broadcasts[0]):
                return RowMatch(undecided=ELSEWHERE, time=time)
            key = self._broadcasts.recording_of(row, self._views)
            if key:
                return RowMatch(key, time=time)
        named = self._named(row, time)
        if len(named) == 1:
            return RowMatch(named[0], time=time)
        if not broadcasts:
            names = self.naming(row) & self._pointed(row)
            return RowMatch(undecided=NEVER) if names else RowMatch(time=time)
        return RowMatch(undecided=SEVERAL if len(broadcasts) > 1 else SEVERAL_SHOWN, time=time)

    def recording_of(self, row: RecordingRow) -> RecordingKey | None:
        """Return the recording that a row is of, if that is decided."""
        return self.whose(row).recording

    def naming(self, row: RecordingRow) -> frozenset[RecordingKey]:
        """Return the recordings of its show whose program a row names."""
        return frozenset(self._with_program.get((row.show_id, row.program_id or ""), ()))

    def _named(self, row: RecordingRow, time: Interval) -> list[RecordingKey]:
        """Return the recordings of a row's time whose program it names and under whose prefix its key is."""
        keys = self.naming(row) & self._pointed(row)
        return self._broadcasts.overlapping(keys, time)

    def _pointed(self, row: RecordingRow) -> frozenset[RecordingKey]:
        return self._pointers.of(row) if row.s3_key else frozenset()

    def _names_another(self, row: RecordingRow, broadcast: Broadcast) -> bool:
        """Whether a row holds what the processor wrote into it, as the newest row, for another broadcast."""
        named = self.naming(row)
        own = frozenset(broadcast.keys)
        return bool(named) and not (named & own) and not (self._pointed(row) & own)

    def rows_of(self, key: RecordingKey) -> list[RecordingRow]:
        """Return the rows that overlap the broadcast of a recording and no other one."""
        broadcast = self._broadcasts.of(key)
        if broadcast is None:
            return []
        show_id = broadcast.show_id
        if show_id not in self._of_broadcast:
            self._of_broadcast[show_id] = self._find(show_id)
        return self._of_broadcast[show_id].get(broadcast, [])

    def rows_to_link(self, key: RecordingKey) -> list[RecordingRow]:
        """Return the rows that are a recording's once it has a program."""

        def shown(recording: RecordingKey) -> bool:
            return recording == key or bool(self._views[recording].programs)

        broadcast = self._broadcasts.of(key)
        return [
            row
            for row in self.rows_of(key)
            if broadcast
            and self._broadcasts.recording_of(row, self._views, shown) == key
            and not self._names_another(row, broadcast)
        ]

    def _find(self, show_id: str) -> Mapping[Broadcast, list[RecordingRow]]:
        rows_by_broadcast: defaultdict[Broadcast, list[RecordingRow]] = defaultdict(list)
        for row in self._rows.get(show_id, ()):
            broadcasts = self._broadcasts.overlapped(row)
            if len(broadcasts) == 1:
                rows_by_broadcast[broadcasts[0]].append(row)
        return rows_by_broadcast


def names_program(row: RecordingRow, program_id: str) -> bool:
    """Whether a row says that its recording was processed, and names this program."""
    return row.status not in STUCK and row.program_id == program_id
