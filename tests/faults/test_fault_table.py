"""Sources and sinks that fail: a sample of the table is tried, and its page is whole and current."""

from collections.abc import Iterator
from itertools import product
from typing import get_args

import pytest

from reconcile.model.finding import Finding
from tests.contract.loopback import Answer
from tests.faults.cells import CELLS, LAWS, Cell, Table, Times
from tests.faults.kinds import FAULTS
from tests.faults.page import NOT_POSSIBLE, PAGE, read, written
from tests.faults.runs import prepare
from tests.faults.sources import SOURCES
from tests.faults.world import world

SAMPLE = tuple(
    Cell(*one)
    for one in (
        ("S3 listing", "page missing", "always"),
        ("S3 media (HEAD)", "wrong shape", "always"),
        ("DynamoDB scan", "page twice", "once"),
        ("DynamoDB batch get", "partial batch", "always"),
        ("DynamoDB transaction", "reset", "once"),
        ("Algolia browse", "malformed", "always"),
        ("Algolia save", "denied", "always"),
        ("state table, writes", "5xx", "once"),
        ("reports, writes", "throttled", "always"),
        ("webhook", "cut", "once"),
    )
)
"""One of each kind of store and of fault; `python -m tests.bench faults` tries all."""


@pytest.fixture(scope="module")
def table() -> Iterator[Table]:
    """Stand-ins that can be told to fail, and a run without faults."""
    with world() as made:
        prepare(made)
        yield Table.of(made)


@pytest.mark.parametrize("cell", SAMPLE, ids="-".join)
def test_a_fault_ends_as_the_page_says_and_breaks_no_law(table: Table, cell: Cell) -> None:
    tried = table.attempt(cell)
    assert tried.broken == {}
    assert tried.told == read(PAGE.read_text(encoding="utf-8"))[cell]


def test_the_page_tells_of_every_source_and_every_fault_once_and_always() -> None:
    told = read(PAGE.read_text(encoding="utf-8"))
    whole = {Cell(*one) for one in product(SOURCES, FAULTS, get_args(Times))}
    assert told.keys() == whole
    assert {cell for cell, text in told.items() if text != NOT_POSSIBLE} == set(CELLS)
    assert PAGE.read_text(encoding="utf-8") == written(told)


def test_a_run_without_faults_makes_every_repair_and_reaches_everybody(table: Table) -> None:
    report = table.undisturbed.report
    assert report is not None
    assert {one.outcome for one in report.repairs} == {"made"}
    assert {one.outcome for one in report.deliveries} == {"sent"}
    assert report.not_checked == ()


def test_each_source_is_asked_and_each_request_is_of_one_source(table: Table) -> None:
    """A source that nobody asks would hold whatever its fault is."""
    asked = []
    stands = table.world
    stands.restore()

    def listening(request: object) -> Answer:
        asked.append(request)
        return stands.truth(request)  # type: ignore[arg-type]

    stands.server.answer = listening
    try:
        Table.of(stands)
    finally:
        stands.server.answer = stands.truth
    of = [[name for name, source in SOURCES.items() if source.asks(request)] for request in asked]  # type: ignore[arg-type]
    assert {len(names) for names in of} == {1}
    assert {names[0] for names in of} == SOURCES.keys()


def test_the_table_sees_a_write_that_no_run_without_faults_makes(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Laws that cannot be broken would prove nothing."""
    cell = Cell("Algolia settings", "5xx", "once")
    monkeypatch.setattr("reconcile.repair.apply_programs.program_item", _wrong_item)
    assert LAWS[2] in table.attempt(cell).broken


def _wrong_item(*arguments: object, **more: object) -> object:
    from reconcile.repair.program_item import program_item

    item = program_item(*arguments, **more)  # type: ignore[arg-type]
    return {**item, "title": "Of another show"}


def test_the_table_sees_a_finding_that_calls_missing_what_is_there(table: Table) -> None:
    true = table.undisturbed.findings
    name, finding = next((name, one) for name, one in true.items() if one.kind == "record-missing")
    fewer: dict[str, Finding] = {other: one for other, one in true.items() if other != name}
    assert finding.kind.endswith("-missing")
    assert list(table.false_missing(true, fewer)) == [f"record-missing: {dict(finding.subject.fields)}"]
