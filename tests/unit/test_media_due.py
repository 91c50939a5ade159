"""What media is looked for each night: all of it within the time, a part a night, what is urgent first."""

from datetime import UTC, datetime, timedelta
from math import ceil
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from reconcile.compare.media_due import Addresses, look_tonight, still_counts
from reconcile.model.catalog import Program
from reconcile.model.finding import program_subject
from reconcile.model.media import MediaMap, ObjectAddress
from reconcile.model.parse import parse_items
from reconcile.model.snapshot import Rules
from tests.unit.builders import iso, program_item

NOW = datetime(2026, 11, 1, 2, tzinfo=UTC)
MEDIA = MediaMap("media.example", (), ())


def program(name: str, updated_at: datetime = NOW) -> Program:
    """Return a program whose row was changed then."""
    (one,) = parse_items([program_item(name, updatedAt=iso(updated_at))]).programs.values()
    return one


def address(number: int) -> ObjectAddress:
    return ObjectAddress("uploads", f"{number}.mp4")


def place(number: int) -> Addresses:
    return (address(number),)


@given(st.integers(1, 60), st.integers(1, 40), st.integers(0, 10**6))
def test_every_program_is_seen_within_the_time(number: int, days: int, seed: int) -> None:
    """Nights begin within half an hour of their time; on none more is looked for than a part."""
    chance, recheck = Random(seed), timedelta(days=days)
    programs = [program(f"p{n}", updated_at=NOW - timedelta(days=99)) for n in range(number)]
    places = [place(n) for n in range(number)]
    seen = dict.fromkeys((address(n) for n in range(number)), NOW)
    for night in range(1, 2 * days + 2):
        now = NOW + timedelta(days=night, minutes=chance.randrange(-15, 16))
        chosen = look_tonight(programs, places, seen, Rules(now, MEDIA), recheck)
        assert len(chosen) <= ceil(number / days)
        seen |= {one: now for its_places in chosen for one in its_places}
        assert all(now - at < recheck + timedelta(hours=1) for at in seen.values())


def test_what_is_urgent_comes_first_in_its_order() -> None:
    old = NOW - timedelta(days=99)
    programs = [program(f"p{n}", updated_at=old) for n in range(28)]
    programs[3] = program("p3", updated_at=NOW - timedelta(hours=1))
    places = [place(n) for n in range(28)]
    seen = {address(n): NOW - timedelta(days=1 + n / 28) for n in range(28) if n != 9}
    subjects = [program_subject(one.key, one.program_id) for one in programs]
    rules = Rules(NOW, MEDIA, undecided={subjects[5]: NOW}, media_findings=frozenset({subjects[7]}))
    chosen = look_tonight(programs, places, seen, rules, timedelta(days=28))
    assert chosen == [places[n] for n in (3, 5, 7, 9, 27)]


def test_what_was_missing_counts_as_present_on_no_account() -> None:
    programs, seen = [program("p0"), program("p1")], {address(0): NOW, address(1): NOW}
    rules = Rules(NOW, MEDIA, media_findings=frozenset({program_subject(programs[0].key, "p0")}))
    assert list(still_counts(programs, [place(0), place(1)], seen, rules)) == [(address(1), NOW)]
