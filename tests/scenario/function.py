"""The job as Lambda runs it: the real handler with a made-up context, and all that it printed."""

import json
import sys
from dataclasses import dataclass, field
from typing import Any

import pytest

from reconcile.handler import LOG, RunFailed, handler
from tests.scenario.conftest import Shell

ARN = "arn:aws:scheduler:us-east-1:000000000000:schedule/default/nightly"


def scheduled(time: str = "2026-03-01T03:30:00Z", **fields: Any) -> dict[str, Any]:
    """Return the event that a schedule sends."""
    return {"schedule_arn": ARN, "scheduled_time": time, **fields}


@dataclass
class Context:
    """What Lambda tells of an invocation; `seconds` are left."""

    seconds: float = 900.0
    aws_request_id: str = "request-1"
    function_name: str = "reconcile"
    memory_limit_in_mb: int = 2048
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:000000000000:function:reconcile"

    def get_remaining_time_in_millis(self) -> int:
        """Return what is left, as Lambda does."""
        return int(self.seconds * 1000)


@dataclass
class Function:
    """A function of one mode beside the shell's stores; `logs` and `metrics` are what it printed so far."""

    shell: Shell
    capsys: pytest.CaptureFixture[str]
    mode: str = "check"
    printed: str = ""
    logs: list[dict[str, Any]] = field(default_factory=list)
    metrics: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.shell.monkeypatch.setenv("RECONCILE_MODE", self.mode)
        self.shell.monkeypatch.setattr(LOG.registered_handler, "stream", sys.stdout)

    def __call__(self, event: Any = None, context: Any = None) -> dict[str, Any]:
        """Invoke it; return its reply."""
        try:
            reply = handler(event, context or Context())
        finally:
            self.read()
        assert json.loads(json.dumps(reply)) == reply
        return reply

    def failing(self, event: Any = None, context: Any = None) -> dict[str, Any]:
        """Invoke it where it raises, as it does for 3 and 4; return the reply that the error holds."""
        with pytest.raises(RunFailed) as caught:
            self(event, context)
        reply: dict[str, Any] = json.loads(str(caught.value))
        return reply

    def read(self) -> None:
        """Take what was printed since."""
        out = self.capsys.readouterr().out
        self.printed += out
        for line in map(json.loads, out.splitlines()):
            (self.metrics if "_aws" in line else self.logs).append(line)

    def figures(self) -> dict[str, float]:
        """Return the metrics of its stage and mode that it printed last, by name."""
        *_, last = (one for one in self.metrics if "Mode" in one)
        (directive,) = last["_aws"]["CloudWatchMetrics"]
        return {metric["Name"]: last[metric["Name"]][0] for metric in directive["Metrics"]}

    def kept(self) -> dict[str, dict[str, Any]]:
        """Return the reports that are kept, by run."""
        paths = (self.shell.folder / "reports").glob("*/report.json")
        return {path.parent.name: json.loads(path.read_text()) for path in paths}

    def claims(self) -> list[dict[str, Any]]:
        """Return the run keys that the state table holds."""
        return [item for (pk, _), item in self.shell.state().items() if pk == "claim"]
