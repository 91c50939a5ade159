"""The commands that set the job up and try it: doctor and demo."""

from pathlib import Path
from typing import Annotated

import typer

from reconcile.cli.console import console
from reconcile.cli.options import SET_UP, Config
from reconcile.model.errors import UsageError

set_up = typer.Typer()


@set_up.command("doctor", rich_help_panel=SET_UP)
def doctor_command(
    send: Annotated[bool, typer.Option("--send", help="Send a test message through every channel.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Also list what is OK.")] = False,
    config: Config = None,
) -> int:
    """Check every setting and permission, and say how to fix each problem; writes nothing.

    Example: reconcile doctor --all
    """
    from reconcile.doctor import examine, exit_code
    from reconcile.doctor.render import print_lines

    return exit_code(print_lines(examine(config, send), console(), every=every))


@set_up.command("demo", rich_help_panel=SET_UP)
def demo_command(
    seed: Annotated[int, typer.Option(help="Which sample world to create.")] = 1,
    reports: Annotated[Path, typer.Option(help="Where to archive the reports.")] = Path("reports"),
    serve: Annotated[
        bool, typer.Option("--serve", help="Keep the stores running for other commands.")
    ] = False,
) -> int:
    """Try everything on local stores with a sample world.

    Example: reconcile demo --serve
    """
    try:
        from reconcile.cli.demo import run_demo
    except ImportError as error:
        raise UsageError(
            f"the demo needs the sandbox extra: pip install 'reconcile[sandbox]' ({error})"
        ) from error
    return run_demo(console(), seed=seed, reports=reports, serve=serve)
