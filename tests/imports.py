"""Which module imports which, read from the sources without importing them."""

import ast
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass


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
        inside = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        checking = _is_type_checking(node)
        yield from _imports_in(by, node, names, run=run and not checking, start=start and not inside)


def _is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
