"""Tells which events files have to be read before anything can be judged."""

from reconcile.compare.dossier import Dossiers
from reconcile.compare.verdicts import compare
from reconcile.compare.views import is_outside
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
    views = Dossiers(snapshot, rules).views
    old = {key for key in readable if is_outside(views[key], rules)}
    return readable if old and _old_ones_matter(snapshot, rules) else readable - old


def _old_ones_matter(snapshot: Snapshot, rules: Rules) -> bool:
    """Whether the verdict on something else may rest on a recording that the window leaves out."""
    if any(program.without_media for program in snapshot.catalog.programs.values()):
        return True
    return any(finding.verdict == "recording-missing" for finding in compare(snapshot, rules).findings)
