"""Arranges a report into the view that every rendering lays out. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from reconcile.model.finding import NEEDS_A_PERSON, Finding
from reconcile.report.data import Report, approve_command, approve_invocation
from reconcile.report.facts import Fact
from reconcile.report.formatting import LONGEST_REASON, clean, line_of, plural, quantity, when
from reconcile.report.parts import Action, ChainLink
from reconcile.report.view.cost import cost_view
from reconcile.report.view.coverage import coverage
from reconcile.report.view.head import Step, Tone
from reconcile.report.view.lines import Beside, finding_line, pasteable
from reconcile.report.view.lists import decisions, deleted, ignored, recording_rows
from reconcile.report.view.model import Approval, ChainStep, FindingGroup, FindingLine, ReportView
from reconcile.report.view.numbers import run_bar, tiles, trend, verdict
from reconcile.report.view.shelves import grouped, in_reading_order, shelves
from reconcile.report.view.writes import write_words, writes_by_finding


def view_of(report: Report) -> ReportView:
    """Return everything that a report says, in reading order."""
    beside = Beside(writes_by_finding(report.repairs), _causes(report))
    need = with_status(report, *NEEDS_A_PERSON)
    by_task = shelves(need, beside)
    lines = (line for shelf in by_task for group in shelf.groups for line in group.lines)
    repaired, recordings = with_status(report, "repaired"), recording_rows(report)
    return ReportView(
        bar=run_bar(report),
        verdict=verdict(report),
        tiles=tiles(report),
        trend=trend(report),
        steps=tuple(_step(number, action, report) for number, action in enumerate(report.actions, 1)),
        chain=tuple(_chain_step(link) for link in report.chain),
        approval=_approval(report, beside),
        shelves=by_task,
        new=tuple(sorted((line for line in lines if line.age != "known"), key=in_reading_order)),
        repaired=tuple(map(_without_steps, grouped(repaired, beside))),
        repaired_words=_repaired_words(report),
        resolved=_in_short(report.resolved, beside),
        ignored=ignored(report),
        decisions=decisions(report),
        deleted=deleted(report),
        not_rechecked=_in_short(_not_rechecked(report), beside),
        coverage=coverage(report),
        recordings=recordings,
        unlisted=len(report.recordings) - len(recordings),
        deliveries=_deliveries(report),
        usage=_usage(report),
        cost=cost_view(report.usage),
    )


def with_status(report: Report, *statuses: str) -> list[Finding]:
    """Return the findings that came to one of these."""
    return [finding for finding in report.findings if finding.status in statuses]


def _without_steps(group: FindingGroup) -> FindingGroup:
    """Return a group of which nothing is left to do."""
    lines = (replace(line, step="", commands=()) for line in group.lines)
    return replace(group, means="", step="", commands=(), lines=tuple(lines))


def _causes(report: Report) -> Mapping[str, str]:
    """Return by finding what explains it, in words."""
    causes = ((name, line_of(cause.what)) for cause in report.causes for name in cause.explains)
    return dict(causes)


def _step(number: int, action: Action, report: Report) -> Step:
    tones: dict[str, Tone] = {finding.id: finding.severity for finding in report.findings}
    awaiting = all(name in report.approvals for name in action.findings)
    severe: tuple[Tone, ...] = ("high", "medium", "low")
    present = {tones.get(name) for name in action.findings}
    worst: Tone = next((tone for tone in severe if tone in present), "none")
    return Step(
        number=number,
        title=line_of(action.title),
        effect=line_of(action.effect),
        words=line_of(action.step, LONGEST_REASON),
        commands=pasteable(action.commands),
        findings=tuple(map(clean, action.findings)),
        tone="approval" if awaiting else worst,
    )


def _chain_step(link: ChainLink) -> ChainStep:
    lost = [f"{link.lost:,} lost"] if link.lost else []
    unknown = [f"{link.not_known:,} not checked"] if link.not_known else []
    unknown = unknown or ([] if link.checked else ["not checked"])
    because = [line_of(link.cause)] if link.cause else []
    return ChainStep(
        key=link.key,
        label=line_of(link.label),
        number=link.number,
        lost=link.lost,
        not_known=link.not_known,
        words=" · ".join((*lost, *unknown, *because)) or "all",
        tone="high" if link.lost or link.findings else "medium" if unknown else "good",
        cause=line_of(link.cause),
        findings=tuple(map(clean, link.findings)),
        suffixes=tuple(map(line_of, link.suffixes)),
        checked=link.checked,
    )


def _approval(report: Report, beside: Beside) -> Approval | None:
    """Return what awaits approval with the commands that approve it; in a check, what would need it."""
    reasons = report.approvals or report.would_need_approval
    if not reasons:
        return None
    lines = [finding_line(finding, beside) for finding in report.findings if finding.id in reasons]
    counted = Counter(line_of(f"{why[:1].upper()}{why[1:]}.", LONGEST_REASON) for why in reasons.values())
    if report.approvals:
        title = "Awaiting approval"
        means = "Review these. Either command makes exactly these repairs, after re-checking each."
        commands = pasteable(
            (approve_command(report.run.id), approve_invocation(report.run.id, report.run.stage))
        )
    else:
        title = "Would need approval"
        means = "A repair would leave these for approval; its report has the command that approves them."
        commands = ()
    return Approval(
        title=title,
        means=means,
        number=len(reasons),
        reasons=tuple(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))),
        commands=commands,
        lines=tuple(replace(line, step="", commands=()) for line in sorted(lines, key=in_reading_order)),
    )


def _repaired_words(report: Report) -> str:
    """Say what was written: `43 writes (12 programs created, 22 search records written), all verified`."""
    made = [repair for repair in report.repairs if repair.outcome == "made"]
    if not made:
        return "Nothing was written."
    verified = sum(repair.verified for repair in made)
    kinds = Counter(write_words(repair.what) for repair in made)
    listed = ", ".join(f"{number:,} × {name}" for name, number in kinds.most_common())
    proof = "all verified" if verified == len(made) else f"{verified:,} verified"
    return f"{plural(len(made), 'write')}, {proof}: {listed}."


def _in_short(findings: Iterable[Finding], beside: Beside) -> tuple[FindingLine, ...]:
    lines = (finding_line(finding, beside, short=True) for finding in findings)
    return tuple(sorted(lines, key=in_reading_order))


def _not_rechecked(report: Report) -> list[Finding]:
    """Return the earlier findings that were not checked though their subject was not out of view."""
    listed = {item.id for reason in report.not_checked for item in reason.subjects}
    return [finding for finding in report.carried if finding.id not in listed]


def _deliveries(report: Report) -> tuple[Fact, ...]:
    """Return what became of the report on each channel."""
    outcomes = {
        delivery.channel: (f"{delivery.outcome}, {when(delivery.at)}", line_of(delivery.detail))
        for delivery in report.deliveries
    }
    return tuple(Fact(clean(name), tuple(filter(None, words))) for name, words in outcomes.items())


def _usage(report: Report) -> tuple[Fact, ...]:
    """Return what the run used, by kind."""
    usage = report.usage
    counted = {
        **usage.requests,
        "read units": usage.read_units,
        "write units": usage.write_units,
        "bytes": usage.bytes,
    }
    return tuple(Fact(clean(name), (quantity(number),)) for name, number in sorted(counted.items()) if number)
