"""Gathers the evidence on every recording row, and judges those that need a close check."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from reconcile.compare.interval_tree import IntervalTree
from reconcile.compare.recording.broadcasts import Broadcast
from reconcile.compare.recording.evidence import Dossiers
from reconcile.compare.recording.row_matching import STUCK, RowMatch, names_program
from reconcile.compare.recording.view import View
from reconcile.model.catalog import Program, RecordingRow, RowKey, Show
from reconcile.model.clock import Interval, write_time
from reconcile.model.finding import Judgement, judgement, row_subject
from reconcile.model.parse import changed_within
from reconcile.model.recording import RecordingKey
from reconcile.model.snapshot import Rules, Snapshot

MOST_NAMED = 5
"""The largest number of possible recordings that the evidence of an undecided row names."""


@dataclass(frozen=True, slots=True)
class RowEvidence:
    """A recording row, its show, and the recording that it is provably of, if it is one's.

    `program` is that recording's one program, under the show's producer, once it has ended. `doubt` shakes
    every verdict, `unread` only that nothing, or something, can be claimed by the times of the recordings.
    `undecided` says why it cannot be told which recording the row is of ("": it is one's, or nobody's), and
    `may_be` names recordings with a program that it may be of; `named`: it names the program of such a one;
    `waits`: it may be of one that is not finished.
    """

    row: RecordingRow
    show: Show | None
    recording: RecordingKey | None
    program: Program | None
    doubt: str
    unread: str
    now: datetime
    settle: timedelta
    undecided: str = ""
    may_be: tuple[RecordingKey, ...] = ()
    named: bool = False
    waits: bool = False

    @property
    def stale(self) -> bool:
        """Whether the row is outdated; a row that cannot be placed has to name its recording."""
        if self.undecided:
            return bool(self.may_be) and not self.named
        return self.program is not None and not names_program(self.row, self.program.program_id)


def judge_row(evidence: RowEvidence) -> Judgement:
    """Give a recording row its verdict."""
    row, program = evidence.row, evidence.program
    stale = evidence.stale
    doubt = evidence.doubt or evidence.unread
    times = (row.updated_at, program.updated_at if program else None)
    fresh = any(changed_within(time, evidence.now, evidence.settle.total_seconds()) for time in times)
    holding = {
        "unknown": bool(doubt),
        "settling": stale and (fresh or evidence.waits),
        "recording-row-stale": stale,
        "agrees": not stale,
    }
    recording = evidence.recording
    facts = {
        "title": evidence.show.title if evidence.show else None,
        "start": write_time(row.start) if row.start else None,
        "end": write_time(row.end) if row.end else None,
        "status": row.status,
        "programId": row.program_id,
        "recording": recording.address if recording else None,
        "program": program.program_id if program else None,
        "undecided": evidence.undecided if stale and evidence.undecided else None,
        "may_be": [key.address for key in evidence.may_be] or None if stale else None,
        "why": doubt or None,
    }
    return judgement(row_subject(row.key), holding, facts)


class Rows:
    """The evidence on the recording rows of a snapshot."""

    def __init__(self, snapshot: Snapshot, rules: Rules, dossiers: Dossiers) -> None:
        self._snapshot, self._rules, self._dossiers = snapshot, rules, dossiers
        self._doubt = snapshot.doubts("dynamodb", "s3")
        self._beside: dict[Broadcast, str] = {}
        views = dossiers.views
        self._programs = {key: program for key, view in views.items() if (program := self._program_of(view))}
        self._of_show: defaultdict[str, list[RecordingKey]] = defaultdict(list)
        for key in sorted(self._programs):
            times = self._of_show[str(views[key].show_id)]
            if len(times) < MOST_NAMED:
                times.append(key)
        self._waiting = self._waiting_times()

    def judged(self, keys: Iterable[RowKey]) -> list[Judgement]:
        """Return the verdicts on some rows."""
        rows = self._snapshot.catalog.rows
        return [judge_row(self._evidence(rows[key])) for key in sorted(keys)]

    def _waiting_times(self) -> dict[str, IntervalTree[RecordingKey]]:
        """Return by show the times of its recordings that are not finished."""
        timed: defaultdict[str, list[tuple[Interval, RecordingKey]]] = defaultdict(list)
        for key, view in self._dossiers.views.items():
            times = view.times(self._rules.now)
            if view.show_id and times and view.waits:
                timed[view.show_id].append((times, key))
        return {show_id: IntervalTree(intervals) for show_id, intervals in timed.items()}

    def _program_of(self, view: View) -> Program | None:
        """Return the one program of a recording that has ended, under its show's producer."""
        show = self._snapshot.catalog.shows.get(view.show_id or "")
        if view.state != "ended" or len(view.programs) != 1 or show is None:
            return None
        return view.programs[0] if view.programs[0].owner == show.producer_id else None

    def _evidence(self, row: RecordingRow) -> RowEvidence:
        whose = self._dossiers.provenance.whose(row)
        may_be = self._may_be(row, whose) if whose.undecided else ()
        return RowEvidence(
            row=row,
            show=self._snapshot.catalog.shows.get(row.show_id),
            recording=whose.recording,
            program=self._programs.get(whose.recording) if whose.recording else None,
            doubt=self._doubt or self._snapshot.why_unread(row_subject(row.key)),
            unread=self._unread(row, whose, may_be),
            now=self._rules.now,
            settle=self._rules.settle,
            undecided=whose.undecided,
            may_be=may_be,
            named=bool(whose.undecided) and self._names_one(row, whose),
            waits=bool(whose.undecided) and self._waits(row, whose),
        )

    def _may_be(self, row: RecordingRow, whose: RowMatch) -> tuple[RecordingKey, ...]:
        """Return recordings with a program that an undecided row may be of, the first few."""
        if whose.time is None:
            return tuple(self._of_show.get(row.show_id, ()))
        near = self._dossiers.broadcasts.recordings_during(row.show_id, whose.time)
        return tuple(islice((key for key in near if key in self._programs), MOST_NAMED))

    def _names_one(self, row: RecordingRow, whose: RowMatch) -> bool:
        """Whether an undecided row names, as processed, the program of a recording that it may be of."""
        keys = self._dossiers.provenance.naming(row) & self._programs.keys()
        if whose.time:
            keys = frozenset(self._dossiers.broadcasts.overlapping(keys, whose.time))
        return row.status not in STUCK and bool(keys)

    def _waits(self, row: RecordingRow, whose: RowMatch) -> bool:
        """Whether an undecided row may be of a recording that is not finished."""
        tree = self._waiting.get(row.show_id)
        return tree is not None and (whose.time is None or tree.meet(whose.time))

    def _unread(self, row: RecordingRow, whose: RowMatch, may_be: Iterable[RecordingKey]) -> str:
        """Say what was not read that may make a row another recording's, or one's at all."""
        dossiers, lone = self._dossiers, whose.recording
        if lone is None:
            doubts = (why for key in may_be if (why := dossiers.ground(key)))
            return next(doubts, "") or self._unread_during(row, whose)
        program = self._programs.get(lone)
        ground = dossiers.ground(lone) if dossiers.views[lone].programs else self._ground_without(row)
        if program and names_program(row, program.program_id):
            return ground
        return ground or self._unread_beside(lone)

    def _unread_beside(self, lone: RecordingKey) -> str:
        """Say what was not read of the time of the rows that overlap the broadcast of a recording alone."""
        broadcast = self._dossiers.broadcasts.of(lone)
        if broadcast is None:
            return ""
        if broadcast not in self._beside:
            rows = self._dossiers.provenance.rows_of(lone)
            unread = (self._unread_during(row, self._dossiers.provenance.whose(row)) for row in rows)
            self._beside[broadcast] = next((why for why in unread if why), "")
        return self._beside[broadcast]

    def _unread_during(self, row: RecordingRow, whose: RowMatch) -> str:
        dossiers = self._dossiers
        return (
            dossiers.unread.during(row.show_id, whose.time)
            if whose.time
            else dossiers.unread.of_show(row.show_id)
        )

    def _ground_without(self, row: RecordingRow) -> str:
        return self._dossiers.ground_of_lone_programs(row.show_id)
