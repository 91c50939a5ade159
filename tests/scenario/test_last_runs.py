"""The saved query of the template finds each run's last line in what the function logs, and only that."""

import json
import re
from typing import Any

import pytest

from tests.deploy.stack import template
from tests.scenario.conftest import Shells
from tests.scenario.function import Context, Function, scheduled
from tests.scenario.small import agreeing, lacking_a_program

Capture = pytest.CaptureFixture[str]
QUERY: str = template()["Resources"]["LastRuns"]["Properties"]["QueryString"]


def found(printed: str) -> list[dict[str, Any]]:
    """Return what the query finds in lines of a log, the newest first, as Logs Insights does with JSON.

    Only the commands that the query has are known here.
    """
    rows = [json.loads(line) for line in printed.splitlines()]
    shown: list[str] = []
    for command in QUERY.split(" | "):
        name, _, rest = command.partition(" ")
        if name == "fields":
            shown = rest.split(", ")
        elif name == "filter":
            field, _, pattern = rest.partition(" like ")
            rows = [row for row in rows if re.search(pattern.strip("/"), str(row.get(field, "")))]
        elif name == "sort":
            assert rest == "@timestamp desc"
            rows.reverse()
        else:
            assert name == "limit"
            rows = rows[: int(rest)]
    fields = [name for name in shown if not name.startswith("@")]
    return [{name: row.get(name) for name in fields} for row in rows]


def test_a_run_is_found_with_its_verdict_and_its_report(shell_on: Shells, capsys: Capture) -> None:
    """One line of all that it printed, metrics included."""
    function = Function(shell_on(lacking_a_program().world()), capsys)
    reply = function(scheduled())
    assert found(function.printed) == [
        {
            "mode": "check",
            "message": "finished",
            "exit_code": 2,
            "headline": reply["headline"],
            "report": reply["report"],
        }
    ]


def test_runs_that_came_to_no_report_are_found_too_the_newest_first(
    shell_on: Shells, capsys: Capture
) -> None:
    shell = shell_on(agreeing().world())
    function = Function(shell, capsys, "repair")
    function(scheduled())
    with shell.monkeypatch.context() as patch:
        patch.setattr("reconcile.job.examine", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            function(scheduled("2026-03-02T03:30:00Z"))
    with shell.monkeypatch.context() as patch:
        patch.setenv("RECONCILE_STATE_TABLE", "no-such-memory")
        function.failing(scheduled("2026-03-03T03:30:00Z"))
    function(scheduled("2026-03-04T03:30:00Z", scpoe="full"))
    rows = found(function.printed)
    assert [row["message"] for row in rows] == ["refused", "failed", "crashed", "finished"]
    assert [row["exit_code"] for row in rows] == [64, 3, None, 0]
    assert {row["mode"] for row in rows} == {"repair"}


def test_what_is_no_run_is_not_found(shell_on: Shells, capsys: Capture) -> None:
    """Doctor, an event that comes again, and a ping that failed."""
    shell = shell_on(agreeing().world())
    shell.monkeypatch.setenv("RECONCILE_PING_URL", "http://127.0.0.1:9/x")
    function = Function(shell, capsys)
    function(scheduled())
    function(scheduled())
    function({"doctor": True}, Context())
    assert {line["message"] for line in function.logs} >= {"doctor", "told again", "not pinged"}
    assert [row["message"] for row in found(function.printed)] == ["finished"]
