"""The layout: which rooms there are, what each may import, and what the core never touches."""

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import get_args

import pytest

import reconcile
from reconcile.artefact.imports import Import, imports_of, reach
from reconcile.model import finding

STATUSES = finding.__name__
ALIAS = re.compile(r"_?[A-Z][a-z]\w*")
ROOT = Path(reconcile.__file__).parent
RANKS = {
    "reconcile": 0,
    "reconcile.model": 0,
    "reconcile.compare": 1,
    "reconcile.stores": 1,
    "reconcile.collect": 2,
    "reconcile.engines": 2,
    "reconcile.repair": 2,
    "reconcile.report": 2,
    "reconcile.confirm": 3,
    "reconcile.deliver": 3,
    "reconcile.runs": 4,
    "reconcile.settings": 3,
    "reconcile.permissions": 4,
    "reconcile.metrics": 4,
    "reconcile.job": 5,
    "reconcile.undo": 5,
    "reconcile.explain": 6,
    "reconcile.sandbox": 6,
    "reconcile.artefact": 6,
    "reconcile.wiring": 7,
    "reconcile.wiring_writes": 8,
    "reconcile.doctor": 8,
    "reconcile.cli": 9,
    "reconcile.handler": 9,
    "reconcile.__main__": 10,
}
"""How high each room stands; nothing is imported from a room above."""

CORE = (
    "reconcile.model",
    "reconcile.compare",
    "reconcile.repair.plan",
    "reconcile.repair.plan_groups",
    "reconcile.repair.plan_programs",
    "reconcile.repair.plan_records",
    "reconcile.repair.plan_rows",
    "reconcile.repair.planned",
    "reconcile.repair.describe",
    "reconcile.repair.program_item",
    "reconcile.repair.guards",
    "reconcile.report.action_parts",
    "reconcile.report.action_repairs",
    "reconcile.report.action_words",
    "reconcile.report.actions",
    "reconcile.report.chain",
    "reconcile.report.csv",
    "reconcile.report.data",
    "reconcile.report.fates",
    "reconcile.report.build",
    "reconcile.report.decisions",
    "reconcile.report.history",
    "reconcile.report.links",
    "reconcile.report.run_list",
    "reconcile.undo.fold",
    "reconcile.undo.plan",
    "reconcile.undo.records",
    "reconcile.undo.reversals",
    "reconcile.undo.rows",
    "reconcile.undo.stored",
)
ENTRANCES = ("reconcile.cli", "reconcile.handler", "reconcile.doctor.clients", "reconcile.doctor.examine")
WIRING = ("reconcile.wiring", "reconcile.wiring_writes")
"""Where a run is wired; everything else is handed what it uses."""
OUTSIDE = {
    "boto3",
    "botocore",
    "algoliasearch",
    "os",
    "time",
    "clock",
    "socket",
    "http",
    "urllib.request",
    "subprocess",
    "random",
}

WRITE_PORTS = "reconcile.stores.write_ports"
WRITERS = {
    "reconcile.stores.algolia_writing",
    "reconcile.stores.dynamodb_undoing",
    "reconcile.stores.dynamodb_writing",
    "reconcile.stores.transactions",
    "reconcile.repair.apply_programs",
    "reconcile.repair.apply_records",
    "reconcile.repair.writing",
    "reconcile.runs.ports",
    "reconcile.undo.ports",
    "reconcile.wiring_writes",
}
"""Who may import what writes to the application's stores: the adapters, the repair and the wiring."""


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {module_name(path): path for path in sorted(ROOT.rglob("*.py"))}


@cache
def trees() -> dict[str, ast.Module]:
    """Return the modules as Python reads them, by name."""
    return {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in FILES.items()}


@cache
def imports() -> list[Import]:
    """Return all that the modules import."""
    return imports_of(trees())


@cache
def inner() -> list[Import]:
    """Return what the modules import of one another."""
    return [found for found in imports() if found.of.split(".")[0] == "reconcile"]


def room(module: str) -> str:
    """Return the room that a module lies in."""
    held = [
        name for name in RANKS if module == name or (module.startswith(f"{name}.") and name != "reconcile")
    ]
    return max(held, key=len)


def within(module: str, places: tuple[str, ...]) -> bool:
    return any(module == place or module.startswith(f"{place}.") for place in places)


def test_every_module_lies_in_a_room_of_the_layout() -> None:
    assert len(FILES) > 60
    assert [name for name in FILES if room(name) == "reconcile" and name != "reconcile"] == []


def test_no_import_runs_up() -> None:
    up = [(one.by, one.of) for one in inner() if RANKS[room(one.by)] < RANKS[room(one.of)]]
    assert up == []


def test_stores_and_compare_stand_beside_each_other() -> None:
    rooms = {(room(one.by), room(one.of)) for one in inner()}
    assert ("reconcile.stores", "reconcile.compare") not in rooms
    assert ("reconcile.compare", "reconcile.stores") not in rooms


def test_the_report_never_writes_and_the_repair_never_reports() -> None:
    told = {(room(one.by), one.of) for one in inner()}
    assert ("reconcile.report", "reconcile.repair.apply") not in told
    assert not [of for by, of in told if by == "reconcile.repair" and room(of) == "reconcile.report"]


def test_only_the_adapters_the_repair_and_the_wiring_import_what_writes() -> None:
    assert {one.by for one in inner() if one.of == WRITE_PORTS} == WRITERS


def test_only_the_entrances_and_the_doctor_know_the_wiring() -> None:
    by = {one.by for one in inner() if one.of in WIRING} - set(WIRING)
    assert by
    assert [module for module in sorted(by) if not within(module, ENTRANCES)] == []


def circle(edges: dict[str, set[str]]) -> list[str]:
    """Return the modules that can reach themselves."""
    reached = reach(edges)
    return sorted(name for name in edges if name in reached[name])


def test_no_module_imports_itself_by_way_of_others() -> None:
    edges: dict[str, set[str]] = {name: set() for name in FILES}
    for one in inner():
        if one.at_run_time and one.by != one.of:
            edges[one.by].add(one.of)
    assert circle(edges) == []


def test_a_circle_would_be_found() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == ["a", "b", "c"]


def test_the_core_does_not_even_lead_to_what_writes() -> None:
    edges: dict[str, set[str]] = {name: set() for name in FILES}
    for one in inner():
        if one.at_run_time:
            edges[one.by].add(one.of)
    reached = reach(edges)
    assert {name for name in FILES if within(name, CORE) and WRITE_PORTS in reached[name]} == set()
    assert WRITE_PORTS in reached["reconcile.job"]


@pytest.mark.parametrize("module", [name for name in FILES if within(name, CORE)])
def test_the_core_knows_no_store_no_clock_and_no_environment(module: str) -> None:
    foreign = {one.of for one in imports() if one.by == module and not one.of.startswith("reconcile")}
    assert {of for of in foreign if within(of, tuple(OUTSIDE))} == set()
    names = [node.attr for node in ast.walk(trees()[module]) if isinstance(node, ast.Attribute)]
    assert not {"now", "utcnow", "today"} & set(called(module))
    assert not {"environ", "getenv"} & set(names)


def called(module: str) -> Iterator[str]:
    """Yield the names of the methods that a module calls."""
    for node in ast.walk(trees()[module]):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.func.attr


def test_the_world_knows_nothing_of_how_it_is_judged() -> None:
    world = [one for one in inner() if one.by.startswith("reconcile.sandbox.world")]
    assert world
    assert {one.of for one in world if not one.of.startswith("reconcile.sandbox.world")} == set()


@pytest.mark.parametrize("slow", ["pandas", "narwhals", "algoliasearch", "moto"])
def test_what_is_slow_to_import_is_imported_only_where_it_is_used(slow: str) -> None:
    at_start = {
        one.by for one in imports() if one.of.split(".")[0] == slow and one.at_start and one.at_run_time
    }
    reached = reachable("reconcile.cli.app")
    assert at_start & reached == set()


def reachable(module: str) -> set[str]:
    """Return the modules that are loaded as soon as one is."""
    edges: dict[str, set[str]] = {name: set() for name in FILES}
    for one in inner():
        if one.at_run_time and one.at_start:
            edges[one.by].add(one.of)
    found, waiting = {module}, [module]
    while waiting:
        for target in edges[waiting.pop()] - found:
            found.add(target)
            waiting.append(target)
    return found


def classes_and_aliases(trees: Mapping[str, ast.Module]) -> Iterator[tuple[str, bool, str]]:
    """Yield the name of each class or alias, whether it is a class, and its module."""
    for module, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                yield node.name, True, module
        for statement in tree.body:
            if isinstance(statement, ast.Assign):
                for target in statement.targets:
                    if isinstance(target, ast.Name) and ALIAS.fullmatch(target.id):
                        yield target.id, False, module


def names_of_two_things(trees: Mapping[str, ast.Module]) -> dict[str, list[str]]:
    """Return the names of classes that stand for something else too, and the modules that define it."""
    names: dict[str, list[str]] = {}
    classes = set()
    for name, is_class, module in classes_and_aliases(trees):
        names.setdefault(name, []).append(module)
        if is_class:
            classes.add(name)
    return {name: modules for name, modules in names.items() if name in classes and len(modules) > 1}


def test_every_class_has_a_name_of_its_own() -> None:
    assert names_of_two_things(trees()) == {}


def test_a_class_name_that_stands_twice_would_be_found() -> None:
    trees = {"a": ast.parse("class Bar: ..."), "b": ast.parse("Bar = int"), "c": ast.parse("class Foo: ...")}
    assert names_of_two_things(trees) == {"Bar": ["a", "b"]}


@pytest.mark.parametrize("module", sorted(FILES))
def test_every_module_says_what_it_is_for_in_one_line(module: str) -> None:
    told = ast.get_docstring(trees()[module])
    assert told is not None
    assert told.splitlines()[0].endswith((".", "?"))


def texts_together(tree: ast.AST) -> Iterator[tuple[int, set[str]]]:
    """Yield the line and the texts of each tuple, list or set that is written out as several texts."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Tuple | ast.List | ast.Set):
            texts = {one.value for one in node.elts if isinstance(one, ast.Constant)}
            if len(texts) == len(node.elts) > 1 and all(isinstance(text, str) for text in texts):
                yield node.lineno, {str(text) for text in texts}


@pytest.mark.parametrize("module", sorted(FILES.keys() - {STATUSES}))
def test_which_statuses_go_together_is_said_in_one_place(module: str) -> None:
    every = set(get_args(finding.Status))
    assert [line for line, texts in texts_together(trees()[module]) if texts <= every] == []


def test_statuses_that_are_written_out_would_be_found() -> None:
    assert list(texts_together(ast.parse('_OPEN = ("new", "open")'))) == [(1, {"new", "open"})]


@pytest.mark.parametrize("name", ["NEEDS_A_PERSON", "NEW", "NEWS", "OPEN", "UNRESOLVED", "UNTOUCHED"])
def test_every_group_of_statuses_holds_statuses_alone(name: str) -> None:
    assert set(getattr(finding, name)) <= set(get_args(finding.Status))


def test_what_needs_a_person_is_open_and_what_is_open_is_not_resolved() -> None:
    assert set(finding.NEEDS_A_PERSON) < set(finding.OPEN) < set(finding.UNRESOLVED)
    assert set(get_args(finding.Status)) - set(finding.UNRESOLVED) == {"repaired"}
