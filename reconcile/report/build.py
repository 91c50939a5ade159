"""Puts a run's results together into its report: statuses, headline, exit code. Pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace

from reconcile.compare.causes import find_causes
from reconcile.compare.choices import candidates_of
from reconcile.compare.configuration.judge import looks
from reconcile.compare.recording.view import View
from reconcile.compare.verdicts import Examined
from reconcile.model.decision import Decision
from reconcile.model.errors import Exit, most_severe
from reconcile.model.finding import (
    NEEDS_A_PERSON,
    WAITING,
    Finding,
    Judgement,
    Subject,
    recording_subject,
)
from reconcile.model.run import Order, Repair
from reconcile.model.usage import Usage
from reconcile.repair.planned import Plan
from reconcile.report.actions import actions_of
from reconcile.report.chain import chain_of
from reconcile.report.coverage import Coverage, not_checked
from reconcile.report.data import RecordingLine, Report, RetiredLine, RunFacts
from reconcile.report.decisions import decision_lines
from reconcile.report.history import History
from reconcile.report.links import Consoles, links_of
from reconcile.report.not_checked import Reason, pending
from reconcile.report.outcomes import RepairWork, statuses, with_outcome
from reconcile.report.parts import TrendRun
from reconcile.report.trend import trend_of
from reconcile.report.verdict import headline_of

_READ_WHOLE = ("s3", "dynamodb", "algolia")


@dataclass(frozen=True, slots=True)
class Results:
    """What a run came to; the exit codes in `run` are not known yet.

    `decisions` are those that hold, by id; `doubled` was found after the repairs. `consoles` are where things
    are seen, and `earlier` the numbers of the runs before, oldest first. `outgrown` says what was decided
    of findings that were ignored until they got worse.
    """

    run: RunFacts
    order: Order
    examined: Examined
    plan: Plan
    repairs: tuple[Repair, ...]
    history: History
    usage: Usage
    decisions: Mapping[str, Decision]
    outgrown: Mapping[str, str] = field(default_factory=dict)
    consoles: Consoles = field(default_factory=Consoles)
    doubled: tuple[Judgement, ...] = ()
    earlier: tuple[TrendRun, ...] = ()


def build_report(results: Results) -> Report:
    """Return the report of a run."""
    order, now = results.order, results.run.finished_at
    snapshot, comparison = results.examined.snapshot, results.examined.comparison
    repairing = order.mode == "repair"
    judged = [f for f in comparison.findings if not order.only or f.verdict in order.only]
    # A double that this very run had a part in is reported, whatever was asked for.
    judged += results.doubled
    work = RepairWork(
        results.run.id, repairing, results.plan, results.repairs, results.decisions, results.outgrown
    )
    findings = results.history.findings_of(judged, statuses(judged, work), now)
    candidates = candidates_of(comparison)
    findings = [
        replace(
            with_outcome(finding, work),
            candidates=candidates.get(finding.id, ()),
            links=links_of(finding, results.consoles),
        )
        for finding in findings
    ]
    coverage = Coverage(snapshot, comparison, order.only)
    resolved, carried = results.history.gone(findings, coverage.was_judged, now)
    unchecked = not_checked(
        coverage, carried, results.history, lambda name, subject: work.is_silenced(name, subject.type), now
    )
    reasons = dict(results.plan.withheld)
    exit_code = _exit_code(findings, unchecked, results)
    ignored = {item.subject for reason in unchecked for item in reason.subjects if item.ignored}
    lines, retired = _recording_lines(results, ignored)
    known = {line.key for line in retired} | results.history.retired
    causes = find_causes(findings, comparison)
    report = Report(
        run=replace(results.run, exit_code=int(exit_code), result=int(exit_code)),
        headline="",
        sources=snapshot.receipts,
        counts=comparison.counts(),
        findings=tuple(findings),
        resolved=tuple(resolved),
        carried=tuple(carried),
        resolved_before=results.history.resolved_before(findings, now),
        approvals=reasons if repairing else {},
        would_need_approval={} if repairing else reasons,
        repairs=results.repairs,
        recordings=lines,
        retired=retired,
        retired_known=tuple(sorted(known)),
        causes=causes,
        chain=chain_of(comparison, causes, {finding.id for finding in findings}),
        configuration=looks(snapshot),
        decisions=decision_lines(results.decisions.values(), comparison),
        not_checked=unchecked,
        usage=results.usage,
    )
    actions = actions_of(report, results.plan, results.examined)
    trend = trend_of(report, results.earlier)
    return replace(report, headline=headline_of(report), trend=trend, actions=actions)


def _exit_code(findings: Iterable[Finding], unchecked: Iterable[Reason], results: Results) -> Exit:
    codes: set[Exit] = set()
    # What a setting or a missing right keeps from view of the configuration stops no run's work.
    left = any(item.subject.type != "system" for item in pending(unchecked))
    if left or results.examined.snapshot.doubts(*_READ_WHOLE):
        codes.add(Exit.INCOMPLETE)
    if results.run.cut_short or any(repair.fault or repair.outcome == "denied" for repair in results.repairs):
        codes.add(Exit.INCOMPLETE)
    if results.order.mode == "repair" and results.plan.withheld:
        codes.add(Exit.AWAITING_APPROVAL)
    counted = (finding for finding in findings if results.order.fail_on == "any" or not _is_known(finding))
    if any(finding.status in NEEDS_A_PERSON for finding in counted):
        codes.add(Exit.FINDINGS)
    return most_severe(codes)


def _is_known(finding: Finding) -> bool:
    """Whether an earlier report said this already, and no repair of it failed."""
    repaired_later = finding.status == "partly-repaired" and finding.first_seen < finding.last_seen
    return finding.status == "open" or repaired_later


def _recording_lines(
    results: Results, ignored: Collection[Subject]
) -> tuple[tuple[RecordingLine, ...], tuple[RetiredLine, ...]]:
    """Return a line for each recording but guests' feeds, and those that are retired for the first time."""
    comparison = results.examined.comparison
    shows = comparison.snapshot.catalog.shows
    lines, retired = list[RecordingLine](), list[RetiredLine]()
    for key in sorted(comparison.snapshot.recordings):
        verdict = comparison.verdict_on(key)
        if verdict == "other":
            continue
        view = comparison.view(key)
        show = shows.get(view.show_id or "")
        line = RecordingLine(
            bucket=key.bucket,
            prefix=key.prefix,
            start=view.events.started_at if view.events else None,
            show=view.show_id,
            title=show.title if show else None,
            owner=show.producer_id if show else None,
            verdict=verdict,
            program_id=view.programs[0].program_id if view.programs else None,
            again=verdict in WAITING
            or (verdict == "unknown" and recording_subject(key) not in ignored and _is_held(view, results)),
            last_event=view.recording.last_event,
        )
        lines.append(line)
        if verdict == "retired" and key not in results.history.retired:
            judgement = comparison.judgement_on(key)
            remembered = judgement.evidence.get("remembered", ()) if judgement else ()
            retired.append(RetiredLine(**asdict(line), remembered=tuple(remembered)))
    return tuple(lines), tuple(retired)


def _is_held(view: View, results: Results) -> bool:
    """Whether a recording that was not checked is looked at until it is: it stood inside the window.

    Of a run that looked at everything, what a whole source kept from view is not: that run is made again.
    """
    rules, last = results.examined.rules, view.recording.last_event
    if view.key in rules.unresolved:
        return True
    if rules.window_start is None:
        return not results.examined.snapshot.doubts(*_READ_WHOLE)
    return last is not None and last >= rules.window_start
