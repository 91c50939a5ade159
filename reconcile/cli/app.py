"""The command line: parses options, runs a command, and ends with its exit code."""

import sys
from collections.abc import Sequence
from functools import cache
from typing import Annotated, Any

import typer

from reconcile import __version__
from reconcile.cli.compare import compare
from reconcile.cli.console import complain
from reconcile.cli.decisions import decisions
from reconcile.cli.look_up import look_up
from reconcile.cli.set_up import set_up
from reconcile.cli.state import state
from reconcile.cli.streams import keep_streams_open
from reconcile.cli.undo import undo
from reconcile.model.errors import Exit, ReconcileError

app = typer.Typer(
    name="reconcile",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Finds and repairs differences between S3 recordings, DynamoDB programs and the Algolia index.",
)
for group in (compare, undo, look_up, decisions, set_up, state):
    app.add_typer(group)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"reconcile {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_version,
            is_eager=True,
            help="Show the version.",
        ),
    ] = False,
) -> None:
    """Take the options that stand before a command."""


@cache
def _command() -> Any:
    """Return the command with all its options, made once for the process."""
    return typer.main.get_command(app)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    try:
        return int(_command().main(args=arguments, standalone_mode=False) or 0)
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
