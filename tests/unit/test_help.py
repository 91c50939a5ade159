"""Help groups the commands by task and gives an example of each; a shell completes what it can know."""

import re
import shlex

import pytest
import typer.main

from reconcile import __version__
from reconcile.cli.app import app, run
from reconcile.cli.completion import opt_in_verdicts, reported_verdicts, runs
from reconcile.model.verdict_table import VERDICTS

GROUP = typer.main.get_group(app)


@pytest.mark.parametrize("command", sorted(GROUP.commands))
def test_every_command_has_an_example_that_it_understands(command: str) -> None:
    """And that fits on a line of 80 columns, so that help does not break it."""
    (example,) = re.findall("^Example: (reconcile .+)$", GROUP.commands[command].help or "", re.MULTILINE)
    assert len(f" Example: {example}") <= 78
    name, *arguments = shlex.split(example)[1:]
    assert name == command
    GROUP.commands[command].make_context(command, arguments)


def test_commands_are_grouped_by_task(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    shown = capsys.readouterr().out
    heads = ("Compare and repair", "Look something up", "Decide", "Set up and try")
    places = [shown.index(f"─ {head} ─") for head in heads]
    assert places == sorted(places)
    assert " Commands " not in shown


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"reconcile {__version__}\n"


def test_verdicts_are_completed_with_their_labels() -> None:
    reported = {kind.name for kind in VERDICTS if kind.response != "count"}
    assert {name for name, _ in reported_verdicts("")} == reported
    assert [name for name, _ in reported_verdicts("record-")] == [
        name for name in sorted(reported) if name.startswith("record-")
    ]
    assert dict(opt_in_verdicts("")) == {
        "count-drift": "Wrong program count",
        "group-missing": "Show has no group",
    }


def test_runs_are_completed_from_a_directory_alone_and_nothing_is_said(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RECONCILE_REPORTS", "s3://a-bucket/reports")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    assert runs("") == []
    monkeypatch.setenv("RECONCILE_REPORTS", "/no/such/folder")
    assert runs("") == []
    monkeypatch.setenv("RECONCILE_NO_SUCH_SETTING", "x")
    assert runs("") == []
    assert capfd.readouterr() == ("", "")
