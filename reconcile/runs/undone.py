"""Repairs that somebody took back: they await approval, which ends that."""

from dataclasses import replace
from datetime import datetime

from reconcile.model.clock import write_time
from reconcile.model.decision import Decision
from reconcile.runs.memory import Memory
from reconcile.runs.past import Past
from reconcile.runs.user import user_name


def undone_words(decision: Decision) -> str:
    """Say who took a repair back, when, and why."""
    return f"{decision.by} took this repair back on {write_time(decision.at)[:10]}: {decision.reason}"


def end_undone(past: Past, memory: Memory, now: datetime) -> Past:
    """Return the past without the waiting of what was approved, and end it in the state table.

    A run may not write what people decided: it is ended as what was outgrown is. Raises SourceError.
    """
    approved = {finding.id for finding in past.approved}
    ended = {
        decision.id: decision.undone(user_name(), now)
        for decision in past.decided("undone", now)
        if decision.finding in approved
    }
    if memory.state and ended:
        memory.state.end_outgrown(ended.values())
    return replace(past, decisions={**past.decisions, **ended}) if ended else past
