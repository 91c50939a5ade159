"""The commands that compare the stores: check and repair."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from reconcile.cli.console import Files, console, delivered, print_not_archived, progress, show, write
from reconcile.cli.options import (
    COMPARE,
    All,
    Approve,
    Config,
    EngineOption,
    ExportOption,
    FailOn,
    Full,
    Html,
    Json,
    Lookback,
    Markdown,
    Metrics,
    Only,
    ReasonOption,
    Repairs,
    Settle,
)
from reconcile.cli.watched import Watched, watched
from reconcile.model.errors import Exit
from reconcile.model.run import Order
from reconcile.runs.order import make_order

if TYPE_CHECKING:
    from rich.console import Console

    from reconcile.runs.finish import Outcome
    from reconcile.wiring import Wiring

compare = typer.Typer()

order_of = partial(make_order, named="--{}".format)


@compare.command("check", rich_help_panel=COMPARE)
def check_command(
    lookback: Lookback = "",
    full: Full = False,
    settle: Settle = "15m",
    only: Only = None,
    fail_on: FailOn = "any",
    reason: ReasonOption = "",
    export: ExportOption = None,
    json: Json = None,
    html: Html = None,
    markdown: Markdown = None,
    whole: All = False,
    engine: EngineOption = "pandas",
    metrics: Metrics = None,
    config: Config = None,
) -> int:
    """Compare the three stores and report the differences; writes nothing to them.

    Example: reconcile check --lookback 36h --html report.html
    """
    with watched("check", config, metrics, json) as run:
        order = order_of(
            "check",
            lookback=lookback,
            full=full,
            settle=settle,
            only=only or (),
            fail_on=fail_on,
            reason=reason,
        )
        return _run(
            order,
            run,
            Files(json, html, markdown, metrics=run.emits),
            _wired(config, export),
            engine,
            whole=whole,
        )


@compare.command("repair", rich_help_panel=COMPARE)
def repair_command(
    lookback: Lookback = "",
    full: Full = False,
    settle: Settle = "15m",
    only: Only = None,
    fail_on: FailOn = "any",
    approve: Approve = None,
    repairs: Repairs = None,
    reason: ReasonOption = "",
    export: ExportOption = None,
    json: Json = None,
    html: Html = None,
    markdown: Markdown = None,
    whole: All = False,
    engine: EngineOption = "pandas",
    metrics: Metrics = None,
    config: Config = None,
) -> int:
    """Compare the three stores, repair what is safe, and report.

    Example: reconcile repair --only record-stale --reason "after the outage"
    """
    with watched("repair", config, metrics, json) as run:
        order = order_of(
            "repair",
            lookback=lookback,
            full=full,
            settle=settle,
            only=only or (),
            fail_on=fail_on,
            approve=approve,
            reason=reason,
            repair=repairs or (),
        )
        return _run(
            order,
            run,
            Files(json, html, markdown, metrics=run.emits),
            _wired(config, export),
            engine,
            whole=whole,
        )


def _wired(config: Path | None, export: list[str] | None) -> "Wiring":
    from reconcile.wiring import wired

    return wired(config, export or ())


def _run(order: Order, run: Watched, files: Files, wiring: "Wiring", engine: str, *, whole: bool) -> int:
    from reconcile.engines.registry import opened
    from reconcile.runs.finish import message_of
    from reconcile.stores.lease import AlreadyRunning
    from reconcile.wiring_writes import carry_out

    screen = console(stderr=files.take_the_screen)
    wiring.began = run.begin
    try:
        with opened(engine) as chosen, progress(screen) as shown:
            wiring.progress = shown
            run.outcome = outcome = carry_out(order, wiring, run.id, chosen)
    except AlreadyRunning:
        _print_already_running(screen, files)
        return Exit.AGREES
    print_not_archived(outcome)
    show(message_of(outcome, wiring.delivery), files, whole=whole, after=_about(outcome, wiring))
    return outcome.exit_code


def _print_already_running(screen: "Console", files: Files) -> None:
    text = "already-running: another repair is running; this one did nothing."
    screen.print(text, markup=False, highlight=False)
    if files.json:
        write(files.json, '{"schema": "1.0", "headline": "already-running"}\n')
    if files.markdown:
        write(str(files.markdown), f"{text}\n")


def _about(outcome: "Outcome", wiring: "Wiring") -> list[str]:
    """Say where the report is, and through which channels it reached people."""
    settings, lines = wiring.settings, list[str]()
    if outcome.place is not None:
        lines.append(report_line(outcome.report.run.id, outcome.place, wiring))
    elif not settings.reports:
        lines.append("No history is kept: RECONCILE_REPORTS is not set.")
    if not settings.state_table:
        lines.append("No history is kept: RECONCILE_STATE_TABLE is not set.")
    return [*lines, *delivered(outcome.report)]


def report_line(run: str, place: str, wiring: "Wiring") -> str:
    """Say where the page of a run is: its web address, else its file."""
    return f"Report: {wiring.delivery.link(run, place) or f'{place}/report.html'}"
