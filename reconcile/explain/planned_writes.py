"""Tells what a repair would write for some findings, or why it would not."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any

from reconcile.collect.stores import Stores
from reconcile.compare.verdicts import Comparison
from reconcile.model.finding import Subject
from reconcile.model.search_record import canonical
from reconcile.model.snapshot import Rules
from reconcile.repair.apply_rows import COUNTED, LINKED
from reconcile.repair.plan import Creation, Mend, Plan, Planned, RecordWrite
from reconcile.repair.plan_rows import Recount, RowLink
from reconcile.repair.program_item import Media, program_item

_LEFT_TO_A_REPAIR = ("createdAt", "updatedAt", "reconcileRunId")


def would_write(
    subjects: Iterable[Subject], comparison: Comparison, plan: Plan, rules: Rules, stores: Stores
) -> Iterator[Mapping[str, Any]]:
    """Yield {"finding", "what", "set", "withheld"} for each write, or {"finding", "what", "why"} if it waits.

    `plan` holds every repair, as if all were approved, and why some are withheld. Raises SourceError.
    """
    wanted = {j.id for subject in subjects if (j := comparison.judged.get(subject))}
    for planned in plan.repairs:
        if planned.finding in wanted:
            withheld = plan.withheld.get(planned.finding, "")
            yield {
                "finding": planned.finding,
                **_described(planned, rules, stores),
                "withheld": withheld,
            }
    for finding, why in plan.waiting.items():
        if finding in wanted:
            yield {"finding": finding, "what": "nothing yet", "why": why}


def _described(planned: Planned, rules: Rules, stores: Stores) -> Mapping[str, Any]:
    if isinstance(planned, Creation):
        # Sizes and a thumbnail are looked for when it is made.
        item = program_item(planned, Media(None, None), rules.media, "", rules.now)
        left = ("program_image", *_LEFT_TO_A_REPAIR)
        return {"what": "program created", "set": {n: v for n, v in item.items() if n not in left}}
    if isinstance(planned, Mend):
        key = {"pk": planned.program.pk, "sk": planned.program.sk}
        return {"what": "program mended", "set": {**key, **planned.set_to}}
    if isinstance(planned, RecordWrite):
        image = stores.rows.rows([planned.row]).get(planned.row)
        return {"what": "record written", "set": canonical(image) if image else {}}
    if isinstance(planned, RowLink):
        return {"what": LINKED, "set": {"pk": planned.row.pk, "sk": planned.row.sk, **planned.set_to}}
    if isinstance(planned, Recount):
        pk, sk = planned.group.key
        return {"what": COUNTED, "set": {"pk": pk, "sk": sk, "programsCount": "as many as it has by then"}}
    told = {one.name: getattr(planned, one.name) for one in fields(planned) if one.name != "finding"}
    return {"what": type(planned).__name__, "set": {name: str(value) for name, value in told.items()}}
