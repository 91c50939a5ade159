"""Each law holds; without any of its guards its check fails; the page about the laws says what is tested."""

import ast
from collections import Counter

import pytest

from tests.contract.dynamo_rules import Broken
from tests.laws.judging import SEEDS
from tests.laws.law import Check, Guard, Law, neutralise
from tests.laws.page import PAGE, page
from tests.laws.table import LAWS
from tests.unit.strategies import seen

ROOT = PAGE.parents[2]
CHECKS = [check for law in LAWS for check in law.checks]
GUARDS = [guard for law in LAWS for guard in law.guards]
PROMISED = (
    "Partition",
    "Idempotence",
    "Convergence",
    "Order independence",
    "Limits",
    "No false missing",
    "Never revive",
    "Escaping",
    "Round trip",
    "Concurrency",
    "Undo",
)


@pytest.fixture(autouse=True, scope="module")
def _worlds_read_under_every_guard() -> None:
    """Read the worlds that are kept for several tests while no guard is away."""
    for seed in SEEDS:
        seen(seed)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_law_holds(check: Check) -> None:
    check()


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)
def test_without_its_guard_a_law_is_broken(guard: Guard, monkeypatch: pytest.MonkeyPatch) -> None:
    neutralise(guard, monkeypatch)
    with pytest.raises(AssertionError) as raised:
        guard.check()
    # A request that the table would refuse breaks no law: the guard's replacement is wrong.
    assert not isinstance(raised.value, Broken)


def test_the_laws_are_those_that_are_promised() -> None:
    assert tuple(law.name for law in LAWS) == PROMISED


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.name)
def test_a_law_has_guards_and_each_of_them_a_check_of_the_law(law: Law) -> None:
    assert len(law.guards) >= 2
    assert {guard.check for guard in law.guards} <= set(law.checks)


def test_no_check_and_no_guard_stands_in_the_table_twice() -> None:
    names = Counter(check.__name__ for check in CHECKS)
    guards = Counter((guard.name, guard.check.__name__) for guard in GUARDS)
    assert {name: number for name, number in (names + guards).items() if number > 1} == {}


@pytest.mark.parametrize("name", [name for law in LAWS for name in law.tests])
def test_a_test_that_a_law_names_exists(name: str) -> None:
    path, _, function = name.partition("::")
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_the_page_says_what_the_table_says() -> None:
    """python -m tests.laws writes it."""
    assert PAGE.read_text(encoding="utf-8") == page()
