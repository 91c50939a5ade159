"""Judges a show's recording row: does it say what became of the recording that it is of?"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from reconcile.compare.provenance import tells
from reconcile.model.catalog import Program, RecordingRow, Show
from reconcile.model.clock import write_time
from reconcile.model.finding import Judgement, judgement, row_subject
from reconcile.model.parse import changed_within
from reconcile.model.recording import RecordingKey


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
        """Whether the row should say something else; one that nobody can place should say whose it is."""
        if self.undecided:
            return bool(self.may_be) and not self.named
        return self.program is not None and not tells(self.row, self.program.program_id)


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
    told = {
        "title": evidence.show.title if evidence.show else None,
        "start": write_time(row.start) if row.start else None,
        "end": write_time(row.end) if row.end else None,
        "status": row.status,
        "programId": row.program_id,
        "recording": f"s3://{recording[0]}/{recording[1]}" if recording else None,
        "program": program.program_id if program else None,
        "undecided": evidence.undecided if stale and evidence.undecided else None,
        "may_be": [f"s3://{one}/{prefix}" for one, prefix in evidence.may_be] or None if stale else None,
        "why": doubt or None,
    }
    return judgement(row_subject(row.pk, row.sk), holding, told)
