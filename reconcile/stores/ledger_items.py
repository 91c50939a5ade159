"""Convert the ledger's entries to DynamoDB's JSON and back; say where each lies and when it may be written.

Entries are spread over 16 partitions, for one can only be read and written so fast. Earlier versions kept
them in one. What lies there still counts where its new place is empty, and is moved when it is next written:
the new place is written on condition that it is empty, so two writers cannot both move it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from reconcile.model.clock import write_time
from reconcile.model.recording import RecordingKey, program_id_of
from reconcile.model.snapshot import LedgerEntry
from reconcile.stores.attributes import to_item
from reconcile.stores.state_items import ABSENT, moment

_FORMER = "ledger"
LEDGER_PARTITIONS = (_FORMER, *(f"ledger#{digit:x}" for digit in range(16)))
"""The partitions that hold entries; of two entries of a recording, that of the later one counts."""


def ledger_places(key: RecordingKey) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the key of a recording's entry, and the one that it had in earlier versions."""
    # A prefix may be longer than a sort key, and the digits of a hash are spread evenly.
    name = program_id_of(key)
    return to_item({"pk": f"ledger#{name[0]}", "sk": name}), to_item({"pk": _FORMER, "sk": name})


def ledger_item(entry: LedgerEntry) -> dict[str, Any]:
    """Return the item of a ledger entry."""
    values = {
        "bucket": entry.key.bucket,
        "prefix": entry.key.prefix,
        "programs": dict(entry.programs),
        "how": entry.how,
        "restored": entry.restored or None,
        "show": entry.show or None,
        "session": entry.session or None,
        "start": write_time(entry.start) if entry.start else None,
        "end": write_time(entry.end) if entry.end else None,
    }
    return ledger_places(entry.key)[0] | to_item(values)


def ledger_of(item: Mapping[str, Any]) -> LedgerEntry:
    """Read what ledger_item wrote, or an earlier version."""
    return LedgerEntry(
        RecordingKey(item["bucket"], item["prefix"]),
        item["programs"],
        item["how"],
        item.get("restored", ""),
        item.get("show", ""),
        item.get("session", ""),
        moment(item, "start"),
        moment(item, "end"),
        to_move=item["pk"] == _FORMER,
    )


def ledger_as_read(expected: LedgerEntry | None) -> Mapping[str, Any]:
    """Return the condition that the place of an entry is as it was read: empty, where it is to be moved."""
    return _as_read(None if expected is None or expected.to_move else expected)


def ledger_actions(table: str, entry: LedgerEntry, expected: LedgerEntry | None) -> Iterator[dict[str, Any]]:
    """Yield the actions of a transaction that put an entry if nothing is known that was not read."""
    yield {"Put": {"TableName": table, "Item": ledger_item(entry), **ledger_as_read(expected)}}
    if expected is None or expected.to_move:
        former = {"TableName": table, "Key": ledger_places(entry.key)[1], **_as_read(expected)}
        yield {"ConditionCheck": former}


def _as_read(entry: LedgerEntry | None) -> Mapping[str, Any]:
    """Return the condition that an entry is still as it was read, or still absent."""
    if entry is None:
        return ABSENT
    read = ledger_item(entry)
    # A program that is made again has the id that it had: only the decision tells the entries apart.
    restored = "#r = :r" if entry.restored else "attribute_not_exists(#r)"
    values = {":p": read["programs"], ":r": read.get("restored")}
    return {
        "ConditionExpression": f"#p = :p AND {restored}",
        "ExpressionAttributeNames": {"#p": "programs", "#r": "restored"},
        "ExpressionAttributeValues": {name: value for name, value in values.items() if value},
    }
