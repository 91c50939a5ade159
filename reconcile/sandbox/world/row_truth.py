"""The truth about rows as the world ends: of programs and groups, from notes and rows alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from reconcile.sandbox.world.model import ProgramTruth, StoredObject, Truth
from reconcile.sandbox.world.truth import Key, Notebook

Item = dict[str, Any]
Items = Mapping[Key, Item]
Objects = Mapping[Key, StoredObject]

SETTLE = timedelta(minutes=15)
"""How long the job leaves alone what was changed."""

_TEXTS = (
    "programId", "program_url", "s3Bucket", "s3Key", "groupId", "sourceShowId", "sourceType",
    "sourceRecordingId",
)  # fmt: skip
"""What the job must be able to read of a program."""


def close(notes: Notebook, rows: Items, objects: Objects, now: datetime) -> Truth:
    """The truth of a world whose actors have stopped."""
    programs = _Programs(notes, rows, objects, now)
    return Truth(
        recordings=dict(sorted(notes.recordings.items())),
        sessions=dict(sorted(notes.sessions.items())),
        records=notes.records.verdicts(),
        rows=dict(sorted((key, truth) for key, truth in notes.rows.items() if key in rows)),
        programs={key: programs.truth(key, row) for key, row in sorted(rows.items()) if is_program(key)},
        groups=_groups(rows, now),
        stories=dict(sorted((key, story) for key, story in notes.stories.items() if key in rows)),
    )


def is_program(key: Key) -> bool:
    """Whether a row lies among a user's programs."""
    return key[0].startswith("u#") and key[0].endswith("#programs")


def program_id(row: Item) -> str:
    """A program's id; that in its key where the row holds none."""
    value = row.get("programId")
    return value if isinstance(value, str) and value else row["sk"].partition("#")[2] or row["sk"]


def fresh(row: Item, now: datetime) -> bool:
    """Whether the row says that it was changed within the settle time."""
    changed = _time(row.get("updatedAt"))
    return changed is not None and abs(now - changed) < SETTLE


def _time(text: object) -> datetime | None:
    if not isinstance(text, str):
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


class _Programs:
    """Tells what is wrong with programs, by what their rows hold and the actors did to their media."""

    def __init__(self, notes: Notebook, rows: Items, objects: Objects, now: datetime) -> None:
        self._notes, self._rows, self._objects, self._now = notes, rows, objects, now
        self._media: defaultdict[Key, list[StoredObject]] = defaultdict(list)
        for (bucket, key), stored in objects.items():
            if "/media/" in key:
                self._media[bucket, key.partition("/media/")[0]].append(stored)

    def truth(self, key: Key, row: Item) -> ProgramTruth:
        """The truth of one row."""
        tied = self._notes.tied.get(key, set())
        if not tied and any(row.get(name) is not None and not isinstance(row[name], str) for name in _TEXTS):
            return ProgramTruth(program_id(row), "unreadable")
        pointing = bool(row.get("program_url") or row.get("s3Key"))
        nothing = not pointing and not row.get("mediaFiles")
        told_by = self._told_by(row) if nothing and not tied else ()
        leads_to = self._notes.plays.get(key, frozenset()) if pointing else ()
        states = {self._state(spot) for spot in leads_to}
        lost = bool(states) and "there" not in states
        faults = {
            "url-missing": nothing and not tied and not told_by,
            "media-missing": states == {"gone"} and all(self._media[recording] for recording in tied),
            "media-archived": lost and "archived" in states,
            "group-dangling": _group_is_gone(row, self._rows),
            "index-blind": _is_blind(row, bool(tied)),
        }
        first = next((verdict for verdict, holds in faults.items() if holds), "agrees")
        if first != "agrees" and fresh(row, self._now):
            return ProgramTruth(program_id(row), "settling")
        return ProgramTruth(program_id(row), first, told_by)

    def _told_by(self, row: Item) -> tuple[Key, ...]:
        """The recordings of its show that it may belong to, which nothing decides: they are `ambiguous`."""
        if row.get("sourceType") not in ("ivs-recording", "recording-export"):
            return ()
        show, made = row.get("sourceShowId"), _time(row.get("createdAt"))
        notes = ((key, note) for key, note in self._notes.recordings.items() if note.show_id == show)
        ambiguous = ((key, note.start) for key, note in notes if note.verdict == "ambiguous")
        return tuple(sorted(key for key, start in ambiguous if not (start and made) or start <= made))

    def _state(self, spot: Key) -> str:
        """Whether a player gets what lies there, all segments included."""
        stored = self._objects.get(spot)
        if stored is None or not stored.body:
            return "gone"
        bucket, key = spot
        segments = [
            stored for stored in self._media.get((bucket, key.partition("/media/")[0]), ()) if _plays(stored)
        ]
        if stored.archived or any(segment.archived for segment in segments):
            return "archived"
        return "there" if all(segment.body for segment in segments) else "gone"


def _plays(stored: StoredObject) -> bool:
    return stored.key.endswith((".ts", ".mp4"))


def _owner(row: Item) -> str:
    return str(row["pk"]).removeprefix("u#").removesuffix("#programs")


def _group_is_gone(row: Item, rows: Items) -> bool:
    group_id = row.get("groupId")
    if group_id in (None, "", "Recordings"):
        return False
    return not rows.get((f"u#{_owner(row)}#groups", f"g#{group_id}"), {}).get("groupId")


def _is_blind(row: Item, tied: bool) -> bool:
    group_id = row.get("groupId")
    if tied and group_id in (None, "", "Recordings") and row["sk"].startswith("p#"):
        return False
    listed = [row.get(name) for name in ("GSI1PK", "GSI1SK")]
    if row.get("entityType") != "program" or not all(isinstance(name, str) and name for name in listed):
        return True
    return bool(group_id) and listed[0] != f"u#{_owner(row)}#g#{group_id}"


def _groups(rows: Items, now: datetime) -> dict[Key, str]:
    members: defaultdict[object, list[Item]] = defaultdict(list)
    for key, row in rows.items():
        if is_program(key):
            members[_owner(row), row.get("GSI1PK")].append(row)
    verdicts = {}
    for (pk, sk), row in sorted(rows.items()):
        if pk.startswith("u#") and pk.endswith("#groups") and sk.startswith("g#"):
            owner = pk.removeprefix("u#").removesuffix("#groups")
            programs = members[owner, f"u#{owner}#g#{sk.removeprefix('g#')}"]
            drifts = row.get("programsCount", 0) != len(programs)
            waits = fresh(row, now) or any(fresh(program, now) for program in programs)
            verdicts[pk, sk] = ("settling" if waits else "count-drift") if drifts else "agrees"
    return verdicts
