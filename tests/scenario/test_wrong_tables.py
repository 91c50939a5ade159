"""Tables of another shape are named as such: nothing is called missing, and nothing is written."""

from typing import Any

import boto3
import pytest

from tests.scenario.conftest import Shells
from tests.scenario.small import lacking_a_program


def make_table(name: str, **keys: str) -> None:
    """Make a table whose keys have these names and types, with one row."""
    client: Any = boto3.client("dynamodb")
    client.create_table(
        TableName=name,
        KeySchema=[
            {"AttributeName": key, "KeyType": kind}
            for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)
        ],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": kind} for key, kind in keys.items()],
        BillingMode="PAY_PER_REQUEST",
    )
    client.put_item(TableName=name, Item={key: {kind: "1"} for key, kind in keys.items()})
    client.close()


@pytest.mark.parametrize("keys", [{"id": "S"}, {"pk": "S", "id": "S"}, {"pk": "N", "sk": "S"}])
def test_an_application_table_with_other_keys_is_not_believed(shell_on: Shells, keys: dict[str, str]) -> None:
    """The report says what is wrong with the table, ends with 3, and calls no program missing."""
    shell = shell_on(lacking_a_program().world())
    make_table("other-shape", **keys)
    shell.monkeypatch.setenv("RECONCILE_TABLE", "other-shape")
    code, report = shell("repair")
    assert code == 3
    (table,) = (source for source in report["sources"] if source["source"] == "dynamodb:other-shape")
    assert not table["whole"]
    assert "RECONCILE_TABLE" in table["why"]
    assert report["counts"]["recording"]["program-missing"] == 0
    assert report["repairs"] == []


@pytest.mark.parametrize("keys", [{"id": "S"}, {"pk": "S"}, {"pk": "S", "sk": "N"}])
def test_a_state_table_with_other_keys_stops_the_run_before_it_reads(
    shell_on: Shells, capsys: pytest.CaptureFixture[str], keys: dict[str, str]
) -> None:
    shell = shell_on(lacking_a_program().world())
    make_table("other-memory", **keys)
    shell.monkeypatch.setenv("RECONCILE_STATE_TABLE", "other-memory")
    code, report = shell("repair")
    assert (code, report) == (3, {})
    assert "other-memory" in capsys.readouterr().err
    assert shell.programs() == {}
