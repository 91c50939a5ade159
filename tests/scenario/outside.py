"""Stores whose every call is told to somebody before it is made, and after it."""

from collections.abc import Callable
from typing import Any


def _nothing(name: str) -> None:
    """Do nothing after a call."""


class Between:
    """A store whose every call is an outside call."""

    def __init__(
        self, store: Any, tick: Callable[[str], None], after: Callable[[str], None] = _nothing
    ) -> None:
        self.__dict__.update(_store=store, _tick=tick, _after=after)

    def __getattr__(self, name: str) -> Any:
        held = getattr(self._store, name)
        if not callable(held):
            return held

        def call(*arguments: Any, **more: Any) -> Any:
            self._tick(name)
            answer = held(*arguments, **more)
            self._after(name)
            return answer

        return call

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._store, name, value)
