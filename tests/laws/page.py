"""Writes the page about the laws from their table."""

from collections.abc import Iterator
from pathlib import Path

from tests.laws.law import Law
from tests.laws.table import LAWS

PAGE = Path(__file__).parents[2] / "reconcile" / "docs" / "laws.md"
HOLDS = "tests/laws/test_laws.py::test_the_law_holds"

_BEGINNING = """\
# Laws

What must always hold, whatever the stores contain, whatever fails, and whoever writes at the same moment. The
[README](../../README.md) says what the job does, [How verdicts are reached](verdicts.md) how it decides.

Each law has checks, which run over small worlds, and guards: what keeps it. A test takes the guards away, one
at a time, and expects that the check beside it fails
(`tests/laws/test_laws.py::test_without_its_guard_a_law_is_broken`). So no guard can get lost unnoticed, and
no check holds only because nothing in its world could break the law.

This page is written by `.venv/bin/python -m tests.laws`, from the table of laws in `tests/laws/table.py`.
"""


def page() -> str:
    """Return the page's text."""
    return "\n".join([_BEGINNING, *(line for law in LAWS for line in _section(law))])


def _section(law: Law) -> Iterator[str]:
    yield f"## {law.name}\n\n{law.says}\n"
    yield "| guard | what it does | without it, this fails |"
    yield "|---|---|---|"
    for guard in law.guards:
        yield f"| `{guard.name}` | {guard.does[:1].upper()}{guard.does[1:]}. | `{guard.check.__name__}` |"
    yield "\nHeld by:\n"
    yield from (f"- `{HOLDS}[{check.__name__}]`" for check in law.checks)
    yield from (f"- `{name}`" for name in law.tests)
    yield ""
