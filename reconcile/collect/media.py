"""Looks for the media that programs point at, and asks for their playback URLs; keeps the receipts."""

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from math import inf
from typing import TypeVar

from reconcile.collect.stores import Progress, Stores, silent
from reconcile.compare.media_due import Addresses, Seen, look_tonight, must_look, still_counts
from reconcile.compare.media_locations import MediaLocations
from reconcile.compare.recording.ownership import Pointers
from reconcile.model.catalog import Program, RowKey
from reconcile.model.deadline import ENDLESS, Deadline
from reconcile.model.facts import MEDIA_RECHECK
from reconcile.model.finding import program_subject
from reconcile.model.media import ObjectAddress
from reconcile.model.run import Receipt
from reconcile.model.sighting import Reply, Sighting
from reconcile.model.snapshot import Rules, Snapshot
from reconcile.stores.ports import ObjectsReader

_AT_ONCE = 256
_NEVER = datetime.min.replace(tzinfo=UTC)
"""When a program was made that does not say so."""

T = TypeVar("T")
R = TypeVar("R")


def check_media(
    snapshot: Snapshot, rules: Rules, stores: Stores, progress: Progress, deadline: Deadline = ENDLESS
) -> Snapshot:
    """Look for the media of programs, and ask for their URLs where a playback check is wanted.

    First come the programs that have not been checked for longest, then the newest. Of those whose media an
    earlier run saw, a part is looked for: the longest unseen. What time does not suffice for is left,
    and counts as present where it was seen not too long ago.
    """
    programs = _in_order(snapshot.catalog.programs, rules)
    snapshot = _look_for_media(programs, snapshot, rules, stores, progress, deadline)
    return _ask_for_playback(programs, snapshot, rules, stores, progress, deadline)


def _in_order(programs: Mapping[RowKey, Program], rules: Rules) -> list[Program]:
    # Three sorts, the least first, rather than one by keys that would be made for a whole archive at once.
    ordered = [programs[key] for key in sorted(programs)]
    ordered.sort(key=lambda program: program.created_at or _NEVER, reverse=True)
    if rules.undecided:
        ordered.sort(key=lambda program: _undecided_since(program, rules))
    return ordered


def _undecided_since(program: Program, rules: Rules) -> float:
    since = rules.undecided.get(program_subject(program.key, program.program_id))
    return since.timestamp() if since else inf


def recheck_media(
    snapshot: Snapshot, addresses: Iterable[ObjectAddress], urls: Iterable[str], rules: Rules, stores: Stores
) -> Snapshot:
    """Look once more for some objects and URLs."""
    sightings = stores.objects.exist(set(addresses))
    on_domain = {url for url in urls if rules.media.is_on_domain(url)}
    replies = stores.playback.ask(on_domain) if stores.playback else {}
    media = {**snapshot.media, **sightings}
    return _with_failures(replace(snapshot, media=media, replies={**snapshot.replies, **replies}))


def media_of(programs: Iterable[Program], snapshot: Snapshot, rules: Rules) -> set[ObjectAddress]:
    """Return where the media of some programs may lie."""
    locations = _locations(snapshot, rules)
    return {address for program in programs for address in locations.places_of(program).addresses}


def _locations(snapshot: Snapshot, rules: Rules) -> MediaLocations:
    return MediaLocations(snapshot, rules, Pointers(snapshot.recordings, rules.media))


def _look_for_media(
    programs: Sequence[Program],
    snapshot: Snapshot,
    rules: Rules,
    stores: Stores,
    progress: Progress,
    deadline: Deadline,
) -> Snapshot:
    locations, seen = _locations(snapshot, rules), snapshot.remembered.media
    places, foreign = list[Addresses](), 0
    for program in programs:
        its_places = locations.places_of(program)
        places.append(its_places.addresses)
        foreign += its_places.foreign
    if not any(places):
        return snapshot
    recheck = snapshot.facts.media_recheck if snapshot.facts else MEDIA_RECHECK
    chosen = look_tonight(programs, places, seen, rules, recheck)
    addresses = list(dict.fromkeys(address for place in chosen for address in place))
    begun, requests = time.monotonic(), stores.objects.requests()
    media = dict(snapshot.media)
    unseen = [address for address in addresses if address not in media]
    media |= _in_parts(
        unseen, stores.objects.exist, lambda: deadline.ends_reading, "looking for media", progress
    )
    # All that was seen in one run was seen at one time.
    sightings = {at: Sighting("there", seen=at) for at in set(seen.values())}
    for address, at in still_counts(programs, places, seen, rules):
        media.setdefault(address, sightings[at])
    if late := _unknown(places, media):
        why = f"time ran out: {len(late):,} of {len(media) + len(late):,} media objects were not checked"
        media |= dict.fromkeys(late, Sighting("failed", why))
    ahead = [receipt for receipt in snapshot.receipts if receipt.source == "media"]
    receipt = Receipt(
        source="media",
        whole=True,
        items=len(media),
        requests=stores.objects.requests() - requests + sum(read.requests for read in ahead),
        seconds=round(time.monotonic() - begun + sum(read.seconds for read in ahead), 3),
        detail={
            "urls_on_foreign_hosts": foreign,
            **(_looked_for(media, rules.now) if snapshot.facts else {}),
        },
    )
    receipts = (*(read for read in snapshot.receipts if read.source != "media"), receipt)
    # What was seen is part of the media now.
    rest = replace(snapshot.remembered, media={})
    return _with_failures(replace(snapshot, media=media, receipts=receipts, remembered=rest))


def _unknown(places: Iterable[Addresses], media: Mapping[ObjectAddress, Sighting]) -> list[ObjectAddress]:
    """Return the objects that nobody looked for, of programs of which none is known to be there."""
    undecided = (
        addresses
        for addresses in places
        if not any(address in media and media[address].state == "there" for address in addresses)
    )
    named = dict.fromkeys(address for addresses in undecided for address in addresses)
    return [address for address in named if address not in media]


def _looked_for(media: Mapping[ObjectAddress, Sighting], now: datetime) -> dict[str, int]:
    """Return how many objects were looked for in this run and in earlier ones, and how long ago."""
    seen = [sighting.seen for sighting in media.values() if sighting.seen]
    return {
        "looked_for_now": len(media) - len(seen),
        "remembered": len(seen),
        "oldest_days": max(((now - at).days for at in seen), default=0),
    }


@dataclass(frozen=True, slots=True)
class MediaSeen:
    """What was seen of media while the table was scanned, and its receipt, if anything was looked for."""

    media: Mapping[ObjectAddress, Sighting] = field(default_factory=dict)
    receipts: tuple[Receipt, ...] = ()


def look_ahead(
    pages: Iterable[Collection[Program]],
    snapshot: Snapshot,
    rules: Rules,
    objects: ObjectsReader,
    is_over: Callable[[], bool],
    seen: Seen,
) -> MediaSeen:
    """Look for the media of programs as they come, until time is over; `snapshot` holds the recordings.

    Of those whose media earlier runs saw, only what has to be looked for in any case.
    """
    begun, requests = time.monotonic(), objects.requests()
    locations = _locations(snapshot, rules)
    media = dict[ObjectAddress, Sighting]()
    for programs in pages:
        if is_over():
            break
        places = ((program, locations.places_of(program).addresses) for program in programs)
        due = (each for program, each in places if must_look(program, each, seen, rules))
        addresses = {address for each in due for address in each}
        media |= _in_parts(sorted(addresses - media.keys()), objects.exist, is_over, "", silent)
    receipt = Receipt(
        source="media",
        whole=True,
        items=len(media),
        requests=objects.requests() - requests,
        seconds=round(time.monotonic() - begun, 3),
    )
    return MediaSeen(media, (receipt,) if media else ())


def _ask_for_playback(
    programs: Iterable[Program],
    snapshot: Snapshot,
    rules: Rules,
    stores: Stores,
    progress: Progress,
    deadline: Deadline,
) -> Snapshot:
    if stores.playback is None:
        return snapshot
    urls = dict.fromkeys(program.url for program in programs if program.url)
    on_domain = [url for url in urls if rules.media.is_on_domain(url)]
    if not on_domain:
        return snapshot
    begun = time.monotonic()
    replies = _in_parts(
        on_domain, stores.playback.ask, lambda: deadline.ends_reading, "asking for playback", progress
    )
    if late := [url for url in on_domain if url not in replies]:
        why = f"time ran out: {len(late):,} of {len(on_domain):,} URLs were not requested"
        replies |= dict.fromkeys(late, Reply("none", why))
    seconds = round(time.monotonic() - begun, 3)
    receipt = Receipt("playback", whole=True, items=len(on_domain), requests=len(on_domain), seconds=seconds)
    return _with_failures(replace(snapshot, replies=replies, receipts=(*snapshot.receipts, receipt)))


def _in_parts(
    items: Sequence[T],
    look_for: Callable[[Collection[T]], dict[T, R]],
    is_over: Callable[[], bool],
    step: str,
    progress: Progress,
) -> dict[T, R]:
    """Return what was found, looked for a part at a time, until there is no time left for the next one."""
    found = dict[T, R]()
    for start in range(0, len(items), _AT_ONCE):
        if is_over():
            break
        found |= look_for(items[start : start + _AT_ONCE])
        progress(step, min(start + _AT_ONCE, len(items)), len(items))
    return found


def _with_failures(snapshot: Snapshot) -> Snapshot:
    """Return the snapshot with what could not be seen told in the receipts, once for each reason."""
    unseen = Counter(sighting.why for sighting in snapshot.media.values() if sighting.unseen)
    unanswered = Counter(reply.why for reply in snapshot.replies.values() if reply.state == "none")
    whys = {"media": _in_words(unseen, "object"), "playback": _in_words(unanswered, "URL")}
    nowhere = sorted(
        {address.bucket for address, sighting in snapshot.media.items() if sighting.state == "no-bucket"}
    )
    receipts = (
        replace(
            receipt,
            whole=not whys[receipt.source],
            why=whys[receipt.source],
            detail={**receipt.detail, "no_such_bucket": nowhere}
            if receipt.source == "media"
            else receipt.detail,
        )
        if receipt.source in whys
        else receipt
        for receipt in snapshot.receipts
    )
    return replace(snapshot, receipts=tuple(receipts))


def _in_words(reasons: Counter[str], noun: str) -> str:
    return "; ".join(f"{why} ({n:,} {noun}{'' if n == 1 else 's'})" for why, n in sorted(reasons.items()))
