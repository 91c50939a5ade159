"""What to do about something: a step in words, and commands that a person can paste into a shell."""

import json
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from reconcile.model.texts import clean, is_clean

UNWRITABLE = "A name in it holds characters that no command line can carry; see `subject` in the JSON report."


@dataclass(frozen=True, slots=True)
class Remedy:
    """What to do, in a sentence or two, and the commands that do it: one line each, in their order.

    A value that the reader has to supply is a word in capitals, and the step names it.
    """

    step: str = ""
    commands: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.step or self.commands)

    def __str__(self) -> str:
        """Return the step and, each on a line of its own, the commands."""
        return "\n".join(filter(None, (self.step, *self.commands)))

    def filled(self, fields: Mapping[str, str]) -> "Remedy":
        """Return it with {names} replaced by these values: as they read in the step, quoted in commands."""
        read = _Values({name: f"“{clean(value)}”" for name, value in fields.items()})
        quoted = _Values({name: shlex.quote(value) for name, value in fields.items()})
        return written(self.step.format_map(read), (command.format_map(quoted) for command in self.commands))


class _Values(dict[str, str]):
    """Values by name; a name without a value stays as it stands, and no name can reach into a value."""

    def __missing__(self, name: str) -> str:
        return f"{{{name}}}"


def written(step: str, commands: Iterable[str] = ()) -> Remedy:
    """Return a remedy without the commands that could not be pasted as they are shown, and says so."""
    all_commands = tuple(commands)
    sound = tuple(command for command in all_commands if is_clean(command))
    return Remedy(step if len(sound) == len(all_commands) else f"{step} {UNWRITABLE}", sound)


def command(*words: str, **documents: Any) -> str:
    """Return a command as a shell takes it; documents become options that hold JSON."""
    options = [
        part
        for name, document in documents.items()
        for part in (f"--{name.replace('_', '-')}", json.dumps(document, sort_keys=True))
    ]
    return shlex.join([*words, *options])
