"""Writes search records from their rows, many at a time, and follows each row that changes meanwhile."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from reconcile.model.catalog import RowKey
from reconcile.model.documents import Attributes
from reconcile.model.errors import Denied, LeaseLost, OutOfTime, Refused, SourceError
from reconcile.model.journal import RECORD_TAKEN_BACK, RECORD_WRITTEN, RecordWritten
from reconcile.model.run import Repair
from reconcile.model.search_record import Image, canonical
from reconcile.repair.circuit_breaker import NotTried
from reconcile.repair.writing import RepairPorts, failed, faulty
from reconcile.stores.write_ports import Indexing

TOGETHER = 100
"""How many are written at once: the index takes more, but what was made should not wait long to be found."""

_TRIES = 5
_INDEXING = "writing to the index"


@dataclass(frozen=True, slots=True)
class Owed:
    """A search record that is to be written from its row."""

    finding: str
    row: RowKey


Orders = Mapping[RowKey, tuple[str, ...]]
"""The rows whose records are written, and the findings that each is written for."""


def write_records(owed: Iterable[Owed], ports: RepairPorts) -> list[Repair]:
    """Write the missing and stale records of rows, and return the outcome of each; raises nothing.

    One that the index refuses must not cost the others theirs.
    """
    findings: defaultdict[RowKey, list[str]] = defaultdict(list)
    for order in owed:
        findings[order.row].append(order.finding)
    orders = {row: tuple(names) for row, names in findings.items()}
    return [
        replace(repair, finding=finding) for row, repair in _each(orders, ports) for finding in orders[row]
    ]


def _each(orders: Orders, ports: RepairPorts) -> Iterator[tuple[RowKey, Repair]]:
    reported = set[RowKey]()
    try:
        for row, repair in _written(orders, ports):
            reported.add(row)
            yield row, repair
    except LeaseLost as error:
        yield from ((row, failed("", str(error))) for row in orders if row not in reported)
    except SourceError as error:
        yield from _after(error, {row: names for row, names in orders.items() if row not in reported}, ports)


def _after(error: SourceError, remaining: Orders, ports: RepairPorts) -> Iterator[tuple[RowKey, Repair]]:
    """Continue after a batch of records failed.

    A refusal is of one of them and says nothing of the others, so each half is tried. After a fault each is
    tried alone, until the store has failed too often.
    """
    if len(remaining) > 1 and isinstance(error, Refused):
        rows, middle = list(remaining), len(remaining) // 2
        for half in (rows[:middle], rows[middle:]):
            yield from _each({row: remaining[row] for row in half}, ports)
    elif len(remaining) > 1 and not isinstance(error, Denied | NotTried | OutOfTime):
        for row, names in remaining.items():
            yield from _each({row: names}, ports)
    else:
        yield from ((row, faulty("", error)) for row in remaining)


def _written(orders: Orders, ports: RepairPorts) -> Iterator[tuple[RowKey, Repair]]:
    pending = _called_for(ports.read_rows(list(orders))) if orders else {}
    for row in orders:
        if row not in pending:
            yield row, _nothing(row)
    before = _standing([str(record["objectID"]) for record in pending.values()], ports)
    for _ in range(_TRIES):
        if not pending:
            return
        sent = _write(pending, before, orders, ports) == "sent"
        standing = _called_for(ports.read_rows(list(pending)))
        for row, record in list(pending.items()):
            if row in standing and standing[row] != record:
                pending[row] = standing[row]
                continue
            del pending[row]
            if row in standing:
                yield row, _made(row, before.get(str(record["objectID"]), {}), record, sent=sent)
            else:
                yield row, _taken_back(row, orders[row], record, ports)
    for row in pending:
        yield row, failed("", "its row changes faster than its search record can be written")


def _called_for(images: Mapping[RowKey, Image]) -> dict[RowKey, dict[str, Any]]:
    return {row: canonical(image) for row, image in images.items() if "S" in image.get("programId", {})}


def _write(
    pending: Mapping[RowKey, Attributes],
    before: Mapping[str, Attributes],
    orders: Orders,
    ports: RepairPorts,
) -> Indexing:
    """Write records, each with a journal entry that says beforehand what is written and then that it was."""
    ports.check_lease()
    ports.faults.demand(_INDEXING)
    entries = [
        ports.entry(
            RECORD_WRITTEN, orders[row], RecordWritten(name, row, before.get(name), record), done=False
        )
        for row, record in pending.items()
        for name in (str(record["objectID"]),)
    ]
    ports.enter_ahead(entries)
    indexing = ports.faults.ask(_INDEXING, lambda: ports.records_writer.write(list(pending.values())))
    ports.mark_done(entries)
    return indexing


def _standing(names: Sequence[str], ports: RepairPorts) -> Mapping[str, Attributes]:
    if not names:
        return {}
    return ports.faults.ask("reading the index", lambda: ports.records.whole_records(names))


def _taken_back(row: RowKey, findings: tuple[str, ...], record: Attributes, ports: RepairPorts) -> Repair:
    name = str(record["objectID"])
    target = {**row._asdict(), "objectID": name}
    entry = ports.entry(RECORD_TAKEN_BACK, findings, RecordWritten(name, row, record, None), done=False)
    ports.enter_ahead([entry])
    sent = ports.faults.ask(_INDEXING, lambda: ports.records_writer.remove([name])) == "sent"
    ports.mark_done([entry])
    note = "its row was deleted while it was written"
    return Repair(RECORD_TAKEN_BACK, "", target, record, {}, "made", verified=False, note=note, sent=sent)


def _made(row: RowKey, before: Attributes, record: Attributes, *, sent: bool = False) -> Repair:
    target = {"objectID": str(record["objectID"]), **row._asdict()}
    return Repair(RECORD_WRITTEN, "", target, before, record, "made", verified=False, sent=sent)


def _nothing(row: RowKey) -> Repair:
    target = row._asdict()
    return Repair("nothing", "", target, {}, {}, "refused", verified=False, note="its row no longer exists")
