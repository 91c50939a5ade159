"""Tells which events files have to be read before anything can be judged."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from reconcile.compare.blindspots import BlindSpot, Spots
from reconcile.compare.dossier import Dossiers
from reconcile.compare.ownership import Interval
from reconcile.compare.provenance import tells
from reconcile.compare.states import LONGEST_RECORDING
from reconcile.compare.verdicts import judge_sessions
from reconcile.compare.views import View, is_outside
from reconcile.model.recording import RecordingKey
from reconcile.model.snapshot import Rules, Snapshot

CLOCKS_DIFFER = timedelta(hours=1)


def wanted_events(snapshot: Snapshot, rules: Rules) -> set[RecordingKey]:
    """Return the recordings whose events file a verdict needs and nobody has read yet."""
    readable = {
        key
        for key, recording in snapshot.recordings.items()
        if recording.kind not in ("participant", "unknown")
        and recording.events_file
        and key not in snapshot.events
    }
    dossiers = Dossiers(snapshot, rules)
    old = {key for key in readable if _is_old(dossiers.views[key], rules)}
    since = _old_ones_matter_since(snapshot, rules, dossiers) if old else None
    matter = _beside_decided(old, rules, dossiers) | _beside_rows(old, rules, dossiers) if old else set()
    if since is not None:
        matter |= {key for key in old if _seen_since(dossiers.views[key], since)}
    return (readable - old) | matter


def _beside_decided(old: set[RecordingKey], rules: Rules, dossiers: Dossiers) -> set[RecordingKey]:
    """Return the old recordings that may hold the same time as one on which a person decided."""
    decided = [dossiers.views[key] for key in rules.decided if key in dossiers.views]
    spans = [span for view in decided if (span := view.times_by_listing(rules.now))]
    return {key for key in old if _meets(dossiers.views[key].times_by_listing(rules.now), spans)}


def _beside_rows(old: set[RecordingKey], rules: Rules, dossiers: Dossiers) -> set[RecordingKey]:
    """Return the old recordings that a note may be of which does not tell of the program of that time."""
    spots = Spots((BlindSpot(view, "") for view in dossiers.views.values()), rules.now)
    matter: set[RecordingKey] = set()
    for row in dossiers.snapshot.catalog.rows.values():
        if row.start and row.end:
            near = [spot.view for spot in spots.during(row.show_id, (row.start, row.end))]
            if any(not tells(row, program.program_id) for view in near for program in view.programs):
                matter |= {view.key for view in near} & old
    return matter


def _meets(span: Interval | None, others: Iterable[Interval]) -> bool:
    return span is not None and any(one[0] < span[1] and one[1] > span[0] for one in others)


def _seen_since(view: View, moment: datetime) -> bool:
    last = view.recording.last_event
    return last is not None and last >= moment


def _is_old(view: View, rules: Rules) -> bool:
    """Whether the window leaves a recording out, and no recording inside it can hold the same time."""
    last = view.recording.last_event
    if not is_outside(view, rules) or rules.window_start is None or last is None:
        return False
    return last < rules.window_start - LONGEST_RECORDING


def _old_ones_matter_since(snapshot: Snapshot, rules: Rules, dossiers: Dossiers) -> datetime | None:
    """Return from when on recordings that the window leaves out may decide a verdict on something else.

    A program without media may be any recording's of its show; a session's recording ended after it began.
    """
    programs = snapshot.catalog.programs.values()
    if any(p.without_media and (p.source_show or p.source_recording) for p in programs):
        return datetime.min.replace(tzinfo=UTC)
    lacking = (s for s in judge_sessions(snapshot, rules, dossiers) if s.verdict == "recording-missing")
    sessions = (snapshot.catalog.sessions[lack.subject["sessionId"]] for lack in lacking)
    began = [session.created_at for session in sessions if session.created_at]
    return min(began) - CLOCKS_DIFFER if began else None
