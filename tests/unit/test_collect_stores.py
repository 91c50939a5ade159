"""When a source that was read whole is still not believed."""

from dataclasses import replace

import pytest

from reconcile.collect.snapshot import doubted
from reconcile.model.run import Receipt, SourceCount
from tests.unit.builders import WHOLE, snapshot


def read(items: int, *, whole: bool = True) -> Receipt:
    return Receipt("dynamodb", whole=whole, items=items)


def said(items: int, *, whole: bool = True, doubt: bool = False) -> SourceCount:
    return SourceCount(items, whole, doubt)


@pytest.mark.parametrize(
    ("items", "earlier", "trusted"),
    [
        (0, [], True),
        (7, [], True),
        (80, [said(100)], True),
        (79, [said(100)], False),
        (0, [said(1)], False),
        (0, [said(0)], True),
        (500, [said(100)], True),
        (79, [said(500, whole=False), said(100)], False),
        (99, [said(500, whole=False), said(100)], True),
        (79, [said(10, whole=False)], True),
    ],
)
def test_a_source_under_four_fifths_of_the_last_whole_one_is_doubted(
    items: int, earlier: list[SourceCount], trusted: bool
) -> None:
    assert doubted(read(items), earlier).trusted is trusted


@pytest.mark.parametrize(
    ("items", "last", "trusted"),
    [
        (50, 50, True),
        (48, 50, True),
        (52, 50, True),
        (47, 50, False),
        (53, 50, False),
        (0, 0, True),
        (1, 0, False),
    ],
)
def test_it_is_believed_again_once_a_later_whole_read_agrees_within_five_percent(
    items: int, last: int, trusted: bool
) -> None:
    earlier = [said(last, doubt=True), said(100)]
    assert doubted(read(items), earlier).trusted is trusted


def test_a_read_that_broke_off_between_confirms_nothing_and_denies_nothing() -> None:
    assert not doubted(read(50), [said(50, whole=False), said(100)]).trusted
    assert doubted(read(50), [said(7, whole=False), said(50, doubt=True), said(100)]).trusted


def test_a_source_that_came_back_is_believed_at_once() -> None:
    assert doubted(read(90), [said(50, doubt=True), said(100)]).trusted


def test_what_was_believed_last_is_the_measure_from_then_on() -> None:
    assert doubted(read(50), [said(50), said(50, doubt=True), said(100)]).trusted
    assert not doubted(read(39), [said(50), said(50, doubt=True), said(100)]).trusted


def test_a_read_that_broke_off_is_told_as_such_and_not_as_doubted() -> None:
    broken = replace(read(1, whole=False), why="no permission")
    assert doubted(broken, [said(100)]) == broken
    assert not broken.trusted


def test_the_doubt_says_how_many_there_were() -> None:
    assert "50 items, and 1,000 when" in doubted(read(50), [said(1000)]).doubt


def test_a_snapshot_tells_which_source_is_not_trusted_and_why() -> None:
    s3 = replace(WHOLE[0], whole=False, why="access denied")
    rows = replace(WHOLE[1], doubt="it shrank")
    seen = snapshot({}, receipts=(s3, rows, WHOLE[2]))
    assert seen.doubts("s3") == f"{s3.source}: access denied"
    assert seen.doubts("dynamodb", "s3") == f"{s3.source}: access denied; dynamodb: it shrank"
    assert seen.doubts("algolia") == ""
