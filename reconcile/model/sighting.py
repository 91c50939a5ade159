"""What became of looking for an object in its bucket, and of asking for a playback URL."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Sighting:
    """Whether an object is there; `why` says what kept anybody from seeing it.

    `no-bucket`: there is no bucket of that name. `denied`: a permission is missing.
    """

    state: Literal["there", "gone", "no-bucket", "denied", "failed"]
    why: str = ""

    @property
    def unseen(self) -> bool:
        """Whether nothing was learned."""
        return self.state in ("denied", "failed")


@dataclass(frozen=True, slots=True)
class Reply:
    """What a playback URL answered: `plays` (2xx), `refused` (4xx), or `none` that tells anything."""

    state: Literal["plays", "refused", "none"]
    why: str = ""


THERE, GONE = Sighting("there"), Sighting("gone")
NO_BUCKET = Sighting("no-bucket", "there is no such bucket")
