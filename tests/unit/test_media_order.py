"""In which order media is looked for, where time does not suffice for all of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reconcile.collect.media import check_media
from reconcile.collect.stores import Stores, silent
from reconcile.model.deadline import Deadline
from reconcile.model.finding import program_subject
from reconcile.model.media import MediaMap
from reconcile.model.parse import parse_items
from reconcile.model.snapshot import Rules, Snapshot
from tests.doubles.memory import MemoryBuckets
from tests.unit.builders import iso, program_item

NOW = datetime(2026, 11, 1, 2, tzinfo=UTC)
DAY = timedelta(days=1)
AGES = {"old": 30, "new": 1, "undated": None, "older": 60, "twin": 1}
"""How many days ago a program was made."""


def not_checked(looks: int, monkeypatch: pytest.MonkeyPatch, **rules: Any) -> set[str]:
    """Return the programs whose media time did not suffice for, when it did for so many."""
    monkeypatch.setattr("reconcile.collect.media._AT_ONCE", 1)
    items = [
        program_item(
            name, createdAt=iso(NOW - days * DAY) if days else None, s3Bucket="up", s3Key=f"{name}.mp4"
        )
        for name, days in AGES.items()
    ]
    buckets: Any = MemoryBuckets(("up",), {})
    deadline = Deadline(lambda: 1000.0 if buckets.looked < looks else 0.0, 1000.0)
    snapshot = Snapshot(catalog=parse_items(items))
    told = Rules(NOW, MediaMap("media.example", (), ()), **rules)
    seen = check_media(snapshot, told, Stores(buckets, buckets, buckets, buckets), silent, deadline)
    return {
        address.key.removesuffix(".mp4")
        for address, sighting in seen.media.items()
        if sighting.state == "failed"
    }


def test_the_newest_come_first_and_those_that_do_not_say_when_they_were_made_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of two of the same time the one whose key comes first."""
    last = ["new", "twin", "old", "older", "undated"]
    for looks in range(1, 5):
        assert not_checked(looks, monkeypatch) == set(last[looks:])


def test_those_that_were_not_checked_for_longest_come_before_them(monkeypatch: pytest.MonkeyPatch) -> None:
    programs = parse_items([program_item(name) for name in AGES]).programs.values()
    subject = {one.program_id: program_subject(one.key, one.program_id) for one in programs}
    undecided = {subject["older"]: NOW - 2 * DAY, subject["undated"]: NOW - 5 * DAY}
    assert not_checked(1, monkeypatch, undecided=undecided) == set(AGES) - {"undated"}
    assert not_checked(2, monkeypatch, undecided=undecided) == set(AGES) - {"undated", "older"}
