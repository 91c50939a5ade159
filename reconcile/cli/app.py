"""The command line: parses options, runs the job, shows the report, and ends with the exit code."""

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reconcile.cli.console import (
    complain,
    console,
    print_deliveries,
    print_not_archived,
    progress,
    save,
    show,
    target,
    write,
    write_json,
)
from reconcile.cli.decisions import decisions
from reconcile.cli.state import state
from reconcile.cli.streams import keep_streams_open
from reconcile.model.errors import Exit, ReconcileError, UsageError
from reconcile.model.run import Order
from reconcile.runs.order import make_order

if TYPE_CHECKING:
    from rich.console import Console

    from reconcile.runs.finish import Outcome
    from reconcile.wiring import Wiring

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Finds and repairs differences between S3 recordings, DynamoDB programs and the Algolia index.",
)
app.add_typer(decisions)
app.add_typer(state)

Lookback = Annotated[str, typer.Option(help="How far back to check recordings without a program: 36h, 3d.")]
Full = Annotated[bool, typer.Option("--full", help="Check every recording, whatever its age.")]
Settle = Annotated[str, typer.Option(help="Skip what changed less than this ago: 0s, 15m.")]
Only = Annotated[
    list[str] | None, typer.Option(help="Report (and repair) these verdicts only; may be repeated.")
]
FailOn = Annotated[str, typer.Option(help="Exit with 2 on `any` open finding, or only on a `new` one.")]
Reason = Annotated[str, typer.Option(help="Reason for this run; shown in the report.")]
Json = Annotated[
    str | None, typer.Option("--json", callback=target, help="Write the report as JSON: a file, or - .")
]
Html = Annotated[Path | None, typer.Option("--html", callback=target, help="Write the report as a page.")]
Config = Annotated[Path | None, typer.Option(help="A TOML file of settings.")]
Repairs = Annotated[
    list[str] | None,
    typer.Option("--repair", help="Also repair this verdict, by default only reported; may be repeated."),
]
Approve = Annotated[str | None, typer.Option(help="Apply exactly what this run left awaiting approval.")]

_order = partial(make_order, named="--{}".format)


@app.command("check")
def check_command(
    lookback: Lookback = "",
    full: Full = False,
    settle: Settle = "15m",
    only: Only = None,
    fail_on: FailOn = "any",
    reason: Reason = "",
    json: Json = None,
    html: Html = None,
    config: Config = None,
) -> int:
    """Compare the three stores and report the differences; writes nothing to them."""
    order = _order(
        "check",
        lookback=lookback,
        full=full,
        settle=settle,
        only=only or (),
        fail_on=fail_on,
        reason=reason,
    )
    return _run(order, json, html, config)


@app.command("repair")
def repair_command(
    lookback: Lookback = "",
    full: Full = False,
    settle: Settle = "15m",
    only: Only = None,
    fail_on: FailOn = "any",
    approve: Approve = None,
    repairs: Repairs = None,
    reason: Reason = "",
    json: Json = None,
    html: Html = None,
    config: Config = None,
) -> int:
    """Compare the three stores, repair what is safe, and report."""
    order = _order(
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
    return _run(order, json, html, config)


@app.command("demo")
def demo_command(
    seed: Annotated[int, typer.Option(help="Which sample world to create.")] = 1,
    reports: Annotated[Path, typer.Option(help="Where to archive the reports.")] = Path("reports"),
    serve: Annotated[
        bool, typer.Option("--serve", help="Keep the stores running for other commands.")
    ] = False,
) -> int:
    """Try everything on local stores with a sample world."""
    try:
        from reconcile.cli.demo import run_demo
    except ImportError as error:
        raise UsageError(
            f"the demo needs the sandbox extra: pip install 'reconcile[sandbox]' ({error})"
        ) from error
    return run_demo(console(), seed=seed, reports=reports, serve=serve)


@app.command("runs")
def runs_command(
    limit: Annotated[int, typer.Option(min=1, help="How many runs to list.")] = 20,
    json: Json = None,
    config: Config = None,
) -> int:
    """List the archived runs, newest first."""
    from reconcile.runs.archive import summaries

    wiring = _wiring(config)
    entries = summaries(wiring.reports, wiring.settings.stage, limit)
    write_json(json, entries)
    if json != "-":
        from reconcile.report.render.terminal import print_runs

        print_runs(entries, console())
    return Exit.AGREES


@app.command("report")
def report_command(
    run: Annotated[str | None, typer.Argument(help="The id of a run (default: the newest).")] = None,
    send: Annotated[bool, typer.Option("--send", help="Resend it through every channel.")] = False,
    json: Json = None,
    html: Html = None,
    config: Config = None,
) -> int:
    """Show or resend an archived report."""
    from reconcile.runs.archive import load_report
    from reconcile.runs.finish import send_stored

    wiring = _wiring(config)
    if not send:
        show(load_report(wiring.reports, wiring.settings.stage, run), json, html)
        return Exit.AGREES
    outcome = send_stored(run, wiring.delivery, wiring.memory)
    save(outcome.report, json, html)
    screen = console(stderr=json == "-")
    print_deliveries(outcome.report, screen)
    print_not_archived(outcome)
    failed = any(delivery.outcome == "failed" for delivery in outcome.report.deliveries)
    return Exit.INCOMPLETE if outcome.not_kept else Exit.UNDELIVERED if failed else Exit.AGREES


@app.command("explain")
def explain_command(
    what: Annotated[
        str, typer.Argument(help="A prefix, key or URL of a recording, any id in a report, or a title.")
    ],
    run: Annotated[
        str | None, typer.Option("--run", help="Answer from an archived report: a run or last.")
    ] = None,
    day: Annotated[str | None, typer.Option("--date", help="The day of a title, such as 2027-01-31.")] = None,
    lookback: Lookback = "",
    full: Full = False,
    settle: Settle = "15m",
    json: Json = None,
    config: Config = None,
) -> int:
    """Show what each store holds for one recording or program, and why; and what a repair would change."""
    from reconcile.explain.ask import ask
    from reconcile.explain.from_report import explain_stored
    from reconcile.explain.render import print_answer, print_verdicts
    from reconcile.runs.archive import load_report
    from reconcile.runs.order import parse_day

    order = _order("check", lookback=lookback, full=full, settle=settle, only=(), reason="")
    wiring = _wiring(config)
    screen = console(stderr=json == "-")
    if run is not None:
        report = load_report(wiring.reports, wiring.settings.stage, None if run == "last" else run)
        verdicts = explain_stored(what, report, wiring.settings.media, parse_day(day))
        write_json(
            json, {"schema": "1.0", "asked": what, "told": [verdict.to_json() for verdict in verdicts]}
        )
        print_verdicts(verdicts, screen)
        return Exit.AGREES
    with progress(screen) as shown:
        wiring.progress = shown
        explanation = ask(what, order, wiring.ports("explain"), parse_day(day))
    write_json(json, explanation.to_json())
    print_answer(explanation, screen)
    return Exit.INCOMPLETE if explanation.doubts else Exit.AGREES


@app.command("doctor")
def doctor_command(
    send: Annotated[bool, typer.Option("--send", help="Send a test message through every channel.")] = False,
    config: Config = None,
) -> int:
    """Check every setting and permission, and say how to fix each problem; writes nothing."""
    from reconcile.doctor import examine, exit_code, print_lines

    return exit_code(print_lines(examine(config, send), console()))


def _run(order: Order, json: str | None, html: Path | None, config: Path | None) -> int:
    from reconcile.job import check, repair
    from reconcile.stores.lease import AlreadyRunning
    from reconcile.wiring import new_run_id

    wiring = _wiring(config)
    screen = console(stderr=json == "-")
    run_id = new_run_id(wiring.clock())
    try:
        with progress(screen) as shown:
            wiring.progress = shown
            ports = wiring.ports(run_id)
            outcome = (
                check(order, ports) if order.mode == "check" else repair(order, ports, wiring.tools(run_id))
            )
    except AlreadyRunning:
        _print_already_running(screen, json)
        return Exit.AGREES
    show(outcome.report, json, html)
    _print_place(outcome, wiring, screen)
    return outcome.exit_code


def _print_already_running(screen: "Console", json: str | None) -> None:
    text = "already-running: another repair is running; this one did nothing."
    screen.print(text, markup=False, highlight=False)
    if json:
        write(json, '{"schema": "1.0", "headline": "already-running"}\n')


def _print_place(outcome: "Outcome", wiring: "Wiring", screen: "Console") -> None:
    print_not_archived(outcome)
    if outcome.place is not None:
        where = wiring.delivery.link(outcome.report.run.id, outcome.place) or outcome.place
        screen.print(f"Report: {where}", markup=False, highlight=False, soft_wrap=True)
    elif not wiring.settings.reports:
        screen.print("No history is kept: RECONCILE_REPORTS is not set.", highlight=False)
    if not wiring.settings.state_table:
        screen.print("No history is kept: RECONCILE_STATE_TABLE is not set.", highlight=False)
    print_deliveries(outcome.report, screen)


def _wiring(config: Path | None) -> "Wiring":
    from reconcile.settings import load_settings
    from reconcile.wiring import Wiring

    return Wiring(load_settings(config))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    try:
        return int(app(args=arguments, standalone_mode=False) or 0)
    except ReconcileError as error:
        complain(str(error))
        return error.exit_code
    except typer.Exit as ended:
        return int(ended.exit_code)
    except typer.Abort:
        return Exit.CRASHED
    except typer.TyperException as error:
        if error.format_message():
            complain(error.format_message())
        return Exit.USAGE


def main() -> None:
    """Enter from the shell; a crash ends with Python's own exit code, 1, and its traceback."""
    keep_streams_open()
    sys.exit(run())
