"""Finds where a program's media may be stored, and whether anything is there."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from reconcile.compare.recording.ownership import Pointers
from reconcile.model.catalog import Program
from reconcile.model.media import ObjectAddress, Spot, names_nothing
from reconcile.model.sighting import Archived, Sighting
from reconcile.model.snapshot import Rules, Snapshot


@dataclass(frozen=True, slots=True)
class MediaAddresses:
    """The objects that a program's URL and s3Key may mean, each once and in order.

    `foreign`: its URL is on another host; `astray`: its URL matches no route.
    """

    addresses: tuple[ObjectAddress, ...] = ()
    foreign: bool = False
    astray: bool = False


@dataclass(frozen=True, slots=True)
class MediaStatus:
    """What is known of a program's media; `why` says what keeps it unknown, or from playing.

    `none`: it points at nothing. `elsewhere`: only fields that nobody looks into name it, or nobody told
    which bucket it would lie in, and the one that is guessed does not exist. `archived` has to be restored.
    """

    state: Literal["none", "foreign", "elsewhere", "there", "archived", "gone", "unknown"]
    places: MediaAddresses = MediaAddresses()
    why: str = ""
    archived: Archived | None = None


class MediaLocations:
    """Finds the media of programs among the objects that were checked."""

    def __init__(self, snapshot: Snapshot, rules: Rules, pointers: Pointers) -> None:
        self._snapshot, self._media, self._pointers = snapshot, rules.media, pointers
        self._ours = snapshot.buckets

    def places_of(self, program: Program) -> MediaAddresses:
        """Return where a program's media may lie: every reading of its URL, and its s3Key."""
        bucket, key = program.s3_bucket, program.s3_key
        read = self._media.spots_of(program.url) if program.url else frozenset[Spot]()
        of_row = set(self._leading_to(bucket, key)) if key else set[ObjectAddress]()
        if read == {(bucket, key)}:
            # Most URLs mean the object that the row names.
            of_url = of_row.copy()
        else:
            of_url = {address for spot in read for address in self._leading_to(*spot)}
        guessed = self._ours | self._media.buckets if key and bucket is None else frozenset[str]()
        of_row |= {ObjectAddress(name, key or "") for name in guessed}
        # Of equal ones those are kept whose text the row holds anyway.
        return MediaAddresses(
            tuple(sorted(of_row | of_url)),
            foreign=bool(program.url) and not read,
            astray=bool(read) and not of_url,
        )

    def _leading_to(self, bucket: str | None, key: str) -> Iterator[ObjectAddress]:
        buckets = {recording.bucket for recording in self._pointers.at(bucket, key)}
        if bucket:
            buckets.add(bucket)
        for name in buckets:
            yield ObjectAddress(name, key)

    def is_there(self, program: Program) -> bool:
        """Whether the object that a program's row names is there, so that `status_of` says the same."""
        if not (program.s3_bucket and program.s3_key) or (program.url and names_nothing(program.url)):
            return False
        sighting = self._snapshot.media.get(ObjectAddress(program.s3_bucket, program.s3_key))
        return sighting is not None and sighting.state == "there"

    def status_of(self, program: Program) -> MediaStatus:
        """Return what is known of a program's media; it is there if any of its places holds something."""
        places = self.places_of(program)
        seen = [(address, self._snapshot.media.get(address)) for address in places.addresses]
        # Players try a URL before a key: one that says "undefined" hides what the key leads to.
        keyless = bool(program.url) or not places.addresses
        if keyless and names_nothing(program.url) and not program.media_elsewhere:
            return MediaStatus("none", places)
        if any(sighting and sighting.state == "there" for _, sighting in seen):
            return MediaStatus("there", places)
        if places.foreign:
            return MediaStatus("foreign", places)
        if not (program.url or program.s3_key):
            return MediaStatus("elsewhere", places)
        for address, sighting in seen:
            if sighting and sighting.state == "archived":
                archived = Archived(ObjectAddress(address.bucket, sighting.key), sighting.archive)
                return MediaStatus("archived", places, sighting.why, archived)
        if seen and all(self._is_guessed_in_vain(address.bucket, sighting) for address, sighting in seen):
            return MediaStatus("elsewhere", places)
        why = next(self._doubts(places, seen), "")
        if why:
            return MediaStatus("unknown", places, why)
        hollow = next((sighting.why for _, sighting in seen if sighting and sighting.state == "empty"), "")
        return MediaStatus("gone", places, hollow)

    def _is_guessed_in_vain(self, bucket: str, sighting: Sighting | None) -> bool:
        """Whether a place is only where the live distribution's routes would lead, and is none here."""
        absent = sighting is not None and sighting.state == "no-bucket"
        guessed = self._media.guessed and bucket in self._media.buckets - self._ours
        return absent and guessed

    def _doubts(
        self, places: MediaAddresses, seen: Iterable[tuple[ObjectAddress, Sighting | None]]
    ) -> Iterator[str]:
        if places.astray:
            yield "no route of RECONCILE_MEDIA_ROUTES leads anywhere from its URL"
        for _, sighting in seen:
            if sighting is None:
                yield "its media was not looked for"
            elif sighting.unseen:
                yield sighting.why
