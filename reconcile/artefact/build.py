"""Builds the artefact: a folder for Lambda, its bill of materials beside it, and an archive if wanted."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from reconcile.artefact.contents import PACKAGE, PIP, Project
from reconcile.artefact.lock import Pin, closure, on_lambda
from reconcile.artefact.pack import pack, smooth, weight
from reconcile.artefact.sbom import bill
from reconcile.artefact.trim import trim
from reconcile.model.errors import ReconcileError, UsageError

PYTHON = "3.13"
"""The Runtime of schedule.yaml. Lambda's python3.11 is Amazon Linux 2, whose glibc 2.26 is too old for the
wheels of numpy and pandas; from 3.12 on it is Amazon Linux 2023 with glibc 2.34:
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html"""

INTO = Path("build/artefact")
PINS = "artefact-requirements.txt"
"""Lies in the artefact: what was installed into it, each with the hash of the file that pip took."""

LIMIT, ZIP_LIMIT = 120_000_000, 40_000_000
"""Bytes unzipped and zipped that the project allows itself: every cold start loads them."""

LAMBDA_LIMIT = 250_000_000
"""Bytes unzipped. Lambda takes 250 MB, https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html;
the smaller reading of that."""

_PIP = (
    *PIP,
    "--platform=manylinux_2_28_x86_64",
    "--platform=manylinux_2_17_x86_64",
    "--platform=manylinux2014_x86_64",
    "--implementation=cp",
    # pip would go by the Python that it runs on; _refuse_gaps goes by the one that the artefact is for.
    "--ignore-requires-python",
)


@dataclass(frozen=True, slots=True)
class Artefact:
    """What was built: the folder and its bytes, now and before anything was left out; the bill beside it.

    `zipped` is the archive's bytes, None when none was wanted.
    """

    folder: Path
    bill: Path
    installed: int
    size: int
    zipped: int | None = None


def build(python: str = PYTHON, into: Path = INTO, archive: Path | None = None) -> Artefact:
    """Build the artefact for Lambda's x86_64 and a Python such as `3.13`, and zip it into `archive` if given.

    A folder that an earlier build left is replaced when the new one is whole. Raises UsageError when the
    environment or the folder is not fit for it, ReconcileError when pip fails or the artefact is too large.
    """
    if not re.fullmatch(r"3\.\d+", python):
        raise UsageError(f"{python!r} is no version of Python: write --python {PYTHON}")
    into = into.absolute()
    if into.exists() and not (into / PINS).is_file() and (not into.is_dir() or any(into.iterdir())):
        raise UsageError(f"{into} is something else than an artefact: name another folder with --into")
    project = Project.of(PACKAGE)
    pins = project.pins(python)
    into.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".artefact-", dir=into.parent) as workshop:
        fresh, packed = Path(workshop) / "fresh", Path(workshop) / "fresh.zip"
        taken = _install(pins, python, fresh)
        _copy(project, fresh)
        installed = weight(fresh)
        trim(fresh)
        listed = bill(project.titles, taken, _refuse_gaps(fresh, python), on_lambda(python))
        built = Artefact(into, into.with_name(f"{into.name}.cdx.json"), installed, smooth(fresh))
        _refuse_weight("unzipped", built.size, LIMIT)
        if archive:
            built = replace(built, zipped=pack(fresh, packed))
            _refuse_weight("zipped", built.zipped or 0, ZIP_LIMIT)
            archive.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(packed, archive)
        if into.exists():
            into.rename(Path(workshop) / "old")
        fresh.rename(into)
        built.bill.write_text(listed, encoding="utf-8")
    return built


def _refuse_weight(how: str, size: int, limit: int) -> None:
    if size >= limit:
        raise ReconcileError(
            f"it is {size:,} bytes {how}, and the project allows itself {limit:,} (Lambda takes "
            f"{LAMBDA_LIMIT:,} unzipped): leave something out in reconcile/artefact/trim.py"
        )


def _install(pins: Iterable[Pin], python: str, folder: Path) -> list[Pin]:
    """Install packages into a folder that is made; return them with the hash of the file that was taken."""
    folder.mkdir()
    listed, told = folder / PINS, folder.with_name("pip.json")
    listed.write_text("".join(f"{pin}\n" for pin in pins), encoding="utf-8")
    command = (sys.executable, "-m", "pip", "install", *_PIP, f"--python-version={python}")
    # Whoever wants pip's report gets it where it is set to be.
    given = {"PIP_REPORT": str(told), **os.environ}
    places = (f"--target={folder}", f"--requirement={listed}")
    if subprocess.run((*command, *places), env=given, check=False).returncode:
        raise ReconcileError("pip could not install the dependencies: what it says stands above")
    report = json.loads(Path(given["PIP_REPORT"]).read_text(encoding="utf-8"))
    taken = sorted((_taken(one) for one in report["install"]), key=lambda pin: pin.name)
    listed.write_text("".join(f"{pin}\n" for pin in taken), encoding="utf-8")
    return taken


def _taken(installed: Mapping[str, Mapping[str, Mapping[str, Mapping[str, str]]]]) -> Pin:
    """Read what pip reports of one package: https://pip.pypa.io/en/stable/reference/installation-report/."""
    told, hashes = installed["metadata"], installed["download_info"]["archive_info"]["hashes"]
    digest = f"sha256:{hashes['sha256']}"
    return Pin(canonicalize_name(str(told["name"])), str(told["version"]), (digest,))


def _copy(project: Project, folder: Path) -> None:
    """Copy what the function needs of this package, and the licence of all of it."""
    there = folder / project.package.name
    for path in project.files():
        copy = there / path.relative_to(project.package)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    shutil.copyfile(project.package.parent / "LICENSE", there / "LICENSE")


def _refuse_gaps(folder: Path, python: str) -> dict[str, metadata.Distribution]:
    """Return the packages inside, by name; raise when one needs what is not there, or another Python."""
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

    closure(inside, _requires, on_lambda(python))
    return inside
