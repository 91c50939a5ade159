"""Arranges a report into the sections that every rendering shows, in their order and in their words. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import starmap

from reconcile.model.finding import NEEDS_A_PERSON, NOT_JUDGED, Finding, recording_subject
from reconcile.model.run import Receipt
from reconcile.model.verdict_table import label_of, noun_of
from reconcile.report.cause_groups import cause_groups, with_cause, without_own
from reconcile.report.counts import by_name, with_status
from reconcile.report.counts import needing as needing
from reconcile.report.data import Report, approve_command, approve_invocation
from reconcile.report.decisions import decided_groups
from reconcile.report.formatting import (
    Fact,
    clean,
    facts_of,
    line_of,
    place_of_subject,
    plural,
    status_words,
    subject_words,
    when,
)
from reconcile.report.groups import KIND_TABLE, FindingGroup, Item, by_kind, in_short, pasteable
from reconcile.report.not_checked import UNKNOWN, Reason, Unchecked
from reconcile.report.writes import LONGEST_REASON as LONGEST_REASON
from reconcile.report.writes import Writes, with_writes, writes_of

_MOST_UNCHECKED = 5


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report; one without groups is left out."""

    key: str
    title: str
    means: str
    groups: tuple[FindingGroup, ...]

    @property
    def number(self) -> int:
        """How many things its groups tell of."""
        return sum(group.number for group in self.groups)


def sections(report: Report) -> tuple[Section, ...]:
    """Return the parts of a report, what needs action first; empty parts are left out."""
    earlier = "Earlier findings"
    writes, ignored = writes_of(report.repairs), with_status(report.findings, "ignored")
    parts = (
        _needs(report, writes),
        _withheld(report, writes),
        Section(
            "repaired",
            "Repaired",
            "What this run wrote, and whether reading it back confirmed it.",
            _mended(report, writes),
        ),
        Section("ignored", "Ignored", "Hidden by a decision: who, why and until when.", by_kind(ignored)),
        Section(
            "decisions",
            "Decisions",
            "Decisions about recordings; reconcile decisions --undo ID undoes one.",
            decided_groups(report.decisions, report.recordings),
        ),
        Section(
            "unchecked",
            "Not checked",
            "Neither OK nor a finding in this run.",
            _not_checked(report),
        ),
        Section(
            "deleted",
            "Deleted by their owners",
            "Their programs existed and are gone: never recreated. Listed once.",
            _deleted(report),
        ),
        Section(
            "resolved",
            "Resolved since the last report",
            f"{earlier} that no longer apply.",
            _gone(report.resolved),
        ),
        Section(
            "carried",
            "Not checked again",
            f"{earlier} that this run did not check.",
            _gone(waiting(report)),
        ),
    )
    return tuple(part for part in parts if part.groups)


def kinds_of(section: Section) -> str:
    """Return how many of each kind a section has, each named once: `No program (8), Unreadable data (5)`."""
    counted = by_name((group.name, group.number) for group in section.groups)
    return ", ".join(f"{name} ({number:,})" for name, number in counted)


def waiting(report: Report) -> tuple[Finding, ...]:
    """Return the earlier findings that were not judged though their subject was not out of view."""
    told = {one.id for reason in report.not_checked for one in reason.subjects}
    return tuple(finding for finding in report.carried if finding.id not in told)


def _needs(report: Report, writes: Writes) -> Section:
    """Show what explains findings first, and name it at the findings; where none needs a person, it alone."""
    causes = cause_groups(report)
    if not needing(report):
        counted = tuple(replace(cause, number=1) for cause in causes)
        return Section("causes", "Root causes", "Of findings that need no action now.", counted)
    ordered = sorted(needing(report), key=lambda finding: NEEDS_A_PERSON.index(finding.status))
    groups = by_kind(without_own(ordered, report), lambda one: with_writes(one, writes))
    told = (with_cause(one, report) for one in groups)
    told = (replace(one, about=f"{one.about}, severity {one.tone}") for one in told)
    return Section("needs", "Action needed", "", (*causes, *told))


def _mended(report: Report, writes: Writes) -> tuple[FindingGroup, ...]:
    """Show what was repaired wholly with its writes, and every write of a finding that is not listed."""

    def item(finding: Finding) -> Item:
        changes = writes.get(finding.id, ())
        return replace(in_short(finding), mark=status_words("repaired"), tone="good", changes=changes)

    shown = with_status(report.findings, "repaired")
    groups = tuple(replace(group, tone="good", means="") for group in by_kind(shown, item))
    listed = {finding.id for finding in report.findings}
    lone = tuple(
        Item(f"Finding {clean(name)}", changes=made) for name, made in writes.items() if name not in listed
    )
    rest = FindingGroup("repairs", f"of {plural(len(lone), 'finding')} that are not listed", 0, items=lone)
    return (*groups, rest) if lone else groups


def _withheld(report: Report, writes: Writes) -> Section:
    """Tell what was withheld with the command that approves it; in a check, what a repair would withhold."""
    if report.approvals:
        title = "Awaiting approval"
        means = "Review these. Either command makes exactly these repairs, after re-checking each."
    else:
        title = "Would need approval"
        means = "Each is listed above. The report of a repair has the command that approves them."
    by_reason: defaultdict[str, list[str]] = defaultdict(list)
    for name, reason in (report.approvals or report.would_need_approval).items():
        by_reason[reason].append(name)
    reasons = sorted(by_reason.items())
    groups = tuple(_withheld_group(reason, names, report, writes) for reason, names in reasons)
    return Section("withheld", title, means, groups)


def _withheld_group(reason: str, names: list[str], report: Report, writes: Writes) -> FindingGroup:
    found = [finding for finding in report.findings if finding.id in names]
    items = tuple(replace(with_writes(one, writes), step="", commands=()) for one in found)
    return FindingGroup(
        name=", ".join(sorted({_label(finding) for finding in found})) or "Repairs",
        about=plural(len(names), "repair"),
        number=len(names),
        means=line_of(f"{reason[:1].upper()}{reason[1:]}.", LONGEST_REASON),
        tone="medium",
        items=items if report.approvals else (),
        commands=approve_commands(report) if report.approvals else (),
    )


def _label(finding: Finding) -> str:
    return clean(label_of(finding.subject.type, finding.kind))


def approve_commands(report: Report) -> tuple[str, ...]:
    """Return the commands that approve what a run withheld: one for the shell, one for the function."""
    return pasteable((approve_command(report.run.id), approve_invocation(report.run.id, report.run.stage)))


def _not_checked(report: Report) -> tuple[FindingGroup, ...]:
    sources = tuple(
        Fact(line_of(receipt.source), (why_untrusted(receipt),))
        for receipt in report.sources
        if not receipt.trusted
    )
    every = tuple(starmap(_reason_group, zip(report.not_checked, unchecked_lines(report), strict=True)))
    counted = {
        f"{plural(number, noun_of(subject_type))}: {label_of(subject_type, name)}": (
            number,
            _why_not(subject_type, name, report),
        )
        for subject_type, tally in types_in_order(report.counts)
        for name in NOT_JUDGED
        if (number := tally.get(name, 0))
    }
    facts = tuple(Fact(label, (why,)) for label, (_, why) in counted.items())
    total = sum(number for number, _ in counted.values())
    asked = ", ".join(map(clean, report.run.only))
    only = (Fact(f"other than {asked}", ("Not requested, so not listed; the counts below include them.",)),)
    groups = (
        FindingGroup("Sources", "unreliable", 0, tone="high", facts=sources),
        *every,
        FindingGroup("Subjects", "counted, not checked", total, facts=facts),
        FindingGroup("Findings", "left out by --only", 0, facts=only if asked else ()),
    )
    return tuple(group for group in groups if group.facts or group.items)


def unchecked_lines(report: Report) -> tuple[str, ...]:
    """Say in a line for each reason how much was not checked; the reasons stand beside, in the same order."""
    return tuple(map(_what_was_not_checked, report.not_checked))


def _what_was_not_checked(reason: Reason) -> str:
    types = Counter(one.subject.type for one in reason.subjects)
    told = ", ".join(plural(number, clean(noun_of(name))) for name, number in sorted(types.items()))
    known = sum(one.kind != UNKNOWN for one in reason.subjects)
    ignored = len(reason.subjects) - len(reason.pending)
    beside = [f"{known:,} with an open finding"] if known else []
    beside += [f"{ignored:,} ignored"] if ignored else []
    return f"{told} ({', '.join(beside)})" if beside else told


def _reason_group(reason: Reason, about: str) -> FindingGroup:
    items = tuple(_unchecked_item(one) for one in reason.subjects[:_MOST_UNCHECKED])
    more = len(reason.subjects) - len(items)
    named = (Fact("Others", (f"{more:,} more in the JSON report, with their ids",)),) if more else ()
    means = line_of(reason.reason, LONGEST_REASON)
    return FindingGroup(about, "", 0, means=means, items=items, facts=named)


def _unchecked_item(one: Unchecked) -> Item:
    state = "not checked" if one.kind == UNKNOWN else f"open: {clean(label_of(one.subject.type, one.kind))}"
    mark = f"{'ignored' if one.ignored else state} since {when(one.first_seen)}"
    place = place_of_subject(one.subject)
    title = clean(noun_of(one.subject.type)) if place else subject_words(one.subject, {})
    return Item(title, id=clean(one.id), mark=mark, place=place)


def why_untrusted(receipt: Receipt) -> str:
    """Say why verdicts may not rest on a source."""
    why = f"looks incomplete: {receipt.doubt}" if receipt.whole else f"read only partly: {receipt.why}"
    return line_of(why, LONGEST_REASON)


def types_in_order(counts: Mapping[str, Mapping[str, int]]) -> list[tuple[str, Mapping[str, int]]]:
    """Return the counts by subject type, in the order of the table of verdicts."""
    types = {subject: place for place, (subject, _) in reversed(list(enumerate(KIND_TABLE)))}
    return sorted(counts.items(), key=lambda pair: (types.get(pair[0], len(KIND_TABLE)), pair[0]))


def _why_not(subject_type: str, name: str, report: Report) -> str:
    kind = KIND_TABLE.get((subject_type, name))
    means = kind.means if kind else ""
    if name == UNKNOWN and report.not_checked:
        return "Not checked, for the reasons above."
    start = report.run.window_start
    if name != "outside-window" or start is None:
        return means
    return f"{means} The window begins {when(start)}; --full checks every recording."


def _deleted(report: Report) -> tuple[FindingGroup, ...]:
    items = []
    for line in report.retired:
        subject = recording_subject(line.key)
        told = {"owner": line.owner, "remembered": line.remembered}
        facts = facts_of({name: value for name, value in told.items() if value}, subject.type)
        words = subject_words(subject, line.evidence)
        items.append(Item(words, place=place_of_subject(subject), facts=facts))
    group = FindingGroup(
        label_of("recording", "retired"), plural(len(items), "recording"), len(items), items=tuple(items)
    )
    return (group,) if items else ()


def _gone(findings: Iterable[Finding]) -> tuple[FindingGroup, ...]:
    """Show earlier findings in short: what, where, and since when."""

    def item(finding: Finding) -> Item:
        mark = f"first seen {when(finding.first_seen)}"
        return replace(in_short(finding), mark=mark, tone="none", changes=())

    return tuple(replace(group, tone="none") for group in by_kind(findings, item))
