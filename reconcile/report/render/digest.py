"""What a chat message says of a report: the verdict, four numbers, what to do first, what is new. Pure.

Slack and Teams lay it out. Its texts are clean and bounded, but not escaped.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from reconcile.model.texts import apart, is_clean
from reconcile.report.formatting import plural, shorten
from reconcile.report.message import Message
from reconcile.report.parts import ReportState
from reconcile.report.render.webhook import in_brackets
from reconcile.report.view.head import Step, Tile, TrendNight
from reconcile.report.view.model import FindingLine, ReportView

MOST_STEPS, MOST_NEW = 3, 5
LONGEST_COMMAND = 100
"""The longest command that a step shows as it is."""

_LONGEST_SENTENCE = 300
_LONGEST_STATE = 30
_LONGEST_TITLE = 60
_LONGEST_STEP = 80
_LONGEST_PLACE = 300
_LONGEST_LINK = 1_000
_MOST_UNREAD = 3
_MOST_NOTES = 2
_ISOLATES = dict.fromkeys(map(ord, "\u2068\u2069"))
_WEEK = timedelta(days=7)
# The runs of a week begin a little earlier or later each night.
_EARLY = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class DigestStep:
    """One thing to do first; `command` is one short line that does it, or shows how ("": none)."""

    number: int
    title: str
    effect: str
    command: str


@dataclass(frozen=True, slots=True)
class DigestFinding:
    """A new finding; `mark` says when it was recorded and what it is: `28 Nov 11:13 UTC · No program`."""

    title: str
    mark: str


@dataclass(frozen=True, slots=True)
class Digest:
    """A report as a chat message says it.

    `line` says all in one line: the message of a quiet day, and what notifications show. `warning` says that
    the report was not archived. `link` is the address of its page, else `place` says where the report is.
    `week` has the numbers of the last seven days; it is said on quiet days alone.
    """

    state: ReportState
    quiet: bool
    line: str
    heading: str
    verdict: str
    warning: str
    notes: tuple[str, ...]
    numbers: tuple[tuple[str, str], ...]
    steps: tuple[DigestStep, ...]
    new: tuple[DigestFinding, ...]
    new_left_out: int
    run: str
    week: str
    link: str
    place: str


def digest_of(view: ReportView, message: Message, steps: int = MOST_STEPS, new: int = MOST_NEW) -> Digest:
    """Return what a message says of a report, with no more steps and new findings than that."""
    verdict = view.verdict
    quiet, heading = is_quiet(view, message), _heading(view)
    unusual = verdict.state == "incomplete" or _did_not_end(message)
    headline = _short(verdict.headline, _LONGEST_SENTENCE)
    link = message.followed if len(message.followed) <= _LONGEST_LINK else ""
    return Digest(
        state=verdict.state,
        quiet=quiet,
        line=f"{in_brackets(view.bar.stage)} {headline}" if quiet else f"{heading} — {headline}",
        heading=heading,
        verdict=headline,
        warning=_short(message.warning, _LONGEST_SENTENCE),
        notes=tuple(_short(note, _LONGEST_SENTENCE) for note in verdict.notes[:_MOST_NOTES])
        if unusual
        else (),
        numbers=tuple((tile.label, _number(tile)) for tile in view.tiles),
        steps=tuple(map(_step, view.steps[:steps])),
        new=tuple(map(_finding, view.new[:new])),
        new_left_out=max(0, len(view.new) - new),
        run=_run(view),
        week=week_words(view.trend.nights, view.bar.started_at),
        link=link,
        place=shorten(message.place or message.followed, _LONGEST_PLACE),
    )


def is_quiet(view: ReportView, message: Message) -> bool:
    """Whether a report has no news: nothing new, repaired or awaiting approval, and all went well."""
    news = view.tile("new").number or view.tile("repaired").number or _awaiting(view)
    went_well = view.verdict.state in ("ok", "known") and not (message.warning or _did_not_end(message))
    return went_well and not news


def _awaiting(view: ReportView) -> int:
    """Return how many repairs a person can approve now; in a check there are none."""
    return view.approval.number if view.approval and view.approval.commands else 0


def _did_not_end(message: Message) -> bool:
    """Whether the run, or one before it, did not come to its end."""
    return bool(message.report.run.interrupted or message.report.run.cut_short)


def week_words(nights: Sequence[TrendNight], now: datetime) -> str:
    """Return what the runs of the last seven days found; "" where there are none."""
    week = [night for night in nights if now - night.started_at < _WEEK - _EARLY]
    if not week:
        return ""
    counted = [(sum(night.new for night in week), "new"), (sum(night.repaired for night in week), "repaired")]
    unread = sum(night.state == "incomplete" for night in week)
    parts = [plural(len(week), "run"), *(f"{number:,} {word}" for number, word in counted)]
    return f"Last 7 days: {', '.join([*parts, *([f'{unread:,} incomplete'] if unread else [])])}."


def _heading(view: ReportView) -> str:
    """Return the stage, the state and the numbers that a glance takes in."""
    numbers = (
        (_awaiting(view), "to approve"),
        (view.tile("new").number, "new"),
        (view.tile("open").number, "open"),
    )
    counts = [f"{number:,} {words}" for number, words in numbers if number]
    state = f"{in_brackets(view.bar.stage)} {_short(view.verdict.words, _LONGEST_STATE)}"
    return f"{state}: {' · '.join(counts[:2])}" if counts else state


def _number(tile: Tile) -> str:
    """Return a number with its difference to the last run, as `8 (+3)`."""
    return f"{tile.number:,} ({tile.change:+,})" if tile.change else f"{tile.number:,}"


def _step(step: Step) -> DigestStep:
    return DigestStep(
        step.number,
        _short(step.title, _LONGEST_STEP),
        _short(step.effect, _LONGEST_TITLE),
        _command(step),
    )


def _command(step: Step) -> str:
    """Return a step's command if it is one short line, else the one that explains what it is about."""
    first = step.commands[0] if step.commands else ""
    if first and len(first) <= LONGEST_COMMAND and is_clean(first) and "`" not in first:
        return first
    return f"reconcile explain {shorten(step.findings[0], _LONGEST_TITLE)}" if step.findings else ""


def _finding(line: FindingLine) -> DigestFinding:
    recorded = f"{line.recorded_at:%-d %b %H:%M} UTC" if line.recorded_at else ""
    words = _short(line.label, _LONGEST_TITLE)
    return DigestFinding(_short(line.title, _LONGEST_TITLE), " · ".join(filter(None, (recorded, words))))


def _run(view: ReportView) -> str:
    """Return the run and whether every source was read."""
    unread = [source.name for source in view.coverage.sources if source.tone != "good"]
    more = ", …" if len(unread) > _MOST_UNREAD else ""
    sources = (
        f"not read completely: {', '.join(unread[:_MOST_UNREAD])}{more}" if unread else "all sources read"
    )
    bar = view.bar
    return _short(" · ".join((f"{bar.mode}, {bar.scope}", f"run {bar.run}", sources)), _LONGEST_SENTENCE)


def _short(text: str, longest: int) -> str:
    """Return a clean text in at most this many characters; one that runs to the left stays set apart."""
    return text if len(text) <= longest else apart(shorten(text.translate(_ISOLATES), longest))
