"""A row that is as large as DynamoDB lets it be is told, and keeps no other from being repaired."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from moto.dynamodb.exceptions import TransactionCanceledException
from moto.dynamodb.models import DynamoDBBackend

from tests.scenario.bad_night import broadcast, own_program, prefix
from tests.scenario.conftest import Shells
from tests.scenario.small import TABLE, Small

FULL, OTHERS = ("full-1", "full-2", "full-3", "full-4"), ("other-1", "other-2")
LIMIT = 400_000
"""Bytes. DynamoDB's 400 KB are a little more, but not with moto:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html"""
TOO_LARGE = ("ValidationError", "Item size to update has exceeded the maximum allowed size", None)


@pytest.fixture(autouse=True)
def _items_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let moto refuse to enlarge an item beyond the limit within a transaction, which it does not."""
    transact = DynamoDBBackend.transact_write_items

    def bounded(self: Any, items: Sequence[Mapping[str, Any]], *more: Any) -> Any:
        reasons = [TOO_LARGE if is_full(self, item.get("Update")) else (None, None, None) for item in items]
        if TOO_LARGE in reasons:
            raise TransactionCanceledException(reasons)
        return transact(self, items, *more)

    monkeypatch.setattr(DynamoDBBackend, "transact_write_items", bounded)


def is_full(backend: Any, update: Mapping[str, Any] | None) -> bool:
    if update is None:
        return False
    key = update["Key"]
    item = backend.get_item(update["TableName"], key)
    return item is not None and len(str(item.to_json())) > LIMIT


def test_four_full_rows_keep_no_other_from_being_repaired(
    shell_on: Shells, capsys: pytest.CaptureFixture[str]
) -> None:
    """After three failures in a row nothing more is tried on a store: these are none of the store's."""
    small = Small()
    for show in (*FULL, *OTHERS):
        broadcast(small, show)
        program = small.items[small.program(prefix(show), show, f"{show}er")]
        program |= {"program_url": {"NULL": True}}
        small.index(own_program(show))
        if show in FULL:
            program |= {"thumbnail": {"S": "x" * LIMIT}}
    shell = shell_on(small.world())
    before = shell.rows()
    code, report = shell("repair", "--settle", "0s")
    assert code == 2
    changed = {key for key, row in shell.rows().items() if row != before[key]}
    assert changed & {own_program(show) for show in FULL} == set()
    assert changed >= {own_program(show) for show in OTHERS}
    left = [one for one in report["findings"] if one["status"] == "failed"]
    why = "Item size to update has exceeded the maximum allowed size. Shorten or correct it. Repair again."
    for one, show in zip(sorted(left, key=lambda one: str(one["title"])), FULL, strict=True):
        row = f"{' '.join(own_program(show))} of the table {TABLE}"
        assert one["step"] == f"The repair failed: writing {row}: ValidationError: {why}"
    assert "4 repairs failed" in capsys.readouterr().out
