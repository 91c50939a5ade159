"""Lists what a repair would write for some findings, or why it would not."""

from collections.abc import Iterable, Iterator
from typing import NotRequired, TypedDict

from reconcile.collect.stores import Stores
from reconcile.compare.verdicts import Comparison
from reconcile.model.catalog import RowKey
from reconcile.model.documents import Attributes
from reconcile.model.finding import Subject
from reconcile.model.search_record import Image
from reconcile.model.snapshot import Rules
from reconcile.repair.planned import Plan


class PlannedWrite(TypedDict):
    """A write that a repair would make for a finding, or `why` there is none yet.

    `set` holds the attributes that it would set, and `withheld` why it needs approval ("": it does not).
    """

    finding: str
    what: str
    set: NotRequired[Attributes]
    withheld: NotRequired[str]
    why: NotRequired[str]


def would_write(
    subjects: Iterable[Subject], comparison: Comparison, plan: Plan, rules: Rules, stores: Stores
) -> Iterator[PlannedWrite]:
    """Yield each write, and each finding whose repair waits.

    `plan` holds every repair, as if all were approved, and why some are withheld. Raises SourceError.
    """

    def read(key: RowKey) -> Image | None:
        return stores.rows.rows([key]).get(key)

    ids = {j.id for subject in subjects if (j := comparison.judged.get(subject))}
    for planned in plan.repairs:
        if planned.finding in ids:
            described = plan.kind_of(planned).describe(planned, rules, read)
            yield {
                "finding": planned.finding,
                "what": described.what,
                "set": described.sets,
                "withheld": plan.withheld.get(planned.finding, ""),
            }
    for finding, why in plan.waiting.items():
        if finding in ids:
            yield {"finding": finding, "what": "nothing yet", "why": why}
