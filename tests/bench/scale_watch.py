"""Watches a night: what each step takes, and what the stand-ins of the stores take, which is not the job's.

It lies beside the script `scale_night`, and knows the steps by the names that they have at any commit.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest.mock import patch

_FUNCTIONS = {
    "recall": ("recall",),
    "collect": ("collect",),
    "events": ("read_events",),
    "media": ("check_media", "look"),
    "compare": ("compare",),
    "confirm": ("confirm",),
    "remember": ("keep_facts", "remember_sources", "remember_programs"),
    "plan": ("make_plan",),
    "apply": ("apply",),
    "verify": ("verify",),
    "report": ("build_report", "keep"),
    "deliver": ("send",),
}
_STEPS = {name: step for step, names in _FUNCTIONS.items() for name in names}
"""The steps of a night by the functions that take them, by their names at any commit."""


class Steps:
    """What each step takes by itself: seconds, those of the processor, and the most memory held besides."""

    def __init__(self, stand_ins: "StandIns") -> None:
        self._stand_ins, self._step = stand_ins, "the rest"
        self.took: defaultdict[str, dict[str, float]] = defaultdict(
            lambda: {"seconds": 0.0, "CPU s": 0.0, "more MB": 0.0}
        )
        self.held = _rss("VmRSS")
        self._since = self._now()

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Watch the steps while a night runs."""
        with ExitStack() as patches:
            for module in map(import_module, ("reconcile.job", _COMPARES)):
                for name, step in _STEPS.items():
                    if name in vars(module):
                        work = self._watched(getattr(module, name), step)
                        patches.enter_context(patch.object(module, name, work))
            self._turn("the rest")
            yield
            self._turn("the rest")

    def _watched(self, work: Callable[..., Any], step: str) -> Callable[..., Any]:
        def run(*given: Any, **named: Any) -> Any:
            outer = self._turn(step)
            try:
                return work(*given, **named)
            finally:
                self._turn(outer)

        return run

    def _turn(self, step: str) -> str:
        """Begin another step; return the one that ends."""
        ended, now = self._step, self._now()
        took = self.took[ended]
        took["seconds"] += now[0] - self._since[0]
        took["CPU s"] += now[1] - self._since[1]
        took["more MB"] = max(took["more MB"], _rss("VmHWM") - self.held)
        _forget_peak()
        self._step, self._since = step, self._now()
        return ended

    def _now(self) -> tuple[float, float]:
        return time.perf_counter(), time.process_time() - self._stand_ins.seconds


_COMPARES = (
    "reconcile.confirm.findings" if Path("reconcile/confirm/findings.py").exists() else "reconcile.confirm"
)
"""The module that asks for a comparison."""


class StandIns:
    """How many seconds of the processor went into the stand-ins, which are not what is measured."""

    def __init__(self, cycle: Any) -> None:
        self.seconds = 0.0
        for store, names in (
            (cycle.buckets, ("_folded", "_listed", "read", "exist", "list_media")),
            (cycle.table, ("scan", "rows", "rows_of")),
            (cycle.index, ("records",)),
        ):
            for name in names:
                if hasattr(store, name):
                    setattr(store, name, self._timed(getattr(store, name)))

    def _timed(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*given: Any) -> Any:
            started = time.thread_time()
            try:
                return method(*(self._aside(one) if callable(one) else one for one in given))
            finally:
                self.seconds += time.thread_time() - started

        return timed

    def _aside(self, job: Callable[..., Any]) -> Callable[..., Any]:
        """Return what the job wants called meanwhile, whose time is its own."""

        def run(*given: Any) -> Any:
            started = time.thread_time()
            try:
                return job(*given)
            finally:
                self.seconds -= time.thread_time() - started

        return run


def _rss(name: str) -> float:
    """Return a figure of this process's memory in megabytes; 0 where the system does not tell."""
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="utf-8").splitlines() if status.exists() else []
    return next((int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith(name)), 0.0)


def _forget_peak() -> None:
    """Let the peak begin anew: https://www.kernel.org/doc/html/latest/filesystems/proc.html"""
    clear = Path("/proc/self/clear_refs")
    if clear.exists():
        clear.write_text("5", encoding="ascii")
