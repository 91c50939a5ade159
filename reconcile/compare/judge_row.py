"""Judges a show's note of a recording: does it say what became of the recording that it is provably of?"""

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
    """

    row: RecordingRow
    show: Show | None
    recording: RecordingKey | None
    program: Program | None
    doubt: str
    unread: str
    now: datetime
    settle: timedelta


def judge_row(evidence: RowEvidence) -> Judgement:
    """Give a recording row its verdict."""
    row, program = evidence.row, evidence.program
    stale = program is not None and not tells(row, program.program_id)
    doubt = evidence.doubt or evidence.unread
    times = (row.updated_at, program.updated_at if program else None)
    fresh = any(changed_within(time, evidence.now, evidence.settle.total_seconds()) for time in times)
    holding = {
        "unknown": bool(doubt),
        "settling": stale and fresh,
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
        "why": doubt or None,
    }
    return judgement(row_subject(row.pk, row.sk), holding, told)
