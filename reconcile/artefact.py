"""Builds the folder that the Lambda functions run from: this package and its pinned dependencies, no more."""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

import reconcile
from reconcile.model.errors import ReconcileError, UsageError

PYTHON = "3.13"
"""The Runtime of schedule.yaml. Lambda's python3.11 is Amazon Linux 2, whose glibc 2.26 is too old for the
wheels of numpy and pandas; from 3.12 on it is Amazon Linux 2023 with glibc 2.34:
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html"""

INTO = Path("build/artefact")
PINS = "artefact-requirements.txt"
"""Lies in the artefact: what was installed into it, with the hashes that pip checked."""

LIMIT = 250_000_000
"""Bytes unzipped. Lambda takes 250 MB, https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html;
the smaller reading of that."""

MarkerValues = Mapping[str, str]
"""What the markers of requirements see of a machine and its Python."""

_PACKAGE = Path(reconcile.__file__).parent
_LEFT_OUT = ("__pycache__", "docs", "sandbox", "artefact.py")
_THE_YEAR_2000 = 946_684_800

_PIP = (
    "-qq",
    "--no-input",
    "--disable-pip-version-check",
    "--no-compile",
    "--no-deps",
    "--require-hashes",
    "--only-binary=:all:",
    "--platform=manylinux_2_28_x86_64",
    "--platform=manylinux_2_17_x86_64",
    "--platform=manylinux2014_x86_64",
    "--implementation=cp",
    # pip would go by the Python that it runs on; _refuse_gaps goes by the one that the artefact is for.
    "--ignore-requires-python",
)

_USELESS = ("bin", "*/tests", "numpy/**/tests", "*.dist-info/RECORD", "*.dist-info/REQUESTED")
"""Scripts that name the builder's Python, tests, and lists of files of which some are gone."""


@dataclass(frozen=True, slots=True)
class Pin:
    """One entry of the lock: a version of a package, with the hashes of its files."""

    name: str
    version: str
    hashes: tuple[str, ...]

    def __str__(self) -> str:
        """Return it as a line of a requirements file."""
        return " ".join((f"{self.name}=={self.version}", *(f"--hash={digest}" for digest in self.hashes)))


def build(python: str = PYTHON, into: Path = INTO) -> tuple[Path, int]:
    """Build the artefact for Lambda's x86_64 and a Python such as `3.13`; return where it is and its bytes.

    A folder that an earlier build left is replaced when the new one is whole. Raises UsageError when the
    environment or the folder is not fit for it, ReconcileError when pip fails or the artefact is too large.
    """
    if not re.fullmatch(r"3\.\d+", python):
        raise UsageError(f"{python!r} is no version of Python: write --python {PYTHON}")
    into = into.absolute()
    if into.exists() and not (into / PINS).is_file() and (not into.is_dir() or any(into.iterdir())):
        raise UsageError(f"{into} is something else than an artefact: name another folder with --into")
    pins = pinned(python)
    into.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".artefact-", dir=into.parent) as workshop:
        fresh = Path(workshop) / "fresh"
        _install(pins, python, fresh)
        shutil.copytree(_PACKAGE, fresh / _PACKAGE.name, ignore=shutil.ignore_patterns(*_LEFT_OUT))
        _trim(fresh)
        _refuse_gaps(fresh, python)
        size = _smooth(fresh)
        if size >= LIMIT:
            raise ReconcileError(
                f"it is {size:,} bytes unzipped and Lambda takes {LIMIT:,}: leave something out"
            )
        if into.exists():
            into.rename(Path(workshop) / "old")
        fresh.rename(into)
    return into, size


def pinned(python: str) -> list[Pin]:
    """Return what the lock says of the project's run-time dependencies, and of theirs, by name.

    Raises UsageError when there is no lock, or the environment was not made from it.
    """
    try:
        project = tomllib.loads((_PACKAGE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        lock = (_PACKAGE.parent / "requirements.lock").read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"{error.filename} cannot be read: build from a checkout, installed with -e"
        ) from error
    here, there = read_lock(lock, _this_machine()), read_lock(lock, _lambda(python))

    def _requires(name: str) -> Sequence[str]:
        try:
            distribution = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            raise UsageError(f"{name} is not installed: install requirements.lock") from None
        if name not in here or distribution.version != here[name].version:
            raise UsageError(
                f"{name} {distribution.version} is not what requirements.lock says: install that again"
            )
        return distribution.requires or ()

    names = closure(project["dependencies"], _requires, _lambda(python))
    if lacking := names - there.keys():
        raise UsageError(
            f"requirements.lock has no {min(lacking)} for Python {python}: renew it, or correct --python"
        )
    return [there[name] for name in sorted(names)]


def read_lock(text: str, environment: MarkerValues) -> dict[str, Pin]:
    """Return the entries of a lock file that hold in an environment, by canonical name."""
    pins = dict[str, Pin]()
    for entry in text.replace("\\\n", " ").splitlines():
        stated, *hashes = (part.strip() for part in entry.split("--hash="))
        for requirement in _called_for([stated] if hashes else [], environment):
            name = canonicalize_name(requirement.name)
            pins[name] = Pin(name, str(requirement.specifier).removeprefix("=="), tuple(hashes))
    return pins


def closure(
    wanted: Iterable[str], requires: Callable[[str], Sequence[str]], environment: MarkerValues
) -> set[str]:
    """Return the canonical names of all that requirements call for in an environment, at any remove.

    `requires` returns what a package requires in its turn.
    """
    waiting, seen = _called_for(wanted, environment), set[tuple[str, str]]()
    while waiting:
        requirement = waiting.pop()
        for extra in ("", *requirement.extras):
            package = (canonicalize_name(requirement.name), extra)
            if package not in seen:
                seen.add(package)
                waiting += _called_for(requires(package[0]), {**environment, "extra": extra})
    return {name for name, _ in seen}


def _called_for(stated: Iterable[str], environment: MarkerValues) -> list[Requirement]:
    requirements = map(Requirement, stated)
    return [
        requirement
        for requirement in requirements
        if requirement.marker is None or requirement.marker.evaluate(environment)
    ]


def _this_machine() -> MarkerValues:
    return {name: str(value) for name, value in default_environment().items()}


def _lambda(python: str) -> MarkerValues:
    return {
        **_this_machine(),
        "python_version": python,
        "python_full_version": f"{python}.0",
        "implementation_name": "cpython",
        "implementation_version": f"{python}.0",
        "platform_python_implementation": "CPython",
        "sys_platform": "linux",
        "platform_system": "Linux",
        "platform_machine": "x86_64",
        "os_name": "posix",
    }


def _install(pins: Iterable[Pin], python: str, folder: Path) -> None:
    folder.mkdir()
    listed = folder / PINS
    listed.write_text("".join(f"{pin}\n" for pin in pins), encoding="utf-8")
    command = (sys.executable, "-m", "pip", "install", *_PIP, f"--python-version={python}")
    if subprocess.run((*command, f"--target={folder}", f"--requirement={listed}"), check=False).returncode:
        raise ReconcileError("pip could not install the dependencies: what it says stands above")


def _trim(folder: Path) -> None:
    for pattern in _USELESS:
        for path in sorted(folder.glob(pattern), reverse=True):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _refuse_gaps(folder: Path, python: str) -> None:
    """Raise when something in the artefact needs what is not in it, or another Python."""
    inside = {
        str(canonicalize_name(distribution.name)): distribution
        for distribution in metadata.distributions(path=[str(folder)])
    }
    for name, package in inside.items():
        if any(
            python not in SpecifierSet(specifier)
            for specifier in package.metadata.get_all("Requires-Python") or ()
        ):
            raise ReconcileError(
                f"{name} {package.version} is not for Python {python}: renew requirements.lock"
            )

    def _requires(name: str) -> Sequence[str]:
        if name not in inside:
            raise ReconcileError(f"{name} is needed and was not installed: renew requirements.lock")
        return inside[name].requires or ()

    closure(inside, _requires, _lambda(python))


def _smooth(folder: Path) -> int:
    """Give every file the same time and rights, so that equal artefacts are equal; return their bytes."""
    size = 0
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
        os.utime(path, (_THE_YEAR_2000, _THE_YEAR_2000))
        size += 0 if path.is_dir() else path.stat().st_size
    return size


def main(arguments: Sequence[str] | None = None) -> int:
    """Build from the shell, say how large it became, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m reconcile.artefact", description=__doc__)
    parser.add_argument("--into", type=Path, default=INTO, help=f"the folder that is made (default {INTO})")
    parser.add_argument("--python", default=PYTHON, help=f"the Python that it is for (default {PYTHON})")
    chosen = parser.parse_args(arguments)
    try:
        into, size = build(chosen.python, chosen.into)
    except ReconcileError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    sys.stdout.write(f"{into}: for Python {chosen.python}, {size:,} bytes unzipped of {LIMIT:,}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
