"""Tells which recording a show's note is provably of: the one it overlaps, as the only note that does."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import islice

from reconcile.compare.ownership import overlapped
from reconcile.compare.spans import Spans
from reconcile.model.catalog import RecordingRow
from reconcile.model.recording import RecordingKey

STUCK = ("recording", "processing")
"""The states of a row from before its recording was processed."""


class Provenance:
    """The recording rows of every show beside its recordings; `times` holds when those were recorded."""

    def __init__(self, rows: Iterable[RecordingRow], times: Mapping[str, Spans[RecordingKey]]) -> None:
        self._rows: defaultdict[str, list[RecordingRow]] = defaultdict(list)
        for row in rows:
            self._rows[row.show_id].append(row)
        self._times = times
        self._found: dict[str, Mapping[RecordingKey, list[RecordingRow]]] = {}

    def overlapped(self, row: RecordingRow) -> list[RecordingKey]:
        """Return the recordings of its show that a row with both times overlaps; of several the first two."""
        return list(islice(overlapped(row, self._times.get(row.show_id)), 2))

    def rows_of(self, show_id: str, key: RecordingKey) -> list[RecordingRow]:
        """Return the show's rows that overlap this recording and no other."""
        if show_id not in self._found:
            self._found[show_id] = self._find(show_id)
        return self._found[show_id].get(key, [])

    def row_of(self, show_id: str, key: RecordingKey) -> RecordingRow | None:
        """Return the one row that is provably this recording's; None without one, or with several."""
        rows = self.rows_of(show_id, key)
        return rows[0] if len(rows) == 1 else None

    def recording_of(self, row: RecordingRow) -> RecordingKey | None:
        """Return the recording that a row is provably of."""
        held = self.overlapped(row)
        return held[0] if len(held) == 1 and self.row_of(row.show_id, held[0]) == row else None

    def _find(self, show_id: str) -> Mapping[RecordingKey, list[RecordingRow]]:
        found: defaultdict[RecordingKey, list[RecordingRow]] = defaultdict(list)
        for row in self._rows.get(show_id, ()):
            held = self.overlapped(row)
            if len(held) == 1:
                found[held[0]].append(row)
        return found


def tells(row: RecordingRow, program_id: str) -> bool:
    """Whether a row says that its recording was processed, and names this program."""
    return row.status not in STUCK and row.program_id == program_id
