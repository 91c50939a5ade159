"""Says in a few words how a run went, what it checked and what reading cost, for every rendering. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from reconcile.model.errors import Exit
from reconcile.model.run import Interrupted, Receipt
from reconcile.model.verdict_table import label_of, noun_of
from reconcile.report.counts import needing
from reconcile.report.data import Report, RunFacts
from reconcile.report.formatting import Fact, clean, lasting, lasting_seconds, line_of, plural, quantity, when
from reconcile.report.groups import Tone
from reconcile.report.numbers import tally_of
from reconcile.report.sections import LONGEST_REASON, types_in_order, waiting, why_untrusted

OverallStatus = Literal["agrees", "known", "attention", "withheld", "incomplete"]

EXIT_WORDS: Mapping[int, str] = {
    Exit.AGREES: "nothing to do",
    Exit.CRASHED: "crashed",
    Exit.FINDINGS: "action needed",
    Exit.INCOMPLETE: "incomplete",
    Exit.UNDELIVERED: "not delivered",
    Exit.AWAITING_APPROVAL: "awaiting approval",
    Exit.USAGE: "refused",
}


@dataclass(frozen=True, slots=True)
class Glance:
    """The verdict on the whole run in a word or two, and what has to be known beside it."""

    state: OverallStatus
    words: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tile:
    """A number of the summary, and the section that it leads to."""

    number: int
    label: str
    section: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class CountTable:
    """The verdicts of one subject type with their numbers, by label; `total` is their sum.

    `judged` of them were checked; the others have a verdict that says why they were not.
    """

    subject_type: str
    rows: tuple[tuple[str, int], ...]
    judged: int
    total: int
    population: int

    @property
    def title(self) -> str:
        """What is counted, in the plural."""
        return f"{clean(noun_of(self.subject_type))}s"

    @property
    def sum_words(self) -> str:
        """What the numbers come to."""
        rest = self.total - self.judged
        odd = "" if self.total == self.population else f", but there are {self.population:,}"
        parts = f" = {self.judged:,} checked + {rest:,} not checked" if rest else ""
        return f"{self.total:,} in total{parts}{odd}"


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A receipt in words."""

    name: str
    state: str
    tone: Tone
    why: str
    cost: tuple[Fact, ...]
    details: tuple[Fact, ...]


def glance(report: Report) -> Glance:
    """Return the verdict on a run: the most serious of incomplete, withheld, needs attention, known, agrees.

    Nothing is called OK over problems that are open, whoever knows or ignores them.
    """
    if not all(receipt.trusted for receipt in report.sources) or report.run.exit_code == Exit.INCOMPLETE:
        return Glance("incomplete", "Incomplete", _notes(report))
    if report.approvals:
        return Glance("withheld", "Awaiting approval", _notes(report))
    if needing(report):
        return Glance("attention", "Action needed", _notes(report))
    repaired = report.numbers.repaired
    if report.numbers.ignored or any(reason.subjects for reason in report.not_checked):
        return Glance("known", "Nothing new after repairs" if repaired else "Nothing new", _notes(report))
    return Glance("agrees", "OK after repairs" if repaired else "OK", _notes(report))


def _notes(report: Report) -> tuple[str, ...]:
    run = report.run
    unread = [receipt for receipt in report.sources if not receipt.trusted]
    notes = [f"{line_of(receipt.source)}: {why_untrusted(receipt)}" for receipt in unread]
    if not any(tally["population"] for tally in report.counts.values()):
        notes.append("Nothing was found to check: verify that the settings name the right stores.")
    if run.cut_short:
        notes.append(f"This run was cut short: {clean(run.cut_short)}.")
    notes += [_killed(other) for other in run.interrupted]
    if run.only:
        notes.append(f"Only {', '.join(map(clean, run.only))} was requested; other findings are not listed.")
    if carried := waiting(report):
        notes.append(
            f"{plural(len(carried), 'earlier finding')} could not be re-checked and may still apply."
        )
    if not run.keeps_history:
        notes.append("This run keeps no history: every finding counts as new.")
    return tuple(notes)


def _killed(other: Interrupted) -> str:
    run = clean(other.id)
    begun = f"The {clean(other.mode)} {run}, started {when(other.started_at)}, was killed before it finished"
    if not other.writes:
        return f"{begun}; it wrote nothing."
    wrote = plural(other.writes, "write")
    return f"{begun}; it began {wrote}, listed in the state table under journal#{run}."


def delivery_facts(report: Report) -> tuple[Fact, ...]:
    """Return what became of the report on each channel."""
    told = {one.channel: (f"{one.outcome}, {when(one.at)}", line_of(one.detail)) for one in report.deliveries}
    return tuple(Fact(clean(name), tuple(filter(None, words))) for name, words in told.items())


def run_line(run: RunFacts) -> tuple[str, ...]:
    """Return which run this was, in parts: what was asked, when, how long it took, its id."""
    parts = [
        f"{clean(run.mode)}, {_scope(run)}",
        when(run.started_at),
        f"took {lasting_seconds((run.finished_at - run.started_at).total_seconds())}",
        f"run {clean(run.id)}",
        f"reconcile {clean(run.version)}",
        f"exit {run.exit_code} ({EXIT_WORDS.get(run.exit_code, 'unknown')})",
    ]
    parts += [f"approves run {clean(run.approved)}"] if run.approved else []
    return (*parts, f"reason: {line_of(run.reason)}") if run.reason else tuple(parts)


def _scope(run: RunFacts) -> str:
    """Say how far back a run checked recordings without a program."""
    return "everything" if run.window_start is None else f"last {lasting(run.started_at - run.window_start)}"


def looked_at(run: RunFacts) -> str:
    """Return what a run checked, in a sentence."""
    if run.window_start is None:
        checked = "Checked: every recording, program and search record, whatever its age."
    else:
        since = f"since {when(run.window_start)}, and older ones still open"
        checked = f"Checked: all programs and search records; recordings without a program {since}."
    return f"{checked}{_last_full_check(run.full_check_days)}"


def _last_full_check(days: int | None) -> str:
    """Say how long ago every recording was checked; "" where this run did it, or nobody knows."""
    return f" Last full check: {plural(days, 'day')} ago." if days else ""


def tallies(report: Report) -> tuple[Tile, ...]:
    """Return the numbers that a glance takes in."""
    numbers = report.numbers
    new = f" ({numbers.new:,} new)" if numbers.new else ""
    approval = (
        "awaiting approval" if report.approvals or report.run.mode == "repair" else "would need approval"
    )
    return (
        Tile(numbers.open, f"open{new}", "needs", "high"),
        Tile(numbers.repaired, "repaired", "repaired", "good"),
        Tile(numbers.awaiting_approval or len(report.would_need_approval), approval, "withheld", "medium"),
        Tile(numbers.resolved, "resolved", "resolved", "good"),
        Tile(numbers.not_checked, "not checked", "unchecked", "none"),
    )


def count_tables(report: Report) -> tuple[CountTable, ...]:
    """Return the verdicts that occur, and OK always, by subject type."""
    return tuple(
        CountTable(
            subject_type=subject_type,
            rows=tuple(
                (clean(label_of(subject_type, name)), number)
                for name, number in _telling_first(tally)
                if number or name == "agrees"
            ),
            judged=tally_of(tally).checked,
            total=tally_of(tally).population,
            population=tally.get("population", 0),
        )
        for subject_type, tally in types_in_order(report.counts)
    )


def _telling_first(tally: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return verdicts with their numbers: `agrees` first, then the most frequent."""
    named = [(name, number) for name, number in tally.items() if name != "population"]
    return sorted(named, key=lambda pair: (pair[0] != "agrees", -pair[1], pair[0]))


def source_lines(report: Report) -> tuple[SourceLine, ...]:
    """Return what each source gave and what reading it cost."""
    return tuple(map(_source_line, report.sources))


def _source_line(receipt: Receipt) -> SourceLine:
    state = "read partly" if not receipt.whole else "looks incomplete" if receipt.doubt else "read completely"
    always = (("items", receipt.items), ("requests", receipt.requests))
    told = [*always, *((name, n) for name, n in (("units", receipt.units), ("bytes", receipt.bytes)) if n)]
    cost = [Fact(name[:-1] if number == 1 else name, (quantity(number),)) for name, number in told]
    cost.append(Fact("spent", (lasting_seconds(receipt.seconds),)))
    return SourceLine(
        name=line_of(receipt.source),
        state=state,
        tone="good" if state == "read completely" else "high",
        why=line_of(receipt.why or receipt.doubt, LONGEST_REASON),
        cost=tuple(cost),
        details=tuple(_details(receipt.detail)),
    )


_DETAILS = {
    "jumped_over": "skipped folders",
    "way": "listing",
    "urls_on_foreign_hosts": "URLs on other hosts",
    "no_such_bucket": "missing buckets",
}
"""What the details of a source are called; others keep their names."""


def _details(detail: Mapping[str, Any]) -> list[Fact]:
    told = []
    for name, value in sorted(detail.items()):
        label = _DETAILS.get(name) or clean(name).replace("_", " ")
        if isinstance(value, Mapping):
            told.append(
                Fact(label, (", ".join(f"{quantity(n)} {clean(k)}" for k, n in sorted(value.items())),))
            )
        elif isinstance(value, list | tuple):
            told.append(Fact(label, (", ".join(line_of(part) for part in value),)))
        elif isinstance(value, str):
            told.append(Fact(label, (line_of(value),)))
        else:
            told.append(Fact(label, (quantity(value),)))
    return [one for one in told if any(one.values)]


def usage_facts(report: Report) -> tuple[Fact, ...]:
    """Return what the run used, by kind."""
    usage = report.usage
    counted = {
        **usage.get("requests", {}),
        "read units": usage.get("read_units"),
        "bytes": usage.get("bytes"),
    }
    return tuple(Fact(clean(name), (quantity(number),)) for name, number in sorted(counted.items()) if number)
