"""Doctor names each broken setting, store and permission with the one thing to do, and writes nothing."""

import os
import re
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from reconcile.cli.app import run
from reconcile.doctor import Line
from reconcile.runs.run_id import now
from reconcile.sandbox.algolia import AlgoliaKey
from reconcile.sandbox.embedded import API_KEY, STATE_TABLE
from reconcile.sandbox.world import build
from tests.doubles.exports import BUCKET as EXPORTS
from tests.doubles.exports import ExportBucket
from tests.scenario.clinic import Clinic
from tests.scenario.conftest import Shells
from tests.scenario.small import BUCKET, INDEX, TABLE, Small, agreeing
from tests.scenario.test_wrong_tables import make_table

READ = frozenset(("browse", "search", "settings"))
WRITE = READ | {"addObject", "deleteObject"}


@pytest.fixture
def clinic(shell_on: Shells) -> Clinic:
    """A system in which all is well."""
    return Clinic(shell_on(agreeing().world()))


def only(lines: dict[str, Line], state: str) -> Line:
    """Return the one line of this state."""
    (line,) = (line for line in lines.values() if line.state == state)
    return line


# ---- All is well


def test_a_sound_system_is_ok_line_by_line_and_ends_with_0(clinic: Clinic) -> None:
    """Every setting, store and permission has its line, under its heading, in the order of reading."""
    lines = clinic.look()
    assert clinic.unwell() == {}
    assert clinic.code == 0
    headings = list(dict.fromkeys(line.part for line in clinic.lines))
    assert headings == ["Settings", "AWS", "Stores", "Reports", "Clock"]
    assert lines["RECONCILE_ALGOLIA_API_KEY"].found == "set"
    assert lines["rights of the search key"].found == "browse, search, addObject, deleteObject"
    assert lines["dynamodb:PutItem on app-table"].found == "allowed; nothing was written"
    assert lines["browse on programs"].found == "allowed; 1 record"


def test_the_worlds_of_the_demo_are_sound(shell_on: Shells) -> None:
    clinic = Clinic(shell_on(build(1, now=datetime.now(UTC), recordings=12)))
    clinic.look()
    assert clinic.unwell() == {}


def test_after_a_run_the_memory_is_known_as_that_of_these_settings(clinic: Clinic) -> None:
    assert clinic.shell("repair")[0] == 0
    line = clinic.look()[f"whose memory {STATE_TABLE} is"]
    assert (line.state, line.found) == ("ok", "of the stage sandbox, as the settings say")


def test_a_check_is_not_asked_for_the_rights_of_a_repair(clinic: Clinic) -> None:
    """RECONCILE_MODE decides which permissions are looked at, in AWS and of the search key."""
    clinic.set(mode="check")
    clinic.shell.stores.algolia.keys[API_KEY] = AlgoliaKey(READ, frozenset((INDEX,)))
    lines = clinic.look()
    assert clinic.unwell() == {}
    assert f"dynamodb:PutItem on {TABLE}" not in lines
    assert f"dynamodb:PutItem on {STATE_TABLE}" in lines


# ---- Settings


@pytest.mark.parametrize(
    ("name", "value", "line", "told"),
    [
        ("RECONCILE_BUCKETT", "x", "RECONCILE_BUCKETT", "not a setting; did you mean RECONCILE_BUCKET?"),
        ("RECONCILE_TABLE", "", "RECONCILE_TABLE", "not set"),
        ("RECONCILE_READ_UNITS", "many", "RECONCILE_READ_UNITS", "number"),
        ("RECONCILE_PLAYBACK_DOMAIN", "https://x.example", "RECONCILE_PLAYBACK_DOMAIN", "without https://"),
        ("RECONCILE_SLACK_WEBHOOK", "hooks.slack.com/secret-path", "RECONCILE_SLACK_WEBHOOK", "no address"),
        ("RECONCILE_MODE", "delete", "RECONCILE_MODE", "'check' or 'repair'"),
    ],
)
def test_a_wrong_setting_is_named_and_nothing_else_is_looked_at(
    clinic: Clinic, name: str, value: str, line: str, told: str
) -> None:
    clinic.shell.monkeypatch.setenv(name, value)
    clinic.secrets.append("secret-path")
    lines = clinic.look()
    assert clinic.unwell() == {line: "failed", "everything else": "warning"}
    assert told in lines[line].found
    assert clinic.code == 3


def test_a_settings_file_that_cannot_be_read_is_a_line(
    clinic: Clinic, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["doctor", "--config", "/no/such/file.toml"]) == 3
    assert "/no/such/file.toml cannot be read" in capsys.readouterr().out.replace("\n         ", " ")


@pytest.mark.parametrize(
    ("values", "line", "state", "told"),
    [
        ({"stage": ""}, "RECONCILE_STAGE", "warning", "not set"),
        ({"state_table": ""}, "RECONCILE_STATE_TABLE", "failed", "a repair is refused"),
        ({"state_table": "", "mode": "check"}, "RECONCILE_STATE_TABLE", "warning", "no history"),
        ({"reports": ""}, "RECONCILE_REPORTS", "failed", "a repair is refused"),
        ({"reports": "s3://"}, "RECONCILE_REPORTS", "failed", "names no bucket"),
        ({"playback_domain": "old.example.net"}, "RECONCILE_PLAYBACK_DOMAIN", "failed", "old domains"),
        ({"playback_domain": "localhost"}, "RECONCILE_PLAYBACK_DOMAIN", "failed", "no domain"),
        ({"media_routes": '{"*": "shelcaster-v2"}'}, "RECONCILE_MEDIA_ROUTES", "warning", BUCKET),
        ({"report_url": "reports.example"}, "RECONCILE_REPORT_URL", "failed", "no web address"),
        ({"webhook_secret": "sign-with-this"}, "RECONCILE_WEBHOOK_SECRET", "warning", "no webhook"),
        ({"algolia_app_id": "0123456789abcdef" * 2}, "RECONCILE_ALGOLIA_APP_ID", "failed", "an API key"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_doubted(
    clinic: Clinic, values: dict[str, str], line: str, state: str, told: str
) -> None:
    clinic.set(**values)
    clinic.secrets += ["sign-with-this", "0123456789abcdef"]
    found = clinic.look()[line]
    assert found.state == state
    assert told in found.found
    assert clinic.code == (2 if state == "warning" else 3)


# ---- Buckets, tables, reports


def test_a_bucket_that_does_not_exist(clinic: Clinic) -> None:
    clinic.set(bucket="no-such-bucket", media_routes='{"*": "no-such-bucket"}')
    line = only(clinic.look(), "failed")
    assert line.what == "s3:ListBucket on no-such-bucket"
    assert line.found.startswith("NoSuchBucket")
    assert "RECONCILE_BUCKET" in line.step
    assert clinic.unwell()["s3:GetObject on no-such-bucket"] == "warning"


def test_a_bucket_of_something_else(clinic: Clinic) -> None:
    """It holds folders, and none of them a recording: a warning, for a new bucket may have none yet."""
    client: Any = boto3.client("s3")
    client.create_bucket(Bucket="photographs")
    client.put_object(Bucket="photographs", Key="2026/summer.jpg", Body=b"x")
    client.close()
    clinic.set(bucket="photographs", media_routes='{"*": "photographs"}')
    line = only(clinic.look(), "warning")
    assert (line.what, line.found) == ("recordings in photographs", "none in 2026/")
    assert "RECONCILE_BUCKET" in line.step
    assert clinic.code == 2


def test_an_empty_bucket_is_told_as_such(shell_on: Shells) -> None:
    clinic = Clinic(shell_on(Small().world()))
    lines = clinic.look()
    assert lines[f"recordings in {BUCKET}"].state == "warning"
    assert lines["browse on programs"].found == "the index is empty"


def test_a_table_that_is_gone(clinic: Clinic) -> None:
    clinic.set(table="no-such-table")
    line = only(clinic.look(), "failed")
    assert line.what == "table no-such-table"
    assert line.found.startswith("ResourceNotFoundException")
    assert "RECONCILE_TABLE" in line.step
    assert clinic.unwell()["what is allowed on no-such-table"] == "warning"


@pytest.mark.parametrize("keys", [{"id": "S"}, {"pk": "S", "id": "S"}, {"pk": "N", "sk": "S"}])
@pytest.mark.parametrize("setting", ["table", "state_table"])
def test_a_table_of_another_shape(clinic: Clinic, setting: str, keys: dict[str, str]) -> None:
    make_table("other-shape", **keys)
    clinic.set(**{setting: "other-shape"})
    line = only(clinic.look(), "failed")
    assert line.what == "table other-shape"
    assert all(f"{name} {kind}" in line.found for name, kind in keys.items())
    assert f"RECONCILE_{setting.upper()}" in line.step


def test_a_table_without_the_index_of_groups_and_without_recovery_is_warned_of(clinic: Clinic) -> None:
    make_table("bare", pk="S", sk="S")
    clinic.set(table="bare")
    clinic.look()
    assert clinic.unwell() == {"index GSI1": "warning", "point-in-time recovery of bare": "warning"}
    assert clinic.code == 2


@pytest.mark.parametrize(("mode", "state"), [("repair", "failed"), ("check", "warning")])
def test_a_table_that_takes_no_transactions_is_told_before_a_repair_fails_on_it(
    clinic: Clinic, mode: str, state: str
) -> None:
    """A global table that is strongly consistent."""
    replicas = [{"RegionName": "us-east-2"}, {"RegionName": "us-west-2"}]
    describe(clinic, MultiRegionConsistency="STRONG", Replicas=replicas)
    clinic.set(mode=mode)
    line = clinic.look()[f"Regions of {TABLE}"]
    assert line.state == state
    assert "takes no transactions" in line.found
    assert "RECONCILE_TABLE" in line.step


def test_a_table_that_other_regions_write_as_well_is_warned_of(clinic: Clinic) -> None:
    """Conditions, the lease among them, are held against what one Region knows."""
    replicas = [{"RegionName": "us-west-2"}, {"RegionName": "eu-west-1"}]
    describe(clinic, MultiRegionConsistency="EVENTUAL", Replicas=replicas)
    line = clinic.look()[f"Regions of {TABLE}"]
    assert (line.state, "eu-west-1, us-west-2" in line.found) == ("warning", True)


def test_of_a_table_in_one_region_no_line_speaks_of_regions(clinic: Clinic) -> None:
    assert not [what for what in clinic.look() if what.startswith("Regions")]


def describe(clinic: Clinic, **more: Any) -> None:
    """Let both tables be described as they are, with this besides."""
    with closing(boto3.client("dynamodb")) as client:
        table: Any = client.describe_table(TableName=TABLE)["Table"]
    clinic.answer("DescribeTable", Table={**table, **more})


def test_a_state_table_of_another_stage(clinic: Clinic) -> None:
    clinic.shell("repair")
    clinic.set(stage="another")
    line = only(clinic.look(), "failed")
    assert line.what == f"whose memory {STATE_TABLE} is"
    assert "RECONCILE_STAGE=sandbox" in line.found
    assert "RECONCILE_STATE_TABLE" in line.step


def test_a_state_table_whose_environment_cannot_be_understood(clinic: Clinic) -> None:
    clinic.shell.put_row({"pk": {"S": "environment"}, "sk": {"S": "environment"}}, STATE_TABLE)
    assert "cannot be parsed" in only(clinic.look(), "failed").found


def test_reports_in_a_bucket_are_looked_at_where_they_are_kept(clinic: Clinic) -> None:
    """S3 refuses a part of an upload that never began; the embedded one stumbles, which tells nothing."""
    client: Any = boto3.client("s3")
    client.create_bucket(Bucket="kept-reports")
    client.close()
    clinic.set(reports="s3://kept-reports/of/sandbox")
    lines = clinic.look()
    assert clinic.unwell() == {"s3:PutObject on kept-reports": "warning"}
    assert "not checked" in lines["s3:PutObject on kept-reports"].found
    clinic.refuse("UploadPart", "NoSuchUpload", "The specified upload does not exist.", 404)
    lines = clinic.look()
    assert clinic.unwell() == {}
    assert lines["s3:PutObject on kept-reports"].found == "allowed; nothing was written"


@pytest.mark.parametrize("place", ["s3://no-such-bucket/reports", "/dev/null/reports"])
def test_a_place_that_takes_no_reports(clinic: Clinic, place: str) -> None:
    clinic.set(reports=place)
    line = only(clinic.look(), "failed")
    assert line.part == "Reports"
    assert "RECONCILE_REPORTS" in line.step


def test_a_directory_that_may_not_be_written_to(clinic: Clinic) -> None:
    clinic.shell.monkeypatch.setattr("reconcile.doctor.buckets.os.access", lambda *_: False)
    line = only(clinic.look(), "failed")
    assert line.found == f"{clinic.shell.folder} cannot be written to"
    assert "RECONCILE_REPORTS" in line.step


# ---- The search key and its index


@pytest.mark.parametrize(
    ("key", "line", "state", "told"),
    [
        (
            AlgoliaKey(READ, frozenset((INDEX,))),
            "rights of the search key",
            "failed",
            "addObject, deleteObject",
        ),
        (AlgoliaKey(WRITE - {"browse"}, frozenset((INDEX,))), "rights of the search key", "failed", "browse"),
        (AlgoliaKey(WRITE - {"search"}, frozenset((INDEX,))), "search on programs", "failed", "search"),
        (AlgoliaKey(WRITE | {"logs"}, frozenset((INDEX,))), "rights of the search key", "warning", "logs"),
        (
            AlgoliaKey(WRITE | {"deleteIndex"}, frozenset((INDEX,))),
            "rights of the search key",
            "warning",
            "DANGEROUS",
        ),
        (AlgoliaKey(WRITE), "indexes of the search key", "warning", "every index"),
        (
            AlgoliaKey(WRITE, frozenset((INDEX, "other"))),
            "indexes of the search key",
            "warning",
            "more than programs",
        ),
        (AlgoliaKey(WRITE, frozenset(("other",))), "indexes of the search key", "failed", "not for programs"),
    ],
)
def test_a_search_key_with_too_little_or_too_much(
    clinic: Clinic, key: AlgoliaKey, line: str, state: str, told: str
) -> None:
    """What is missing fails; what is more than needed is warned of; both name the key that is wanted."""
    clinic.shell.stores.algolia.keys[API_KEY] = key
    found = clinic.look()[line]
    assert found.state == state
    assert told in found.found
    assert "key" in found.step
    assert clinic.code == (2 if state == "warning" else 3)


def test_a_check_is_warned_of_a_key_that_writes(clinic: Clinic) -> None:
    clinic.set(mode="check")
    line = only(clinic.look(), "warning")
    assert line.found == "more than a check needs: addObject, deleteObject"


def test_an_index_that_does_not_exist(clinic: Clinic) -> None:
    clinic.shell.stores.algolia.keys[API_KEY] = AlgoliaKey(WRITE, frozenset(("others",)))
    clinic.set(algolia_index="others")
    line = only(clinic.look(), "failed")
    assert line.what == "browse on others"
    assert "RECONCILE_ALGOLIA_INDEX" in line.step


def test_a_key_that_is_none(clinic: Clinic) -> None:
    clinic.set(algolia_api_key="not-the-right-one")
    clinic.secrets.append("not-the-right-one")
    line = only(clinic.look(), "failed")
    assert line.what == "browse on programs"
    assert "RECONCILE_ALGOLIA_API_KEY" in line.step


def test_a_search_host_that_refuses(clinic: Clinic) -> None:
    """Nobody listens there: the host's setting is named, and the index is not blamed."""
    clinic.set(algolia_host="http://127.0.0.1:9")
    line = only(clinic.look(), "failed")
    assert line.what == "browse on programs"
    assert line.step == "See that RECONCILE_ALGOLIA_HOST is up and can be reached from here."


# ---- Access and clock


def test_without_credentials_and_region_what_needs_no_aws_is_looked_at(clinic: Clinic) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
        clinic.shell.monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        clinic.shell.monkeypatch.setenv(name, os.devnull)
    clinic.shell.monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    lines = clinic.look()
    assert {what for what, state in clinic.unwell().items() if state == "failed"} == {
        "AWS region",
        "AWS credentials",
    }
    assert "AWS_DEFAULT_REGION" in lines["AWS region"].step
    assert lines[f"table {TABLE}"].found == "not checked: it needs AWS region and AWS credentials"
    assert lines["browse on programs"].state == "ok"
    assert clinic.code == 3


@pytest.mark.parametrize("variable", ["AWS_PROFILE", "AWS_ENDPOINT_URL"])
def test_a_profile_or_an_endpoint_that_is_none_is_told_and_raises_nothing(
    clinic: Clinic, variable: str
) -> None:
    clinic.shell.monkeypatch.setenv(variable, "no such thing")
    clinic.look()
    assert clinic.code == 3


def test_credentials_that_aws_does_not_take_are_told_without_what_was_signed(clinic: Clinic) -> None:
    """Some refusals quote the request that was signed, and with it a session's token."""
    clinic.secrets.append("a-session-token")
    clinic.refuse("DescribeTable", "InvalidSignatureException", "x-amz-security-token:a-session-token", 403)
    line = clinic.look()[f"table {TABLE}"]
    assert line.found == "InvalidSignatureException: AWS does not take the credentials"
    assert "AWS_PROFILE" in line.step


@pytest.mark.parametrize(
    ("off", "state"), [(timedelta(minutes=10), "failed"), (timedelta(minutes=2), "warning")]
)
@pytest.mark.parametrize("sign", [1, -1])
def test_a_clock_that_is_off(clinic: Clinic, off: timedelta, state: str, sign: int) -> None:
    line = clinic.look(clock=lambda: now() + sign * off)["clock of this machine"]
    assert line.state == state
    assert ("ahead of" if sign > 0 else "behind") in line.found
    assert "clock" in line.step


def test_what_aws_refuses_for_its_time_is_the_clocks_fault(clinic: Clinic) -> None:
    clinic.refuse("Scan", "InvalidSignatureException", "Signature expired: 20260301T000000Z is earlier", 403)
    line = clinic.look()[f"dynamodb:Scan on {TABLE}"]
    assert "clock" in line.step


# ---- What is printed


def test_the_exit_code_and_the_last_line_say_how_it_stands(
    clinic: Clinic, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["doctor", "--all"]) == 0
    shown = capsys.readouterr().out.splitlines()
    number = sum(line.startswith("ok ") for line in shown)
    assert shown[-1] == f"0 failed, 0 warnings, {number} OK"
    clinic.set(stage="")
    assert run(["doctor"]) == 2
    assert f"1 warning, {number - 1} OK" in capsys.readouterr().out.splitlines()[-1]
    clinic.set(table="no-such-table")
    assert run(["doctor"]) == 3
    assert "\n1 failed, 2 warnings, " in capsys.readouterr().out


def test_only_what_is_not_ok_is_listed_and_the_rest_is_counted(
    clinic: Clinic, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["doctor"]) == 0
    shown = capsys.readouterr().out
    assert re.fullmatch(r"0 failed, 0 warnings, \d\d OK \(reconcile doctor --all lists them\)\n", shown)
    clinic.set(stage="")
    assert run(["doctor"]) == 2
    heading, warning, *others = capsys.readouterr().out.splitlines()
    assert heading == "Settings"
    assert warning.startswith("warning  RECONCILE_STAGE: ")
    assert not any(line.startswith("ok ") for line in others)


@pytest.mark.parametrize("columns", ["80", "40", "200"])
def test_what_is_piped_is_plain_and_keeps_the_width(
    clinic: Clinic, capsys: pytest.CaptureFixture[str], columns: str
) -> None:
    """No escape, no blank at an end; only a word that is longer than the line stands out."""
    clinic.shell.monkeypatch.setenv("COLUMNS", columns)
    clinic.deny("Scan", "dynamodb:Scan", "arn:aws:dynamodb:us-east-1:123456789012:table/app-table")
    run(["doctor", "--all"])
    printed = capsys.readouterr().out
    assert "\x1b" not in printed
    assert "Grant dynamodb:Scan on" in " ".join(printed.split())
    for row in printed.splitlines():
        assert row == row.rstrip()
        assert len(row) <= int(columns) or len(row.split()) == 1


# ---- The exports of the table


def put_export(clinic: Clinic, age: timedelta) -> str:
    """Put an export of the table into a bucket; return the address."""
    exports, s3 = ExportBucket(TABLE), boto3.client("s3")
    address = exports.full([], datetime.now(UTC) - age)
    s3.create_bucket(Bucket=EXPORTS)
    for key, body in exports.objects.items():
        s3.put_object(Bucket=EXPORTS, Key=key, Body=body)
    return address


@pytest.mark.parametrize(("hours", "state"), [(1, "ok"), (30, "warning")])
def test_exports_are_looked_at_by_their_manifests(clinic: Clinic, hours: int, state: str) -> None:
    clinic.set(export=put_export(clinic, timedelta(hours=hours)))
    line = clinic.look()[f"exports of {TABLE}"]
    assert (line.state, "as of" in line.found) == (state, True)


def test_an_export_that_is_not_there_fails(clinic: Clinic) -> None:
    address = put_export(clinic, timedelta(hours=1))
    clinic.set(export=f"{address}0")
    line = clinic.look()[f"exports of {TABLE}"]
    assert (line.state, f"the export {address}0 has no manifest-summary.json" in line.found) == (
        "failed",
        True,
    )
    assert "RECONCILE_EXPORT" in line.step
