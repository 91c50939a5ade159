"""How far a recording has come, told from its listing and its events file alone."""

from datetime import timedelta
from typing import Literal

from reconcile.model.recording import Events, Kind, Recording, Unreadable
from reconcile.model.snapshot import Rules

State = Literal[
    "other", "unreadable", "eventless", "in-progress", "unfinished", "settling", "failed", "ended"
]

# IVS starts a new prefix after 48 hours; the rest is the longest wait for a reconnect and for late writes.
# https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/record-to-s3.html
LONGEST_RECORDING = timedelta(hours=54)
CLOCKS_DIFFER = timedelta(hours=1)
"""How far the clocks of S3 and of the application may lie apart."""


def state_of(recording: Recording, events: Events | Unreadable | None, rules: Rules) -> State:
    """Return the state of a recording; `events` None means that its file was not read."""
    if recording.kind is Kind.PARTICIPANT:
        return "other"
    if recording.kind is Kind.UNKNOWN or isinstance(events, Unreadable):
        return "unreadable"
    if recording.last_event is None:
        return "eventless"
    if recording.finished_seen is None:
        return "in-progress" if rules.now - recording.last_event < LONGEST_RECORDING else "unfinished"
    if rules.now - recording.finished_seen < rules.settle:
        return "settling"
    if events is None:
        return "ended"
    if not events.duration or not recording.has_media:
        return "failed"
    if events.started_at is None or events.ended_at is None or events.ended_at < events.started_at:
        return "unreadable"
    return "ended"


def why_unreadable(recording: Recording, events: Events | Unreadable | None) -> str:
    """Say what keeps a recording from being understood."""
    if recording.kind is Kind.UNKNOWN:
        return "it has the events of a recording under a path of no known layout"
    if isinstance(events, Unreadable):
        return events.reason
    return "the events file does not say when the recording began and, after that, ended"
