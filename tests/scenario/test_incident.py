"""The incident that asked for this job: both root causes are named on the first run, with what mends them."""

import gzip
import json
import shlex
from datetime import timedelta
from typing import Any

import boto3
import pytest

from reconcile.cli.app import run
from reconcile.doctor import Line
from reconcile.doctor.clients import ImpatientWiring
from reconcile.doctor.configuration import configuration_lines
from reconcile.model.clock import write_time
from reconcile.sandbox.setup import COMPOSER, Setup, storage_arn
from reconcile.settings.load import load_settings
from tests.scenario.conftest import Shell, Shells
from tests.scenario.small import ACCOUNT, BUCKET, Small, agreeing

CANARY = "canary-of-another-variable"
NOW, OLD = storage_arn("now"), storage_arn("old")
INCIDENT = Setup(
    suffixes=("master.m3u8",),
    composes_by=OLD,
    storages={NOW: BUCKET},
    variables={"ALGOLIA_ADMIN_KEY": CANARY},
)
SOUND = Setup(composes_by=NOW, storages={NOW: BUCKET})


def broadcasts() -> Small:
    """Return a small world in which nobody sees two broadcasts, and a later one left nothing at all."""
    small = Small()
    for number in (1, 2):
        stage = f"arn:aws:ivs:us-east-1:{ACCOUNT}:stage/stage{number}"
        small.show(f"show{number}", producer=f"producer{number}", stage=stage)
        small.record_broadcast(f"one{number}/two{number}/three{number}/composite", stage, timedelta(hours=40))
    created = write_time(small.now - timedelta(days=1))
    composition = {"M": {"compositionArn": {"S": f"arn:aws:ivs:us-east-1:{ACCOUNT}:composition/lost"}}}
    small.put({"pk": "session#lost", "sk": "info", "entityType": "liveSession", "sessionId": "lost",
               "showId": "show1", "status": "ENDED", "createdAt": created, "ivs": composition})  # fmt: skip
    return small


def causes(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {cause["kind"]: cause for cause in report["causes"]}


def ids(report: dict[str, Any], kind: str) -> set[str]:
    return {finding["id"] for finding in report["findings"] if finding["kind"] == kind}


def parts(report: dict[str, Any]) -> dict[str, bool]:
    return {look["what"]: look["looked_at"] for look in report["configuration"]}


@pytest.fixture
def shell(shell_on: Shells) -> Shell:
    """A shell on a system that is set up as in the incident."""
    return shell_on(broadcasts().world(), INCIDENT)


def test_both_root_causes_are_named_on_the_first_run_with_what_they_explain(shell: Shell) -> None:
    """Each is a finding as well, so that it counts and can be ignored."""
    code, report = shell("check")
    assert code == 2
    found = causes(report)
    assert {cause["certainty"] for cause in found.values()} == {"certain"}
    trigger, storage = found["trigger-misconfigured"], found["storage-misconfigured"]
    assert set(trigger["explains"]) == ids(report, "program-missing")
    assert len(trigger["explains"]) == trigger["number"] == 2
    assert set(storage["explains"]) == ids(report, "recording-missing")
    assert len(storage["explains"]) == storage["number"] == 1
    assert "multivariant.m3u8" in trigger["why"]
    assert OLD in storage["why"]
    for kind, cause in found.items():
        assert {cause["finding"]} == ids(report, kind)
    assert report["counts"]["system"] | {"agrees": 2, "population": 4} == report["counts"]["system"]


def test_the_commands_mend_both_and_the_next_run_says_so(shell: Shell) -> None:
    """Done as the report says, the causes are resolved; what they left behind still waits for a repair."""
    _, report = shell("check")
    words = shlex.split(causes(report)["trigger-misconfigured"]["commands"][0])
    given = dict(zip(words[3::2], words[4::2], strict=True))
    told = json.loads(given["--notification-configuration"])
    boto3.client("s3").put_bucket_notification_configuration(
        Bucket=given["--bucket"], NotificationConfiguration=told
    )
    functions = boto3.client("lambda")
    held = functions.get_function_configuration(FunctionName=COMPOSER)["Environment"]["Variables"]
    merged = {**held, "STORAGE_CONFIGURATION_ARN": NOW}
    functions.update_function_configuration(FunctionName=COMPOSER, Environment={"Variables": merged})
    code, after = shell("check")
    assert code == 2
    assert after["causes"] == []
    assert {one["kind"] for one in after["resolved"]} == {"trigger-misconfigured", "storage-misconfigured"}
    assert ids(after, "program-missing") == ids(report, "program-missing")


def test_nothing_of_the_composers_other_variables_reaches_a_report_or_a_screen(
    shell: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    """One of them is read; the others are keys."""
    page = shell.folder / "page.html"
    shell("check", "--html", str(page))
    told = capsys.readouterr()
    files = [path for path in shell.folder.rglob("*") if path.is_file()]
    assert len(files) >= 3
    facts = [gzip.decompress(path.read_bytes()) for path in files if path.suffix == ".gz"]
    texts = [path.read_bytes() for path in files if path.suffix != ".gz"]
    assert facts
    assert CANARY.encode() not in b"".join((*facts, *texts))
    assert CANARY not in told.out + told.err
    assert CANARY not in repr(shell.state())


def test_page_and_terminal_show_the_causes_before_the_findings(
    shell: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the command on a line of its own, and the cause named at what it explains."""
    page = shell.folder / "page.html"
    _, report = shell("check", "--all", "--html", str(page))
    screen = capsys.readouterr().out
    for text in (screen, page.read_text(encoding="utf-8")):
        assert text.index("Add the missing S3 event trigger") < text.index("No program")
        assert "root cause of" in text
    assert "Root cause: " in screen
    command = causes(report)["trigger-misconfigured"]["commands"][0]
    assert command in [line.strip() for line in screen.splitlines()]


def test_a_sound_system_has_no_cause(shell_on: Shells) -> None:
    """Every part was looked at, and agrees."""
    code, report = shell_on(agreeing().world(), SOUND)("check", "--only", "trigger-misconfigured")
    assert (code, report["causes"]) == (0, [])
    assert report["counts"]["system"]["agrees"] == report["counts"]["system"]["population"] == 4
    assert set(parts(report).values()) == {True}


def test_what_no_setting_names_is_not_looked_at_and_no_run_is_incomplete_by_it(shell_on: Shells) -> None:
    """Nothing is called right that was not looked at."""
    code, report = shell_on(broadcasts().world())("check")
    assert code == 2
    assert report["causes"] == []
    assert set(parts(report).values()) == {False}
    whys = {look["what"]: look["why"] for look in report["configuration"]}
    assert whys[f"s3://{BUCKET} notifications"] == "RECONCILE_PROCESSOR_FUNCTION is not set"
    assert whys["composer storage"] == "RECONCILE_COMPOSER_FUNCTION is not set"
    assert report["counts"]["system"]["population"] == 0


def test_a_fault_that_nobody_looked_at_again_is_carried_and_not_resolved(shell: Shell) -> None:
    """As when the right to look was taken away."""
    _, report = shell("check")
    shell.monkeypatch.delenv("RECONCILE_COMPOSER_FUNCTION")
    _, after = shell("check")
    assert after["resolved"] == []
    assert {one["id"] for one in after["carried"]} == ids(report, "storage-misconfigured")


def test_a_cause_that_a_person_ignores_is_told_as_ignored_alone(shell: Shell) -> None:
    """Its findings are explained by nothing then."""
    _, report = shell("check")
    (trigger,) = ids(report, "trigger-misconfigured")
    day = f"{broadcasts().now + timedelta(days=9):%Y-%m-%d}"
    assert run(["ignore", trigger, "--until", day, "--reason", "it is being moved"]) == 0
    _, after = shell("check")
    assert set(causes(after)) == {"storage-misconfigured"}
    statuses = {finding["id"]: finding["status"] for finding in after["findings"]}
    assert statuses[trigger] == "ignored"


def doctors_lines(shell: Shell) -> dict[str, Line]:
    lines = configuration_lines(ImpatientWiring(load_settings()))
    return {line.what: line for line in lines}


def test_doctor_warns_of_both_and_says_what_to_do(shell: Shell) -> None:
    """They keep no run from its work, so they are no failures."""
    found = doctors_lines(shell)
    assert {name: line.state for name, line in found.items()} == {
        f"s3://{BUCKET} notifications": "warning",
        "composer storage": "warning",
        f"s3://{BUCKET} policy": "ok",
        "algolia programs settings": "ok",
    }
    assert "multivariant.m3u8" in found[f"s3://{BUCKET} notifications"].found
    assert CANARY not in repr(found)


def test_doctor_has_no_line_on_what_no_setting_asks_for(shell_on: Shells) -> None:
    """The settings' own lines say that it is not looked at."""
    found = doctors_lines(shell_on(agreeing().world()))
    assert set(found) == {"algolia programs settings"}
    assert found["algolia programs settings"].state == "warning"
    assert "not checked" in found["algolia programs settings"].found
