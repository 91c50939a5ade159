"""Judges a session: did what it started leave a recording?"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from reconcile.compare.recording.claims import last_part
from reconcile.compare.recording.unread import Unread
from reconcile.compare.recording.view import View
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


def sessions_without_prefix(snapshot: Snapshot) -> list[str]:
    """Return the sessions with a composition that is in no recording's prefix."""
    sessions = snapshot.catalog.sessions
    absent = _in_no_prefix(sessions.values(), snapshot)
    arns = ((name, session.composition_arn) for name, session in sessions.items()) if absent else ()
    return [name for name, arn in arns if arn and last_part(arn) in absent]


def _in_no_prefix(sessions: Iterable[Session], snapshot: Snapshot) -> set[str]:
    """Return the compositions of sessions that are in no recording's prefix."""
    absent = {last_part(session.composition_arn) for session in sessions if session.composition_arn}
    for _, prefix in snapshot.recordings if absent else ():
        absent.difference_update(prefix.split("/"))
    return absent


def judge_sessions(
    names: Collection[str], snapshot: Snapshot, rules: Rules, views: Iterable[View], unread: Unread
) -> Iterator[Judgement]:
    """Judge some sessions of a snapshot; `views` are its recordings, and `unread` those not understood."""
    absent = _in_no_prefix((snapshot.catalog.sessions[name] for name in names), snapshot)
    attributions = {view.attribution for view in views}
    owning = {session for attribution in attributions for session in attribution.sessions}
    doubt = snapshot.doubts("s3", "dynamodb")
    for name in names:
        session = snapshot.catalog.sessions[name]
        composition = session.composition_arn
        show = snapshot.catalog.shows.get(session.show_id or "")
        failure = snapshot.why_unread(session_subject(session.session_id))
        yield judge_session(
            SessionEvidence(
                session,
                in_a_prefix=bool(composition) and last_part(composition or "") not in absent,
                has_recording=session.session_id in owning,
                doubt=doubt or failure,
                now=rules.now,
                unread=unread.since(session.created_at),
                title=show.title if show else None,
            )
        )
