"""Prints an explanation: the verdict, then why, what the stores hold, and what a repair would write."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from reconcile.explain.explanation import Explanation, Listing, SubjectVerdict
from reconcile.model.clock import write_time
from reconcile.model.verdict_table import label_of
from reconcile.report.choices import choice_of, in_columns
from reconcile.report.formatting import (
    clean,
    facts_of,
    lasting_seconds,
    line_of,
    place_of_subject,
    subject_words,
    value_words,
)
from reconcile.report.writes import write_words

if TYPE_CHECKING:
    from rich.console import Console

_QUIET = (
    *("entityType", "GSI1PK", "GSI1SK", "premium", "tags", "broadcast_type", "description", "programId"),
    *("sourceType", "s3Bucket", "imageFiles", "mediaFiles", "created_timestamp"),
)
"""What a write holds besides, and nobody asks for on a screen; the JSON has all of it."""

_SIDES = ("S3", "DynamoDB", "Algolia")
_BESIDE = {
    "session": ("status", "createdAt", "updatedAt", "showId"),
    "show": ("title", "producerId", "groupId"),
    "group": ("groupId", "programsCount"),
    "recording row": ("status", "startTime", "endTime", "programId", "s3Key"),
    "copy": ("programId", "title", "program_url"),
}


def print_answer(answer: Explanation | Listing, console: "Console") -> None:
    """Print what was found, on a screen or into a pipe."""
    if isinstance(answer, Explanation):
        print_explanation(answer, console)
    else:
        print_listing(answer, console)


def print_listing(listing: Listing, console: "Console") -> None:
    """Print what a thing is, and the verdict on each of the subjects that belong to it, one a line."""
    page = _Page(console)
    for entity in listing.entities:
        page.line(f"{entity.what.upper()}  {line_of(entity.name)}")
        for name, value in entity.facts.items():
            texts = value if isinstance(value, list) else [value]
            page.line(f"{name}: {', '.join(map(line_of, texts)) or 'none'}", indent=2)
    if listing.doubts:
        page.line(f"Unreliable: {clean(listing.doubts)}", indent=2)
    page.heading(f"Related items ({len(listing.verdicts):,})")
    for verdict in listing.verdicts:
        page.line(
            f"{_label(verdict)}  {subject_words(verdict.subject, verdict.evidence)}{_also(verdict)}", indent=2
        )
        page.line(place_of_subject(verdict.subject) or _fields(verdict), indent=4)
    if not listing.verdicts:
        page.line("none with a verdict", indent=2)


def _fields(verdict: SubjectVerdict) -> str:
    return ", ".join(f"{name} {line_of(value)}" for name, value in verdict.subject.fields)


def print_explanation(explanation: Explanation, console: "Console") -> None:
    """Print an explanation on a screen or into a pipe."""
    page = _Page(console)
    if explanation.note:
        page.line(clean(explanation.note))
    print_verdicts([explanation.main], console)
    if explanation.whatever_age:
        verdict, _, means = explanation.whatever_age.partition(": ")
        label = label_of(explanation.main.subject.type, verdict)
        page.line(f"With --full: {clean(label)}: {means}", indent=2)
    if explanation.doubts:
        page.line(f"Unreliable: {clean(explanation.doubts)}", indent=2)
    if explanation.levels:
        page.heading("Which show does it belong to?")
        for level in explanation.levels:
            if level["shows"] or level["sessions"]:
                page.line(_level_words(level), indent=2)
        page.line(_silent_levels(explanation.levels), indent=2)
    if any(explanation.stores.values()):
        page.heading("The three stores")
        _print_stores(explanation.stores, console)
    for row in explanation.stores["dynamodb"]:
        if words := _beside(row):
            page.line(words, indent=2)
    page.heading("What a repair would write")
    for write in explanation.writes:
        _print_write(write, page)
    if not explanation.writes:
        page.line("nothing", indent=2)
    if explanation.others:
        page.heading("Related items")
        for other in explanation.others:
            named = subject_words(other.subject, other.evidence)
            page.line(f"{named}: {_label(other)}{_also(other)}", indent=2)


def print_verdicts(verdicts: Sequence[SubjectVerdict], console: "Console") -> None:
    """Print verdicts with what they mean, what to do, and what they rest on."""
    page = _Page(console)
    for verdict in verdicts:
        page.line(
            f"{_label(verdict).upper()}  {subject_words(verdict.subject, verdict.evidence)}{_also(verdict)}"
        )
        page.line(_fields(verdict), indent=2)
        page.line(verdict.means, indent=2)
        if verdict.became:
            page.line(f"It was {clean(verdict.became)}.", indent=2)
        if verdict.remedy:
            page.line(f"→ {clean(verdict.remedy.step)}", indent=2)
        for command in verdict.remedy.commands:
            page.line(clean(command), indent=4)
        for fact in facts_of(verdict.evidence, verdict.subject.type):
            page.line(f"{fact.label}: {'; '.join(fact.values)}", indent=2)
        if choice := choice_of(verdict.candidates):
            for text in in_columns(choice, console.width - 2):
                page.line(text, indent=2)


class _Page:
    """A console that takes texts only, and never breaks what is to be copied."""

    def __init__(self, console: "Console") -> None:
        self._console = console

    def line(self, text: str, indent: int = 0) -> None:
        """Print a line, however long."""
        self._console.print(" " * indent + text, markup=False, highlight=False, soft_wrap=True)

    def heading(self, text: str) -> None:
        """Print a heading."""
        self._console.print(f"\n{text}", style="bold", markup=False, highlight=False)


def _also(verdict: SubjectVerdict) -> str:
    labels = [clean(label_of(verdict.subject.type, name)) for name in verdict.also]
    return f" (also: {', '.join(labels)})" if labels else ""


def _label(verdict: SubjectVerdict) -> str:
    return clean(label_of(verdict.subject.type, verdict.verdict))


def _silent_levels(levels: Sequence[Mapping[str, Any]]) -> str:
    silent = [str(level["level"]) for level in levels if not (level["shows"] or level["sessions"])]
    return f"no evidence at level {', '.join(silent)}" if silent else "evidence at every level"


def _level_words(level: Mapping[str, Any]) -> str:
    shows = [f"show {line_of(name)}" for name in level["shows"]]
    sessions = [f"session {line_of(name)}" for name in level["sessions"]]
    names = ", ".join((*shows, *sessions)) or "nothing"
    return f"{level['level']}  {level['rests_on']}: {names}{'   ← decides' if level['decides'] else ''}"


def _print_stores(stores: Mapping[str, Sequence[Mapping[str, Any]]], console: "Console") -> None:
    """Print the recording, the program and the record side by side, one fact a line."""
    from rich.table import Table
    from rich.text import Text

    programs = [row for row in stores["dynamodb"] if row["pk"].endswith("#programs")]
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for title in ("", *_SIDES):
        table.add_column(title, overflow="fold", style="dim" if not title else "")
    sides = [_first(stores["s3"]), _first(programs), _first(stores["algolia"])]
    for label, names in _FACTS.items():
        cells = [_cell(side, name) for side, name in zip(sides, names, strict=True)]
        if any(cells):
            table.add_row(*(Text(words) for words in (f"  {label}", *cells)))
    more = [len(entries) - 1 for entries in (stores["s3"], programs, stores["algolia"])]
    if max(more) > 0:
        table.add_row(*(Text(words) for words in ("  more", *(f"{n} more" if n > 0 else "" for n in more))))
    console.print(table)


_PER_SECOND = {"duration": 1, "duration_ms": 1000}
_FACTS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "state or id": (("state",), ("sk",), ("objectID",)),
    "stored at": (("bucket", "prefix"), ("pk",), ()),
    "title": ((), ("title",), ("title",)),
    "start": (("start",), ("created_date",), ("created_date",)),
    "end": (("end",), (), ()),
    "duration": (("duration_ms",), ("duration",), ("duration",)),
    "URL": (("manifest",), ("program_url",), ("program_url",)),
    "playable": (("plays",), (), ()),
    "key": ((), ("s3Key",), ()),
    "show": ((), ("sourceShowId",), ()),
    "owner": ((), ("ownerId",), ("userId",)),
    "group": ((), ("groupId",), ("groupId",)),
    "listed under": ((), ("GSI1PK",), ("groupName",)),
}
"""What is put side by side: for the recording, the program and the record, the fields that tell it."""


def _first(entries: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    return entries[0] if entries else {}


def _cell(side: Mapping[str, Any], names: tuple[str, ...]) -> str:
    if names and not side:
        return "none" if names[0] in ("state", "sk", "objectID") else ""
    values = [_shown_value(name, side[name]) for name in names if side.get(name) is not None]
    return "/".join(map(line_of, values))


def _shown_value(name: str, value: Any) -> Any:
    if name in _PER_SECOND and isinstance(value, int | float):
        return lasting_seconds(value / _PER_SECOND[name])
    return write_time(value) if isinstance(value, datetime) else value


def _beside(row: Mapping[str, Any]) -> str:
    """Return a row that is no program in a line; "" for a program."""
    kind = _kind_of(str(row["pk"]), str(row["sk"]))
    values = [f"{name} {line_of(row[name])}" for name in _BESIDE.get(kind, ()) if row.get(name) is not None]
    return f"{kind} {line_of(row['pk'])} {line_of(row['sk'])}: {', '.join(values)}" if kind else ""


def _kind_of(pk: str, sk: str) -> str:
    if pk.startswith("u#") and pk.endswith("#programs"):
        return ""
    if sk.startswith("recording#"):
        return "recording row"
    return {"session": "session", "show": "show", "u": "group"}.get(pk.partition("#")[0], "copy")


def _print_write(write: Mapping[str, Any], page: _Page) -> None:
    if "why" in write:
        page.line(f"{clean(write['what'])}: {clean(write['why'])}", indent=2)
        return
    page.line(f"{write_words(write['what'])}{' (needs approval)' if write['withheld'] else ''}:", indent=2)
    for name, value in write["set"].items():
        if name not in _QUIET:
            page.line(f"{clean(name)}: {value_words(value)}", indent=4)
