"""Looks at everything, the parts at the same time, and tells it in the order in which it is read."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from reconcile.doctor.access import access_lines
from reconcile.doctor.buckets import bucket, reports
from reconcile.doctor.channels import server, test_message
from reconcile.doctor.clients import ImpatientWiring
from reconcile.doctor.clock import clock_line
from reconcile.doctor.line import Line, failed, not_looked_at, warning
from reconcile.doctor.mail import mail_lines
from reconcile.doctor.search import search_lines
from reconcile.doctor.secrets import kept_elsewhere, secret_lines
from reconcile.doctor.settings import read_settings
from reconcile.doctor.tables import application_table, state_table
from reconcile.model.errors import ReconcileError
from reconcile.settings import PREFIX, Settings
from reconcile.wiring import now

_TOGETHER = 16


@dataclass(frozen=True, slots=True)
class Part:
    """One thing to look at: the heading that it stands under, its name, and what looks at it.

    `rests_on` are the fields of the settings that hold the secrets it needs.
    """

    heading: str
    name: str
    look: Callable[[], Iterable[Line]]
    aws: bool = True
    rests_on: tuple[str, ...] = ()


def examine(config: Path | None, send: bool, clock: Callable[[], datetime] = now) -> Iterator[Line]:
    """Look at every setting and permission; nothing is written but, if asked for, a test message a channel.

    Raises nothing for an environment that is broken: its lines say so.
    """
    lines, settings = read_settings(config)
    yield from _under("Settings", lines)
    if settings:
        yield from _examined(ImpatientWiring(settings, clock=clock), send)


def _examined(wiring: ImpatientWiring, send: bool) -> Iterator[Line]:
    access = list(access_lines(wiring))
    yield from _under("Stores", access)
