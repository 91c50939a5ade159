"""What lies in a recording's media folder."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MediaListing:
    """The media of a recording: total size in bytes, a thumbnail's key, and all keys.

    `size` and `keys` are None where there are too many objects to list. `empty` are the keys of objects that
    hold nothing, `in_question` of those that may lie in an archive, as far as a listing tells.
    """

    size: int | None
    thumbnail: str | None
    keys: frozenset[str] | None = frozenset()
    empty: frozenset[str] = frozenset()
    in_question: frozenset[str] = frozenset()

    def has(self, readings: Iterable[str]) -> bool:
        """Whether an object lies at one of these keys; what was not listed is not called missing."""
        return self.keys is None or any(key in self.keys for key in readings)
