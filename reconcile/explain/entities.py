"""Finds things without a verdict: shows, users, IVS stages, channels, buckets, and their subjects."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from reconcile.compare.recording.claims import last_part
from reconcile.compare.recording.view import View
from reconcile.compare.verdicts import Comparison
from reconcile.model.catalog import Program, Session, Show
from reconcile.model.documents import Evidence
from reconcile.model.finding import (
    Subject,
    group_subject,
    program_subject,
    recording_subject,
    row_subject,
    session_subject,
)
from reconcile.model.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Entity:
    """Something that a report names: what it is, its facts, and the subjects that belong to it."""

    what: str
    name: str
    facts: Evidence = field(default_factory=dict)
    subjects: tuple[Subject, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return {"what", "name", "facts"}; its subjects are listed with their verdicts."""
        return {"what": self.what, "name": self.name, "facts": dict(self.facts)}


def entities_called(text: str, snapshot: Snapshot, comparison: Comparison) -> tuple[Entity, ...]:
    """Return the shows, users, stages, channels and buckets that a text names; nothing when it names none."""
    name, views = text.strip(), list(comparison.dossiers.views.values())
    entities = (
        show_called(name.removeprefix("show#"), snapshot, views),
        _user(_owner_in(name), snapshot, views),
        _resource(name, snapshot, views),
        _gone(name.rpartition("#")[2], snapshot),
        _bucket(name.removeprefix("s3://").strip("/"), snapshot, views),
    )
    return tuple(entity for entity in entities if entity)


def _of_program(program: Program) -> Subject:
    return program_subject(program.key, program.program_id)


def _recordings(views: Iterable[View]) -> Iterator[Subject]:
    return (recording_subject(key) for key in sorted(view.key for view in views))


def show_called(show_id: str, snapshot: Snapshot, views: Iterable[View]) -> Entity | None:
    """Return a show with its recordings, sessions, rows and programs; a deleted one by what names it."""
    catalog, show = snapshot.catalog, snapshot.catalog.shows.get(show_id)
    mine = [view for view in views if show_id and show_id in (view.show_id, *view.attribution.shows)]
    sessions = [session for session in catalog.sessions.values() if show_id and session.show_id == show_id]
    rows = [row for row in catalog.rows.values() if row.show_id == show_id]
    programs = [
        program for program in catalog.programs.values() if show_id and program.source_show == show_id
    ]
    if show is None and not (mine or sessions or rows or programs):
        return None
    facts = _of_show(show) if show else {"row": "this show has no row in the table"}
    subjects = (
        *_recordings(mine),
        *(session_subject(session.session_id) for session in sessions),
        *(row_subject(row.key) for row in rows),
        *map(_of_program, programs),
    )
    return Entity("show", show_id, facts, subjects)


def _of_show(show: Show) -> Evidence:
    facts = {"title": show.title, "owner": show.producer_id, "groupId": show.group_id}
    return {name: value for name, value in facts.items() if value}


def _owner_in(name: str) -> str:
    """Return the user in a partition key such as `u#USER#programs`, or the text as it is."""
    parts = name.split("#")
    return parts[1] if parts[0] == "u" and len(parts) > 1 else name


def _user(user: str, snapshot: Snapshot, views: Iterable[View]) -> Entity | None:
    catalog = snapshot.catalog
    shows = {show.show_id: show.title for show in catalog.shows.values() if user and show.producer_id == user}
    programs = [program for program in catalog.programs.values() if user and program.owner == user]
    groups = [group for group in catalog.groups.values() if user and group.owner == user]
    records = [record for record in snapshot.records.values() if user and record.user_id == user]
    if not (shows or programs or groups or records):
        return None
    facts = {
        "shows": [f"{show_id} {title or ''}".strip() for show_id, title in sorted(shows.items())],
        "programs": len(programs),
        "groups": len(groups),
        "search records": len(records),
    }
    mine = _recordings(view for view in views if view.show_id in shows)
    subjects = (*mine, *map(_of_program, programs), *(group_subject(group.key) for group in groups))
    return Entity("user", user, facts, subjects)


def _resource(name: str, snapshot: Snapshot, views: Iterable[View]) -> Entity | None:
    """Return a stage, a channel or a composition by its ARN or id, with the sessions and recordings on it."""
    tail = last_part(name)
    sessions = [session for session in snapshot.catalog.sessions.values() if _is_on(_arns(session), name)]
    shows = [
        show
        for show in snapshot.catalog.shows.values()
        if _is_on((show.stage_arn or "", show.composition_arn or ""), name)
    ]
    mine = [
        view for view in views if _is_on(_seen_on(view), name) or tail in view.recording.prefix.split("/")
    ]
    if not name or not (sessions or shows or mine):
        return None
    arns = [
        *(arn for session in sessions for arn in _arns(session)),
        *(arn for view in mine for arn in _seen_on(view)),
    ]
    kinds = {_kind(arn) for arn in arns if last_part(arn) == tail}
    facts = {"shows": [f"{show.show_id} {show.title or ''}".strip() for show in shows]} if shows else {}
    subjects = (*_recordings(mine), *(session_subject(session.session_id) for session in sessions))
    return Entity(" or ".join(sorted(kinds)) or "stage", name, facts, subjects)


def _arns(session: Session) -> tuple[str, ...]:
    ivs_stages = (*session.own_ivs_stages, *session.shared_ivs_stages)
    return (*ivs_stages, *session.own_channels, *session.shared_channels, *session.compositions)


def _seen_on(view: View) -> tuple[str, ...]:
    events = view.events
    arns = (events.stage_arn, events.channel_arn) if events else ()
    channel = view.recording.channel_id
    return tuple(filter(None, (*arns, f"channel/{channel}" if channel else None)))


def _kind(arn: str) -> str:
    return arn.split(":")[-1].split("/")[0]


def _is_on(arns: Iterable[str], name: str) -> bool:
    return any(arn and name in (arn, last_part(arn)) for arn in arns)


def _gone(name: str, snapshot: Snapshot) -> Entity | None:
    """Return a group or a program that only other rows name: no row of its own is in the table."""
    catalog = snapshot.catalog
    shows = [show for show in catalog.shows.values() if name and show.group_id == name]
    programs = [program for program in catalog.programs.values() if name and program.group_id == name]
    rows = [row for row in catalog.rows.values() if name and name == row.program_id]
    copies = [copy for copy in catalog.copies.values() if name and name == copy.program_id]
    entries = [entry.key for entry in snapshot.ledger.values() if name in entry.programs.values()]
    if not (shows or programs or rows or copies or entries):
        return None
    facts: dict[str, Any] = {"row": "it has no row of its own in the table; other rows name it"}
    facts |= {"shows": [show.show_id for show in shows]} if shows else {}
    facts |= {"copies": [f"{copy.pk} {copy.sk}" for copy in copies]} if copies else {}
    subjects = (
        *(recording_subject(key) for key in sorted(entries)),
        *map(_of_program, programs),
        *(row_subject(row.key) for row in rows),
    )
    return Entity("group" if shows or programs else "program", name, facts, subjects)


def _bucket(name: str, snapshot: Snapshot, views: Iterable[View]) -> Entity | None:
    if name not in snapshot.buckets:
        return None
    return Entity("bucket", name, {"recordings": sum(view.recording.bucket == name for view in views)})
