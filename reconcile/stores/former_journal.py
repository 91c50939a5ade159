"""Read journal entries of the version before: plain values, which do not tell all that stood there."""

from collections.abc import Mapping
from typing import Any

from reconcile.model.catalog import GroupKey, RowKey
from reconcile.model.clock import parse_time
from reconcile.model.journal import (
    GROUP_CREATED,
    PROGRAM_CREATED,
    Counted,
    JournalEntry,
    LedgerWritten,
    RecordWritten,
    RowWritten,
)
from reconcile.model.recording import RecordingKey, program_id_of
from reconcile.model.search_record import Image
from reconcile.model.snapshot import LedgerEntry
from reconcile.stores.attributes import from_item

_EXACT = ("S", "NULL", "BOOL")
_WHOLE = 2**53
_MEDIA = "/media/"


class FormerEntry:
    """One item of a journal without a format; it raises KeyError where it is none."""

    def __init__(self, item: Mapping[str, Any]) -> None:
        self._item = item
        self._target: dict[str, str] = from_item(item["target"]["M"])
        self._before: Image = item["before"]["M"]
        self._after: Image = item["after"]["M"]

    def read(self) -> JournalEntry:
        """Return it as entries are now, with what makes it doubtful."""
        item = self._item
        written = self._record() if "objectID" in self._target else self._row()
        return JournalEntry(
            run=item["pk"]["S"].removeprefix("journal#"),
            number=int(item["sk"]["S"]),
            what=item["what"]["S"],
            findings=(),
            written=written,
            at=parse_time(item["at"]["S"]),
            done=item.get("done", {"BOOL": True})["BOOL"],
            doubt=self._doubt(),
        )

    def _record(self) -> RecordWritten:
        target = self._target
        row = RowKey(target["pk"], target["sk"]) if "pk" in target else None
        return RecordWritten(
            target["objectID"], row, from_item(self._before) or None, from_item(self._after) or None
        )

    def _row(self) -> RowWritten:
        key = RowKey(self._target["pk"], self._target["sk"])
        made = self._item["what"]["S"] in (PROGRAM_CREATED, GROUP_CREATED)
        before = None if made else self._before
        return RowWritten(key, before, self._after, self._counted(key), self._ledger())

    def _counted(self, key: RowKey) -> Counted | None:
        """Return which group's count the write raised; by how much it said before, nobody wrote down."""
        group = self._after.get("groupId", {}).get("S")
        if "GSI1PK" not in self._after or not group:
            return None
        owner = key.pk.removeprefix("u#").removesuffix("#programs")
        return Counted(GroupKey(owner, group).row, None, None)

    def _ledger(self) -> LedgerWritten | None:
        """Return what the ledger was told of the program that was created."""
        texts = {name: value["S"] for name, value in self._after.items() if "S" in value}
        if self._item["what"]["S"] != PROGRAM_CREATED or "s3Key" not in texts:
            return None
        prefix, _, _ = texts["s3Key"].partition(_MEDIA)
        key = RecordingKey(texts.get("s3Bucket", ""), prefix)
        if program_id_of(key) != texts.get("programId"):
            return None
        return LedgerWritten(None, LedgerEntry(key, {texts["ownerId"]: texts["programId"]}, "made"))

    def _doubt(self) -> str:
        version = "it was written by an earlier version of this program"
        if "objectID" in self._target:
            return f"{version}, which did not keep the whole record" if self._before else ""
        if self._item["what"]["S"] == PROGRAM_CREATED and self._ledger() is None:
            return f"{version}, and does not tell which recording it is of"
        inexact = sorted(name for name, value in self._before.items() if not _is_exact(value))
        return f"{version}, which did not keep {', '.join(inexact)} exactly" if inexact else ""


def _is_exact(value: Mapping[str, Any]) -> bool:
    """Whether a value went through the plain values of Python unchanged."""
    if "N" in value:
        return value["N"].lstrip("-").isdigit() and abs(int(value["N"])) < _WHOLE
    return any(kind in value for kind in _EXACT)
