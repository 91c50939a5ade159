"""Finish a run: archive and send its report and save its summary, or save how it failed."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from reconcile.deliver.dispatch import DeliverySettings, deliver
from reconcile.deliver.dispatch import send as send_through
from reconcile.model.clock import write_time
from reconcile.model.documents import JsonObject
from reconcile.model.errors import Exit, SourceError, UsageError, ending_of, most_severe
from reconcile.model.run import Delivery, Order, Repair
from reconcile.model.snapshot import Snapshot
from reconcile.model.usage import Usage
from reconcile.report.csv import findings_csv, recordings_csv
from reconcile.report.data import Report
from reconcile.report.message import Message
from reconcile.report.not_checked import pending
from reconcile.runs.archive import load_report
from reconcile.runs.memory import Memory
from reconcile.stores.ports import ReportsStore, StateStore, Text

_LONGEST_BY_HAND = 6 * 3600.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """A run's report, where it is kept (None: nowhere), and why it could not be kept ("" if it could).

    `not_listed` says why the list of runs beside it could not be written, which makes no run incomplete.
    `rise` is how many findings more are open than at the best moment of the last seven days. `lasting` says
    that what made the run incomplete does not pass by itself: running again soon would change nothing.
    """

    report: Report
    place: str | None = None
    not_kept: str = ""
    not_listed: str = ""
    rise: int = 0
    lasting: bool = False

    @property
    def exit_code(self) -> Exit:
        """The report's exit code; a report that could not be kept makes the run incomplete."""
        codes = {Exit(self.report.run.exit_code)}
        return most_severe(codes | {Exit.INCOMPLETE} if self.not_kept else codes)


def only_lasting_faults(repairs: Iterable[Repair], snapshot: Snapshot, cut_short: str) -> bool:
    """Whether a run is incomplete for permissions alone that repairs lacked: somebody must grant them."""
    faults = {repair.fault for repair in repairs if repair.fault}
    failed = snapshot.failures or snapshot.unconfirmed
    unread = failed or snapshot.doubts("s3", "dynamodb", "algolia", "media", "playback")
    return faults == {"lasting"} and not (unread or cut_short)


@dataclass(frozen=True, slots=True)
class RunStart:
    """A run that begins; `lasts` is the longest that it can, in seconds."""

    run: str
    stage: str
    order: Order
    started: datetime
    lasts: float

    def facts(self) -> dict[str, Any]:
        """Return the summary that is saved at the start."""
        until = self.started + timedelta(seconds=min(self.lasts, _LONGEST_BY_HAND))
        return {
            "id": self.run,
            "stage": self.stage,
            "mode": self.order.mode,
            "scope": self.order.scope,
            "started_at": write_time(self.started),
            "until": write_time(until),
        }


@contextmanager
def track_run(state: StateStore | None, beginning: RunStart) -> Iterator[None]:
    """Save that a run began, and how it ended if it fails before its report.

    A run that is killed leaves the first behind without the second: the next run reports it.
    """
    if state is None:
        yield
        return
    facts = beginning.facts()
    state.save_run(beginning.run, facts)
    with saving_failure(state, beginning.run, facts):
        yield


@contextmanager
def saving_failure(state: StateStore, run: str, facts: JsonObject) -> Iterator[None]:
    """Save beside the facts of a run how it ended, if it fails."""
    try:
        yield
    except BaseException as error:
        code, headline = ending_of(error)
        # What went wrong matters more than that it could not be written down.
        with suppress(SourceError):
            state.save_run(run, {**facts, "exit_code": int(code), "headline": headline})
        raise


def _page(report: Report, *, stored: bool = False) -> str:
    # Rendered when a run ends: who starts the function does not wait for what renders it.
    from reconcile.report.render.html import render_html

    return render_html(report, stored=stored)


def keep(report: Report, reports: ReportsStore | None, settings: DeliverySettings) -> Outcome:
    """Store the report and its renderings; what cannot be stored is still returned."""
    if reports is None:
        return Outcome(report)
    files: dict[str, Text] = {
        "report.json": report.json_pieces(),
        "report.html": _page(report, stored=True),
        "findings.csv": findings_csv(report, settings.page(report.run.id)),
        "recordings.csv": recordings_csv(report),
        "summary.json": json.dumps({**report.summary(), "sequence": report.run.sequence}),
    }
    try:
        return Outcome(report, reports.save(report.run.id, files))
    except SourceError as error:
        return Outcome(report, not_kept=str(error))


def send(
    stored: Outcome,
    runs: Iterable[JsonObject],
    settings: DeliverySettings,
    memory: Memory,
    charged: Callable[[], Usage],
) -> Outcome:
    """Send what was kept through the channels that are due, and keep what became of it and what it cost.

    `runs` are the summaries of earlier runs, newest first; `charged` says what the run used until now.
    """
    deliveries = deliver(message_of(stored, settings), settings, runs, memory.clock)
    if not deliveries:
        return stored
    used = replace(stored, report=replace(stored.report, usage=charged()))
    return _with(deliveries, used, settings, memory.reports)


def stored_outcome(run: str | None, reports: ReportsStore | None, stage: str) -> Outcome:
    """Return a stored report of this stage and its place, the newest when no run is named.

    Raises UsageError where there is none, SourceError.
    """
    report = load_report(reports, stage, run)
    return Outcome(report, reports.place(report.run.id) if reports else None)


def send_stored(run: str | None, settings: DeliverySettings, memory: Memory) -> Outcome:
    """Send a stored report again through every channel that is set.

    Raises UsageError without a report or a channel, SourceError.
    """
    stored = stored_outcome(run, memory.reports, memory.stage)
    if not settings.channels:
        from reconcile.deliver.registry import how_to_set_one

        raise UsageError(f"no channel is set that it could be sent through: {how_to_set_one()}")
    return send_again(stored, settings, memory)


def send_again(
    stored: Outcome, settings: DeliverySettings, memory: Memory, *, only_failed: bool = False
) -> Outcome:
    """Send a kept report again, or only where it failed, and keep what became of it. Raises SourceError."""
    before = {delivery.channel: delivery for delivery in stored.report.deliveries}
    message, after = message_of(stored, settings), dict(before)
    for channel in settings.channels:
        earlier = before.get(channel.name)
        if not only_failed or (earlier and earlier.outcome == "failed"):
            after[channel.name] = send_through(message, channel, memory.clock)
    outcome = _with(tuple(after.values()), stored, settings, memory.reports)
    remembered = memory.state.run(stored.report.run.id) if memory.state else None
    if memory.state and remembered:
        memory.state.save_run(stored.report.run.id, {**remembered, **outcome.report.summary()})
    return outcome


def _with(
    deliveries: tuple[Delivery, ...],
    stored: Outcome,
    settings: DeliverySettings,
    reports: ReportsStore | None,
) -> Outcome:
    if not deliveries:
        return stored
    again = keep(stored.report.with_deliveries(deliveries), reports, settings)
    return replace(again, place=again.place or stored.place, not_kept=stored.not_kept or again.not_kept)


def message_of(kept: Outcome, settings: DeliverySettings) -> Message:
    """Return a report as the channels send it."""
    place = kept.place or ""
    link = settings.link(kept.report.run.id, place) if place else ""
    return Message(kept.report, lambda: _page(kept.report), link, place, kept.not_kept, settings.served)


def was_whole(snapshot: Snapshot, order: Order, cut_short: str, *, unchecked: bool) -> bool:
    """Whether a run read everything that it was asked to judge, and came to its end.

    `unchecked`: some recording was not checked that nobody ignores.
    """
    return not (snapshot.doubts("s3", "dynamodb", "algolia") or unchecked or order.only or cut_short)


def summary(report: Report, snapshot: Snapshot, order: Order) -> dict[str, object]:
    """Return what later runs need to know of this one."""
    unchecked_left = any(unchecked.subject.type == "recording" for unchecked in pending(report.not_checked))
    whole = was_whole(snapshot, order, report.run.cut_short, unchecked=unchecked_left)
    sources = {
        receipt.source: {
            "items": receipt.items,
            "whole": receipt.whole,
            "doubted": bool(receipt.doubt),
            **({"as_of": write_time(receipt.as_of)} if receipt.as_of else {}),
        }
        for receipt in snapshot.receipts
    }
    killed = [other.id for other in report.run.interrupted]
    facts = {
        "whole": whole,
        "sources": sources,
        "interrupted": killed,
        "undecided_since": _undecided(report, snapshot),
    }
    return {**report.summary(), **facts}


def _undecided(report: Report, snapshot: Snapshot) -> str | None:
    """Return the last event of the oldest recording that is judged again, should the report be lost."""
    seen = (snapshot.recordings[line.key].last_event for line in report.recordings if line.again)
    oldest = min((moment for moment in seen if moment), default=None)
    return write_time(oldest) if oldest else None
