"""What explains findings: a part of the configuration that is wrong, or what they have in common."""

from dataclasses import dataclass
from typing import Literal

from reconcile.model.remedy import Remedy


@dataclass(frozen=True, slots=True)
class Cause:
    """What explains some findings, by their ids; `step` says what to do, and `commands` how.

    `finding` is the id of the finding on the configuration that this cause is ("": none).
    """

    kind: str
    certainty: Literal["certain", "likely"]
    what: str
    why: str
    explains: tuple[str, ...]
    step: str
    commands: tuple[str, ...] = ()
    finding: str = ""

    @property
    def number(self) -> int:
        """How many findings it explains."""
        return len(self.explains)

    @property
    def remedy(self) -> str:
        """The step and, each on a line of its own, the commands."""
        return str(Remedy(self.step, self.commands))
