"""Reports are kept, listed, shown again, and remember what earlier ones told."""

import csv
import html
import io
import json
import os
import re
from typing import Any

import boto3
import pytest

from reconcile.cli.app import run
from reconcile.report.run_list import newest_of, page_of
from reconcile.runs.archive import load_report
from reconcile.stores.reports import DirectoryReports
from tests.scenario.conftest import Shell, Shells
from tests.scenario.small import BUCKET, PREFIX, TABLE, agreeing, lacking_a_program


def test_runs_are_listed_newest_first_and_shown_again(shell_on: Shells) -> None:
    """`runs` lists what was kept, and `report` shows the very report that the run wrote."""
    shell = shell_on(lacking_a_program().world())
    told = [shell("check", "--reason", reason)[1] for reason in ("first", "second")]
    path = shell.folder / "runs.json"
    assert run(["runs", "--json", str(path)]) == 0
    listed = json.loads(path.read_text(encoding="utf-8"))
    assert [line["id"] for line in listed] == [one["run"]["id"] for one in reversed(told)]
    assert shell("report", told[0]["run"]["id"]) == (0, told[0])
    assert shell("report") == (0, told[1])


def test_a_torn_summary_hides_no_other_run(shell_on: Shells) -> None:
    """A summary that was cut off is told as such, and the others are listed."""
    shell = shell_on(agreeing().world())
    first, second = (shell("check")[1]["run"]["id"] for _ in range(2))
    (shell.folder / "reports" / first / "summary.json").write_text('{"id": "cut')
    path = shell.folder / "runs.json"
    assert run(["runs", "--json", str(path)]) == 0
    assert [line["id"] for line in json.loads(path.read_text())] == [second, first]


def test_another_stage_in_the_same_place_does_not_make_findings_new(shell_on: Shells) -> None:
    """History is read from the newest report of the own stage, however many others lie before it."""
    shell = shell_on(lacking_a_program().world())
    (first,) = shell("check")[1]["findings"]
    shell.monkeypatch.delenv("RECONCILE_STATE_TABLE")
    for _ in range(6):
        shell.monkeypatch.setenv("RECONCILE_STAGE", "other")
        shell("check")
    shell.monkeypatch.setenv("RECONCILE_STAGE", "sandbox")
    (later,) = shell("check")[1]["findings"]
    assert (later["status"], later["first_seen"]) == ("open", first["first_seen"])


def test_a_finding_leads_to_the_consoles_of_what_is_set(shell_on: Shells) -> None:
    """The links name region, bucket, table and index as they are set, though the stores are embedded ones."""
    shell = shell_on(lacking_a_program().world())
    (finding,) = shell("check")[1]["findings"]
    console = f"https://{os.environ['AWS_DEFAULT_REGION']}.console.aws.amazon.com"
    assert finding["links"]["s3"].startswith(f"{console}/s3/buckets/{BUCKET}?")
    assert f"prefix={PREFIX}/&" in finding["links"]["s3"]
    assert finding["links"]["table"].startswith(f"{console}/dynamodbv2/home?")
    assert f"pk=show%23show1&sk=info&route=ROUTE_ITEM_EXPLORER&table={TABLE}" in finding["links"]["table"]
    assert set(finding["links"]) == {"s3", "table"}


def test_reports_can_be_kept_in_a_bucket(shell_on: Shells) -> None:
    """With an s3:// place the report and its page lie there, and are found again."""
    shell = shell_on(agreeing().world())
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="kept-reports")
    shell.monkeypatch.setenv("RECONCILE_REPORTS", "s3://kept-reports/nightly")
    told = shell("check")[1]
    keys = {item["Key"] for item in s3.list_objects_v2(Bucket="kept-reports")["Contents"]}
    folder = f"nightly/{told['run']['id']}"
    facts = {key for key in keys if key.startswith("nightly/facts/sandbox/")}
    assert {key.rpartition("/")[2].partition("-")[0] for key in facts} == {"events", "media"}
    assert keys - facts == {
        *(f"{folder}/{name}" for name in ("report.json", "report.html", "summary.json")),
        *(f"{folder}/{name}" for name in ("findings.csv", "recordings.csv")),
        *(f"nightly/{name}" for name in ("index.json", "index.html", "index-sandbox.html")),
        "nightly/newest-sandbox.html",
    }
    assert shell("report") == (0, told)
    s3.close()


def test_a_finding_keeps_its_id_and_first_day_and_is_resolved_when_it_is_gone(shell_on: Shells) -> None:
    """New, then open since the same moment under the same id, then resolved."""
    shell = shell_on(lacking_a_program().world())
    (first,) = shell("check")[1]["findings"]
    (second,) = shell("check")[1]["findings"]
    assert (first["status"], second["status"]) == ("new", "open")
    assert (second["id"], second["first_seen"]) == (first["id"], first["first_seen"])
    small = lacking_a_program()
    small.now = shell.stores.world.now
    shell.put_row(small.items[small.program()])
    resolved = shell("check", "--settle", "0s")[1]["resolved"]
    assert [(one["id"], one["kind"]) for one in resolved] == [(first["id"], "program-missing")]


@pytest.mark.parametrize("command", [("runs",), ("report",), ("explain", PREFIX, "--run", "last")])
def test_reports_in_a_folder_are_read_without_any_aws(shell_on: Shells, command: tuple[str, ...]) -> None:
    """Whoever has a copy of them needs neither a region nor a store, whatever else is set."""
    shell = shell_on(lacking_a_program().world())
    assert shell("check")[0] == 2
    shell.monkeypatch.delenv("AWS_DEFAULT_REGION")
    shell.monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    assert shell(*command)[0] == 0


def test_json_on_standard_output_is_nothing_but_json(
    shell_on: Shells, capsys: pytest.CaptureFixture[str]
) -> None:
    """With --json - the report for people goes to the other stream."""
    shell_on(agreeing().world())
    assert run(["check", "--json", "-"]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["schema"] == "2.0"
    assert told.out.startswith('{\n "schema": "2.0"')
    assert "The only recording is published and searchable." in told.err


def test_a_toml_file_sets_what_the_environment_does_not(shell_on: Shells) -> None:
    """The environment goes before the file, and the file before the defaults."""
    shell = shell_on(agreeing().world())
    config = shell.folder / "settings.toml"
    config.write_text('stage = "from the file"\nread_units = 500\n')
    assert shell("check", "--config", str(config))[1]["run"]["stage"] == "sandbox"
    shell.monkeypatch.delenv("RECONCILE_STAGE")
    shell.monkeypatch.delenv("RECONCILE_STATE_TABLE")
    assert shell("check", "--config", str(config))[1]["run"]["stage"] == "from the file"


def test_without_a_memory_a_check_says_that_it_keeps_no_history(
    shell_on: Shells, capsys: pytest.CaptureFixture[str]
) -> None:
    """A check without state table and reports still looks, and says what it cannot do."""
    shell = shell_on(lacking_a_program().world())
    shell.monkeypatch.delenv("RECONCILE_STATE_TABLE")
    shell.monkeypatch.delenv("RECONCILE_REPORTS")
    code, report = shell("check")
    assert (code, report["run"]["keeps_history"]) == (2, False)
    assert "No history is kept" in capsys.readouterr().out


def test_no_command_takes_another_stages_report_for_its_own(
    shell_on: Shells, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two stages keep reports in one place; the newest is foreign, and one beside it is torn."""
    shell = shell_on(lacking_a_program().world())
    own = shell("check")[1]
    shell.monkeypatch.setenv("RECONCILE_STAGE", "other")
    state = os.environ["RECONCILE_STATE_TABLE"]
    shell.monkeypatch.delenv("RECONCILE_STATE_TABLE")
    foreign = shell("check")[1]["run"]["id"]
    shell.monkeypatch.setenv("RECONCILE_STAGE", "sandbox")
    shell.monkeypatch.setenv("RECONCILE_STATE_TABLE", state)
    torn = shell.folder / "reports" / "99990101T000000000Z-ffffff"
    torn.mkdir()
    (torn / "report.json").write_text('{"schema": "2.0", "run": {')
    assert shell("report") == (0, own)
    path = shell.folder / "runs.json"
    assert run(["runs", "--json", str(path)]) == 0
    assert [line["id"] for line in json.loads(path.read_text())] == [own["run"]["id"]]
    (finding,) = own["findings"]
    assert run(["explain", finding["id"], "--run", "last"]) == 0
    assert run(["ignore", finding["id"], "--until", "2999-01-01", "--reason", "known"]) == 0
    for arguments in (
        ["report", foreign],
        ["report", foreign, "--send"],
        ["explain", finding["id"], "--run", foreign],
        ["repair", "--approve", foreign],
    ):
        assert run(arguments) == 64
        assert f"{foreign} is of the stage other" in capsys.readouterr().err


def index(shell: Shell, name: str = "index-sandbox.html") -> str:
    return (shell.folder / "reports" / name).read_text(encoding="utf-8")


def test_each_run_is_listed_beside_the_reports_the_newest_first(shell_on: Shells) -> None:
    """The list of a stage, and the one in front, lead to every report by its folder."""
    shell = shell_on(lacking_a_program().world())
    first, second = (shell("check")[1] for _ in range(2))
    for name in ("index-sandbox.html", "index.html"):
        page = index(shell, name)
        places = [page.index(f'href="{one["run"]["id"]}/report.html"') for one in (second, first)]
        assert places == sorted(places)
        assert first["headline"] in html.unescape(page)


def test_stages_that_share_a_place_have_a_list_each(shell_on: Shells) -> None:
    shell = shell_on(agreeing().world())
    mine = shell("check")[1]["run"]["id"]
    shell.monkeypatch.delenv("RECONCILE_STATE_TABLE")
    shell.monkeypatch.setenv("RECONCILE_STAGE", "Other stage")
    other = shell("check")[1]["run"]["id"]
    assert other not in index(shell)
    assert mine in index(shell)
    front = index(shell, "index.html")
    assert {mine in front, other in front, page_of("Other stage") in front} == {True}
    assert other in index(shell, page_of("Other stage"))
    assert mine not in index(shell, page_of("Other stage"))


def test_the_newest_report_lies_at_one_place_and_leads_to_the_files_of_its_run(shell_on: Shells) -> None:
    """It is no run itself; what it links to is there."""
    shell = shell_on(lacking_a_program().world())
    first, second = (shell("check")[1]["run"]["id"] for _ in range(2))
    page = index(shell, newest_of("sandbox"))
    assert f"Run <code>{second}</code>" in page
    links = {link for link in re.findall(r'href="([^"#]+)"', page) if "://" not in link}
    files = {f"{second}/{name}" for name in ("report.json", "findings.csv", "recordings.csv")}
    assert links == {*files, f"{first}/report.html", "index-sandbox.html"}
    assert all((shell.folder / "reports" / link).is_file() for link in links)
    listed: Any = shell("runs")[1]
    assert [one["id"] for one in listed] == [second, first]


def test_a_run_that_ends_after_a_later_one_leaves_the_newest_report_alone(shell_on: Shells) -> None:
    """Also one of another stage, which has a page of its own."""
    shell = shell_on(agreeing().world())
    told = shell("check")[1]
    later = f"2099{told['run']['id'][4:]}"
    folder = shell.folder / "reports"
    (folder / told["run"]["id"]).rename(folder / later)
    text = (folder / later / "summary.json").read_text()
    (folder / later / "summary.json").write_text(text.replace(told["run"]["id"], later))
    (folder / newest_of("sandbox")).write_text("the later one's")
    shell("check")
    assert index(shell, newest_of("sandbox")) == "the later one's"
    shell.monkeypatch.delenv("RECONCILE_STATE_TABLE")
    shell.monkeypatch.setenv("RECONCILE_STAGE", "other")
    other = shell("check")[1]["run"]["id"]
    assert other in index(shell, newest_of("other"))
    assert index(shell, newest_of("sandbox")) == "the later one's"


def test_a_torn_list_is_made_anew_and_keeps_the_runs_from_before_there_was_one(shell_on: Shells) -> None:
    shell = shell_on(agreeing().world())
    runs = [shell("check")[1]["run"]["id"] for _ in range(2)]
    for text in ('{"runs": [', None):
        place = shell.folder / "reports" / "index.json"
        place.write_text(text) if text else place.unlink()
        runs.append(shell("check")[1]["run"]["id"])
        assert [run in index(shell) for run in runs] == [True] * len(runs)


def test_a_list_that_cannot_be_written_fails_no_run_and_is_reported(
    shell_on: Shells, capsys: pytest.CaptureFixture[str]
) -> None:
    shell = shell_on(agreeing().world())
    (shell.folder / "reports" / "index.html").mkdir(parents=True)
    code, report = shell("check")
    assert code == report["run"]["exit_code"] == 0
    assert "the list of runs (index.html) was not updated" in capsys.readouterr().err
    assert shell("report")[1] == report


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_findings_and_recordings_lie_beside_the_report_as_csv(
    shell_on: Shells, capsys: pytest.CaptureFixture[str]
) -> None:
    """`report --csv` writes the same findings, to a file or to standard output."""
    shell = shell_on(lacking_a_program().world())
    report = shell("check")[1]
    folder = shell.folder / "reports" / report["run"]["id"]
    kept = (folder / "findings.csv").read_bytes().decode()
    (row,) = rows(kept)
    (finding,) = report["findings"]
    assert (row["id"], row["title"], row["command"]) == (
        finding["id"],
        "The <b>show1</b>",
        "reconcile repair",
    )
    assert (row["subject"], row["url"]) == (f"s3://{BUCKET}/{PREFIX}", finding["links"]["s3"])
    assert (row["show_id"], row["owner_id"], row["duration_s"]) == ("show1", "ann", "3600")
    path = shell.folder / "out.csv"
    assert run(["report", "--csv", str(path)]) == 0
    assert path.read_bytes().decode() == kept
    capsys.readouterr()
    assert run(["report", report["run"]["id"], "--csv", "-"]) == 0
    assert capsys.readouterr().out == kept
    (recording,) = rows((folder / "recordings.csv").read_bytes().decode())
    assert recording["recorded_at"] == row["recorded_at"] == finding["evidence"]["start"]
    assert (recording["status"], recording["prefix"], recording["finding"]) == (
        "No program",
        PREFIX,
        row["id"],
    )


def test_a_stored_report_knows_the_recordings_that_agree(
    shell_on: Shells, capsys: pytest.CaptureFixture[str]
) -> None:
    """The JSON only counts them; explaining from the archive finds them all the same."""
    shell = shell_on(agreeing().world())
    report = shell("check")[1]
    assert report["recordings"] == []
    kept = load_report(DirectoryReports(shell.folder / "reports"), "sandbox")
    assert [(line.prefix, line.verdict, line.program_id) for line in kept.recordings] == [
        (PREFIX, "agrees", "program-of-show1")
    ]
    capsys.readouterr()
    assert run(["explain", PREFIX, "--run", "last"]) == 0
    assert "OK" in capsys.readouterr().out
    assert shell("report")[1] == report


def test_without_its_csv_or_with_a_torn_one_a_report_is_shown_all_the_same(shell_on: Shells) -> None:
    shell = shell_on(lacking_a_program().world())
    report = shell("check")[1]
    place = shell.folder / "reports" / report["run"]["id"] / "recordings.csv"
    for text in ('title,prefix\n"x', None):
        place.write_text(text) if text else place.unlink()
        assert shell("report") == (0, report)
