"""Convert journal entries to DynamoDB's JSON and back, also those of the version before this format.

What stood in a row before and after a write is kept as the attributes are, type by type. Search records are
kept as their JSON text.
"""

import json
from collections.abc import Mapping
from typing import Any

from reconcile.model.catalog import RowKey
from reconcile.model.clock import parse_time, write_time
from reconcile.model.journal import Counted, JournalEntry, LedgerWritten, RecordWritten, RowWritten
from reconcile.stores.attributes import from_item, to_item
from reconcile.stores.former_journal import FormerEntry
from reconcile.stores.ledger_items import ledger_item, ledger_of
from reconcile.stores.tables import Item

FORMAT = 2
"""Of what is written; entries of the version before say none."""


def journal_key(entry: JournalEntry) -> dict[str, Any]:
    """Return the key of a journal entry's item."""
    return to_item({"pk": f"journal#{entry.run}", "sk": f"{entry.number:06d}"})


def journal_item(entry: JournalEntry) -> dict[str, Any]:
    """Return the item of a journal entry."""
    values = {
        "format": FORMAT,
        "what": entry.what,
        "findings": list(entry.findings),
        "target": dict(entry.target),
        "at": write_time(entry.at),
        "done": entry.done,
        "previous": entry.previous,
    }
    return journal_key(entry) | to_item(values) | _sides(entry.written)


def _sides(written: RowWritten | RecordWritten) -> dict[str, Any]:
    """Return what stood there before and after, and what went with it; what is None is left out."""
    if isinstance(written, RecordWritten):
        texts = {"before": written.before, "after": written.after}
        return {name: {"S": _text(record)} for name, record in texts.items() if record is not None}
    images = {"before": written.before, "after": written.after}
    sides: dict[str, Any] = {name: {"M": image} for name, image in images.items() if image is not None}
    if written.counted:
        sides["counted"] = {"M": _counted_item(written.counted)}
    if written.ledger:
        entries = {"before": written.ledger.before, "after": written.ledger.after}
        kept = {name: {"M": ledger_item(entry)} for name, entry in entries.items() if entry}
        sides["ledger"] = {"M": kept}
    return sides


def _text(record: Mapping[str, Any]) -> str:
    """Return a record as JSON; half a character is escaped, for no table takes it."""
    return json.dumps(record, ensure_ascii=False).encode("utf-8", "backslashreplace").decode()


def _counted_item(counted: Counted) -> dict[str, Any]:
    values = {"before": counted.before, "after": counted.after}
    return to_item(counted.group._asdict()) | {name: value for name, value in values.items() if value}


def journal_of(item: Item) -> JournalEntry:
    """Read what journal_item wrote, as DynamoDB sends it, or an earlier version."""
    if "format" not in item:
        return FormerEntry(item).read()
    sides = {name: item[name] for name in ("before", "after", "counted", "ledger") if name in item}
    plain = from_item({name: value for name, value in item.items() if name not in sides})
    newer = plain["format"] > FORMAT
    return JournalEntry(
        run=plain["pk"].removeprefix("journal#"),
        number=int(plain["sk"]),
        what=plain["what"],
        findings=tuple(plain["findings"]),
        written=_written(plain["target"], sides),
        at=parse_time(plain["at"]),
        done=plain["done"],
        previous=plain["previous"],
        doubt="it was written by a later version of this program" if newer else "",
    )


def _written(target: Mapping[str, str], sides: Mapping[str, Any]) -> RowWritten | RecordWritten:
    key = RowKey(target["pk"], target["sk"]) if "pk" in target else None
    if "objectID" in target:
        texts = {name: json.loads(sides[name]["S"]) for name in ("before", "after") if name in sides}
        return RecordWritten(target["objectID"], key, texts.get("before"), texts.get("after"))
    if key is None:
        raise KeyError("pk")
    images = {name: sides[name]["M"] for name in ("before", "after") if name in sides}
    return RowWritten(key, images.get("before"), images.get("after"), _counted(sides), _ledger(sides))


def _counted(sides: Mapping[str, Any]) -> Counted | None:
    if "counted" not in sides:
        return None
    counted = sides["counted"]["M"]
    return Counted(
        RowKey(counted["pk"]["S"], counted["sk"]["S"]), counted.get("before"), counted.get("after")
    )


def _ledger(sides: Mapping[str, Any]) -> LedgerWritten | None:
    if "ledger" not in sides:
        return None
    kept = {name: ledger_of(from_item(side["M"])) for name, side in sides["ledger"]["M"].items()}
    return LedgerWritten(kept.get("before"), kept["after"])
