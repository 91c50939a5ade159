"""A check cannot write to the application's stores: nothing that it is given can."""

import dataclasses
from collections.abc import Iterator
from inspect import isfunction
from typing import Any, get_args, get_type_hints

import pytest

from reconcile.job import check, repair
from reconcile.runs.ports import Ports, Tools
from reconcile.settings.load import load_settings
from reconcile.stores import write_ports
from reconcile.stores.algolia_writing import AlgoliaWriter
from reconcile.stores.dynamodb_undoing import DynamoUndoer
from reconcile.stores.dynamodb_writing import DynamoWriter
from reconcile.stores.write_ports import Journal, RecordsWriter, RowsUndoer, RowsWriter
from reconcile.wiring import Wiring


def classes_in(hint: Any) -> Iterator[type]:
    """Yield the package's classes that a type hint names, also inside of unions and callables."""
    if isinstance(hint, list):
        for one in hint:
            yield from classes_in(one)
    if isinstance(hint, type) and hint.__module__.startswith("reconcile."):
        yield hint
    for one in get_args(hint):
        yield from classes_in(one)


def named_by(owner: Any) -> Iterator[type]:
    """Yield the classes that a function's or a class's own hints name, those of its methods too."""
    functions = [one for one in vars(owner).values() if isfunction(one)] if isinstance(owner, type) else []
    for one in (owner, *functions):
        for hint in get_type_hints(one, localns={"Frame": object, "Schema": object}).values():
            yield from classes_in(hint)


def reachable(start: Any) -> set[type]:
    """Return the classes that whoever has a value can get hold of, as far as types tell."""
    found, waiting = set[type](), [start]
    while waiting:
        for one in named_by(waiting.pop()):
            if one not in found:
                found.add(one)
                waiting.append(one)
    return found


def writers_in(classes: set[type]) -> set[str]:
    return {one.__name__ for one in classes if one.__module__ == write_ports.__name__}


def methods(port: type) -> set[str]:
    return {name for name in vars(port) if not name.startswith("_")}


def test_nothing_that_a_check_is_given_leads_to_a_writer() -> None:
    found = reachable(check)
    assert Ports in found
    assert writers_in(found) == set()


def test_what_a_repair_is_given_leads_to_every_writer() -> None:
    found = reachable(repair)
    assert Tools in found
    assert {"RowsWriter", "RecordsWriter", "Journal", "Lease"} <= writers_in(found)


@pytest.fixture
def wiring(monkeypatch: pytest.MonkeyPatch) -> Wiring:
    values = {
        "RECONCILE_BUCKET": "my-recordings",
        "RECONCILE_TABLE": "my-table",
        "RECONCILE_PLAYBACK_DOMAIN": "play.test",
        "RECONCILE_PLAYBACK_CHECK": "true",
        "RECONCILE_ALGOLIA_APP_ID": "APP",
        "RECONCILE_ALGOLIA_API_KEY": "unused",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return Wiring(load_settings())


def test_no_adapter_that_a_check_is_given_has_a_method_that_writes(wiring: Wiring) -> None:
    writing = {name for port in (RowsWriter, RowsUndoer, RecordsWriter, Journal) for name in methods(port)}
    stores = wiring.ports("run").stores
    for name in (one.name for one in dataclasses.fields(stores)):
        adapter = getattr(stores, name)
        assert adapter is not None, name
        assert {method for method in writing if hasattr(adapter, method)} == set(), name


def test_the_adapters_that_write_would_be_noticed() -> None:
    assert methods(RowsWriter) <= set(dir(DynamoWriter))
    assert methods(RowsUndoer) <= set(dir(DynamoUndoer))
    assert methods(RecordsWriter) <= set(dir(AlgoliaWriter))
