"""What a report begins and ends with on a terminal: which run it is, how things are, and the next command."""

from collections.abc import Iterator, Mapping, Sequence

from rich.cells import cell_len
from rich.text import Text

from reconcile.report.formatting import lasting_seconds, plural
from reconcile.report.parts import ReportState
from reconcile.report.render.lines import bounded, cut
from reconcile.report.view.head import Step, Tone
from reconcile.report.view.model import ReportView

STATES: Mapping[ReportState, str] = {
    "ok": "bold green",
    "known": "bold blue",
    "action": "bold yellow",
    "incomplete": "bold red",
}
TONES: Mapping[Tone, str] = {
    "high": "red",
    "medium": "yellow",
    "low": "blue",
    "approval": "magenta",
    "none": "default",
    "good": "green",
}


def head(view: ReportView, width: int, sentence: int, notes: int) -> Iterator[Text]:
    """Yield which run this is, the state, the sentence, the numbers, and what to know beside them."""
    bar, verdict = view.bar, view.verdict
    when = f"{bar.started_at:%a} {bar.started_at.day} {bar.started_at:%b %Y %H:%M} UTC"
    facts = f"{when} · {bar.mode}, {bar.scope} · {lasting_seconds(bar.seconds)}"
    stage = Text(cut(f"[{bar.stage}]", width - 18), "bold")
    state = Text.assemble(stage, " ", (verdict.words.upper(), STATES[verdict.state]))
    if state.cell_len + cell_len(facts) + 3 <= width:
        yield Text.assemble(state, "   ", (facts, "dim"))
    else:
        yield state
        yield from (Text(line, "dim") for line in bounded(facts, width, 2))
    for line in bounded(verdict.headline, width, sentence):
        yield Text(line, "bold")
    for line in bounded(verdict.summary, width, 2):
        yield Text(line)
    for note in verdict.notes[:notes]:
        yield from (Text(f"{mark} {line}", "yellow") for mark, line in _marked(bounded(note, width - 2, 2)))
    if len(verdict.notes) > notes:
        yield Text(f"! and {plural(len(verdict.notes) - notes, 'more note')} (--all)", "yellow")


def _marked(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    return (("!" if number == 0 else " ", line) for number, line in enumerate(lines))


def next_command(view: ReportView) -> str:
    """Return the command to run next, "" where there is nothing to do."""
    if view.steps and (command := short_command(view.steps[0], 0)):
        return command
    if view.approval and view.approval.commands:
        return view.approval.commands[0]
    if view.verdict.state == "incomplete":
        return "reconcile doctor"
    return "reconcile report --all" if view.shelves else ""


def short_command(step: Step, width: int) -> str:
    """Return the command of a step where it is one of ours, or short; else the one that explains it."""
    only = step.commands[0] if len(step.commands) == 1 else ""
    # The second command of an approval does the same by the function.
    ours = only or next((command for command in step.commands if command.startswith("reconcile ")), "")
    if ours.startswith("reconcile ") or (ours and cell_len(ours) <= width):
        return ours
    return f"reconcile explain {step.findings[0]}" if step.findings else ours
