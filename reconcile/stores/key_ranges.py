"""Finds borders between which the keys of a bucket can be listed at once.

A listing is a chain: each page says where the next one begins. Folders give places to begin at without it.
"""

from collections.abc import Callable, Sequence
from typing import Any

BORDERS = 5
_ENOUGH = 2
"""With so many, no folder further down is looked at: it would part little beside them."""
LOOKS = 7
"""How many requests are made to find borders, at most: as many as folders lead to the months of a channel."""
_WITHIN_MEDIA = "/media/"
_FIRST_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def borders(page: Callable[..., Any], behind: str, roots: Sequence[str]) -> list[str]:
    """Return some keys behind a key, in order, that part what is left of a bucket; none where none are found.

    `page` asks for one page of the bucket's listing; `roots` are folders that nobody lists. Such places are
    the folders beside those on the way to the key, from the top down until there are enough. Where there are
    more than a page holds, their names are taken to begin with any letter or digit. No border lies within
    media, so none parts what the store rolls up into one entry.
    """
    found, folder = list[str](), ""
    for _ in range(LOOKS):
        answer = page(Delimiter="/", Prefix=folder, StartAfter=behind)
        names = [folded["Prefix"] for folded in answer.get("CommonPrefixes", [])]
        if any(name < behind and not behind.startswith(name) for name in names):
            # The store does not begin where it is told to.
            return []
        if answer["IsTruncated"]:
            names = [f"{folder}{letter}" for letter in _FIRST_LETTERS]
        found += (name for name in names if name > behind and not _is_unfit(name, roots))
        deeper, slash, _ = behind[len(folder) :].partition("/")
        folder = f"{folder}{deeper}/"
        if len(found) >= _ENOUGH or not slash or _is_unfit(folder, roots):
            break
    return _spread(sorted(set(found)))


def _is_unfit(name: str, roots: Sequence[str]) -> bool:
    return _WITHIN_MEDIA in name or name.startswith(tuple(roots))


def _spread(names: Sequence[str]) -> list[str]:
    """Return a few of some names, at even distances."""
    if len(names) <= BORDERS:
        return list(names)
    return [names[(number + 1) * len(names) // (BORDERS + 1)] for number in range(BORDERS)]
