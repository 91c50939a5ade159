"""The function that Lambda runs: its event, its reply, its exit codes, its log and its metrics."""

import json
from datetime import timedelta
from typing import Any

import boto3
import pytest

from reconcile import metrics
from reconcile.model.clock import parse_time, write_time
from reconcile.model.errors import SourceError
from reconcile.sandbox.embedded import STATE_TABLE
from reconcile.stores.transactions import LEASE_KEY
from tests.scenario.conftest import Shell, Shells
from tests.scenario.function import Context, Function, scheduled
from tests.scenario.small import agreeing, lacking_a_program
from tests.scenario.test_wrong_tables import make_table

Capture = pytest.CaptureFixture[str]


def with_a_stale_record(shells: Shells) -> Shell:
    small = agreeing()
    small.records["program-of-show1"]["title"] = "An older title"
    return shells(small.world())


@pytest.mark.parametrize("event", [None, {}, {"scope": None, "mode": "check"}])
def test_a_check_replies_with_what_its_kept_report_says(
    shell_on: Shells, capsys: Capture, event: Any
) -> None:
    """The reply names the run, its exit code, headline and counts, and where the report is."""
    function = Function(shell_on(agreeing().world()), capsys)
    reply = function(event)
    ((run, report),) = function.kept().items()
    assert reply == {
        "run": run,
        "exit_code": 0,
        "headline": report["headline"],
        "counts": report["counts"],
        "report": str(function.shell.folder / "reports" / run),
    }
    assert (report["run"]["mode"], report["run"]["scope"]) == ("check", "recent")


def test_a_check_returns_2_and_writes_nothing_to_the_applications_stores(
    shell_on: Shells, capsys: Capture
) -> None:
    """Findings are an answer, not a failure: nothing is raised, so nothing is tried again."""
    shell = shell_on(lacking_a_program().world())
    before = (shell.rows(), shell.records())
    function = Function(shell, capsys)
    reply = function({"scope": "full", "reason": "after deploy 4711"})
    assert reply["exit_code"] == 2
    assert reply["counts"]["recording"]["program-missing"] == 1
    assert (shell.rows(), shell.records()) == before
    run = function.kept()[reply["run"]]["run"]
    assert (run["scope"], run["reason"]) == ("full", "after deploy 4711")


def test_a_repair_mends_without_a_context_too(shell_on: Shells, capsys: Capture) -> None:
    shell = with_a_stale_record(shell_on)
    function = Function(shell, capsys, "repair")
    assert function({})["exit_code"] == 0
    assert shell.records()["program-of-show1"]["title"] == "A title"


def test_what_a_repair_withheld_is_approved_by_an_event(shell_on: Shells, capsys: Capture) -> None:
    """The first repair withholds and returns 5; the event that its report prints makes the program."""
    shell = shell_on(lacking_a_program().world())
    function = Function(shell, capsys, "repair")
    withheld = function()
    assert (withheld["exit_code"], shell.programs()) == (5, {})
    assert function({"approve": withheld["run"]})["exit_code"] == 0
    assert len(shell.programs()) == 1


@pytest.mark.parametrize(
    ("mode", "event", "named"),
    [
        ("check", {"mode": "repair"}, "this function only checks; invoke reconcile-repair-sandbox"),
        ("check", {"approve": "20260301T033000000Z-abcdef"}, "invoke reconcile-repair-sandbox"),
        ("repair", {"mode": "check"}, '"mode" is "repair" here'),
        ("repair", {"approve": "20260301T033000000Z-abcdef"}, "there is no report of a run"),
        ("repair", {"approve": "../../etc/passwd"}, '"approve" names no run'),
        ("check", {"scpoe": "full"}, '"scpoe" is not a field of an event; did you mean "scope"?'),
        ("check", [], "not a JSON object"),
        ("check", {"lookback": "3 days"}, "3 days"),
        ("check", {"only": ["program-mising"]}, "did you mean program-missing?"),
    ],
)
def test_64_for_an_event_that_asks_for_what_is_not_there(
    shell_on: Shells, capsys: Capture, mode: str, event: Any, named: str
) -> None:
    """It is told by a reply, not raised: trying again would not help. Nothing is read or written."""
    shell = shell_on(lacking_a_program().world())
    before = shell.rows()
    function = Function(shell, capsys, mode)
    reply = function(event)
    assert named in reply.pop("headline")
    assert reply == {"run": None, "exit_code": 64, "counts": {}, "report": None}
    assert (shell.rows(), function.kept(), shell.stores.algolia.requests) == (before, {}, [])
    # Whoever sent it reads the reply: nobody is woken.
    assert function.figures() == {"Failed": 0, "Incomplete": 0, "Undelivered": 0}
    assert function.logs[-1]["message"] == "refused"


@pytest.mark.parametrize(
    ("event", "named"),
    [
        (scheduled(scpoe="full"), '"scpoe" is not a field'),
        ({"detail-type": "Scheduled Event", "detail": {}}, '"detail-type" is not a field'),
    ],
)
def test_64_for_an_event_that_comes_by_itself_raises_the_alarm(
    shell_on: Shells, capsys: Capture, event: Any, named: str
) -> None:
    """Nobody reads the reply of what a schedule or a rule sends."""
    function = Function(shell_on(lacking_a_program().world()), capsys)
    assert named in function(event)["headline"]
    assert function.figures()["Failed"] == 1


def test_an_event_can_ask_to_fail_on_new_findings_only(shell_on: Shells, capsys: Capture) -> None:
    function = Function(shell_on(lacking_a_program().world()), capsys)
    assert function({"fail_on": "new"})["exit_code"] == 2
    assert function({"fail_on": "new"})["exit_code"] == 0
    assert function()["exit_code"] == 2


@pytest.mark.parametrize(
    ("setting", "value", "named"),
    [
        ("RECONCILE_TABLE", "", "RECONCILE_TABLE is not set"),
        ("RECONCILE_MODE", "delete", "RECONCILE_MODE"),
        ("RECONCILE_BUKET", "x", "RECONCILE_BUCKET"),
        ("RECONCILE_ALGOLIA_HOST", "sandbox-key", "RECONCILE_ALGOLIA_HOST"),
    ],
)
def test_64_for_settings_that_cannot_be_used(
    shell_on: Shells, capsys: Capture, setting: str, value: str, named: str
) -> None:
    """The metric that alarms has the stage also where the settings cannot be read; no key is printed."""
    function = Function(shell_on(agreeing().world()), capsys)
    function.shell.monkeypatch.setenv(setting, value)
    reply = function(scheduled())
    assert (reply["exit_code"], reply["run"]) == (64, None)
    assert named in reply["headline"]
    assert (function.metrics[0]["Stage"], function.metrics[0]["Mode"]) == ("sandbox", "check")
    assert function.figures()["Failed"] == 1
    assert "sandbox-key" not in function.printed


@pytest.mark.parametrize("missing", ["RECONCILE_STATE_TABLE", "RECONCILE_REPORTS"])
def test_64_for_a_repair_without_memory_or_place_for_its_report(
    shell_on: Shells, capsys: Capture, missing: str
) -> None:
    shell = with_a_stale_record(shell_on)
    function = Function(shell, capsys, "repair")
    shell.monkeypatch.delenv(missing)
    reply = function(scheduled())
    assert reply["exit_code"] == 64
    assert missing in reply["headline"]
    assert shell.records()["program-of-show1"]["title"] == "An older title"


def test_a_state_table_of_another_stage_is_refused_and_holds_nothing_of_this_one(
    shell_on: Shells, capsys: Capture
) -> None:
    """Not even the run key is written there."""
    shell = shell_on(agreeing().world())
    function = Function(shell, capsys)
    function(scheduled())
    before = shell.state()
    shell.monkeypatch.setenv("RECONCILE_STAGE", "another")
    reply = function(scheduled("2026-03-02T03:30:00Z"))
    assert reply["exit_code"] == 64
    assert "RECONCILE_STAGE=sandbox" in reply["headline"]
    assert shell.state() == before


def test_3_is_raised_with_the_reply_when_a_source_cannot_be_read(shell_on: Shells, capsys: Capture) -> None:
    """The report is kept and says which one; nothing is called missing."""
    shell = shell_on(lacking_a_program().world())
    shell.monkeypatch.setenv("RECONCILE_ALGOLIA_INDEX", "no-such-index")
    function = Function(shell, capsys, "repair")
    reply = function.failing(scheduled())
    assert reply["exit_code"] == 3
    (report,) = function.kept().values()
    assert reply["headline"] == report["headline"]
    assert report["counts"]["recording"]["program-missing"] == 0
    assert (function.figures()["Incomplete"], function.figures()["Heartbeat"]) == (1, 1)


def test_a_search_key_that_is_gone_makes_the_run_incomplete(shell_on: Shells, capsys: Capture) -> None:
    """The other stores are looked at, and the report is kept."""
    shell = shell_on(lacking_a_program().world())
    shell.monkeypatch.setenv("RECONCILE_ALGOLIA_API_KEY", "secretsmanager:no/such/secret")
    function = Function(shell, capsys)
    reply = function.failing()
    assert (reply["exit_code"], reply["counts"]["recording"]["population"]) == (3, 1)
    assert "no/such/secret" in json.dumps(function.kept()[reply["run"]]["sources"])


@pytest.mark.parametrize("event", [{}, scheduled()])
def test_3_when_the_state_table_is_not_there(
    shell_on: Shells, capsys: Capture, event: dict[str, Any]
) -> None:
    shell = shell_on(agreeing().world())
    shell.monkeypatch.setenv("RECONCILE_STATE_TABLE", "no-such-memory")
    function = Function(shell, capsys)
    reply = function.failing(event)
    assert (reply["run"], reply["exit_code"]) == (None, 3)
    assert "no-such-memory" in reply["headline"]
    assert function.figures() == {"Failed": 0, "Incomplete": 1, "Undelivered": 0}


@pytest.mark.parametrize("keys", [{"id": "S"}, {"pk": "S"}, {"pk": "S", "sk": "N"}])
def test_3_when_the_state_table_has_other_keys(
    shell_on: Shells, capsys: Capture, keys: dict[str, str]
) -> None:
    """Nothing is mended where nothing could be remembered."""
    shell = with_a_stale_record(shell_on)
    make_table("other-memory", **keys)
    shell.monkeypatch.setenv("RECONCILE_STATE_TABLE", "other-memory")
    function = Function(shell, capsys, "repair")
    assert "other-memory" in function.failing(scheduled())["headline"]
    assert shell.records()["program-of-show1"]["title"] == "An older title"


def test_3_when_the_applications_table_has_other_keys(shell_on: Shells, capsys: Capture) -> None:
    """Its rows are not believed, so no recording is told to lack a program and none is made."""
    shell = shell_on(lacking_a_program().world())
    make_table("other-shape", id="S")
    shell.monkeypatch.setenv("RECONCILE_TABLE", "other-shape")
    function = Function(shell, capsys, "repair")
    reply = function.failing(scheduled())
    assert (reply["exit_code"], reply["counts"]["recording"]["program-missing"]) == (3, 0)
    (report,) = function.kept().values()
    assert report["repairs"] == []


def test_1_is_raised_as_it_was_with_its_traceback_in_the_log(shell_on: Shells, capsys: Capture) -> None:
    """The metric that alarms says failed; a heartbeat is not told."""
    shell = shell_on(agreeing().world())
    function = Function(shell, capsys)
    shell.monkeypatch.setattr("reconcile.job.check", lambda order, ports: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        function(scheduled())
    crashed = function.logs[-1]
    assert (crashed["message"], crashed["exception_name"]) == ("crashed", "ZeroDivisionError")
    assert "Traceback" in crashed["exception"]
    assert function.figures() == {"Failed": 1, "Incomplete": 0, "Undelivered": 0}


def test_without_time_a_repair_begins_nothing_and_says_so(shell_on: Shells, capsys: Capture) -> None:
    """Nothing left is nothing left; the report is kept all the same."""
    shell = with_a_stale_record(shell_on)
    function = Function(shell, capsys, "repair")
    reply = function.failing({}, Context(seconds=0))
    assert reply["exit_code"] == 3
    assert reply["run"] in function.kept()
    assert shell.records()["program-of-show1"]["title"] == "An older title"


def test_a_repair_whose_time_runs_out_finishes_what_it_began(shell_on: Shells, capsys: Capture) -> None:
    """Of four stale records those are written that were begun in time; the next run writes the others."""
    small = agreeing()
    small.populate(4)
    for count in range(4):
        small.records[f"upload-{count}"]["title"] = "An older title"
    shell = shell_on(small.world())

    def current() -> int:
        return sum(record["title"] == "An upload" for record in shell.records().values())

    class Ending(Context):
        def get_remaining_time_in_millis(self) -> int:
            return 0 if current() >= 2 else 900_000

    shell.monkeypatch.setattr("reconcile.repair.apply.TOGETHER", 2)
    function = Function(shell, capsys, "repair")
    reply = function.failing({}, Ending())
    assert (reply["exit_code"], current()) == (3, 2)
    assert "2 of 4 repairs were not begun" in function.kept()[reply["run"]]["run"]["cut_short"]
    assert (function({})["exit_code"], current()) == (0, 4)


def test_a_lease_that_another_holds_is_an_answer(shell_on: Shells, capsys: Capture) -> None:
    """The other run does the work: 0, already-running, nothing written, and no heartbeat."""
    shell = with_a_stale_record(shell_on)
    held = {"token": {"S": "others"}, "run": {"S": "another"}, "until": {"N": "9999999999"}}
    shell.put_row({**LEASE_KEY, **held}, STATE_TABLE)
    function = Function(shell, capsys, "repair")
    reply = function(scheduled())
    assert (reply["exit_code"], reply["headline"], reply["run"]) == (0, "already-running", None)
    assert function(scheduled()) == reply
    assert shell.records()["program-of-show1"]["title"] == "An older title"
    assert (function.kept(), function.metrics) == ({}, [])
    assert [line["message"] for line in function.logs if line["message"] != "started"] == [
        "already-running",
        "told again",
    ]


def test_the_metrics_count_what_the_report_tells(shell_on: Shells, capsys: Capture) -> None:
    """Each has exactly the dimensions that alarms match, whatever the service is called."""
    small = lacking_a_program()
    small.program(prefix="another", show="show2")
    small.store("another/media/hls/multivariant.m3u8", "#EXTM3U\n", small.now)
    small.records["program-of-show2"]["title"] = "An older title"
    shell = shell_on(small.world())
    shell.monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "other")
    function = Function(shell, capsys, "repair")
    function(scheduled())
    figures = function.figures()
    assert set(figures) == set(metrics.METRICS)
    assert figures.pop("Duration") > 0
    assert figures.pop("Requests") > 3
    assert 0 < figures.pop("CostUsd") < 0.01
    assert figures == {
        "Heartbeat": 1, "Failed": 0, "Incomplete": 0, "Undelivered": 0, "NewFindings": 0,
        "OpenFindings": 0, "OpenAboveWeekLow": 0, "Repaired": 1, "AwaitingApproval": 1, "Ignored": 0,
        "NotChecked": 0, "DaysSinceFullCheck": 0,
    }  # fmt: skip
    by_kind = {one["Kind"]: one["Findings"] for one in function.metrics if "Kind" in one}
    assert by_kind == {"program-missing": [1], "record-stale": [1]}
    dimensions = [one["_aws"]["CloudWatchMetrics"][0]["Dimensions"] for one in function.metrics]
    assert dimensions == [[["Stage", "Mode"]], [["Stage"]], [["Stage", "Kind"]], [["Stage", "Kind"]]]


def test_an_alarm_finds_the_metrics_by_their_dimensions(shell_on: Shells, capsys: Capture) -> None:
    """What the function prints is put into CloudWatch as AWS does, and read back as an alarm does."""
    shell = shell_on(lacking_a_program().world())
    shell.monkeypatch.setenv("RECONCILE_STAGE", "measured")
    function = Function(shell, capsys)
    function(scheduled())
    client: Any = boto3.client("cloudwatch")
    for line in function.metrics:
        (directive,) = line["_aws"]["CloudWatchMetrics"]
        (names,) = directive["Dimensions"]
        dimensions = [{"Name": name, "Value": line[name]} for name in names]
        data = [
            {
                "MetricName": one["Name"],
                "Unit": one["Unit"],
                "Values": line[one["Name"]],
                "Dimensions": dimensions,
            }
            for one in directive["Metrics"]
        ]
        client.put_metric_data(Namespace=directive["Namespace"], MetricData=data)

    def found(name: str, **dimensions: str) -> float:
        answer = client.get_metric_statistics(
            Namespace="Reconcile",
            MetricName=name,
            Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
            StartTime=shell.stores.world.now - timedelta(hours=1),
            EndTime=shell.stores.world.now + timedelta(hours=1),
            Period=7200,
            Statistics=["Sum"],
        )
        return sum(float(point["Sum"]) for point in answer["Datapoints"])

    try:
        assert found("Heartbeat", Stage="measured", Mode="check") == 1
        assert found("NewFindings", Stage="measured", Mode="check") == 1
        assert found("Findings", Stage="measured", Kind="program-missing") == 1
        assert found("Heartbeat", Stage="measured", Mode="repair") == 0
    finally:
        client.close()


def test_each_log_line_has_stage_mode_and_run_and_no_secret(shell_on: Shells, capsys: Capture) -> None:
    """What was asked for begins the log, what came of it ends it."""
    function = Function(shell_on(lacking_a_program().world()), capsys)
    reply = function({"reason": "to see\x1b[31m red", "only": "program-missing, record-stale"})
    started, finished = function.logs
    for line in function.logs:
        assert (line["service"], line["stage"], line["mode"]) == ("reconcile", "sandbox", "check")
        assert (line["run"], line["request_id"]) == (reply["run"], "request-1")
    assert (started["message"], started["lookback"], started["reason"]) == (
        "started",
        "3d",
        r"to see\x1b[31m red",
    )
    assert started["only"] == ["program-missing", "record-stale"]
    assert {name: finished[name] for name in ("exit_code", "headline", "report")} == {
        name: reply[name] for name in ("exit_code", "headline", "report")
    }
    assert "sandbox-key" not in function.printed


def test_what_no_encoding_can_write_costs_no_log_line(shell_on: Shells, capsys: Capture) -> None:
    """Half a surrogate pair in what a library says, for one."""
    shell = shell_on(agreeing().world())
    function = Function(shell, capsys)

    def fail(*_: object) -> None:
        raise SourceError("half a pair: \ud800")

    shell.monkeypatch.setattr("reconcile.job.check", fail)
    reply = function.failing()
    assert function.logs[-1]["headline"] == reply["headline"] == "half a pair: \ud800"
    assert function.printed.isascii()


def test_an_invocation_leaves_nothing_to_the_next(shell_on: Shells, capsys: Capture) -> None:
    """Settings are read each time; logs and metrics of the second hold nothing of the first."""
    shell = shell_on(agreeing().world())
    function = Function(shell, capsys)
    function({"reason": "the first"})
    shell.monkeypatch.setenv("RECONCILE_STATE_TABLE", "")
    shell.monkeypatch.setenv("RECONCILE_STAGE", "second")
    function.logs.clear()
    function.metrics.clear()
    function(scheduled())
    assert all((line["stage"], line.get("reason")) == ("second", None) for line in function.logs)
    assert {line["Stage"] for line in function.metrics} == {"second"}
    assert function.figures()["Heartbeat"] == 1


def test_a_run_started_by_hand_has_no_heartbeat(shell_on: Shells, capsys: Capture) -> None:
    """Only a scheduled run says that the schedules are alive."""
    function = Function(shell_on(agreeing().world()), capsys)
    assert function({"reason": "by hand"})["exit_code"] == 0
    assert "Heartbeat" not in function.figures()
    assert function(scheduled())["exit_code"] == 0
    assert function.figures()["Heartbeat"] == 1


@pytest.mark.parametrize("time", ["<aws.scheduler.scheduled-time>", "tonight", "2026-13-01T00:00:00Z"])
def test_a_scheduled_time_that_is_none_is_refused(shell_on: Shells, capsys: Capture, time: str) -> None:
    """As a run key it would make every later run seem to be the first one again."""
    function = Function(shell_on(agreeing().world()), capsys)
    reply = function(scheduled(time))
    assert reply["exit_code"] == 64
    assert '"scheduled_time" is no time' in reply["headline"]


def test_the_report_says_how_long_ago_every_recording_was_checked(shell_on: Shells, capsys: Capture) -> None:
    """And the metric that an alarm watches says the same; a full check sets it to 0."""
    shell = shell_on(agreeing().world())
    function = Function(shell, capsys)
    function({"scope": "full"})
    assert function.figures()["DaysSinceFullCheck"] == 0
    for (pk, _), item in shell.state().items():
        if pk == "run":
            began = parse_time(item["started_at"]["S"]) - timedelta(days=12)
            shell.put_row(item | {"started_at": {"S": write_time(began)}}, STATE_TABLE)
    run = function(scheduled())["run"]
    assert function.figures()["DaysSinceFullCheck"] == 12
    assert function.kept()[run]["run"]["full_check_days"] == 12
    page = (shell.folder / "reports" / run / "report.html").read_text()
    assert "The last check of every recording was 12 days ago." in page


def test_doctor_runs_under_the_functions_own_role(shell_on: Shells, capsys: Capture) -> None:
    """What it finds is the reply; it makes no run, and what fails there is no error of the function."""
    function = Function(shell_on(agreeing().world()), capsys)
    reply = function({"doctor": True})
    assert set(reply) == {"exit_code", "headline", "lines"}
    assert {line["part"] for line in reply["lines"]} >= {"Settings", "Stores"}
    assert function.kept() == {}
    function.shell.monkeypatch.setenv("RECONCILE_TABLE", "no-such-table")
    assert function({"doctor": True})["exit_code"] == 3


@pytest.mark.parametrize("event", [{"doctor": "yes"}, {"doctor": False}, {"doctor": True, "scope": "full"}])
def test_doctor_stands_alone_in_an_event(shell_on: Shells, capsys: Capture, event: dict[str, Any]) -> None:
    """Nobody gets a run who meant to look at the permissions, or the other way round."""
    reply = Function(shell_on(agreeing().world()), capsys)(event)
    assert (reply["exit_code"], reply["run"]) == (64, None)
