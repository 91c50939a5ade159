"""Buckets of millions of keys that are computed, never held, and pages of them as S3 lists them.

The rules are those of https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html : at most 1,000
entries a page, of which each common prefix is one; those not greater than StartAfter are left out.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

MOST = 1000


@dataclass(frozen=True)
class KeySpace:
    """Keys in order: each base with each of its suffixes. Both are sorted ASCII; no base begins another."""

    blocks: Sequence[tuple[str, Sequence[str]]]

    def __len__(self) -> int:
        return sum(len(suffixes) for _, suffixes in self.blocks)

    def keys(self, least: str, *, or_equal: bool) -> Iterator[str]:
        """Yield the keys that are greater than a text, or equal to it where that counts too."""
        first = max(0, bisect_right(self.blocks, least, key=lambda block: block[0]) - 1)
        for base, suffixes in islice(self.blocks, first, None):
            start = 0
            if least.startswith(base):
                find = bisect_left if or_equal else bisect_right
                start = find(suffixes, least.removeprefix(base))
            elif least > base:
                continue
            for suffix in islice(suffixes, start, None):
                yield base + suffix


@dataclass(frozen=True)
class Page:
    """One page of a listing; `last` is its last entry where there is more, None where there is not."""

    keys: list[str] = field(default_factory=list)
    folded: list[str] = field(default_factory=list)
    last: str | None = None


def list_page(
    space: KeySpace, prefix: str = "", delimiter: str = "", after: str = "", most: int = MOST
) -> Page:
    """Return the page that begins behind `after`, a StartAfter or the last entry of the page before."""
    most = min(most, MOST)
    found = list(islice(_entries(space, prefix, delimiter, after), most + 1))
    shown = found[:most]
    return Page(
        [entry for entry, folded in shown if not folded],
        [entry for entry, folded in shown if folded],
        shown[-1][0] if len(found) > most else None,
    )


def _entries(space: KeySpace, prefix: str, delimiter: str, after: str) -> Iterator[tuple[str, bool]]:
    """Yield what a listing shows behind `after`, in order, and whether it is a common prefix."""
    keys: Iterator[str] | None = space.keys(max(after, prefix), or_equal=after < prefix)
    while keys:
        under, keys = keys, None
        for key in under:
            if not key.startswith(prefix):
                return
            cut = key.find(delimiter, len(prefix)) if delimiter else -1
            if cut < 0:
                yield key, False
                continue
            fold = key[: cut + len(delimiter)]
            if fold > after:
                yield fold, True
            # Nothing under a common prefix is looked at one by one.
            keys = space.keys(fold[:-1] + chr(ord(fold[-1]) + 1), or_equal=True)
            break
