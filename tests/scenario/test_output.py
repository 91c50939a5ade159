"""What the command line writes: JSON for any screen, titles that steer nothing, targets checked in time."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from reconcile.cli.app import run
from tests.contract.loopback import Answer, Loopback
from tests.scenario.conftest import Shell, Shells
from tests.scenario.small import PREFIX, agreeing, lacking_a_program

HOSTILE = "Jazz \x1b[31m\x9b2J\u202eevil\u2066\u200f 日本\n\x07"
STEERS = "\x1b\x9b\u202e\u2066\u200f\x07"
SHOW = ("show#show1", "info")


def with_a_hostile_title(shell_on: Shells) -> Shell:
    small = lacking_a_program()
    small.items[SHOW]["title"] = {"S": HOSTILE}
    return shell_on(small.world())


def outside(*arguments: str, **more: Any) -> "subprocess.CompletedProcess[bytes]":
    """Run the command line as its own process, in a locale that knows ASCII alone."""
    environ = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"}
    command = [sys.executable, "-m", "reconcile", *arguments]
    return subprocess.run(command, env=environ, check=False, timeout=120, **more)


def test_json_on_standard_output_is_ascii_whatever_the_titles_and_the_locale(shell_on: Shells) -> None:
    with_a_hostile_title(shell_on)
    ended = outside("check", "--json", "-", capture_output=True)
    assert ended.returncode == 2, ended.stderr
    assert ended.stdout.isascii()
    assert not any((byte < 32 and byte != 10) or byte > 126 for byte in ended.stdout)
    assert json.dumps("Jazz \x1b[31m\x9b2J\u202e")[1:-1] in ended.stdout.decode()


def test_no_command_lets_a_title_steer_the_terminal(
    shell_on: Shells, capsys: pytest.CaptureFixture[str]
) -> None:
    shell = with_a_hostile_title(shell_on)
    finding = shell("check")[1]["findings"][0]["id"]
    for arguments in (
        ["report"],
        ["explain", PREFIX],
        ["explain", finding, "--run", "last"],
        ["assign", PREFIX, "--show", "show1", "--reason", HOSTILE],
        ["ignore", finding, "--until", "2999-01-01", "--reason", HOSTILE],
        ["decisions"],
        ["runs"],
        ["assign", PREFIX, "--show", HOSTILE, "--reason", "x"],
        ["assign", HOSTILE, "--show", "show1", "--reason", "x"],
        ["ignore", HOSTILE, "--until", "2999-01-01", "--reason", "x"],
        ["explain", HOSTILE],
        ["report", HOSTILE],
        ["check", "--only", HOSTILE],
    ):
        run(arguments)
        told = capsys.readouterr()
        assert [mark for mark in STEERS if mark in told.out + told.err] == [], arguments


_NAMES = ["no/such/folder/x", "file/x", "loop", "x" * 300]
TARGETS = ["", "  ", "{folder}", *(f"{{folder}}/{name}" for name in _NAMES)]


@pytest.mark.parametrize("option", ["--json", "--html", "--markdown"])
@pytest.mark.parametrize("target", TARGETS)
def test_a_target_that_cannot_be_written_is_refused_before_anything_is_read(
    shell_on: Shells, capsys: pytest.CaptureFixture[str], option: str, target: str
) -> None:
    """Also with stores that nobody could reach: nothing is asked, and no report is kept."""
    shell = shell_on(agreeing().world())
    (shell.folder / "file").write_text("a file")
    (shell.folder / "loop").symlink_to(shell.folder / "loop")
    shell.monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    where = target.format(folder=shell.folder)
    commands = [["check"], ["repair"], ["report"], ["report", "--send"]]
    if option == "--json":
        commands += [["runs"], ["decisions"], ["state"], ["explain", PREFIX]]
    for command in commands:
        assert run([*command, option, where]) == 64, command
        assert "cannot be written" in capsys.readouterr().err
    assert not (shell.folder / "reports").exists()


def test_a_file_without_the_right_to_write_is_refused_before_the_run(
    shell_on: Shells, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whoever runs the tests may be allowed everything.
    shell = shell_on(agreeing().world())
    monkeypatch.setattr("reconcile.cli.console.os.access", lambda *_: False)
    assert run(["check", "--json", str(shell.folder / "x.json")]) == 64


def test_a_reader_that_closes_the_pipe_changes_no_exit_code(shell_on: Shells) -> None:
    """`check | head -1`: the run ends as it would, its report is kept, and nothing crashes."""
    shell = shell_on(lacking_a_program().world())
    findings, fine = (["check"], ["check", "--json", "-"]), (["runs"], ["report"], ["--help"])
    for arguments in (*findings, *fine):
        reading, writing = os.pipe()
        os.close(reading)
        ended = outside(*arguments, stdout=writing, stderr=subprocess.PIPE)
        os.close(writing)
        assert ended.returncode == (2 if arguments in findings else 0), ended.stderr
        assert b"Traceback" not in ended.stderr
        assert b"BrokenPipe" not in ended.stderr
    assert len(list((shell.folder / "reports").glob("*/report.json"))) == 2


def test_a_report_that_is_sent_again_is_written_where_it_was_asked_for(shell_on: Shells) -> None:
    shell = shell_on(lacking_a_program().world())
    page: Path = shell.folder / "again.html"
    with Loopback(lambda _: Answer(404, b"")) as server:
        shell.monkeypatch.setenv("RECONCILE_WEBHOOK", f"{server.url}/hook")
        shell("check")
        assert run(["report", "--send", "--html", str(page)]) == 4
    assert "webhook" in page.read_text(encoding="utf-8")


def test_json_of_decisions_is_nothing_but_json_when_one_is_taken_back(
    shell_on: Shells, capsys: pytest.CaptureFixture[str]
) -> None:
    shell = shell_on(lacking_a_program().world())
    finding = shell("check")[1]["findings"][0]["id"]
    shell("ignore", finding, "--until", "2999-01-01", "--reason", "x")
    assert run(["ignore", finding, "--until", "2999-01-01", "--reason", "x"]) == 0
    capsys.readouterr()
    assert run(["decisions", "--undo", finding, "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out) == []
