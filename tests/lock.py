"""Renews the lock files with uv, and tells what changed: `python -m tests.lock`."""

import argparse
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from reconcile.artefact.lock import Pin, entries
from reconcile.model.errors import ReconcileError, UsageError

ROOT = Path(__file__).parents[1]
HEADER = "# Renewed with: python -m tests.lock\n"
COMPILE = (
    "--quiet",
    "--universal",
    # The oldest Python that the project takes; newer ones get entries of their own where they differ.
    "--python-version=3.11",
    "--generate-hashes",
    "--no-header",
    "--no-annotate",
)
INSTALL = "pipx install uv, or see https://docs.astral.sh/uv/getting-started/installation/"


@dataclass(frozen=True, slots=True)
class LockFile:
    """A lock and what it is made from: an extra or more of pyproject.toml, with what the job needs or alone.

    `stated` are further requirements; `options` are uv's.
    """

    path: str
    extras: tuple[str, ...] = ()
    with_job: bool = False
    stated: tuple[str, ...] = ()
    options: tuple[str, ...] = ()

    def source(self, root: Path) -> tuple[list[str], str]:
        """Return how uv is told what is wanted, and what it reads from standard input."""
        if self.with_job:
            return ["pyproject.toml", *(f"--extra={extra}" for extra in self.extras)], ""
        settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
        optional: dict[str, list[str]] = settings["project"].get("optional-dependencies", {})
        wanted = {requirement for extra in self.extras for requirement in optional[extra]}
        return ["-"], "".join(f"{one}\n" for one in sorted(wanted | set(self.stated)))


LOCKS = (
    LockFile("requirements.lock", ("dev",), with_job=True),
    # Apart, for PySpark alone takes 450 MB.
    LockFile("tests/engines.lock", ("duckdb", "spark")),
    # SAM's own parser, without what its tool needs: that would not go with what the job needs.
    LockFile(
        ".ci/sam.lock",
        stated=("aws-sam-cli==1.170.0", "ruamel.yaml==0.18.16", "tomlkit==0.13.3"),
        options=("--no-deps",),
    ),
)


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one package in a lock: its versions before and after, none where it was not in it."""

    name: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    files: tuple[int, int] = (0, 0)

    def __str__(self) -> str:
        """Return it as one line."""
        before, after = ", ".join(self.before), ", ".join(self.after)
        if not before:
            return f"added    {self.name} {after}"
        if not after:
            return f"removed  {self.name} {before}"
        if before != after:
            return f"changed  {self.name} {before} → {after}"
        more, fewer = self.files
        return f"same     {self.name} {after}: {more} files more, {fewer} fewer, or for other machines"


def changes(before: str, after: str) -> list[Change]:
    """Return what differs between two texts of a lock, by name."""
    old, new = _by_name(before), _by_name(after)
    return [
        Change(name, _versions(was), _versions(now), _files(was, now))
        for name in sorted(old.keys() | new.keys())
        for was, now in [(old.get(name, ()), new.get(name, ()))]
        if was != now
    ]


Stated = tuple[tuple[str, Pin], ...]
"""The entries of one package: the markers and the pin of each."""


def _by_name(text: str) -> dict[str, Stated]:
    found = dict[str, Stated]()
    for requirement, pin in entries(text):
        found[pin.name] = (*found.get(pin.name, ()), (str(requirement.marker), pin))
    return found


def _versions(stated: Stated) -> tuple[str, ...]:
    return tuple(dict.fromkeys(pin.version for _, pin in stated))


def _files(was: Stated, now: Stated) -> tuple[int, int]:
    old, new = ({digest for _, pin in stated for digest in pin.hashes} for stated in (was, now))
    return len(new - old), len(old - new)


def renew(root: Path, lock: LockFile, options: Iterable[str]) -> list[Change]:
    """Renew one lock in a checkout; return what changed.

    Raises UsageError without uv, ReconcileError when uv fails or names a registry; then the lock stays.
    """
    uv = shutil.which("uv")
    if not uv:
        raise UsageError(f"uv is not installed: {INSTALL}")
    path = root / lock.path
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    source, wanted = lock.source(root)
    with TemporaryDirectory() as folder:
        # uv keeps what stands in the file that it writes, but for what it is told to renew.
        fresh = Path(folder) / path.name
        fresh.write_text(before, encoding="utf-8")
        command = [uv, "pip", "compile", *source, *COMPILE, *lock.options, *options, f"--output-file={fresh}"]
        done = subprocess.run(
            command, cwd=root, input=wanted, text=True, stdout=subprocess.DEVNULL, check=False
        )
        if done.returncode:
            raise ReconcileError(f"uv could not renew {lock.path}: what it says stands above")
        after = fresh.read_text(encoding="utf-8")
    if "://" in after:
        raise ReconcileError(f"uv wrote an address into {lock.path}: a lock names packages and no place")
    path.write_text(HEADER + after.removeprefix(HEADER), encoding="utf-8")
    return changes(before, after)


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Renew every lock file, print what changed, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.lock", description=__doc__)
    chosen = parser.add_mutually_exclusive_group()
    chosen.add_argument("--keep", action="store_true", help="only add what pyproject.toml newly calls for")
    chosen.add_argument("--only", action="append", metavar="PACKAGE", help="renew this one; may be repeated")
    asked = parser.parse_args(arguments)
    options = [] if asked.keep else ["--upgrade"]
    if asked.only:
        options = [f"--upgrade-package={name}" for name in asked.only]
    try:
        for lock in LOCKS:
            for line in _told(lock.path, renew(root, lock, options)):
                print(line)
    except ReconcileError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    print("Install what changed, as the README says under Test it, and run the tests.")
    return 0


def _told(path: str, changed: Sequence[Change]) -> Iterator[str]:
    yield f"{path}: {len(changed)} changes" if changed else f"{path}: unchanged"
    yield from (f"  {one}" for one in changed)


if __name__ == "__main__":
    sys.exit(main())
