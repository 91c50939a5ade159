"""The top of a report: which run this is, its verdict, the four numbers and the trend. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta

from reconcile.model.errors import Exit
from reconcile.model.finding import NEEDS_A_PERSON
from reconcile.model.run import Interrupted
from reconcile.report.data import Report, RunFacts
from reconcile.report.formatting import clean, lasting, line_of, plural, shorten, when
from reconcile.report.parts import TrendRun
from reconcile.report.view.head import RunBar, Tile, TileKey, Tone, Trend, TrendNight, Verdict
from reconcile.report.view.shelves import SEVERITIES
from reconcile.report.view.sources import name_of, why_untrusted

LONGEST_STAGE = 60
LONGEST_SENTENCE = 600

_STATES = {"ok": "OK", "known": "Nothing new", "action": "Action needed", "incomplete": "Incomplete"}
EXIT_WORDS: Mapping[int, str] = {
    Exit.AGREES: "nothing to do",
    Exit.CRASHED: "crashed",
    Exit.FINDINGS: "action needed",
    Exit.INCOMPLETE: "incomplete",
    Exit.UNDELIVERED: "not delivered",
    Exit.AWAITING_APPROVAL: "awaiting approval",
    Exit.USAGE: "refused",
}


def run_bar(report: Report) -> RunBar:
    """Return which run this is: what was asked for, when, and how it ended."""
    run = report.run
    earlier = [trend_run.run for trend_run in report.trend if trend_run.run != run.id]
    return RunBar(
        stage=shorten(run.stage, LONGEST_STAGE),
        run=clean(run.id),
        mode=clean(run.mode),
        scope=_scope(run),
        started_at=run.started_at,
        seconds=(run.finished_at - run.started_at).total_seconds(),
        exit_code=run.exit_code,
        exit_words=EXIT_WORDS.get(run.exit_code, "unknown"),
        version=clean(run.version),
        reason=line_of(run.reason),
        previous=clean(earlier[-1]) if earlier else "",
    )


def _scope(run: RunFacts) -> str:
    """Say how far back recordings without a program were checked."""
    return "everything" if run.window_start is None else f"last {lasting(run.started_at - run.window_start)}"


def verdict(report: Report) -> Verdict:
    """Return the state in a word or two, the sentence, the numbers in words, and what to know beside it."""
    words = _STATES[report.state]
    if report.state == "ok" and report.numbers.repaired:
        words = "OK after repairs"
    return Verdict(
        report.state, words, shorten(report.headline, LONGEST_SENTENCE), _summary(report), _notes(report)
    )


def _summary(report: Report) -> str:
    """Say the numbers: `8 problems are new, 81 were known. 29 were repaired. All sources were read.`"""
    numbers = report.numbers
    known = numbers.known
    parts = []
    if numbers.new:
        parts.append(f"{numbers.new:,} {'problem is' if numbers.new == 1 else 'problems are'} new")
        parts.append(f"{known:,} {'was' if known == 1 else 'were'} known")
    elif known:
        parts.append(f"No problem is new, {known:,} {'was' if known == 1 else 'were'} known")
    else:
        parts.append("No problem is open")
    sentences = [f"{', '.join(parts)}."]
    done = ((numbers.repaired, "repaired"), (numbers.resolved, "resolved"))
    if counted := [f"{number:,} {word}" for number, word in done if number]:
        sentences.append(f"{', '.join(counted)}.")
    if all(receipt.trusted for receipt in report.sources):
        sentences.append("All sources were read completely.")
    return " ".join(sentences)


def _notes(report: Report) -> tuple[str, ...]:
    run = report.run
    notes = [
        f"{name_of(receipt.source)}: {why_untrusted(receipt)}"
        for receipt in report.sources
        if not receipt.trusted
    ]
    if not any(tally["population"] for tally in report.counts.values()):
        notes.append("Nothing was found to check: verify that the settings name the right stores.")
    if run.cut_short:
        notes.append(f"This run was cut short: {line_of(run.cut_short, LONGEST_SENTENCE)}.")
    notes += [_killed(other) for other in run.interrupted]
    if run.only:
        notes.append(f"Only {', '.join(map(clean, run.only))} was requested; other findings are not listed.")
    if not run.keeps_history:
        notes.append("This run keeps no history: every finding counts as new.")
    if run.full_check_days:
        notes.append(f"The last check of every recording was {plural(run.full_check_days, 'day')} ago.")
    return tuple(notes)


def _killed(other: Interrupted) -> str:
    run = clean(other.id)
    begun = f"The {clean(other.mode)} {run}, started {when(other.started_at)}, was killed before it finished"
    if not other.writes:
        return f"{begun}; it wrote nothing."
    return (
        f"{begun}; it began {plural(other.writes, 'write')}, listed in the state table under journal#{run}."
    )


def tiles(report: Report) -> tuple[Tile, ...]:
    """Return the four numbers, each with the difference to the run before: new, open, approval, repaired."""
    numbers, before = report.numbers, _before(report)
    new, known, repaired = (before.new, before.open, before.repaired) if before else (None, None, None)
    return (
        _tile("new", numbers.new, "New", _new_words(report), "high", new),
        _tile("open", numbers.open, "Open", _open_words(report), "none", known),
        _approval_tile(report, before.awaiting_approval if before else None),
        _tile("repaired", numbers.repaired, "Repaired", _written_words(report), "good", repaired),
    )


def _tile(key: TileKey, number: int, label: str, detail: str, tone: Tone, before: int | None) -> Tile:
    change = None if before is None else number - before
    return Tile(key, number, label, detail, tone if number else "none", change)


def _new_words(report: Report) -> str:
    back = sum(finding.status == "came-back" for finding in report.findings)
    return f"since the last report, {back:,} came back" if back else "since the last report"


def _open_words(report: Report) -> str:
    """Return what is open by severity: `28 high · 28 medium · 33 low`."""
    severities = Counter(finding.severity for finding in report.findings if finding.status in NEEDS_A_PERSON)
    return " · ".join(f"{severities[name]:,} {name}" for name in SEVERITIES if severities[name]) or "nothing"


def _approval_tile(report: Report, before: int | None) -> Tile:
    reasons = report.approvals or report.would_need_approval
    would = bool(report.would_need_approval) and not report.approvals
    label = "Would need approval" if would else "Awaiting approval"
    detail = f"for {plural(len(set(reasons.values())), 'reason')}" if reasons else "nothing"
    return _tile("approval", len(reasons), label, detail, "approval", before)


def _written_words(report: Report) -> str:
    made = [repair for repair in report.repairs if repair.outcome == "made"]
    verified = sum(repair.verified for repair in made)
    return f"{verified:,} of {plural(len(made), 'write')} verified" if made else "nothing was written"


def _before(report: Report) -> TrendRun | None:
    """Return the numbers of the run before this one."""
    earlier = [trend_run for trend_run in report.trend if trend_run.run != report.run.id]
    return earlier[-1] if earlier else None


def trend(report: Report) -> Trend:
    """Return the runs of the trend, oldest first, and what they show in a sentence."""
    nights = tuple(
        TrendNight(
            run=clean(night.run),
            started_at=night.started_at,
            state=night.state,
            known=max(night.open - night.new, 0),
            new=night.new,
            repaired=night.repaired,
            awaiting=night.awaiting_approval,
        )
        for night in report.trend
    )
    return Trend(nights, _trend_words(nights))


def _trend_words(nights: Sequence[TrendNight]) -> str:
    if len(nights) < 2:
        return "No earlier run to compare with"
    first, last = nights[0], nights[-1]
    most, least = max(night.open for night in nights), min(night.open for night in nights)
    return (
        f"Open problems in the last {len(nights)} runs: {first.open:,} at first, between {least:,} and "
        f"{most:,}, {last.open:,} now, of which {last.new:,} new; {last.repaired:,} repaired in this run"
    )


def quiet_days(report: Report) -> timedelta | None:
    """Return how long ago a run of the trend last had an open finding; None where none is known."""
    troubled = [trend_run for trend_run in report.trend if trend_run.open and trend_run.run != report.run.id]
    return report.run.started_at - troubled[-1].started_at if troubled else None
