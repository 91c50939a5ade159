"""What becomes of one thing that a run wrote: it is taken back, or why it is not. Pure."""

from dataclasses import dataclass
from typing import Literal

from reconcile.model.documents import Attributes
from reconcile.model.journal import LedgerWritten
from reconcile.model.reversal import RowEdit
from reconcile.undo.fold import RecordTarget, RowTarget

ReversalFate = Literal["take", "done", "left"]
"""It can be taken back; nothing is left to do; or it stays as it is."""


@dataclass(frozen=True, slots=True)
class RecordEdit:
    """What a search record is to say (None: it goes), and what it says now (None: there is none)."""

    now: Attributes | None
    record: Attributes | None


Written = RowTarget | RecordTarget


@dataclass(frozen=True, slots=True)
class Reversal:
    """What becomes of a target, and why, in words.

    `rest` says what stays as it is although the target is taken back; "" for nothing. `reopens` are the
    findings that stand again then.
    """

    target: Written
    fate: ReversalFate
    why: str = ""
    rest: str = ""
    edits: tuple[RowEdit, ...] = ()
    ledger: LedgerWritten | None = None
    record: RecordEdit | None = None
    reopens: frozenset[str] = frozenset()


def changed_since(names: tuple[str, ...]) -> str:
    """Say that somebody changed attributes after the run."""
    return f"somebody changed {', '.join(names)} since"
