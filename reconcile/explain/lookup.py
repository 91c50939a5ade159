"""Finds what a person means by a key, a prefix, a URL or an id, among everything that was read."""

import re
from collections.abc import Iterable, Iterator

from reconcile.compare.recording.claims import last_part
from reconcile.compare.records import calls_by_object
from reconcile.compare.verdicts import Comparison
from reconcile.model.catalog import Catalog
from reconcile.model.finding import (
    Subject,
    finding_id,
    group_subject,
    program_subject,
    record_subject,
    recording_subject,
    row_subject,
    session_subject,
)
from reconcile.model.media import MediaMap, Spot
from reconcile.model.recording import RecordingKey
from reconcile.model.snapshot import Snapshot
from reconcile.model.verdict_table import verdicts_of

_FINDING = re.compile("[0-9a-f]{12}")


def subjects_called(
    text: str, snapshot: Snapshot, comparison: Comparison, media: MediaMap
) -> tuple[Subject, ...]:
    """Return the subjects that a text names, what it names most directly first; nothing when it names none.

    It may be a key, a prefix or a URL (of S3 or of the distribution), the id of a program, session, record,
    group or finding, a key of the table, or a part of a recording's path.
    """
    name = text.strip()
    subjects = [
        *(recording_subject(key) for key in _recordings(name, snapshot, media)),
        *_rows(name, snapshot.catalog),
        *_records(name, snapshot),
        *_copies(name, snapshot.catalog),
        *_findings(name, comparison),
        *(subject for subject in comparison.judged if subject.type == "system" and subject["name"] == name),
    ]
    if not subjects:
        subjects = [recording_subject(key) for key in _with_part(name, snapshot.recordings)]
    return tuple(dict.fromkeys(subjects or _by_composition(name, snapshot.catalog)))


def _findings(name: str, comparison: Comparison) -> Iterator[Subject]:
    if _FINDING.fullmatch(name):
        yield from (subject for subject, judged in comparison.judged.items() if judged.id == name)


def subject_of_finding(name: str, comparison: Comparison) -> tuple[Subject, str] | None:
    """Return the subject and the kind of a finding by its id, whether the finding holds or not."""
    if not _FINDING.fullmatch(name):
        return None
    kinds = ((subject, kind) for subject in comparison.judged for kind in verdicts_of(subject.type))
    return next(((subject, kind) for subject, kind in kinds if finding_id(kind, subject) == name), None)


def _by_composition(name: str, catalog: Catalog) -> Iterator[Subject]:
    """Yield the sessions of a composition that no recording's path names."""
    for session in catalog.sessions.values():
        if name and any(name in (arn, last_part(arn)) for arn in session.compositions):
            yield session_subject(session.session_id)


def _recordings(name: str, snapshot: Snapshot, media: MediaMap) -> Iterator[RecordingKey]:
    spots: Iterable[Spot] = media.spots_of(name) if "://" in name else [(None, name.strip("/"))]
    for bucket, key in sorted(spots, key=str):
        path = key.strip("/")
        for recording in sorted(snapshot.recordings):
            lies_in_it = path == recording.prefix or path.startswith(f"{recording.prefix}/")
            if lies_in_it and bucket in (None, recording.bucket):
                yield recording


def _rows(name: str, catalog: Catalog) -> Iterator[Subject]:
    session = name.removeprefix("session#")
    if session in catalog.sessions:
        yield session_subject(session)
    for program in catalog.programs.values():
        if name in (program.program_id, program.sk, program.url):
            yield program_subject(program.key, program.program_id)
    for group in catalog.groups.values():
        if name in (group.group_id, group.key.sk):
            yield group_subject(group.key)
    for row in catalog.rows.values():
        if name in (row.recording_id, row.sk):
            yield row_subject(row.key)


def _copies(name: str, catalog: Catalog) -> Iterator[Subject]:
    """Yield the records of copies in lists, by their keys or by the program that they are of."""
    for copy in catalog.copies.values():
        if copy.object_id and name in (copy.pk, copy.sk, copy.program_id):
            yield record_subject(copy.object_id)


def _records(name: str, snapshot: Snapshot) -> Iterator[Subject]:
    if name in snapshot.records or name in calls_by_object(snapshot):
        yield record_subject(name)


def _with_part(name: str, recordings: Iterable[RecordingKey]) -> Iterator[RecordingKey]:
    return (key for key in sorted(recordings) if name and name in key.prefix.split("/"))
