"""Finds the subjects that need a close look; tables show of all others that they are fine, or left out."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from reconcile.compare.engine import Engine
from reconcile.compare.groups import group_suspects
from reconcile.compare.narrow import rules as set_rules
from reconcile.compare.narrow.numbers import NOBODY
from reconcile.compare.narrow.tables import Tables
from reconcile.compare.number_table import NumberTable
from reconcile.compare.programs import program_suspects
from reconcile.compare.recording.claims import last_part
from reconcile.compare.recording.view import is_left_out
from reconcile.compare.records import record_suspects
from reconcile.model.catalog import GroupKey, Program, RecordingRow, RowKey
from reconcile.model.finding import recording_key, row_key
from reconcile.model.recording import Kind, RecordingKey
from reconcile.model.snapshot import Rules, Snapshot

if TYPE_CHECKING:
    from reconcile.compare.engine import Frame


@dataclass(frozen=True, slots=True)
class Suspects:
    """The subjects that need a close look, by type."""

    recordings: frozenset[RecordingKey]
    sessions: frozenset[str]
    records: frozenset[str]
    rows: frozenset[RowKey]
    programs: frozenset[RowKey]
    groups: frozenset[GroupKey]


class LeftOut(NamedTuple):
    """A recording that needs no decision: the verdict that says so, and its show, if its path tells that."""

    verdict: str
    show_id: str | None


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What tables tell of a snapshot: its suspects, and that all others are as they should be.

    `fine` are the recordings that agree, with their one program; `left_out` those that need no decision.
    `claims` (n, show, level) are on recordings, `spans` (show, n, start, stop) are the times of
    those that are fine, and `unsettled` are the rows that may be anybody's.
    """

    suspects: Suspects
    fine: Mapping[RecordingKey, Program] = field(default_factory=dict)
    left_out: Mapping[RecordingKey, LeftOut] = field(default_factory=dict)
    claims: Iterable[tuple[int, ...]] = ()
    spans: Iterable[tuple[int, ...]] = ()
    unsettled: Sequence[RecordingRow] = ()


def narrow_down(snapshot: Snapshot, rules: Rules, tables: Tables, engine: Engine) -> Narrowed:
    """Return what the tables of a snapshot tell, where no source is doubted and nothing failed."""
    unconfirmed = [subject for subject in snapshot.unconfirmed if subject.type == "recording"]
    unsure = {*map(recording_key, unconfirmed), *rules.decided}
    waiting = dict(_waiting(snapshot, rules, tables, unsure))
    # Before the largest frames are made: what these take is free again by then.
    records = frozenset(record_suspects(snapshot, engine))
    programs = frozenset(program_suspects(snapshot, rules, tables.pointers, engine))
    groups = frozenset(group_suspects(snapshot, engine))
    found = _found(tables, unsure, engine)
    fine = dict(_fine(tables, found))
    whose = _shows_by_path(waiting.keys(), found.claims, tables)
    left_out = {tables.keys[n]: LeftOut(verdict, whose.get(n)) for n, verdict in waiting.items()}
    unsettled = [row for number, row in enumerate(tables.notes) if number not in found.settled]
    suspects = Suspects(
        frozenset(key for key in tables.keys if key not in fine and key not in left_out),
        frozenset(_sessions(snapshot, tables)),
        records,
        frozenset(_rows(snapshot, tables, unsettled, found.shows)),
        programs,
        groups,
    )
    return Narrowed(suspects, fine, left_out, found.claims, found.spans, unsettled)


class _Found(NamedTuple):
    """What the set rules say of recordings and their rows, whose frames are gone.

    `claims` (n, show, level) are on recordings, `spans` (show, n, start, stop) the times of those that stand
    alone. `settled` are the rows that need no look, and `shows` those that programs may be of.
    """

    claims: NumberTable
    spans: NumberTable
    settled: set[int]
    shows: set[int]


def _found(tables: Tables, unsure: set[RecordingKey], engine: Engine) -> _Found:
    pointed = _frame(tables.pointed, engine)
    claims = engine.keep(_claims(tables, engine))
    certain = engine.keep(set_rules.certain_programs(claims, pointed))
    possible = engine.keep(set_rules.possible_shows(claims, pointed))
    claimed = engine.numbers(claims.select("n", "show", "level"))
    # The largest frame, of no more use: the next ones take its place.
    del claims
    spans = engine.keep(set_rules.spans_by_show(possible, _frame(_timed(tables, unsure), engine)))
    tied = [tables.shows.of(show) for show in tables.tied_shows]
    alone = engine.keep(set_rules.recordings_alone(certain, spans, tied))
    named = possible.join(pointed.select("n", "program"), on="n", how="inner").select("show", "program")
    settled = _settled_rows(tables, alone, named, spans, engine)
    shows = {*_column(named.unique("show"), "show", engine), *tied}
    return _Found(claimed, engine.numbers(alone.select("show", "n", "start", "stop")), settled, shows)


def _fine(tables: Tables, found: _Found) -> Iterator[tuple[RecordingKey, Program]]:
    """Yield the recordings that stand alone, with their one program."""
    alone = bytearray(len(tables.keys))
    for _, number, *_ in found.spans:
        alone[number] = True
    for (number, *_), program in zip(tables.pointed, tables.leading, strict=True):
        if alone[number]:
            yield tables.keys[number], program


def _settled_rows(tables: Tables, alone: "Frame", named: "Frame", spans: "Frame", engine: Engine) -> set[int]:
    """Return the rows that tell of their own program, and those that are no recording's and name none."""
    told = _column(set_rules.rows_told(_frame(tables.rows, engine), alone), "r", engine)
    others = NumberTable(tables.rows.schema, (row for row in tables.rows if row[0] not in told))
    if not others:
        return told
    rows = _frame(others, engine)
    meeting = _column(set_rules.rows_meeting(rows, spans), "r", engine)
    naming = _column(set_rules.rows_naming(rows, named), "r", engine)
    return told | ({number for number, *_ in others} - meeting - naming)


def _column(frame: "Frame", name: str, engine: Engine) -> set[int]:
    return {value for (value,) in engine.rows(frame.select(name))}


def _claims(tables: Tables, engine: Engine) -> "Frame":
    claims = tables.claimants.tables
    held = (_frame(table, engine) for table in (claims.names, claims.claims, claims.begun, claims.turns))
    return set_rules.claims_on_recordings(*held)


def _frame(table: NumberTable, engine: Engine) -> "Frame":
    return engine.frame(table.schema, table)


def _timed(tables: Tables, unsure: set[RecordingKey]) -> NumberTable:
    """Return the times of recordings, of which those are not plain of which something is not sure."""
    numbers = {number for number, key in enumerate(tables.keys) if key in unsure} if unsure else set[int]()
    times = ((n, start, stop, plain and n not in numbers) for n, start, stop, plain in tables.timed)
    return NumberTable(tables.timed.schema, times) if numbers else tables.timed


def _waiting(
    snapshot: Snapshot, rules: Rules, tables: Tables, unsure: set[RecordingKey]
) -> Iterator[tuple[int, str]]:
    """Yield guests' feeds, and what the window leaves out, of which no more than the listing is known."""
    shown = {number for number, *_ in tables.pointed}
    for number, (key, recording) in enumerate(snapshot.recordings.items()):
        if number in shown or key in unsure or key in snapshot.events:
            continue
        if number in tables.participants:
            yield number, "other"
        elif recording.kind is not Kind.UNKNOWN and is_left_out(recording, rules):
            yield number, "outside-window"


def _shows_by_path(
    numbers: Collection[int], claims: Iterable[tuple[int, ...]], tables: Tables
) -> dict[int, str]:
    """Return the shows of recordings of which only the listing is known: those of the best level, if one."""
    best: dict[int, tuple[int, set[int]]] = {}
    for number, show, level in claims:
        if number in numbers:
            known = best.get(number)
            if known is None or level < known[0]:
                best[number] = (level, {show})
            elif level == known[0]:
                known[1].add(show)
    one = {number: next(iter(shows)) for number, (_, shows) in best.items() if len(shows) == 1}
    texts = tables.shows.by_number()
    return {number: texts[show] for number, show in one.items() if show != NOBODY}


def _sessions(snapshot: Snapshot, tables: Tables) -> Iterator[str]:
    """Yield the sessions that cannot be read, or whose composition is in no recording's path."""
    borne = {name for _, name in tables.claimants.tables.names}
    unconfirmed = {subject["sessionId"] for subject in snapshot.unconfirmed if subject.type == "session"}
    for session_id, session in snapshot.catalog.sessions.items():
        composition = session.composition_arn
        missing = bool(composition) and (
            session.created_at is None or tables.claimants.part(last_part(composition or "")) not in borne
        )
        if missing or session.unreadable or session_id in unconfirmed:
            yield session_id


def _rows(
    snapshot: Snapshot, tables: Tables, unsettled: Iterable[RecordingRow], shows: set[int]
) -> Iterator[RowKey]:
    """Yield the rows that may have to name a program of their show and do not surely so."""
    rows = snapshot.catalog.rows
    if snapshot.doubts("algolia"):
        yield from rows
        return
    unconfirmed = (row_key(one) for one in snapshot.unconfirmed if one.type == "recording-row")
    yield from (key for key in unconfirmed if key in rows)
    yield from (row.key for row in unsettled if tables.shows.known(row.show_id) in shows)
