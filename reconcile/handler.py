"""The Lambda function: reads its event, runs the job once for each run key, and returns the result."""

import json
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger

from reconcile import metrics
from reconcile.model.clock import write_duration
from reconcile.model.deadline import ENDLESS, Deadline
from reconcile.model.documents import JsonObject
from reconcile.model.errors import Exit, ReconcileError, UsageError, ending_of
from reconcile.report.formatting import shorten
from reconcile.runs.finish import Outcome, send_again, stored_outcome
from reconcile.runs.order import Request, asks_for_doctor, is_scheduled, read_event
from reconcile.settings.load import load_settings
from reconcile.stores.idempotency import DynamoRunKeys, EarlierRun
from reconcile.stores.lease import AlreadyRunning

if TYPE_CHECKING:
    from reconcile.deliver.ping import Ping
    from reconcile.wiring import Wiring

# In ASCII: a text that no encoding can write must not cost its log line.
LOG = Logger(
    service="reconcile", utc=True, use_rfc3339=True, json_serializer=partial(json.dumps, default=str)
)

_RAISED = (Exit.CRASHED, Exit.INCOMPLETE, Exit.UNDELIVERED)
_BAD = (Exit.USAGE, *_RAISED)


class RunFailed(ReconcileError):
    """Raised for the exit codes 3 and 4, so that Lambda tries again; its text is the reply as JSON."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How an invocation ended: one word for the log, the reply, and the metrics (none without a run)."""

    word: str
    reply: JsonObject
    figures: Mapping[str, float] = field(default_factory=dict)
    kinds: Mapping[str, float] = field(default_factory=dict)
    facts: JsonObject = field(default_factory=dict)
    lasting: bool = False

    @property
    def exit_code(self) -> Exit:
        """The reply's exit code."""
        return Exit(self.reply["exit_code"])


@dataclass(frozen=True, slots=True)
class Invocation:
    """One invocation: what stands in each of its log lines, and the run that it may make."""

    stage: str
    mode: str
    run: str
    request_id: str | None

    @classmethod
    def begin(cls, context: Any) -> "Invocation":
        """Begin one; what the settings refuse still needs a stage and a mode that alarms know."""
        from reconcile.runs.run_id import new_run_id, now

        stage = os.environ.get("RECONCILE_STAGE", "").strip() or "unnamed"
        mode = "repair" if os.environ.get("RECONCILE_MODE", "").strip() == "repair" else "check"
        return cls(stage, mode, new_run_id(now()), getattr(context, "aws_request_id", None))

    def log(self, ended: Ended) -> None:
        """Write the last line and the metrics."""
        run = ended.reply["run"] or self.run
        summary = {name: ended.reply[name] for name in ("exit_code", "headline", "report")}
        write = LOG.error if ended.exit_code in _BAD else LOG.info
        write(ended.word, extra={**asdict(self), "run": run, **summary, **ended.facts})
        if ended.figures:
            metrics.emit(self.stage, self.mode, ended.figures, ended.kinds)

    def tell(self, ping: "Ping | None", exit_code: Exit, headline: str) -> None:
        """Say how the run ended to whoever listens outside; what cannot be said is a line of the log."""
        faults = ping.end(exit_code, headline) if ping else []
        if faults:
            LOG.warning("not pinged", extra={**asdict(self), "faults": faults})


def handler(event: Any, context: Any) -> dict[str, Any]:
    """Handle an event as the README says; return {run, exit_code, headline, counts, report}.

    Of {"doctor": true} it returns {exit_code, headline, lines}. Raises RunFailed for the exit codes 3 and 4
    of a run, and whatever was raised for 1. Lambda's context gives the time left; without one there
    is no end.
    """
    from reconcile.wiring import ping_of

    invocation = Invocation.begin(context)
    doctor = asks_for_doctor(event)
    ping = None if doctor else ping_of(invocation.run, deadline=_deadline(context))
    try:
        if doctor:
            return _examined()
        ended = _handled(event, context, invocation, ping)
    except Exception as error:
        LOG.exception("crashed", extra=asdict(invocation))
        metrics.emit(invocation.stage, invocation.mode, metrics.endings(Exit.CRASHED))
        invocation.tell(ping, *ending_of(error))
        raise
    # Whoever sent it by hand reads the reply; nobody is to be woken by a typing error.
    typing_error = ended.exit_code == Exit.USAGE and not is_scheduled(event)
    if typing_error:
        ended = replace(ended, figures={**ended.figures, "Failed": 0.0})
    invocation.log(ended)
    if ended.figures and not typing_error:
        invocation.tell(ping, ended.exit_code, ended.reply["headline"])
    if ended.exit_code in _RAISED:
        raise RunFailed(json.dumps(ended.reply))
    return dict(ended.reply)


def _handled(event: object, context: Any, invocation: Invocation, ping: "Ping | None") -> Ended:
    from reconcile.runs.ports import nobody
    from reconcile.wiring import Wiring

    try:
        settings = load_settings()
        request = read_event(event, settings.mode, settings.stage)
        _log_start(request, invocation)
        began = ping.begin if ping else nobody
        wiring = Wiring(settings, deadline=_deadline(context), began=began)
        return _once(request, wiring, invocation.run)
    except AlreadyRunning:
        return _already_running()
    except ReconcileError as error:
        return _unreported(error)


def _examined() -> dict[str, Any]:
    """Look at the settings and permissions that this function has, under its own role; sends no message."""
    from reconcile.doctor import examine, exit_code

    lines = list(examine(None, send=False))
    states = Counter(line.state for line in lines)
    headline = ", ".join(f"{number} {state}" for state, number in sorted(states.items()))
    LOG.info("doctor", extra={"headline": headline})
    return {
        "exit_code": int(exit_code(lines)),
        "headline": headline,
        "lines": [asdict(line) for line in lines],
    }


def _deadline(context: Any) -> Deadline:
    left = getattr(context, "get_remaining_time_in_millis", None)
    return Deadline.of(lambda: left() / 1000) if left else ENDLESS


def _log_start(request: Request, invocation: Invocation) -> None:
    order = request.order
    asked = {
        "scope": order.scope,
        "lookback": write_duration(order.lookback) if order.lookback is not None else None,
        "only": list(order.only),
        "approve": order.approve,
        "repair": list(order.opt_in),
        "reason": shorten(order.reason),
        "run_key": shorten(request.run_key),
    }
    given = {name: value for name, value in asked.items() if value}
    LOG.info("started", extra={**asdict(invocation), **given})


def _once(request: Request, wiring: "Wiring", run: str) -> Ended:
    """Do what is asked for, once for its run key; raises AlreadyRunning, UsageError, SourceError."""
    from reconcile.runs.environment import standing

    if not request.run_key or wiring.state is None:
        return _work(request, wiring, run)
    # Nothing, not even a lock, is written into a table that belongs to another environment.
    standing(wiring.environment, wiring.state)
    table, left = wiring.settings.state_table, wiring.budget.own
    run_keys = DynamoRunKeys(wiring.dynamodb, table, wiring.seconds, left=left, sleep=wiring.sleep)
    earlier = run_keys.earlier(request.run_key)
    if earlier and earlier.closed:
        return Ended("told again", earlier.reply)
    with run_keys.lock(request.run_key, run, request.order.mode, earlier) as lock:
        ended = _work(request, wiring, run, earlier)
        lock.close(ended.exit_code, ended.reply, lasting=ended.lasting)
    return ended


def _work(request: Request, wiring: "Wiring", run: str, earlier: EarlierRun | None = None) -> Ended:
    """Send what an earlier delivery could not, or else run the job; all but a crash is returned as an end."""
    from reconcile.wiring_writes import carry_out

    order = request.order
    try:
        again = _sent_again(earlier.undelivered, wiring) if earlier and earlier.undelivered else None
        if again:
            return again
        outcome = carry_out(order, wiring, run)
    except AlreadyRunning:
        return _already_running()
    except ReconcileError as error:
        return _unreported(error)
    ended = _reported("finished", outcome, wiring)
    figures = {**ended.figures, **metrics.figures(outcome, scheduled=bool(request.run_key))}
    return replace(ended, figures=figures, kinds=metrics.kinds(outcome))


def _sent_again(run: str, wiring: "Wiring") -> Ended | None:
    """Send a kept report where it failed; None when it is kept no more. Raises SourceError."""
    try:
        stored = stored_outcome(run, wiring.reports, wiring.settings.stage)
    except UsageError:
        return None
    outcome = send_again(stored, wiring.delivery, wiring.memory, only_failed=True)
    return _reported("sent again", outcome, wiring)


def _reported(word: str, outcome: Outcome, wiring: "Wiring") -> Ended:
    """Return the end of a run that has a report."""
    report, place = outcome.report, outcome.place or ""
    lost = f" The run was not archived: {outcome.not_kept}" if outcome.not_kept else ""
    reply = {
        "run": report.run.id,
        "exit_code": int(outcome.exit_code),
        "headline": f"{report.headline}{lost}",
        "counts": report.counts,
        "report": (wiring.delivery.link(report.run.id, place) or place) if place else None,
    }
    deliveries = {
        delivery.channel: f"{delivery.outcome} {delivery.detail}".strip() for delivery in report.deliveries
    }
    lasting = outcome.lasting and not outcome.not_kept
    figures = metrics.endings(outcome.exit_code)
    facts = {"deliveries": deliveries, **({"not_listed": outcome.not_listed} if outcome.not_listed else {})}
    return Ended(word, reply, figures, facts=facts, lasting=lasting)


def _unreported(error: ReconcileError) -> Ended:
    """Return the end of an invocation that came to no report, and why."""
    word = "refused" if error.exit_code == Exit.USAGE else "failed"
    return Ended(word, _reply(error.exit_code, str(error)), metrics.endings(error.exit_code))


def _already_running() -> Ended:
    return Ended("already-running", _reply(Exit.AGREES, "already-running"))


def _reply(exit_code: Exit, headline: str) -> dict[str, Any]:
    return {"run": None, "exit_code": int(exit_code), "headline": headline, "counts": {}, "report": None}
