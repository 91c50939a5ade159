"""The assessment of one part of the live system's configuration, and its fix."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from reconcile.model.documents import Evidence
from reconcile.model.remedy import Remedy

LONGEST_COMMAND = 20_000
"""The longest command, in characters, that is offered for pasting into a shell."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one part came to: not looked at (`unseen` says why), misconfigured (`verdict`), or as it must be.

    `found` says in a sentence what stands there.
    """

    name: str
    found: str = ""
    unseen: str = ""
    verdict: str = ""
    evidence: Evidence = field(default_factory=dict)
    remedy: Remedy = field(default_factory=Remedy)


def not_taken(name: str, taken: Collection[Any]) -> str:
    """Return a name that none of those has: the name itself, or with a number appended."""
    numbered = (f"{name}{number}" for number in range(2, len(taken) + 3))
    return next(candidate for candidate in (name, *numbered) if candidate not in taken)
