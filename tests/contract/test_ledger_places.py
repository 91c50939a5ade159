"""The ledger lies in many partitions; what earlier versions kept in one is found, and moved once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from reconcile.model.recording import RecordingKey, program_id_of
from reconcile.model.snapshot import LedgerEntry
from reconcile.stores.ledger_items import LEDGER_PARTITIONS, ledger_item, ledger_places
from reconcile.stores.state import DynamoState
from tests.contract.harness import RealDesk, ledger_entry
from tests.contract.test_writer_port import GROUP, RECORDING, create, world

OLD, NEW = ledger_entry(RECORDING, bob="two"), ledger_entry(RECORDING, bob="two", ann="one")


def former(entry: LedgerEntry) -> dict[str, Any]:
    """Return the item that earlier versions wrote for an entry."""
    return ledger_item(entry) | {"pk": {"S": "ledger"}}


def read(desk: RealDesk) -> LedgerEntry:
    """Return the recording's entry as it is read; both ways of reading agree."""
    entry = desk.state.ledger()[RECORDING]
    assert desk.state.ledger_entry(RECORDING) == entry
    return entry


def places(desk: RealDesk) -> list[str]:
    client: Any = desk.rows._client  # type: ignore[attr-defined]
    items = client.scan(TableName=desk.state_table)["Items"]
    return sorted(item["pk"]["S"] for item in items if item["pk"]["S"].startswith("ledger"))


def test_entries_are_spread_evenly_over_16_partitions() -> None:
    keys = [RecordingKey("videos", f"a/b/{number}/composite") for number in range(3200)]
    spread = Counter(ledger_places(key)[0]["pk"]["S"] for key in keys)
    assert set(spread) == set(LEDGER_PARTITIONS[1:])
    assert len(spread) == 16
    assert max(spread.values()) < 300
    assert {ledger_places(key)[0]["sk"]["S"] for key in keys} == set(map(program_id_of, keys))


def test_an_entry_of_an_earlier_version_is_found_until_it_was_moved(real_desk: RealDesk) -> None:
    real_desk.put_memory(former(OLD))
    entry = read(real_desk)
    assert (entry, entry.to_move) == (OLD, True)
    assert real_desk.state.remember([(NEW, entry)]) == 1
    moved = read(real_desk)
    assert (moved, moved.to_move) == (NEW, False)
    assert places(real_desk) == ["ledger", ledger_places(RECORDING)[0]["pk"]["S"]]
    again = ledger_entry(RECORDING, bob="three")
    assert real_desk.state.remember([(again, moved)]) == 1
    assert read(real_desk) == again


def test_an_entry_that_somebody_else_moved_is_not_moved_again(real_desk: RealDesk) -> None:
    real_desk.put_memory(former(OLD))
    entry = read(real_desk)
    real_desk.state.remember([(NEW, entry)])
    assert real_desk.state.remember([(ledger_entry(RECORDING, bob="other"), entry)]) == 0
    assert read(real_desk) == NEW


def test_a_creation_moves_the_entry_and_is_prevented_by_what_it_says(real_desk: RealDesk) -> None:
    real_desk.put(GROUP)
    real_desk.put_memory(former(OLD))
    entry = read(real_desk)
    before = world(real_desk)
    assert create(real_desk, ledger=NEW, expected=None) == "already"
    other = ledger_entry(RECORDING, bob="other")
    real_desk.put_memory(former(other))
    assert create(real_desk, ledger=NEW, expected=entry) == "already"
    real_desk.put_memory(former(OLD))
    assert world(real_desk) == before
    assert create(real_desk, ledger=NEW, expected=entry) == "made"
    assert read(real_desk) == NEW


def test_a_moved_entry_prevents_a_creation_that_rests_on_the_former_one(real_desk: RealDesk) -> None:
    real_desk.put(GROUP)
    real_desk.put_memory(former(OLD))
    entry = read(real_desk)
    real_desk.state.remember([(NEW, entry)])
    before = world(real_desk)
    for expected in (entry, None):
        assert create(real_desk, ledger=NEW, expected=expected) == "already"
    assert world(real_desk) == before


@pytest.mark.parametrize("standing", [None, OLD], ids=["new", "moved"])
def test_of_many_writers_at_once_one_writes(real_desk: RealDesk, standing: LedgerEntry | None) -> None:
    if standing:
        real_desk.put_memory(former(standing))
    expected = real_desk.state.ledger_entry(RECORDING)
    states = [DynamoState(real_desk.rows._client, real_desk.state_table) for _ in range(6)]  # type: ignore[attr-defined]
    start = Barrier(len(states), timeout=20)

    def write(number: int) -> int:
        start.wait()
        return states[number].remember([(ledger_entry(RECORDING, bob=str(number)), expected)])

    with ThreadPoolExecutor(len(states)) as pool:
        written = list(pool.map(write, range(len(states))))
    assert sum(written) == 1
    assert read(real_desk).programs == {"bob": str(written.index(1))}
