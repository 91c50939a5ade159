"""What the job may never do, and what it must do exactly once, seen from the command line."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from reconcile.model.recording import RecordingKey, program_id_of
from tests.scenario.conftest import Shells
from tests.scenario.cycle import Cycle
from tests.scenario.small import BUCKET, DOMAIN, PREFIX, agreeing, lacking_a_program

NEW_ID = program_id_of(RecordingKey(BUCKET, PREFIX))
NEW_KEY = ("u#ann#programs", f"p#{NEW_ID}")
GROUP_KEY = ("u#ann#groups", "g#group1")


def test_a_check_writes_nothing_to_the_applications_stores(shell_on: Shells) -> None:
    """Rows and records are the same after a check, and no write was sent to the index."""
    shell = shell_on(lacking_a_program().world())
    rows, records = shell.rows(), shell.records()
    shell("check", "--full")
    assert (shell.rows(), shell.records()) == (rows, records)
    assert ("POST", "batch") not in shell.stores.algolia.requests


def test_an_approved_program_is_complete_in_every_field(shell_on: Shells) -> None:
    """The row has the live schema, the group counts it, the record agrees, journal and ledger tell of it."""
    small = lacking_a_program()
    shell = shell_on(small.world())
    withheld = shell("repair")[1]["run"]["id"]
    code, report = shell("repair", "--approve", withheld)
    assert code == 0
    assert [finding["status"] for finding in report["findings"]] == ["repaired"]
    row = shell.rows()[NEW_KEY]
    key = f"{PREFIX}/media/hls/multivariant.m3u8"
    expected = {
        "entityType": "program", "programId": NEW_ID, "GSI1PK": "u#ann#g#group1", "GSI1SK": f"p#{NEW_ID}",
        "title": "The <b>show1</b> - Recording", "broadcast_type": "Video HLS", "groupId": "group1",
        "ownerId": "ann", "program_url": f"https://{DOMAIN}/{key}", "s3Bucket": BUCKET, "s3Key": key,
        "sourceType": "ivs-recording", "sourceShowId": "show1", "sourceSessionId": "of-show1",
        "reconcileRunId": report["run"]["id"],
    }  # fmt: skip
    assert {name: row[name]["S"] for name in expected} == expected
    assert row["duration"] == {"N": "3600"}
    media = [stored.body for stored in small.objects.values() if "/media/" in stored.key]
    assert row["fileSize"] == {"N": str(sum(map(len, media)))}
    assert row["premium"] == {"BOOL": False}
    assert row["program_image"] == {"NULL": True}
    assert row["tags"] == {"L": [{"S": "recording"}, {"S": "ivs"}]}
    assert row["created_date"]["S"] < row["createdAt"]["S"] == row["updatedAt"]["S"]
    assert shell.rows()[GROUP_KEY]["programsCount"] == {"N": "1"}
    assert shell.records()[NEW_ID]["title"] == "The <b>show1</b> - Recording"
    state = shell.state()
    assert any(pk.startswith("ledger#") for pk, _ in state)
    assert [row["what"]["S"] for (pk, _), row in sorted(state.items()) if pk.startswith("journal#")] == [
        "program created",
        "record written",
    ]


def test_a_second_repair_writes_nothing(shell_on: Shells) -> None:
    """Once all is mended, another repair leaves every row and record as it is."""
    shell = shell_on(lacking_a_program().world())
    shell("repair", "--approve", shell("repair")[1]["run"]["id"])
    rows, records = shell.rows(), shell.records()
    code, report = shell("repair")
    assert (code, report["repairs"]) == (0, [])
    assert (shell.rows(), shell.records()) == (rows, records)


def test_what_an_owner_deletes_stays_deleted(shell_on: Shells) -> None:
    """A program that the job made and its owner deleted is not made again, and is told once."""
    small = lacking_a_program()
    small.populate(20)
    shell = shell_on(small.world())
    shell("repair", "--approve", shell("repair")[1]["run"]["id"])
    shell.delete_row(NEW_KEY)
    shell.stores.algolia.remove(shell.stores.world.index, NEW_ID)
    code, report = shell("repair", "--full")
    assert code == 0
    assert report["counts"]["recording"]["retired"] == 1
    assert [line["prefix"] for line in report["retired"]] == [PREFIX]
    assert shell.programs() == {}
    assert shell("repair", "--full")[1]["retired"] == []


def test_a_program_that_a_check_saw_is_remembered(shell_on: Shells) -> None:
    """A deletion between a check and a repair is a deletion, though nothing but the ledger remembers."""
    small = agreeing()
    small.populate(20)
    key = ("u#ann#programs", "p#program-of-show1")
    shell = shell_on(small.world())
    shell("check")
    shell.delete_row(key)
    shell.stores.algolia.remove(shell.stores.world.index, "program-of-show1")
    assert shell("repair")[1]["counts"]["recording"]["retired"] == 1
    assert shell.programs() == {}


def test_two_repairs_at_once_make_one_program(shell_on: Shells) -> None:
    """Two processes that repair at the same moment end with one program, counted once."""
    shell = shell_on(lacking_a_program().world())
    withheld = shell("repair")[1]["run"]["id"]
    command = [sys.executable, "-m", "reconcile", "repair", "--approve", withheld, "--json", "-"]

    def start(_: int) -> tuple[int, str]:
        ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        return ended.returncode, json.loads(ended.stdout)["headline"]

    with ThreadPoolExecutor(2) as pool:
        ended = list(pool.map(start, range(2)))
    assert [code for code, _ in ended] == [0, 0]
    assert list(shell.programs()) == [NEW_KEY]
    assert shell.rows()[GROUP_KEY]["programsCount"] == {"N": "1"}


def test_a_held_lease_is_told_and_changes_nothing(shell_on: Shells) -> None:
    """While another run holds the lease a repair ends with 0 and has written nothing."""
    shell = shell_on(lacking_a_program().world())
    shell("check")
    lease = {"pk": {"S": "lease"}, "sk": {"S": "lease"}, "token": {"S": "x"}, "until": {"N": "99999999999"}}
    shell.put_row(lease, table="reconcile-state")
    rows = shell.rows()
    code, report = shell("repair")
    assert (code, report["headline"]) == (0, "already-running")
    assert shell.rows() == rows


def test_approval_covers_what_was_withheld_and_nothing_later(shell_on: Shells) -> None:
    """A recording that turns up after the approved run is withheld again."""
    small = lacking_a_program()
    shell = shell_on(small.world())
    withheld = shell("repair")[1]["run"]["id"]
    later = "dddddddddddd/eeeeeeeeeeee/ffffffffffff/composite"
    stage = "arn:aws:ivs:us-east-1:000000000000:stage/stage2"
    added = lacking_a_program()
    added.objects.clear()
    added.items.clear()
    added.record_broadcast(later, stage)
    added.show("show2", "bob", "group2", stage)
    for stored in added.objects.values():
        shell.put_object(stored)
    for item in added.items.values():
        shell.put_row(item)
    code, report = shell("repair", "--full", "--approve", withheld)
    assert code == 5
    assert list(shell.programs("ann")) == [NEW_KEY]
    assert shell.programs("bob") == {}
    assert {f["subject"]["prefix"]: f["status"] for f in report["findings"]} == {
        PREFIX: "repaired",
        later: "awaiting-approval",
    }


def test_a_source_that_shrank_is_doubted_until_a_later_run_agrees(shell_on: Shells) -> None:
    """With half its rows gone the table is not believed at first: nothing is missing, nothing is written."""
    small = agreeing()
    for number in range(20):
        small.put({"pk": f"u#ann{number}", "sk": "info", "entityType": "user"})
    shell = shell_on(small.world())
    shell("repair")
    for number in range(20):
        shell.delete_row((f"u#ann{number}", "info"))
    records = shell.records()
    code, report = shell("repair")
    assert code == 3
    assert report["counts"]["recording"]["unknown"] == 1
    assert report["counts"]["record"]["unknown"] == 1
    assert shell.records() == records
    assert shell("repair")[0] == 0


def test_a_title_is_text_wherever_it_is_shown(shell_on: Shells) -> None:
    """Markup in a show's title reaches neither the page nor the terminal as markup."""
    shell = shell_on(lacking_a_program().world())
    page = shell.folder / "page.html"
    shell("check", "--html", str(page))
    text = page.read_text(encoding="utf-8")
    assert "<b>show1</b>" not in text
    assert "&lt;b&gt;show1&lt;/b&gt;" in text


def test_a_key_with_a_line_end_is_refused_and_a_key_is_told_nowhere(
    shell_on: Shells, capsys: pytest.CaptureFixture[str]
) -> None:
    """White space around the key is refused, and a wrong key stands in no output and no report."""
    shell = shell_on(agreeing().world())
    shell.monkeypatch.setenv("RECONCILE_ALGOLIA_API_KEY", " sandbox-key\n")
    assert shell("check")[0] == 64
    assert "sandbox-key" not in capsys.readouterr().err
    shell.monkeypatch.setenv("RECONCILE_ALGOLIA_API_KEY", "wrong-key")
    code, report = shell("check")
    told = capsys.readouterr()
    assert code == 3
    assert "wrong-key" not in json.dumps(report) + told.out + told.err
    shell.monkeypatch.setenv("RECONCILE_ALGOLIA_API_KEY", "two\nlines")
    assert shell("check")[0] == 64
    assert "lines" not in capsys.readouterr().err


def test_the_window_reaches_back_to_the_last_whole_repair_however_many_runs_failed_since() -> None:
    """A long outage, watched by many checks, loses no recording that ended during it."""
    cycle = Cycle.of(lacking_a_program().world())
    cycle.now -= timedelta(days=6)
    cycle.state.bind_environment(cycle.ports().memory.environment)
    cycle.state.mark_first_repair(cycle.now)
    cycle.state.mark_whole_repair(cycle.now)
    cycle.now += timedelta(days=12)
    for number in range(60):
        cycle.state.save_run(f"2099{number:04d}", {"mode": "check", "whole": False, "sources": {}})
    found = cycle.check(lookback=timedelta(days=3)).report
    assert [finding.kind for finding in found.findings] == ["program-missing"]


def test_a_count_that_is_no_number_is_left_alone_and_told(shell_on: Shells) -> None:
    """The program is made, the odd count stays as it is, and the repair says so."""
    small = lacking_a_program()
    small.items[GROUP_KEY]["programsCount"] = {"S": "many"}
    shell = shell_on(small.world())
    report = shell("repair", "--approve", shell("repair")[1]["run"]["id"])[1]
    assert shell.rows()[GROUP_KEY]["programsCount"] == {"S": "many"}
    assert any("not a number" in repair["note"] for repair in report["repairs"])


def test_a_recording_that_no_set_route_plays_gets_no_program(shell_on: Shells) -> None:
    """With routes set, a program whose URL would not play is not made, and the finding says why."""
    shell = shell_on(lacking_a_program().world())
    shell.monkeypatch.setenv("RECONCILE_MEDIA_ROUTES", '{"*": "another-bucket"}')
    code, report = shell("repair")
    assert code == 2
    assert "RECONCILE_MEDIA_ROUTES" in report["findings"][0]["step"]
    assert shell.programs() == {}
