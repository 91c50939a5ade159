"""What judging one part of the live system's configuration comes to, and what would mend it."""

import json
import shlex
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

LONGEST_COMMAND = 20_000
"""A longer command, in characters, is nothing that anybody would paste into a shell."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """What to do, in a sentence or two, and the commands that do it, each on a line."""

    step: str = ""
    commands: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "\n".join((self.step, *self.commands))


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one part came to: not looked at (`unseen` says why), misconfigured (`verdict`), or as it must be.

    `found` says in a sentence what stands there.
    """

    name: str
    found: str = ""
    unseen: str = ""
    verdict: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)
    remedy: Remedy = Remedy()


def not_taken(name: str, taken: Collection[Any]) -> str:
    """Return a name that none of those has: itself, or with a number behind it."""
    numbered = (f"{name}{number}" for number in range(2, len(taken) + 3))
    return next(one for one in (name, *numbered) if one not in taken)


def command(*words: str, **documents: Any) -> str:
    """Return a command as a shell takes it; documents become options that hold JSON."""
    options = [
        part
        for name, document in documents.items()
        for part in (f"--{name.replace('_', '-')}", json.dumps(document, sort_keys=True))
    ]
    return shlex.join([*words, *options])
