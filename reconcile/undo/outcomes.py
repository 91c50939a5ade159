"""What came of taking a run back: what became of each write, and the exit code that follows. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from reconcile.model.errors import Denied, Exit, SourceError, most_severe
from reconcile.undo.reversals import Reversal

Became = Literal["undone", "done", "left", "failed", "denied"]
"""It was taken back; nothing was left to do; it stays; or a store failed, or refused a permission."""

_CODES: dict[Became, Exit] = {
    "undone": Exit.AGREES,
    "done": Exit.AGREES,
    "left": Exit.FINDINGS,
    "failed": Exit.INCOMPLETE,
    "denied": Exit.INCOMPLETE,
}


@dataclass(frozen=True, slots=True)
class Undone:
    """What became of one reversal, and why, in words."""

    reversal: Reversal
    became: Became
    why: str = ""

    @classmethod
    def of(cls, reversal: Reversal) -> "Undone":
        """Return what became of something that was not to be taken back."""
        return cls(reversal, "done" if reversal.fate == "done" else "left", reversal.why)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        target = self.reversal.target
        return {
            "what": target.what,
            "target": dict(target.names_it),
            "findings": list(target.findings),
            "became": self.became,
            "why": self.why,
            "rest": self.reversal.rest,
        }


def failed(reversal: Reversal, error: SourceError) -> Undone:
    """Return what became of something that a store did not let happen."""
    return Undone(reversal, "denied" if isinstance(error, Denied) else "failed", str(error))


def exit_code(undone: Sequence[Undone]) -> Exit:
    """Return the exit code of an undo: the most severe of what became of its parts."""
    codes = {_CODES[one.became] for one in undone}
    partly = any(one.reversal.rest for one in undone if one.became == "undone")
    return most_severe(codes | ({Exit.FINDINGS} if partly else set()))
