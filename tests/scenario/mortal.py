"""Stores in front of which a run dies: before an outside call of a given number, or with its answer lost."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Literal

from tests.scenario.cycle import Cycle

Moment = Literal["before", "after"]


class Killed(BaseException):
    """What takes a run away without a word."""


@dataclass
class Death:
    """The call at which a run dies (-1: none), and whether the call is still made."""

    at: int = -1
    moment: Moment = "before"
    calls: list[str] = field(default_factory=list)
    dead: bool = False
    _lock: Lock = field(default_factory=Lock)

    def call(self, name: str, make: Callable[[], Any]) -> Any:
        """Make a call, unless the run is dead or dies before it."""
        with self._lock:
            number = len(self.calls)
            self.calls.append(name)
            if self.dead or (number == self.at and self.moment == "before"):
                self.dead = True
                raise Killed
            if number != self.at:
                return make()
            make()
            self.dead = True
            raise Killed


class Mortal:
    """A store whose every call is an outside call; of a dead run nothing reaches it."""

    def __init__(self, store: Any, death: Death) -> None:
        self.__dict__.update(_store=store, _death=death)

    def __getattr__(self, name: str) -> Any:
        held = getattr(self._store, name)
        if not callable(held):
            return held
        return lambda *arguments, **more: self._death.call(name, lambda: held(*arguments, **more))

    def __setattr__(self, name: str, value: Any) -> None:
        if not self._death.dead:
            setattr(self._store, name, value)


@contextmanager
def dying(cycle: Cycle, death: Death) -> Iterator[None]:
    """Put death in front of a cycle's stores meanwhile."""
    stores: Any = cycle
    names = ("table", "index", "state", "reports", "buckets")
    held = {name: getattr(cycle, name) for name in names}
    for name, store in held.items():
        setattr(stores, name, Mortal(store, death))
    try:
        yield
    finally:
        for name, store in held.items():
            setattr(stores, name, store)
