"""Writes search records from their rows, many at a time, and follows each row that changes meanwhile."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from reconcile.model.catalog import RowKey
from reconcile.model.documents import Attributes
from reconcile.model.errors import Denied, LeaseLost, OutOfTime, Refused, SourceError
from reconcile.model.journal import RECORD_TAKEN_BACK, RECORD_WRITTEN
from reconcile.model.run import Repair
from reconcile.model.search_record import Image, canonical
from reconcile.repair.circuit_breaker import NotTried
from reconcile.repair.writing import RepairPorts, failed, faulty
from reconcile.stores.write_ports import Indexing

TOGETHER = 100
"""How many are written at once: the index takes more, but what was made should not wait long to be found."""

_TRIES = 5
_INDEXING, _JOURNAL = "writing to the index", "writing the journal"


@dataclass(frozen=True, slots=True)
class Owed:
    """A search record that is to be written from its row."""

    finding: str
    row: RowKey


def write_records(owed: Iterable[Owed], ports: RepairPorts) -> list[Repair]:
    """Write the missing and stale records of rows, and return the outcome of each; raises nothing.

    One that the index refuses must not cost the others theirs.
    """
    findings: defaultdict[RowKey, list[str]] = defaultdict(list)
    for order in owed:
        findings[order.row].append(order.finding)
    return [
        replace(repair, finding=finding)
        for row, repair in _each(list(findings), ports)
        for finding in findings[row]
    ]


def _each(rows: Sequence[RowKey], ports: RepairPorts) -> Iterator[tuple[RowKey, Repair]]:
    reported = set[RowKey]()
    try:
        for row, repair in _written(rows, ports):
            reported.add(row)
            yield row, repair
    except LeaseLost as error:
        yield from ((row, failed("", str(error))) for row in rows if row not in reported)
    except SourceError as error:
        yield from _after(error, [row for row in rows if row not in reported], ports)


def _after(
    error: SourceError, remaining: Sequence[RowKey], ports: RepairPorts
) -> Iterator[tuple[RowKey, Repair]]:
    """Continue after a batch of records failed.

    A refusal is of one of them and says nothing of the others, so each half is tried. After a fault each is
    tried alone, until the store has failed too often.
    """
    if len(remaining) > 1 and isinstance(error, Refused):
        middle = len(remaining) // 2
        yield from _each(remaining[:middle], ports)
        yield from _each(remaining[middle:], ports)
    elif len(remaining) > 1 and not isinstance(error, Denied | NotTried | OutOfTime):
        for row in remaining:
            yield from _each([row], ports)
    else:
        yield from ((row, faulty("", error)) for row in remaining)


def _written(rows: Sequence[RowKey], ports: RepairPorts) -> Iterator[tuple[RowKey, Repair]]:
    pending = _called_for(ports.read_rows(rows)) if rows else {}
    for row in rows:
        if row not in pending:
            yield row, _nothing(row)
    names = [str(record["objectID"]) for record in pending.values()]
    before = _standing(names, ports) if names else {}
    for _ in range(_TRIES):
        if not pending:
            return
        sent = _write(pending, before, ports) == "sent"
        standing = _called_for(ports.read_rows(list(pending)))
        for row, record in list(pending.items()):
            if row in standing and standing[row] != record:
                pending[row] = standing[row]
                continue
            del pending[row]
            if row in standing:
                yield row, _made(row, before.get(str(record["objectID"]), {}), record, sent=sent)
            else:
                yield row, _taken_back(row, record, ports)
    for row in pending:
        yield row, failed("", "its row changes faster than its search record can be written")


def _called_for(images: Mapping[RowKey, Image]) -> dict[RowKey, dict[str, Any]]:
    return {row: canonical(image) for row, image in images.items() if "S" in image.get("programId", {})}


def _write(
    pending: Mapping[RowKey, Attributes], before: Mapping[str, Attributes], ports: RepairPorts
) -> Indexing:
    """Write records, each with a journal entry that says beforehand what is written and then that it was."""
    ports.check_lease()
    entries = [
        ports.entry(RECORD_WRITTEN, {"objectID": name}, before.get(name, {}), record, done=False)
        for record in pending.values()
        for name in (str(record["objectID"]),)
    ]
    ports.faults.demand(_INDEXING)
    ports.faults.ask(_JOURNAL, lambda: ports.journal.enter_all(entries))
    indexing = ports.faults.ask(_INDEXING, lambda: ports.records_writer.write(list(pending.values())))
    ports.faults.ask(_JOURNAL, lambda: ports.journal.mark_done(entries))
    return indexing


def _standing(names: list[str], ports: RepairPorts) -> Mapping[str, Attributes]:
    return ports.faults.ask("reading the index", lambda: ports.records.records(names))


def _taken_back(row: RowKey, record: Attributes, ports: RepairPorts) -> Repair:
    name = str(record["objectID"])
    target = {**row._asdict(), "objectID": name}
    entry = ports.entry(RECORD_TAKEN_BACK, target, record, {}, done=False)
    ports.faults.ask(_JOURNAL, lambda: ports.journal.enter_all([entry]))
    sent = ports.faults.ask(_INDEXING, lambda: ports.records_writer.remove(name)) == "sent"
    ports.faults.ask(_JOURNAL, lambda: ports.journal.mark_done([entry]))
    note = "its row was deleted while it was written"
    return Repair(RECORD_TAKEN_BACK, "", target, record, {}, "made", verified=False, note=note, sent=sent)


def _made(row: RowKey, before: Attributes, record: Attributes, *, sent: bool = False) -> Repair:
    target = {"objectID": str(record["objectID"]), **row._asdict()}
    return Repair(RECORD_WRITTEN, "", target, before, record, "made", verified=False, sent=sent)


def _nothing(row: RowKey) -> Repair:
    target = row._asdict()
    return Repair("nothing", "", target, {}, {}, "refused", verified=False, note="its row no longer exists")
