"""What a run says at its end: which run it was, what it left out, and its summary for the next one."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from reconcile import __version__
from reconcile.compare.verdicts import Comparison, Examined
from reconcile.model.deadline import Budget
from reconcile.model.errors import Exit, SourceError
from reconcile.model.run import Order, Repair
from reconcile.model.snapshot import Snapshot
from reconcile.repair.planned import Plan
from reconcile.report.data import RunFacts
from reconcile.runs.finish import Outcome, summary, was_whole
from reconcile.runs.past import Past
from reconcile.runs.ports import Ports


def run_facts(
    order: Order, ports: Ports, past: Past, started: datetime, examined: Examined, cut_short: str
) -> RunFacts:
    """Return which run this is; its exit code is found out when its report is built."""
    unchecked = _unchecked_and_not_ignored(examined.comparison, past, started)
    full = order.scope == "full" and was_whole(examined.snapshot, order, cut_short, unchecked=unchecked)
    days, memory = 0 if full else past.days_since_full_check(started), ports.memory
    return RunFacts(
        id=ports.run,
        stage=memory.stage,
        mode=order.mode,
        scope=order.scope,
        reason=order.reason,
        started_at=started,
        finished_at=memory.clock(),
        window_start=examined.rules.window_start,
        version=__version__,
        exit_code=Exit.AGREES,
        only=order.only,
        approved=order.approve or "",
        keeps_history=memory.state is not None and memory.reports is not None,
        cut_short=cut_short,
        interrupted=past.interrupted,
        sequence=past.environment.sequence,
        full_check_days=days if memory.state else None,
    )


def _unchecked_and_not_ignored(comparison: Comparison, past: Past, now: datetime) -> bool:
    """Whether some recording was not checked that nobody ignores."""
    ignored = {name for name, decision in past.holding(now).items() if decision.silences("recording")}
    unchecked = {finding.id for finding in comparison.not_checked if finding.subject.type == "recording"}
    return bool(unchecked - ignored)


def remember(outcome: Outcome, snapshot: Snapshot, order: Order, ports: Ports, started: datetime) -> Outcome:
    """Save the run's summary; a complete repair advances the window."""
    state = ports.memory.state
    if state is None:
        return outcome
    try:
        summary_facts = summary(outcome.report, snapshot, order)
        state.save_run(ports.run, summary_facts)
        if order.mode == "repair" and summary_facts["whole"]:
            state.mark_whole_repair(started)
    except SourceError as error:
        return replace(outcome, not_kept=outcome.not_kept or str(error))
    return outcome


def cut_short(order: Order, plan: Plan, repairs: Iterable[Repair], snapshot: Snapshot, budget: Budget) -> str:
    """Say what the run left out, and why: what was not read, repairs that were not begun; "" for nothing."""
    parts = list[str]()
    failed = snapshot.failures or snapshot.unconfirmed
    unread = failed or not all(receipt.whole for receipt in snapshot.receipts)
    if unread and "reading" in budget.exhausted:
        parts.append("OUT OF TIME: not everything was read")
    not_begun = {planned.finding for planned in plan.repairs} - {repair.finding for repair in repairs}
    if not_begun and order.mode == "repair":
        why = "OUT OF TIME" if budget.deadline.ends_writing else "the lease was lost"
        parts.append(
            f"{why}: {len(not_begun):,} of {len(plan.repairs):,} repairs were not begun; run it again"
        )
    sent = sum(repair.sent and not repair.verified for repair in repairs)
    if sent and budget.deadline.ends_writing:
        parts.append(f"OUT OF TIME: the search index took {sent:,} writes and has not published them yet")
    return "; ".join(parts)
