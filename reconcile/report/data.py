"""The report as one typed value, and its JSON: written and read back without loss."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import Annotated, Any

from pydantic import (
    BeforeValidator,
    Field,
    PlainSerializer,
    SerializerFunctionWrapHandler,
    TypeAdapter,
    ValidationError,
    WrapSerializer,
)

from reconcile.model.clock import write_time
from reconcile.model.configuration import Look
from reconcile.model.decision import Decision
from reconcile.model.errors import Exit, most_severe
from reconcile.model.recording import RecordingKey
from reconcile.model.remedy import command
from reconcile.model.run import Delivery, Interrupted, Receipt, Repair
from reconcile.report.json_types import JsonCause, JsonFinding
from reconcile.report.not_checked import JsonReason, pending

SCHEMA = "1.0"


def approve_command(run: str) -> str:
    """Return the command that lets what a run withheld happen."""
    return command("reconcile", "repair", "--approve", run)


def approve_invocation(run: str, stage: str) -> str:
    """Return the command that lets it happen where the job runs as a function."""
    return command(
        *("aws", "lambda", "invoke", "--function-name", f"reconcile-repair-{stage}"),
        *("--cli-binary-format", "raw-in-base64-out", "--cli-read-timeout", "900"),
        *("--payload", json.dumps({"approve": run}), "/dev/stdout"),
    )


@dataclass(frozen=True, slots=True)
class RunFacts:
    """Which run a report is of; `window_start` None means that everything was judged.

    `result` is the exit code of the work alone, without its delivery. `cut_short` says why the run stopped
    before its end ("" if it did not); `interrupted` are earlier runs that never ended, told once. `sequence`
    numbers the runs that wrote into the state table (0: there is none).
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


def _read_run(data: Mapping[str, Any]) -> dict[str, Any]:
    """Take the window apart; a report without `result` was kept before messages could fail."""
    return {"result": data["exit_code"], **data, "window_start": data["window"]["start"]}


def _write_run(run: RunFacts, fields: SerializerFunctionWrapHandler) -> dict[str, Any]:
    told: dict[str, Any] = fields(run)
    return {"window": {"start": told.pop("window_start")}, **told}


JsonRun = Annotated[RunFacts, BeforeValidator(_read_run), WrapSerializer(_write_run)]
"""With its window as {"start": …}, null where everything was judged."""


@dataclass(frozen=True, slots=True)
class RecordingLine:
    """A recording that was judged, and what is known of it; `again`: the next run judges it, however old."""

    bucket: str
    prefix: str
    start: datetime | None
    show: str | None
    title: str | None
    owner: str | None
    verdict: str
    program_id: Annotated[str | None, Field(alias="programId")]
    again: bool = False

    @property
    def key(self) -> RecordingKey:
        """Its bucket and prefix."""
        return RecordingKey(self.bucket, self.prefix)

    @property
    def evidence(self) -> dict[str, Any]:
        """What is known of it, by the names that a finding's evidence has for it."""
        told = {
            "start": write_time(self.start) if self.start else None,
            "show": self.show,
            "title": self.title,
            "owner": self.owner,
            "programId": self.program_id,
        }
        return {name: value for name, value in told.items() if value}


@dataclass(frozen=True, slots=True)
class RetiredLine(RecordingLine):
    """A recording whose program is known to be gone; `remembered` says what tells of it."""

    remembered: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """A decision that holds, and what has become of it, which only those on recordings tell.

    `gone` is what it names that is gone ("": nothing), `now` the verdict on the recording as confirmed,
    before repairs, and `carried_out` whether the program of a restore was made; None where it is not told.
    """

    decision: Decision
    gone: str | None = None
    now: str | None = None
    carried_out: bool | None = None


def _read_decision(data: Mapping[str, Any]) -> dict[str, Any]:
    return {**data, "decision": data}


def _write_decision(line: DecisionLine) -> dict[str, Any]:
    became = {"gone": line.gone, "now": line.now, "carried_out": line.carried_out}
    return line.decision.to_json() | {name: value for name, value in became.items() if value is not None}


JsonDecision = Annotated[DecisionLine, BeforeValidator(_read_decision), PlainSerializer(_write_decision)]
"""The decision's own fields and what has become of it side by side; what does not apply is left out."""


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a run has to say.

    `decisions` are those that hold.
    `configuration` tells of each part of the live system's setup what was found, or why nobody looked.
    `not_checked` lists by reason what nothing is claimed about, and is no finding.
    `carried` holds earlier findings whose subject this run did not judge; `would_withhold` tells, in a
    check, which findings a repair would withhold and why; `retired` those first seen as such, and
    `retired_known` the keys of all that were ever told.
    """

    run: JsonRun
    headline: str
    sources: tuple[Receipt, ...]
    counts: Mapping[str, Mapping[str, int]]
    findings: tuple[JsonFinding, ...]
    resolved: tuple[JsonFinding, ...] = ()
    carried: tuple[JsonFinding, ...] = ()
    withheld: Mapping[str, str] = field(default_factory=dict)
    would_withhold: Mapping[str, str] = field(default_factory=dict)
    repairs: tuple[Repair, ...] = ()
    recordings: tuple[RecordingLine, ...] = ()
    retired: tuple[RetiredLine, ...] = ()
    retired_known: tuple[RecordingKey, ...] = ()
    causes: tuple[JsonCause, ...] = ()
    configuration: tuple[Look, ...] = ()
    decisions: tuple[JsonDecision, ...] = ()
    not_checked: tuple[JsonReason, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    usage: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> str:
        """Return the report as JSON: the schema first, then sorted keys."""
        body = _adapter().dump_python(self, by_alias=True)
        ordered = json.loads(json.dumps(body, sort_keys=True, default=_written))
        return json.dumps({"schema": SCHEMA, **ordered}, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Report":
        """Read what to_json wrote; raises ValueError for another major schema or another shape."""
        try:
            data = json.loads(text)
        except RecursionError as error:
            raise ValueError("it is nested too deeply") from error
        if not isinstance(data, dict) or str(data.get("schema", "")).split(".")[0] != SCHEMA.split(".")[0]:
            raise ValueError(f"a report of the schema {SCHEMA} was expected")
        missing = [name for name in _ALWAYS if name not in data]
        if missing:
            raise ValueError(f"the report lacks {missing[0]!r}")
        try:
            return _adapter().validate_python(data)
        except ValidationError as error:
            raise ValueError(_first_fault(error)) from error
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
            "statuses": dict(Counter(finding.status for finding in self.findings)),
            "not_checked": len(pending(self.not_checked)),
            "deliveries": [{**asdict(one), "at": write_time(one.at)} for one in self.deliveries],
        }

    def with_deliveries(self, deliveries: tuple[Delivery, ...]) -> "Report":
        """Return the report with what became of its messages; its exit code follows from that."""
        failed = any(delivery.outcome == "failed" for delivery in deliveries)
        codes = {Exit(self.run.result)} | ({Exit.UNDELIVERED} if failed else set())
        run = replace(self.run, exit_code=int(most_severe(codes)))
        return replace(self, run=run, deliveries=deliveries)


_ALWAYS = (
    *("run", "headline", "sources", "counts", "findings", "resolved", "repairs", "recordings", "causes"),
    *("deliveries", "usage"),
)
"""What every report has told from the first on; a text without one of these is no report."""


@cache
def _adapter() -> TypeAdapter[Report]:
    """Return what reads and writes reports; it is built when the first one is."""
    return TypeAdapter(Report)


def _written(value: object) -> str:
    """Return what JSON cannot hold as a text."""
    return write_time(value) if isinstance(value, datetime) else str(value)


def _first_fault(error: ValidationError) -> str:
    """Say what is wrong first."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(map(str, first["loc"]))
    if first["type"] == "missing":
        return f"the report lacks {place!r}"
    return f"the report's {place}: {first['msg']}"
