"""Lays a report out on one screen: the verdict first, what to do, what is new, and last the next command."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.cells import cell_len
from rich.text import Text

from reconcile.report.formatting import lasting_seconds, plural
from reconcile.report.render.lines import bounded, cut, fitted
from reconcile.report.render.terminal_head import TONES, head, next_command, short_command
from reconcile.report.view.head import Step
from reconcile.report.view.model import FindingGroup, FindingLine, ReportView

MOST_LINES = 40
NARROW = 70
"""In fewer columns a finding takes two lines."""

_MARKS = {"high": "●", "medium": "●", "low": "○", "none": "○"}
_LONGEST_LABEL, _MOST_KINDS = 28, 4


@dataclass(frozen=True, slots=True)
class Room:
    """How much of each list is shown: steps, new findings and notes, and how many lines of a sentence."""

    steps: int
    new: int
    notes: int
    sentence: int


_ROOMS = (Room(5, 5, 3, 3), Room(4, 4, 2, 3), Room(3, 3, 2, 2), Room(2, 2, 1, 2), Room(1, 1, 1, 1))
"""From the most to the least: the first that leaves a screen short enough is taken."""


def screen(view: ReportView, width: int, after: Sequence[str] = ()) -> list[Text]:
    """Return the lines of a report on one screen: at most 40 in 80 columns."""
    last = [Text(line) for line in after]
    if command := next_command(view):
        last.append(Text.assemble(("Next: ", "dim"), (command, "bold")))
    for room in _ROOMS:
        lines = [*_lines(view, width, room), *([Text()] if last else []), *last]
        if len(lines) <= MOST_LINES:
            break
    return lines


def _lines(view: ReportView, width: int, room: Room) -> Iterator[Text]:
    yield from head(view, width, room.sentence, room.notes)
    yield from _steps(view.steps, width, room)
    yield from _new(view.new, width, room)
    yield Text()
    yield from _numbers(view, width)


def _steps(steps: Sequence[Step], width: int, room: Room) -> Iterator[Text]:
    if not steps:
        return
    yield Text()
    yield Text("Do first", "bold")
    for step in steps[: room.steps]:
        command = short_command(step, width - 4)
        words = f"{step.title} ({step.effect})" if step.effect else step.title
        number = f"{step.number:>2} "
        if command and cell_len(number + words) + 2 + cell_len(command) <= width:
            gap = " " * (width - cell_len(number + words) - cell_len(command))
            yield Text.assemble((number, TONES[step.tone]), words, gap, (command, "bold"))
            continue
        yield Text.assemble((number, TONES[step.tone]), cut(words, width - len(number)))
        if command:
            yield Text(f"   {command}", "bold")
    if len(steps) > room.steps:
        yield Text(f"   and {plural(len(steps) - room.steps, 'more step')} (--all)", "dim")


def _new(lines: Sequence[FindingLine], width: int, room: Room) -> Iterator[Text]:
    if not lines:
        return
    yield Text()
    yield Text(f"New ({len(lines):,})", "bold")
    shown = lines[: room.new]
    labels = min(max(cell_len(line.label) for line in shown), _LONGEST_LABEL)
    # How long they last is the first to give way to a long title.
    longest = max(cell_len(line.title) for line in shown if line.recorded_at or line is shown[0])
    lengths = longest + labels + len(shown[0].id) + 31 <= width
    for line in shown:
        yield from _finding(line, labels, width, lengths=lengths)
    if len(lines) > room.new:
        yield Text(f"   and {len(lines) - room.new:,} more (--all)", "dim")


def _finding(line: FindingLine, labels: int, width: int, *, lengths: bool) -> Iterator[Text]:
    """Yield a finding: its title, when and how long, what is wrong, and its id, which is never cut."""
    mark = (f" {_MARKS[line.severity]} ", TONES[line.severity])
    if width < NARROW:
        yield Text.assemble(mark, cut(line.title, width - 3))
        yield Text(f"   {cut(line.label, max(width - 5 - len(line.id), 8))}  {line.id}")
        return
    room = width - 3 - labels - len(line.id) - 4
    when, lasts = short_time(line.recorded_at), _lasts(line.seconds)
    times = [f"  {fitted(when, 12)}"] if when else []
    if when and lengths:
        times.append(f"  {fitted(lasts, 8)}")
    title = fitted(line.title, room - sum(map(cell_len, times)))
    yield Text.assemble(mark, title, *times, f"  {fitted(line.label, labels)}  {line.id}")


def short_time(moment: datetime | None) -> str:
    """Return `28 Nov 11:13`, in UTC; "" without a time."""
    return f"{moment.day:>2} {moment:%b %H:%M}" if moment else ""


def _lasts(seconds: float | None) -> str:
    words = lasting_seconds(seconds) if seconds else ""
    return words.replace(" min", "m").replace(" h", "h").replace(" s", "s")


def _numbers(view: ReportView, width: int) -> Iterator[Text]:
    """Yield every number of the report with what it is made of, a line or two each."""
    if view.tile("open").number:
        yield from _labelled("Open", view.tile("open").number, _kinds(view), width, 2)
    if view.approval:
        reasons = view.approval.reasons
        words = [f"{number:,} {reason}" if len(reasons) > 1 else reason for reason, number in reasons]
        yield from _labelled(view.approval.title, view.approval.number, " · ".join(words), width, 2)
    if view.tile("repaired").number or not view.repaired_words.startswith("Nothing"):
        yield from _labelled("Repaired", view.tile("repaired").number, view.repaired_words, width, 2)
    others = {
        "resolved": len(view.resolved),
        "ignored": len(view.ignored),
        "deleted by their owner": len(view.deleted),
        "not re-checked": len(view.not_rechecked),
    }
    counted = [f"{number:,} {name}" for name, number in others.items() if number]
    if counted:
        yield Text(cut(f"Also {' · '.join(counted)} (--all)", width))
    for line in bounded(view.coverage.words, width, 3):
        yield Text(line, "dim")
    if view.cost:
        yield Text(cut(f"Cost {view.cost.words}", width), "dim")


def _labelled(label: str, number: int, words: str, width: int, most: int) -> Iterator[Text]:
    lines = bounded(f"{label} {number:,}{f': {words}' if words else ''}", width, most)
    for place, line in enumerate(lines):
        text = Text(line)
        if place == 0:
            text.stylize("bold", 0, len(f"{label} {number:,}"))
        yield text


def _kinds(view: ReportView) -> str:
    """Return the kinds of open findings, the most frequent first."""
    groups: list[FindingGroup] = [group for shelf in view.shelves for group in shelf.groups]
    groups.sort(key=lambda group: -group.number)
    shown = [f"{group.number:,} {group.label}" for group in groups[:_MOST_KINDS]]
    rest = sum(group.number for group in groups[_MOST_KINDS:])
    shown += [f"{rest:,} other"] if rest else []
    return f"{' · '.join(shown)} (--all lists them)" if shown else ""
