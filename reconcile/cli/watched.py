"""Tells whoever watches the job from outside of a run of the command line: by pings, and by metrics."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from reconcile.cli.console import complain
from reconcile.model.errors import Exit, UsageError, ending_of
from reconcile.model.run import Mode

if TYPE_CHECKING:
    from reconcile.deliver.ping import Ping
    from reconcile.runs.finish import Outcome

EMF = "emf"


def metrics_format(value: str | None) -> str | None:
    """Check the format that metrics are asked for in; raises UsageError."""
    if value not in (None, EMF):
        raise UsageError(f"--metrics {value!r} is no format of metrics; did you mean {EMF}?")
    return value


@dataclass
class Watched:
    """A run of the command line; `outcome` is set once it came to a report.

    `emits`: its metrics are printed, and it counts as a scheduled one. They take standard output, unless JSON
    does: then standard error.
    """

    mode: Mode
    config: Path | None
    emits: bool
    json: str | None
    outcome: "Outcome | None" = None

    @cached_property
    def id(self) -> str:
        """The id of the run."""
        from reconcile.runs.run_id import new_run_id, now

        return new_run_id(now())

    @cached_property
    def _ping(self) -> "Ping | None":
        from reconcile.wiring import ping_of

        return ping_of(self.id, config=self.config)

    def begin(self) -> None:
        """Say that the run begins, if there is somebody to say it to."""
        if self._ping:
            self._ping.begin()

    def end(self, exit_code: Exit, headline: str) -> None:
        """Print the metrics, and say how the run ended; what cannot be said is a complaint and no more."""
        if self.emits:
            self._emit(exit_code)
        for fault in self._ping.end(exit_code, headline) if self._ping else ():
            complain(fault)

    def _emit(self, exit_code: Exit) -> None:
        from reconcile import metrics
        from reconcile.settings.alone import stage_alone

        stream = sys.stderr if self.json == "-" else sys.stdout
        values, by_kind = metrics.endings(exit_code), dict[str, float]()
        if self.outcome:
            values |= metrics.figures(self.outcome, scheduled=True)
            by_kind = metrics.kinds(self.outcome)
        if stream is not None:
            metrics.emit(stage_alone(self.config), self.mode, values, by_kind, stream)


@contextmanager
def watched(mode: Mode, config: Path | None, metrics: str | None, json: str | None) -> Iterator[Watched]:
    """Tell how a run ended, also where it was refused or crashed; one that leaves no outcome did nothing."""
    run = Watched(mode, config, metrics is not None, json)
    try:
        yield run
    except BaseException as error:
        run.end(*ending_of(error))
        raise
    if run.outcome:
        run.end(run.outcome.exit_code, run.outcome.report.headline)
