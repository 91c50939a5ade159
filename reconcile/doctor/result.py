"""The result of one check, and the exit code of all."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from reconcile.model.errors import Exit
from reconcile.report.formatting import shorten

CheckStatus = Literal["ok", "warning", "failed"]

_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Line:
    """What was looked at, what was found, and the one thing to do; `part` is the heading it stands under.

    `asked`: it was done because the person asked for it, who wants to see it also where it is ok. Whatever is
    not ok has a step to take: ValueError without.
    """

    state: CheckStatus
    what: str
    found: str
    step: str = ""
    part: str = ""
    asked: bool = False

    def __post_init__(self) -> None:
        if self.state != "ok" and not self.step:
            raise ValueError(f"{self.what} is {self.state}, and nothing is said of what to do")


def ok(what: str, found: str, *, asked: bool = False) -> Line:
    """Return the line of a check that passed."""
    return Line("ok", shorten(what), shorten(found, _LONGEST), asked=asked)


def warning(what: str, found: str, step: str) -> Line:
    """Return the line of a problem that does not stop a run."""
    return Line("warning", shorten(what), shorten(found, _LONGEST), shorten(step, _LONGEST))


def failed(what: str, found: str, step: str) -> Line:
    """Return the line of a problem that stops a run."""
    return Line("failed", shorten(what), shorten(found, _LONGEST), shorten(step, _LONGEST))


def not_looked_at(what: str, why: str) -> Line:
    """Return the line of a check that needs another problem fixed first."""
    return warning(what, f"not checked: {why}", "Fix that first, then run reconcile doctor again.")


def not_told(what: str) -> Line:
    """Return the line of a check that this AWS-compatible endpoint does not support."""
    step = "Leave it, if this endpoint stands in for AWS; else see that AWS_ENDPOINT_URL leads to AWS."
    return warning(what, "not checked: this endpoint does not report it", step)


def exit_code(lines: Iterable[Line]) -> Exit:
    """Return 0 when all is ok, 2 when there are warnings, 3 when something failed."""
    states = {line.state for line in lines}
    if "failed" in states:
        return Exit.INCOMPLETE
    return Exit.FINDINGS if "warning" in states else Exit.AGREES
