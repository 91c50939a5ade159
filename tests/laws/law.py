"""A law: what must always hold, the checks that find it broken, and the guards without which they do."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest

Check = Callable[[], None]
"""Raises AssertionError where a law is broken; it makes all that it looks at itself."""


@dataclass(frozen=True, slots=True)
class Guard:
    """What keeps a law, by its dotted name: a function, a method, a property or a constant.

    `does` says in a sentence what it does. `instead` takes its place where it is neutralised; then `check`
    fails. `only_there`: others use the same thing for something else, and keep it.
    """

    name: str
    does: str
    instead: Any
    check: Check
    only_there: bool = False


@dataclass(frozen=True, slots=True)
class Law:
    """What must always hold, in words; `tests` are the node ids of other tests that hold it as well."""

    name: str
    says: str
    checks: tuple[Check, ...]
    tests: tuple[str, ...]
    guards: tuple[Guard, ...]


def resolved(name: str) -> tuple[Any, str]:
    """Return what holds a guard, a module or a class, and the guard's name there; raises LookupError."""
    parts = name.split(".")
    for length in range(len(parts) - 1, 0, -1):
        try:
            module = import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        owner = reduce(getattr, parts[length:-1], module)
        if parts[-1] in vars(owner):
            return owner, parts[-1]
        break
    raise LookupError(name)


def neutralise(guard: Guard, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put something harmless in a guard's place, wherever it was imported by its name."""
    owner, name = resolved(guard.name)
    standing = vars(owner)[name]
    monkeypatch.setattr(owner, name, guard.instead)
    if isinstance(owner, ModuleType) and not guard.only_there:
        for module in list(sys.modules.values()):
            used = getattr(module, "__name__", "").startswith(("reconcile.", "tests.doubles."))
            if used and vars(module).get(name) is standing:
                monkeypatch.setattr(module, name, guard.instead)
