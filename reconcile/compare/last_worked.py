"""Finds when something last worked that the present configuration of the live system prevents.

A configuration is read as it stands now. What it forbids and what happened all the same, later than what it
is to explain, shows that it was otherwise then, or that something else is at fault.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from reconcile.compare.recording.view import View
from reconcile.compare.verdicts import Comparison
from reconcile.model.catalog import Session
from reconcile.model.recording import Kind, RecordingKey, program_id_of


def last_composite(views: Iterable[View], bucket: str) -> datetime | None:
    """Return when the last composition that was recorded into a bucket ("": into any) began."""
    began = (
        _began(view)
        for view in views
        if view.recording.kind is Kind.COMPOSITE
        and bucket in ("", view.recording.bucket)
        and view.has_content
        and view.recording.has_media
    )
    return max((moment for moment in began if moment), default=None)


def last_processed(comparison: Comparison, untold: Collection[RecordingKey]) -> datetime | None:
    """Return when the last of these recordings began of which the live processor made a program."""
    views = (comparison.view(key) for key in untold if key in comparison.snapshot.recordings)
    began = (_began(view) for view in views if _is_processed(view))
    return max((moment for moment in began if moment), default=None)


def _is_processed(view: View) -> bool:
    own = program_id_of(view.key)
    return any(
        program.source_type == "ivs-recording" and program.program_id != own for program in view.programs
    )


def began_after(view: View, moment: datetime | None) -> bool:
    """Whether a recording began after a moment (None: there is none, and everything did)."""
    began = _began(view)
    return moment is None or (began is not None and began > moment)


def session_began_after(session: Session | None, moment: datetime | None) -> bool:
    """Whether a session began after a moment (None: there is none, and everything did)."""
    began = session.created_at if session else None
    return moment is None or (began is not None and began > moment)


def _began(view: View) -> datetime | None:
    started = view.events.started_at if view.events else None
    return started or view.recording.started_seen or view.recording.last_event
