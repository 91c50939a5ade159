"""Finds the related items of a subject: the recordings, rows and records of the same broadcast."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from reconcile.compare.recording.candidates import candidate_shows
from reconcile.compare.recording.view import View
from reconcile.compare.records import calls_by_object
from reconcile.compare.verdicts import Comparison
from reconcile.model.catalog import Copy, GroupKey, Program, RecordingRow, RowKey, session_key, show_key
from reconcile.model.finding import (
    Subject,
    group_subject,
    program_subject,
    record_subject,
    recording_key,
    recording_subject,
    row_key,
    row_subject,
    session_subject,
)
from reconcile.model.recording import RecordingKey
from reconcile.model.snapshot import Snapshot


@dataclass(slots=True)
class RelatedItems:
    """Recordings, keys of rows, objectIDs of records, and the subjects that all of these are."""

    recordings: set[RecordingKey] = field(default_factory=set)
    rows: set[RowKey] = field(default_factory=set)
    records: set[str] = field(default_factory=set)
    subjects: list[Subject] = field(default_factory=list)

    def add_recording(self, view: View, snapshot: Snapshot) -> None:
        """Take in a recording with its programs, and with the rows that claim it."""
        if view.key in self.recordings:
            return
        self.recordings.add(view.key)
        self.subjects.append(recording_subject(view.key))
        for program in view.programs:
            self.add_row(program)
        for claim in view.attribution.claims:
            if claim.session_id:
                self.rows.add(session_key(claim.session_id))
                self.subjects.append(session_subject(claim.session_id))
        for show_id in {view.show_id, *view.attribution.shows} - {None}:
            self.add_show(show_id or "", snapshot)

    def add_show(self, show_id: str, snapshot: Snapshot) -> None:
        """Take in a show with its group."""
        self.rows.add(show_key(show_id))
        show = snapshot.catalog.shows.get(show_id)
        if show and show.producer_id and show.group_id:
            self.rows.add(GroupKey(show.producer_id, show.group_id).row)

    def add_row(self, row: Program | Copy) -> None:
        """Take in a row with the record that it calls for."""
        self.rows.add(row.key)
        if row.object_id:
            self.records.add(row.object_id)
            self.subjects.append(record_subject(row.object_id))
        if isinstance(row, Program):
            self.subjects.append(program_subject(row.key, row.program_id))


def related_to(subject: Subject, snapshot: Snapshot, comparison: Comparison) -> RelatedItems:
    """Return the related items of a subject."""
    related, views = RelatedItems(), comparison.dossiers.views
    if subject.type == "recording":
        related.add_recording(views[recording_key(subject)], snapshot)
    elif subject.type == "session":
        _add_session(subject["sessionId"], related, snapshot, views.values())
    elif subject.type == "record":
        related.records.add(subject["objectID"])
        for row in calls_by_object(snapshot).get(subject["objectID"], ()):
            _add_program(row, related, snapshot, views.values())
    elif subject.type == "program":
        _add_program(snapshot.catalog.programs[row_key(subject)], related, snapshot, views.values())
    elif subject.type in ("group", "recording-row"):
        related.rows.add(row_key(subject))
    if subject.type == "recording-row":
        related.add_show(subject["pk"].removeprefix("show#"), snapshot)
    related.subjects += [row_subject(row.key) for row in _rows_of(related, snapshot)]
    return related


def subjects_beside(
    subjects: Iterable[Subject], snapshot: Snapshot, comparison: Comparison
) -> frozenset[Subject]:
    """Return some subjects with all others of their shows: what their verdicts may rest on.

    Recordings of one show may hold the same time, and share its programs and its rows.
    """
    given = frozenset(subjects)
    shows = frozenset(show for subject in given for show in _shows_of(subject, snapshot, comparison))
    catalog, views = snapshot.catalog, comparison.dossiers.views
    return given.union(
        (recording_subject(key) for key, view in views.items() if candidate_shows(view) & shows),
        (
            session_subject(session.session_id)
            for session in catalog.sessions.values()
            if session.show_id in shows
        ),
        (row_subject(row.key) for row in catalog.rows.values() if row.show_id in shows),
        (
            program_subject(program.key, program.program_id)
            for program in catalog.programs.values()
            if program.source_show in shows
        ),
    )


def _shows_of(subject: Subject, snapshot: Snapshot, comparison: Comparison) -> Iterator[str]:
    catalog, views = snapshot.catalog, comparison.dossiers.views
    if subject.type == "recording" and (view := views.get(recording_key(subject))):
        yield from candidate_shows(view)
    elif subject.type == "session" and (session := catalog.sessions.get(subject["sessionId"])):
        yield from filter(None, (session.show_id,))
    elif subject.type == "recording-row":
        yield subject["pk"].removeprefix("show#")
    elif subject.type == "program" and (program := catalog.programs.get(row_key(subject))):
        yield from filter(None, (program.source_show,))


def _add_session(session_id: str, related: RelatedItems, snapshot: Snapshot, views: Iterable[View]) -> None:
    related.rows.add(session_key(session_id))
    session = snapshot.catalog.sessions.get(session_id)
    if session and session.show_id:
        related.add_show(session.show_id, snapshot)
    for view in views:
        if any(claim.session_id == session_id for claim in view.attribution.claims):
            related.add_recording(view, snapshot)


def _add_program(
    row: Program | Copy, related: RelatedItems, snapshot: Snapshot, views: Iterable[View]
) -> None:
    related.add_row(row)
    if not isinstance(row, Program):
        return
    if row.group_id:
        group = GroupKey(row.owner, row.group_id)
        related.rows.add(group.row)
        if group in snapshot.catalog.groups:
            related.subjects.append(group_subject(group.row))
    for view in views:
        if row in view.programs:
            related.add_recording(view, snapshot)


def _rows_of(related: RelatedItems, snapshot: Snapshot) -> list[RecordingRow]:
    """Return the recording rows that name one of these programs, or point under one of these prefixes."""
    programs = {sk.partition("#")[2] for pk, sk in related.rows if pk.endswith("#programs")}
    prefixes = tuple(f"{prefix}/" for _, prefix in related.recordings)
    rows = [
        row
        for row in snapshot.catalog.rows.values()
        if row.program_id in programs or (row.s3_key or "").startswith(prefixes or ("\0",))
    ]
    related.rows |= {row.key for row in rows}
    return rows
