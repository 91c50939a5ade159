"""What runs cost, through the real entrances: in their reports, over a month, and in the list of runs."""

import json
from typing import Any

import pytest

from reconcile.model.clock import parse_time
from reconcile.report.run_list import LIST
from tests.scenario.conftest import Shell, Shells
from tests.scenario.function import Function
from tests.scenario.small import agreeing, lacking_a_program
from tests.scenario.test_delivery import READER, with_mail


def lines(report: dict[str, Any]) -> dict[str, float]:
    """Return what each item of a report came to."""
    return {line["item"]: line["usd"] for line in report["usage"]["cost"]["lines"]}


def put_run(shell: Shell, run: str, started: str, stage: str = "sandbox", **facts: Any) -> None:
    """Archive the summary of a run."""
    folder = shell.folder / "reports" / run
    folder.mkdir()
    summary = {"id": run, "stage": stage, "mode": "check", "exit_code": 0, "started_at": started, **facts}
    (folder / "summary.json").write_text(json.dumps(summary))


def test_the_report_of_a_check_says_what_it_cost_by_item(shell_on: Shells) -> None:
    code, report = shell_on(lacking_a_program().world())("check")
    cost = report["usage"]["cost"]
    assert code == 2
    assert {"s3_get", "s3_list_put", "dynamodb_read_units", "dynamodb_write_units"} <= set(lines(report))
    assert cost["usd"] == pytest.approx(sum(lines(report).values()))
    assert (cost["prices_as_of"], report["usage"]["lambda_gb_seconds"]) == ("2026-11-30", None)


def test_prices_of_the_settings_are_the_ones_it_is_counted_by(shell_on: Shells) -> None:
    shell = shell_on(agreeing().world())
    shell.monkeypatch.setenv("RECONCILE_PRICES", '{"s3_get_per_1000": 1000, "as_of": "2026-12-01"}')
    code, report = shell("check")
    requests = report["usage"]["requests"]
    gets = sum(number for kind, number in requests.items() if kind.startswith(("s3:Get", "s3:Head")))
    assert code == 0
    assert lines(report)["s3_get"] == gets > 0
    assert report["usage"]["cost"]["prices_as_of"] == "2026-12-01"


def test_prices_of_another_shape_are_refused_before_anything_is_read(
    shell_on: Shells, capsys: pytest.CaptureFixture[str]
) -> None:
    shell = shell_on(agreeing().world())
    shell.monkeypatch.setenv("RECONCILE_PRICES", '{"s3_gets_per_1000": 1}')
    assert shell("check")[0] == 64
    assert "did you mean s3_get_per_1000?" in capsys.readouterr().err
    assert not (shell.folder / "reports").exists()


def test_the_month_sums_the_archived_runs_of_the_stage(shell_on: Shells) -> None:
    """Not those of another stage or month; of one from before costs were counted it says that it is there."""
    shell = shell_on(agreeing().world())
    first = shell("check")[1]
    started = first["run"]["started_at"]
    month, run = started[:7], first["run"]["id"]
    put_run(shell, f"{run[:8]}T000000001Z-aaaaaa", started, cost_usd=2.5)
    put_run(shell, f"{run[:8]}T000000002Z-bbbbbb", started)
    put_run(shell, f"{run[:8]}T000000003Z-cccccc", started, stage="other", cost_usd=7.0)
    put_run(shell, "20200101T000000000Z-dddddd", "2020-01-01T00:00:00.000Z", cost_usd=7.0)
    second = shell("check")[1]["usage"]["cost"]
    assert second["month"] == {
        "name": month,
        "usd": pytest.approx(2.5 + first["usage"]["cost"]["usd"] + second["usd"]),
        "runs": 3,
        "not_known": 1,
        "since": "",
    }


def test_the_list_of_runs_has_what_each_cost_and_how_long_it_took(shell_on: Shells) -> None:
    shell = shell_on(agreeing().world())
    report = shell("check")[1]
    ((entry),) = json.loads((shell.folder / "reports" / LIST).read_text())["runs"]
    listed: Any = shell("runs")[1]
    assert entry["cost_usd"] == listed[0]["cost_usd"] == report["usage"]["cost"]["usd"] > 0
    assert entry["seconds"] == listed[0]["seconds"]


def test_without_an_archive_there_is_no_month(shell_on: Shells) -> None:
    shell = shell_on(agreeing().world())
    shell.monkeypatch.delenv("RECONCILE_REPORTS")
    assert shell("check")[1]["usage"]["cost"]["month"] is None


def test_the_archived_report_counts_the_mail_that_it_was_sent_by(shell_on: Shells) -> None:
    shell = shell_on(lacking_a_program().world())
    with_mail(shell)
    shell.monkeypatch.setenv("RECONCILE_EMAIL_TO", f"{READER},bob@example.net")
    report = shell("check")[1]
    kept = json.loads((shell.folder / "reports" / report["run"]["id"] / "report.json").read_text())
    assert kept["usage"]["mails"] == 2
    assert lines(kept)["ses_mails"] == pytest.approx(0.0002)


def test_in_lambda_the_memory_of_the_function_is_charged(
    shell_on: Shells, capsys: pytest.CaptureFixture[str]
) -> None:
    shell = shell_on(agreeing().world())
    shell.monkeypatch.setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "2048")
    function = Function(shell, capsys)
    function({})
    ((_, report),) = function.kept().items()
    run = report["run"]
    seconds = (parse_time(run["finished_at"]) - parse_time(run["started_at"])).total_seconds()
    assert report["usage"]["lambda_gb_seconds"] == pytest.approx(2 * seconds, abs=1.0)
    assert lines(report)["lambda_requests"] == pytest.approx(0.0000002)
    assert function.figures()["CostUsd"] == report["usage"]["cost"]["usd"]


def test_an_undo_is_listed_with_what_it_cost(shell_on: Shells) -> None:
    """So that it is no run of unknown cost in its month."""
    shell = shell_on(lacking_a_program().world())
    code, report = shell("repair", "--settle", "0s")
    if code == 5:
        code, report = shell("repair", "--settle", "0s", "--approve", report["run"]["id"])
    shell("undo", report["run"]["id"], "--reason", "a test", "--yes")
    listed: Any = shell("runs")[1]
    assert listed[0]["mode"] == "undo"
    assert listed[0]["cost_usd"] > 0
    assert shell("check")[1]["usage"]["cost"]["month"]["not_known"] == 0
