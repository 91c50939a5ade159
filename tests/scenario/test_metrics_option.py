"""With `--metrics emf` the command line prints the metrics that the function prints, a line each."""

import json
from typing import Any

import pytest

from reconcile import metrics
from reconcile.cli.app import run
from tests.scenario.conftest import Shells
from tests.scenario.function import Function, scheduled
from tests.scenario.small import agreeing, lacking_a_program
from tests.scenario.test_ping import held_lease

Capture = pytest.CaptureFixture[str]


def figures(lines: str) -> dict[str, float]:
    """Return the metrics of the stage and mode; each line is JSON that names its metrics and dimensions."""
    told = [json.loads(line) for line in lines.splitlines()]
    (line,) = (line for line in told if "Mode" in line)
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert directive["Dimensions"] == [["Stage", "Mode"]]
    return {metric["Name"]: line[metric["Name"]][0] for metric in directive["Metrics"]}


def shapes(lines: list[dict[str, Any]]) -> list[Any]:
    """Return which metrics there are, in which dimensions of which value."""
    dimensions = ("Stage", "Mode", "Kind")
    told = [{name: line[name] for name in dimensions if name in line} for line in lines]
    return [(line["_aws"]["CloudWatchMetrics"], rest) for line, rest in zip(lines, told, strict=True)]


@pytest.mark.parametrize("mode", ["check", "repair"])
def test_the_lines_are_those_of_the_function(shell_on: Shells, capsys: Capture, mode: str) -> None:
    """A run with metrics counts as a scheduled one: it has a heartbeat."""
    shell_on(lacking_a_program().world())
    run([mode, "--metrics", "emf"])
    by_hand = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    function = Function(shell_on(lacking_a_program().world()), capsys, mode)
    function(scheduled())
    assert shapes(by_hand) == shapes(function.metrics)
    assert by_hand[0]["Heartbeat"] == [1]


def test_the_report_is_on_the_other_stream(shell_on: Shells, capsys: Capture) -> None:
    """Standard output holds metrics and nothing else."""
    shell_on(lacking_a_program().world())
    assert run(["check", "--metrics", "emf"]) == 2
    told = capsys.readouterr()
    assert set(figures(told.out)) == set(metrics.METRICS)
    assert "No program" in told.err


def test_json_keeps_standard_output(shell_on: Shells, capsys: Capture) -> None:
    """The metrics are on the other stream then, among what people read, each on a line of its own."""
    shell_on(lacking_a_program().world())
    run(["check", "--metrics", "emf", "--json", "-"])
    told = capsys.readouterr()
    assert json.loads(told.out)["run"]["mode"] == "check"
    lines = [line for line in told.err.splitlines() if line.startswith("{")]
    assert figures("\n".join(lines))["OpenFindings"] == 1


def test_a_run_that_cannot_read_a_source_has_figures_and_is_incomplete(
    shell_on: Shells, capsys: Capture
) -> None:
    shell_on(agreeing().world()).monkeypatch.setenv("RECONCILE_ALGOLIA_INDEX", "no-such-index")
    assert run(["check", "--metrics", "emf"]) == 3
    told = figures(capsys.readouterr().out)
    assert (told["Incomplete"], told["Heartbeat"]) == (1, 1)


def test_a_run_that_comes_to_no_report_tells_how_it_ended(shell_on: Shells, capsys: Capture) -> None:
    """Under the stage that is set, though the settings are refused; without a heartbeat."""
    shell_on(agreeing().world()).monkeypatch.setenv("RECONCILE_READ_UNITS", "many")
    assert run(["check", "--metrics", "emf"]) == 64
    out = capsys.readouterr().out
    assert figures(out) == {"Failed": 1, "Incomplete": 0, "Undelivered": 0}
    assert {json.loads(line)["Stage"] for line in out.splitlines()} == {"sandbox"}


def test_a_crash_is_counted(shell_on: Shells, capsys: Capture) -> None:
    shell_on(agreeing().world()).monkeypatch.setattr("reconcile.job.check", lambda order, ports: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run(["check", "--metrics", "emf"])
    assert figures(capsys.readouterr().out)["Failed"] == 1


def test_a_run_that_finds_another_under_way_has_no_metrics(shell_on: Shells, capsys: Capture) -> None:
    """As in the function: the other run has them."""
    held_lease(shell_on(agreeing().world()))
    assert run(["repair", "--metrics", "emf"]) == 0
    told = capsys.readouterr()
    assert (told.out, "already-running" in told.err) == ("", True)


def test_without_being_asked_no_metrics_are_printed(shell_on: Shells, capsys: Capture) -> None:
    shell_on(agreeing().world())
    run(["check"])
    told = capsys.readouterr()
    assert "_aws" not in told.out + told.err


def test_another_format_is_refused(shell_on: Shells, capsys: Capture) -> None:
    shell_on(agreeing().world())
    assert run(["check", "--metrics", "statsd"]) == 64
    assert "did you mean emf?" in capsys.readouterr().err
