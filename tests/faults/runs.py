"""A repair over the stand-ins by the real adapters, in the time that a function has, and how it ended."""

import traceback
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any
from unittest.mock import patch

import urllib3
from botocore.config import Config

from reconcile.model.errors import Exit, ReconcileError
from reconcile.model.finding import Finding
from reconcile.model.run import Order
from reconcile.report.data import Report
from reconcile.runs.finish import Outcome
from reconcile.runs.run_id import new_run_id, now
from reconcile.settings.load import load_settings
from reconcile.stores import algolia_requests, aws
from reconcile.stores.aws import Meter, connect
from reconcile.stores.lease import AlreadyRunning
from reconcile.wiring import Wiring
from reconcile.wiring_writes import carry_out
from tests.faults.clock import Clock
from tests.faults.world import Rows, World
from tests.scenario.every_repair import OPT_IN
from tests.scenario.small import DOMAIN

_READ_SECONDS, _SEND_SECONDS = 0.4, 0.5
"""Shorter than everybody's patience with a stand-in that hangs."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended, what it left, and how many seconds it took by its own clock.

    `error` is what it said where it came to no report, `crash` the traceback where it crashed.
    """

    code: int
    outcome: Outcome | None
    error: str
    crash: str
    seconds: float
    rows: Rows
    records: Mapping[str, Mapping[str, Any]]

    @property
    def report(self) -> Report | None:
        """Its report, if it came to one."""
        return self.outcome.report if self.outcome else None

    @property
    def findings(self) -> Mapping[str, Finding]:
        """What it found, by id."""
        return {one.id: one for one in self.report.findings} if self.report else {}


def run(world: World, mode: str = "repair", clock: Clock | None = None, *, hasty: bool = False) -> Ended:
    """Run a check or a repair of everything; what it raises is how it ended."""
    clock = clock or Clock()
    outcome, error, crash, code = None, "", "", int(Exit.AGREES)
    try:
        with clients(hasty=hasty):
            outcome = _run(world, mode, clock)
        code = int(outcome.exit_code)
    except AlreadyRunning:
        error = "already-running"
    except ReconcileError as raised:
        error, code = str(raised), int(raised.exit_code)
    except Exception:
        crash, code = traceback.format_exc(), int(Exit.CRASHED)
    return Ended(code, outcome, error, crash, clock.spent, world.rows(), world.records())


def _run(world: World, mode: str, clock: Clock) -> Outcome:
    wiring = Wiring(load_settings(), sleep=clock.sleep, deadline=clock.deadline)
    playback: Any = wiring.stores.playback
    playback._pool = _Redirected(world.server.url)
    run_id, order = new_run_id(now()), Order(mode, None, **OPT_IN)  # type: ignore[arg-type]
    return carry_out(order, wiring, run_id)


class _Redirected(urllib3.PoolManager):
    """Asks the stand-in for what the distribution would be asked for."""

    def __init__(self, url: str) -> None:
        super().__init__(retries=False, timeout=urllib3.Timeout(_READ_SECONDS))
        self._url = url

    def request(self, method: str, url: str, *arguments: Any, **more: Any) -> Any:
        return super().request(
            method, url.replace(f"https://{DOMAIN}", f"{self._url}/play"), *arguments, **more
        )


@contextmanager
def clients(*, hasty: bool) -> Iterator[None]:
    """Make the clients once, for they know nothing of a run; hasty ones soon give up one that hangs."""
    opened = algolia_requests._connect

    def connected(service: str, meter: Meter, **_: object) -> Any:
        return _client(service, hasty=hasty)

    def search(app: str, key: str, host: str, seconds: float) -> Any:
        return opened(app, key, host, _READ_SECONDS if hasty else seconds)

    with ExitStack() as stack:
        stack.enter_context(patch("reconcile.wiring.connect", connected))
        stack.enter_context(patch("reconcile.stores.algolia_requests._connect", search))
        if hasty:
            stack.enter_context(patch("reconcile.wiring._LONGEST_SENDING", _SEND_SECONDS))
        yield


@cache
def _client(service: aws.AwsService, *, hasty: bool) -> Any:
    config = aws.client_config

    def made(*, retries: int) -> Config:
        return config(retries=retries).merge(Config(read_timeout=_READ_SECONDS))

    with patch("reconcile.stores.aws.client_config", made if hasty else config):
        return connect(service, Meter())


def prepare(world: World) -> None:
    """Let a check meet the stores, and let the first repair be days ago, so that a repair does everything."""
    ended = run(world, "check")
    if ended.report is None:
        raise AssertionError(ended.error or ended.crash)
    state = Wiring(load_settings()).state
    if state is None:
        raise AssertionError("no state table is set")
    state.mark_first_repair(now() - timedelta(days=3))
    world.keep()
