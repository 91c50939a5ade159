"""Selects the events files that have to be read before anything can be judged."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from math import inf
from typing import Any

from reconcile.compare.interval_tree import IntervalTree
from reconcile.compare.recording.evidence import Dossiers
from reconcile.compare.recording.row_matching import names_program
from reconcile.compare.recording.unread import BlindSpot, BlindSpots
from reconcile.compare.recording.view import CLOCKS_DIFFER, LONGEST_RECORDING, View, is_outside
from reconcile.compare.sessions import judge_sessions
from reconcile.model.catalog import RecordingRow
from reconcile.model.clock import Interval
from reconcile.model.finding import recording_subject
from reconcile.model.recording import Recording, RecordingKey
from reconcile.model.snapshot import Rules, Snapshot


def wanted_events(snapshot: Snapshot, rules: Rules) -> set[RecordingKey]:
    """Return the recordings whose events file a verdict needs and nobody has read yet."""
    return _wanted(snapshot, rules, Dossiers(snapshot, rules))


def surely_needed(recordings: Iterable[Recording], rules: Rules) -> list[RecordingKey]:
    """Return the recordings whose events file a verdict needs, whatever the table says.

    Those that have not been checked for longest come first, then the newest.
    """

    def place(recording: Recording) -> tuple[float, float, RecordingKey]:
        since, last = rules.undecided.get(recording_subject(recording.key)), recording.last_event
        return (since.timestamp() if since else inf, -last.timestamp() if last else 0.0, recording.key)

    needed = (one for one in recordings if _is_readable(one) and _is_near(one, rules))
    return [recording.key for recording in sorted(needed, key=place)]


def events_to_read(snapshot: Snapshot, rules: Rules) -> list[RecordingKey]:
    """Return the same in the order in which to read them: what time may run out on comes last.

    First come the recordings that may be news, the newest before: those without a program, and those that
    may hold the same time as one of these. Then follow those that have not been checked for longest.
    """
    dossiers = Dossiers(snapshot, rules)
    wanted = _wanted(snapshot, rules, dossiers)
    views = dossiers.views
    timed = {key: span for key, view in views.items() if (span := view.times_by_listing(rules.now))}
    news = [key for key in wanted if not views[key].programs]
    beside = IntervalTree((timed[key], key) for key in news if key in timed)

    def order(key: RecordingKey) -> tuple[bool, float, float, RecordingKey]:
        """Return the sort key: news first, then the longest undecided, then the newest."""
        last = views[key].recording.last_event
        first = not views[key].programs or _meets(timed.get(key), beside)
        since = None if first else rules.undecided.get(recording_subject(key))
        waited = since.timestamp() if since else inf
        return (not first, waited, -last.timestamp() if last else 0.0, key)

    return sorted(wanted, key=order)


def _wanted(snapshot: Snapshot, rules: Rules, dossiers: Dossiers) -> set[RecordingKey]:
    readable = {
        key
        for key, recording in snapshot.recordings.items()
        if _is_readable(recording) and key not in snapshot.events
    }
    old = {key for key in readable if _is_old(dossiers.views[key], rules)}
    since = _old_ones_matter_since(snapshot, rules, dossiers) if old else None
    matter = _beside_decided(old, rules, dossiers) | _beside_rows(old, rules, dossiers) if old else set()
    # The traces of a deleted program may be gone tomorrow: the ledger has to record its owner today.
    matter |= old & dossiers.traced()
    if since is not None:
        matter |= {key for key in old if _seen_since(dossiers.views[key], since)}
    return (readable - old) | matter


def _beside_decided(old: set[RecordingKey], rules: Rules, dossiers: Dossiers) -> set[RecordingKey]:
    """Return the old recordings that may hold the same time as one on which a person decided."""
    decided = (dossiers.views[key] for key in rules.decided if key in dossiers.views)
    tree = IntervalTree((span, view.key) for view in decided if (span := view.times_by_listing(rules.now)))
    return {key for key in old if _meets(dossiers.views[key].times_by_listing(rules.now), tree)}


def _beside_rows(old: set[RecordingKey], rules: Rules, dossiers: Dossiers) -> set[RecordingKey]:
    """Return the old recordings that a recording row may be of that names no program of that time."""
    shown = BlindSpots((BlindSpot(view, "") for view in dossiers.views.values() if view.programs), rules.now)
    asking: defaultdict[str, list[tuple[Interval, RecordingRow]]] = defaultdict(list)
    for row in dossiers.snapshot.catalog.rows.values():
        if time := row.time:
            near = (spot.view for spot in shown.during(row.show_id, time))
            if any(not names_program(row, program.program_id) for view in near for program in view.programs):
                asking[row.show_id].append((time, row))
    of_show = {show: IntervalTree(timed) for show, timed in asking.items()}
    all_times = IntervalTree(interval for timed in asking.values() for interval in timed)
    views = (dossiers.views[key] for key in old)
    return {
        view.key
        for view in views
        if _meets(view.times_by_listing(rules.now), of_show.get(view.show_id) if view.show_id else all_times)
    }


def _meets(span: Interval | None, others: IntervalTree[Any] | None) -> bool:
    return span is not None and others is not None and others.meet(span)


def _seen_since(view: View, moment: datetime) -> bool:
    last = view.recording.last_event
    return last is not None and last >= moment


def _is_old(view: View, rules: Rules) -> bool:
    """Whether the window leaves a recording out, and no recording inside it can hold the same time."""
    return is_outside(view, rules) and not _is_near(view.recording, rules)


def _is_near(recording: Recording, rules: Rules) -> bool:
    """Whether a recording, or one that may hold the same time, lies inside the window."""
    last = recording.last_event
    return rules.window_start is None or last is None or last >= rules.window_start - LONGEST_RECORDING


def _is_readable(recording: Recording) -> bool:
    return recording.kind not in ("participant", "unknown") and recording.events_file is not None


def _old_ones_matter_since(snapshot: Snapshot, rules: Rules, dossiers: Dossiers) -> datetime | None:
    """Return from when on recordings that the window leaves out may decide a verdict on something else.

    A program without media may be any recording's of its show; a session's recording ended after it began.
    """
    programs = snapshot.catalog.programs.values()
    if any(p.without_media and (p.source_show or p.source_recording) for p in programs):
        return datetime.min.replace(tzinfo=UTC)
    missing = (j for j in judge_sessions(snapshot, rules, dossiers) if j.verdict == "recording-missing")
    sessions = (snapshot.catalog.sessions[judged.subject["sessionId"]] for judged in missing)
    began = [session.created_at for session in sessions if session.created_at]
    return min(began) - CLOCKS_DIFFER if began else None
