"""Says why repairs need approval: what the state table cannot confirm."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from reconcile.compare.records import calls_by_object
from reconcile.model.environment import Environment, RemovedBucket
from reconcile.model.snapshot import Snapshot

NEVER_MET = (
    "the index has never held a record of this table: it may be another stage's, or empty for a reason; "
    "approving once confirms that it is the right one"
)
"""Why writes to the index need approval; one approved run ends that."""

_EARLY = "recorded before the first repair run, so a lost program cannot be told from a deleted one"


@dataclass(frozen=True, slots=True)
class Guards:
    """What the state table can confirm.

    `index_met` says that search index and table were seen to belong together, `behind` is the number of a
    stored report that the state table is older than (0: of none), and `removed_buckets` are those that a
    person removed although things pointed there.
    """

    index_met: bool = True
    behind: int = 0
    removed_buckets: tuple[RemovedBucket, ...] = ()

    @classmethod
    def of(cls, environment: Environment, reported: int) -> "Guards":
        """Return what an environment confirms, compared with the highest number of a stored report."""
        behind = environment.older_than(reported)
        return cls(environment.index_met is not None, behind, environment.removed_buckets)

    def on_records(self) -> Iterator[str]:
        """Yield why the writing of a search record waits."""
        if not self.index_met:
            yield NEVER_MET

    def on_creation(
        self, show_id: str, ended: datetime | None, first_repair: datetime | None, *, decided: bool
    ) -> Iterator[str]:
        """Yield why the creation of a program waits; `decided`: a person asked for just this program."""
        if not decided:
            yield from self.on_records()
        if self.behind:
            yield (
                f"the state table is older than an archived report, which has the number {self.behind}: "
                "it may have forgotten what owners deleted; if it is right, run reconcile state --accept"
            )
        bucket = next((entry for entry in self.removed_buckets if entry.concerns(show_id)), None)
        if bucket:
            yield (
                f"the bucket {bucket.bucket} was removed while something of this show pointed there "
                f"({bucket.by}: {bucket.reason}); reconcile state --accept lets creations continue"
            )
        if not decided and (first_repair is None or ended is None or ended < first_repair):
            yield _EARLY


def index_meets_table(snapshot: Snapshot) -> bool:
    """Whether a search record stands under an objectID that a row of the table calls for.

    A program that the job made does not count: the job itself may have written its record there.
    """
    own = {
        program_id
        for entry in snapshot.ledger.values()
        if entry.how in ("made", "restored")
        for program_id in entry.programs.values()
    }
    return not snapshot.records.keys().isdisjoint(calls_by_object(snapshot).keys() - own)
