"""A group's count beside the programs that the index lists under it."""

from dataclasses import replace
from typing import Any

import pytest

from reconcile.compare.verdicts import compare
from reconcile.engines.pandas import PANDAS
from reconcile.model.catalog import GroupKey, RowKey
from reconcile.model.finding import Judgement, group_subject
from reconcile.model.parse_shows import parse_group
from reconcile.model.snapshot import Snapshot
from tests.unit.builders import (
    GROUP,
    MINUTE,
    NOW,
    OWNER,
    WHOLE,
    group_item,
    iso,
    item,
    program_item,
    rules,
    snapshot,
)

SUBJECT = group_subject(RowKey(f"u#{OWNER}#groups", f"g#{GROUP}"))


def judged(seen: Snapshot) -> Judgement:
    """Judge the one group of a snapshot, and see that narrowing says the same."""
    every = compare(seen, rules(), None)
    assert compare(seen, rules(), PANDAS).counts() == every.counts()
    return every.judged[SUBJECT]


def with_programs(number: int, *, group: dict[str, Any], **attributes: Any) -> Snapshot:
    rows = [program_item(f"p{n}", program_url=None, **attributes) for n in range(number)]
    return snapshot({}, [group, *rows])


@pytest.mark.parametrize(
    ("told", "found", "verdict"),
    [
        (2, 2, "agrees"),
        (0, 0, "agrees"),
        (3, 2, "count-drift"),
        (0, 2, "count-drift"),
        (-1, 0, "count-drift"),
    ],
)
def test_a_count_that_is_not_the_number_of_programs_has_drifted(told: int, found: int, verdict: str) -> None:
    one = judged(with_programs(found, group=group_item(programsCount=told, name="Evenings")))
    assert one.verdict == verdict
    assert (one.evidence["programsCount"], one.evidence["found"]) == (told, found)
    assert (one.evidence["title"], one.evidence["owner"]) == ("Evenings", OWNER)


def test_an_absent_count_tells_none() -> None:
    seen = with_programs(1, group=group_item(programsCount=1))
    absent = {GroupKey(OWNER, GROUP): parse_group(OWNER, group_item())}
    assert judged(replace(seen, catalog=replace(seen.catalog, groups=absent))).verdict == "count-drift"


@pytest.mark.parametrize("count", ["2", None, [2], 2.5])
def test_a_count_that_is_no_such_number_has_drifted(count: Any) -> None:
    assert judged(with_programs(2, group=group_item(programsCount=count))).verdict == "count-drift"


def test_only_what_the_index_lists_under_the_group_is_counted() -> None:
    """Neither a groupId without the key nor another owner's row counts."""
    rows = [
        program_item("one", program_url=None),
        program_item("two", program_url=None, GSI1PK=None),
        program_item("three", program_url=None, GSI1PK=f"u#{OWNER}#g#another"),
        program_item("four", owner="somebody", program_url=None, GSI1PK=f"u#{OWNER}#g#{GROUP}"),
        item("n#net#programs", "p#five", programId="five", GSI1PK=f"u#{OWNER}#g#{GROUP}"),
    ]
    assert judged(snapshot({}, [group_item(programsCount=1), *rows])).verdict == "agrees"
    assert judged(snapshot({}, [group_item(programsCount=2), *rows])).evidence["found"] == 1


def test_a_phantom_is_a_group_that_may_miscount() -> None:
    phantom = {name: value for name, value in group_item(programsCount=1).items() if name != "groupId"}
    found = judged(snapshot({}, [phantom]))
    assert (found.verdict, "phantom" in found.evidence) == ("count-drift", True)


@pytest.mark.parametrize(
    ("group", "program", "verdict"), [(14, 99, "settling"), (99, 14, "settling"), (99, 15, "count-drift")]
)
def test_a_group_waits_while_it_or_one_of_its_programs_settles(
    group: int, program: int, verdict: str
) -> None:
    row = group_item(programsCount=9, updatedAt=iso(NOW - group * MINUTE))
    seen = with_programs(2, group=row, updatedAt=iso(NOW - program * MINUTE))
    assert judged(seen).verdict == verdict
    right = with_programs(2, group=row | {"programsCount": {"N": "2"}}, updatedAt=iso(NOW - program * MINUTE))
    assert judged(right).verdict == "agrees"


def test_nothing_is_claimed_where_the_table_is_doubted_or_was_not_read_again() -> None:
    seen = with_programs(1, group=group_item(programsCount=9))
    doubted = tuple(replace(one, doubt="it shrank") if one.source == "dynamodb" else one for one in WHOLE)
    assert judged(replace(seen, receipts=doubted)).verdict == "unknown"
    assert judged(replace(seen, failures={SUBJECT: "it broke off"})).evidence["why"] == "it broke off"
    other = tuple(replace(one, doubt="it shrank") if one.source != "dynamodb" else one for one in WHOLE)
    assert judged(replace(seen, receipts=other)).verdict == "count-drift"
