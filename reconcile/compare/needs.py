"""Tells which events files have to be read before anything can be judged."""

from reconcile.compare.dossier import Dossiers
from reconcile.compare.states import LONGEST_RECORDING
from reconcile.compare.verdicts import judge_sessions
from reconcile.compare.views import View, is_outside
from reconcile.model.recording import RecordingKey
from reconcile.model.snapshot import Rules, Snapshot


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
    return readable if old and _old_ones_matter(snapshot, rules, dossiers) else readable - old


def _is_old(view: View, rules: Rules) -> bool:
    """Whether the window leaves a recording out, and no recording inside it can hold the same time."""
    last = view.recording.last_event
    if not is_outside(view, rules) or rules.window_start is None or last is None:
        return False
    return last < rules.window_start - LONGEST_RECORDING


def _old_ones_matter(snapshot: Snapshot, rules: Rules, dossiers: Dossiers) -> bool:
    """Whether the verdict on something else may rest on a recording that the window leaves out."""
    if any(program.without_media for program in snapshot.catalog.programs.values()):
        return True
    sessions = judge_sessions(snapshot, rules, dossiers)
    return any(session.verdict == "recording-missing" for session in sessions)
