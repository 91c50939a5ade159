"""Finds what the Lambda function needs: the modules that its handler reaches, and what these import."""

import ast
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import reconcile
from reconcile.artefact.imports import Import, imports_of, loaded_from
from reconcile.artefact.lock import Pin, Requires, closure, on_lambda, read_lock, this_machine
from reconcile.model.errors import UsageError

PACKAGE = Path(reconcile.__file__).parent

PIP = (
    "-qq",
    "--no-input",
    "--disable-pip-version-check",
    "--no-compile",
    "--no-deps",
    "--require-hashes",
    "--only-binary=:all:",
)
"""How pip installs what the lock says: exactly that, and nothing is built."""
ENTRANCE = "handler"


@dataclass(frozen=True, slots=True)
class Project:
    """A checkout: its package, what pyproject.toml says, and the text of requirements.lock.

    `titles` are its name, version and license as far as they are given, `dependencies` what it needs when it
    runs, `data` the patterns of the files, beside the modules, that each of its packages holds.
    """

    package: Path
    titles: Mapping[str, str]
    dependencies: tuple[str, ...]
    data: Mapping[str, Sequence[str]]
    lock: str

    @classmethod
    def of(cls, package: Path) -> "Project":
        """Read the files beside a package; raises UsageError."""
        try:
            settings = tomllib.loads((package.parent / "pyproject.toml").read_text(encoding="utf-8"))
            lock = (package.parent / "requirements.lock").read_text(encoding="utf-8")
        except OSError as error:
            raise UsageError(
                f"{error.filename} cannot be read: build from a checkout, installed with -e"
            ) from error
        project, tools = settings["project"], settings.get("tool", {}).get("setuptools", {})
        titles = {name: project[name] for name in ("name", "version", "license") if name in project}
        return cls(package, titles, tuple(project["dependencies"]), tools.get("package-data", {}), lock)

    def files(self) -> Iterator[Path]:
        """Yield the files of the package that the function needs: the modules, and their packages' data."""
        modules, _ = reached(self.package)
        for name in sorted(modules):
            yield modules[name]
        for name in sorted(self.data.keys() & modules.keys()):
            for pattern in self.data[name]:
                yield from sorted(modules[name].parent.glob(pattern))

    def pins(self, python: str) -> list[Pin]:
        """Return what the lock says of the packages that the function needs on a Python, by name.

        Raises UsageError when the environment was not made from the lock, or an import has no dependency.
        """
        requires, there = self._requires(), read_lock(self.lock, on_lambda(python))
        providers = _providers(
            reached(self.package)[1], closure(self.dependencies, requires, on_lambda(python))
        )
        wanted = [one for one in self.dependencies if canonicalize_name(Requirement(one).name) in providers]
        names = closure(wanted, requires, on_lambda(python))
        if lacking := names - there.keys():
            raise UsageError(
                f"requirements.lock has no {min(lacking)} for Python {python}: renew it, or correct --python"
            )
        if undeclared := providers.keys() - names:
            missing = min(undeclared)
            raise UsageError(
                f"{providers[missing]} is imported: name {missing} among the dependencies in pyproject.toml"
            )
        return [there[name] for name in sorted(names)]

    def run_time_pins(self) -> list[Pin]:
        """Return what the lock says of all that the project depends on, on this machine, by name.

        Raises UsageError when the environment was not made from the lock.
        """
        here = read_lock(self.lock, this_machine())
        return [here[name] for name in sorted(closure(self.dependencies, self._requires(), this_machine()))]

    def _requires(self) -> Requires:
        """Return what says of an installed package what it requires, and refuses one that the lock lacks."""
        here = read_lock(self.lock, this_machine())

        def _required_by(name: str) -> Sequence[str]:
            try:
                distribution = metadata.distribution(name)
            except metadata.PackageNotFoundError:
                raise UsageError(f"{name} is not installed: install requirements.lock") from None
            if name not in here or distribution.version != here[name].version:
                raise UsageError(
                    f"{name} {distribution.version} is not what requirements.lock says: install that again"
                )
            return distribution.requires or ()

        return _required_by


@cache
def reached(package: Path) -> tuple[Mapping[str, Path], frozenset[str]]:
    """Return the modules of a package that its handler reaches, and the libraries that these import."""
    files = {_module(package, path): path for path in sorted(package.rglob("*.py"))}
    found: list[Import] = imports_of({name: ast.parse(path.read_bytes()) for name, path in files.items()})
    names = loaded_from(f"{package.name}.{ENTRANCE}", found, files)
    tops = {one.of.partition(".")[0] for one in found if one.at_run_time and one.by in names}
    libraries = tops - {package.name} - sys.stdlib_module_names
    return {name: files[name] for name in names}, frozenset(libraries)


def _module(package: Path, path: Path) -> str:
    parts = path.relative_to(package.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _providers(imported: frozenset[str], closed: set[str]) -> dict[str, str]:
    """Return the packages, of all that the project depends on, that libraries are imported from."""
    known = metadata.packages_distributions()
    providers = dict[str, str]()
    for library in sorted(imported):
        names = {str(canonicalize_name(name)) for name in known.get(library, ())} & closed
        if not names:
            raise UsageError(
                f"{library} is imported, and no dependency in pyproject.toml brings it: name one there"
            )
        providers |= dict.fromkeys(names, library)
    return providers
