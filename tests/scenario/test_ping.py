"""A dead-man switch hears of each run, from function and command line alike, and delays and ends none."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from uuid import UUID

import boto3
import pytest
from moto.backends import get_backend

from reconcile.cli.app import run
from reconcile.sandbox.embedded import STATE_TABLE
from reconcile.stores.transactions import LEASE_KEY
from tests.contract.loopback import Answer
from tests.contract.ping_desk import SECRET, PingDesk
from tests.contract.slack_desk import Desk
from tests.scenario.conftest import Shell, Shells
from tests.scenario.function import Context, Function, scheduled
from tests.scenario.small import agreeing, lacking_a_program

Capture = pytest.CaptureFixture[str]
Fault = Callable[[PingDesk], str]


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[PingDesk]:
    """Start a server with a check, whose ping URL is set."""
    with PingDesk() as desk:
        monkeypatch.setenv("RECONCILE_PING_URL", desk.address)
        yield desk


def held_lease(shell: Shell) -> None:
    """Let another run hold the lease."""
    held = {"token": {"S": "others"}, "run": {"S": "another"}, "until": {"N": "9999999999"}}
    shell.put_row({**LEASE_KEY, **held}, STATE_TABLE)


def assert_one_run(desk: PingDesk, signal: str, *words: str) -> None:
    """One run began and ended so, under one id."""
    assert desk.signals == ["start", signal]
    begin, end = desk.told
    assert UUID(begin.rid) == UUID(end.rid)
    assert all(word in end.body for word in words), end.body


# ---- What is told


@pytest.mark.parametrize("mode", ["check", "repair"])
def test_a_run_of_the_function_that_finds_nothing_is_a_success(
    shell_on: Shells, capsys: Capture, desk: PingDesk, mode: str
) -> None:
    reply = Function(shell_on(agreeing().world()), capsys, mode)(scheduled())
    assert_one_run(desk, "success", "exit code 0, agrees", str(reply["headline"]))


@pytest.mark.parametrize("mode", ["check", "repair"])
def test_a_run_of_the_command_line_that_finds_nothing_is_a_success(
    shell_on: Shells, desk: PingDesk, mode: str
) -> None:
    code, report = shell_on(agreeing().world())(mode)
    assert code == 0
    assert_one_run(desk, "success", "exit code 0, agrees", report["headline"])


def test_findings_are_no_dead_job(shell_on: Shells, desk: PingDesk) -> None:
    assert shell_on(lacking_a_program().world())("check")[0] == 2
    assert_one_run(desk, "success", "exit code 2, findings")


def test_repairs_that_await_approval_are_no_dead_job(shell_on: Shells, desk: PingDesk) -> None:
    assert shell_on(lacking_a_program().world())("repair")[0] == 5
    assert_one_run(desk, "success", "exit code 5, awaiting approval")


def test_a_source_that_cannot_be_read_is_a_failure(shell_on: Shells, capsys: Capture, desk: PingDesk) -> None:
    shell = shell_on(agreeing().world())
    shell.monkeypatch.setenv("RECONCILE_ALGOLIA_INDEX", "no-such-index")
    reply = Function(shell, capsys).failing(scheduled())
    assert_one_run(desk, "fail", "exit code 3, incomplete", str(reply["headline"]))


def test_a_report_that_reached_nobody_is_a_failure_until_it_is_sent(
    shell_on: Shells, capsys: Capture, desk: PingDesk
) -> None:
    """Lambda's second try sends what the first could not, and the check is up again."""
    shell = shell_on(lacking_a_program().world())
    function = Function(shell, capsys)
    with Desk(lambda asked: Answer(204)) as receiver:
        shell.monkeypatch.setenv("RECONCILE_WEBHOOK", receiver.address)
        receiver.script.append(Answer(500))
        function.failing(scheduled())
        assert_one_run(desk, "fail", "exit code 4, undelivered")
        function(scheduled())
    assert desk.signals == ["start", "fail", "success"]


def test_a_crash_of_the_function_is_a_failure_that_tells_its_kind_alone(
    shell_on: Shells, capsys: Capture, desk: PingDesk
) -> None:
    """What the text of a crash may hold nobody knows."""
    shell = shell_on(agreeing().world())
    shell.monkeypatch.setattr("reconcile.job.examine", _crash)
    with pytest.raises(ZeroDivisionError):
        Function(shell, capsys)(scheduled())
    assert_one_run(desk, "fail", "exit code 1, crashed\nZeroDivisionError\n")
    assert "user's title" not in desk.told[-1].body


def test_a_crash_of_the_command_line_is_a_failure(shell_on: Shells, desk: PingDesk) -> None:
    shell_on(agreeing().world()).monkeypatch.setattr("reconcile.job.examine", _crash)
    with pytest.raises(ZeroDivisionError):
        run(["check"])
    assert_one_run(desk, "fail", "exit code 1, crashed\nZeroDivisionError\n")


def _crash(*_: object) -> None:
    raise ZeroDivisionError("a user's title")


def test_settings_that_are_refused_are_a_failure_of_a_scheduled_run(
    shell_on: Shells, capsys: Capture, desk: PingDesk
) -> None:
    shell = shell_on(agreeing().world())
    shell.monkeypatch.setenv("RECONCILE_TABLE", "")
    Function(shell, capsys)(scheduled())
    assert desk.signals == ["fail"]
    assert "exit code 64, usage\nRECONCILE_TABLE is not set" in desk.told[0].body


def test_a_typing_error_in_an_event_that_is_sent_by_hand_is_told_to_nobody(
    shell_on: Shells, capsys: Capture, desk: PingDesk
) -> None:
    Function(shell_on(agreeing().world()), capsys)({"scpoe": "full"})
    assert desk.asked == []


def test_what_the_command_line_is_refused_for_is_a_failure(shell_on: Shells, desk: PingDesk) -> None:
    """A setting, or the value of an option."""
    shell = shell_on(agreeing().world())
    assert run(["check", "--only", "no-such-verdict"]) == 64
    shell.monkeypatch.setenv("RECONCILE_READ_UNITS", "many")
    assert run(["check"]) == 64
    assert desk.signals == ["fail", "fail"]
    assert "RECONCILE_READ_UNITS" in desk.told[1].body


def test_the_ping_url_may_stand_in_a_file_that_holds_wrong_settings_too(
    shell_on: Shells, desk: PingDesk, tmp_path: Path
) -> None:
    shell = shell_on(agreeing().world())
    shell.monkeypatch.delenv("RECONCILE_PING_URL")
    file = tmp_path / "settings.toml"
    file.write_text(f'ping_url = "{desk.address}"\nread_unitz = 5\n')
    assert run(["check", "--config", str(file)]) == 64
    assert desk.signals == ["fail"]


def test_a_run_that_finds_another_under_way_tells_nothing(
    shell_on: Shells, capsys: Capture, desk: PingDesk
) -> None:
    """It did not begin and did nothing: the other run tells how it ends."""
    shell = shell_on(agreeing().world())
    held_lease(shell)
    assert Function(shell, capsys, "repair")(scheduled())["headline"] == "already-running"
    assert shell("repair")[1]["headline"] == "already-running"
    assert desk.asked == []


def test_an_event_that_is_delivered_again_is_one_run(
    shell_on: Shells, capsys: Capture, desk: PingDesk
) -> None:
    function = Function(shell_on(agreeing().world()), capsys)
    assert function(scheduled()) == function(scheduled())
    assert desk.signals == ["start", "success"]


def test_other_commands_tell_nothing(shell_on: Shells, capsys: Capture, desk: PingDesk) -> None:
    """Nor does the function's doctor."""
    shell = shell_on(agreeing().world())
    shell("runs")
    shell("decisions")
    capsys.readouterr()
    Function(shell, capsys)({"doctor": True})
    assert [asked.method for asked in desk.asked] == ["HEAD"]
    assert desk.asked[0].path == "/"


# ---- The address


@pytest.mark.parametrize("ending", ["/", "?create=1", "/?create=1&rid=mine"])
def test_a_slash_and_a_query_do_no_harm(shell_on: Shells, desk: PingDesk, ending: str) -> None:
    """The query stays, and the run is named by its own id."""
    shell = shell_on(agreeing().world())
    shell.monkeypatch.setenv("RECONCILE_PING_URL", desk.address + ending)
    shell("check")
    assert_one_run(desk, "success")
    queries = [sorted(asked.query) for asked in desk.asked]
    assert queries == [["create", "rid"] if "create" in ending else ["rid"]] * 2


@pytest.mark.parametrize("ending", ["/start", "/fail/", "/0", "#x"])
def test_an_address_of_one_signal_is_refused(
    shell_on: Shells, capsys: Capture, desk: PingDesk, ending: str
) -> None:
    """By its name, and not quoted."""
    shell_on(agreeing().world()).monkeypatch.setenv("RECONCILE_PING_URL", desk.address + ending)
    assert run(["check"]) == 64
    told = capsys.readouterr().err
    assert "RECONCILE_PING_URL: it" in told
    assert SECRET not in told
    assert desk.asked == []


def test_the_address_may_be_kept_in_secrets_manager(
    shell_on: Shells, capsys: Capture, desk: PingDesk
) -> None:
    shell = shell_on(agreeing().world())
    _keep(f'{{"ping_url": "{desk.address}/"}}')
    shell.monkeypatch.setenv("RECONCILE_PING_URL", "secretsmanager:watch#ping_url")
    Function(shell, capsys)(scheduled())
    assert_one_run(desk, "success")


@pytest.mark.parametrize("kept", [None, '{"ping_url": "https://hc.example.net/0b3c1f7e/start"}', "{}"])
def test_an_address_that_is_not_kept_where_it_is_said_to_be_is_told_and_not_quoted(
    shell_on: Shells, capsys: Capture, kept: str | None
) -> None:
    shell = shell_on(agreeing().world())
    _keep(kept)
    shell.monkeypatch.setenv("RECONCILE_PING_URL", "secretsmanager:watch#ping_url")
    function = Function(shell, capsys)
    assert function(scheduled())["exit_code"] == 0
    (line,) = [line for line in function.logs if line["message"] == "not pinged"]
    assert len(line["faults"]) == 2
    assert all("RECONCILE_PING_URL" in fault and "watch" in fault for fault in line["faults"])
    assert "0b3c1f7e" not in function.printed


def _keep(text: str | None) -> None:
    # The memory of the embedded AWS outlives the tests of a process.
    get_backend("secretsmanager")["123456789012"]["us-east-1"].reset()
    if text is not None:
        with closing(boto3.client("secretsmanager")) as client:
            client.create_secret(Name="watch", SecretString=text)


# ---- A switch that does not answer


def hangs(desk: PingDesk) -> str:
    desk.script.extend([desk.hang] * 10)
    return "no answer"


def answers_500(desk: PingDesk) -> str:
    desk.script.extend([Answer(500, SECRET.encode())] * 10)
    return "it answers 500 Internal Server Error, 3 times"


def resets(desk: PingDesk) -> str:
    desk.script.extend([Answer(lost=True)] * 10)
    return "no answer"


def redirects(desk: PingDesk) -> str:
    desk.script.extend([Answer(302, headers={"Location": f"/elsewhere/{SECRET}"})] * 10)
    return "it answers 302 Found, and redirects are not followed"


def knows_no_such_check(desk: PingDesk) -> str:
    desk.script.extend([Answer(200, b"OK (not found)")] * 10)
    return "it knows no such check"


def is_throttled(desk: PingDesk) -> str:
    desk.script.extend([Answer(429)] * 10)
    return "it answers 429 Too Many Requests, 3 times"


@pytest.mark.parametrize("fault", [hangs, answers_500, resets, redirects, knows_no_such_check, is_throttled])
def test_a_switch_in_trouble_is_told_in_the_log_and_changes_nothing(
    shell_on: Shells, capsys: Capture, desk: PingDesk, fault: Fault
) -> None:
    """The reply and the report are those of a run without it, soon; and the address is told nowhere."""
    words = fault(desk)
    function = Function(shell_on(lacking_a_program().world()), capsys)
    begun = time.monotonic()
    reply = function(scheduled())
    assert time.monotonic() - begun < 20
    assert reply["exit_code"] == 2
    assert function.figures()["Heartbeat"] == 1
    *_, line = function.logs
    assert (line["message"], line["level"], line["run"]) == ("not pinged", "WARNING", reply["run"])
    assert [re.split("[ :]", told)[2] for told in line["faults"]] == ["start", "success"]
    assert all(words in told for told in line["faults"]), line["faults"]
    kept = [path.read_bytes() for path in function.shell.folder.rglob("*") if path.is_file()]
    assert not [data for data in kept if SECRET.encode() in data]
    assert SECRET not in function.printed


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/SECRET", "https://no-such-host.invalid/SECRET"])
def test_a_switch_that_cannot_be_reached_is_told_on_the_screen_and_changes_nothing(
    shell_on: Shells, capsys: Capture, address: str
) -> None:
    shell = shell_on(lacking_a_program().world())
    shell.monkeypatch.setenv("RECONCILE_PING_URL", address)
    code, report = shell("check")
    assert (code, report["run"]["exit_code"]) == (2, 2)
    told = capsys.readouterr()
    assert "reconcile: the ping start failed: RECONCILE_PING_URL: no answer" in told.err
    assert "reconcile: the ping success failed: RECONCILE_PING_URL: no answer" in told.err
    assert "SECRET" not in told.err + told.out


def test_one_answer_that_was_lost_costs_no_alarm(shell_on: Shells, capsys: Capture, desk: PingDesk) -> None:
    """A ping is sent again: to the switch the same run."""
    desk.script.extend([Answer(lost=True), Answer(503)])
    Function(shell_on(agreeing().world()), capsys)(scheduled())
    assert desk.signals == ["start", "success"]


def test_the_work_does_not_wait_for_the_switch(shell_on: Shells, desk: PingDesk) -> None:
    """The report is archived while the start has no answer yet."""
    shell = shell_on(agreeing().world())
    archived = list[bool]()

    def answer() -> Answer:
        ends = time.monotonic() + 1.9
        while not (found := list((shell.folder / "reports").glob("*/summary.json"))):
            if time.monotonic() > ends:
                break
            time.sleep(0.02)
        archived.append(bool(found))
        return Answer(200, b"OK")

    desk.script.append(answer)
    assert shell("check")[0] == 0
    assert archived == [True]
    assert desk.signals == ["success"]


def test_a_function_without_time_pings_nobody_and_says_so(
    shell_on: Shells, capsys: Capture, desk: PingDesk
) -> None:
    """What comes after the last millisecond would not be said; the switch will notice the silence."""
    function = Function(shell_on(agreeing().world()), capsys)
    function.failing(scheduled(), Context(seconds=0))
    assert desk.asked == []
    assert function.logs[-1]["message"] == "not pinged"
