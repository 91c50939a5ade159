"""The commands that look something up: explain, report and runs."""

from typing import TYPE_CHECKING, Annotated

import typer

from reconcile.cli.compare import order_of, report_line
from reconcile.cli.completion import runs
from reconcile.cli.console import (
    Files,
    console,
    delivered,
    print_not_archived,
    progress,
    save,
    show,
    target,
    write_json,
)
from reconcile.cli.options import LOOK_UP, All, Config, Full, Html, Json, Lookback, Markdown, Settle
from reconcile.model.errors import Exit

if TYPE_CHECKING:
    from datetime import date

    from rich.console import Console

    from reconcile.wiring import Wiring

look_up = typer.Typer()


@look_up.command("explain", rich_help_panel=LOOK_UP)
def explain_command(
    what: Annotated[
        str,
        typer.Argument(
            help="A show's title, a prefix, key or URL of a recording, or any id that a report prints."
        ),
    ],
    run: Annotated[
        str | None,
        typer.Option("--run", help="Answer from an archived report: a run or last.", autocompletion=runs),
    ] = None,
    day: Annotated[
        str | None,
        typer.Option("--date", help="For a title: the day of the recording, in UTC, such as 2027-01-31."),
    ] = None,
    lookback: Lookback = "",
    full: Full = False,
    settle: Settle = "15m",
    json: Json = None,
    config: Config = None,
) -> int:
    """Show what each store holds for one recording or program, why it got its verdict, and what to do.

    Example: reconcile explain "Harbour Lights" --date 2026-11-28
    """
    from reconcile.explain.ask import ask
    from reconcile.explain.render import print_answer
    from reconcile.runs.archive import is_run
    from reconcile.runs.order import parse_day
    from reconcile.wiring import wired

    order = order_of("check", lookback=lookback, full=full, settle=settle, only=(), reason="")
    wiring, date, screen = wired(config), parse_day(day), console(stderr=json == "-")
    if run is not None or is_run(what):
        _explain_stored(what.strip(), run, date, wiring, screen, json)
        return Exit.AGREES
    with progress(screen) as shown:
        wiring.progress = shown
        answer = ask(what, order, wiring.ports("explain"), date)
    write_json(json, answer.to_json())
    print_answer(answer, screen)
    return Exit.INCOMPLETE if answer.doubts else Exit.AGREES


def _explain_stored(
    what: str, run: str | None, day: "date | None", wiring: "Wiring", screen: "Console", json: str | None
) -> None:
    """Answer from an archived report alone; a run is explained by its own."""
    from reconcile.explain.from_report import approvals_of, explain_stored
    from reconcile.explain.render import print_listing, print_verdicts
    from reconcile.runs.archive import is_run, load_report

    if is_run(what):
        run = what
    report = load_report(wiring.reports, wiring.settings.stage, None if run == "last" else run)
    if is_run(what):
        awaiting = approvals_of(report)
        write_json(json, awaiting.to_json())
        print_listing(awaiting, screen)
        return
    verdicts = explain_stored(what, report, wiring.settings.media, day)
    entries = [verdict.to_json() for verdict in verdicts]
    write_json(json, {"schema": "1.0", "asked": what, "told": entries})
    print_verdicts(verdicts, screen)


@look_up.command("report", rich_help_panel=LOOK_UP)
def report_command(
    run: Annotated[
        str | None, typer.Argument(help="The id of a run (default: the newest).", autocompletion=runs)
    ] = None,
    send: Annotated[bool, typer.Option("--send", help="Resend it through every channel.")] = False,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of reports, and nothing else.")
    ] = False,
    json: Json = None,
    html: Html = None,
    markdown: Markdown = None,
    csv: Annotated[
        str | None, typer.Option(callback=target, help="Write its findings as CSV: a file, or - .")
    ] = None,
    whole: All = False,
    config: Config = None,
) -> int:
    """Show or resend an archived report.

    Example: reconcile report --all
    """
    if schema:
        from reconcile.report.schema import json_schema

        write_json("-", json_schema())
        return Exit.AGREES
    from reconcile.runs.finish import message_of, send_stored, stored_outcome
    from reconcile.wiring import wired

    wiring, files = wired(config), Files(json, html, markdown, csv)
    if not send:
        stored = stored_outcome(run, wiring.reports, wiring.settings.stage)
        after = [report_line(stored.report.run.id, stored.place or "", wiring)]
        show(message_of(stored, wiring.delivery), files, whole=whole, after=after)
        return Exit.AGREES
    outcome = send_stored(run, wiring.delivery, wiring.memory)
    save(message_of(outcome, wiring.delivery), files)
    for line in delivered(outcome.report):
        console(stderr=files.take_the_screen).print(line, markup=False, highlight=False, soft_wrap=True)
    print_not_archived(outcome)
    failed = any(delivery.outcome == "failed" for delivery in outcome.report.deliveries)
    return Exit.INCOMPLETE if outcome.not_kept else Exit.UNDELIVERED if failed else Exit.AGREES


@look_up.command("runs", rich_help_panel=LOOK_UP)
def runs_command(
    limit: Annotated[int, typer.Option(min=1, help="How many runs to list.")] = 20,
    json: Json = None,
    config: Config = None,
) -> int:
    """List the archived runs, newest first.

    Example: reconcile runs --limit 5
    """
    from reconcile.runs.archive import summaries
    from reconcile.wiring import wired

    wiring = wired(config)
    entries = summaries(wiring.reports, wiring.settings.stage, limit)
    write_json(json, entries)
    if json != "-":
        from reconcile.report.render.runs import print_runs

        print_runs(entries, console())
    return Exit.AGREES
