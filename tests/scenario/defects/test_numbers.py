"""The list of known defects: each number has its scenario, and each scenario says its fact."""

import ast
import re
from pathlib import Path

KNOWN = {
    1: " bc", 2: " ", 3: " ", 4: " ", 5: " bcd", 6: " ", 7: " b", 8: " ", 9: " ", 10: " bcdefghij",
    11: " ", 12: " bcdefghi", 13: " ", 14: " bcdef", 15: " bcdefghijk", 20: " ", 21: " bcde", 22: " ",
    23: " ", 24: " ", 25: " ", 26: " ", 30: " ", 31: " ", 32: " ", 33: " ", 34: " ",
}  # fmt: skip
"""The numbers of the known defects and their letters; a space is the number alone."""
NUMBERS = [f"{number}{letter}".strip() for number, letters in KNOWN.items() for letter in letters]
_NAMED = re.compile(r"test_b(\d\d)([a-z]?)_")


def scenarios() -> dict[str, list[ast.FunctionDef]]:
    """Return the tests of this folder by the number in their names."""
    found: dict[str, list[ast.FunctionDef]] = {}
    for path in Path(__file__).parent.glob("test_*.py"):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and (named := _NAMED.match(node.name)):
                found.setdefault(f"{int(named[1])}{named[2]}", []).append(node)
    return found


def test_every_number_has_its_scenario() -> None:
    """None is without a test, and no test has a number that is not on the list."""
    assert set(scenarios()) == set(NUMBERS)
    assert len(NUMBERS) == len(set(NUMBERS)) == 69


def test_every_scenario_says_its_fact_and_can_fail() -> None:
    """Each has a docstring and asserts something about what the runs left."""
    for number, tests in scenarios().items():
        for test in tests:
            assert ast.get_docstring(test), number
            assert any(isinstance(node, ast.Assert) for node in ast.walk(test)), number
