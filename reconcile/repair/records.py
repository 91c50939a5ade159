"""Writes search records from their rows, many at a time, and follows each row that changes meanwhile."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from reconcile.model.errors import Denied, LeaseLost, SourceError
from reconcile.model.record import Image, canonical
from reconcile.model.run import Repair
from reconcile.repair.hands import Hands, failed
from reconcile.stores.ports import RowKey

WRITTEN, TAKEN_BACK = "record written", "record taken back"
TOGETHER = 100
"""How many are written at once: the index takes more, but what was made should not wait long to be found."""

_TRIES = 5
_FAILURES_IN_A_ROW = 3


@dataclass(frozen=True, slots=True)
class Owed:
    """A search record that is to be written from its row."""

    finding: str
    row: RowKey


def write_records(owed: Iterable[Owed], hands: Hands) -> list[Repair]:
    """Write the records that rows are owed and tell what became of each; raises nothing.

    Where many together fail, each is tried alone: one that the index refuses must not cost the others theirs.
    """
    findings: defaultdict[RowKey, list[str]] = defaultdict(list)
    for one in owed:
        findings[one.row].append(one.finding)
    return [
        replace(repair, finding=finding)
        for row, repair in _each(list(findings), hands)
        for finding in findings[row]
    ]


def _each(rows: Sequence[RowKey], hands: Hands) -> Iterator[tuple[RowKey, Repair]]:
    told = set[RowKey]()
    try:
        for row, repair in _written(rows, hands):
            told.add(row)
            yield row, repair
    except (LeaseLost, SourceError) as error:
        left = [row for row in rows if row not in told]
        if len(left) > 1 and not isinstance(error, Denied | LeaseLost):
            yield from _one_by_one(left, hands)
            return
        for row in left:
            yield row, failed("", str(error), denied=isinstance(error, Denied))


def _one_by_one(rows: Iterable[RowKey], hands: Hands) -> Iterator[tuple[RowKey, Repair]]:
    failures = 0
    for row in rows:
        if failures >= _FAILURES_IN_A_ROW:
            yield row, failed("", "the index took none of the records before it: it was not tried")
            continue
        for _, repair in _each([row], hands):
            failures = failures + 1 if repair.outcome in ("failed", "denied") else 0
            yield row, repair


def _written(rows: Sequence[RowKey], hands: Hands) -> Iterator[tuple[RowKey, Repair]]:
    pending = _called_for(hands.rows.rows(rows)) if rows else {}
    for row in rows:
        if row not in pending:
            yield row, _nothing(row)
    names = [str(record["objectID"]) for record in pending.values()]
    before = hands.records.records(names) if names else {}
    for _ in range(_TRIES):
        if not pending:
            return
        _write(pending, before, hands)
        standing = _called_for(hands.rows.rows(list(pending)))
        for row, record in list(pending.items()):
            if row in standing and standing[row] != record:
                pending[row] = standing[row]
                continue
            del pending[row]
            if row in standing:
                yield row, _made(row, before.get(str(record["objectID"]), {}), record)
            else:
                yield row, _taken_back(row, record, hands)
    for row in pending:
        yield row, failed("", "its row changes faster than its record can be written")


def _called_for(images: Mapping[RowKey, Image]) -> dict[RowKey, dict[str, Any]]:
    return {row: canonical(image) for row, image in images.items() if "S" in image.get("programId", {})}


def _write(
    pending: Mapping[RowKey, Mapping[str, Any]], before: Mapping[str, Mapping[str, Any]], hands: Hands
) -> None:
    hands.check_lease()
    for record in pending.values():
        name = str(record["objectID"])
        hands.state.enter(hands.entry(WRITTEN, {"objectID": name}, before.get(name, {}), record))
    hands.records_writer.write(list(pending.values()))


def _taken_back(row: RowKey, record: Mapping[str, Any], hands: Hands) -> Repair:
    name = str(record["objectID"])
    target = {"pk": row[0], "sk": row[1], "objectID": name}
    hands.state.enter(hands.entry(TAKEN_BACK, target, record, {}))
    hands.records_writer.remove(name)
    note = "its row went while it was written"
    return Repair(TAKEN_BACK, "", target, record, {}, "made", verified=False, note=note)


def _made(row: RowKey, before: Mapping[str, Any], record: Mapping[str, Any]) -> Repair:
    target = {"objectID": str(record["objectID"]), "pk": row[0], "sk": row[1]}
    return Repair(WRITTEN, "", target, before, record, "made", verified=False)


def _nothing(row: RowKey) -> Repair:
    target = {"pk": row[0], "sk": row[1]}
    return Repair("nothing", "", target, {}, {}, "refused", verified=False, note="its row has gone")
