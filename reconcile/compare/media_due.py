"""Chooses the programs whose media is looked for in this run: so that each is seen again in time. Pure."""

import math
from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from heapq import nsmallest

from reconcile.model.catalog import Program
from reconcile.model.finding import Subject, program_subject
from reconcile.model.media import ObjectAddress
from reconcile.model.snapshot import Rules

_NIGHT = timedelta(days=1)
_LATE = timedelta(hours=1)
"""How much later than a day after this run the next one may begin."""

Seen = Mapping[ObjectAddress, datetime]
"""When earlier runs saw objects."""

Addresses = Sequence[ObjectAddress]
"""Where a program's media may lie."""


def last_seen(addresses: Addresses, seen: Seen) -> datetime | None:
    """Return when a program's media was last seen at any of its places."""
    return max((seen[address] for address in addresses if address in seen), default=None)


def must_look(program: Program, addresses: Addresses, seen: Seen, rules: Rules) -> bool:
    """Whether a program is new, has changed since its media was seen, or is undecided or a finding."""
    last = last_seen(addresses, seen)
    if last is None or _is_among(program, rules.undecided) or _is_among(program, rules.media_findings):
        return True
    return program.updated_at is not None and program.updated_at > last - rules.settle


def _is_among(program: Program, subjects: Collection[Subject]) -> bool:
    # There are seldom any, and to name the subject takes longer than all else that is asked of a program.
    return bool(subjects) and program_subject(program.key, program.program_id) in subjects


def look_tonight(
    programs: Sequence[Program],
    places: Sequence[Addresses],
    seen: Seen,
    rules: Rules,
    media_recheck: timedelta,
) -> list[Addresses]:
    """Return the places to look at, the most urgent first, given those of each program.

    First come the programs that must be looked for, in the order that is given; then those unseen for
    longest: as many as it takes to see all of them within the time, a part each night.
    """
    # A whole archive waits: numbers take a small part of what pairs of a time and a place would.
    urgent, waiting, overdue = list[Addresses](), array("Q"), 0
    for place, (program, addresses) in enumerate(zip(programs, places, strict=True)):
        last = last_seen(addresses, seen)
        if last is None or must_look(program, addresses, seen, rules):
            urgent.append(addresses)
        else:
            waiting.append(place)
            overdue += rules.now - last + _NIGHT > media_recheck + _LATE
    share = math.ceil(len(waiting) / max(1, media_recheck // _NIGHT))
    longest_unseen = nsmallest(
        max(overdue, share), waiting, key=lambda place: (last_seen(places[place], seen), place)
    )
    return [*urgent, *(places[place] for place in longest_unseen)]


def still_counts(
    programs: Iterable[Program], places: Iterable[Addresses], seen: Seen, rules: Rules
) -> Iterator[tuple[ObjectAddress, datetime]]:
    """Yield the objects that count as present where nobody looks for them, and when they were seen.

    Of a program whose media was missing when it was last looked for none does.
    """
    for program, addresses in zip(programs, places, strict=True):
        if not _is_among(program, rules.media_findings):
            yield from ((address, seen[address]) for address in addresses if address in seen)
