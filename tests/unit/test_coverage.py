"""Which of a show's recordings of one time is kept, and which are its twins."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.compare.recording.coverage import (
    Member,
    Placement,
    Standing,
    arrange,
    covers,
    doubles,
    overlap,
)
from reconcile.model.clock import Interval
from reconcile.model.recording import RecordingKey
from tests.unit.builders import BEFORE


def member(
    name: str,
    start: float,
    end: float,
    standing: Standing = "wants",
    *,
    composite: bool = False,
    session: str | None = None,
    length: float | None = None,
) -> Member:
    """Return a recording from one second to another; its length is its time unless told otherwise."""
    return Member(
        RecordingKey("b", name),
        Interval(BEFORE + timedelta(seconds=start), BEFORE + timedelta(seconds=end)),
        int((end - start if length is None else length) * 1000),
        composite,
        session,
        standing,
    )


def placements(*members: Member) -> dict[str, Placement]:
    found: Mapping[RecordingKey, Placement] = arrange(members)
    return {name: placement for (_, name), placement in found.items()}


def test_a_lone_recording_is_kept() -> None:
    assert placements(member("a", 0, 3600)) == {"a": "kept"}
    assert placements(member("a", 0, 0)) == {"a": "kept"}
    assert placements() == {}


def test_two_of_one_time_are_one_kept_and_its_twin() -> None:
    assert placements(member("a", 0, 3600), member("b", 3, 3602)) == {"a": "kept", "b": "twin"}


def test_one_with_a_program_is_kept_before_a_longer_one() -> None:
    whole, half = member("whole", 0, 3600), member("half", 0, 1800, "program")
    assert placements(whole, half) == {"whole": "overlapping", "half": "kept"}
    assert placements(member("whole", 0, 3600), member("near", 0, 3500, "program")) == {
        "whole": "twin",
        "near": "kept",
    }


@pytest.mark.parametrize(
    ("composite", "kept"), [(3600, "c"), (3421, "c"), (3420, "c"), (3419, "x"), (1800, "x")]
)
def test_a_composite_comes_before_a_channel_recording_up_to_five_percent_longer(
    composite: int, kept: str
) -> None:
    found = placements(member("c", 0, composite, composite=True), member("x", 0, 3600))
    assert [name for name, placement in found.items() if placement == "kept"] == [kept]


def test_a_longer_composite_comes_first_whatever_its_name() -> None:
    assert (
        placements(member("z", 0, 3601, composite=True), member("a", 0, 3600, composite=True))["z"] == "kept"
    )


def test_of_equals_the_first_in_order_is_kept() -> None:
    assert placements(member("b", 0, 60), member("a", 0, 60)) == {"a": "kept", "b": "twin"}


@pytest.mark.parametrize(
    ("missing", "placement"),
    [(0, "twin"), (180, "twin"), (181, "overlapping"), (3599, "overlapping"), (3600, "kept")],
)
def test_ninety_five_percent_of_its_time_is_covered(missing: float, placement: Placement) -> None:
    assert (
        placements(member("long", 0, 9000), member("x", 9000 - 3600 + missing, 9000 + missing))["x"]
        == placement
    )


@pytest.mark.parametrize(("missing", "placement"), [(60, "twin"), (61, "overlapping")])
def test_of_a_short_one_all_but_sixty_seconds_is_covered(missing: float, placement: Placement) -> None:
    assert placements(member("long", 0, 3600), member("x", 3480 + missing, 3600 + missing))["x"] == placement


@pytest.mark.parametrize(
    ("length", "covered", "placement"),
    [
        (59, 1, "overlapping"),
        (59, 29, "overlapping"),
        (59, 30, "twin"),
        (100, 49, "overlapping"),
        (100, 50, "twin"),
    ],
)
def test_a_short_one_is_covered_by_half_of_it_at_least(
    length: int, covered: int, placement: Placement
) -> None:
    """All but sixty seconds of a minute is nothing."""
    start = 3600 - covered
    assert placements(member("long", 0, 3600), member("x", start, start + length))["x"] == placement


def test_several_together_cover_and_no_moment_counts_twice() -> None:
    first, second = member("a", 0, 2000, "program"), member("b", 2000, 3600, "program")
    assert placements(first, second, member("x", 0, 3600, length=1))["x"] == "twin"
    again = member("b", 0, 2000, "program")
    assert placements(first, again, member("x", 0, 3600, length=1))["x"] == "overlapping"


def test_covering_is_not_handed_on() -> None:
    first, second = member("a", 0, 3600), member("b", 1800, 5300)
    third = member("c", 3700, 5300)
    assert placements(first, second, third) == {"a": "kept", "b": "overlapping", "c": "kept"}


def test_a_twin_covers_nothing() -> None:
    kept, twin = member("a", 0, 3600), member("b", 150, 3700)
    late = member("c", 3640, 3700)
    assert placements(kept, twin, late) == {"a": "kept", "b": "twin", "c": "kept"}


def test_recordings_of_different_sessions_never_cover_each_other() -> None:
    assert placements(member("a", 0, 3600, session="s1"), member("b", 0, 3600, session="s2")) == {
        "a": "kept",
        "b": "kept",
    }


@pytest.mark.parametrize(("one", "other"), [(None, None), ("s1", None), (None, "s1"), ("s1", "s1")])
def test_recordings_whose_sessions_may_be_the_same_cover_each_other(
    one: str | None, other: str | None
) -> None:
    assert placements(member("a", 0, 3600, session=one), member("b", 0, 3600, session=other))["b"] == "twin"


@pytest.mark.parametrize(
    ("start", "placement"), [(0, "retired"), (150, "retired"), (1000, "overlapping"), (4000, "kept")]
)
def test_what_a_retired_one_covers_is_retired_too(start: float, placement: Placement) -> None:
    found = placements(member("gone", 0, 3600, "retired"), member("x", start, start + 3600))
    assert found == {"gone": "retired", "x": placement}


def test_retired_comes_before_twin() -> None:
    found = placements(member("a", 0, 3600, "program"), member("b", 0, 3600, "retired"), member("c", 0, 3600))
    assert found == {"a": "kept", "b": "retired", "c": "retired"}


@pytest.mark.parametrize(("start", "placement"), [(0, "settling"), (3599, "settling"), (3600, "kept")])
def test_one_without_a_program_waits_for_one_that_overlaps_it(start: float, placement: Placement) -> None:
    found = placements(member("live", 0, 3600, "waits"), member("x", start, start + 600))
    assert found == {"live": "settling", "x": placement}


def test_one_with_a_program_or_of_another_session_does_not_wait() -> None:
    live = member("live", 0, 3600, "waits", session="s1")
    assert placements(live, member("x", 0, 3600, "program"))["x"] == "kept"
    assert placements(live, member("x", 0, 3600, "retired"))["x"] == "retired"
    assert placements(live, member("x", 0, 3600, session="s2"))["x"] == "kept"


def test_waiting_comes_before_twin_and_before_retired_by_cover() -> None:
    live = member("live", 0, 3600, "waits")
    assert placements(live, member("a", 0, 3600, "program"), member("x", 0, 3600))["x"] == "settling"
    assert placements(live, member("a", 0, 3600, "retired"), member("x", 0, 3600))["x"] == "settling"


def test_programs_for_two_recordings_of_one_time_are_doubles() -> None:
    one, two = member("a", 0, 3600, "program"), member("b", 3, 3500, "program")
    far, wanting = member("c", 3400, 9000, "program"), member("d", 0, 3600)
    assert doubles([one, two, far, wanting]) == {
        RecordingKey("b", "a"): (("b", "b"),),
        RecordingKey("b", "b"): (("b", "a"),),
    }


def test_a_double_lies_within_a_longer_one_whichever_comes_first() -> None:
    short, long = member("a", 600, 1800, "program"), member("b", 0, 3600, "program")
    assert set(doubles([short, long])) == set(doubles([long, short])) == {("b", "a"), RecordingKey("b", "b")}


def test_doubles_of_different_sessions_are_two_broadcasts() -> None:
    one = member("a", 0, 3600, "program", session="s1")
    assert doubles([one, member("b", 0, 3600, "program", session="s2")]) == {}


def test_overlap_is_counted_within_the_recording() -> None:
    of = member("x", 100, 200).time
    assert overlap([], of) == timedelta(0)
    assert overlap([member("a", 0, 1000).time], of) == timedelta(seconds=100)
    assert overlap(
        [member("a", 0, 120).time, member("b", 110, 130).time, member("c", 190, 300).time], of
    ) == timedelta(seconds=40)
    assert overlap([member("a", 0, 180).time, member("b", 120, 150).time], of) == timedelta(seconds=80)
    assert overlap([member("a", 0, 100).time, member("b", 200, 300).time], of) == timedelta(0)
    assert not covers([member("a", 0, 100).time], of)


SPANS = st.tuples(
    st.integers(0, 5000), st.integers(1, 4000), st.booleans(), st.sampled_from((None, "s1", "s2"))
)
STANDINGS: st.SearchStrategy[Standing] = st.sampled_from(("wants", "program", "retired", "waits"))


@given(st.lists(st.tuples(SPANS, STANDINGS), max_size=5))
def test_everything_gets_one_place_whatever_the_order(
    told: list[tuple[tuple[int, int, bool, str | None], Standing]],
) -> None:
    members = [
        member(str(n), start, start + length, standing, composite=composite, session=session)
        for n, ((start, length, composite, session), standing) in enumerate(told)
    ]
    found = arrange(members)
    assert set(found) == {one.key for one in members}
    for order in list(permutations(members))[:12]:
        assert arrange(order) == found
    for one in members:
        if one.standing == "program":
            assert found[one.key] == "kept"


@given(st.lists(SPANS, min_size=1, max_size=6))
def test_every_moment_is_kept_but_for_what_is_told_as_overlapping(
    told: list[tuple[int, int, bool, str | None]],
) -> None:
    members = [member(str(n), start, start + length) for n, (start, length, _, _) in enumerate(told)]
    found = arrange(members)
    kept = [one for one in members if found[one.key] == "kept"]
    for one in members:
        if found[one.key] == "twin":
            assert covers([other.time for other in kept if other is not one], one.time)
        if found[one.key] == "kept":
            assert overlap([other.time for other in kept if other is not one], one.time) == timedelta(0)


def test_one_that_overlaps_is_kept_when_a_person_wants_it() -> None:
    shown, late = member("shown", 0, 3600, "program"), member("late", 1800, 5400)
    assert placements(shown, late)["late"] == "overlapping"
    for wanted in (replace(late, assigned=True), replace(late, restored=True)):
        assert placements(shown, wanted)["late"] == "kept"


def test_what_is_assigned_is_still_a_twin_where_another_one_covers_it() -> None:
    assert placements(member("a", 0, 3600), replace(member("b", 3, 3500), assigned=True))["b"] == "twin"


def test_an_assignment_ends_that_what_was_deleted_covers_a_recording() -> None:
    gone = member("gone", 0, 3600, "retired")
    assert placements(gone, member("b", 3, 3500))["b"] == "retired"
    assert placements(gone, replace(member("b", 3, 3500), assigned=True))["b"] == "kept"


def test_what_is_restored_goes_before_what_merely_wants_and_after_nothing_that_was_deleted() -> None:
    back = replace(member("back", 0, 3000), restored=True)
    assert placements(back, member("longer", 0, 3600)) == {"back": "kept", "longer": "overlapping"}
    assert placements(back, member("gone", 0, 3600, "retired")) == {"back": "kept", "gone": "retired"}
    assert placements(back, member("shown", 0, 3600, "program")) == {"back": "twin", "shown": "kept"}


def test_what_is_restored_waits_for_one_of_its_time_that_is_not_finished() -> None:
    back = replace(member("back", 0, 3000), restored=True)
    assert placements(back, member("live", 1000, 5000, "waits"))["back"] == "settling"
