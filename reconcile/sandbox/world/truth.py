"""The notebook in which the truth is kept while the actors act, each act noting what it changes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from reconcile.sandbox.world.model import RecordingTruth, RowTruth

Key = tuple[str, str]


@dataclass
class RecordNotes:
    """Who calls for each record of the index, which exist, and whose last writer told all of the row.

    Nothing here looks at a record's fields: `current` is known from the act that wrote it last.
    """

    called_by: defaultdict[str, set[Key]] = field(default_factory=lambda: defaultdict(set))
    existing: set[str] = field(default_factory=set)
    current: set[str] = field(default_factory=set)
    unreadable: set[str] = field(default_factory=set)

    def row_written(self, object_id: str, key: Key) -> None:
        """A row that calls for the record was written or changed: the record is behind until synced."""
        self.called_by[object_id].add(key)
        self.current.discard(object_id)

    def row_deleted(self, object_id: str, key: Key) -> None:
        """A row that called for the record has gone."""
        self.called_by[object_id].discard(key)

    def record_written(self, object_id: str, *, current: bool) -> None:
        """The record was written, from the whole of its row (`current`) or from something else."""
        self.existing.add(object_id)
        if current:
            self.current.add(object_id)
        else:
            self.current.discard(object_id)

    def record_deleted(self, object_id: str) -> None:
        """The record was removed from the index."""
        self.existing.discard(object_id)
        self.current.discard(object_id)

    def cannot_be_read(self, object_id: str) -> None:
        """The row that calls for the record holds what nobody can make sense of."""
        self.unreadable.add(object_id)

    def verdicts(self) -> dict[str, str]:
        """The verdict of every objectID that a row calls for or that exists."""
        called = {object_id for object_id, keys in self.called_by.items() if keys}
        return {object_id: self._verdict(object_id) for object_id in sorted(called | self.existing)}

    def _verdict(self, object_id: str) -> str:
        callers = len(self.called_by.get(object_id, ()))
        if callers and object_id in self.unreadable:
            return "unreadable"
        if callers > 1:
            return "record-contested"
        if callers == 0:
            return "record-orphaned"
        if object_id not in self.existing:
            return "record-missing"
        return "agrees" if object_id in self.current else "record-stale"


@dataclass
class Notebook:
    """The truth so far: recordings by bucket and prefix, sessions by id, and the notes on records and rows.

    `plays`: the objects to which a program's key and address lead; `tied`: the recordings whose program it
    is; `rows`: the shows' recording rows; `stories`: the scene that wrote a row first.
    """

    recordings: dict[Key, RecordingTruth] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    records: RecordNotes = field(default_factory=RecordNotes)
    plays: dict[Key, frozenset[Key]] = field(default_factory=dict)
    tied: defaultdict[Key, set[Key]] = field(default_factory=lambda: defaultdict(set))
    rows: dict[Key, RowTruth] = field(default_factory=dict)
    stories: dict[Key, str] = field(default_factory=dict)
