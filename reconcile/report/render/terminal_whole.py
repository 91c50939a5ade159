"""Prints everything that a report says, section by section, for `--all` on a terminal or in a pipe."""

from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from reconcile.report.choices import in_columns
from reconcile.report.facts import Fact
from reconcile.report.formatting import lasting_seconds, when
from reconcile.report.render.lines import Lines
from reconcile.report.render.terminal_head import TONES, head, next_command
from reconcile.report.view.cost import CostView
from reconcile.report.view.head import Step
from reconcile.report.view.model import (
    Approval,
    ChainStep,
    CoverageView,
    FindingGroup,
    FindingLine,
    ListEntry,
    ReportView,
    Shelf,
    SideBySide,
    SourceLine,
)

_MOST_SENTENCE = 99


def print_whole(view: ReportView, console: Console, after: Sequence[str] = ()) -> None:
    """Print a report in reading order; `after` are lines about the report itself, before the next command."""
    page = Lines(console)
    for line in head(view, page.width, _MOST_SENTENCE, _MOST_SENTENCE):
        page.whole(line)
    _steps(view.steps, page)
    _chain(view.chain, page)
    if view.approval:
        _approval(view.approval, page)
    for shelf in view.shelves:
        _shelf(shelf, page)
    _section("Repaired", view.tile("repaired").number, page, view.repaired_words)
    for group in view.repaired:
        _group(group, page)
    _short("Resolved since the last report", view.resolved, page)
    _entries("Ignored", view.ignored, page)
    _entries("Decisions", view.decisions, page)
    _entries("Deleted by their owners", view.deleted, page)
    _short("Not re-checked", view.not_rechecked, page)
    _coverage(view.coverage, page)
    if view.deliveries:
        _title("Delivery", page)
        _facts(view.deliveries, page, 2)
    if view.usage:
        used = ", ".join(f"{fact.values[0]} {fact.label}" for fact in view.usage)
        page.line()
        page.line(f"Used: {used}", "dim")
    if view.cost:
        _cost(view.cost, page)
    page.line()
    page.line(_run(view), "dim")
    for text in after:
        page.whole(text)
    if command := next_command(view):
        page.whole(Text.assemble(("Next: ", "dim"), (command, "bold")))


def _cost(cost: CostView, page: Lines) -> None:
    _title(f"Cost {cost.words}", page)
    _facts(cost.facts, page, 2)


def _run(view: ReportView) -> str:
    bar = view.bar
    reason = f", reason: {bar.reason}" if bar.reason else ""
    return f"Run {bar.run}, exit {bar.exit_code} ({bar.exit_words}), reconcile {bar.version}{reason}"


def _title(text: str, page: Lines) -> None:
    page.line()
    page.line(text, "bold underline")


def _section(title: str, number: int, page: Lines, words: str = "") -> None:
    _title(f"{title} ({number:,})", page)
    if words:
        page.line(words, "dim")


def _steps(steps: Sequence[Step], page: Lines) -> None:
    if not steps:
        return
    _title("Do first", page)
    for step in steps:
        effect = f" ({step.effect})" if step.effect else ""
        page.line(Text.assemble((f"{step.number} ", TONES[step.tone]), (step.title, "bold"), effect))
        if step.words:
            page.line(step.words, indent=2)
        _commands(step.commands, page, 4)


def _chain(chain: Sequence[ChainStep], page: Lines) -> None:
    if not chain:
        return
    _title("From recording to search", page)
    for link in chain:
        page.line(Text.assemble(f"{link.number:,} {link.label}: ", (link.words, TONES[link.tone])), indent=2)


def _approval(approval: Approval, page: Lines) -> None:
    _section(approval.title, approval.number, page, approval.means)
    for reason, number in approval.reasons:
        page.line(f"{number:,}: {reason}", indent=2)
    _commands(approval.commands, page, 4)
    for line in approval.lines:
        _head(line, page, 2)


def _shelf(shelf: Shelf, page: Lines) -> None:
    _section(shelf.title, shelf.number, page)
    for group in shelf.groups:
        _group(group, page)


def _group(group: FindingGroup, page: Lines) -> None:
    page.line()
    name = (group.label, f"bold {TONES[group.severity]}")
    new = f", {group.new:,} new" if group.new else ""
    page.line(Text.assemble(name, f" ({group.number:,}{new})", (f"  {group.kind}", "dim")), indent=2)
    if group.means:
        page.line(group.means, indent=2)
    _remedy(group.step, group.commands, page, 2)
    for line in group.lines:
        _finding(line, page)


def _finding(line: FindingLine, page: Lines) -> None:
    _head(line, page, 4)
    if line.place:
        page.whole(line.place, "dim", indent=6)
    _facts(line.facts, page, 6)
    if line.cause:
        page.line(f"Root cause: {line.cause}", indent=6)
    for comparison in line.comparisons:
        _comparison(comparison, page)
    if line.choice:
        for text in in_columns(line.choice, page.width - 6):
            page.whole(text, indent=6)
    for link in line.links:
        page.whole(f"{link.label}: {link.url}", "dim", indent=6)
    _remedy(line.step, line.commands, page, 6)


def _head(line: FindingLine, page: Lines, indent: int) -> None:
    """Print what it is, when it was recorded and how long, since when it is known, and its id."""
    recorded = [when(line.recorded_at)] if line.recorded_at else []
    lasts = [lasting_seconds(line.seconds)] if line.seconds else []
    named = f"- {', '.join((line.title, *recorded, *lasts))}  [{line.mark}]  "
    page.line(Text.assemble(named, (line.id, TONES[line.severity])), indent=indent)


def _remedy(step: str, commands: Sequence[str], page: Lines, indent: int) -> None:
    if step:
        page.line(f"→ {step}", "bold", indent=indent)
    _commands(commands, page, indent + 2)


def _commands(commands: Iterable[str], page: Lines, indent: int) -> None:
    for command in commands:
        page.whole(command, "bold", indent=indent)


def _comparison(comparison: SideBySide, page: Lines) -> None:
    """Print a write, or two sides, and below it the fields that differ."""
    if comparison.what:
        mark = (f"[{comparison.mark}]", TONES[comparison.tone])
        page.line(Text.assemble(f"{comparison.what}  ", mark, f"  {comparison.target}"), indent=6)
    left, right = comparison.columns
    for row in comparison.rows:
        style = "dim" if row.tolerated else ""
        values = f": {left} {row.left}, {right} {row.right}" if row.left or row.right else ""
        if not values or cell_len(f"{row.field}{values}") + 8 <= page.width:
            page.whole(f"{row.field}{values}", style, indent=8)
            continue
        # Values under each other show where they differ, and hold addresses that must not be broken.
        page.whole(row.field, style, indent=8)
        longest = max(len(left), len(right))
        for side, value in ((left, row.left), (right, row.right)):
            page.whole(f"{side.ljust(longest)}  {value}", style, indent=10)


def _short(title: str, lines: Sequence[FindingLine], page: Lines) -> None:
    if not lines:
        return
    _section(title, len(lines), page)
    for line in lines:
        page.line(f"{line.label}: {line.title}  {line.id}", indent=2)
        if line.place:
            page.whole(line.place, "dim", indent=4)


def _entries(title: str, entries: Sequence[ListEntry], page: Lines) -> None:
    if not entries:
        return
    _section(title, len(entries), page)
    for entry in entries:
        page.line("  ".join(filter(None, (entry.title, entry.id))), indent=2)
        if entry.mark:
            page.line(entry.mark, "dim", indent=4)
        if entry.place:
            page.whole(entry.place, "dim", indent=4)
        _facts(entry.facts, page, 4)


def _coverage(coverage: CoverageView, page: Lines) -> None:
    _title("Coverage", page)
    page.line(coverage.words)
    for reason in coverage.not_checked:
        page.line(f"Not checked, {reason.words}: {reason.reason}", indent=2)
        for line in reason.lines:
            page.line(f"{line.title}  {line.id}", indent=4)
            if line.place:
                page.whole(line.place, "dim", indent=6)
        if reason.number > len(reason.lines):
            page.line(f"and {reason.number - len(reason.lines):,} more in the JSON report", "dim", indent=4)
    for table in coverage.tables:
        rows = ", ".join(f"{number:,} {label}" for label, number in table.rows)
        left = table.total - table.checked
        total = f"{table.total:,} in total" + (f" = {table.checked:,} checked + {left:,} not" if left else "")
        page.line(Text.assemble((table.title, "bold"), f": {rows}; {total}"), indent=2)
    _title("Sources read", page)
    for source in coverage.sources:
        _source(source, page, f"{source.state}; {source.items:,} items, {lasting_seconds(source.seconds)}")
    if coverage.setup:
        _title("Configuration", page)
        for source in coverage.setup:
            _source(source, page, source.state)


def _source(source: SourceLine, page: Lines, words: str) -> None:
    page.line(Text.assemble((source.name, "bold"), ": ", (words, TONES[source.tone])), indent=2)
    if source.why:
        page.line(source.why, indent=4)
    if source.details:
        details = ", ".join(f"{fact.label} {'; '.join(fact.values)}" for fact in source.details)
        page.line(details, "dim", indent=4)


def _facts(facts: Sequence[Fact], page: Lines, indent: int) -> None:
    """Print labels with their values; an address stands on a line of its own."""
    for fact in facts:
        first, *others = fact.values
        if _is_address(first):
            first, others = "", [first, *others]
        page.line(Text.assemble((f"{fact.label}: ", "dim"), first), indent=indent)
        for value in others:
            (page.whole if _is_address(value) else page.line)(value, indent=indent + 2)


def _is_address(text: str) -> bool:
    return "://" in text and " " not in text
