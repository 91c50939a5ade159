"""Prints an explanation: the verdict, why, what the stores hold, what a repair would write, what to do."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from reconcile.explain.explanation import Explanation, Listing, SubjectVerdict
from reconcile.explain.levels import LevelAnswer
from reconcile.explain.next import explaining
from reconcile.explain.planned_writes import PlannedWrite
from reconcile.explain.side_by_side import beside, print_stores
from reconcile.model.remedy import Remedy
from reconcile.model.verdict_table import label_of
from reconcile.report.choices import choice_of, in_columns
from reconcile.report.facts import facts_of
from reconcile.report.formatting import clean, line_of, place_of_subject, subject_words, value_words
from reconcile.report.render.lines import Lines
from reconcile.report.view.writes import write_words

if TYPE_CHECKING:
    from rich.console import Console

MOST_ENTITIES, MOST_VERDICTS = 3, 8
"""So many things of one name, and so many of the newest of a title in a report, stand on a screen."""

_QUIET = (
    *("entityType", "GSI1PK", "GSI1SK", "premium", "tags", "broadcast_type", "description", "programId"),
    *("sourceType", "s3Bucket", "imageFiles", "mediaFiles", "created_timestamp"),
)
"""What a write holds besides, and nobody asks for on a screen; the JSON has all of it."""


def print_answer(answer: Explanation | Listing, console: "Console") -> None:
    """Print what was found, on a screen or into a pipe."""
    if isinstance(answer, Explanation):
        print_explanation(answer, console)
    else:
        print_listing(answer, console)


def print_listing(listing: Listing, console: "Console") -> None:
    """Print what a thing is, then what belongs to it: each with its verdict and the command to explain it."""
    page = Lines(console)
    entities = [entity for entity in listing.entities if entity.facts or len(listing.entities) == 1]
    for entity in entities[:MOST_ENTITIES]:
        page.line(f"{entity.what.upper()}  {line_of(entity.name)}", "bold")
        page.line(", ".join(f"{name} {_listed(value)}" for name, value in entity.facts.items()), indent=2)
    if len(entities) > MOST_ENTITIES:
        page.line(f"and {len(entities) - MOST_ENTITIES:,} more")
    if listing.doubts:
        page.line(f"Unreliable: {clean(listing.doubts)}", indent=2)
    if listing.verdicts or not listing.todo:
        _print_list(listing.verdicts, page)
    if listing.more:
        page.line(f"and {listing.more:,} more; the day in UTC in place of DAY narrows them:")
        page.whole(clean(explaining(listing.query, "--date", "DAY")), indent=2)
    _print_todo(listing.todo, page)


def _listed(value: Any) -> str:
    return ", ".join(map(line_of, value if isinstance(value, list) else [value])) or "none"


def _print_list(verdicts: Sequence[SubjectVerdict], page: Lines) -> None:
    page.line()
    for verdict in verdicts:
        named = subject_words(verdict.subject, verdict.evidence)
        page.line(f"{named}: {_label(verdict)}{_also(verdict)}")
        for line in verdict.explained_by or (place_of_subject(verdict.subject),):
            page.whole(line, indent=2)
    if not verdicts:
        page.line("Nothing in it has a verdict.")


def print_explanation(explanation: Explanation, console: "Console") -> None:
    """Print an explanation on a screen or into a pipe."""
    page = Lines(console)
    if explanation.note:
        page.line(clean(explanation.note))
    _print_verdict(explanation.main, page)
    if explanation.whatever_age:
        verdict, _, means = explanation.whatever_age.partition(": ")
        label = label_of(explanation.main.subject.type, verdict)
        page.line(f"With --full: {clean(label)}: {means}", indent=2)
    if explanation.doubts:
        page.line(f"Unreliable: {clean(explanation.doubts)}", indent=2)
    if explanation.levels:
        page.heading("Which show does it belong to?")
        telling = (level for level in explanation.levels if level["shows"] or level["sessions"])
        for (shows, sessions), levels in groupby(telling, itemgetter("shows", "sessions")):
            _print_levels(levels, shows, sessions, page)
        page.line(_silent_levels(explanation.levels), indent=2)
    if any(explanation.stores.values()):
        page.heading("The three stores")
        print_stores(explanation.stores, page)
    for row in explanation.stores["dynamodb"]:
        for number, words in enumerate(beside(row)):
            page.line(words, indent=4 if number else 2)
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
    _print_todo(explanation.main.remedy or explanation.todo, page)


def print_verdicts(verdicts: Sequence[SubjectVerdict], console: "Console") -> None:
    """Print what a report says of one thing in full; of several the newest, each with its own command."""
    page = Lines(console)
    if len(verdicts) == 1:
        _print_verdict(verdicts[0], page)
        _print_todo(verdicts[0].remedy, page)
        return
    page.line(f"{len(verdicts):,} matches in the report", "bold")
    _print_list(verdicts[:MOST_VERDICTS], page)
    if len(verdicts) > MOST_VERDICTS:
        page.line()
        page.line(
            f"and {len(verdicts) - MOST_VERDICTS:,} more: add --date DAY, or --json FILE for all of them"
        )


def _print_verdict(verdict: SubjectVerdict, page: Lines) -> None:
    page.line(
        f"{_label(verdict).upper()}  {subject_words(verdict.subject, verdict.evidence)}{_also(verdict)}",
        "bold",
    )
    page.whole(place_of_subject(verdict.subject) or _fields(verdict), indent=2)
    page.line(verdict.means, indent=2)
    if verdict.became:
        page.line(f"{clean(verdict.became[:1].upper() + verdict.became[1:])}.", indent=2)
    for fact in facts_of(verdict.evidence, verdict.subject.type):
        first, *others = fact.values
        page.line(f"{fact.label}: {first}", indent=2)
        for value in others:
            page.line(value, indent=4)
    if choice := choice_of(verdict.candidates):
        for text in in_columns(choice, page.width - 2):
            page.whole(text, indent=2)


def _fields(verdict: SubjectVerdict) -> str:
    return ", ".join(f"{name} {line_of(value)}" for name, value in verdict.subject.fields)


def _print_todo(todo: Remedy, page: Lines) -> None:
    """Print the step and, last, the very commands."""
    if not todo:
        return
    page.heading("What to do")
    if todo.step:
        page.line(clean(todo.step), indent=2)
    for line in todo.commands:
        page.whole(clean(line), "bold", indent=2)


def _also(verdict: SubjectVerdict) -> str:
    labels = [clean(label_of(verdict.subject.type, name)) for name in verdict.also]
    return f" (also: {', '.join(labels)})" if labels else ""


def _label(verdict: SubjectVerdict) -> str:
    return clean(label_of(verdict.subject.type, verdict.verdict))


def _silent_levels(levels: Sequence[LevelAnswer]) -> str:
    silent = [str(level["level"]) for level in levels if not (level["shows"] or level["sessions"])]
    return f"no evidence at level {', '.join(silent)}" if silent else "evidence at every level"


def _print_levels(
    levels: Iterable[LevelAnswer], shows: Iterable[str], sessions: Iterable[str], page: Lines
) -> None:
    """Print levels that name the same, and then what they name."""
    for level in levels:
        decides = "   ← decides" if level["decides"] else ""
        page.line(f"{level['level']}  {level['rests_on']}{decides}", indent=2)
    for name in shows:
        page.line(f"show {line_of(name)}", indent=5)
    for name in sessions:
        page.line(f"session {line_of(name)}", indent=5)


def _print_write(write: PlannedWrite, page: Lines) -> None:
    if "why" in write:
        page.line(f"{clean(write['what'])}: {clean(write['why'])}", indent=2)
        return
    page.line(f"{write_words(write['what'])}{' (needs approval)' if write['withheld'] else ''}:", indent=2)
    for name, value in write["set"].items():
        if name not in _QUIET:
            page.line(f"{clean(name)}: {value_words(value)}", indent=4)
