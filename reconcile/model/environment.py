"""What a state table is tied to, and what it remembers about itself."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class RemovedBucket:
    """A bucket that a person took back although programs, rows or ledger entries pointed there.

    `shows` are the shows whose programs may lie there; none means that it may be any show.
    """

    bucket: str
    shows: tuple[str, ...]
    by: str
    reason: str
    at: datetime

    def concerns(self, show_id: str) -> bool:
        """Whether programs of this show may lie there."""
        return not self.shows or show_id in self.shows


@dataclass(frozen=True, slots=True)
class Environment:
    """What the state table belongs to; a name is "" and a bucket absent until a run read that source whole.

    `first_repair` is when repairs were first made with all sources tied, `index_met` since when the search
    index is known to be the table's. `sequence` counts the runs that wrote; `behind` is the higher number
    that a stored report carried when the table was found to be older than that (0: it never was, or a
    person accepted it). `removed_buckets` are those whose removal still makes creations wait.
    """

    stage: str
    table: str
    index: str
    buckets: tuple[str, ...]
    first_repair: datetime | None = None
    last_whole_repair: datetime | None = None
    index_met: datetime | None = None
    sequence: int = 0
    behind: int = 0
    removed_buckets: tuple[RemovedBucket, ...] = ()

    def contradicts(self, other: "Environment") -> bool:
        """Whether both name a stage, a table or an index, and not the same."""
        pairs = ((self.stage, other.stage), (self.table, other.table), (self.index, other.index))
        return any(mine and theirs and mine != theirs for mine, theirs in pairs)

    def is_bound_to(self, other: "Environment") -> bool:
        """Whether everything that another one names is tied."""
        names = (self.stage, self.table, self.index) == (other.stage, other.table, other.index)
        return names and set(other.buckets) <= set(self.buckets)

    def older_than(self, reported: int) -> int:
        """Return the number of a stored report that the table is older than; 0 where it is older than none.

        `reported` is the highest number that the stored reports carry.
        """
        return self.behind or (reported if reported > self.sequence else 0)
