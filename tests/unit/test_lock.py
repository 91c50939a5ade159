"""Renewing the lock files: what changed is told, and what uv leaves half done or gives away is not kept."""

import ast
import os
import sys
from pathlib import Path

import pytest

from tests import lock
from tests.lock import HEADER, LOCKS, LockFile, changes, main

OLD = """\
gone==1.0 \\
    --hash=sha256:aa
numpy==2.4.6 ; python_full_version < '3.12' \\
    --hash=sha256:bb
numpy==2.5.5 ; python_full_version >= '3.12' \\
    --hash=sha256:cc
six==1.17.0 \\
    --hash=sha256:dd
still==3 \\
    --hash=sha256:ee
"""
NEW = """\
fresh==0.1 \\
    --hash=sha256:ff
numpy==2.4.6 ; python_full_version < '3.12' \\
    --hash=sha256:bb
numpy==2.5.6 ; python_full_version >= '3.12' \\
    --hash=sha256:00
six==1.17.0 \\
    --hash=sha256:11 \\
    --hash=sha256:22
still==3 \\
    --hash=sha256:ee
"""
UV = f"""#!{sys.executable}
import os, pathlib, sys
(into,) = (one.partition("=")[2] for one in sys.argv if one.startswith("--output-file="))
said = {{"arguments": sys.argv[1:], "wanted": sys.stdin.read(), "before": pathlib.Path(into).read_text()}}
with open(os.environ["SAID"], "a") as log:
    print(said, file=log)
pathlib.Path(into).write_text(os.environ["ANSWER"])
sys.exit(int(os.environ["FAILS"]))
"""
"""Stands for uv: notes what it is asked, writes the answer that it is given, and fails if told so."""

PROJECT = """
[project]
optional-dependencies.duckdb = ["duckdb>=1", "pyarrow>=18"]
optional-dependencies.spark = ["pyspark>=4", "pyarrow>=18"]
"""


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give tests a checkout with the old lock, and uv on the PATH."""
    root, tools = tmp_path / "checkout", tmp_path / "tools"
    for folder in (tools, root / "tests", root / ".ci"):
        folder.mkdir(parents=True)
    (tools / "uv").write_text(UV)
    (tools / "uv").chmod(0o755)
    (root / "pyproject.toml").write_text(PROJECT)
    (root / "requirements.lock").write_text(OLD)
    monkeypatch.setenv("PATH", str(tools))
    monkeypatch.setenv("SAID", str(tmp_path / "said"))
    monkeypatch.setenv("ANSWER", NEW)
    monkeypatch.setenv("FAILS", "0")
    return root


def said() -> list[dict[str, object]]:
    """Return what uv was asked, each time."""
    return [ast.literal_eval(line) for line in Path(os.environ["SAID"]).read_text().splitlines()]


def test_what_changed_is_told_by_package() -> None:
    """Also where only the files differ: another file of the same version is worth a look."""
    assert [str(one) for one in changes(OLD, NEW)] == [
        "added    fresh 0.1",
        "removed  gone 1.0",
        "changed  numpy 2.4.6, 2.5.5 → 2.4.6, 2.5.6",
        "same     six 1.17.0: 2 files more, 1 fewer, or for other machines",
    ]


def test_equal_locks_differ_in_nothing() -> None:
    """Whatever their comments say."""
    assert changes(OLD, HEADER + OLD) == []


def test_each_lock_is_renewed_and_says_how(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What each was made from goes to uv, with what stands in it already."""
    assert main(["--keep"], checkout) == 0
    assert {(checkout / one.path).read_text() for one in LOCKS} == {HEADER + NEW}
    first, second, third = said()
    assert (first["before"], first["wanted"]) == (OLD, "")
    assert second["wanted"] == "duckdb>=1\npyarrow>=18\npyspark>=4\n"
    assert "aws-sam-cli==" in str(third["wanted"])
    told = capsys.readouterr().out.splitlines()
    assert told[:2] == ["requirements.lock: 4 changes", "  added    fresh 0.1"]
    assert main(["--keep"], checkout) == 0
    assert "requirements.lock: unchanged" in capsys.readouterr().out
    assert {(checkout / one.path).read_text() for one in LOCKS} == {HEADER + NEW}


@pytest.mark.parametrize(
    ("asked", "passed"),
    [([], ["--upgrade"]), (["--keep"], []), (["--only", "six"], ["--upgrade-package=six"])],
)
def test_all_is_renewed_or_nothing_or_what_is_named(
    checkout: Path, asked: list[str], passed: list[str]
) -> None:
    """As uv calls it."""
    assert main(asked, checkout) == 0
    arguments = said()[0]["arguments"]
    assert isinstance(arguments, list)
    assert [one for one in arguments if one.startswith("--upgrade")] == passed


def test_a_lock_that_uv_cannot_make_stays(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To the byte, though uv had begun to write."""
    monkeypatch.setenv("FAILS", "1")
    assert main([], checkout) == 1
    assert (checkout / "requirements.lock").read_text() == OLD


def test_no_address_of_a_registry_comes_into_a_lock(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It would be an employer's mirror, and go to everybody."""
    monkeypatch.setenv("ANSWER", f"--find-links https://mirror.example/wheels\n{NEW}")
    assert main([], checkout) == 1
    assert "uv wrote an address into requirements.lock" in capsys.readouterr().err
    assert (checkout / "requirements.lock").read_text() == OLD


def test_without_uv_it_says_how_to_install_it(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And changes nothing."""
    monkeypatch.setenv("PATH", str(checkout))
    assert main([], checkout) == 64
    assert "uv is not installed: pipx install uv" in capsys.readouterr().err
    assert (checkout / "requirements.lock").read_text() == OLD


@pytest.mark.parametrize("one", LOCKS, ids=lambda one: one.path)
def test_every_lock_of_the_project_pins_each_package_by_hash_and_names_no_place(one: LockFile) -> None:
    """So `pip install --require-hashes` takes it, and it says nothing of who made it."""
    text = (lock.ROOT / one.path).read_text(encoding="utf-8")
    stated = [line for line in text.splitlines() if line and not line.startswith(("#", " "))]
    assert [line for line in stated if "==" not in line or not line.endswith("\\")] == []
    assert "://" not in text
    assert text.startswith(HEADER)
