"""Decides by rule how things are after a run: in a word, and in the sentence above all else. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from reconcile.model.errors import Exit
from reconcile.model.finding import NEEDS_A_PERSON, NEW, UNDECIDED, Finding
from reconcile.model.run import Receipt
from reconcile.report.formatting import clean, line_of, plural
from reconcile.report.not_checked import pending
from reconcile.report.parts import ReportState

if TYPE_CHECKING:
    from reconcile.report.data import Report

_MOST_KINDS = 3
_UNWATCHABLE = ("program-missing", "group-missing")
"""The verdicts on recordings that nobody can watch, though all of them was recorded."""
_SEVERITIES = ("high", "medium", "low", "none")
_SOURCES = {
    "s3": "S3",
    "dynamodb": "DynamoDB",
    "algolia": "Algolia",
    "media": "media files",
    "playback": "playback URLs",
}


def state_of(report: "Report") -> ReportState:
    """Return the most serious of incomplete, action, known and ok.

    Nothing is called OK over problems that somebody knows or ignores, nor what was not checked.
    """
    numbers = report.numbers
    if not all(receipt.trusted for receipt in report.sources) or report.run.exit_code == Exit.INCOMPLETE:
        return "incomplete"
    if numbers.awaiting_approval or numbers.new or _with_status(report, "failed"):
        return "action"
    left = report.run.only or pending(report.not_checked) or not _population(report)
    return "known" if numbers.open or numbers.ignored or left else "ok"


def headline_of(report: "Report") -> str:
    """Return the one sentence that says how things are: the first rule that applies."""
    if report.state == "incomplete":
        return _sentences(f"Incomplete: {_why_incomplete(report)}", _waiting(report), _news(report))
    if report.numbers.awaiting_approval:
        return _sentences(_waiting(report), _news(report))
    news = [finding for finding in report.findings if finding.status in NEW]
    if any(finding.kind in _UNWATCHABLE for finding in news):
        return _sentences(_unwatchable(report), _news(report))
    if news:
        return _sentences(_news(report))
    if failed := _with_status(report, "failed"):
        return _sentences(f"{plural(len(failed), 'repair')} failed: {_kinds(failed)}", _known(report))
    if report.numbers.open or report.numbers.ignored:
        return _sentences("Nothing new", _known(report), _unwatchable(report))
    return _sentences(*_no_problem(report))


def _sentences(*parts: str) -> str:
    return " ".join(f"{part[:1].upper()}{part[1:]}." for part in parts if part)


def _with_status(report: "Report", status: str) -> list[Finding]:
    return [finding for finding in report.findings if finding.status == status]


def _population(report: "Report") -> int:
    return sum(tally.get("population", 0) for tally in report.counts.values())


def _why_incomplete(report: "Report") -> str:
    unread = [receipt for receipt in report.sources if not receipt.trusted]
    if unread:
        return ", ".join(_unread(unread))
    if report.run.cut_short:
        return f"the run was cut short ({line_of(report.run.cut_short)})"
    if left := pending(report.not_checked):
        return f"{plural(len(left), 'thing')} could not be checked"
    failed = sum(bool(repair.fault) or repair.outcome == "denied" for repair in report.repairs)
    return f"{plural(failed, 'write')} failed for a store's sake" if failed else "not everything was checked"


def _unread(receipts: Iterable[Receipt]) -> Iterator[str]:
    """Say of each source how it was read, those of one fate together, each kind of source named once."""
    fates: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for receipt in receipts:
        kind = receipt.source.partition(":")[0]
        fate = (
            "looks incomplete"
            if receipt.whole
            else "was read only partly"
            if receipt.items
            else "could not be read"
        )
        fates[fate][_SOURCES.get(kind) or clean(kind)] = None
    for fate, names in fates.items():
        *others, last = names
        listed = f"{', '.join(others)} and {last}" if others else last
        yield f"{listed} {fate.replace('looks', 'look').replace('was', 'were') if others else fate}"


def _waiting(report: "Report") -> str:
    """Say what awaits approval: first the broadcasts that nobody can watch until then."""
    waiting = _with_status(report, "awaiting-approval")
    number = sum(finding.kind in _UNWATCHABLE for finding in waiting)
    rest = len(waiting) - number
    if not number:
        return f"{plural(rest, 'repair')} {_s(rest, 'awaits', 'await')} your approval" if rest else ""
    broadcasts = f"{plural(number, 'broadcast')} {_s(number, 'is', 'are')} recorded but cannot be watched"
    if rest:
        return f"{broadcasts}: with {plural(rest, 'other repair')} they await your approval"
    return f"{broadcasts}: {_s(number, 'it awaits', 'they await')} your approval"


def _unwatchable(report: "Report") -> str:
    """Say how many broadcasts nobody can watch, and that a person has to do something about it."""
    number = sum(
        finding.kind in _UNWATCHABLE and finding.status in NEEDS_A_PERSON for finding in report.findings
    )
    return f"{plural(number, 'broadcast')} {_s(number, 'is', 'are')} recorded but cannot be watched" * (
        number > 0
    )


def _news(report: "Report") -> str:
    """Say how many problems are new and of which kinds, or came back; "" without any."""
    new, back = _with_status(report, "new"), _with_status(report, "came-back")
    if not new:
        return f"{plural(len(back), 'problem')} came back: {_kinds(back)}" if back else ""
    again = f", {len(back):,} came back" if back else ""
    return f"{plural(len(new), 'new problem')}{again}: {_kinds([*new, *back])}"


def _kinds(findings: Sequence[Finding]) -> str:
    """Count findings by label, the severe first: `duplicate programs (2), unreadable data (1)`."""
    number = Counter(finding.label for finding in findings)
    severity = {finding.label: _SEVERITIES.index(finding.severity) for finding in findings}
    ordered = sorted(number, key=lambda label: (severity[label], -number[label], label))
    listed = [f"{_lower(label)} ({number[label]:,})" for label in ordered[:_MOST_KINDS]]
    rest = sum(number[label] for label in ordered[_MOST_KINDS:])
    return ", ".join([*listed, *([f"{rest:,} more"] if rest else [])])


def _known(report: "Report") -> str:
    """Count what an earlier report said, and what somebody decided to ignore."""
    numbers = report.numbers
    failed = len(_with_status(report, "failed"))
    known = numbers.known - failed
    parts = [plural(known, "known problem")] if known else []
    if numbers.ignored:
        parts.append(f"{numbers.ignored:,} ignored" if known else plural(numbers.ignored, "ignored problem"))
    return ", ".join(parts)


def _no_problem(report: "Report") -> tuple[str, ...]:
    """Say that all is well, and of what: nothing is said of what was not checked."""
    if not _population(report):
        return ("Nothing was found to check", "Verify that the settings name the right stores")
    if report.run.only:
        return (f"No problem of the kinds asked for: {', '.join(map(clean, report.run.only))}",)
    left = len(pending(report.not_checked))
    unchecked = f"{plural(left, 'thing')} could not be checked" if left else ""
    counted = report.counts.get("recording", {})
    again = sum(finding.subject.type == "recording" for finding in _with_status(report, "repaired"))
    number, later = counted.get("agrees", 0) + again, sum(counted.get(name, 0) for name in UNDECIDED)
    repaired = report.numbers.repaired
    after = f" after {plural(repaired, 'repair')}" if repaired else ""
    if not number:
        return (f"No problem was found{after}", unchecked)
    if not later:
        whole = f"All {plural(number, 'recording')}" if number > 1 else "The only recording"
        return (f"{whole} {_s(number, 'is', 'are')} published and searchable{after}", unchecked)
    whole = f"All {number:,} recordings that were" if number > 1 else "The only recording that was"
    return (
        f"{whole} checked {_s(number, 'is', 'are')} published and searchable{after}",
        unchecked or f"{later:,} {_s(later, 'was', 'were')} not checked",
    )


def _s(number: int, singular: str, several: str) -> str:
    return singular if number == 1 else several


def _lower(label: str) -> str:
    """Return a label as it stands within a sentence: names such as URL keep their capitals."""
    return f"{label[:1].lower()}{label[1:]}" if label[1:2].islower() else label
