"""Reads lock files, and follows what requirements call for."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

MarkerValues = Mapping[str, str]
"""What the markers of requirements see of a machine and its Python."""

Requires = Callable[[str], Sequence[str]]
"""Returns what a package, by its canonical name, requires in its turn."""


@dataclass(frozen=True, slots=True)
class Pin:
    """One entry of a lock: a version of a package, with the hashes of its files."""

    name: str
    version: str
    hashes: tuple[str, ...]

    def __str__(self) -> str:
        """Return it as a line of a requirements file."""
        return " ".join((f"{self.name}=={self.version}", *(f"--hash={digest}" for digest in self.hashes)))


def read_lock(text: str, environment: MarkerValues) -> dict[str, Pin]:
    """Return the entries of a lock file that hold in an environment, by canonical name."""
    return {pin.name: pin for requirement, pin in entries(text) if _holds(requirement, environment)}


def entries(text: str) -> Iterator[tuple[Requirement, Pin]]:
    """Yield the entries of a lock file, each as it is stated and as a pin; one package may have several."""
    for entry in text.replace("\\\n", " ").splitlines():
        stated, *hashes = (part.strip() for part in entry.split("--hash="))
        if hashes:
            requirement = Requirement(stated)
            name = canonicalize_name(requirement.name)
            yield requirement, Pin(name, str(requirement.specifier).removeprefix("=="), tuple(hashes))


def closure(wanted: Iterable[str], requires: Requires, environment: MarkerValues) -> set[str]:
    """Return the canonical names of all that requirements call for in an environment, at any remove."""
    waiting, seen = called_for(wanted, environment), set[tuple[str, str]]()
    while waiting:
        requirement = waiting.pop()
        for extra in ("", *requirement.extras):
            package = (canonicalize_name(requirement.name), extra)
            if package not in seen:
                seen.add(package)
                waiting += called_for(requires(package[0]), {**environment, "extra": extra})
    return {name for name, _ in seen}


def called_for(stated: Iterable[str], environment: MarkerValues) -> list[Requirement]:
    """Return the requirements that hold in an environment."""
    return [requirement for requirement in map(Requirement, stated) if _holds(requirement, environment)]


def _holds(requirement: Requirement, environment: MarkerValues) -> bool:
    return requirement.marker is None or requirement.marker.evaluate(environment)


def this_machine() -> MarkerValues:
    """Return what markers see of this machine and this Python."""
    return {name: str(value) for name, value in default_environment().items()}


def on_lambda(python: str) -> MarkerValues:
    """Return what markers see of Lambda's x86_64 and a Python such as `3.13`."""
    return {
        **this_machine(),
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
