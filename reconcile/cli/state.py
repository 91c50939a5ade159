"""The command that shows what the state table is tied to, and lets a person change that."""

from typing import TYPE_CHECKING, Annotated

import typer

from reconcile.cli.console import say, target, write_json
from reconcile.cli.options import SET_UP, Config
from reconcile.model.errors import Exit, UsageError

if TYPE_CHECKING:
    from reconcile.runs.environment import Binding

state = typer.Typer()


@state.command("state", rich_help_panel=SET_UP)
def state_command(
    remove_bucket: Annotated[
        str | None, typer.Option(metavar="NAME", help="Remove a bucket that the table is bound to.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Remove it although programs, rows or the ledger point there.")
    ] = False,
    accept: Annotated[
        bool, typer.Option("--accept", help="Confirm that the table is right: waiting creations continue.")
    ] = False,
    reason: Annotated[str, typer.Option(help="Reason; required by --force and --accept.")] = "",
    json: Annotated[
        str | None, typer.Option("--json", callback=target, help="Write it as JSON: a file, or - .")
    ] = None,
    config: Config = None,
) -> int:
    """Show what the state table is bound to; remove a bucket, or accept a table restored from a backup.

    Example: reconcile state --remove-bucket recordings-tpyo
    """
    from reconcile.runs import environment
    from reconcile.wiring import wired

    if remove_bucket is not None and accept:
        raise UsageError("--remove-bucket and --accept are two decisions: make one at a time")
    if force and remove_bucket is None:
        raise UsageError("--force goes with --remove-bucket")
    wiring = wired(config)
    memory = wiring.memory
    quiet = json == "-"
    if remove_bucket is not None:
        environment.remove_bucket(memory, wiring.lookup, remove_bucket, reason, force=force)
        _say(f"The state table is no longer bound to the bucket {remove_bucket}.", quiet=quiet)
        if remove_bucket in wiring.settings.bucket:
            _say(
                "RECONCILE_BUCKET still names it: remove it there, or the next run binds it again.",
                quiet=quiet,
            )
    elif accept:
        environment.accept(memory, reason)
        _say("Accepted: creations that waited for this continue.", quiet=quiet)
    binding = environment.binding(memory)
    write_json(json, binding.to_json())
    if not quiet:
        _show(binding)
    return Exit.AGREES


def _say(text: str, *, quiet: bool) -> None:
    if not quiet:
        say(text)


def _show(binding: "Binding") -> None:
    from reconcile.report.formatting import shorten, when

    standing = binding.environment
    if standing is None:
        say("The state table is not bound yet: the first check or repair binds it.")
    else:
        never = "not yet: no run has read it completely"
        say(f"Stage:   {shorten(standing.stage)}")
        say(f"Table:   {shorten(standing.table) or never}")
        say(f"Index:   {shorten(standing.index) or never}")
        say(f"Buckets: {', '.join(map(shorten, standing.buckets)) or never}")
        first = when(standing.first_repair) if standing.first_repair else "none yet"
        say(f"First repair: {first}. Runs that wrote: {standing.sequence:,}.")
        met = (
            f"since {when(standing.index_met)}"
            if standing.index_met
            else "not yet: writes to it need approval"
        )
        say(f"The index is confirmed as this table's: {met}.")
        for entry in standing.removed_buckets:
            shows = ", ".join(map(shorten, entry.shows)) or "any show"
            who = f"{shorten(entry.by)} on {when(entry.at)}: {shorten(entry.reason) or 'no reason given'}"
            say(f"Bucket {entry.bucket} was removed by {who}")
            say(f"  Creations wait for {shows}, until: reconcile state --accept --reason TEXT")
    if binding.behind:
        say(f"The table is older than an archived report, which has the number {binding.behind:,}.")
        say("Creations wait until someone confirms that it is right: reconcile state --accept --reason TEXT")
