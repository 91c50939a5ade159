"""Events that arrive twice, at once or after a failure: work is done once, and nothing is sent twice."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from reconcile.handler import RunFailed, handler
from reconcile.model.clock import write_time
from reconcile.sandbox.algolia import Fault
from reconcile.sandbox.embedded import STATE_TABLE
from tests.scenario.conftest import Shell, Shells
from tests.scenario.function import Function, scheduled
from tests.scenario.small import agreeing, lacking_a_program
from tests.scenario.test_delivery import Desk

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def slack() -> Iterator[Desk]:
    """Start a server that takes Slack's messages."""
    slack = Desk()
    with slack.server:
        yield slack


@pytest.fixture
def webhook() -> Iterator[Desk]:
    """Start another server, that takes a webhook's."""
    webhook = Desk()
    with webhook.server:
        yield webhook


def eventually(holds: Callable[[], bool]) -> bool:
    """Wait until something holds, thirty seconds at most."""
    end = time.monotonic() + 30
    while not holds() and time.monotonic() < end:
        time.sleep(0.02)
    return holds()


def time_passes(shell: Shell) -> None:
    """Let what nobody renews any more run out, and the programs settle."""
    for (pk, _), item in shell.state().items():
        if pk in ("claim", "lease"):
            shell.put_row({**item, "until": {"N": "1"}}, STATE_TABLE)
    before = {"S": write_time(shell.stores.world.now - timedelta(hours=1))}
    for row in shell.programs().values():
        shell.put_row({**row, "createdAt": before, "updatedAt": before})


@pytest.mark.parametrize(
    ("mode", "lacking", "code"), [("check", False, 0), ("check", True, 2), ("repair", True, 5)]
)
def test_a_closed_key_returns_its_result_without_another_run(
    shell_on: Shells, capsys: Capture, mode: str, lacking: bool, code: int
) -> None:
    """The same reply; no second report, no second message, and nothing that an alarm counts."""
    small = lacking_a_program() if lacking else agreeing()
    function = Function(shell_on(small.world()), capsys, mode)
    reply = function(scheduled())
    printed = len(function.metrics)
    assert reply["exit_code"] == code
    assert [function(scheduled()) for _ in range(2)] == [reply, reply]
    assert list(function.kept()) == [reply["run"]]
    assert len(function.metrics) == printed
    assert [line["message"] for line in function.logs[-2:]] == ["started", "told again"]


def test_a_refused_run_is_closed_too(shell_on: Shells, capsys: Capture) -> None:
    """Trying again would not help: the same refusal, also when the report has turned up meanwhile."""
    shell = shell_on(lacking_a_program().world())
    function = Function(shell, capsys, "repair")
    event = scheduled(approve="20260301T033000000Z-abcdef")
    refused = function(event)
    assert refused["exit_code"] == 64
    withheld = function()["run"]
    (shell.folder / "reports" / withheld).rename(shell.folder / "reports" / event["approve"])
    assert function(event) == refused
    assert shell.programs() == {}


@pytest.mark.parametrize("other", [{"scheduled_time": "2026-03-02T03:30:00Z"}, {"schedule_arn": "another"}])
def test_another_key_and_no_key_run_on_their_own(
    shell_on: Shells, capsys: Capture, other: dict[str, str]
) -> None:
    function = Function(shell_on(agreeing().world()), capsys)
    events = [scheduled(), {**scheduled(), **other}, {}, {}, {"schedule_arn": "only the half of a key"}]
    runs = {function(event)["run"] for event in events}
    assert (len(runs), len(function.claims())) == (5, 2)


def test_without_a_state_table_every_delivery_runs(shell_on: Shells, capsys: Capture) -> None:
    function = Function(shell_on(agreeing().world()), capsys)
    function.shell.monkeypatch.delenv("RECONCILE_STATE_TABLE")
    assert function(scheduled())["run"] != function(scheduled())["run"]


def test_after_3_the_next_delivery_runs_again(shell_on: Shells, capsys: Capture) -> None:
    """As soon as it is whole, that result stands."""
    function = Function(shell_on(agreeing().world()), capsys)
    with function.shell.monkeypatch.context() as patch:
        patch.setenv("RECONCILE_ALGOLIA_API_KEY", "another-key")
        first = function.failing(scheduled())
        assert function.failing(scheduled())["run"] != first["run"]
    third = function(scheduled())
    assert (third["exit_code"], function(scheduled())) == (0, third)
    assert len(function.kept()) == 3


def test_after_a_crash_the_next_delivery_runs_again(shell_on: Shells, capsys: Capture) -> None:
    shell = shell_on(agreeing().world())
    function = Function(shell, capsys)
    with shell.monkeypatch.context() as patch:
        patch.setattr("reconcile.job.check", lambda order, ports: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            function(scheduled())
    (claim,) = function.claims()
    assert claim["exit_code"] == {"N": "1"}
    assert function(scheduled())["exit_code"] == 0


def test_after_4_only_what_failed_is_sent_and_the_next_code_is_held(
    shell_on: Shells, capsys: Capture, slack: Desk, webhook: Desk
) -> None:
    """The webhook had its message and gets no second; Slack gets it as soon as it answers again."""
    shell = shell_on(lacking_a_program().world())
    shell.monkeypatch.setenv("RECONCILE_SLACK_WEBHOOK", slack.address)
    shell.monkeypatch.setenv("RECONCILE_WEBHOOK", webhook.address)
    function = Function(shell, capsys)
    slack.status = 404
    first = function.failing(scheduled())
    assert (first["exit_code"], function.figures()["Undelivered"]) == (4, 1)
    asked = len(shell.stores.algolia.requests)
    assert function.failing(scheduled()) == first
    slack.status = 200
    delivered = function(scheduled())
    assert delivered == {**first, "exit_code": 2}
    assert function.figures() == {"Failed": 0, "Incomplete": 0, "Undelivered": 0}
    assert function(scheduled()) == delivered
    assert (len(slack.arrived), len(webhook.arrived)) == (1, 1)
    assert len(shell.stores.algolia.requests) == asked
    ((run, report),) = function.kept().items()
    assert (run, report["run"]["exit_code"]) == (first["run"], 2)
    assert {one["channel"]: one["outcome"] for one in report["deliveries"]} == {
        "slack": "sent",
        "webhook": "sent",
    }
    assert "secret-path" not in function.printed


def test_after_4_a_report_that_is_kept_no_more_is_made_again(
    shell_on: Shells, capsys: Capture, slack: Desk
) -> None:
    shell = shell_on(lacking_a_program().world())
    shell.monkeypatch.setenv("RECONCILE_SLACK_WEBHOOK", slack.address)
    function = Function(shell, capsys)
    slack.status = 404
    first = function.failing(scheduled())
    (shell.folder / "reports" / first["run"] / "report.json").unlink()
    slack.status = 200
    second = function(scheduled())
    assert second["run"] != first["run"]
    assert (second["exit_code"], len(slack.arrived)) == (2, 1)


def test_after_4_a_place_of_reports_that_is_out_of_reach_costs_no_second_message(
    shell_on: Shells, capsys: Capture, slack: Desk, webhook: Desk
) -> None:
    """That delivery is incomplete; the one after it still knows what was left to send."""
    shell = shell_on(lacking_a_program().world())
    shell.monkeypatch.setenv("RECONCILE_SLACK_WEBHOOK", slack.address)
    shell.monkeypatch.setenv("RECONCILE_WEBHOOK", webhook.address)
    function = Function(shell, capsys)
    slack.status = 404
    first = function.failing(scheduled())
    slack.status = 200
    with shell.monkeypatch.context() as patch:
        patch.setenv("RECONCILE_REPORTS", "s3://no-such-bucket")
        assert function.failing(scheduled())["exit_code"] == 3
    assert function(scheduled())["run"] == first["run"]
    assert (len(slack.arrived), len(webhook.arrived)) == (1, 1)


def answers(event: dict[str, Any], times: int) -> list[dict[str, Any]]:
    """Deliver an event so many times at once; return the replies, those with a run first."""

    def deliver(_: int) -> dict[str, Any]:
        try:
            return handler(event, None)
        except RunFailed as failed:
            return dict(json.loads(str(failed)))

    with ThreadPoolExecutor(times) as pool:
        return sorted(pool.map(deliver, range(times)), key=lambda reply: reply["run"] is None)


def test_of_deliveries_at_once_one_runs_and_the_others_say_so(
    shell_on: Shells, capsys: Capture, slack: Desk
) -> None:
    """One report, one message; the others' answer is not kept, so that a later one gets the run's."""
    shell = shell_on(lacking_a_program().world())
    shell.monkeypatch.setenv("RECONCILE_SLACK_WEBHOOK", slack.address)
    function = Function(shell, capsys)
    shell.stores.algolia.fail(Fault("slow", "browse", seconds=2.0))
    first, *others = answers(scheduled(), 3)
    function.read()
    assert first["exit_code"] == 2
    assert [(one["exit_code"], one["headline"]) for one in others] == [(0, "already-running")] * 2
    assert (list(function.kept()), len(slack.arrived)) == ([first["run"]], 1)
    assert function.figures()["Heartbeat"] == 1
    assert sum("Mode" in line for line in function.metrics) == 1
    assert function(scheduled()) == first


def test_of_redeliveries_at_once_one_runs(shell_on: Shells, capsys: Capture) -> None:
    """A key whose run was incomplete is taken over by one of those that come next."""
    shell = shell_on(agreeing().world())
    function = Function(shell, capsys)
    with shell.monkeypatch.context() as patch:
        patch.setenv("RECONCILE_ALGOLIA_API_KEY", "another-key")
        failed = function.failing(scheduled())
    shell.stores.algolia.fail(Fault("slow", "browse", seconds=2.0))
    first, other = answers(scheduled(), 2)
    assert (first["exit_code"], other["headline"]) == (0, "already-running")
    assert set(function.kept()) == {failed["run"], first["run"]}


def test_of_two_schedules_at_once_one_repairs(shell_on: Shells, capsys: Capture) -> None:
    """The nightly and the weekly repair overlap: the one without the lease has nothing left to do."""
    small = agreeing()
    small.records["program-of-show1"]["title"] = "An older title"
    shell = shell_on(small.world())
    function = Function(shell, capsys, "repair")
    shell.stores.algolia.fail(Fault("slow", "browse", seconds=3.0))
    with ThreadPoolExecutor(1) as pool:
        nightly = pool.submit(handler, scheduled(), None)
        assert eventually(lambda: ("lease", "lease") in shell.state())
        weekly = handler({**scheduled(), "schedule_arn": "weekly"}, None)
        assert weekly["headline"] == "already-running"
        assert nightly.result()["exit_code"] == 0
    assert shell.records()["program-of-show1"]["title"] == "A title"
    assert len(function.kept()) == 1
    closed = {claim["exit_code"]["N"] for claim in function.claims()}
    assert closed == {"0"}


INVOKE = "import json, sys; from reconcile.handler import handler; handler(json.loads(sys.argv[1]), None)"


def killed_while_writing(shell: Shell, event: dict[str, Any]) -> None:
    """Handle an event in a process of its own, and kill that when its first search record is under way."""
    shell.stores.algolia.fail(Fault("slow", "batch", seconds=60.0))
    begun = len(shell.stores.algolia.requests)
    with subprocess.Popen(
        [sys.executable, "-c", INVOKE, json.dumps(event)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            assert eventually(lambda: ("POST", "batch") in shell.stores.algolia.requests[begun:])
        finally:
            process.kill()


def test_what_a_killed_run_held_is_free_before_lambda_tries_again(shell_on: Shells, capsys: Capture) -> None:
    """It does so after a minute: a try that found the lease held would do nothing and close the run key."""
    shell = shell_on(lacking_a_program().world())
    event = scheduled(approve=Function(shell, capsys, "repair")()["run"])
    killed_while_writing(shell, event)
    tried_again = time.time() + 60
    held = {key: float(item["until"]["N"]) for key, item in shell.state().items() if "token" in item}
    assert {pk for pk, _ in held} == {"claim", "lease"}
    assert all(until < tried_again - 10 for until in held.values())


def test_a_run_that_was_killed_is_told_and_finished_by_the_next(shell_on: Shells, capsys: Capture) -> None:
    """It had made the program and not its record. There is one program in the end, and one record of it."""
    shell = shell_on(lacking_a_program().world())
    function = Function(shell, capsys, "repair")
    event = scheduled(approve=function()["run"])
    killed_while_writing(shell, event)
    assert (len(shell.programs()), shell.records()) == (1, {})
    assert function(event)["headline"] == "already-running"
    time_passes(shell)
    reply = function(event)
    assert reply["exit_code"] == 0
    (interrupted,) = function.kept()[reply["run"]]["run"]["interrupted"]
    assert (interrupted["mode"], interrupted["writes"]) == ("repair", 2)
    assert interrupted["id"] not in function.kept()
    assert len(shell.programs()) == len(shell.records()) == 1
    assert function(event) == reply
    assert function({})["exit_code"] == 0
    assert len(shell.programs()) == len(shell.records()) == 1
