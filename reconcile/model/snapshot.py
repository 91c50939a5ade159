"""Everything that was read of the three stores and of the job's own memory, as one value."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from reconcile.model.catalog import Catalog, Show
from reconcile.model.configuration import Configuration
from reconcile.model.documents import Attributes
from reconcile.model.facts import FactFiles, Remembered
from reconcile.model.finding import Subject
from reconcile.model.media import MediaMap, ObjectAddress
from reconcile.model.recording import Events, Recording, RecordingKey, Unreadable
from reconcile.model.run import Receipt
from reconcile.model.search_record import Record
from reconcile.model.sighting import Archived, Reply, Sighting


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """What the job remembers of a recording: by owner, the program last seen or made for it.

    `restored` is the mark of the decision under which its program was made again ("": none). `how` is `told`
    where nobody saw the program, but a trace of it, and `undone` where the job took back the one that it had
    made: it makes it again only once that is approved. Once the program is known to be gone, `show`,
    `session`, `start` and `end` say what time of which show it covers, also when the recording has expired.
    `to_move` says that it lies where earlier versions kept it, until it is next written.
    """

    key: RecordingKey
    programs: Mapping[str, str]
    how: Literal["seen", "made", "restored", "told", "undone"]
    restored: str = ""
    show: str = ""
    session: str = ""
    start: datetime | None = None
    end: datetime | None = None
    to_move: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Assignment:
    """Whose broadcast a recording is, as a person decided; `group_id` None means the show's own group.

    `decided_by` says who decided, and why.
    """

    show_id: str
    group_id: str | None = None
    decided_by: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a run knows. `manifests` says of each one looked at why it does not play ("" = it plays).

    `archived` names what lies in an archive of those that do not play for that. `failures` names the subjects
    whose evidence could not be read, and why; `unconfirmed` those for which it could not be read again, and
    `unread_manifests` the recordings of which it is not known whether they play, neither of which says
    anything of others by itself. `differing` holds the field differences of the records that were looked at
    closely. `media` holds the objects that were looked for, and `replies` of the playback URLs that were
    asked. `configuration` is how the live system is set up; None where nobody looked. `facts` are the files
    of what earlier runs read (None: nothing keeps it), and `remembered` what of them still holds and may
    yet be of use; `events_read` are the recordings whose events this run read itself.
    """

    recordings: Mapping[RecordingKey, Recording] = field(default_factory=dict)
    catalog: Catalog = field(default_factory=Catalog)
    records: Mapping[str, Record] = field(default_factory=dict)
    ledger: Mapping[RecordingKey, LedgerEntry] = field(default_factory=dict)
    receipts: tuple[Receipt, ...] = ()
    events: Mapping[RecordingKey, Events | Unreadable] = field(default_factory=dict)
    manifests: Mapping[RecordingKey, str] = field(default_factory=dict)
    archived: Mapping[RecordingKey, Archived] = field(default_factory=dict)
    failures: Mapping[Subject, str] = field(default_factory=dict)
    unconfirmed: Mapping[Subject, str] = field(default_factory=dict)
    unread_manifests: Mapping[RecordingKey, str] = field(default_factory=dict)
    differing: Mapping[str, Attributes] = field(default_factory=dict)
    media: Mapping[ObjectAddress, Sighting] = field(default_factory=dict)
    replies: Mapping[str, Reply] = field(default_factory=dict)
    facts: FactFiles | None = None
    remembered: Remembered = field(default_factory=Remembered)
    events_read: Set[RecordingKey] = frozenset()
    configuration: Configuration | None = None

    @property
    def buckets(self) -> frozenset[str]:
        """The buckets that IVS records into."""
        sources = (receipt.source.partition(":") for receipt in self.receipts)
        return frozenset(name for kind, _, name in sources if kind == "s3")

    def is_remembered(self, key: RecordingKey) -> bool:
        """Whether an earlier run read the events of a recording, and not this one."""
        return key in self.events and key not in self.events_read

    def why_unread(self, subject: Subject) -> str:
        """Say why a subject's own evidence could not be read; "" where it could."""
        return self.failures.get(subject, "") or self.unconfirmed.get(subject, "")

    @property
    def not_compared(self) -> frozenset[str]:
        """The fields of search records that the index hides, so that nobody can say that they agree."""
        return frozenset(name for receipt in self.receipts for name in receipt.not_compared)

    @property
    def table_as_of(self) -> datetime | None:
        """The moment as of which the table was exported; None where it was scanned."""
        moments = (receipt.as_of for receipt in self.receipts if receipt.source.startswith("dynamodb:"))
        return next(moments, None)

    def doubts(self, *kinds: str) -> str:
        """Return why sources of these kinds are not trusted; "" if they are.

        Kinds are `s3`, `dynamodb`, `algolia`, and what was looked for one by one: `media`, `playback`.
        """
        return "; ".join(
            f"{receipt.source}: {receipt.why or receipt.doubt}"
            for receipt in self.receipts
            if receipt.source.split(":")[0] in kinds and not receipt.trusted
        )


@dataclass(frozen=True, slots=True)
class Rules:
    """What judging depends on besides the snapshot.

    `window_start` None judges everything. `unresolved` are the recordings that an earlier run left open
    or waiting: they are judged again whatever their age. `assigned` and `restored` are what people decided:
    whose broadcast a recording is, and (by the decision's mark) that it wants its program again.
    `undecided` are the subjects that the last run did not check, and since when: they are looked at first.
    `table_as_of` is the moment as of which the table was exported (None: it was scanned now): what was
    recorded after it waits, for its rows may have been written since.
    `media_findings` are the programs whose media an earlier run found missing or archived.
    """

    now: datetime
    media: MediaMap
    settle: timedelta = timedelta(minutes=15)
    window_start: datetime | None = None
    unresolved: frozenset[RecordingKey] = frozenset()
    assigned: Mapping[RecordingKey, Assignment] = field(default_factory=dict)
    restored: Mapping[RecordingKey, str] = field(default_factory=dict)
    undecided: Mapping[Subject, datetime] = field(default_factory=dict)
    table_as_of: datetime | None = None
    media_findings: frozenset[Subject] = frozenset()

    @property
    def settled_before(self) -> datetime:
        """The moment before which recordings ended whose rows have all been written, and read."""
        return min(self.table_as_of or self.now, self.now) - self.settle

    @property
    def decided(self) -> frozenset[RecordingKey]:
        """The recordings on which a person decided."""
        return frozenset(self.assigned) | frozenset(self.restored)

    def group_id(self, key: RecordingKey, show: Show | None) -> str | None:
        """Return the group to file a recording's program in: as a person decided, else its show's own."""
        assignment = self.assigned.get(key)
        if assignment and assignment.group_id:
            return assignment.group_id
        return show.group_id if show else None
