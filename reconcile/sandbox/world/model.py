"""What a world is: the contents of the three stores, and the truth about every subject in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One object of a bucket, with the LastModified that S3 would tell.

    `storage_class`, `restore` and `archive_status` are what a HEAD request tells of it ("": no such header).
    """

    bucket: str
    key: str
    body: bytes
    modified: datetime
    storage_class: str = ""
    restore: str = ""
    archive_status: str = ""

    @property
    def archived(self) -> bool:
        """Whether it lies in an archive, so that nobody can read it."""
        shelved = self.storage_class in ("GLACIER", "DEEP_ARCHIVE") and '"false"' not in self.restore
        return shelved or bool(self.archive_status)

    @property
    def headers(self) -> Mapping[str, str]:
        """Return what a HEAD request tells, where it is not of the standard class."""
        lines = {
            "StorageClass": self.storage_class,
            "Restore": self.restore,
            "ArchiveStatus": self.archive_status,
        }
        return {name: value for name, value in lines.items() if value}


@dataclass(frozen=True, slots=True)
class RecordingTruth:
    """What a recording truly is, and what the job owes it.

    `verdict` holds without a window, with every source read whole, before any repair, with an empty memory.
    `show_id` and `owner` are None where nothing in the stores can tell them.
    `wanted`: a complete, approved repair ends with exactly one program for it, made by the job.
    `mended`: a complete, approved repair mends its program.
    `deleted_without_trace`: its owner deleted its program and no store remembers, so that it looks (and is
    judged, and is made again) like one that never had a program.
    """

    bucket: str
    prefix: str
    verdict: str
    last_event: datetime | None
    has_program: bool
    show_id: str | None
    owner: str | None
    program_ids: tuple[str, ...]
    start: datetime | None
    end: datetime | None
    wanted: bool
    mended: bool
    deleted_without_trace: bool = False
    story: str = ""

    def under(self, window_start: datetime | None) -> str:
        """The verdict of a run that judges recordings without a program from `window_start` on only."""
        if window_start is None or self.verdict == "other":
            return self.verdict
        if self.last_event is None:
            return "agrees" if self.has_program else "outside-window"
        if not self.has_program and self.last_event < window_start:
            return "outside-window"
        return self.verdict


@dataclass(frozen=True, slots=True)
class ProgramTruth:
    """What a program's row truly is, apart from the recording that it may show.

    `told_by`: it points at nothing, and these recordings' verdicts tell of it where they are judged.
    """

    program_id: str
    verdict: str
    told_by: tuple[tuple[str, str], ...] = ()

    def under(
        self, window_start: datetime | None, recordings: Mapping[tuple[str, str], RecordingTruth]
    ) -> str:
        """The verdict of a run that judges recordings without a program from `window_start` on only."""
        telling = (recordings[key].under(window_start) for key in self.told_by)
        if not self.told_by or any(verdict != "outside-window" for verdict in telling):
            return self.verdict
        return "url-missing"


@dataclass(frozen=True, slots=True)
class RowTruth:
    """What a show's recording row truly is, and the id of the program that it is of, if anything can tell.

    A stale row without such an id is only reported: nobody but its owner knows what it is of.
    """

    verdict: str
    program_id: str | None = None


ItemKey = tuple[str, str]
"""Partition and sort key of a row."""


@dataclass(frozen=True, slots=True)
class Truth:
    """The verdict of every subject.

    Recordings by bucket and prefix, sessions by id, records by objectID; rows of recordings, programs and
    groups by the key of their row, and `stories`, the scene that wrote each row first.
    """

    recordings: Mapping[tuple[str, str], RecordingTruth]
    sessions: Mapping[str, str]
    records: Mapping[str, str]
    rows: Mapping[ItemKey, RowTruth] = field(default_factory=dict)
    programs: Mapping[ItemKey, ProgramTruth] = field(default_factory=dict)
    groups: Mapping[ItemKey, str] = field(default_factory=dict)
    stories: Mapping[ItemKey, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class World:
    """The stores as they stand at `now`: objects, table items in DynamoDB's JSON, records of the index.

    IVS records into `buckets`; `media_buckets` hold what clients upload, and can only be read.
    """

    seed: int
    now: datetime
    buckets: tuple[str, ...]
    table: str
    index: str
    playback_domain: str
    old_domains: tuple[str, ...]
    objects: tuple[StoredObject, ...]
    items: tuple[dict[str, Any], ...]
    records: tuple[dict[str, Any], ...]
    truth: Truth
    media_buckets: tuple[str, ...] = ()
