"""Run all checks in parallel, and yield their results in reading order."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

from reconcile.deliver.registry import kinds_set
from reconcile.doctor.access import access_lines, clock_line
from reconcile.doctor.buckets import bucket, media_bucket, reports
from reconcile.doctor.channels import (
    PING_SERVER,
    TEST_PING,
    ping_server,
    server,
    server_of,
    test_message,
    test_ping,
)
from reconcile.doctor.clients import LIMITS, ImpatientWiring, Limits
from reconcile.doctor.configuration import configuration_lines
from reconcile.doctor.exports import exports
from reconcile.doctor.mail import mail_lines
from reconcile.doctor.result import Line
from reconcile.doctor.runner import Part, run_parts
from reconcile.doctor.search import search_lines
from reconcile.doctor.secrets import kept_elsewhere, secret_lines, secret_place
from reconcile.doctor.settings import read_settings
from reconcile.doctor.tables import application_table, state_table
from reconcile.runs.run_id import now

_AWS = "AWS"


def examine(
    config: Path | None, send: bool, clock: Callable[[], datetime] = now, limits: Limits = LIMITS
) -> Iterator[Line]:
    """Check every setting and permission; nothing is written but, if asked for, a test message a channel.

    Raises nothing for an environment that is broken: its lines say so.
    """
    lines, settings = read_settings(config)
    yield from _under("Settings", lines)
    if settings:
        yield from _examined(ImpatientWiring(settings, clock=clock, limits=limits), send)


def _examined(wiring: ImpatientWiring, send: bool) -> Iterator[Line]:
    missing: dict[str, str] = {}
    access = Part("AWS", "access to AWS", access_lines, gives=_AWS)
    everything = [*_stores(wiring), *_channels(wiring, send)]
    for parts in ([access], _secrets(wiring), everything):
        for part, lines in run_parts(parts, missing, wiring.limits.part):
            yield from _under(part.heading, lines)
            lacking = [line.what for line in lines if line.state != "ok"]
            if part.gives and lacking:
                missing[part.gives] = f"it needs {' and '.join(lacking)}"
    yield from _under("Clock", [clock_line(wiring.ahead)])


def _secrets(wiring: ImpatientWiring) -> list[Part]:
    return [
        Part(
            "Secrets", secret_place(field, where), partial(secret_lines, wiring, field, where), (_AWS,), field
        )
        for field, where in kept_elsewhere(wiring.settings).items()
    ]


def _stores(wiring: ImpatientWiring) -> Iterator[Part]:
    settings = wiring.settings
    for name in settings.bucket:
        yield Part("Stores", f"bucket {name}", partial(bucket, wiring, name), (_AWS,))
    for name in sorted(settings.media.buckets - set(settings.bucket)):
        yield Part("Stores", f"bucket {name}", partial(media_bucket, wiring, name), (_AWS,))
    yield Part("Stores", f"table {settings.table}", partial(application_table, wiring), (_AWS,))
    if settings.export:
        yield Part("Stores", f"exports of {settings.table}", partial(exports, wiring), (_AWS,))
    if settings.state_table:
        yield Part("Stores", f"table {settings.state_table}", partial(state_table, wiring), (_AWS,))
    index = f"index {settings.algolia_index}"
    yield Part("Stores", index, partial(search_lines, wiring), ("algolia_api_key",))
    yield Part("Stores", "configuration", partial(configuration_lines, wiring), (_AWS, "algolia_api_key"))
    if settings.reports:
        rests_on = (_AWS,) if settings.reports.startswith("s3://") else ()
        yield Part("Reports", f"place {settings.reports}", partial(reports, wiring), rests_on)


def _channels(wiring: ImpatientWiring, send: bool) -> Iterator[Part]:
    """Yield what looks at the channels that are set; whether they take a message, only sending one tells."""
    for kind in kinds_set(wiring.settings):
        if kind.address:
            look = partial(server, wiring, kind, ask=not send)
            yield Part("Channels", server_of(kind), look, (kind.address,))
        else:
            yield Part("Channels", "mail", partial(mail_lines, wiring, ask=not send), (_AWS,))
        if send:
            needs = (*kind.settings, *kind.options) if kind.address else (_AWS,)
            test = partial(test_message, wiring, kind.name)
            yield Part("Channels", f"test message by {kind.name}", test, needs)
    if wiring.settings.has("ping_url"):
        yield Part("Channels", PING_SERVER, partial(ping_server, wiring, ask=not send), ("ping_url",))
        if send:
            yield Part("Channels", TEST_PING, partial(test_ping, wiring), ("ping_url",))


def _under(heading: str, lines: Iterable[Line]) -> Iterator[Line]:
    return (replace(line, part=heading) for line in lines)
