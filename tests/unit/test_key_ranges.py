"""Ranges of keys that are listed at once give what one listing gives, and cost a few requests more."""

from collections.abc import Callable, Mapping
from functools import partial
from random import Random
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reconcile.model.recording import Recording
from reconcile.stores.key_ranges import BORDERS, LOOKS, borders
from reconcile.stores.pages import Pages
from reconcile.stores.s3_listing import DELIMITER, RANGES, Gathered, NotHonoured, Walk
from tests.doubles.key_pages import AT, KeyPages

ROOTS = ("public/", "users/")
IDS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


Listed = tuple[list[Recording], int, set[str]]


def listed(store: KeyPages, walk: Callable[[Walk, Gathered], None]) -> Listed:
    gathered, walking = Gathered("videos"), Walk(store.page, ROOTS)
    walk(walking, gathered)
    return gathered.recordings(), gathered.others, walking.jumped


def rolled_up(walk: Walk, gathered: Gathered) -> None:
    walk.rolled_up(gathered.add)


def serially(walk: Walk, gathered: Gathered) -> None:
    pages = Pages(partial(walk._list, Delimiter=DELIMITER))
    walk._take(gathered.add, pages, iter(pages))


parts = st.sampled_from(
    ["a", "b", "B", "0", "é", "a b", "media", "media0", "events", "composite", "ivs", "v1", "public"]
)
names = st.sampled_from(
    [
        "events/recording-started.json",
        "events/recording-ended.json",
        "events/recording-failed.json",
        "media/hls/multivariant.m3u8",
        "media/hls/720p/0.ts",
        "media0",
        "media/",
        "",
        "notes.txt",
    ]
)
keys = st.builds(lambda folders, name: "/".join((*folders, name)) or "x", st.lists(parts, max_size=5), names)
recordings = st.builds(
    lambda ids, name: f"{'/'.join(ids)}/composite/{name}",
    st.lists(st.text(IDS, min_size=1, max_size=2), min_size=3, max_size=3),
    names,
)


@settings(deadline=None, max_examples=150)
@example({"a/a", "a/b", "b/a", "b/b", "c", "d", "d/0/0/composite/events/recording-started.json", "e"}, 1)
@given(st.sets(st.one_of(keys, recordings), max_size=80), st.integers(1, 7))
def test_ranges_give_what_one_listing_gives(found: set[str], size: int) -> None:
    ranged, serial = KeyPages(found, size), KeyPages(found, size)
    assert listed(ranged, rolled_up) == listed(serial, serially)
    # To find borders, and one for each range.
    assert ranged.requests <= serial.requests + LOOKS + RANGES


@pytest.mark.parametrize("size", [1, 3, 50])
def test_a_store_that_does_not_start_where_it_is_told_to_is_listed_in_one_chain(size: int) -> None:
    found = composites(60) | channels(60, "a")
    store, serial = KeyPages(found, size, starts_after=False), KeyPages(found, size)
    assert listed(store, rolled_up) == listed(serial, serially)


def composites(number: int) -> set[str]:
    """Return the keys of composite recordings under random names."""
    chance = Random(5)
    prefixes = ("/".join("".join(chance.choices(IDS, k=12)) for _ in range(3)) for _ in range(number))
    return {f"{prefix}/composite/{name}" for prefix in prefixes for name in _FILES}


def channels(number: int, *names: str) -> set[str]:
    """Return the keys of recordings of some channels, one an hour."""
    chance = Random(5)
    prefixes = (
        f"ivs/v1/1111/{names[hour % len(names)]}/2026/{hour // 720 + 1}/{hour // 24 % 30 + 1}/{hour % 24}/0/"
        + "".join(chance.choices(IDS, k=12))
        for hour in range(number)
    )
    return {f"{prefix}/{name}" for prefix in prefixes for name in _FILES}


_FILES = (
    "events/recording-started.json",
    "events/recording-ended.json",
    "media/hls/a.m3u8",
    "media/hls/0.ts",
)


@pytest.mark.parametrize(
    "found",
    [composites(1500), channels(1500, "a"), channels(1500, "a", "b", "c"), channels(1500, *IDS)],
    ids=["composites", "one channel", "three channels", "many channels"],
)
def test_a_long_listing_is_spread_and_costs_few_requests_more(found: set[str]) -> None:
    ranged, serial = KeyPages(found, 50), KeyPages(found, 50)
    assert listed(ranged, rolled_up) == listed(serial, serially)
    assert ranged.requests <= serial.requests + LOOKS + RANGES
    # The pages that follow one another are a part of what they were.
    assert max(ranged.chains.values()) < 0.6 * serial.requests


def test_a_short_listing_costs_what_it_did() -> None:
    found = composites(60)
    ranged, serial = KeyPages(found, 50), KeyPages(found, 50)
    assert listed(ranged, rolled_up) == listed(serial, serially)
    assert ranged.requests == serial.requests == 4


def test_a_border_lies_behind_the_key_outside_of_media_and_of_skipped_roots() -> None:
    store = KeyPages(composites(300) | {f"public/{number}/x" for number in range(50)}, 1000)
    found = borders(store.page, "5", ROOTS)
    assert len(found) == BORDERS
    assert found == sorted(found)
    assert all(name > "5" and "/media/" not in name and not name.startswith("public/") for name in found)


def test_a_store_that_stops_rolling_up_in_one_of_the_ranges_is_found_out() -> None:
    store = KeyPages(composites(300), 50)

    def page(**place: Any) -> Mapping[str, Any]:
        answer = store.page(**place)
        if place["Delimiter"] == DELIMITER and "StartAfter" in place:
            return {**answer, "Contents": [{"Key": "z/media/0.ts", "LastModified": AT}], "CommonPrefixes": []}
        return answer

    with pytest.raises(NotHonoured):
        Walk(page, ROOTS).rolled_up(lambda _: None)
