"""Recordings of one show that hold the same time are one broadcast."""

from datetime import timedelta
from itertools import combinations, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.compare.recording.coverage import covers
from reconcile.compare.recording.folding import Folding, RecordingTimes, fold
from reconcile.model.clock import Interval
from reconcile.model.recording import RecordingKey
from tests.unit.builders import BEFORE


def recorded(name: str, start: float, end: float, *sessions: str, holds: bool = True) -> RecordingTimes:
    """Return a recording from one second to another."""
    first, last = BEFORE + timedelta(seconds=start), BEFORE + timedelta(seconds=end)
    return RecordingTimes(RecordingKey("b", name), Interval(first, last), frozenset(sessions), holds)


def broadcasts(*recordings: RecordingTimes) -> set[str]:
    """Return the broadcasts as the names of their recordings."""
    return {"".join(name for _, name in keys) for keys in fold(recordings).broadcasts}


def torn(*recordings: RecordingTimes) -> dict[str, set[str]]:
    return {name: set(sessions) for (_, name), sessions in fold(recordings).torn.items()}


def test_a_composite_and_its_channel_twin_are_one_broadcast() -> None:
    assert broadcasts(recorded("c", 0, 3600), recorded("k", 4, 3598)) == {"ck"}
    assert broadcasts(recorded("c", 0, 3600, "s"), recorded("k", 4, 3598)) == {"ck"}
    assert broadcasts(recorded("c", 0, 3600, "s"), recorded("k", 4, 3598, "s")) == {"ck"}
    assert broadcasts() == set()


def test_broadcasts_that_follow_one_another_or_merely_overlap_are_several() -> None:
    assert broadcasts(recorded("a", 0, 3600), recorded("b", 3600, 7200)) == {"a", "b"}
    assert broadcasts(recorded("a", 0, 3600), recorded("b", 1800, 5400)) == {"a", "b"}


def test_recordings_of_two_known_sessions_are_two_broadcasts() -> None:
    assert broadcasts(recorded("a", 0, 3600, "s"), recorded("b", 0, 3600, "t")) == {"a", "b"}


def test_parts_that_one_recording_covers_are_one_broadcast_with_it() -> None:
    parts = recorded("a", 0, 2000), recorded("b", 2100, 3600)
    assert broadcasts(*parts) == {"a", "b"}
    assert broadcasts(*parts, recorded("x", 0, 3600)) == {"abx"}


def test_one_that_fits_two_known_sessions_stands_alone() -> None:
    one, two = recorded("a", 0, 3600, "s"), recorded("b", 0, 3600, "t")
    unknown = recorded("x", 2, 3598)
    assert broadcasts(one, two, unknown) == {"a", "b", "x"}
    assert torn(one, two, unknown) == {"x": {"s", "t"}}


def test_one_that_the_evidence_leaves_between_two_sessions_stands_alone_though_one_of_them_left_nothing() -> (
    None
):
    """Survivors of a shared channel: what is left may be of the session whose composite is missing."""
    assert broadcasts(recorded("b", 0, 3600, "t"), recorded("x", 2, 3598, "s", "t")) == {"b", "x"}
    assert torn(recorded("b", 0, 3600, "t"), recorded("x", 2, 3598, "s", "t")) == {"x": {"s", "t"}}


def test_one_of_unknown_session_beside_it_goes_with_the_session_that_it_fits() -> None:
    one, two = recorded("a", 0, 3600, "s"), recorded("b", 5000, 8600, "t")
    assert broadcasts(one, two, recorded("x", 2, 3598), recorded("y", 5002, 8598)) == {"ax", "by"}


def test_what_holds_nothing_covers_nothing_and_may_be_covered() -> None:
    silent = recorded("x", 0, 3600, holds=False)
    assert broadcasts(silent, recorded("a", 0, 1000)) == {"a", "x"}
    assert broadcasts(silent, recorded("a", 0, 3600)) == {"ax"}


@pytest.mark.parametrize(("covered", "one"), [(1, False), (29, False), (30, True)])
def test_a_short_one_is_folded_where_half_of_it_is_covered_at_least(covered: int, one: bool) -> None:
    start = 3600 - covered
    assert len(broadcasts(recorded("a", 0, 3600), recorded("b", start, start + 59))) == (1 if one else 2)


SESSIONS = st.sampled_from(((), (), ("s",), ("t",), ("s", "t")))
SPANS = st.tuples(st.integers(0, 50), st.integers(1, 80), SESSIONS, st.booleans())
SHOWS = st.lists(SPANS, max_size=7)


def show(told: list[tuple[int, int, tuple[str, ...], bool]]) -> list[RecordingTimes]:
    return [
        recorded(str(n), 100 * start, 100 * (start + length), *sessions, holds=holds)
        for n, (start, length, sessions, holds) in enumerate(told)
    ]


@given(SHOWS)
def test_each_recording_is_in_exactly_one_broadcast_in_which_all_are_compatible(
    told: list[tuple[int, int, tuple[str, ...], bool]],
) -> None:
    recordings = show(told)
    found = fold(recordings)
    placed = [key for keys in found.broadcasts for key in keys]
    assert sorted(placed) == sorted(one.key for one in recordings)
    known = {one.key: one for one in recordings}
    for keys in found.broadcasts:
        for one, other in combinations((known[key] for key in keys), 2):
            assert not one.sessions or not other.sessions or one.sessions == other.sessions
    for key in found.torn:
        assert (key,) in found.broadcasts


@given(SHOWS)
def test_the_folding_does_not_depend_on_the_order(
    told: list[tuple[int, int, tuple[str, ...], bool]],
) -> None:
    recordings = show(told)
    found: Folding = fold(recordings)
    for order in list(permutations(recordings))[:60:7]:
        assert fold(order) == found


@given(SHOWS)
def test_two_that_cover_each_other_are_apart_only_for_their_sessions(
    told: list[tuple[int, int, tuple[str, ...], bool]],
) -> None:
    recordings = [one for one in show(told) if not one.sessions and one.has_content]
    found = fold(recordings)
    of = {key: keys for keys in found.broadcasts for key in keys}
    for one, other in combinations(recordings, 2):
        if covers([one.time], other.time) or covers([other.time], one.time):
            assert of[one.key] == of[other.key]
    assert not found.torn
