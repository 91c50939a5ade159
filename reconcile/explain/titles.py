"""Compares titles as people type them: letter case, Unicode form and white space make no difference."""

import unicodedata
from collections.abc import Iterable
from typing import TypeVar

from reconcile.model.texts import clean

SHORTEST_START, SHORTEST_PART = 2, 3
"""A shorter text is found only as a whole title, not as the start or a part of one."""

T = TypeVar("T")

_EXACT, _STARTS, _HOLDS = range(3)


def closest(asked: str, titled: Iterable[tuple[T, str | None]]) -> list[T]:
    """Return the exact matches of a title; without any, those that start with it; else those that contain it.

    A title may be given as a report shows it: in quotation marks, with what steers a terminal made visible,
    or cut with an ellipsis.
    """
    bare = asked.strip().strip("\u2068\u2069").strip("“”")
    name, cut = folded(bare), bare.endswith("…")
    near: dict[int, list[T]] = {_EXACT: [], _STARTS: [], _HOLDS: []}
    for entity, title in titled:
        if title and name:
            ranks = (_rank(name, folded(form), cut=cut) for form in (title, clean(title)))
            if matching := [rank for rank in ranks if rank is not None]:
                near[min(matching)].append(entity)
    return next((entities for entities in near.values() if entities), [])


def folded(text: str) -> str:
    """Return a text without invisible characters and differences of spelling."""
    shown = "".join(character for character in text if unicodedata.category(character) != "Cf")
    return " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", shown).casefold()).split())


def _rank(name: str, title: str, *, cut: bool) -> int | None:
    """Return how close a title is to a name, both folded; None where it does not match."""
    if title == name:
        return _EXACT
    start = name.removesuffix("...").removesuffix("…").rstrip() if cut else name
    if len(start) >= SHORTEST_START and title.startswith(start):
        return _STARTS
    return _HOLDS if len(name) >= SHORTEST_PART and name in title else None
