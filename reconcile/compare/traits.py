"""The traits of subjects (show, channel, owner, day), for findings and for all sound subjects."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from reconcile.compare.recording.claims import last_part
from reconcile.compare.recording.view import View
from reconcile.compare.verdicts import Comparison
from reconcile.model.catalog import RowKey, Session
from reconcile.model.finding import Finding, recording_key

TRAITS = ("show", "channel", "owner", "day")
"""From narrow to wide: the first trait with a concentration counts."""

Traits = Mapping[str, str]
"""The traits of a subject by name, as far as the stores have them."""


def traits_of(finding: Finding, comparison: Comparison) -> Traits:
    """Return the traits of a finding's subject, as far as the stores have them."""
    subject = finding.subject
    if subject.type == "recording":
        view = comparison.view_if_known(recording_key(subject))
        return _of_recording(view, comparison) if view else {}
    if subject.type == "session":
        session = comparison.snapshot.catalog.sessions.get(subject["sessionId"])
        return _of_session(session, comparison) if session else {}
    fields = dict(subject.fields)
    rows = finding.evidence.get("rows") or []
    return _of_rows({fields["pk"]} if "pk" in fields else {_key(row) for row in rows})


def population(subject_type: str, comparison: Comparison, since: datetime | None) -> Iterator[Traits]:
    """Yield the traits of every subject of a type; of the recordings those with an event since a moment."""
    catalog = comparison.snapshot.catalog
    if subject_type == "recording":
        for view in comparison.views():
            last = view.recording.last_event
            if view.state != "other" and (since is None or (last is not None and last >= since)):
                yield _of_recording(view, comparison)
    elif subject_type == "session":
        for session in catalog.sessions.values():
            yield _of_session(session, comparison)
    else:
        shelves: Mapping[str, Iterable[RowKey]] = {
            "recording-row": catalog.rows,
            "group": (group.key for group in catalog.groups.values()),
            "record": (row.key for shelf in (catalog.programs, catalog.copies) for row in shelf.values()),
            "program": catalog.programs,
        }
        for key in shelves.get(subject_type, ()):
            yield _of_rows({key.pk})


def _of_recording(view: View, comparison: Comparison) -> Traits:
    channel = view.events.channel_arn if view.events else None
    began = view.events.started_at if view.events else None
    return _known(
        show=view.show_id,
        channel=view.recording.channel_id or (last_part(channel) if channel else None),
        owner=_producer(view.show_id, comparison),
        day=_day(began or view.recording.last_event),
    )


def _of_session(session: Session, comparison: Comparison) -> Traits:
    channels = sorted(map(last_part, session.shared_channels))
    return _known(
        show=session.show_id,
        channel=channels[0] if len(channels) == 1 else None,
        owner=_producer(session.show_id, comparison),
        day=_day(session.created_at),
    )


def _of_rows(keys: Iterable[str]) -> Traits:
    """Read show and owner out of the partition keys of a row, or of the rows that call for a record."""
    owners = {pk.split("#")[1] for pk in keys if pk.startswith("u#")}
    shows = {pk.removeprefix("show#") for pk in keys if pk.startswith("show#")}
    return _known(show=_only(shows), owner=_only(owners))


def _known(**traits: str | None) -> Traits:
    return {name: value for name, value in traits.items() if value}


def _key(row: Any) -> str:
    return str(row.get("pk", "")) if isinstance(row, Mapping) else ""


def _only(values: set[str]) -> str | None:
    return next(iter(values)) if len(values) == 1 else None


def _producer(show_id: str | None, comparison: Comparison) -> str | None:
    show = comparison.snapshot.catalog.shows.get(show_id or "")
    return show.producer_id if show else None


def _day(moment: datetime | None) -> str | None:
    return f"{moment:%Y-%m-%d}" if moment else None
