"""What building the artefact refuses, and what it leaves alone then."""

from collections.abc import Sequence
from pathlib import Path
from zipfile import ZipFile

import pytest

from reconcile.artefact.__main__ import main
from reconcile.artefact.build import PINS, PYTHON, build
from reconcile.artefact.contents import PACKAGE, Project
from reconcile.artefact.lock import Pin, closure, read_lock
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
    hold(monkeypatch, pinned("six"))


def hold(monkeypatch: pytest.MonkeyPatch, pin: Pin) -> None:
    """Let the artefact hold one dependency."""
    monkeypatch.setattr(Project, "pins", lambda project, python: [pin])


def pinned(name: str) -> Pin:
    """Return what the lock says of a package."""
    (pin,) = (pin for pin in Project.of(PACKAGE).pins(PYTHON) if pin.name == name)
    return pin


def checkout(folder: Path, handler: str, *dependencies: str, lock: str = "") -> Project:
    """Return a project whose handler is that text."""
    package = folder / "sample"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "handler.py").write_text(handler)
    (folder / "pyproject.toml").write_text(f"[project]\ndependencies = {list(dependencies)}\n")
    (folder / "requirements.lock").write_text(lock)
    return Project.of(package)


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


def test_the_python_of_lambda_has_pins_for_every_dependency_of_the_function() -> None:
    """Each with a hash, and nothing that only the command line, the demo or the tests need."""
    pins = {pin.name: pin for pin in Project.of(PACKAGE).pins(PYTHON)}
    assert {"algoliasearch", "boto3", "jinja2", "pandas", "pydantic-settings"} < set(pins)
    assert {"rich", "typer", "pygments", "moto", "flask", "pytest", "boto3-stubs"} & set(pins) == set()
    assert all(pin.hashes for pin in pins.values())


def test_an_environment_that_is_not_the_locks_builds_nothing(tmp_path: Path) -> None:
    """What it requires need not be what the lock holds."""
    lock = "six==0.9 \\\n    --hash=sha256:aa\n"
    project = checkout(tmp_path, "import six", "six", lock=lock)
    with pytest.raises(UsageError, match=r"six \S+ is not what requirements\.lock says: install that again"):
        project.pins(PYTHON)


def test_a_handler_that_imports_what_no_dependency_brings_is_not_built(tmp_path: Path) -> None:
    """It would fail at night: here the packages of the tests are at hand, and there they are not."""
    project = checkout(tmp_path, "def handler():\n    import yaml\n")
    with pytest.raises(UsageError, match=r"yaml is imported, and no dependency in pyproject\.toml brings it"):
        project.pins(PYTHON)


def test_a_dependency_that_the_handler_does_not_reach_stays_out(tmp_path: Path) -> None:
    """Also one that it names for types alone."""
    handler = "import six\nfrom typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import rich\n"
    locked = Path(PACKAGE.parent / "requirements.lock").read_text(encoding="utf-8")
    project = checkout(tmp_path, handler, "six", "rich", lock=locked)
    (tmp_path / "sample" / "screen.py").write_text("import rich")
    assert [pin.name for pin in project.pins(PYTHON)] == ["six"]
    assert {path.name for path in project.files()} == {"__init__.py", "handler.py"}


def test_without_a_checkout_nothing_is_built(tmp_path: Path) -> None:
    """An installed package has no lock beside it."""
    with pytest.raises(UsageError, match="build from a checkout"):
        Project.of(tmp_path / "reconcile")


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
    assert build(into=into).folder == into
    assert not (into / "stray.py").exists()
    assert {"six.py", "reconcile", PINS} < {path.name for path in into.iterdir()}
    assert {path.name for path in tmp_path.iterdir()} == {"artefact", "artefact.cdx.json"}


@pytest.mark.usefixtures("small")
def test_an_artefact_that_is_too_large_leaves_the_earlier_one_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its size is told, and no half of it is left."""
    into = tmp_path / "artefact"
    build(into=into)
    (into / "mark").write_text("earlier")
    monkeypatch.setattr("reconcile.artefact.build.LIMIT", 1_000)
    with pytest.raises(ReconcileError, match="bytes unzipped, and the project allows itself 1,000"):
        build(into=into)
    assert (into / "mark").read_text() == "earlier"
    assert {path.name for path in tmp_path.iterdir()} == {"artefact", "artefact.cdx.json"}


@pytest.mark.usefixtures("small")
def test_a_file_whose_hash_is_not_the_locks_is_not_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever serves it."""
    forged = Pin("six", "1.17.0", (f"sha256:{'0' * 64}",))
    hold(monkeypatch, forged)
    with pytest.raises(ReconcileError, match="pip could not install the dependencies"):
        build(into=tmp_path / "artefact")
    assert list(tmp_path.iterdir()) == []


def test_what_lacks_a_dependency_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock that forgot something is found out here, not at night."""
    hold(monkeypatch, pinned("python-dateutil"))
    with pytest.raises(ReconcileError, match="six is needed and was not installed"):
        build(into=tmp_path / "artefact")


@pytest.mark.usefixtures("small")
def test_two_builds_give_archives_and_bills_that_are_equal_to_the_last_byte(tmp_path: Path) -> None:
    """Wherever they lie; each file is in its place in the archive, readable and no more."""
    built = [build(into=tmp_path / name, archive=tmp_path / f"{name}.zip") for name in ("one", "two")]
    one, two = ((tmp_path / f"{name}.zip").read_bytes() for name in ("one", "two"))
    assert one == two
    assert built[0].bill.read_bytes() == built[1].bill.read_bytes()
    assert built[0].zipped == len(one) < built[0].size < built[0].installed
    with ZipFile(tmp_path / "one.zip") as archive:
        entries = {entry.filename: archive.read(entry) for entry in archive.infolist()}
        assert {oct(entry.external_attr >> 16) for entry in archive.infolist()} == {"0o100644"}
    files = [path for path in built[0].folder.rglob("*") if path.is_file()]
    assert entries == {path.relative_to(built[0].folder).as_posix(): path.read_bytes() for path in files}


@pytest.mark.usefixtures("small")
def test_an_archive_that_is_too_large_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is the folder."""
    monkeypatch.setattr("reconcile.artefact.build.ZIP_LIMIT", 1_000)
    with pytest.raises(ReconcileError, match="bytes zipped, and the project allows itself 1,000"):
        build(into=tmp_path / "artefact", archive=tmp_path / "artefact.zip")
    assert list(tmp_path.iterdir()) == []
