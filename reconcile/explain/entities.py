"""Finds what has no verdict of its own: shows, users, stages, channels, titles, and what lies at them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from reconcile.compare.recording.claims import last_part
from reconcile.compare.recording.view import View
from reconcile.compare.verdicts import Comparison
from reconcile.model.catalog import Program, Session, Show
from reconcile.model.finding import (
    Subject,
    group_subject,
    program_subject,
    recording_subject,
    row_subject,
    session_subject,
)
from reconcile.model.snapshot import Snapshot

SHORTEST_PART = 3
"""A shorter text is found only as a whole title, not as a part of one."""


@dataclass(frozen=True, slots=True)
class Entity:
    """Something that a report names: what it is, its facts, and the subjects that belong to it."""

    what: str
    name: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    subjects: tuple[Subject, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return {"what", "name", "facts"}; its subjects are told with their verdicts."""
        return {"what": self.what, "name": self.name, "facts": dict(self.facts)}


def things_called(text: str, snapshot: Snapshot, comparison: Comparison) -> tuple[Entity, ...]:
    """Return the shows, users, stages, channels and buckets that a text names; nothing when it names none."""
    name, views = text.strip(), list(comparison.dossiers.views.values())
    found = (
        _show(name.removeprefix("show#"), snapshot, views),
        _user(_owner_in(name), snapshot, views),
        _resource(name, snapshot, views),
        _gone(name.rpartition("#")[2], snapshot),
        _bucket(name.removeprefix("s3://").strip("/"), snapshot, views),
    )
    return tuple(one for one in found if one)


def things_titled(
    text: str, day: date | None, snapshot: Snapshot, comparison: Comparison
) -> tuple[Entity, ...]:
    """Return the shows, programs and groups of a title, or with it in theirs: of one day where it is given.

    The day is that of a recording's start, or of a program's making, in UTC.
    """
    name, views = text.strip(), list(comparison.dossiers.views.values())
    shows = (show for show in snapshot.catalog.shows.values() if _is_titled(show.title, name))
    found = [one for show in shows if (one := _show(show.show_id, snapshot, views, day))]
    programs = tuple(
        _of_program(one)
        for one in snapshot.catalog.programs.values()
        if _is_titled(one.title, name) and _is_of(one.created_at or one.dated_at, day)
    )
    groups = tuple(
        group_subject(one.key)
        for one in snapshot.catalog.groups.values()
        if day is None and _is_titled(one.name, name)
    )
    if programs or groups:
        found.append(Entity("title", name, {}, (*programs, *groups)))
    return tuple(one for one in found if one.subjects or day is None)


def _is_titled(title: str | None, name: str) -> bool:
    told, asked = (title or "").casefold(), name.casefold()
    return bool(asked) and (told == asked or (len(asked) >= SHORTEST_PART and asked in told))


def _is_of(moment: datetime | None, day: date | None) -> bool:
    return day is None or (moment is not None and moment.date() == day)


def _of_program(program: Program) -> Subject:
    return program_subject(program.key, program.program_id)


def _recordings(views: Iterable[View], day: date | None = None) -> Iterator[Subject]:
    for view in sorted(views, key=lambda view: view.key):
        if _is_of(view.events.started_at if view.events else None, day):
            yield recording_subject(view.key)


def _show(show_id: str, snapshot: Snapshot, views: Iterable[View], day: date | None = None) -> Entity | None:
    """Return a show with its recordings, sessions, notes and programs; one that is gone by what names it."""
    catalog, show = snapshot.catalog, snapshot.catalog.shows.get(show_id)
    mine = [one for one in views if show_id and show_id in (one.show_id, *one.attribution.shows)]
    sessions = [one for one in catalog.sessions.values() if show_id and one.show_id == show_id]
    rows = [one for one in catalog.rows.values() if one.show_id == show_id]
    programs = [one for one in catalog.programs.values() if show_id and one.source_show == show_id]
    if show is None and not (mine or sessions or rows or programs):
        return None
    others: tuple[Subject, ...] = ()
    if day is None:
        others = (
            *(session_subject(one.session_id) for one in sessions),
            *(row_subject(one.key) for one in rows),
            *map(_of_program, programs),
        )
    facts = _of_show(show) if show else {"row": "this show has no row in the table"}
    return Entity("show", show_id, facts, (*_recordings(mine, day), *others))


def _of_show(show: Show) -> Mapping[str, Any]:
    told = {"title": show.title, "owner": show.producer_id, "groupId": show.group_id}
    return {name: value for name, value in told.items() if value}


def _owner_in(name: str) -> str:
    """Return the user in a partition key such as `u#USER#programs`, or the text as it is."""
    parts = name.split("#")
    return parts[1] if parts[0] == "u" and len(parts) > 1 else name


def _user(user: str, snapshot: Snapshot, views: Iterable[View]) -> Entity | None:
    catalog = snapshot.catalog
    shows = {one.show_id: one.title for one in catalog.shows.values() if user and one.producer_id == user}
    programs = [one for one in catalog.programs.values() if user and one.owner == user]
    groups = [one for one in catalog.groups.values() if user and one.owner == user]
    records = [one for one in snapshot.records.values() if user and one.user_id == user]
    if not (shows or programs or groups or records):
        return None
    facts = {
        "shows": [f"{show_id} {title or ''}".strip() for show_id, title in sorted(shows.items())],
        "programs": len(programs),
        "groups": len(groups),
        "search records": len(records),
    }
    mine = _recordings(one for one in views if one.show_id in shows)
    subjects = (*mine, *map(_of_program, programs), *(group_subject(one.key) for one in groups))
    return Entity("user", user, facts, subjects)


def _resource(name: str, snapshot: Snapshot, views: Iterable[View]) -> Entity | None:
    """Return a stage, a channel or a composition by its ARN or id, with the sessions and recordings on it."""
    tail = last_part(name)
    sessions = [one for one in snapshot.catalog.sessions.values() if _is_on(_arns(one), name)]
    shows = [
        one
        for one in snapshot.catalog.shows.values()
        if _is_on((one.stage_arn or "", one.composition_arn or ""), name)
    ]
    mine = [one for one in views if _is_on(_seen_on(one), name) or tail in one.recording.prefix.split("/")]
    if not name or not (sessions or shows or mine):
        return None
    arns = [*(arn for one in sessions for arn in _arns(one)), *(arn for one in mine for arn in _seen_on(one))]
    kinds = {_kind(arn) for arn in arns if last_part(arn) == tail}
    facts = {"shows": [f"{one.show_id} {one.title or ''}".strip() for one in shows]} if shows else {}
    subjects = (*_recordings(mine), *(session_subject(one.session_id) for one in sessions))
    return Entity(" or ".join(sorted(kinds)) or "stage", name, facts, subjects)


def _arns(session: Session) -> tuple[str, ...]:
    stages = (*session.own_stages, *session.shared_stages)
    return (*stages, *session.own_channels, *session.shared_channels, *session.compositions)


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
    shows = [one for one in catalog.shows.values() if name and one.group_id == name]
    programs = [one for one in catalog.programs.values() if name and one.group_id == name]
    rows = [one for one in catalog.rows.values() if name and name == one.program_id]
    copies = [one for one in catalog.copies.values() if name and name == one.program_id]
    entries = [one.key for one in snapshot.ledger.values() if name in one.programs.values()]
    if not (shows or programs or rows or copies or entries):
        return None
    facts: dict[str, Any] = {"row": "it has no row of its own in the table; other rows name it"}
    facts |= {"shows": [one.show_id for one in shows]} if shows else {}
    facts |= {"copies": [f"{one.pk} {one.sk}" for one in copies]} if copies else {}
    subjects = (
        *(recording_subject(key) for key in sorted(entries)),
        *map(_of_program, programs),
        *(row_subject(one.key) for one in rows),
    )
    return Entity("group" if shows or programs else "program", name, facts, subjects)


def _bucket(name: str, snapshot: Snapshot, views: Iterable[View]) -> Entity | None:
    if name not in snapshot.buckets:
        return None
    return Entity("bucket", name, {"recordings": sum(one.recording.bucket == name for one in views)})
