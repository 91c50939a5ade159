"""The truth about rows as the world ends: recording rows, programs and groups, from notes and rows alone."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from reconcile.sandbox.world.model import ProgramTruth, RecordingTruth, RowTruth, Truth
from reconcile.sandbox.world.truth import Key, Notebook

Row = dict[str, Any]
Rows = Mapping[Key, Row]
Interval = tuple[datetime, datetime]

SETTLE = timedelta(minutes=15)
"""How long the job leaves alone what was changed."""

_TEXTS = (
    "programId", "program_url", "s3Bucket", "s3Key", "groupId", "sourceShowId", "sourceType",
    "sourceRecordingId",
)  # fmt: skip
"""What the job must be able to read of a program."""

_HOLDS_NOTHING = ("other", "failed", "unfinished", "unreadable")


def close(notes: Notebook, rows: Rows, objects: Collection[Key], now: datetime) -> Truth:
    """The truth of a world whose actors have stopped."""
    with_media = {(bucket, key.partition("/media/")[0]) for bucket, key in objects if "/media/" in key}
    return Truth(
        recordings=dict(sorted(notes.recordings.items())),
        sessions=dict(sorted(notes.sessions.items())),
        records=notes.records.verdicts(),
        rows=_RecordingRows(notes, rows, now).truths(),
        programs={
            key: ProgramTruth(program_id(row), _program(key, row, notes, rows, objects, with_media, now))
            for key, row in sorted(rows.items())
            if is_program(key)
        },
        groups=_groups(rows, now),
        stories=dict(sorted((key, story) for key, story in notes.stories.items() if key in rows)),
    )


def is_program(key: Key) -> bool:
    """Whether a row lies among a user's programs."""
    return key[0].startswith("u#") and key[0].endswith("#programs")


def program_id(row: Row) -> str:
    """A program's id; that in its key where the row holds none."""
    told = row.get("programId")
    return told if isinstance(told, str) and told else row["sk"].partition("#")[2] or row["sk"]


def fresh(row: Row, now: datetime) -> bool:
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


def _program(
    key: Key,
    row: Row,
    notes: Notebook,
    rows: Rows,
    objects: Collection[Key],
    with_media: Collection[Key],
    now: datetime,
) -> str:
    tied = notes.tied.get(key, set())
    if not tied and any(row.get(name) is not None and not isinstance(row[name], str) for name in _TEXTS):
        return "unreadable"
    leads_to = notes.plays.get(key, frozenset()) if row.get("program_url") or row.get("s3Key") else ()
    gone = bool(leads_to) and not any(spot in objects for spot in leads_to)
    faults = {
        "media-missing": gone and all(recording in with_media for recording in tied),
        "group-dangling": _group_is_gone(row, rows),
        "index-blind": _is_blind(row, bool(tied)),
    }
    found = next((verdict for verdict, holds in faults.items() if holds), "agrees")
    return "settling" if found != "agrees" and fresh(row, now) else found


def _owner(row: Row) -> str:
    return str(row["pk"]).removeprefix("u#").removesuffix("#programs")


def _group_is_gone(row: Row, rows: Rows) -> bool:
    group_id = row.get("groupId")
    if group_id in (None, "", "Recordings"):
        return False
    return not rows.get((f"u#{_owner(row)}#groups", f"g#{group_id}"), {}).get("groupId")


def _is_blind(row: Row, tied: bool) -> bool:
    group_id = row.get("groupId")
    if tied and group_id in (None, "", "Recordings") and row["sk"].startswith("p#"):
        return False
    listed = [row.get(name) for name in ("GSI1PK", "GSI1SK")]
    if row.get("entityType") != "program" or not all(isinstance(name, str) and name for name in listed):
        return True
    return bool(group_id) and listed[0] != f"u#{_owner(row)}#g#{group_id}"


def _groups(rows: Rows, now: datetime) -> dict[Key, str]:
    held: defaultdict[object, list[Row]] = defaultdict(list)
    for key, row in rows.items():
        if is_program(key):
            held[_owner(row), row.get("GSI1PK")].append(row)
    verdicts = {}
    for (pk, sk), row in sorted(rows.items()):
        if pk.startswith("u#") and pk.endswith("#groups") and sk.startswith("g#"):
            owner = pk.removeprefix("u#").removesuffix("#groups")
            programs = held[owner, f"u#{owner}#g#{sk.removeprefix('g#')}"]
            drifts = row.get("programsCount", 0) != len(programs)
            waits = fresh(row, now) or any(fresh(program, now) for program in programs)
            verdicts[pk, sk] = ("settling" if waits else "count-drift") if drifts else "agrees"
    return verdicts


class _RecordingRows:
    """Tells which recording a show's note is provably of, and whether it says so."""

    def __init__(self, notes: Notebook, rows: Rows, now: datetime) -> None:
        self._notes, self._rows, self._now = notes, rows, now
        self._of_show: defaultdict[str, list[tuple[RecordingTruth, Interval]]] = defaultdict(list)
        for truth in notes.recordings.values():
            if truth.show_id and truth.start and truth.verdict not in _HOLDS_NOTHING:
                self._of_show[truth.show_id].append((truth, (truth.start, truth.end or now)))
        self._programs: defaultdict[Key, list[Key]] = defaultdict(list)
        for key, recordings in notes.tied.items():
            for recording in recordings if key in rows else ():
                self._programs[recording].append(key)
        shown = {key: self._shown(key) for key in rows if key[1].startswith("recording#")}
        self._overlapped = {key: truth for key, truth in shown.items() if truth}
        self._notes_of = Counter((truth.bucket, truth.prefix) for truth in self._overlapped.values())

    def truths(self) -> dict[Key, RowTruth]:
        """The truth of every recording row."""
        keys = (key for key in sorted(self._rows) if key[0].startswith("show#"))
        return {key: self._truth(key) for key in keys if key[1].startswith("recording#")}

    def _shown(self, key: Key) -> RecordingTruth | None:
        start, end = (_time(self._rows[key].get(name)) for name in ("startTime", "endTime"))
        if start is None or end is None:
            return None
        show = key[0].removeprefix("show#")
        held = [truth for truth, time in self._of_show[show] if time[0] < end and time[1] > start]
        return held[0] if len(held) == 1 else None

    def _truth(self, key: Key) -> RowTruth:
        row, recording = self._rows[key], self._overlapped.get(key)
        if recording is None or recording.verdict in ("settling", "in-progress"):
            return RowTruth("agrees")
        spot = (recording.bucket, recording.prefix)
        programs = self._programs[spot]
        producer = self._rows.get((key[0], "info"), {}).get("producerId")
        if self._notes_of[spot] > 1 or len(programs) != 1 or programs[0][0] != f"u#{producer}#programs":
            return RowTruth("agrees")
        program = self._rows[programs[0]]
        named = program_id(program)
        if row.get("status") not in ("recording", "processing") and row.get("programId") == named:
            return RowTruth("agrees", named)
        waits = fresh(row, self._now) or fresh(program, self._now)
        return RowTruth("settling" if waits else "recording-row-stale", named)
