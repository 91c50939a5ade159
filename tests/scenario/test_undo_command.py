"""`reconcile undo` on the real adapters: it shows, asks, takes back, and says what it could not."""

import copy
from datetime import timedelta
from typing import Any

import pytest

from reconcile.cli.app import run
from reconcile.model.attributes import differing
from reconcile.model.errors import Denied
from reconcile.stores.dynamodb_undoing import DynamoUndoer
from reconcile.stores.lease import SECONDS
from reconcile.stores.state import DynamoState
from tests.scenario.bad_night import STALE, bad_night
from tests.scenario.conftest import Shell, Shells

ASKED = ("--repair", "group-missing", "--repair", "count-drift", "--settle", "0s")
WHY = ("--reason", "a bad night")


@pytest.fixture
def shell(shell_on: Shells) -> Shell:
    """A shell on a world that calls for every kind of repair."""
    return shell_on(bad_night().world())


def repaired(shell: Shell) -> tuple[str, str]:
    """Repair, and approve what awaits it; return both runs."""
    code, first = shell("repair", *ASKED)
    assert code == 5
    code, second = shell("repair", *ASKED, "--approve", first["run"]["id"])
    return first["run"]["id"], second["run"]["id"]


def held(shell: Shell) -> Any:
    return copy.deepcopy((shell.rows(), shell.records()))


def differences(before: Any, after: Any) -> list[str]:
    """Name what differs between two moments, but for the time of an undo."""
    rows = (before[0], after[0])
    return [
        *(
            f"{key}: {name}"
            for key in sorted({*rows[0], *rows[1]})
            for name in differing(rows[0].get(key, {}), rows[1].get(key, {}), frozenset({"updatedAt"}))
        ),
        *(name for name in {*before[1], *after[1]} if before[1].get(name) != after[1].get(name)),
    ]


def test_two_runs_that_are_taken_back_leave_the_stores_as_before(
    shell: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    """On DynamoDB's own types: sets, bytes, numbers of 38 digits, and what was absent."""
    before = held(shell)
    first, second = repaired(shell)
    assert len(differences(before, held(shell))) > 40
    for name in (second, first):
        capsys.readouterr()
        code, told = shell("undo", name, *WHY, "--yes")
        text = capsys.readouterr().out
        assert (code, told["exit_code"], told["undoes"]) == (0, 0, name)
        assert "To be taken back (" in text
        assert f"of the run {name} taken back" in text
    assert differences(before, held(shell)) == []
    code, told = shell("undo", first, *WHY)
    assert (code, {one["became"] for one in told["undone"]}) == (0, {"done"})
    assert "is left to take back. It was taken back before, by the run 20" in capsys.readouterr().out
    listed: Any = shell("runs")[1]
    assert [entry["mode"] for entry in listed] == ["undo", "undo", "repair", "repair"]
    assert "\nNext: reconcile report " + second in capsys.readouterr().out
    assert shell("report", listed[0]["id"])[0] == 64
    assert "is an undo" in capsys.readouterr().err
    code, report = shell("repair", *ASKED)
    assert (code, report["repairs"]) == (5, [])
    assert differences(before, held(shell)) == []


def test_without_a_terminal_and_without_yes_it_shows_what_it_would_do_and_does_nothing(
    shell: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    first, _ = repaired(shell)
    before = held(shell)
    capsys.readouterr()
    assert shell("undo", first, *WHY) == (64, {})
    told = capsys.readouterr()
    assert "To be taken back (" in told.out
    assert "record written" in told.out
    assert "add --yes" in told.err
    assert held(shell) == before


@pytest.mark.parametrize(("answer", "code"), [(True, 0), (False, 2)])
def test_on_a_terminal_a_person_is_asked(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, answer: bool, code: int
) -> None:
    first, _ = repaired(shell)
    before = held(shell)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("typer.confirm", lambda *_, **__: answer)
    assert shell("undo", first, *WHY)[0] == code
    assert (held(shell) == before) is not answer


def test_what_an_owner_changed_since_is_told_and_ends_with_2(
    shell: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    _, second = repaired(shell)
    (key, row) = next((key, row) for key, row in shell.rows().items() if "fileSize" in row)
    shell.put_row(row | {"title": {"S": "Mine now"}})
    capsys.readouterr()
    code, told = shell("undo", second, *WHY, "--yes")
    assert code == 2
    assert "Stays as it is (1):" in capsys.readouterr().out
    left = [one["why"] for one in told["undone"] if one["became"] == "left"]
    assert left == ["somebody changed title since"]
    assert shell.rows()[key]["title"] == {"S": "Mine now"}


def test_one_finding_alone_is_taken_back(shell: Shell) -> None:
    before = held(shell)
    first, _ = repaired(shell)
    report = shell("report", first)[1]
    (found,) = (one["id"] for one in report["findings"] if one["kind"] == "record-stale")
    code, told = shell("undo", first, "--only", found, *WHY, "--yes")
    assert (code, [one["target"]["objectID"] for one in told["undone"]]) == (0, [STALE])
    assert shell.records()[STALE] == before[1][STALE]


def test_only_without_a_finding_is_refused_and_does_not_take_back_the_whole_run(
    shell: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    """A script's variable may be empty."""
    first, _ = repaired(shell)
    before = held(shell)
    for nothing in ("", " "):
        assert shell("undo", first, "--only", nothing, *WHY, "--yes") == (64, {})
    assert capsys.readouterr().err.count("--only names no finding") == 2
    assert held(shell) == before


def test_who_may_not_delete_is_told_which_credentials_to_use(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _, second = repaired(shell)
    take_back = DynamoUndoer.take_back

    def deny(self: DynamoUndoer, edits: Any, *others: Any) -> Any:
        if any(edit.deletes for edit in edits):
            raise Denied("not authorized to perform dynamodb:DeleteItem")
        return take_back(self, edits, *others)

    monkeypatch.setattr(DynamoUndoer, "take_back", deny)
    capsys.readouterr()
    assert shell("undo", second, *WHY, "--yes")[0] == 3
    told = capsys.readouterr().out
    assert "not authorized to perform dynamodb:DeleteItem" in told
    assert "with your own (AWS_PROFILE)" in told


def test_who_may_not_decide_is_told_so_too_and_takes_nothing_back(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The role of the repairing function may not: what would await approval is marked first."""
    first, _ = repaired(shell)
    before = held(shell)

    def deny(*_: Any) -> Any:
        raise Denied("not authorized to perform dynamodb:PutItem")

    monkeypatch.setattr(DynamoState, "decide", deny)
    capsys.readouterr()
    assert shell("undo", first, *WHY, "--yes")[0] == 3
    told = capsys.readouterr()
    assert "not authorized to perform dynamodb:PutItem" in told.err
    assert "with your own (AWS_PROFILE)" in told.out
    assert held(shell) == before


def test_while_another_run_holds_the_lease_nothing_is_taken_back(
    shell: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    first, _ = repaired(shell)
    before = held(shell)
    until = shell.stores.world.now + timedelta(days=1, seconds=SECONDS)
    lease = {"pk": "lease", "sk": "lease", "run": "another", "token": "another"}
    item = {name: {"S": value} for name, value in lease.items()}
    shell.put_row(
        item | {"until": {"N": str(until.timestamp())}},
        shell.stores.environ(shell.folder)["RECONCILE_STATE_TABLE"],
    )
    assert shell("undo", first, *WHY, "--yes")[0] == 3
    assert "Another run holds the lease" in capsys.readouterr().out
    assert held(shell) == before


@pytest.mark.parametrize("named", ["20250101T000000000Z-abcdef", "nonsense", " "])
def test_a_run_that_is_not_there_is_refused(
    shell: Shell, capsys: pytest.CaptureFixture[str], named: str
) -> None:
    assert shell("undo", named, *WHY, "--yes") == (64, {})
    assert "there is no run" in capsys.readouterr().err


def test_a_reason_is_needed(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["undo", "20250101T000000000Z-abcdef"]) == 64
    assert run(["undo", "20250101T000000000Z-abcdef", "--reason", " "]) == 64
    assert capsys.readouterr().err.count("reason") >= 2
