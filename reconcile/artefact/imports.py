"""Which module imports which, read from the sources without importing them."""

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

_HOLDS_STATEMENTS = (ast.stmt, ast.excepthandler, ast.match_case)


@dataclass(frozen=True, slots=True)
class Import:
    """One import; `at_run_time` unless it is for types only, `at_start` unless it stands in a function."""

    by: str
    of: str
    at_run_time: bool
    at_start: bool


def imports_of(trees: Mapping[str, ast.AST]) -> list[Import]:
    """Return the imports of modules (name -> tree), the outside world's modules among their targets."""
    return [found for name, tree in trees.items() for found in _imports_in(name, tree, trees)]


def reach(edges: Mapping[str, Collection[str]]) -> dict[str, set[str]]:
    """Return what can be reached from each name by one edge or more; who reaches itself lies in a circle."""
    reached = {name: set(targets) for name, targets in edges.items()}
    for through in edges:
        for name in edges:
            if through in reached[name]:
                reached[name] |= reached[through]
    return reached


def loaded_from(start: str, imports: Iterable[Import], names: Collection[str]) -> set[str]:
    """Return the modules among `names` that one leads to: it, all it imports anywhere, and their packages."""
    edges = dict[str, set[str]]()
    for one in imports:
        if one.at_run_time:
            edges.setdefault(one.by, set()).update(_with_packages(one.of))
    found, waiting = set[str](), _with_packages(start)
    while waiting:
        name = waiting.pop()
        if name in names and name not in found:
            found.add(name)
            waiting |= edges.get(name, set())
    return found


def _with_packages(module: str) -> set[str]:
    parts = module.split(".")
    return {".".join(parts[: number + 1]) for number in range(len(parts))}


def _imports_in(
    by: str, tree: ast.AST, names: Collection[str], *, run: bool = True, start: bool = True
) -> Iterator[Import]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (Import(by, alias.name, run, start) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{by} imports relatively"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield Import(by, inner if inner in names else node.module or "", run, start)
        if not isinstance(node, _HOLDS_STATEMENTS):
            continue
        inside = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        checking = _is_type_checking(node)
        yield from _imports_in(by, node, names, run=run and not checking, start=start and not inside)


def _is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
