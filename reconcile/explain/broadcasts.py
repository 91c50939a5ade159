"""Finds what was broadcast under a title: recordings, and what is known of those that are missing."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar

from reconcile.compare.recording.view import View
from reconcile.compare.verdicts import Examined
from reconcile.explain.entities import Entity, show_called
from reconcile.explain.next import explaining
from reconcile.explain.titles import closest
from reconcile.model.catalog import Catalog, Group, Program, RowKey, Show
from reconcile.model.clock import Interval
from reconcile.model.finding import (
    Subject,
    group_subject,
    program_subject,
    recording_subject,
    row_subject,
    session_subject,
)
from reconcile.model.texts import clean, is_clean

_NEVER = datetime.min.replace(tzinfo=UTC)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Titled:
    """The shows, programs and groups that have a title, or the nearest to it."""

    name: str
    shows: tuple[Show, ...]
    programs: tuple[Program, ...]
    groups: tuple[Group, ...]
    program_keys: frozenset[RowKey]

    def __bool__(self) -> bool:
        """Whether anything has the title."""
        return bool(self.shows or self.programs or self.groups)

    def includes(self, program: Program) -> bool:
        """Whether a program has the title."""
        return program.key in self.program_keys


@dataclass(frozen=True, slots=True)
class DatedSubject:
    """A subject of a title, and when it was recorded, began or is dated (None: unknown)."""

    subject: Subject
    time: Interval | None

    def is_of(self, day: date) -> bool:
        """Whether some of it lies in a day, in UTC."""
        began = datetime.combine(day, time(), UTC)
        ends = began + timedelta(days=1)
        return self.time is not None and self.time.start < ends and self.time.end >= began


def titled_entities(asked: str, catalog: Catalog) -> Titled:
    """Return what has a title, exactly where anything has it exactly; a show also by its id."""
    if asked.strip() in catalog.shows:
        return Titled(asked.strip(), (catalog.shows[asked.strip()],), (), (), frozenset())
    named: list[tuple[Show | Program | Group, str | None]] = [
        *((show, show.title) for show in catalog.shows.values()),
        *((program, program.title) for program in catalog.programs.values()),
        *((group, group.name) for group in catalog.groups.values()),
    ]
    matches = closest(asked, named)
    programs = _only(Program, matches)
    keys = frozenset(program.key for program in programs)
    return Titled(asked.strip(), _only(Show, matches), programs, _only(Group, matches), keys)


def _only(kind: type[T], entities: Iterable[object]) -> tuple[T, ...]:
    return tuple(entity for entity in entities if isinstance(entity, kind))


def entities_of(titled: Titled, examined: Examined) -> tuple[Entity, ...]:
    """Return the shows of a title, and the title itself where programs or groups have it."""
    views = list(examined.comparison.dossiers.views.values())
    shows = (show_called(show.show_id, examined.snapshot, views) for show in titled.shows)
    others = [Entity("title", titled.name)] if titled.programs or titled.groups else []
    return (*filter(None, shows), *others)


def broadcasts_of(titled: Titled, examined: Examined) -> tuple[DatedSubject, ...]:
    """Return the recordings of a title, newest first; what belongs to one and agrees is not listed again.

    A session, row or program of the title that is a finding stands beside them, for its recording may be
    missing; so do programs without a recording. What has no time comes last.
    """
    shows = {show.show_id for show in titled.shows}
    views = [view for view in examined.comparison.dossiers.views.values() if _is_of(view, shows, titled)]
    subjects = [
        *(DatedSubject(recording_subject(view.key), _time_of(view, examined.rules.now)) for view in views),
        *_beside(shows, titled, views, examined),
    ]
    if not subjects:
        subjects = [DatedSubject(group_subject(group.key), None) for group in titled.groups]
    return tuple(sorted(dict.fromkeys(subjects), key=_newest_first))


def _newest_first(dated: DatedSubject) -> tuple[float, Subject]:
    return (-(dated.time.start if dated.time else _NEVER).timestamp(), dated.subject)


def _is_of(view: View, shows: set[str], titled: Titled) -> bool:
    if view.state == "other":
        return False
    mine = {view.show_id, *view.attribution.shows} & shows
    return bool(mine) or any(map(titled.includes, view.programs))


def _time_of(view: View, now: datetime) -> Interval | None:
    """Return when it was recorded, by its events file, else by when that was written."""
    last = view.recording.last_event
    seen = Interval(view.recording.started_seen or last, last) if last else None
    return view.times(now) or seen


def _beside(
    shows: set[str], titled: Titled, views: Sequence[View], examined: Examined
) -> Iterator[DatedSubject]:
    judged, catalog = examined.comparison.judged, examined.snapshot.catalog

    def is_finding(subject: Subject) -> bool:
        return subject in judged and judged[subject].verdict != "agrees"

    shown = {program.key for view in views for program in view.programs}
    for program in catalog.programs.values():
        subject = program_subject(program.key, program.program_id)
        mine = titled.includes(program) or program.source_show in shows
        if mine and (program.key not in shown or is_finding(subject)):
            yield DatedSubject(subject, _moment(program.dated_at or program.created_at))
    for session in catalog.sessions.values():
        if session.show_id in shows and is_finding(session_subject(session.session_id)):
            yield DatedSubject(session_subject(session.session_id), _moment(session.created_at))
    for row in catalog.rows.values():
        if row.show_id in shows and is_finding(row_subject(row.key)):
            yield DatedSubject(row_subject(row.key), row.time)
    for group in titled.groups:
        if is_finding(group_subject(group.key)):
            yield DatedSubject(group_subject(group.key), None)


def _moment(moment: datetime | None) -> Interval | None:
    return Interval(moment, moment) if moment else None


def nothing_on(query: str, day: date, broadcasts: Iterable[DatedSubject], *source: str) -> str:
    """Return the message that nothing of a title is of a day, with the commands for the nearest days.

    `source` are the options that name where to look: none, or `--run` and a run.
    """
    said = f"nothing with the title {clean(query)!r} was recorded or is dated on {day} (UTC)"
    ways = [explaining(query, "--date", str(near), *source) for near in _nearest(broadcasts, day)]
    shown = [f"\n  {way}" for way in ways if is_clean(way)]
    return f"{said}; nearest:{''.join(shown)}" if shown else said


def _nearest(broadcasts: Iterable[DatedSubject], day: date) -> list[date]:
    """Return the last day before a day, and the first after it, that have something."""
    days = sorted({broadcast.time.start.date() for broadcast in broadcasts if broadcast.time})
    before, after = [near for near in days if near < day], [near for near in days if near > day]
    return [*before[-1:], *after[:1]]
