"""Run the parts in parallel, each with a time limit; an unexpected error becomes a line."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from threading import Thread

from reconcile.doctor.aws_errors import error_text, step_after
from reconcile.doctor.result import Line, failed, not_looked_at
from reconcile.model.errors import ReconcileError
from reconcile.stores.aws import FAULTS


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the examination: its heading, its name, and the function that checks it.

    `gives` is what others rest on as long as all its lines are ok, and `rests_on` what must be given for it.
    """

    heading: str
    name: str
    look: Callable[[], Iterable[Line]]
    rests_on: tuple[str, ...] = ()
    gives: str = ""


def run_parts(
    parts: Iterable[Part], missing: Mapping[str, str], seconds: float
) -> Iterator[tuple[Part, tuple[Line, ...]]]:
    """Yield each part with its lines, in order.

    `missing` has a reason for each thing that cannot be rested on; nothing is waited for beyond `seconds`.
    """
    ends = time.monotonic() + seconds
    for part, look in [(part, _PartRun(part, missing)) for part in parts]:
        yield part, look.lines(ends)


class _PartRun:
    """A part that a thread looks at, beside which the waiting is done.

    A socket's own limits are outlasted by a server that sends a byte now and then, and a name that nobody
    resolves has none.
    """

    def __init__(self, part: Part, missing: Mapping[str, str]) -> None:
        self._part, self._lines = part, list[Line]()
        self._lacks = next((missing[name] for name in part.rests_on if name in missing), "")
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        if self._lacks:
            self._lines.append(not_looked_at(self._part.name, self._lacks))
            return
        try:
            for line in self._part.look():
                self._lines.append(line)
        except Exception as error:
            self._lines.append(_broken(self._part.name, error))

    def lines(self, ends: float) -> tuple[Line, ...]:
        """Return the lines that there are in time, and one more if that is not all."""
        self._thread.join(max(0.0, ends - time.monotonic()))
        hangs = self._thread.is_alive()
        return (*self._lines, *([_late(self._part.name)] if hangs else ()))


def _late(name: str) -> Line:
    step = "See that what it asks can be reached from here and is up, then run reconcile doctor again."
    return failed(name, "no answer came in time", step)


def _broken(name: str, error: Exception) -> Line:
    if isinstance(error, FAULTS):
        return failed(name, error_text(error), step_after(error, "the setting of it"))
    if isinstance(error, ReconcileError | OSError):
        return failed(name, str(error), "Fix what it names, then run reconcile doctor again.")
    # Its text may be anything, a secret as well.
    step = "See that the endpoints lead where they should. If they do, this is a fault of doctor: report it."
    return failed(name, f"an answer that cannot be parsed ({type(error).__name__})", step)
