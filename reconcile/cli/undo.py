"""The command that takes back what a repair wrote."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from reconcile.cli.completion import runs
from reconcile.cli.console import complain, console, progress, target, write_json
from reconcile.cli.options import COMPARE, Config
from reconcile.model.errors import Denied, Exit, UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from reconcile.undo.outcomes import Undone
    from reconcile.undo.undo import UndoOutcome, UndoPlan

undo = typer.Typer()

_SHOWN = 20
_OWN_CREDENTIALS = (
    "Taking back deletes rows, which the credentials of scheduled runs may not: run the same command with "
    "your own (AWS_PROFILE). The operations guide lists the permissions under Take a run back."
)


@undo.command("undo", rich_help_panel=COMPARE)
def undo_command(
    run: Annotated[str, typer.Argument(help="The repair to take back.", autocompletion=runs)],
    reason: Annotated[str, typer.Option(help="Reason; shown wherever a repair then awaits approval.")],
    only: Annotated[
        str | None, typer.Option(metavar="FINDING", help="Take back only what was written for this finding.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Go on without asking.")] = False,
    json: Annotated[
        str | None,
        typer.Option("--json", callback=target, help="Write what was done as JSON: a file, or - ."),
    ] = None,
    config: Config = None,
) -> int:
    """Take back what a repair wrote, where nobody changed it since; shows first what it would do.

    Example: reconcile undo 20261129T033000000Z-50e1f8 --reason "a bad night"
    """
    from reconcile.runs.run_id import new_run_id
    from reconcile.stores.lease import AlreadyRunning
    from reconcile.undo.request import UndoOrder
    from reconcile.undo.undo import UndoOutcome, plan, take_back
    from reconcile.wiring import wired
    from reconcile.wiring_writes import undo_stores, undo_tools

    if only is not None and not only.strip():
        raise UsageError("--only names no finding: leave it out to take back the whole run")
    screen, order = console(stderr=json == "-"), UndoOrder(run.strip(), reason, (only or "").strip())
    wiring = wired(config)
    with progress(screen) as shown:
        wiring.progress = shown
        planned = plan(order, undo_stores(wiring))
    _show_plan(planned, screen)
    if not planned.takes:
        outcome = UndoOutcome("", order, planned.as_it_stands())
        write_json(json, outcome.to_json())
        return outcome.exit_code
    if not _agreed(yes=yes):
        _print(screen, "Nothing was taken back.")
        return Exit.FINDINGS
    try:
        with progress(screen) as shown:
            wiring.progress = shown
            run_id = new_run_id(wiring.clock())
            outcome = take_back(order, undo_stores(wiring), undo_tools(wiring, run_id))
    except AlreadyRunning:
        _print(screen, "Another run holds the lease: nothing was taken back. Try again when it has ended.")
        return Exit.INCOMPLETE
    except Denied as error:
        complain(str(error))
        _print(screen, _OWN_CREDENTIALS)
        return Exit.INCOMPLETE
    write_json(json, outcome.to_json())
    _show_outcome(outcome, screen)
    return outcome.exit_code


def _agreed(*, yes: bool) -> bool:
    """Whether to go on; raises UsageError where nobody can be asked."""
    if yes:
        return True
    if not (sys.stdin and sys.stdin.isatty()):
        raise UsageError(
            "nothing was taken back: there is no terminal to ask on; add --yes to take back what is listed"
        )
    return typer.confirm("Take this back?", err=True)


def _show_plan(planned: "UndoPlan", screen: "Console") -> None:
    from reconcile.undo.outcomes import Undone

    order, reversals = planned.order, planned.reversals
    if not reversals:
        _print(screen, f"The run {order.run} wrote nothing: there is nothing to take back.")
        return
    rest = planned.as_it_stands()
    left = [one for one in rest if one.reversal.fate == "left"]
    done = [one for one in rest if one.reversal.fate == "done"]
    _table(screen, "To be taken back", [Undone(reversal, "undone") for reversal in planned.takes])
    _table(screen, "Stays as it is", left)
    _table(screen, "Nothing left to do", done)
    if planned.takes:
        return
    before = f" It was taken back before, by the run {planned.earlier[0]}." if planned.earlier else ""
    _print(screen, f"Nothing of the run {order.run} is left to take back.{before}")


def _show_outcome(outcome: "UndoOutcome", screen: "Console") -> None:
    _print(screen, "")
    _table(screen, "Failed", [one for one in outcome.undone if one.became in ("failed", "denied")])
    left = [one for one in outcome.undone if one.became == "left"]
    _table(screen, "Stays as it is", left)
    _print(screen, f"{outcome.headline}.")
    if any(one.became == "undone" for one in outcome.undone):
        _print(screen, "What was taken back awaits approval in the next run that finds it.")
    if any(one.became == "denied" for one in outcome.undone):
        _print(screen, _OWN_CREDENTIALS)
    if outcome.not_kept:
        _print(screen, f"The undo was not archived: {outcome.not_kept}")


def _table(screen: "Console", head: str, rows: Sequence["Undone"]) -> None:
    """Print rows under a head, each with what was written, where, and what becomes of it or why."""
    from reconcile.report.formatting import line_of
    from reconcile.undo.words import effect, place

    if not rows:
        return
    _print(screen, f"{head} ({len(rows):,}):")
    targets = [one.reversal.target for one in rows[:_SHOWN]]
    whats, places = [line_of(one.what) for one in targets], [line_of(place(one), 60) for one in targets]
    wide, wider = max(map(len, whats)), max(map(len, places))
    for what, where, one in zip(whats, places, rows, strict=False):
        then = effect(one.reversal) if one.became == "undone" else one.why
        _print(screen, f"  {what:<{wide}}  {where:<{wider}}  {line_of(then, 400)}")
    if len(rows) > _SHOWN:
        _print(screen, f"  and {len(rows) - _SHOWN:,} more")


def _print(screen: "Console", text: str) -> None:
    screen.print(text, markup=False, highlight=False, soft_wrap=True)
