"""Gathers all that the verdicts on suspects can depend on into a small snapshot, for the same judges.

What is fine stands alone at its time: it touches a suspect only by a row whose time meets both, by a program,
a session or a prefix that they share, or as the next recording of its channel.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from reconcile.compare.narrow.beside import fine_beside_rows, fine_beside_sessions, fine_beside_suspects
from reconcile.compare.narrow.claimants import channels_of
from reconcile.compare.narrow.suspects import Narrowed
from reconcile.compare.narrow.tables import Tables
from reconcile.compare.recording.claims import last_part
from reconcile.model.catalog import Copy, Program, RecordingRow, RowKey, Session, Show
from reconcile.model.recording import Events, RecordingKey
from reconcile.model.search_record import Record
from reconcile.model.snapshot import LedgerEntry, Snapshot


@dataclass(frozen=True, slots=True)
class Closure:
    """A small snapshot, and, by recording, when the next one of its channel began, wherever that one is."""

    snapshot: Snapshot
    following: Mapping[RecordingKey, datetime]


def closure(snapshot: Snapshot, tables: Tables, narrowed: Narrowed) -> Closure:
    """Return what the suspects' verdicts can depend on: with it they are judged as with everything."""
    small = _Gathering(snapshot, tables, narrowed).small()
    following = {key: tables.following[key] for key in small.recordings if key in tables.following}
    return Closure(small, following)


class _Gathering:
    """The recordings of a closure, with what claims, shows and remembers them."""

    def __init__(self, snapshot: Snapshot, tables: Tables, narrowed: Narrowed) -> None:
        self._whole, self._tables, self._narrowed = snapshot, tables, narrowed
        self._suspects = narrowed.suspects
        keys = {*self._suspects.recordings, *self._of_programs(), *self._of_sessions()}
        shows = self._possible_shows(keys) | {key.pk.removeprefix("show#") for key in self._suspects.rows}
        self._rows = list(self._unsettled(shows))
        sessions = (snapshot.catalog.sessions[name] for name in self._suspects.sessions)
        keys |= fine_beside_rows(self._rows, tables, narrowed)
        keys |= fine_beside_sessions(sessions, tables, narrowed)
        keys |= fine_beside_suspects(snapshot, tables, narrowed)
        prefixes = {key.prefix for key in keys}
        self._recordings = {
            key: recording for key, recording in snapshot.recordings.items() if key.prefix in prefixes
        }
        self._numbers = {number for number, key in enumerate(tables.keys) if key in self._recordings}
        self._shows = shows | self._possible_shows(self._recordings.keys())
        self._rows += self._pointing()

    def small(self) -> Snapshot:
        """Return the small snapshot; what is only asked for by name stays whole."""
        whole, ledger = self._whole, dict(self._ledger())
        sessions, shows = self._claiming()
        catalog = replace(
            whole.catalog,
            sessions=sessions,
            shows=shows,
            programs=dict(self._programs(ledger)),
            copies=dict(self._copies()),
            rows={row.key: row for row in self._rows},
            lent_channels=whole.catalog.lent_channels | self._shared_channels(shows),
        )
        return replace(
            whole,
            recordings=self._recordings,
            catalog=catalog,
            records=dict(self._records()),
            ledger=ledger,
        )

    def _of_programs(self) -> Iterator[RecordingKey]:
        """Yield the recordings that suspect programs lead to."""
        for (number, *_), program in zip(self._tables.pointed, self._tables.leading, strict=True):
            if program.key in self._suspects.programs:
                yield self._tables.keys[number]

    def _of_sessions(self) -> Iterator[RecordingKey]:
        """Yield the recordings that suspect sessions may claim."""
        suspects, tables = self._suspects.sessions, self._tables
        claimants, sessions = tables.claimants, [self._whole.catalog.sessions[name] for name in suspects]
        numbers = {number for number, name in enumerate(claimants.sessions) if name in suspects}
        names = {name for name, session in claimants.tables.owners if session in numbers}
        names |= {claimants.part(last_part(one.composition_arn)) for one in sessions if one.composition_arn}
        yield from (tables.keys[n] for n, name in claimants.tables.names if name in names)
        if any(session.shared_channels for session in sessions):
            for key in tables.keys:
                if not suspects.isdisjoint(self._on_air(key)):
                    yield key

    def _possible_shows(self, keys: Collection[RecordingKey]) -> set[str]:
        """Return the shows that may be those of recordings."""
        tables = self._tables
        numbers = {number for number, key in enumerate(tables.keys) if key in keys}
        shows = {show for n, show, *_ in self._narrowed.claims if n in numbers}
        shows |= {show for n, show, *_ in tables.pointed if n in numbers}
        return set(tables.shows.texts(shows))

    def _unsettled(self, shows: set[str]) -> Iterator[RecordingRow]:
        """Yield the rows that are suspects, may be of recordings of these shows, or tie a program to one."""
        programs, rows = self._whole.catalog.programs.values(), self._whole.catalog.rows
        ties = {p.source_recording for p in programs if p.source_recording and p.without_media}
        unsettled = {row.key: row for row in self._narrowed.unsettled if row.show_id in shows}
        tying = {row.key: row for row in rows.values() if row.recording_id in ties} if ties else {}
        suspected = {key: rows[key] for key in self._suspects.rows}
        yield from {**unsettled, **tying, **suspected}.values()

    def _pointing(self) -> list[RecordingRow]:
        """Return the other rows of these shows that remember a program of one of the recordings."""
        known, pointers = {row.key for row in self._rows}, self._tables.pointers
        return [
            row
            for row in self._tables.notes
            if row.show_id in self._shows
            and row.s3_key
            and row.key not in known
            and not self._recordings.keys().isdisjoint(pointers.of(row))
        ]

    def _claiming(self) -> tuple[dict[str, Session], dict[str, Show]]:
        """Return the sessions and shows that claim the recordings, and those that are asked for beside."""
        claimants, catalog = self._tables.claimants, self._whole.catalog
        names = {name for number, name in claimants.tables.names if number in self._numbers}
        claims = [claim for claim in claimants.tables.claims if claim[0] in names]
        owners = {session for name, session in claimants.tables.owners if name in names}
        sessions = {*self._suspects.sessions, *(claimants.sessions[number] for number in owners)}
        sessions |= {session for key in self._recordings for session in self._on_air(key)}
        own = {session: catalog.sessions[session] for session in sessions}
        shows = {*self._tables.shows.texts({show for _, show, *_ in claims}), *self._shows}
        shows |= {session.show_id for session in own.values() if session.show_id}
        shows |= {row.show_id for row in self._rows}
        return own, {show: catalog.shows[show] for show in shows if show in catalog.shows}

    def _on_air(self, key: RecordingKey) -> Iterator[str]:
        """Yield the sessions that began last on a shared channel before a recording began there."""
        events = self._whole.events.get(key)
        if isinstance(events, Events) and events.started_at:
            for channel in channels_of(self._whole.recordings[key], events):
                turn = self._tables.shared.begun(channel, events.started_at)
                yield from (claim.session_id or "" for claim in (turn.claims if turn else ()))

    def _shared_channels(self, shows: Mapping[str, Show]) -> frozenset[str]:
        """Return the channels of these shows that somebody else names as well, who may not be here."""
        named = {last_part(arn) for show in shows.values() for arn in show.channels}
        return frozenset(named - self._tables.claimants.owned)

    def _programs(self, ledger: Mapping[RecordingKey, LedgerEntry]) -> Iterator[tuple[RowKey, Program]]:
        """Yield the programs that are suspects, lead to the recordings, or are named by a trace."""
        groups = self._whole.catalog.groups
        suspects = self._suspects
        listed = {(key.owner, groups[key].lists) for key in suspects.groups}
        traced = {row.program_id for row in self._rows if row.program_id}
        traced |= {name for entry in ledger.values() for name in entry.programs.values()}
        for (number, *_), program in zip(self._tables.pointed, self._tables.leading, strict=True):
            if number in self._numbers:
                yield program.key, program
        for key, program in self._whole.catalog.programs.items():
            if (
                key in suspects.programs
                or program.object_id in suspects.records
                or program.program_id in traced
                or (program.owner, program.listed_under) in listed
            ):
                yield key, program

    def _copies(self) -> Iterator[tuple[RowKey, Copy]]:
        pointers, suspects = self._tables.pointers, self._suspects.records
        for key, copy in self._whole.catalog.copies.items():
            if copy.object_id in suspects or self._holds(pointers.of(copy)):
                yield key, copy

    def _records(self) -> Iterator[tuple[str, Record]]:
        pointers, suspects = self._tables.pointers, self._suspects.records
        for name, record in self._whole.records.items():
            if name in suspects or (record.url and self._holds(pointers.played_by(record.url))):
                yield name, record

    def _holds(self, keys: frozenset[RecordingKey]) -> bool:
        return any(key in self._recordings for key in keys)

    def _ledger(self) -> Iterator[tuple[RecordingKey, LedgerEntry]]:
        """Yield the entries of the recordings, and of those of their shows that have expired."""
        for key, entry in self._whole.ledger.items():
            if key in self._recordings or (entry.show in self._shows and key not in self._whole.recordings):
                yield key, entry
