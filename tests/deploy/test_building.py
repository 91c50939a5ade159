"""What building the artefact refuses, and what it leaves alone then."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from reconcile import artefact
from reconcile.artefact import PINS, PYTHON, Pin, build, closure, main, pinned, read_lock
from reconcile.model.errors import ReconcileError, UsageError

LOCK = """\
six==1.17.0 ; python_full_version < '3.12' and (sys_platform == 'darwin' or sys_platform == 'linux') \\
    --hash=sha256:aa \\
    --hash=sha256:bb
six==1.18.0 ; python_full_version >= '3.12' and (sys_platform == 'darwin' or sys_platform == 'linux') \\
    --hash=sha256:cc
Python_DateUtil==2.9.0 \\
    --hash=sha256:dd
"""


def machine(python: str) -> dict[str, str]:
    """Return what markers see of Linux and a Python."""
    return {"python_full_version": f"{python}.0", "sys_platform": "linux"}


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the artefact hold one small dependency, so that it is built in no time."""
    (six,) = (pin for pin in pinned(PYTHON) if pin.name == "six")
    monkeypatch.setattr(artefact, "pinned", lambda python: [six])


def test_a_lock_gives_each_python_its_own_pins_with_their_hashes() -> None:
    """By the markers of its entries; names are as the index writes them."""
    other = Pin("python-dateutil", "2.9.0", ("sha256:dd",))
    older = Pin("six", "1.17.0", ("sha256:aa", "sha256:bb"))
    assert read_lock(LOCK, machine("3.11")) == {"six": older, "python-dateutil": other}
    newer = Pin("six", "1.18.0", ("sha256:cc",))
    assert read_lock(LOCK, machine("3.13")) == {"six": newer, "python-dateutil": other}


def test_what_is_called_for_at_any_remove_goes_in_and_only_what_the_python_calls_for() -> None:
    """Extras and markers decide, and a circle ends."""
    requires: dict[str, Sequence[str]] = {
        "a": ("B[fast]>=1", "old ; python_full_version < '3.12'", "docs ; extra == 'docs'"),
        "b": ("a", "c ; extra == 'fast'"),
        "c": (),
    }
    assert closure(["a"], requires.__getitem__, machine("3.13")) == {"a", "b", "c"}


def test_the_python_of_lambda_has_pins_for_every_dependency_of_the_project() -> None:
    """Each with a hash, and nothing that only the demo or the tests need."""
    pins = {pin.name: pin for pin in pinned(PYTHON)}
    assert {"algoliasearch", "boto3", "jinja2", "pandas", "pydantic-settings", "rich"} < set(pins)
    assert {"moto", "flask", "pytest", "boto3-stubs", "packaging"} & set(pins) == set()
    assert all(pin.hashes for pin in pins.values())


def test_an_environment_that_is_not_the_locks_builds_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it requires need not be what the lock holds."""
    (tmp_path / "pyproject.toml").write_text('[project]\ndependencies = ["six"]\n')
    (tmp_path / "requirements.lock").write_text("six==0.9 \\\n    --hash=sha256:aa\n")
    monkeypatch.setattr(artefact, "_PACKAGE", tmp_path / "reconcile")
    with pytest.raises(UsageError, match=r"six \S+ is not what requirements\.lock says: install that again"):
        pinned(PYTHON)


def test_without_a_checkout_nothing_is_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed package has no lock beside it."""
    monkeypatch.setattr(artefact, "_PACKAGE", tmp_path / "reconcile")
    with pytest.raises(UsageError, match="build from a checkout"):
        pinned(PYTHON)


@pytest.mark.parametrize("python", ["3", "3.13.1", "python3.13", ""])
def test_a_python_that_is_no_version_is_refused(
    python: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the exit code of a wrong option, and the version to write."""
    assert main(["--python", python, "--into", str(tmp_path / "artefact")]) == 64
    assert f"write --python {PYTHON}" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_holds_something_else_is_never_replaced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever mistypes --into loses nothing."""
    kept = tmp_path / "letter.txt"
    kept.write_text("dear")
    assert main(["--into", str(tmp_path)]) == 64
    assert f"{tmp_path} is something else than an artefact" in capsys.readouterr().err
    assert kept.read_text() == "dear"


@pytest.mark.usefixtures("small")
def test_an_earlier_artefact_is_replaced_when_the_new_one_is_whole(tmp_path: Path) -> None:
    """Nothing of the earlier one is left in it."""
    into = tmp_path / "artefact"
    build(into=into)
    (into / "stray.py").write_text("")
    assert build(into=into)[0] == into
    assert not (into / "stray.py").exists()
    assert {"six.py", "reconcile", PINS} < {path.name for path in into.iterdir()}
    assert [path.name for path in tmp_path.iterdir()] == ["artefact"]


@pytest.mark.usefixtures("small")
def test_an_artefact_that_is_too_large_leaves_the_earlier_one_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its size is told, and no half of it is left."""
    into = tmp_path / "artefact"
    build(into=into)
    (into / "mark").write_text("earlier")
    monkeypatch.setattr(artefact, "LIMIT", 1_000)
    with pytest.raises(ReconcileError, match="bytes unzipped and Lambda takes 1,000"):
        build(into=into)
    assert (into / "mark").read_text() == "earlier"
    assert [path.name for path in tmp_path.iterdir()] == ["artefact"]


@pytest.mark.usefixtures("small")
def test_a_file_whose_hash_is_not_the_locks_is_not_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever serves it."""
    forged = Pin("six", "1.17.0", (f"sha256:{'0' * 64}",))
    monkeypatch.setattr(artefact, "pinned", lambda python: [forged])
    with pytest.raises(ReconcileError, match="pip could not install the dependencies"):
        build(into=tmp_path / "artefact")
    assert list(tmp_path.iterdir()) == []


def test_what_lacks_a_dependency_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock that forgot something is found out here, not at night."""
    (lonely,) = (pin for pin in pinned(PYTHON) if pin.name == "python-dateutil")
    monkeypatch.setattr(artefact, "pinned", lambda python: [lonely])
    with pytest.raises(ReconcileError, match="six is needed and was not installed"):
        build(into=tmp_path / "artefact")
