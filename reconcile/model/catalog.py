"""The rows of the application's table that the job reads, one dataclass for each kind of row."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from reconcile.model.clock import Interval
from reconcile.model.media import names_nothing


class RowKey(NamedTuple):
    """The identity of a row of the application's table: its partition key and its sort key."""

    pk: str
    sk: str


class GroupKey(NamedTuple):
    """The identity of a producer's group: the producer's user id and the group's id."""

    owner: str
    group_id: str

    @property
    def row(self) -> RowKey:
        """The key of the group's row."""
        return RowKey(f"u#{self.owner}#groups", f"g#{self.group_id}")


def session_key(session_id: str) -> RowKey:
    """Return the key of a session's row."""
    return RowKey(f"session#{session_id}", "info")


def show_key(show_id: str) -> RowKey:
    """Return the key of a show's row."""
    return RowKey(f"show#{show_id}", "info")


@dataclass(frozen=True, slots=True)
class Session:
    """A live session; ARNs as stored, times in UTC.

    `further_compositions` are those that it names beside `composition_arn`. `channels` are all that it names,
    those included that are no evidence of ownership.
    """

    session_id: str
    show_id: str | None
    status: str | None
    created_at: datetime | None
    updated_at: datetime | None
    own_ivs_stages: tuple[str, ...] = ()
    shared_ivs_stages: tuple[str, ...] = ()
    composition_arn: str | None = None
    further_compositions: tuple[str, ...] = ()
    own_channels: tuple[str, ...] = ()
    shared_channels: tuple[str, ...] = ()
    unreadable: str | None = None
    channels: tuple[str, ...] = ()

    @property
    def compositions(self) -> tuple[str, ...]:
        """All that it names; most sessions have the one, which is not held twice."""
        own = (self.composition_arn,) if self.composition_arn else ()
        return (*own, *self.further_compositions)

    @property
    def ended(self) -> bool:
        """Whether a person or the system has closed it."""
        return self.status in ("ENDED", "COMPLETED")


@dataclass(frozen=True, slots=True)
class Show:
    """A show; without a producer it is a ghost that an unconditional update left behind.

    `channels` are the ARNs of those that it names: its own once, or one that all shows share.
    """

    show_id: str
    producer_id: str | None
    group_id: str | None
    title: str | None
    stage_arn: str | None = None
    composition_arn: str | None = None
    unreadable: str | None = None
    channels: tuple[str, ...] = ()
    created_at: datetime | None = None


def index_key_of(owner: str, group_id: str) -> str:
    """Return the key (GSI1PK) under which the table's index lists a group's programs."""
    return f"u#{owner}#g#{group_id}"


@dataclass(frozen=True, slots=True)
class Group:
    """A producer's group; `real` is false for a phantom that only a counter made.

    `count` is the number of programs that it shows (absent: 0; None: the value is no number), and
    `counted` whether it shows one at all.
    """

    owner: str
    group_id: str
    real: bool
    count: int | float | None = 0
    counted: bool = True
    updated_at: datetime | None = None
    name: str | None = None

    @property
    def identity(self) -> GroupKey:
        """Whose it is, and which."""
        return GroupKey(self.owner, self.group_id)

    @property
    def key(self) -> RowKey:
        """The key of its row."""
        return self.identity.row

    @property
    def lists(self) -> str:
        """The key under which the index lists its programs."""
        return index_key_of(self.owner, self.group_id)

    @property
    def countable(self) -> bool:
        """Whether its count is a number, or absent, so that it can be added to."""
        return self.count is not None


@dataclass(frozen=True, slots=True)
class Program:
    """A row of a user's program partition.

    `object_id` is the search record it calls for (None: it calls for none), `digest` that record's digest.
    `media_elsewhere`: it has media other than `url` and `s3_key`. `unreadable` says what could not be read.
    `duration` is in seconds, as the row has it; `dated_at` is the date that it shows; `made_by_run` names
    the run of this job that made the row.
    The keys of the table's indexes are `entity_type`, `listed_under` (GSI1PK) and `listed_as` (GSI1SK).
    """

    pk: str
    sk: str
    owner: str
    program_id: str
    object_id: str | None
    digest: int
    url: str | None
    s3_bucket: str | None
    s3_key: str | None
    media_elsewhere: bool
    group_id: str | None
    source_show: str | None
    source_type: str | None
    source_recording: str | None
    updated_at: datetime | None
    unreadable: str | None = None
    entity_type: str | None = None
    listed_under: str | None = None
    listed_as: str | None = None
    title: str | None = None
    created_at: datetime | None = None
    duration: int | float | None = None
    made_by_run: str | None = None
    dated_at: datetime | None = None
    key: RowKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Make its key once: a run asks for it over and over."""
        object.__setattr__(self, "key", RowKey(self.pk, self.sk))

    @property
    def without_media(self) -> bool:
        """Whether it points at no media at all; a URL that names nothing points nowhere either."""
        return not (self.s3_key or self.media_elsewhere) and names_nothing(self.url)


@dataclass(frozen=True, slots=True)
class Copy:
    """A network's, playlist's or tracklist's copy of a program: it shows that the program once existed."""

    pk: str
    sk: str
    program_id: str | None
    object_id: str | None
    digest: int
    url: str | None
    s3_bucket: str | None
    s3_key: str | None
    owner: str | None
    updated_at: datetime | None
    unreadable: str | None = None
    key: RowKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Make its key once: a run asks for it over and over."""
        object.__setattr__(self, "key", RowKey(self.pk, self.sk))


@dataclass(frozen=True, slots=True)
class RecordingRow:
    """A show's own note that it was recorded; clients and two functions write it, none of them reliably."""

    pk: str
    sk: str
    show_id: str
    recording_id: str | None
    start: datetime | None
    end: datetime | None
    s3_bucket: str | None
    s3_key: str | None
    program_id: str | None
    status: str | None
    updated_at: datetime | None = None
    channel_arn: str | None = None
    key: RowKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Make its key once: a run asks for it over and over."""
        object.__setattr__(self, "key", RowKey(self.pk, self.sk))

    @property
    def time(self) -> Interval | None:
        """When it says that the recording took place; None unless it gives both times."""
        return Interval(self.start, self.end) if self.start and self.end else None


@dataclass(frozen=True, slots=True)
class Catalog:
    """All rows that matter, by their identity; `others` counts the rows that are no subject of any judge.

    `lent_channels` are the ARNs of the channels that are kept for hosts, or assigned to one.
    """

    sessions: dict[str, Session] = field(default_factory=dict)
    shows: dict[str, Show] = field(default_factory=dict)
    groups: dict[GroupKey, Group] = field(default_factory=dict)
    programs: dict[RowKey, Program] = field(default_factory=dict)
    copies: dict[RowKey, Copy] = field(default_factory=dict)
    rows: dict[RowKey, RecordingRow] = field(default_factory=dict)
    networks: frozenset[str] = frozenset()
    others: int = 0
    lent_channels: frozenset[str] = frozenset()
