"""Sources that are read page by page: whole only where they were read to their end, and never for ever."""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconcile.model.errors import SourceError
from reconcile.stores.algolia import AlgoliaRecords
from reconcile.stores.aws import Meter
from reconcile.stores.dynamodb import DynamoRows
from reconcile.stores.responses import Course
from reconcile.stores.s3 import S3Recordings
from reconcile.stores.state import DynamoState
from reconcile.wiring import Wiring
from tests.contract.harness import at_once, row, scanned
from tests.contract.lookalike import listing
from tests.contract.loopback import Answer, Asked, Loopback, json_answer

MANY = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@dataclass
class Index:
    """An index that is browsed in pages; `drops` says which page of which browse loses so many records.

    `tells` is the nbHits of each page, where that is not the truth; `repeats` shows each record once more.
    """

    number: int
    page: int
    drops: dict[tuple[int, int], int] = field(default_factory=dict)
    tells: Callable[[int], Any] = lambda true: true
    repeats: bool = False
    browses: int = 0
    pages: int = 0

    def __call__(self, asked: Asked) -> Answer:
        """Answer one page of a browse."""
        cursor = asked.document.get("cursor")
        self.browses += cursor is None
        self.pages += 1
        start = int(cursor or 0)
        numbers = list(range(max(0, start - self.repeats), min(start + self.page, self.number)))
        lost = self.drops.get((self.browses, start // self.page), 0)
        hits = [{"objectID": f"p{one}"} for one in numbers[: len(numbers) - lost]]
        more = {"cursor": str(start + self.page)} if start + self.page < self.number else {}
        told = self.tells(self.number)
        return json_answer({"hits": hits} | more | ({} if told is None else {"nbHits": told}))


def browsed(server: Loopback, index: Callable[[Asked], Answer]) -> tuple[int, Any]:
    server.answer = index
    port = AlgoliaRecords("APP", "key", "programs", Meter(), server.url, sleep=lambda _: None)
    found, receipt = port.browse()
    port.close()
    return len(found), receipt


@MANY
@given(st.data())
def test_a_browse_is_whole_exactly_where_every_record_was_seen(scripted: Loopback, data: Any) -> None:
    """Pages of any size, records shown twice, and records lost in the first browse, the second, or both."""
    number, page = data.draw(st.integers(0, 40)), data.draw(st.integers(1, 12))
    pages = max(1, -(-number // page))
    places = st.tuples(st.sampled_from([1, 2]), st.integers(0, pages - 1))
    drops = data.draw(st.dictionaries(places, st.integers(0, 3), max_size=3))
    repeats = data.draw(st.booleans())
    index = Index(number, page, drops, repeats=repeats)
    found, receipt = browsed(scripted, index)
    complete = [one for one in (1, 2) if len(seen(index, one)) == number]
    whole_at = complete[0] if complete else None
    assert receipt.whole == (whole_at is not None)
    assert index.browses == (1 if whole_at == 1 else 2)
    if receipt.whole:
        assert found == number
    else:
        assert "ended too early 2 times" in receipt.why


def seen(index: Index, browse: int) -> set[int]:
    """Return the records that one browse of an index shows."""
    shown: set[int] = set()
    for start in range(0, max(1, index.number), index.page):
        numbers = list(range(max(0, start - index.repeats), min(start + index.page, index.number)))
        lost = index.drops.get((browse, start // index.page), 0)
        shown |= set(numbers[: len(numbers) - lost])
    return shown


def test_a_browse_whose_last_page_lacks_records_is_made_again(scripted: Loopback) -> None:
    assert browsed(scripted, index := Index(42, 10, {(1, 4): 2}))[1].whole
    assert index.browses == 2
    found, receipt = browsed(scripted, Index(42, 10, {(1, 4): 2, (2, 3): 5}))
    assert (found, receipt.whole) == (42, False)
    assert receipt.why.endswith("it ended too early 2 times, last after 37 of 42 records")


@pytest.mark.parametrize("told", [None, "42", 4.2, True, -1])
def test_an_index_that_does_not_tell_how_many_records_it_holds_is_not_whole(
    scripted: Loopback, told: Any
) -> None:
    """A key whose searches are filtered sees a part of the index, and is not told how many there are."""
    _, receipt = browsed(scripted, Index(3, 10, tells=lambda _: told))
    assert (receipt.whole, "nbHits" in receipt.why) == (False, True)


@pytest.mark.parametrize(("first", "last", "whole"), [(5, 4, True), (3, 4, True), (5, 5, False)])
def test_whoever_writes_meanwhile_changes_one_of_the_two_numbers(
    scripted: Loopback, first: int, last: int, whole: bool
) -> None:
    """Four records are seen; the smaller of the numbers on the first and on the last page counts."""

    def answer(asked: Asked) -> Answer:
        start = int(asked.document.get("cursor") or 0)
        hits = [{"objectID": str(one)} for one in range(start, start + 2)]
        number = {"nbHits": last} if start else {"nbHits": first, "cursor": "2"}
        return json_answer({"hits": hits, **number})

    assert browsed(scripted, answer)[1].whole is whole


def items(names: list[str], place: Any) -> dict[str, Any]:
    found = [row("ledger", name, bucket="b", prefix=name, how="made", programs={"M": {}}) for name in names]
    return {"Items": found, "Count": len(found)} | ({"LastEvaluatedKey": place} if place else {})


def circle(asked: Asked) -> Answer:
    """Answer each page with one of two places to go on, in turn."""
    at = asked.document.get("ExclusiveStartKey", {}).get("sk", {}).get("S", "")
    place = {"pk": {"S": "ledger"}, "sk": {"S": "b" if at == "a" else "a"}}
    return json_answer(items(["x"], place))


def empties(asked: Asked) -> Answer:
    """Answer each page with nothing, and a new place to go on."""
    at = int(asked.document.get("ExclusiveStartKey", {}).get("sk", {}).get("S", "0"))
    return json_answer(items([], {"pk": {"S": "ledger"}, "sk": {"S": str(at + 1)}}))


@pytest.mark.parametrize(
    ("pages", "told"), [(circle, "told a second time"), (empties, "brought nothing new")]
)
def test_a_table_that_never_ends_is_told_as_broken_and_so_is_the_state_table(
    scripted: Loopback,
    stage: Wiring,
    pages: Callable[[Asked], Answer],
    told: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scripted.answer = pages
    rows = DynamoRows(stage.dynamodb, "application", 1e9, Meter(), sleep=lambda _: None)
    with pytest.raises(SourceError, match=told):
        rows.rows_of("ledger")
    # All 16 partitions of the ledger would be asked a thousand times each.
    monkeypatch.setattr(Course, "_LONGEST_IDLE", 20)
    with pytest.raises(SourceError, match=told):
        DynamoState(stage.dynamodb, "memory", sleep=lambda _: None).ledger()
    if pages is circle:
        _, receipt = scanned(rows)
        assert (receipt.whole, told in receipt.why) == (False, True)


def test_an_index_that_never_ends_is_told_as_broken(scripted: Loopback) -> None:
    """Whether its cursor comes back, or each page has a new one and shows the same again."""
    for cursor in (lambda at: "1" if at == "2" else "2", lambda at: str(int(at or 0) + 1)):

        def answer(asked: Asked, cursor: Callable[[Any], str] = cursor) -> Answer:
            hits, after = [{"objectID": "p"}], cursor(asked.document.get("cursor"))
            return Answer(200, json.dumps({"hits": hits, "nbHits": 9, "cursor": after}).encode())

        found, receipt = browsed(scripted, answer)
        assert (found, receipt.whole, "it would never end" in receipt.why) == (1, False, True)


def test_a_bucket_whose_listing_never_ends_is_told_as_broken(
    scripted: Loopback, stage: Wiring, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each page is empty, or shows the same key, and says with a new token that it goes on."""
    # Every range of keys would be asked a thousand times.
    monkeypatch.setattr(Course, "_LONGEST_IDLE", 50)
    for entries in ([], [("a/b.json", 1)]):
        tokens = iter(range(10_000))
        scripted.answer = lambda _, e=entries, t=tokens: listing(e, more=True, token=str(next(t)))  # type: ignore[misc]
        _, (receipt,) = S3Recordings(stage.s3, ["videos"], (), Meter(), sleep=at_once).list_recordings()
        assert (receipt.whole, "it would never end" in receipt.why) == (False, True)


@MANY
@given(st.integers(0, 30), st.integers(1, 7), st.integers(0, 3), st.integers(0, 99))
def test_a_scan_gives_each_row_once_whatever_its_pages(
    scripted: Loopback, stage: Wiring, number: int, size: int, garbled: int, seed: int
) -> None:
    """Pages of any size, empty ones in between, and answers now and then that hold nothing."""
    rows = [row("u#ann#programs", f"p#{one:02}", programId=str(one)) for one in range(number)]
    chance = random.Random(seed)

    def answer(asked: Asked) -> Answer:
        if chance.random() < 0.1 * garbled:
            return Answer(200, chance.choice([b"", b"{}", b"<html>", b'{"Items": [{"pk"']))
        own = rows[asked.document["Segment"] :: asked.document["TotalSegments"]]
        start = asked.document.get("ExclusiveStartKey")
        left = [one for one in own if not start or one["sk"]["S"] >= start["sk"]["S"]]
        shown = left[: chance.choice([0, size]) if len(left) > size else size]
        more = left[len(shown) :]
        place = {"pk": {"S": "u#ann#programs"}, "sk": {"S": f"{more[0]['sk']['S']}"}} if more else None
        if place and place == start:
            shown, more = left[:size], left[size:]
            place = {"pk": place["pk"], "sk": more[0]["sk"]} if more else None
        goes_on = {"LastEvaluatedKey": place} if place else {}
        return json_answer({"Items": shown, "Count": len(shown), **goes_on})

    scripted.answer = answer
    found, receipt = scanned(DynamoRows(stage.dynamodb, "application", 1e9, Meter(), sleep=lambda _: None))
    if receipt.whole:
        assert sorted(int(one["programId"]["S"]) for one in found) == list(range(number))
    else:
        assert "times: an answer without" in receipt.why
