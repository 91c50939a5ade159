"""What was checked and what was not, over all subjects: one bar, the reasons, the sources. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping

from reconcile.model.finding import NOT_JUDGED
from reconcile.model.verdict_table import VERDICTS, label_of, noun_of
from reconcile.report.data import Report
from reconcile.report.formatting import (
    LONGEST_REASON,
    clean,
    line_of,
    place_of_subject,
    plural,
    subject_words,
    when,
)
from reconcile.report.not_checked import UNKNOWN, Reason, Unchecked
from reconcile.report.view.lines import since_words
from reconcile.report.view.model import CountTable, CoverageView, FindingLine, NotChecked, Segment
from reconcile.report.view.sources import setup_line, source_line

MOST_UNCHECKED = 5

_KINDS = {(kind.subject, kind.name): kind for kind in VERDICTS}
_TYPES = {kind.subject: place for place, kind in reversed(list(enumerate(VERDICTS)))}


def coverage(report: Report) -> CoverageView:
    """Return what this run checked, of everything that exists."""
    unchecked = Counter[str]()
    total = 0
    for tally in report.counts.values():
        total += sum(number for name, number in tally.items() if name != "population")
        unchecked.update({name: tally[name] for name in NOT_JUDGED if tally.get(name)})
    checked = total - unchecked.total()
    wrong = {finding.subject["name"] for finding in report.findings if finding.subject.type == "system"}
    return CoverageView(
        checked=checked,
        total=total,
        segments=tuple(_segments(checked, unchecked)),
        words=_words(report, checked, total, unchecked),
        sources=tuple(map(source_line, report.sources)),
        setup=tuple(setup_line(look, wrong) for look in report.configuration),
        not_checked=tuple(_not_checked(reason, report) for reason in report.not_checked),
        tables=tuple(_table(name, tally) for name, tally in types_in_order(report.counts)),
    )


def types_in_order(counts: Mapping[str, Mapping[str, int]]) -> list[tuple[str, Mapping[str, int]]]:
    """Return the counts by subject type, in the order of the verdict table."""
    return sorted(counts.items(), key=lambda pair: (_TYPES.get(pair[0], len(_TYPES)), pair[0]))


def _segments(checked: int, unchecked: Mapping[str, int]) -> Iterator[Segment]:
    yield Segment("Checked", checked, "good")
    for name in NOT_JUDGED:
        if unchecked.get(name):
            label = clean(label_of("recording", name))
            yield Segment(label, unchecked[name], "high" if name == UNKNOWN else "none")


def _words(report: Report, checked: int, total: int, unchecked: Mapping[str, int]) -> str:
    """Say what was checked, and why the rest was not, in a sentence or two."""
    start = report.run.window_start
    older = f"older than {when(start)}" if start else "old"
    reasons = {
        "outside-window": f"{older} and without a program (--full checks them)",
        "settling": "changed moments ago",
        "in-progress": "still recording",
        "other": "guests' feeds, which are never published",
        UNKNOWN: "because a source or a read failed",
    }
    rest = [f"{unchecked[name]:,} {reasons[name]}" for name in NOT_JUDGED if unchecked.get(name)]
    sentence = f"{checked:,} of {total:,} subjects checked."
    return f"{sentence} Not checked: {', '.join(rest)}." if rest else sentence


def _not_checked(reason: Reason, report: Report) -> NotChecked:
    lines = tuple(_line(item, report) for item in reason.subjects[:MOST_UNCHECKED])
    return NotChecked(line_of(reason.reason, LONGEST_REASON), len(reason.subjects), _what(reason), lines)


def _what(reason: Reason) -> str:
    types = Counter(item.subject.type for item in reason.subjects)
    counted = ", ".join(plural(number, clean(noun_of(name))) for name, number in sorted(types.items()))
    known = sum(item.kind != UNKNOWN for item in reason.subjects)
    ignored = len(reason.subjects) - len(reason.pending)
    beside = [f"{known:,} with an open finding"] if known else []
    beside += [f"{ignored:,} ignored"] if ignored else []
    return f"{counted} ({', '.join(beside)})" if beside else counted


def _line(unchecked: Unchecked, report: Report) -> FindingLine:
    place = place_of_subject(unchecked.subject)
    since = report.run.finished_at - unchecked.first_seen
    return FindingLine(
        id=clean(unchecked.id),
        kind=clean(unchecked.kind),
        label=clean(label_of(unchecked.subject.type, unchecked.kind)),
        title=clean(noun_of(unchecked.subject.type)) if place else subject_words(unchecked.subject, {}),
        severity="none",
        status="ignored" if unchecked.ignored else "not-checked",
        status_words="ignored" if unchecked.ignored else "not checked",
        age="known",
        days=max(since.days, 0),
        mark=since_words(since),
        first_seen=unchecked.first_seen,
        place=place,
    )


def _table(subject_type: str, tally: Mapping[str, int]) -> CountTable:
    named = [(name, number) for name, number in tally.items() if name != "population"]
    rows = sorted(named, key=lambda pair: (pair[0] != "agrees", -pair[1], pair[0]))
    total = sum(number for _, number in named)
    return CountTable(
        title=f"{clean(noun_of(subject_type))}s",
        rows=tuple((clean(label_of(subject_type, name)), n) for name, n in rows if n or name == "agrees"),
        checked=total - sum(tally.get(name, 0) for name in NOT_JUDGED),
        total=total,
    )
