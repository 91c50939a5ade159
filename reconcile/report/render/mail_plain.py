"""Prints a report as the text part of a mail: the facts of the page, in less room."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from rich.console import Console
from rich.text import Text

from reconcile.report.cause_groups import SetupLine, setup_lines
from reconcile.report.choices import in_columns
from reconcile.report.data import Report
from reconcile.report.formatting import Caps, Fact, clean
from reconcile.report.groups import Changes, FindingGroup, Item
from reconcile.report.sections import Section, sections
from reconcile.report.summary import (
    CountTable,
    OverallStatus,
    SourceLine,
    count_tables,
    delivery_facts,
    glance,
    looked_at,
    run_line,
    source_lines,
    tallies,
    usage_facts,
)

MOST_ITEMS = 20

_USUAL = Caps(MOST_ITEMS)

T = TypeVar("T")

_HANGING = 2
_NARROWEST = 20

_STATES: Mapping[OverallStatus, str] = {
    "agrees": "bold green",
    "known": "bold blue",
    "attention": "bold yellow",
    "withheld": "bold magenta",
    "incomplete": "bold red",
}
_TONES = {"high": "red", "medium": "yellow", "low": "blue", "none": "default", "good": "green"}


class _Page:
    """A console that takes texts only: no markup is read in them, and identifiers are never broken."""

    def __init__(self, console: Console, caps: Caps) -> None:
        self._console = console
        self.caps = caps

    @property
    def width(self) -> int:
        """How many columns there are."""
        return self._console.width

    def line(self, text: str | Text = "", style: str = "", indent: int = 0) -> None:
        """Print a text under an indent; what does not fit in the width goes on under a deeper one."""
        whole = text if isinstance(text, Text) else Text(text, style=style)
        width = max(_NARROWEST, self._console.width - indent - _HANGING)
        for number, part in enumerate(whole.wrap(self._console, width) or [Text()]):
            part.rstrip()
            before = " " * (indent + (_HANGING if number else 0)) if part else ""
            self._console.print(Text.assemble(before, part), soft_wrap=True)

    def whole(self, text: str, style: str = "", indent: int = 0) -> None:
        """Print an address or a command on one line of its own, however long, so that it can be copied."""
        self._console.print(Text(" " * indent + text, style=style), soft_wrap=True)

    def some(self, lines: Sequence[T], noun: str, indent: int = 0) -> Iterator[T]:
        """Give as many lines of a list as are shown, then say how many there are more."""
        yield from lines[: self.caps.lines]
        self.left_out(len(lines), self.caps.lines, noun, indent)

    def left_out(self, number: int, shown: int, noun: str, indent: int) -> None:
        """Say how many of a list are left out, if any are."""
        if told := self.caps.left_out(number, shown, noun):
            self.line(told, "dim", indent)

    def facts(self, facts: Sequence[Fact], indent: int) -> None:
        """Print labels with their values; an address stands on a line of its own."""
        for fact in self.some(facts, "fact", indent):
            first, *others = fact.values
            if _is_address(first):
                first, others = "", [first, *others]
            self.line(Text.assemble((f"{fact.label}: ", "dim"), first), indent=indent)
            for value in others:
                (self.whole if _is_address(value) else self.line)(value, indent=indent + _HANGING)


def _is_address(text: str) -> bool:
    return "://" in text and " " not in text


def print_report(
    report: Report, console: Console, caps: Caps = _USUAL, *, beside: Sequence[str] = ()
) -> None:
    """Print a report: the verdict first, then what needs action, down to the sources.

    `beside` are lines about the report itself, printed as they are below its verdict.
    """
    page, seen = _Page(console, caps), glance(report)
    page.line(Text.assemble((clean(report.run.stage), "bold reverse"), "  ", ", ".join(run_line(report.run))))
    page.line()
    page.line(seen.words.upper(), _STATES[seen.state])
    page.line(clean(report.headline), "bold")
    page.line(looked_at(report.run), "dim")
    for note in page.some(seen.notes, "note"):
        page.line(f"! {note}", "yellow")
    page.line(" · ".join(f"{tally.number:,} {tally.label}" for tally in tallies(report)))
    for number, line in enumerate(beside):
        page.whole(line if number else f"\n{line}")
    for section in sections(report):
        _print_section(section, page)
    _print_counts(count_tables(report), page)
    _print_setup(setup_lines(report), page)
    _print_receipts(source_lines(report), usage_facts(report), page)
    if deliveries := delivery_facts(report):
        page.line("Delivery", "bold", indent=2)
        page.facts(deliveries, indent=4)


def _print_section(section: Section, page: _Page) -> None:
    page.line()
    page.line(f"{section.title} ({section.number:,})", "bold underline")
    if section.means:
        page.line(section.means, "dim")
    for group in page.some(section.groups, "group", indent=2):
        _print_group(group, page)


def _print_group(group: FindingGroup, page: _Page) -> None:
    page.line()
    page.line(
        Text.assemble(
            (group.name, f"bold {_TONES[group.tone]}"),
            f" ({group.about})" if group.about else "",
            (f"  {group.slug}" if group.slug else "", "dim"),
        ),
        indent=2,
    )
    if group.means:
        page.line(group.means, indent=2)
    page.facts(group.facts, indent=2)
    if group.step:
        page.line(f"→ {group.step}", "bold", indent=2)
    for command in group.commands:
        page.whole(command, "bold", indent=4)
    for item in group.items[: page.caps.items]:
        _print_item(item, page)
    page.left_out(len(group.items), page.caps.items, "", indent=4)


def _print_item(item: Item, page: _Page) -> None:
    mark = f"[{item.mark}]" if item.mark else ""
    beside = "  ".join(part for part in (mark, item.id) if part)
    page.line(Text.assemble("- ", item.title, "  ", (beside, _TONES[item.tone])), indent=4)
    if item.place:
        page.whole(item.place, "dim", indent=6)
    page.facts(item.facts, indent=6)
    for changes in item.changes:
        for line in _changes(changes):
            page.line(line, indent=6)
    if item.choice:
        for text in in_columns(item.choice, page.width - 6):
            page.whole(text, indent=6)
    if item.step:
        page.line(f"→ {item.step}", "bold", indent=6)
    for command in item.commands:
        page.whole(command, "bold", indent=8)


def _changes(changes: Changes) -> Iterator[Text]:
    """Tell a write in a line, and below it what it changed; a new row is told by its name alone."""
    if changes.what:
        mark = (f"[{changes.mark}]", _TONES[changes.tone])
        yield Text.assemble(f"{changes.what}  ", mark, f"  {changes.target}")
    if changes.made_new:
        return
    left, right = changes.columns
    for name, one, other in changes.rows:
        told = f": {left} {one}, {right} {other}" if one or other else ""
        yield Text.assemble("  ", (name, "dim"), told)


def _print_counts(tables: Iterable[CountTable], page: _Page) -> None:
    page.line()
    page.line("Coverage", "bold underline")
    for table in tables:
        rows = ", ".join(f"{number:,} {name}" for name, number in table.rows)
        page.line(Text.assemble((table.title, "bold"), f": {rows}; {table.sum_words}"), indent=2)


def _print_setup(setup: Sequence[SetupLine], page: _Page) -> None:
    if not setup:
        return
    page.line()
    page.line("Configuration", "bold underline")
    for part in page.some(setup, "part", indent=2):
        page.line(Text.assemble((part.name, "bold"), ": ", (part.state, _TONES[part.tone])), indent=2)
        page.line(part.told, indent=4)


def _print_receipts(sources: Sequence[SourceLine], usage: Sequence[Fact], page: _Page) -> None:
    page.line()
    page.line("Sources read", "bold underline")
    for source in page.some(sources, "source", indent=2):
        cost = ", ".join(f"{fact.values[0]} {fact.label}" for fact in source.cost)
        state = (source.state, _TONES[source.tone])
        page.line(Text.assemble((source.name, "bold"), ": ", state, f"; {cost}"), indent=2)
        if source.why:
            page.line(source.why, indent=4)
        page.facts(source.details, indent=4)
    used = [f"{fact.values[0]} {fact.label}" for fact in usage[: page.caps.lines]]
    used.append(page.caps.left_out(len(usage), page.caps.lines, "kind"))
    if usage:
        page.line(f"In total: {', '.join(filter(None, used))}", indent=2)
