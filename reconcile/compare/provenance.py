"""Tells which recording a show's note is provably of: the one it overlaps, as the only note that does."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from reconcile.compare.ownership import Interval, only_overlapped
from reconcile.model.catalog import RecordingRow
from reconcile.model.recording import RecordingKey

STUCK = ("recording", "processing")
"""The states of a row from before its recording was processed."""


class Provenance:
    """The recording rows of every show beside its recordings; `times` holds when those were recorded."""

    def __init__(
        self, rows: Iterable[RecordingRow], times: Mapping[str, Mapping[RecordingKey, Interval]]
    ) -> None:
        self._rows: defaultdict[str, list[RecordingRow]] = defaultdict(list)
        for row in rows:
            self._rows[row.show_id].append(row)
        self._times = times
        self._proven: dict[str, Mapping[RecordingKey, RecordingRow]] = {}

    def row_of(self, show_id: str, key: RecordingKey) -> RecordingRow | None:
        """Return the show's one row that overlaps this recording and no other; None without, or with more."""
        if show_id not in self._proven:
            self._proven[show_id] = self._prove(show_id)
        return self._proven[show_id].get(key)

    def recording_of(self, row: RecordingRow) -> RecordingKey | None:
        """Return the recording that a row is provably of."""
        held = only_overlapped(row, self._times.get(row.show_id, {}))
        return held[0] if held and self.row_of(row.show_id, held[0]) == row else None

    def overlaps_any(self, row: RecordingRow) -> bool:
        """Whether a row overlaps a recording of its show."""
        if row.start is None or row.end is None:
            return False
        times = self._times.get(row.show_id, {}).values()
        return any(start < row.end and end > row.start for start, end in times)

    def _prove(self, show_id: str) -> Mapping[RecordingKey, RecordingRow]:
        found: defaultdict[RecordingKey, list[RecordingRow]] = defaultdict(list)
        for row in self._rows.get(show_id, ()):
            for key in only_overlapped(row, self._times.get(show_id, {})):
                found[key].append(row)
        return {key: rows[0] for key, rows in found.items() if len(rows) == 1}


def tells(row: RecordingRow, program_id: str) -> bool:
    """Whether a row says that its recording was processed, and names this program."""
    return row.status not in STUCK and row.program_id == program_id
