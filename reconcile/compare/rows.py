"""Puts the evidence on every recording row together, and judges those that need a close look."""

from collections.abc import Iterator

from reconcile.compare import suspects
from reconcile.compare.dossier import Dossiers
from reconcile.compare.judge_row import RowEvidence, judge_row
from reconcile.compare.provenance import STUCK, tells
from reconcile.compare.views import View
from reconcile.model.catalog import Program, RecordingRow
from reconcile.model.finding import Judgement, row_subject
from reconcile.model.recording import RecordingKey
from reconcile.model.snapshot import Rules, Snapshot

RowKey = tuple[str, str]


class Rows:
    """The evidence on the recording rows of a snapshot."""

    def __init__(self, snapshot: Snapshot, rules: Rules, dossiers: Dossiers) -> None:
        self._snapshot, self._rules, self._dossiers = snapshot, rules, dossiers
        self._doubt = snapshot.doubts("dynamodb", "s3")
        self._beside: dict[RecordingKey, str] = {}

    def judged(self, *, narrow: bool) -> list[Judgement]:
        """Return the verdicts on the rows that may not agree, or on every one."""
        every = self._snapshot.catalog.rows
        keys = self._suspects() if narrow else set(every)
        return [judge_row(self._evidence(every[key])) for key in sorted(keys)]

    def _suspects(self) -> set[RowKey]:
        rows = self._snapshot.catalog.rows
        if self._doubt or self._snapshot.failures or self._snapshot.doubts("algolia"):
            return set(rows)
        import pandas as pd

        told = [(*key, row.show_id, row.program_id, row.status in STUCK) for key, row in rows.items()]
        return suspects.rows_to_look_at(
            pd.DataFrame(told, columns=["pk", "sk", "show", "program", "stuck"], dtype="object"),
            pd.DataFrame(list(self._lone_programs()), columns=["show", "program"], dtype="object"),
        )

    def _lone_programs(self) -> Iterator[tuple[str, str]]:
        for view in self._dossiers.views.values():
            program = self._program_of(view)
            if program and view.show_id:
                yield view.show_id, program.program_id

    def _program_of(self, view: View) -> Program | None:
        """Return the one program of a recording that has ended, under its show's producer."""
        show = self._snapshot.catalog.shows.get(view.show_id or "")
        if view.state != "ended" or len(view.programs) != 1 or show is None:
            return None
        return view.programs[0] if view.programs[0].owner == show.producer_id else None

    def _evidence(self, row: RecordingRow) -> RowEvidence:
        key = self._dossiers.provenance.recording_of(row)
        return RowEvidence(
            row=row,
            show=self._snapshot.catalog.shows.get(row.show_id),
            recording=key,
            program=self._program_of(self._dossiers.views[key]) if key else None,
            doubt=self._doubt or self._snapshot.failures.get(row_subject(*row.key), ""),
            unread=self._unread(row),
            now=self._rules.now,
            settle=self._rules.settle,
        )

    def _unread(self, row: RecordingRow) -> str:
        """Say what was not read that may make a row another recording's, or one's at all."""
        dossiers, overlapped = self._dossiers, self._dossiers.provenance.overlapped(row)
        if len(overlapped) > 1:
            # More recordings of that time would make it no clearer.
            return ""
        if not overlapped:
            return self._unread_during(row)
        (lone,) = overlapped
        program = self._program_of(dossiers.views[lone])
        ground = dossiers.ground(lone) if dossiers.views[lone].programs else self._ground_without(row)
        if program and tells(row, program.program_id):
            return ground
        return ground or self._unread_beside(row.show_id, lone)

    def _unread_beside(self, show_id: str, lone: RecordingKey) -> str:
        """Say what was not read of the time of the rows that overlap one recording alone."""
        if lone not in self._beside:
            rows = self._dossiers.provenance.rows_of(show_id, lone)
            self._beside[lone] = next((why for row in rows if (why := self._unread_during(row))), "")
        return self._beside[lone]

    def _unread_during(self, row: RecordingRow) -> str:
        if row.start is None or row.end is None:
            return ""
        return self._dossiers.unread_during(row.show_id, (row.start, row.end))

    def _ground_without(self, row: RecordingRow) -> str:
        return self._dossiers.ground_of_lone_programs(row.show_id)
