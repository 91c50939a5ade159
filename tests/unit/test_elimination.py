"""A program without media is the one broadcast's that nothing else shows, if it can be no other's."""

from dataclasses import replace
from datetime import datetime
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.compare.recording.elimination import ANY_TIME, BroadcastWithoutProgram, eliminate
from reconcile.model.catalog import Program
from reconcile.model.parse import parse_items
from reconcile.model.recording import RecordingKey
from tests.unit.builders import BEFORE, HOUR, medialess_item


def program(name: str, created: float | None = 1) -> Program:
    """Return a program that was made so many hours after BEFORE."""
    (one,) = parse_items([medialess_item(name)]).programs.values()
    return replace(one, created_at=None if created is None else BEFORE + created * HOUR)


def wanting(name: str, start: float, *, ready: bool = True) -> BroadcastWithoutProgram:
    key = RecordingKey("b", name)
    return BroadcastWithoutProgram(
        BEFORE + start * HOUR, key, (key, RecordingKey("b", f"{name}-twin")), ready
    )


def told(
    programs: list[Program], broadcasts: list[BroadcastWithoutProgram]
) -> tuple[dict[str, str], dict[str, list[str]]]:
    found = eliminate(programs, broadcasts)
    given_ = {key[1]: one.program_id for key, one in found.given.items()}
    return given_, {key[1]: [one.program_id for one in held] for key, held in found.rivals.items()}


def test_one_program_is_the_one_broadcast_s() -> None:
    assert told([program("p")], [wanting("a", 0)]) == ({"a": "p"}, {})
    assert told([], [wanting("a", 0)]) == told([program("p")], []) == ({}, {})


def test_two_of_either_are_rivals_for_every_recording_of_a_broadcast() -> None:
    assert told([program("p"), program("q", 2)], [wanting("a", 0)]) == (
        {},
        {"a": ["p", "q"], "a-twin": ["p", "q"]},
    )
    _, rivals = told([program("p", 9)], [wanting("a", 0), wanting("b", 2)])
    assert set(rivals) == {"a", "a-twin", "b", "b-twin"}


def test_a_program_is_none_s_that_began_after_it_was_made() -> None:
    assert told([program("p", -1)], [wanting("a", 0)]) == ({}, {})
    assert told([program("p", 0)], [wanting("a", 0)]) == ({"a": "p"}, {})
    assert told([program("p", 1)], [wanting("a", 0), wanting("b", 2)]) == ({"a": "p"}, {})
    assert told([program("p", -5), program("q", 1)], [wanting("a", 0)]) == ({"a": "q"}, {})


def test_one_of_unknown_age_may_be_anyone_s() -> None:
    assert told([program("p", None)], [wanting("a", 0)]) == ({"a": "p"}, {})
    assert told([program("p", None)], [wanting("a", 0), wanting("b", 2)])[0] == {}


def test_nothing_is_given_while_a_broadcast_goes_on_or_its_time_is_unknown() -> None:
    assert told([program("p")], [wanting("a", 0, ready=False)])[0] == {}
    blind = replace(wanting("x", 0, ready=False), start=ANY_TIME)
    assert told([program("p")], [wanting("a", 0), blind])[0] == {}


TIMES = st.one_of(st.none(), st.integers(0, 9))


@given(st.lists(TIMES, max_size=5), st.lists(st.integers(0, 9), max_size=5))
def test_what_is_given_is_given_once_fits_and_could_go_nowhere_else(
    made: list[int | None], begun: list[int]
) -> None:
    programs = [program(f"p{n}", created) for n, created in enumerate(made)]
    broadcasts = [wanting(f"w{n}", start) for n, start in enumerate(begun)]
    found = eliminate(programs, broadcasts)

    def fits(one: Program, start: datetime) -> bool:
        return one.created_at is None or one.created_at >= start

    for broadcast in broadcasts:
        candidates = [one for one in programs if fits(one, broadcast.start)]
        alone = len(candidates) == 1 and sum(fits(candidates[0], b.start) for b in broadcasts) == 1
        assert (broadcast.first in found.given) == alone
        assert (broadcast.first in found.rivals) == (bool(candidates) and not alone)
    assert len({one.key for one in found.given.values()}) == len(found.given)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_order_does_not_matter(order: tuple[int, ...]) -> None:
    programs = [program("p", 1), program("q", 3), program("r", None)]
    broadcasts = [wanting("a", 0), wanting("b", 2), wanting("c", 4)]
    shuffled = eliminate([programs[n] for n in order], [broadcasts[n] for n in order])
    assert shuffled == eliminate(programs, broadcasts)
