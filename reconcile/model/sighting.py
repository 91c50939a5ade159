"""What became of looking for an object in its bucket, and of asking for a playback URL."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from reconcile.model.media import ObjectAddress


@dataclass(frozen=True, slots=True)
class Sighting:
    """Whether an object is there; `why` says what kept anybody from seeing it, or from playing it.

    `no-bucket`: there is no bucket of that name. `denied`: a permission is missing. `archived`: it, or a
    segment of the recording whose manifest it is, lies in an `archive` and cannot be read; `empty`: there is
    nothing in it. `key` names the object that is archived or empty. `seen` says when an earlier run saw
    that it is there; None where this run looked.
    """

    state: Literal["there", "gone", "empty", "archived", "no-bucket", "denied", "failed"]
    why: str = ""
    key: str = ""
    archive: str = ""
    seen: datetime | None = None

    @property
    def unseen(self) -> bool:
        """Whether nothing was learned."""
        return self.state in ("denied", "failed")


@dataclass(frozen=True, slots=True)
class Reply:
    """What a playback URL answered: `plays` (2xx), `refused` (4xx), or `none` that tells anything."""

    state: Literal["plays", "refused", "none"]
    why: str = ""


@dataclass(frozen=True, slots=True)
class Archived:
    """An object that keeps a recording from playing because it lies in an archive."""

    address: ObjectAddress
    archive: str


THERE, GONE = Sighting("there"), Sighting("gone")
NO_BUCKET = Sighting("no-bucket", "there is no such bucket")


def archived(key: str, archive: str) -> Sighting:
    """Return the sighting of an object in an archive."""
    return Sighting("archived", f"{key} lies in {archive}", key, archive)


def empty(key: str) -> Sighting:
    """Return the sighting of an empty object."""
    return Sighting("empty", f"{key} is empty", key)
