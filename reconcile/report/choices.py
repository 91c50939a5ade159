"""Lays out what a person decides between: one column for each candidate, one row for each fact. Pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from reconcile.model.documents import Candidate
from reconcile.report.formatting import lasting_seconds, line_of, plural, when_written

MOST = 4
"""So many stand side by side; who has to decide between more needs the JSON report."""

_ADDRESS = "Plays"
_ALIKE = ("title", "owner", "showId", "groupId", "program_url")
"""What is left out where it is the same for all: it helps nobody to decide."""

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Choice:
    """Candidates side by side: their letters, rows of (label, one value each), and where each is stored."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    places: tuple[str, ...]
    more: str = ""

    @property
    def differing(self) -> frozenset[str]:
        """The labels of the rows in which the candidates differ."""
        return frozenset(label for label, cells in self.rows if len(set(cells)) > 1)


def choice_of(candidates: Sequence[Candidate]) -> Choice | None:
    """Return candidates side by side; None where there are none."""
    if not candidates:
        return None
    shown, left = candidates[:MOST], len(candidates) - MOST
    names = [row for row in _ROWS if not (row[1] in _ALIKE and _is_alike(shown, row[1]))]
    rows = ((label, tuple(_cell(say, name, candidate) for candidate in shown)) for label, name, say in names)
    return Choice(
        heads=tuple(_LETTERS[: len(shown)]) if len(shown) > 1 else (line_of(shown[0].get("what", "row")),),
        rows=tuple((label, cells) for label, cells in rows if any(cell not in ("", "–") for cell in cells)),
        places=tuple(map(_place, shown)),
        more=f"and {plural(left, 'more candidate')} in the JSON report" if left > 0 else "",
    )


def in_columns(choice: Choice, width: int) -> Iterable[str]:
    """Yield lines of a fixed pitch, in at most this many columns where the values let them."""
    labels = max((len(label) for label, _ in choice.rows), default=0)
    room = max(12, (width - labels) // len(choice.heads) - 2)
    short = [row for row in choice.rows if row[0] != _ADDRESS]
    for label, cells in (("", choice.heads), *short):
        parts = [_wrapped(cell, room) for cell in cells]
        for number in range(max(map(len, parts))):
            texts = [part[number] if number < len(part) else "" for part in parts]
            name = label if number == 0 else ""
            yield "  ".join((name.ljust(labels), *(text.ljust(room) for text in texts))).rstrip()
    addresses = dict(choice.rows).get(_ADDRESS, ())
    yield from (f"{head}: {place}" for head, place in zip(choice.heads, choice.places, strict=True))
    yield from (f"{head} plays {address}" for head, address in zip(choice.heads, addresses, strict=False))
    if choice.more:
        yield choice.more


def _is_alike(candidates: Sequence[Candidate], name: str) -> bool:
    """Whether several candidates have the same value, which then decides nothing."""
    first = candidates[0].get(name)
    return len(candidates) > 1 and all(candidate.get(name) == first for candidate in candidates)


def _wrapped(text: str, room: int) -> list[str]:
    lines, line = list[str](), ""
    for word in text.split(" "):
        if line and len(line) + 1 + len(word) > room:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line]


def _cell(say: Callable[[Any], str], name: str, candidate: Candidate) -> str:
    value = candidate.get(name)
    return "–" if value is None else say(value)


def _place(candidate: Candidate) -> str:
    if "pk" in candidate:
        return line_of(f"{candidate['pk']}  {candidate['sk']}")
    return line_of(f"show {candidate.get('showId', '')}")


def _yes(value: Any) -> str:
    return "yes" if value else "no"


def _seconds(value: Any) -> str:
    # The live processor does not know the duration, and writes 0.
    if value == 0:
        return "not stored (0)"
    return lasting_seconds(value) if isinstance(value, int | float) else line_of(value)


_ROWS: tuple[tuple[str, str, Callable[[Any], str]], ...] = (
    ("Title", "title", line_of),
    ("Created by", "made_by", line_of),
    ("In run", "run", line_of),
    ("Created", "created", when_written),
    ("Duration", "duration_s", _seconds),
    ("Group", "group", line_of),
    ("Group id", "groupId", line_of),
    ("Owner", "owner", line_of),
    ("Show", "showId", line_of),
    ("In search", "in_search", _yes),
    ("Network copies", "copies", line_of),
    ("In playlists", "playlists", line_of),
    ("Recordings", "recordings", line_of),
    (_ADDRESS, "program_url", line_of),
)
"""The facts of each candidate: the label, its name in the JSON, and how its value is shown."""
