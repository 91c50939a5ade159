"""Puts a run's results together into its report: statuses, headline, exit code. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from reconcile import __version__
from reconcile.compare.causes import find_causes
from reconcile.compare.choices import candidates_of
from reconcile.compare.judge_system import looks
from reconcile.compare.verdicts import Comparison
from reconcile.model.clock import write_time
from reconcile.model.decision import Decision
from reconcile.model.errors import Exit, most_severe
from reconcile.model.finding import Finding, Judgement, recording_key
from reconcile.model.run import Interrupted, Order, Repair
from reconcile.model.snapshot import Rules, Snapshot
from reconcile.model.verdict_table import TYPES
from reconcile.repair.plan import Plan
from reconcile.report.became import Deeds, as_it_became, statuses
from reconcile.report.data import Report, RunFacts
from reconcile.report.decided import decision_lines
from reconcile.report.history import History
from reconcile.report.numbers import numbers_of
from reconcile.report.words import plural

_NOUNS = {"recording-row": "recording row", "system": "configuration"}
_WAITING = ("settling", "in-progress")
_READ = ("s3", "dynamodb", "algolia", "media", "playback")


@dataclass(frozen=True, slots=True)
class Results:
    """What a run came to. `decisions` are those that hold, by id; `doubled` was found after the repairs."""

    run: str
    stage: str
    order: Order
    started_at: datetime
    finished_at: datetime
    rules: Rules
    snapshot: Snapshot
    comparison: Comparison
    plan: Plan
    repairs: tuple[Repair, ...]
    history: History
    usage: Mapping[str, Any]
    keeps_history: bool
    decisions: Mapping[str, Decision]
    cut_short: str
    interrupted: tuple[Interrupted, ...]
    sequence: int = 0
    full_check_days: int | None = None
    doubled: tuple[Judgement, ...] = ()


def build_report(results: Results) -> Report:
    """Return the report of a run."""
    order, now = results.order, results.finished_at
    judged = [f for f in results.comparison.findings if not order.only or f.verdict in order.only]
    # A double that this very run had a part in is reported, whatever was asked for.
    judged += results.doubled
    deeds = Deeds(
        results.run, order.mode == "repair", results.plan, tuple(results.repairs), results.decisions
    )
    findings = results.history.told(judged, statuses(judged, deeds), now)
    candidates = candidates_of(results.comparison)
    findings = [
        replace(as_it_became(finding, deeds), candidates=candidates.get(finding.id, ()))
        for finding in findings
    ]
    resolved, carried = results.history.gone(findings, lambda finding: _was_judged(finding, results), now)
    withheld = dict(results.plan.withheld)
    repairing = order.mode == "repair"
    exit_code = _exit_code(findings, results)
    lines, retired = _recording_lines(results)
    known = {(line["bucket"], line["prefix"]) for line in retired} | results.history.retired
    report = Report(
        run=RunFacts(
            id=results.run,
            stage=results.stage,
            mode=order.mode,
            scope=order.scope,
            reason=order.reason,
            started_at=results.started_at,
            finished_at=now,
            window_start=results.rules.window_start,
            version=__version__,
            exit_code=int(exit_code),
            only=order.only,
            approved=order.approve or "",
            keeps_history=results.keeps_history,
            result=int(exit_code),
            cut_short=results.cut_short,
            full_check_days=results.full_check_days,
            interrupted=results.interrupted,
            sequence=results.sequence,
        ),
        headline="",
        sources=tuple(asdict(receipt) for receipt in results.snapshot.receipts),
        counts=results.comparison.counts(),
        findings=tuple(findings),
        resolved=tuple(resolved),
        carried=tuple(carried),
        withheld=withheld if repairing else {},
        would_withhold={} if repairing else withheld,
        repairs=tuple(_repair_line(repair) for repair in results.repairs),
        recordings=lines,
        retired=retired,
        retired_known=tuple(sorted(known)),
        causes=tuple(cause.to_json() for cause in find_causes(findings, results.comparison.dossiers)),
        configuration=tuple(asdict(look) for look in looks(results.snapshot)),
        decisions=decision_lines(results.decisions.values(), results.comparison),
        usage=results.usage,
    )
    return replace(report, headline=headline(report))


def _was_judged(finding: Finding, results: Results) -> bool:
    """Whether this run looked at the subject of an earlier finding well enough to call it resolved."""
    if results.order.only and finding.kind not in results.order.only:
        return False
    judgement = results.comparison.judged.get(finding.subject)
    if judgement is not None:
        return judgement.verdict not in ("unknown", "outside-window", "settling", "in-progress")
    if finding.subject.type == "system":
        # No doubt about the stores, and no trust in them, tells of a part that was not looked at this time.
        return False
    return not results.snapshot.doubts("s3", "dynamodb", "algolia")


def _exit_code(findings: Iterable[Finding], results: Results) -> Exit:
    codes: set[Exit] = set()
    if results.snapshot.doubts(*_READ) or results.snapshot.failures:
        codes.add(Exit.INCOMPLETE)
    if results.cut_short or any(one.fault or one.outcome == "denied" for one in results.repairs):
        codes.add(Exit.INCOMPLETE)
    if results.order.mode == "repair" and results.plan.withheld:
        codes.add(Exit.WITHHELD)
    counting = ("new", "failed") if results.order.fail_on == "new" else ("new", "open", "failed")
    if any(finding.status in counting for finding in findings):
        codes.add(Exit.FINDINGS)
    return most_severe(codes)


def _repair_line(repair: Repair) -> Mapping[str, Any]:
    return asdict(repair)


def _recording_lines(results: Results) -> tuple[tuple[Mapping[str, Any], ...], tuple[Mapping[str, Any], ...]]:
    """Return a line for each recording that was judged, and those that are retired for the first time.

    `again` marks the recordings that the next run judges whatever their age.
    """
    dossiers, judged = results.comparison.dossiers, results.comparison.judged
    verdicts = {recording_key(j.subject): j for j in judged.values() if j.subject.type == "recording"}
    lines, retired = [], []
    for key, view in sorted(dossiers.views.items()):
        judgement = verdicts.get(key)
        verdict = judgement.verdict if judgement else "agrees"
        if verdict in ("other", "outside-window"):
            continue
        show = dossiers.snapshot.catalog.shows.get(view.show_id or "")
        started = view.events.started_at if view.events else None
        line: dict[str, Any] = {
            "bucket": key[0],
            "prefix": key[1],
            "start": write_time(started) if started else None,
            "show": view.show_id,
            "title": show.title if show else None,
            "owner": show.producer_id if show else None,
            "verdict": verdict,
            "programId": view.programs[0].program_id if view.programs else None,
            "again": verdict in _WAITING or (verdict == "unknown" and key in results.rules.unresolved),
        }
        lines.append(line)
        if verdict == "retired" and key not in results.history.retired:
            remembered = judgement.evidence.get("remembered", []) if judgement else []
            retired.append({**line, "remembered": remembered})
    return tuple(lines), tuple(retired)


def headline(report: Report) -> str:
    """Return the one sentence that says how things are: what needs a person first."""
    numbers = numbers_of(report)
    parts = []
    if numbers.need:
        detail = f" ({numbers.new:,} new)" if numbers.new else ""
        needs = "finding needs" if numbers.need == 1 else "findings need"
        parts.append(f"{numbers.need:,} {needs} attention{detail}")
    told = (
        (numbers.mended, "mended"),
        (numbers.withheld, "withheld until approved"),
        (numbers.resolved, "resolved"),
        (numbers.ignored, "ignored"),
    )
    parts += [f"{number:,} {words}" for number, words in told if number]
    doubted = [source["source"] for source in report.sources if not source["whole"] or source["doubt"]]
    judged = {kind: numbers.subjects[kind].judged for kind in TYPES if kind in numbers.subjects}
    counted = [plural(number, _NOUNS.get(kind, kind)) for kind, number in judged.items() if number]
    checked = ", ".join(counted) or "nothing"
    unjudged = f", {numbers.not_judged:,} not judged" if numbers.not_judged else ""
    verdict = ", ".join(parts) or "everything that was looked at agrees"
    unread = f"; not to be relied on: {', '.join(doubted)}" if doubted else ""
    cut = "; the run was cut short" if report.run.cut_short else ""
    sentence = f"{verdict}; {checked} looked at{unjudged}{unread}{cut}."
    return sentence[0].upper() + sentence[1:]
