"""Every exit code means what the README says, seen from the command line."""

import subprocess
import sys
from collections.abc import Callable

import pytest

from reconcile.cli.app import run
from reconcile.sandbox.algolia import AlgoliaKey
from tests.scenario.conftest import Shells
from tests.scenario.small import BUCKET, PREFIX, TABLE, agreeing, lacking_a_program


def test_0_when_everything_agrees(shell_on: Shells) -> None:
    """A world in which all is well ends with 0 and counts what was looked at."""
    code, report = shell_on(agreeing().world())("check")
    assert code == 0
    assert report["counts"]["recording"]["agrees"] == report["counts"]["recording"]["population"] == 1
    assert report["findings"] == []


def test_0_when_all_was_mended_and_read_back(shell_on: Shells) -> None:
    """A stale record that was written again leaves nothing to report."""
    small = agreeing()
    small.records["program-of-show1"]["title"] = "An older title"
    shell = shell_on(small.world())
    code, report = shell("repair")
    assert code == 0
    assert [finding["status"] for finding in report["findings"]] == ["repaired"]
    assert all(repair["verified"] for repair in report["repairs"])
    assert shell.records()["program-of-show1"]["title"] == "A title"


def test_1_on_a_bug() -> None:
    """An exception that nobody meant ends with Python's own code and a traceback."""
    broken = "from reconcile.cli import app, compare; compare.order_of = None; app.main()"
    ended = subprocess.run(
        [sys.executable, "-c", broken, "check"], capture_output=True, text=True, check=False, timeout=60
    )
    assert ended.returncode == 1
    assert "Traceback" in ended.stderr


def test_2_while_findings_remain(shell_on: Shells) -> None:
    """A check that finds something ends with 2."""
    code, report = shell_on(lacking_a_program().world())("check")
    assert code == 2
    assert [finding["kind"] for finding in report["findings"]] == ["program-missing"]


def test_2_only_for_new_findings_when_asked(shell_on: Shells) -> None:
    """With --fail-on new a finding that was told before does not raise the exit code."""
    shell = shell_on(lacking_a_program().world())
    assert shell("check", "--fail-on", "new")[0] == 2
    assert shell("check", "--fail-on", "new")[0] == 0
    assert shell("check")[0] == 2


@pytest.mark.parametrize(
    ("setting", "value", "named"),
    [
        ("RECONCILE_TABLE", "no-such-table", "no-such-table"),
        ("RECONCILE_BUCKET", f"{BUCKET},no-such-bucket", "no-such-bucket"),
        ("RECONCILE_ALGOLIA_INDEX", "no-such-index", "no-such-index"),
        ("RECONCILE_ALGOLIA_API_KEY", "another-key", "Invalid Application-ID or API key"),
    ],
)
def test_3_when_a_source_cannot_be_read(shell_on: Shells, setting: str, value: str, named: str) -> None:
    """A missing table, bucket, index or permission is named, and nothing is called missing."""
    shell = shell_on(lacking_a_program().world())
    shell.monkeypatch.setenv(setting, value)
    code, report = shell("repair")
    assert code == 3
    assert any(named in source["why"] for source in report["sources"])
    assert report["counts"]["recording"]["program-missing"] == 0
    assert shell.programs() == {}


def test_3_when_the_state_table_is_not_there(shell_on: Shells, capsys: pytest.CaptureFixture[str]) -> None:
    """A state table that does not exist is named before anything else is read."""
    shell = shell_on(agreeing().world())
    shell.monkeypatch.setenv("RECONCILE_STATE_TABLE", "no-such-memory")
    assert shell("repair")[0] == 3
    assert "no-such-memory" in capsys.readouterr().err


def test_5_when_repairs_are_withheld(shell_on: Shells) -> None:
    """The first repair makes no program of before its time, says so, and prints the command that approves."""
    shell = shell_on(lacking_a_program().world())
    code, report = shell("repair")
    assert code == 5
    assert shell.programs() == {}
    assert [finding["status"] for finding in report["findings"]] == ["awaiting-approval"]
    assert f"reconcile repair --approve {report['run']['id']}" in report["findings"][0]["commands"]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["check", "--lookback", "3 days"], "3 days"),
        (["check", "--lookback", "3d", "--full"], "--full"),
        (["check", "--settle", "-5m"], "-5m"),
        (["check", "--only", "program-mising"], "program-missing"),
        (["check", "--fail-on", "sometimes"], "sometimes"),
        (["check", "--no-such-option"], "--no-such-option"),
        (["chekc"], "chekc"),
        (["repair", "--approve", "20200101T000000000Z-abcdef"], "20200101T000000000Z-abcdef"),
        (["repair", "--approve", "../../etc/passwd"], "passwd"),
        (["check", "--config", "no-such-file.toml"], "no-such-file.toml"),
        (["report", "no-such-run"], "no-such-run"),
        (["check", "--html", "/no/such/folder/page.html"], "/no/such/folder/page.html"),
    ],
)
def test_64_for_wrong_options(
    shell_on: Shells, capsys: pytest.CaptureFixture[str], arguments: list[str], named: str
) -> None:
    """A wrong option is named, and nothing is written."""
    shell = shell_on(lacking_a_program().world())
    before = shell.rows()
    assert run(arguments) == 64
    assert named in capsys.readouterr().err
    assert shell.rows() == before


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda patch: patch.setenv("RECONCILE_BUKET", "x"), "RECONCILE_BUCKET"),
        (lambda patch: patch.delenv("RECONCILE_TABLE"), "RECONCILE_TABLE is not set"),
        (lambda patch: patch.setenv("RECONCILE_READ_UNITS", "many"), "RECONCILE_READ_UNITS"),
        (lambda patch: patch.setenv("RECONCILE_BUCKET", " , "), "RECONCILE_BUCKET"),
        (lambda patch: patch.setenv("RECONCILE_PLAYBACK_DOMAIN", "https://x.net/"), "PLAYBACK_DOMAIN"),
        (lambda patch: patch.setenv("RECONCILE_MEDIA_ROUTES", "{nonsense"), "RECONCILE_MEDIA_ROUTES"),
        (lambda patch: patch.setenv("RECONCILE_ALGOLIA_HOST", "localhost"), "RECONCILE_ALGOLIA_HOST"),
    ],
)
def test_64_for_wrong_settings(
    shell_on: Shells,
    capsys: pytest.CaptureFixture[str],
    change: Callable[[pytest.MonkeyPatch], None],
    named: str,
) -> None:
    """A wrong setting is named with the nearest right one, and no secret is printed."""
    shell = shell_on(agreeing().world())
    change(shell.monkeypatch)
    assert shell("check")[0] == 64
    told = capsys.readouterr().err
    assert named in told
    assert "sandbox-key" not in told


@pytest.mark.parametrize("missing", ["RECONCILE_STATE_TABLE", "RECONCILE_REPORTS"])
def test_64_for_a_repair_without_memory_or_place_for_its_report(
    shell_on: Shells, capsys: pytest.CaptureFixture[str], missing: str
) -> None:
    """A repair that could not remember or report is refused; a check is not."""
    shell = shell_on(agreeing().world())
    shell.monkeypatch.delenv(missing)
    assert shell("repair")[0] == 64
    assert missing in capsys.readouterr().err
    assert shell("check")[0] == 0
    assert missing in capsys.readouterr().out


def test_64_for_another_environments_state_table(
    shell_on: Shells, capsys: pytest.CaptureFixture[str]
) -> None:
    """A state table that was made for another stage is refused before anything is read."""
    shell = shell_on(agreeing().world())
    assert shell("check")[0] == 0
    shell.monkeypatch.setenv("RECONCILE_STAGE", "another")
    shell.monkeypatch.setenv("RECONCILE_TABLE", "no-such-table")
    assert shell("check")[0] == 64
    assert "RECONCILE_STAGE=sandbox" in capsys.readouterr().err


def test_the_small_world_names_what_the_tests_name() -> None:
    """The builder's world uses the names that these tests look for."""
    world = agreeing().world()
    assert (world.table, world.buckets) == (TABLE, (BUCKET,))
    assert any(stored.key.startswith(PREFIX) for stored in world.objects)


def test_3_when_a_repair_lacks_a_permission(shell_on: Shells) -> None:
    """A search key that may not write leaves the record as it is; the finding failed and says why."""
    small = agreeing()
    small.records["program-of-show1"]["title"] = "An older title"
    shell = shell_on(small.world())
    shell.stores.algolia.keys["sandbox-key"] = AlgoliaKey(acl=frozenset(("browse", "search")))
    code, report = shell("repair")
    assert code == 3
    assert [finding["status"] for finding in report["findings"]] == ["failed"]
    assert "403" in report["findings"][0]["step"]
    assert shell.records()["program-of-show1"]["title"] == "An older title"
