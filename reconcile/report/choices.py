"""Lays out what a person decides between: one column for each candidate, one row for each fact. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reconcile.report.words import lasting_seconds, line_of, plural, when_written

MOST = 4
"""So many stand side by side; who has to decide between more needs the JSON report."""

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Choice:
    """Candidates side by side: their letters, rows of (label, one value each), and where each is stored."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    places: tuple[str, ...]
    more: str = ""


def choice_of(candidates: Sequence[Mapping[str, Any]]) -> Choice | None:
    """Return candidates side by side; None where there are none."""
    if not candidates:
        return None
    shown, left = candidates[:MOST], len(candidates) - MOST
    rows = ((label, tuple(_cell(say, name, one) for one in shown)) for label, name, say in _ROWS)
    return Choice(
        heads=tuple(_LETTERS[: len(shown)]),
        rows=tuple((label, cells) for label, cells in rows if any(cell not in ("", "–") for cell in cells)),
        places=tuple(map(_place, shown)),
        more=f"and {plural(left, 'more candidate')} in the JSON report" if left > 0 else "",
    )


def in_columns(choice: Choice, width: int) -> Iterable[str]:
    """Yield lines of a fixed pitch, in at most this many columns where the values let them."""
    labels = max((len(label) for label, _ in choice.rows), default=0)
    room = max(12, (width - labels) // len(choice.heads) - 2)
    for label, cells in (("", choice.heads), *choice.rows):
        parts = [_wrapped(cell, room) for cell in cells]
        for number in range(max(map(len, parts))):
            texts = [part[number] if number < len(part) else "" for part in parts]
            name = label if number == 0 else ""
            yield "  ".join((name.ljust(labels), *(text.ljust(room) for text in texts))).rstrip()
    for head, place in zip(choice.heads, choice.places, strict=True):
        yield f"{head}: {place}"
    if choice.more:
        yield choice.more


def _wrapped(text: str, room: int) -> list[str]:
    lines, line = list[str](), ""
    for word in text.split(" "):
        if line and len(line) + 1 + len(word) > room:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line]


def _cell(say: Callable[[Any], str], name: str, candidate: Mapping[str, Any]) -> str:
    value = candidate.get(name)
    return "–" if value is None else say(value)


def _place(candidate: Mapping[str, Any]) -> str:
    if "pk" in candidate:
        return line_of(f"{candidate['pk']}  {candidate['sk']}")
    return line_of(f"show {candidate.get('showId', '')}")


def _yes(value: Any) -> str:
    return "yes" if value else "no"


def _seconds(value: Any) -> str:
    return lasting_seconds(value) if isinstance(value, int | float) else line_of(value)


_ROWS: tuple[tuple[str, str, Callable[[Any], str]], ...] = (
    ("Title", "title", line_of),
    ("Made by", "made_by", line_of),
    ("In run", "run", line_of),
    ("Made", "created", when_written),
    ("Duration", "duration_s", _seconds),
    ("Group", "group", line_of),
    ("Group id", "groupId", line_of),
    ("Owner", "owner", line_of),
    ("Show", "showId", line_of),
    ("In search", "in_search", _yes),
    ("Network copies", "copies", line_of),
    ("In playlists", "playlists", line_of),
    ("Recordings", "recordings", line_of),
    ("Plays", "program_url", line_of),
)
"""What is told of each candidate: the label, its name in the JSON, and how its value is said."""
