"""The report as one typed value, and its JSON: written and read back without loss."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from functools import cache
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer, TypeAdapter, ValidationError, WrapSerializer
from pydantic import SerializerFunctionWrapHandler as Fields

from reconcile.model.clock import write_time
from reconcile.model.configuration import Look
from reconcile.model.decision import Decision
from reconcile.model.documents import JsonObject
from reconcile.model.errors import Exit, most_severe
from reconcile.model.recording import RecordingKey
from reconcile.model.remedy import command
from reconcile.model.run import Delivery, Interrupted, Receipt, Repair
from reconcile.model.usage import Usage
from reconcile.report.json_text import Batches, body_of, first_fault, pieces_of
from reconcile.report.json_types import JsonCause, JsonFinding
from reconcile.report.not_checked import JsonReason, pending
from reconcile.report.numbers import Numbers, numbers_of
from reconcile.report.parts import Action, ChainLink, ReportState, ResolvedBefore, TrendRun
from reconcile.report.verdict import state_of


def approve_command(run: str) -> str:
    """Return the command that approves what awaits approval after a run."""
    return command("reconcile", "repair", "--approve", run)


def approve_invocation(run: str, stage: str) -> str:
    """Return the command that approves it where the job runs as a function."""
    return command(
        *("aws", "lambda", "invoke", "--function-name", f"reconcile-repair-{stage}"),
        *("--cli-binary-format", "raw-in-base64-out", "--cli-read-timeout", "900"),
        *("--payload", json.dumps({"approve": run}), "/dev/stdout"),
    )


@dataclass(frozen=True, slots=True)
class RunFacts:
    """Which run a report is of; `window_start` None means that everything was judged.

    `result` is the exit code of the work alone, without its delivery. `cut_short` says why the run stopped
    before its end ("" if it did not); `interrupted` are earlier runs that never ended, reported once.
    `sequence` numbers the runs that wrote into the state table (0: there is none).
    `full_check_days` is how many days ago a whole run last checked every recording (0: this one did), or the
    age of the oldest known run where none did; None without a history.
    """

    id: str
    stage: str
    mode: str
    scope: str
    reason: str
    started_at: datetime
    finished_at: datetime
    window_start: datetime | None
    version: str
    exit_code: int
    only: tuple[str, ...] = ()
    approved: str = ""
    keeps_history: bool = True
    result: int = 0
    cut_short: str = ""
    interrupted: tuple[Interrupted, ...] = ()
    sequence: int = 0
    full_check_days: int | None = None


def _read_run(data: JsonObject) -> dict[str, Any]:
    return {**data, "window_start": data["window"]["start"]}


def _write_run(run: RunFacts, fields: Fields) -> dict[str, Any]:
    body: dict[str, Any] = fields(run)
    return {"window": {"start": body.pop("window_start")}, **body}


JsonRun = Annotated[RunFacts, BeforeValidator(_read_run), WrapSerializer(_write_run)]
"""With its window as {"start": …}, null where everything was judged."""


@dataclass(frozen=True, slots=True)
class RecordingLine:
    """A recording, its verdict, and what is known of it.

    `last_event`: when its newest events file was written. `again`: the next run checks it, however old.
    """

    bucket: str
    prefix: str
    start: datetime | None
    show: str | None
    title: str | None
    owner: str | None
    verdict: str
    program_id: Annotated[str | None, Field(alias="programId")]
    again: bool = False
    last_event: datetime | None = None

    @property
    def key(self) -> RecordingKey:
        """Its bucket and prefix."""
        return RecordingKey(self.bucket, self.prefix)

    @property
    def evidence(self) -> dict[str, Any]:
        """What is known of it, by the names that a finding's evidence has for it."""
        known = {
            "start": write_time(self.start) if self.start else None,
            "last_event": write_time(self.last_event) if self.last_event else None,
            "show": self.show,
            "title": self.title,
            "owner": self.owner,
            "programId": self.program_id,
        }
        return {name: value for name, value in known.items() if value}


@dataclass(frozen=True, slots=True)
class RetiredLine(RecordingLine):
    """A recording whose program is known to be gone; `remembered` is the evidence of it."""

    remembered: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """An active decision, and its outcome, which only those on recordings have.

    `gone` is what it names that is gone ("": nothing), `now` the verdict on the recording as confirmed,
    before repairs, and `carried_out` whether the program of a restore was made; None if unknown.
    """

    decision: Decision
    gone: str | None = None
    now: str | None = None
    carried_out: bool | None = None


def _read_decision(data: JsonObject) -> dict[str, Any]:
    return {**data, "decision": data}


def _write_decision(line: DecisionLine) -> dict[str, Any]:
    became = {"gone": line.gone, "now": line.now, "carried_out": line.carried_out}
    return line.decision.to_json() | {name: value for name, value in became.items() if value is not None}


JsonDecision = Annotated[DecisionLine, BeforeValidator(_read_decision), PlainSerializer(_write_decision)]
"""The decision's own fields and what has become of it side by side; what does not apply is left out."""


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a run has to say.

    `headline` is the verdict in a sentence. `trend` holds up to 30 runs, oldest first, this one last.
    `approvals` says by finding why its repair awaits approval, and `would_need_approval` why a repair would,
    in a check. `not_checked` lists by reason what nothing is claimed about, and is no finding.
    `carried` holds earlier findings whose subject this run did not check, and `resolved_before` those that
    earlier reports resolved. `recordings` has a line for each recording, but for guests' own feeds;
    `retired` are those first seen as such, and `retired_known` the keys of all that were ever reported.
    `configuration` says of each part of the live system's setup what was found, or why it was not checked.
    `decisions` are those that hold, and `usage` is what the run used and cost.
    """

    run: JsonRun
    headline: str
    sources: tuple[Receipt, ...]
    counts: Mapping[str, Mapping[str, int]]
    findings: tuple[JsonFinding, ...]
    resolved: tuple[JsonFinding, ...] = ()
    carried: tuple[JsonFinding, ...] = ()
    resolved_before: tuple[ResolvedBefore, ...] = ()
    approvals: Mapping[str, str] = field(default_factory=dict)
    would_need_approval: Mapping[str, str] = field(default_factory=dict)
    trend: tuple[TrendRun, ...] = ()
    actions: tuple[Action, ...] = ()
    chain: tuple[ChainLink, ...] = ()
    repairs: tuple[Repair, ...] = ()
    recordings: tuple[RecordingLine, ...] = ()
    retired: tuple[RetiredLine, ...] = ()
    retired_known: tuple[RecordingKey, ...] = ()
    causes: tuple[JsonCause, ...] = ()
    configuration: tuple[Look, ...] = ()
    decisions: tuple[JsonDecision, ...] = ()
    not_checked: tuple[JsonReason, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    usage: Usage = field(default_factory=Usage)

    @property
    def numbers(self) -> Numbers:
        """How many findings came to what."""
        return numbers_of(self.findings, self.resolved, self.counts)

    @property
    def state(self) -> ReportState:
        """How things are, in a word."""
        return state_of(self)

    def to_json(self) -> str:
        """Return the report as JSON: the schema first, then sorted keys.

        Recordings that simply agree, or that lie outside the window, are only counted there.
        """
        return "".join(self.json_pieces())

    def json_pieces(self) -> Iterator[str]:
        """Yield the text of `to_json` piece by piece: that of a large archive need not be held at once."""
        decided = {line.decision.recording for line in self.decisions}
        listed = tuple(
            line for line in self.recordings if line.verdict not in _COUNTED or line.key in decided
        )
        lists = {one.name: getattr(self, one.name) for one in fields(self)} | {"recordings": listed}
        lists = {name: value for name, value in lists.items() if isinstance(value, tuple)}
        none: dict[str, Any] = dict.fromkeys(lists, ())
        bare = replace(self, **none)
        batches = {name: Batches(_dumped(bare, name, items)) for name, items in lists.items()}
        body = adapter().dump_python(bare, by_alias=True)
        yield from pieces_of({**body, **batches, "state": self.state, "numbers": asdict(self.numbers)})

    @classmethod
    def from_json(cls, text: str) -> "Report":
        """Read what to_json wrote, of this schema or of 1.0; raises ValueError for anything else."""
        try:
            return adapter().validate_python(body_of(text))
        except ValidationError as error:
            raise ValueError(first_fault(error)) from error
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"the report lacks {error}") from error

    def summary(self) -> dict[str, Any]:
        """Return what a list of runs shows of it."""
        return {
            "id": self.run.id,
            "stage": self.run.stage,
            "mode": self.run.mode,
            "scope": self.run.scope,
            "only": list(self.run.only),
            "started_at": write_time(self.run.started_at),
            "exit_code": self.run.exit_code,
            "headline": self.headline,
            "state": self.state,
            "numbers": asdict(self.numbers),
            "seconds": (self.run.finished_at - self.run.started_at).total_seconds(),
            "cost_usd": self.usage.cost.usd if self.usage.cost else None,
            "statuses": dict(Counter(finding.status for finding in self.findings)),
            "not_checked": len(pending(self.not_checked)),
            "deliveries": [
                {**asdict(delivery), "at": write_time(delivery.at)} for delivery in self.deliveries
            ],
        }

    def with_deliveries(self, deliveries: tuple[Delivery, ...]) -> "Report":
        """Return the report with what became of its messages; its exit code follows from that."""
        failed = any(delivery.outcome == "failed" for delivery in deliveries)
        codes = {Exit(self.run.result)} | ({Exit.UNDELIVERED} if failed else set())
        run = replace(self.run, exit_code=int(most_severe(codes)))
        return replace(self, run=run, deliveries=deliveries)


def _dumped(bare: Report, name: str, items: tuple[object, ...]) -> Iterator[Sequence[object]]:
    """Yield one of the lists of a report as plain values, some at a time."""
    for begin in range(0, len(items), _BATCH):
        batch: dict[str, Any] = {name: items[begin : begin + _BATCH]}
        dumped = adapter().dump_python(replace(bare, **batch), by_alias=True, include={name})
        yield dumped[name]


_BATCH = 200
_COUNTED = ("agrees", "outside-window")
"""The verdicts on recordings that are counted in the JSON, and not listed."""


@cache
def adapter() -> TypeAdapter[Report]:
    """Return what reads and writes reports; it is built when the first one is."""
    return TypeAdapter(Report)
