"""The options that several commands share, and the groups in which help lists the commands."""

from pathlib import Path
from typing import Annotated

import typer

from reconcile.cli.completion import opt_in_verdicts, reported_verdicts, runs
from reconcile.cli.console import target
from reconcile.cli.watched import metrics_format

COMPARE, LOOK_UP, DECIDE, SET_UP = (
    "Compare and repair",
    "Look something up",
    "Decide",
    "Set up and try",
)
"""The groups of commands, by what a person wants to do."""

Lookback = Annotated[str, typer.Option(help="How far back to check recordings without a program: 36h, 3d.")]
Full = Annotated[bool, typer.Option("--full", help="Check every recording, whatever its age.")]
Settle = Annotated[str, typer.Option(help="Skip what changed less than this ago: 0s, 15m.")]
Only = Annotated[
    list[str] | None,
    typer.Option(
        help="Report (and repair) these verdicts only; may be repeated.", autocompletion=reported_verdicts
    ),
]
FailOn = Annotated[str, typer.Option(help="Exit with 2 on `any` open finding, or only on a `new` one.")]
ReasonOption = Annotated[str, typer.Option(help="Reason for this run; shown in the report.")]
ExportOption = Annotated[
    list[str] | None,
    typer.Option(
        help="Read the table from this export, s3://bucket/prefix/AWSDynamoDB/EXPORT_ID, not by a scan; "
        "repeat it for the incremental exports after it."
    ),
]
Json = Annotated[
    str | None, typer.Option("--json", callback=target, help="Write the report as JSON: a file, or - .")
]
Html = Annotated[Path | None, typer.Option("--html", callback=target, help="Write the report as a page.")]
Markdown = Annotated[
    Path | None, typer.Option("--markdown", callback=target, help="Write the report's summary as Markdown.")
]
All = Annotated[bool, typer.Option("--all", help="Print everything, not one screen.")]
Metrics = Annotated[
    str | None,
    typer.Option(
        "--metrics",
        callback=metrics_format,
        help="Print the run's metrics as the function does: `emf`, a line of JSON each. For scheduled runs.",
    ),
]
Config = Annotated[Path | None, typer.Option(help="A TOML file of settings.")]
EngineOption = Annotated[
    str, typer.Option(help="What compares the stores: pandas, or duckdb or spark for large archives.")
]
Repairs = Annotated[
    list[str] | None,
    typer.Option(
        "--repair",
        help="Also repair this verdict, by default only reported; may be repeated.",
        autocompletion=opt_in_verdicts,
    ),
]
Approve = Annotated[
    str | None,
    typer.Option(help="Apply exactly what this run left awaiting approval.", autocompletion=runs),
]
"""What `reconcile repair --approve` names."""
