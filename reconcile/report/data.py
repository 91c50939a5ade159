"""The report as one typed value, and its JSON: written and read back without loss."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from reconcile.model.clock import parse_time, write_time
from reconcile.model.errors import Exit, most_severe
from reconcile.model.finding import Finding, Subject
from reconcile.model.recording import RecordingKey
from reconcile.model.remedy import Remedy, command
from reconcile.model.run import Delivery, Interrupted
from reconcile.report import not_checked
from reconcile.report.not_checked import Reason

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


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a run has to say. Lists of mappings are as in the JSON.

    `decisions` are those that hold, as decision_lines tells them.
    `configuration` tells of each part of the live system's setup what was found, or why nobody looked.
    `not_checked` lists by reason what nothing is claimed about, and is no finding.
    `carried` holds earlier findings whose subject this run did not judge; `would_withhold` tells, in a
    check, which findings a repair would withhold and why; `retired` those first seen as such, and
    `retired_known` the keys of all that were ever told.
    """

    run: RunFacts
    headline: str
    sources: tuple[Mapping[str, Any], ...]
    counts: Mapping[str, Mapping[str, int]]
    findings: tuple[Finding, ...]
    resolved: tuple[Finding, ...] = ()
    carried: tuple[Finding, ...] = ()
    withheld: Mapping[str, str] = field(default_factory=dict)
    would_withhold: Mapping[str, str] = field(default_factory=dict)
    repairs: tuple[Mapping[str, Any], ...] = ()
    recordings: tuple[Mapping[str, Any], ...] = ()
    retired: tuple[Mapping[str, Any], ...] = ()
    retired_known: tuple[RecordingKey, ...] = ()
    causes: tuple[Mapping[str, Any], ...] = ()
    configuration: tuple[Mapping[str, Any], ...] = ()
    decisions: tuple[Mapping[str, Any], ...] = ()
    not_checked: tuple[Reason, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    usage: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> str:
        """Return the report as JSON: the schema first, then sorted keys."""
        body = {
            "run": _run_to_json(self.run),
            "headline": self.headline,
            "sources": list(self.sources),
            "counts": self.counts,
            "findings": [_finding_to_json(finding) for finding in self.findings],
            "resolved": [_finding_to_json(finding) for finding in self.resolved],
            "carried": [_finding_to_json(finding) for finding in self.carried],
            "withheld": self.withheld,
            "would_withhold": self.would_withhold,
            "repairs": list(self.repairs),
            "recordings": list(self.recordings),
            "retired": list(self.retired),
            "retired_known": [list(key) for key in self.retired_known],
            "causes": list(self.causes),
            "configuration": list(self.configuration),
            "decisions": list(self.decisions),
            "not_checked": not_checked.to_json(self.not_checked),
            "deliveries": [_delivery_to_json(delivery) for delivery in self.deliveries],
            "usage": self.usage,
        }
        ordered = json.loads(json.dumps(body, sort_keys=True, default=str))
        return json.dumps({"schema": SCHEMA, **ordered}, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Report":
        """Read what to_json wrote; raises ValueError for another major schema or another shape."""
        data = json.loads(text)
        if not isinstance(data, dict) or str(data.get("schema", "")).split(".")[0] != SCHEMA.split(".")[0]:
            raise ValueError(f"a report of the schema {SCHEMA} was expected")
        try:
            return cls(
                run=_run_from_json(data["run"]),
                headline=data["headline"],
                sources=tuple(data["sources"]),
                counts=data["counts"],
                findings=tuple(map(_finding_from_json, data["findings"])),
                resolved=tuple(map(_finding_from_json, data["resolved"])),
                carried=tuple(map(_finding_from_json, data.get("carried", []))),
                withheld=data.get("withheld", {}),
                would_withhold=data.get("would_withhold", {}),
                repairs=tuple(data["repairs"]),
                recordings=tuple(data["recordings"]),
                retired=tuple(data.get("retired", [])),
                retired_known=tuple(
                    RecordingKey(bucket, prefix) for bucket, prefix in data.get("retired_known", [])
                ),
                causes=tuple(data["causes"]),
                configuration=tuple(data.get("configuration", [])),
                decisions=tuple(data.get("decisions", [])),
                not_checked=not_checked.from_json(data.get("not_checked", [])),
                deliveries=tuple(map(_delivery_from_json, data["deliveries"])),
                usage=data["usage"],
            )
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
            "not_checked": len(not_checked.pending(self.not_checked)),
            "deliveries": [_delivery_to_json(delivery) for delivery in self.deliveries],
        }

    def with_deliveries(self, deliveries: tuple[Delivery, ...]) -> "Report":
        """Return the report with what became of its messages; its exit code follows from that."""
        failed = any(delivery.outcome == "failed" for delivery in deliveries)
        codes = {Exit(self.run.result)} | ({Exit.UNDELIVERED} if failed else set())
        run = replace(self.run, exit_code=int(most_severe(codes)))
        return replace(self, run=run, deliveries=deliveries)


def _run_to_json(run: RunFacts) -> dict[str, Any]:
    return {
        "id": run.id,
        "stage": run.stage,
        "mode": run.mode,
        "scope": run.scope,
        "reason": run.reason,
        "started_at": write_time(run.started_at),
        "finished_at": write_time(run.finished_at),
        "window": {"start": write_time(run.window_start) if run.window_start else None},
        "version": run.version,
        "exit_code": run.exit_code,
        "only": list(run.only),
        "approved": run.approved,
        "keeps_history": run.keeps_history,
        "result": run.result,
        "cut_short": run.cut_short,
        "full_check_days": run.full_check_days,
        "interrupted": [
            {**asdict(other), "started_at": write_time(other.started_at)} for other in run.interrupted
        ],
        "sequence": run.sequence,
    }


def _run_from_json(data: Mapping[str, Any]) -> RunFacts:
    start = data["window"]["start"]
    return RunFacts(
        id=data["id"],
        stage=data["stage"],
        mode=data["mode"],
        scope=data["scope"],
        reason=data["reason"],
        started_at=parse_time(data["started_at"]),
        finished_at=parse_time(data["finished_at"]),
        window_start=parse_time(start) if start else None,
        version=data["version"],
        exit_code=data["exit_code"],
        only=tuple(data.get("only", [])),
        approved=data.get("approved", ""),
        keeps_history=data.get("keeps_history", True),
        result=data.get("result", data["exit_code"]),
        cut_short=data.get("cut_short", ""),
        full_check_days=data.get("full_check_days"),
        interrupted=tuple(
            Interrupted(**{**other, "started_at": parse_time(other["started_at"])})
            for other in data.get("interrupted", [])
        ),
        sequence=int(data.get("sequence", 0)),
    )


def _delivery_to_json(delivery: Delivery) -> dict[str, Any]:
    return {**asdict(delivery), "at": write_time(delivery.at)}


def _delivery_from_json(data: Mapping[str, Any]) -> Delivery:
    return Delivery(**{**data, "at": parse_time(data["at"])})


def _finding_to_json(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.id,
        "kind": finding.kind,
        "severity": finding.severity,
        "subject": finding.subject.to_json(),
        "evidence": dict(finding.evidence),
        "status": finding.status,
        "first_seen": write_time(finding.first_seen),
        "last_seen": write_time(finding.last_seen),
        "remedy": finding.remedy,
        "step": finding.step,
        "commands": list(finding.commands),
        "repaired": list(finding.repaired),
        "left": list(finding.left),
        "candidates": [dict(one) for one in finding.candidates],
    }


def remedy_told(data: Mapping[str, Any]) -> Remedy:
    """Read what to do out of a finding or cause of the JSON; the first reports told it in one text."""
    first, *others = str(data.get("remedy", "")).split("\n")
    return Remedy(data.get("step", first), tuple(data.get("commands", others)))


def _finding_from_json(data: Mapping[str, Any]) -> Finding:
    remedy = remedy_told(data)
    return Finding(
        id=data["id"],
        kind=data["kind"],
        severity=data["severity"],
        subject=Subject.from_json(data["subject"]),
        evidence=data["evidence"],
        status=data["status"],
        first_seen=parse_time(data["first_seen"]),
        last_seen=parse_time(data["last_seen"]),
        step=remedy.step,
        commands=remedy.commands,
        repaired=tuple(data.get("repaired", ())),
        left=tuple(data.get("left", ())),
        candidates=tuple(data.get("candidates", ())),
    )
