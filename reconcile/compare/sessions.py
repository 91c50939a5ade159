"""Judges a session: did what it started leave a recording?"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from reconcile.compare.recording.claims import last_part
from reconcile.compare.recording.evidence import Dossiers
from reconcile.model.catalog import Session
from reconcile.model.clock import write_time
from reconcile.model.finding import Judgement, judgement, session_subject
from reconcile.model.snapshot import Rules, Snapshot

PATIENCE = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class SessionEvidence:
    """A session, whether its composition's id is in any prefix, and whether any recording is its own.

    `unread` says why some recording, which may be its own, could not be attributed. `title` is its show's.
    """

    session: Session
    in_a_prefix: bool
    has_recording: bool
    doubt: str
    now: datetime
    unread: str = ""
    title: str | None = None


def judge_session(evidence: SessionEvidence) -> Judgement:
    """Give a session its verdict."""
    session = evidence.session
    composition, created = session.composition_arn, session.created_at
    undated = bool(composition) and created is None
    missing = bool(
        composition
        and created
        and evidence.now - created > PATIENCE
        and not evidence.in_a_prefix
        and not evidence.has_recording
    )
    unreadable = session.unreadable or ("it has a composition and no createdAt" if undated else "")
    doubt = evidence.doubt or (evidence.unread if missing else "")
    holding = {
        "unreadable": bool(unreadable),
        "unknown": bool(doubt),
        "recording-missing": missing,
        "agrees": True,
    }
    facts = {
        "composition": last_part(composition) if composition else None,
        "createdAt": write_time(created) if created else None,
        "showId": session.show_id,
        "title": evidence.title,
        "why": unreadable or doubt or None,
    }
    return judgement(session_subject(session.session_id), holding, facts)


def judge_sessions(snapshot: Snapshot, rules: Rules, dossiers: Dossiers) -> Iterable[Judgement]:
    """Judge every session of a snapshot."""
    segments = {part for _, prefix in snapshot.recordings for part in prefix.split("/")}
    owning = dossiers.sessions_with_recordings()
    doubt = snapshot.doubts("s3", "dynamodb")
    for session in snapshot.catalog.sessions.values():
        composition = session.composition_arn
        show = snapshot.catalog.shows.get(session.show_id or "")
        failure = snapshot.why_unread(session_subject(session.session_id))
        yield judge_session(
            SessionEvidence(
                session,
                in_a_prefix=bool(composition) and last_part(composition or "") in segments,
                has_recording=session.session_id in owning,
                doubt=doubt or failure,
                now=rules.now,
                unread=dossiers.unread.since(session.created_at),
                title=show.title if show else None,
            )
        )
