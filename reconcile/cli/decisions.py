"""The commands by which people tell the job what they decided, see it listed, and take it back."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from reconcile.cli.console import say, target, write_json
from reconcile.cli.options import DECIDE, Config
from reconcile.model.errors import Exit
from reconcile.model.verdict_table import label_of, label_of_name

if TYPE_CHECKING:
    from reconcile.model.decision import Decision

decisions = typer.Typer()

RecordingArgument = Annotated[
    str, typer.Argument(metavar="PREFIX", help="A recording: its prefix, a key under it, or its URL.")
]
Until = Annotated[str | None, typer.Option(help="The last day it applies (default: no end).")]
Why = Annotated[str, typer.Option(help="Reason; shown in every report.")]


@decisions.command("ignore", rich_help_panel=DECIDE)
def ignore_command(
    finding: Annotated[
        str, typer.Argument(help="The id of a finding, or of a subject not checked, in the last report.")
    ],
    reason: Why,
    until: Annotated[
        str | None, typer.Option(help="The day from which it is reported again, such as 2027-01-31.")
    ] = None,
    until_worse: Annotated[
        bool,
        typer.Option("--until-worse", help="Report it again once its severity or size rises."),
    ] = False,
    config: Config = None,
) -> int:
    """Hide a finding from reports and repairs until a date or until it gets worse; it stays counted.

    Example: reconcile ignore 128715144ad5 --until 2027-01-31 --reason "a test"
    """
    from reconcile.runs.decisions import ignore
    from reconcile.wiring import wired

    kind, decision = ignore(wired(config).memory, finding, until, reason, until_worse=until_worse)
    say(f"Ignored {_until(decision)}: {label_of_name(kind)} {decision.id}.")
    return Exit.AGREES


@decisions.command("baseline", rich_help_panel=DECIDE)
def baseline_command(
    until: Annotated[str | None, typer.Option(help="The last day (default: 90 days from now).")] = None,
    reason: Why = "known when the job was set up",
    config: Config = None,
) -> int:
    """Mark all open findings as known for 90 days, except misconfigurations; repairs continue.

    Example: reconcile baseline --reason "known before the first run"
    """
    from collections import Counter

    from reconcile.runs.decisions import baseline
    from reconcile.wiring import wired

    findings, end = baseline(wired(config).memory, until, reason)
    counted = Counter(label_of(finding.subject.type, finding.kind) for finding in findings).most_common()
    kinds = ", ".join(f"{label} ({number:,})" for label, number in counted)
    many = "1 finding is" if len(findings) == 1 else f"{len(findings):,} findings are"
    say(f"{many} marked as known until {_day(end)}{f': {kinds}' if kinds else ''}.")
    return Exit.AGREES


@decisions.command("assign", rich_help_panel=DECIDE)
def assign_command(
    recording: RecordingArgument,
    show: Annotated[str, typer.Option(help="The id of the show that the recording belongs to.")],
    reason: Why,
    group: Annotated[
        str | None, typer.Option(help="The id of the group to file it in (default: the show's own).")
    ] = None,
    until: Until = None,
    config: Config = None,
) -> int:
    """Set the show of a recording by hand; this overrides all evidence in the stores.

    Example: reconcile assign s3://BUCKET/PREFIX --show SHOW --reason "REASON"
    """
    from reconcile.report.formatting import apart, shorten
    from reconcile.runs.decisions import assign
    from reconcile.wiring import wired

    wiring = wired(config)
    assigned = assign(wiring.memory, wiring.lookup, recording, show, group, until, reason)
    title, name = apart(shorten(assigned.show.title or "")), shorten(show)
    named = f"“{title}” ({name})" if title else name
    ready = "" if assigned.recording.finished_seen else ", once it has ended"
    say(f"Assigned to the show {named} {_until(assigned.decision)}: {_where(assigned.decision)}")
    say(
        f"The next repair files it in the group {shorten(assigned.group_id)} of the user "
        f"{shorten(assigned.show.producer_id)}{ready}, "
        "unless it already has a program, or another recording covers all of its time."
    )
    _print_how_to_undo(assigned.decision)
    return Exit.AGREES


@decisions.command("restore", rich_help_panel=DECIDE)
def restore_command(
    recording: RecordingArgument, reason: Why, until: Until = None, config: Config = None
) -> int:
    """Let the next repair recreate the deleted program of a recording, once.

    Example: reconcile restore s3://BUCKET/PREFIX --reason "REASON"
    """
    from reconcile.runs.decisions import restore
    from reconcile.wiring import wired

    wiring = wired(config)
    decision = restore(wiring.memory, wiring.lookup, recording, until, reason)
    say(f"To be restored, {_until(decision)}: {_where(decision)}")
    say("The next repair recreates its program. If its owner deletes that one too, it stays deleted.")
    _print_how_to_undo(decision)
    return Exit.AGREES


@decisions.command("decisions", rich_help_panel=DECIDE)
def decisions_command(
    undo: Annotated[str | None, typer.Option(help="The id of the decision to undo.")] = None,
    include_ended: Annotated[
        bool, typer.Option("--all", help="Also list those that expired or were undone.")
    ] = False,
    json: Annotated[
        str | None, typer.Option("--json", callback=target, help="Write the list as JSON: a file, or - .")
    ] = None,
    config: Config = None,
) -> int:
    """List the decisions in force, newest first, or undo one.

    Example: reconcile decisions --undo 128715144ad5
    """
    from reconcile.runs import decisions
    from reconcile.wiring import wired

    memory = wired(config).memory
    if undo is not None:
        gone = decisions.undo(memory, undo)
        if json != "-":
            say(f"Undone: {gone.what} {gone.id}. What was written because of it stays.")
    now, listed = memory.clock(), decisions.decided(memory, ended=include_ended)
    write_json(json, [{**decision.to_json(), "holds": decision.is_active(now)} for decision in listed])
    if undo is None and json != "-":
        _list(listed, now)
    return Exit.AGREES


def _list(listed: Iterable["Decision"], now: datetime) -> None:
    from reconcile.report.formatting import plural, shorten, when

    none, baselines = True, Counter[tuple[datetime, str, str]]()
    for decision in listed:
        none = False
        if decision.what == "know" and decision.is_active(now):
            baselines[decision.at, _until(decision), shorten(decision.reason)] += 1
            continue
        validity = _until(decision) if decision.is_active(now) else _ended(decision)
        say(f"{decision.id}  {decision.what}, {validity}  {shorten(_where(decision))}")
        show = f"show {shorten(decision.show)}; " if decision.show else ""
        group = f"group {shorten(decision.group)}; " if decision.group else ""
        reason = shorten(decision.reason) or "no reason given"
        say(f"  {show}{group}{shorten(decision.by)}, {when(decision.at)}: {reason}")
    for (at, until, reason), number in baselines.items():
        text = f"marks {plural(number, 'finding')} as known {until}: {reason} (--json lists them)"
        say(f"A baseline of {when(at)} {text}")
    if none:
        say("There are no decisions.")


def _print_how_to_undo(decision: "Decision") -> None:
    say(f"To undo it: reconcile decisions --undo {decision.id}")


def _where(decision: "Decision") -> str:
    about = decision.finding or decision.id
    return decision.recording.address if decision.prefix else f"finding {about}"


def _until(decision: "Decision") -> str:
    ends = [f"until {_day(decision.until)}"] if decision.until else []
    ends += ["until it gets worse"] if decision.worse_than else []
    return " or ".join(ends) or "without an end date"


def _ended(decision: "Decision") -> str:
    moment = _day(decision.until) if decision.until else ""
    return f"undone by {decision.undone_by} on {moment}" if decision.undone_by else f"expired on {moment}"


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
