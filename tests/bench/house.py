"""How the package is laid out: files a folder, the longest file and function, and who imports whom.

A room is a module or folder that lies directly in a folder; an arrow leads from a room to another that it
imports when it runs; the floors are the longest chain of rooms that import one another. Rooms of one circle
stand on one floor.
"""

import argparse
import ast
import io
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from reconcile.artefact.imports import Import, imports_of, reach
from tests.bench.sheet import Sheet

ROOT = Path(__file__).parents[2]
PACKAGE = "reconcile"
LONG_FILE, LONG_FUNCTION = 300, 60

Sources = Mapping[PurePosixPath, str]
"""The package's Python files, by their path in the repository."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The rooms of one folder and the arrows between them."""

    rooms: frozenset[str]
    arrows: frozenset[tuple[str, str]]

    @property
    def floors(self) -> int:
        """How many rooms the longest chain of imports has."""
        below = self._reach()
        height = dict[str, int]()
        for room in sorted(self.rooms, key=lambda one: len({one, *below[one]})):
            under = [other for other in below[room] if room not in below[other]]
            height[room] = 1 + max((height[other] for other in under), default=0)
        return max(height.values(), default=0)

    @property
    def in_circles(self) -> list[str]:
        """The rooms that import themselves by way of others."""
        return sorted(room for room, below in self._reach().items() if room in below)

    def _reach(self) -> dict[str, set[str]]:
        return reach({room: {of for by, of in self.arrows if by == room} for room in self.rooms})


@dataclass(frozen=True)
class House:
    """The package as it is in one version of the repository."""

    sources: Sources

    @cached_property
    def trees(self) -> dict[str, ast.Module]:
        """The modules by name; a package's `__init__` has the package's."""
        return {_module(path): ast.parse(text) for path, text in self.sources.items()}

    @cached_property
    def imports(self) -> list[Import]:
        """What modules of the package import of it when they run."""
        found = imports_of(self.trees)
        return [one for one in found if one.at_run_time and one.of in self.trees and one.by != one.of]

    @property
    def folders(self) -> dict[str, int]:
        """The number of modules that lie in each folder, packages' `__init__` aside."""
        folders = {str(path.parent): 0 for path in sorted(self.sources)}
        for path in self.sources:
            folders[str(path.parent)] += path.name != "__init__.py"
        return folders

    def plan(self, folder: str) -> Plan:
        """Return the rooms of a folder; what stands in its `__init__` is no room."""
        inside = f"{folder.replace('/', '.')}."
        rooms = {_room(name, inside) for name in self.trees if name.startswith(inside)}
        between = {
            (_room(one.by, inside), _room(one.of, inside))
            for one in self.imports
            if one.by.startswith(inside) and one.of.startswith(inside)
        }
        return Plan(frozenset(rooms), frozenset((by, of) for by, of in between if by != of))

    @cached_property
    def files(self) -> list[tuple[int, str]]:
        """Lines and path of each file, the longest first."""
        return sorted(((text.count("\n"), str(path)) for path, text in self.sources.items()), reverse=True)

    @cached_property
    def functions(self) -> list[tuple[int, str]]:
        """Lines and name of each function, the longest first."""
        found = [
            ((node.end_lineno or node.lineno) - node.lineno + 1, f"{module}.{node.name}")
            for module, tree in self.trees.items()
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        ]
        return sorted(found, reverse=True)


def main(arguments: Sequence[str]) -> int:
    """Print the figures of the working tree, beside those of a commit if one is given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--against", metavar="COMMIT", help="print the figures of this commit beside them")
    against: str | None = parser.parse_args(arguments).against
    houses = {"now": House(working_tree())}
    if against:
        houses = {against: House(committed(against)), **houses}

    sheet = Sheet("Layout of the package")
    columns = list(zip(*(figures(house) for house in houses.values()), strict=True))
    sheet.table(("figure", *houses), [(same[0][0], *(value for _, value in same)) for same in columns])
    for label, house in houses.items():
        (lines, path), (length, name) = house.files[0], house.functions[0]
        sheet.tell(f"{label}: longest file {path} ({lines}), longest function {name} ({length})")
        circles = house.plan(PACKAGE).in_circles
        sheet.tell(f"{label}: rooms in a circle: {', '.join(circles) or 'none'}")
    print()
    sheet.table(
        ("folder", *(f"{what} {label}" for what in ("files", "arrows", "floors") for label in houses)),
        list(by_folder(list(houses.values()))),
    )
    return sheet.exit_code


def figures(house: House) -> list[tuple[str, int]]:
    """Return what is said of the whole package."""
    top = house.plan(PACKAGE)
    return [
        ("modules", sum(house.folders.values())),
        ("folders", len(house.folders)),
        ("modules on the top level", house.folders[PACKAGE]),
        ("most modules in a folder", max(house.folders.values())),
        ("lines", sum(lines for lines, _ in house.files)),
        ("longest file", house.files[0][0]),
        (f"files over {LONG_FILE} lines", sum(lines > LONG_FILE for lines, _ in house.files)),
        ("longest function", house.functions[0][0]),
        (f"functions over {LONG_FUNCTION} lines", sum(lines > LONG_FUNCTION for lines, _ in house.functions)),
        ("rooms on the top level", len(top.rooms)),
        ("arrows between them", len(top.arrows)),
        ("floors", top.floors),
        ("rooms in a circle", len(top.in_circles)),
    ]


def by_folder(houses: Sequence[House]) -> Iterator[tuple[object, ...]]:
    """Yield a row a folder: files, arrows between its rooms and floors, in every house."""
    names = sorted({folder for house in houses for folder in house.folders})
    for name in names:
        plans = [house.plan(name) for house in houses]
        files = [house.folders.get(name, "-") for house in houses]
        there = [name in house.folders for house in houses]
        arrows = [len(plan.arrows) if is_there else "-" for plan, is_there in zip(plans, there, strict=True)]
        floors = [plan.floors if is_there else "-" for plan, is_there in zip(plans, there, strict=True)]
        yield name, *files, *arrows, *floors


def working_tree() -> Sources:
    """Return the files as they lie here."""
    paths = sorted((ROOT / PACKAGE).rglob("*.py"))
    return {PurePosixPath(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in paths}


def committed(commit: str) -> Sources:
    """Return the files of a commit; raises CalledProcessError where there is none."""
    command = ["git", "archive", "--format=tar", commit, PACKAGE]
    packed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        files = [(member.name, archive.extractfile(member)) for member in archive if member.isfile()]
        return {
            PurePosixPath(name): file.read().decode() for name, file in files if file and name.endswith(".py")
        }


def _module(path: PurePosixPath) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _room(module: str, inside: str) -> str:
    return module.removeprefix(inside).partition(".")[0]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
