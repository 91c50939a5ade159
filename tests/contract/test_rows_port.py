"""The application's table, reading: the same rows whatever the pages, and never a stream key."""

from typing import Any

import pytest

from reconcile.model.catalog import RowKey, session_key
from reconcile.model.parse import PROJECTION, parse_items
from tests.contract.harness import Desk, Item, RealDesk, row, scanned

SESSION = row("session#s1", "info", showId="show1", status="LIVE", createdAt="2026-03-01T12:00:00Z")
ARNS = {
    "rawStageArn": {"S": "arn:raw"},
    "programStageArn": {"S": "arn:program"},
    "compositionArn": {"S": "arn:composition"},
    "persistentChannelArn": {"S": "arn:channel"},
}
SESSION_KEY = session_key("s1")
SECRETS = {
    "streamKey": {"S": "sk_secret"},
    "ivsStreamKey": {"S": "sk_secret"},
    "ingest": {"M": {"streamKey": {"S": "sk_secret"}}},
    "ivs": {"M": ARNS | {"streamKey": {"S": "sk_secret"}, "ingest": {"M": {"key": {"S": "sk_secret"}}}}},
}


def programs(number: int, owner: str = "ann") -> list[Item]:
    return [row(f"u#{owner}#programs", f"p#{one:03}", programId=f"{owner}{one}") for one in range(number)]


def by_key(rows: Any) -> dict[RowKey, Any]:
    return {RowKey(one["pk"]["S"], one["sk"]["S"]): one for one in rows}


def test_a_scan_gives_every_row_of_every_page(rows_desk: Desk) -> None:
    items = [*programs(20), *programs(7, "bob"), SESSION, row("something", "else")]
    rows_desk.put(*items)
    rows, receipt = scanned(rows_desk.rows)
    assert by_key(rows) == by_key(items)
    assert len(rows) == receipt.items == len(items)
    assert (receipt.whole, receipt.why) == (True, "")


def test_a_page_is_read_as_it_arrives_and_what_is_made_of_it_alone_is_kept(real_desk: RealDesk) -> None:
    real_desk.put(*programs(20))
    small = real_desk.reader(page_limit=3)
    sizes, receipt = small.scan(len)
    assert (sum(sizes), receipt.items) == (20, 20)
    assert max(sizes) <= 3


def test_what_fails_to_read_a_page_is_raised(rows_desk: Desk) -> None:
    rows_desk.put(*programs(3))
    with pytest.raises(ZeroDivisionError):
        rows_desk.rows.scan(lambda _: 1 // 0)


def test_an_empty_table_is_whole_and_gives_nothing(rows_desk: Desk) -> None:
    rows, receipt = scanned(rows_desk.rows)
    assert (list(rows), receipt.whole, receipt.items) == ([], True, 0)


def test_small_pages_cost_requests_and_units_which_the_receipt_tells(real_desk: RealDesk) -> None:
    real_desk.put(*programs(20))
    small, whole = real_desk.reader(page_limit=3), real_desk.reader(page_limit=None)
    _, receipt = scanned(small)
    assert receipt.requests > 20 / 3
    assert receipt.units > 0
    assert receipt.source == f"dynamodb:{real_desk.table}"
    assert scanned(whole)[1].requests == receipt.detail["segments"]


def test_no_read_returns_a_stream_key(rows_desk: Desk) -> None:
    rows_desk.put(SESSION | SECRETS)
    for (found,) in (
        scanned(rows_desk.rows)[0],
        rows_desk.rows.rows_of(SESSION_KEY.pk),
        rows_desk.rows.rows([SESSION_KEY]).values(),
    ):
        assert "secret" not in str(found)
        assert found["ivs"] == {"M": ARNS}
        assert found["status"] == {"S": "LIVE"}
        assert set(found) <= {path.split(".")[0] for path in PROJECTION}


def test_the_nested_names_are_read_where_a_session_keeps_them(rows_desk: Desk) -> None:
    rows_desk.put(SESSION | SECRETS)
    session = parse_items(scanned(rows_desk.rows)[0]).sessions["s1"]
    assert set(session.own_ivs_stages) == {"arn:raw", "arn:program"}
    assert session.composition_arn == "arn:composition"
    assert session.shared_channels == ("arn:channel",)


@pytest.mark.parametrize(
    "ivs",
    [None, {"NULL": True}, {"S": "arn:stage"}, {"M": {}}, {"L": []}, {"M": {"rawStageArn": {"NULL": True}}}],
    ids=str,
)
def test_a_row_is_read_whatever_its_ivs_is(rows_desk: Desk, ivs: Any) -> None:
    rows_desk.put(SESSION | ({"ivs": ivs} if ivs else {}), *programs(3))
    rows, receipt = scanned(rows_desk.rows)
    assert (receipt.whole, len(rows)) == (True, 4)
    assert by_key(rows)[SESSION_KEY].get("ivs") == ivs
    assert rows_desk.rows.rows([SESSION_KEY])[SESSION_KEY].get("ivs") == ivs
    assert rows_desk.rows.rows_of("session#s1")[0].get("ivs") == ivs
    assert set(parse_items(rows).sessions) == {"s1"}


def test_a_partition_is_read_to_its_last_page_and_no_further(rows_desk: Desk) -> None:
    mine = programs(10)
    rows_desk.put(*mine, *programs(5, "annabel"), row("u#ann", "programs"))
    assert rows_desk.rows.rows_of("u#ann#programs") == mine
    assert rows_desk.rows.rows_of("u#nobody#programs") == []


def test_rows_are_read_by_key_beyond_one_batch(rows_desk: Desk) -> None:
    items = programs(130)
    rows_desk.put(*items)
    keys = list(by_key(items))
    absent = [RowKey("u#ann#programs", "p#none"), RowKey("nobody", "nothing")]
    assert rows_desk.rows.rows([*keys[:5], *keys, *absent]) == by_key(items)
    assert rows_desk.rows.rows(absent) == {}
    assert rows_desk.rows.rows([]) == {}


def test_every_type_of_attribute_comes_back_as_it_is_stored(rows_desk: Desk) -> None:
    values = {
        "title": {"S": "Ä \U0001f3a5"},
        "price": {"N": "9.99"},
        "duration": {"NULL": True},
        "premium": {"BOOL": False},
        "tags": {"SS": ["one"]},
        "imageFiles": {"L": [{"M": {"url": {"S": ""}}}]},
        "description": {"S": ""},
    }
    rows_desk.put(row("u#ann#programs", "p#1", **values))
    (found,), _ = scanned(rows_desk.rows)
    assert found == row("u#ann#programs", "p#1", **values)


def test_what_was_read_does_not_change_when_the_row_does(rows_desk: Desk) -> None:
    rows_desk.put(row("u#ann#programs", "p#1", title="before"))
    (kept,), _ = scanned(rows_desk.rows)
    (read,) = rows_desk.rows.rows_of("u#ann#programs")
    rows_desk.put(row("u#ann#programs", "p#1", title="after"))
    assert (kept["title"], read["title"]) == ({"S": "before"}, {"S": "before"})
    assert rows_desk.rows.rows_of("u#ann#programs")[0]["title"] == {"S": "after"}
