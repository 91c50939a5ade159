"""The journal of a run: each write with what stood there before."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from reconcile.model.documents import Attributes

PROGRAM_CREATED = "program created"
PROGRAM_COMPLETED = "program mended"
GROUP_CREATED = "group created"
SHOW_GROUPED = "show given its group"
ROW_LINKED = "recording row linked"
PROGRAMS_COUNTED = "programs counted"
RECORD_WRITTEN = "record written"
RECORD_TAKEN_BACK = "record taken back"
"""What the writes are called, in journals and in reports."""


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """The `number`-th write of a run, and what it is called.

    `target` holds the key attributes of the row or record; `before` and `after` the attributes that the write
    sets, as plain values. An attribute that only `after` names was absent. `done` says that the write
    happened; without it, it was about to.
    """

    run: str
    number: int
    what: str
    target: Mapping[str, str]
    before: Attributes
    after: Attributes
    at: datetime
    done: bool = True
