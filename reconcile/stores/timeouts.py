"""Limit the duration of a call from outside, whatever it waits for."""

import math
import time
from collections.abc import Callable
from threading import Thread
from typing import Generic, TypeVar

T = TypeVar("T")

_LOOK_EVERY = 0.25


def endless() -> float:
    """Return the seconds left of a run without a deadline: infinity."""
    return math.inf


class _Call(Thread, Generic[T]):
    def __init__(self, request: Callable[[], T]) -> None:
        super().__init__(daemon=True, name="call")
        self._request = request
        self._answers: list[T] = []
        self._error: BaseException | None = None

    def run(self) -> None:
        try:
            self._answers.append(self._request())
        except BaseException as error:
            self._error = error

    def answer(self) -> T:
        if self._error is not None:
            raise self._error
        return self._answers[0]


def in_time(request: Callable[[], T], left: Callable[[], float], longest: float = math.inf) -> T:
    """Return what a request returns, if it does while there are seconds left and within `longest` seconds.

    Raises TimeoutError, and what the request raises. The waiting is done beside a thread: a server that sends
    a byte now and then, or a name that is long looked up, outlasts each limit that a socket has. A call that
    is given up goes on in its thread, so what it asked for may still be done. With an infinity left, nothing
    but the socket's limits bounds it.
    """
    if left() == math.inf:
        return request()
    call, begun = _Call(request), time.monotonic()
    if left() > 0:
        call.start()
    while call.is_alive():
        # The time that is left goes by another clock than the sleeping: it is looked at again and again.
        seconds = min(left(), longest - (time.monotonic() - begun))
        if seconds <= 0:
            break
        call.join(min(seconds, _LOOK_EVERY))
    if call.ident is None or call.is_alive():
        raise TimeoutError("no answer in time")
    return call.answer()
