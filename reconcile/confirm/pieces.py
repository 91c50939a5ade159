"""Lists the evidence of each finding to read again: rows, records, manifests and media."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from reconcile.compare.recording.candidates import candidate_partitions, candidate_shows
from reconcile.compare.recording.claims import LONGEST_SESSION
from reconcile.compare.recording.evidence import Dossiers
from reconcile.compare.recording.view import View
from reconcile.model.catalog import GroupKey, RowKey, session_key, show_key
from reconcile.model.clock import Interval
from reconcile.model.finding import Judgement, recording_key, row_key
from reconcile.model.recording import RecordingKey

Piece = tuple[str, Any]
"""What is read again: `partition`, `row`, `record`, `events`, `manifest`, `ledger`, `media`, `playback`.

`events`, `manifest` and `ledger` have the keys of recordings, `media` and `playback` those of programs, and
`image` the name of a record whose row is read whole.
"""

BY_ITS_FILE = ("unreadable", "failed", "unfinished")
"""The verdicts on a recording that its events file, and the listing, give alone."""


def pieces_of(finding: Judgement, dossiers: Dossiers) -> tuple[Piece, ...]:
    """Return what a finding rests on."""
    return tuple(_WANTS[finding.subject.type](finding, dossiers))


def _events(keys: Iterable[RecordingKey], dossiers: Dossiers) -> Iterator[Piece]:
    """Want the events of recordings that an earlier run read: no finding rests on what is remembered."""
    yield from (("events", key) for key in keys if dossiers.snapshot.is_remembered(key))


def _during(shows: Iterable[str], time: Interval | None, dossiers: Dossiers) -> Iterator[Piece]:
    """Want the events of the recordings of shows that may hold a time, where earlier runs read them."""
    if time:
        broadcasts = dossiers.broadcasts
        keys = {key for show_id in shows for key in broadcasts.recordings_during(show_id, time)}
        yield from _events(sorted(keys), dossiers)


def _record(finding: Judgement, dossiers: Dossiers) -> Iterator[Piece]:
    yield "record", finding.subject["objectID"]
    yield from (("row", RowKey(row["pk"], row["sk"])) for row in finding.evidence["rows"])


def _session(finding: Judgement, dossiers: Dossiers) -> Iterator[Piece]:
    name = finding.subject["sessionId"]
    yield "row", session_key(name)
    session = dossiers.snapshot.catalog.sessions.get(name)
    if session and session.show_id and session.created_at:
        time = Interval(session.created_at, session.created_at + LONGEST_SESSION)
        yield from _during([session.show_id], time, dossiers)


def _row(finding: Judgement, dossiers: Dossiers) -> Iterator[Piece]:
    """Want the show with all its rows: another one of the same time would make this one nobody's."""
    yield "partition", finding.subject["pk"]
    row = dossiers.snapshot.catalog.rows[row_key(finding.subject)]
    key = dossiers.provenance.recording_of(row)
    recordings = (
        [key]
        if key
        else [recording for each in dossiers.broadcasts.overlapped(row) for recording in each.keys]
    )
    yield from (
        ("row", program.key) for recording in recordings for program in dossiers.views[recording].programs
    )
    yield from _events(recordings, dossiers)
    yield from _during([row.show_id], row.time, dossiers)


def _program(finding: Judgement, dossiers: Dossiers) -> Iterator[Piece]:
    key = row_key(finding.subject)
    program = dossiers.snapshot.catalog.programs[key]
    yield "row", key
    if program.group_id:
        yield "row", GroupKey(program.owner, program.group_id).row
    faults = (finding.verdict, *finding.also)
    if "media-missing" in faults or "media-archived" in faults:
        yield "media", key
    if "unreachable" in faults:
        yield "playback", key
    if "url-missing" in faults and program.source_show:
        of_show = (key for each in dossiers.broadcasts.of_show(program.source_show) for key in each.keys)
        yield from _events((key for key in of_show if not dossiers.views[key].programs), dossiers)


def _group(finding: Judgement, dossiers: Dossiers) -> Iterator[Piece]:
    yield "row", row_key(finding.subject)
    yield "partition", finding.subject["pk"].removesuffix("#groups") + "#programs"


def _nothing(finding: Judgement, dossiers: Dossiers) -> Iterator[Piece]:
    """Want nothing: the configuration is read again as a whole."""
    return iter(())


def _recording(finding: Judgement, dossiers: Dossiers) -> Iterator[Piece]:
    key = recording_key(finding.subject)
    view, catalog = dossiers.views[key], dossiers.snapshot.catalog
    yield from _events([key], dossiers)
    if finding.verdict in BY_ITS_FILE:
        return
    yield from _during(sorted(candidate_shows(view)), view.times(dossiers.rules.now), dossiers)
    yield from (("row", program.key) for program in view.programs)
    claims = view.attribution.claims
    yield from (("row", session_key(claim.session_id)) for claim in claims if claim.session_id)
    if not view.programs:
        # What the ledger remembers, or a person restored, decides of a recording without a program alone.
        yield from (("ledger", name) for name in sorted(_of_its_time(view, dossiers)))
        yield from (("partition", name) for name in sorted(candidate_partitions(view, catalog)))
    for show_id in sorted(candidate_shows(view)):
        yield "row", show_key(show_id)
        show = catalog.shows.get(show_id)
        group_id = dossiers.rules.group_id(key, show)
        if show and show.producer_id and group_id:
            yield "row", GroupKey(show.producer_id, group_id).row
    lacks_url = "program_url" in finding.evidence.get("lacks", ())
    if (finding.verdict == "program-missing" or lacks_url) and key not in dossiers.snapshot.manifests:
        yield "manifest", key


def _of_its_time(view: View, dossiers: Dossiers) -> set[RecordingKey]:
    """Return a recording, and those that cover it if their programs were deleted."""
    time, during = view.times_by_listing(dossiers.rules.now), dossiers.broadcasts.recordings_during
    beside = (key for show in candidate_shows(view) if time for key in during(show, time))
    return {view.key, *beside}


_WANTS: Mapping[str, Callable[[Judgement, Dossiers], Iterator[Piece]]] = {
    "recording": _recording,
    "session": _session,
    "record": _record,
    "recording-row": _row,
    "program": _program,
    "group": _group,
    "system": _nothing,
}
